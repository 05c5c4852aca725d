# Sources of sim/io/; included by the top Makefile.am.

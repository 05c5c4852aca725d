# Written by build-aux/list-data: run it after adding or removing a file; do not edit.

/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The command line: help, version, and a user's mistakes in calling. */

#include "config.h"
#include "sim/io/datadir.h"

#include <stdio.h>
#include <string.h>

enum main_exit { MAIN_DONE = 0, MAIN_FAILED = 1, MAIN_MISTAKE = 2 };

static const char main_usage[] = "usage: dcsim [--help] [--version]\n";

static int main_version(void) {
    char folder[DATADIR_SIZE];
    if (!datadir_find(folder, sizeof folder)) {
        fprintf(stderr, "dcsim: no schema and tables under %s; set DCSIM_DATADIR\n", folder);
        return MAIN_FAILED;
    }
    if (printf("dcsim %s\ndata in %s\n", PACKAGE_VERSION, folder) < 0 || fflush(stdout) != 0)
        return MAIN_FAILED;
    return MAIN_DONE;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--version") == 0)
        return main_version();
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(main_usage, stdout) < 0 || fflush(stdout) != 0 ? MAIN_FAILED : MAIN_DONE;
    if (argc < 2)
        fputs("dcsim: no scenario given\n", stderr);
    else
        fprintf(stderr, "dcsim: unknown argument \"%s\"\n", argv[1]);
    fputs(main_usage, stderr);
    return MAIN_MISTAKE;
}

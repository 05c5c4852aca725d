/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* fork */
#include "sim/io/guard.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child does; it never returns, so that nothing of the parent's is flushed or freed. */
static _Noreturn void be_child(void (*work)(void *user), void *user) {
    /* A caller's handlers would take a crash for the caller's own. */
    static const int crash[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU};
    for (size_t i = 0; i < sizeof crash / sizeof crash[0]; i++)
        if (signal(crash[i], SIG_DFL) == SIG_ERR)
            _exit(0); /* no trial */
    const struct rlimit core = {0, 0}, time = {GUARD_SECONDS, GUARD_SECONDS};
    if (setrlimit(RLIMIT_CORE, &core) == 0 && setrlimit(RLIMIT_CPU, &time) == 0 &&
        freopen("/dev/null", "w", stderr) != NULL)
        work(user);
    _exit(0);
}

bool guard_try(void (*work)(void *user), void *user) {
    const pid_t child = fork();
    if (child == 0)
        be_child(work, user);
    int status = 0;
    pid_t ended = child;
    while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR)
        ;
    return child < 0 || ended < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

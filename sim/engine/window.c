/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/engine/window.h"

#include <assert.h>

#ifdef _OPENMP
#include <omp.h>

void window_run(int threads, size_t count, void (*function)(void *user, size_t index), void *user) {
    assert(threads >= 1);
    const int useful = count < (size_t)threads ? (int)count : threads;
    if (useful <= 1) { /* no team to wake */
        for (size_t i = 0; i < count; i++)
            function(user, i);
        return;
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(useful) default(none)                    \
    shared(count, function, user)
    for (size_t i = 0; i < count; i++)
        function(user, i);
}

void window_alone(void (*function)(void *user), void *user) {
#pragma omp critical(window_alone)
    function(user);
}

int window_threads(void) {
    return omp_get_max_threads();
}

#else

void window_run(int threads, size_t count, void (*function)(void *user, size_t index), void *user) {
    assert(threads >= 1);
    (void)threads;
    for (size_t i = 0; i < count; i++)
        function(user, i);
}

void window_alone(void (*function)(void *user), void *user) {
    function(user);
}

int window_threads(void) {
    return 1;
}

#endif

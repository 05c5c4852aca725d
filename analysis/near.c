/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "analysis/near.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum { LENGTH_MAX = 64 }; /* of what is compared; beyond it nothing is near */

static bool same_letter(char a, char b) {
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Levenshtein's distance, row by row: row[j] is that of a's beginning to b's first j letters. */
static size_t distance(const char *a, size_t n, const char *b, size_t m) {
    if (n > LENGTH_MAX || m > LENGTH_MAX)
        return SIZE_MAX;
    size_t row[LENGTH_MAX + 1];
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0]; /* of the row before, one to the left */
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            const size_t changed = corner + (same_letter(a[i - 1], b[j - 1]) ? 0 : 1);
            corner = row[j];
            row[j] = least(changed, 1 + least(row[j], row[j - 1]));
        }
    }
    return row[m];
}

void near_begin(struct near *n, const char *found) {
    *n = (struct near){.found = found, .distance = SIZE_MAX};
}

void near_offer(struct near *n, const char *name, size_t length) {
    const size_t d = distance(n->found, strlen(n->found), name, length);
    if (d < n->distance) {
        n->name = name;
        n->length = length;
        n->distance = d;
    }
}

bool near_enough(const struct near *n) {
    return n->name != NULL && n->distance <= strlen(n->found) / 3;
}

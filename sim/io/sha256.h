/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SIM_IO_SHA256_H
#define SIM_IO_SHA256_H

/* SHA-256 (FIPS 180-4) of bytes in memory: the name by which a result knows its scenario. */

#include <stddef.h>

/* Writes the digest of `size` bytes as 64 lower-case hexadecimal digits and a final 0. */
void sha256_hex(const void *bytes, size_t size, char out[65]);

#endif

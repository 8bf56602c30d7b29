/* SPDX-License-Identifier: MIT */
/* SHA-256 (FIPS 180-4): what was read from a disk is compared with what the host has. Pure
 * logic. */
#ifndef LIB_SHA256_H
#define LIB_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32u

struct sha256 {
	uint32_t h[8];
	uint64_t length;   /* bytes so far, of less than 2^61 */
	uint8_t block[64]; /* the last length % 64 of them */
};

void sha256_begin(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *bytes, size_t length);
/* Afterwards s is to be begun anew. */
void sha256_end(struct sha256 *s, uint8_t digest[SHA256_BYTES]);
/* As lower-case digits, with a terminator. */
void sha256_text(const uint8_t digest[SHA256_BYTES], char text[2 * SHA256_BYTES + 1]);

#endif

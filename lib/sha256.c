/* SPDX-License-Identifier: MIT */
#include "lib/sha256.h"

#include "lib/printf.h"
#include "lib/string.h"

#define BLOCK 64u

/* FIPS 180-4, 4.2.2: of the cube roots of the first 64 primes, the first 32 bits behind the
 * point. */
static const uint32_t k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2,
};

static uint32_t rotate(uint32_t x, unsigned by)
{
	return x >> by | x << (32 - by);
}

static uint32_t read_be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* 6.2.2, step 1. */
static void schedule_fill(uint32_t w[64], const uint8_t *block)
{
	for (unsigned t = 0; t < 16; t++)
		w[t] = read_be32(block + 4 * t);
	for (unsigned t = 16; t < 64; t++) {
		uint32_t a = w[t - 15], b = w[t - 2];

		w[t] = w[t - 16] + w[t - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
		       (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

/* Steps 2 to 4. The standard's a to h change places in each turn; here the places stay, and
 * where each begins moves on. */
static void block_add(uint32_t h[8], const uint8_t *block)
{
	uint32_t w[64], v[8];

	schedule_fill(w, block);
	memcpy(v, h, sizeof(v));
	for (unsigned t = 0; t < 64; t++) {
#define AT(n) v[((n)-t) & 7]
		uint32_t a = AT(0), e = AT(4), t1, t2;

		t1 = AT(7) + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
		     ((e & AT(5)) ^ (~e & AT(6))) + k[t] + w[t];
		t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
		     ((a & AT(1)) ^ (a & AT(2)) ^ (AT(1) & AT(2)));
		AT(3) += t1;
		AT(7) = t1 + t2;
#undef AT
	}
	for (unsigned i = 0; i < 8; i++)
		h[i] += v[i];
}

/* 5.3.3: of the square roots of the first eight primes. */
void sha256_begin(struct sha256 *s)
{
	*s = (struct sha256){.h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
				   0x9b05688c, 0x1f83d9ab, 0x5be0cd19}};
}

void sha256_add(struct sha256 *s, const void *bytes, size_t length)
{
	const uint8_t *p = bytes;

	while (length) {
		size_t at = s->length % BLOCK, n = BLOCK - at < length ? BLOCK - at : length;

		if (n == BLOCK) { /* without a copy */
			block_add(s->h, p);
		} else {
			memcpy(s->block + at, p, n);
			if (at + n == BLOCK)
				block_add(s->h, s->block);
		}
		s->length += n;
		p += n;
		length -= n;
	}
}

/* 5.1.1: a one, zeros, and the length in bits, at the end of a block. */
void sha256_end(struct sha256 *s, uint8_t digest[SHA256_BYTES])
{
	static const uint8_t one_and_zeros[BLOCK] = {0x80};
	uint64_t bits = s->length * 8;
	uint8_t tail[8];

	sha256_add(s, one_and_zeros, BLOCK - (s->length + sizeof(tail)) % BLOCK);
	for (unsigned i = 0; i < sizeof(tail); i++)
		tail[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha256_add(s, tail, sizeof(tail));
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		digest[i] = (uint8_t)(s->h[i / 4] >> (24 - i % 4 * 8));
}

void sha256_text(const uint8_t digest[SHA256_BYTES], char text[2 * SHA256_BYTES + 1])
{
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		fmt_snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

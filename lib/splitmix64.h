/* SPDX-License-Identifier: MIT */
/* Numbers that follow from a seed, each for itself: splitmix64 (Steele, Lea, Flood: Fast
 * Splittable Pseudorandom Number Generators, 2014; the constants are Sebastiano Vigna's). */
#ifndef LIB_SPLITMIX64_H
#define LIB_SPLITMIX64_H

#include <stdint.h>

/* The generator's n-th output, from 0 on: 64 bits, evenly spread. */
static inline uint64_t splitmix64(uint64_t seed, uint64_t n)
{
	uint64_t z = seed + (n + 1) * 0x9e3779b97f4a7c15ull; /* 2^64 by the golden ratio */

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

#endif

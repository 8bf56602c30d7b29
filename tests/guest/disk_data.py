# SPDX-License-Identifier: MIT
"""What Daisy writes to disks: contents that follow from a seed, and a series of random writes, as
lib/blk_pattern.h has them. Computed here once more, in another way."""

import array

SECTOR = 512
WORD = (1 << 64) - 1
GAMMA = 0x9e3779b97f4a7c15
STEP = 0xd1342543de82ef95
WORDS = SECTOR // 8
PLAN_MOST = 512  # sectors of one io

# All words of a sector at once: lanes of 128 bits in one large number, so that a product does not
# reach into the next.
ONES = sum(1 << 128 * w for w in range(WORDS))
LOW = ONES * WORD
STEPS = sum((w * GAMMA & WORD) << 128 * w for w in range(WORDS))


def splitmix64(x, ones=1, low=WORD):
    x = (x + GAMMA * ones) & low
    x = ((x ^ x >> 30) & low) * 0xbf58476d1ce4e5b9 & low
    x = ((x ^ x >> 27) & low) * 0x94d049bb133111eb & low
    return (x ^ x >> 31) & low


def sector_pattern(sector, seed):
    start = (seed + sector * WORDS * GAMMA) & WORD
    lanes = splitmix64((start * ONES + STEPS) & LOW, ONES, LOW)
    return array.array("Q", lanes.to_bytes(16 * WORDS, "little"))[::2].tobytes()


def pattern(first, count, seed):
    return b"".join(sector_pattern(s, seed) for s in range(first, first + count))


def plan(sectors, sector_size, seed, i):
    """(first sector, count, seed) of the i-th random write."""
    r = [splitmix64(seed ^ ((i * 3 + k + 1) * STEP & WORD)) for k in range(2)]
    unit = sector_size // SECTOR
    whole = sectors // unit
    count = 1 + r[0] % min(whole, PLAN_MOST // unit)
    first = r[1] % (whole - count + 1)
    return first * unit, count * unit, seed + i & WORD

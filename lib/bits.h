/* SPDX-License-Identifier: MIT */
/* What the scans do to words, one or two instructions each; the compiler makes more of it. It does not
 * see through them, and neither would ThreadSanitizer, which therefore gets the compiler's. */
#ifndef LIB_BITS_H
#define LIB_BITS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __SANITIZE_THREAD__
#define BITS_IN_C 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BITS_IN_C 1
#endif
#endif

/* A word that others change, for an expression; the compiler may make it an operand. */
#ifdef BITS_IN_C
#define BITS_READ(word) __atomic_load_n(&(word), __ATOMIC_RELAXED)
#else
#define BITS_READ(word) (word)
#endif

/* bits_pop(set, bit, none), both variables of 64 bits: takes the first bit out of the set; goes to
 * the label if the set is empty. */
#define bits_pop(set, bit, none)                                                              \
	__asm__ goto("bsf %1, %0\n\tjz %l[" #none "]\n\tbtr %0, %1"                           \
		     : "=&r"(bit), "+r"(set) : : "cc" : none)

/* Takes a bit of an array of words, in one operation and with a full barrier. True: it was there. */
static inline bool bits_take(uint64_t *words, unsigned long bit)
{
#ifdef BITS_IN_C
	uint64_t one = 1ULL << bit % 64;

	return __atomic_fetch_and(&words[bit / 64], ~one, __ATOMIC_SEQ_CST) & one;
#else
	bool was;

	__asm__ volatile("lock btr %2, %0" : "+m"(*words), "=@ccc"(was) : "r"(bit) : "memory");
	return was;
#endif
}

/* bits_take_all(word), bits_swap(word, from, to), bits_any(byte), bits_same(byte, value), bits_meet(set,
 * word), of what others write, wherever it lies: takes the word, with a full barrier; makes a word of 32
 * bits that is `from` `to`, likewise, true: it was; is the byte not 0? is it the value? has the word a bit
 * of the set? (clang forgets %gs in an operand of assembler.) */
#if defined(BITS_IN_C) || defined(__clang__)
#define bits_take_all(word) __atomic_exchange_n(&(word), 0, __ATOMIC_SEQ_CST)
#define bits_swap(word, from, to)                                                             \
	({                                                                                    \
		uint32_t from_ = (from);                                                      \
		__atomic_compare_exchange_n(&(word), &from_, (to), false, __ATOMIC_SEQ_CST,   \
					    __ATOMIC_RELAXED);                                \
	})
#define bits_any(byte)	    __atomic_load_n(&(byte), __ATOMIC_RELAXED)
#define bits_same(byte, value) (__atomic_load_n(&(byte), __ATOMIC_RELAXED) == (uint8_t)(value))
#define bits_meet(set, word) ((set) & __atomic_load_n(&(word), __ATOMIC_RELAXED))
#else
#define bits_take_all(word)                                                                   \
	({                                                                                    \
		uint64_t was_;                                                                \
		__asm__ volatile("xor %k0, %k0\n\txchg %0, %1"                                \
				 : "=&r"(was_), "+m"(word) : : "memory", "cc");                 \
		was_;                                                                         \
	})
#define bits_swap(word, from, to)                                                             \
	({                                                                                    \
		uint32_t from_ = (from);                                                      \
		bool was_;                                                                    \
		__asm__ volatile("lock cmpxchg %3, %1"                                        \
				 : "=@ccz"(was_), "+m"(word), "+a"(from_)                     \
				 : "r"((uint32_t)(to))                                        \
				 : "memory");                                                 \
		was_;                                                                         \
	})
#define bits_any(byte)                                                                        \
	({                                                                                    \
		bool any_;                                                                    \
		__asm__ volatile("cmpb $0, %1" : "=@ccnz"(any_) : "m"(byte));                 \
		any_;                                                                         \
	})
#define bits_same(byte, value)                                                                \
	({                                                                                    \
		bool same_;                                                                   \
		__asm__ volatile("cmpb %b2, %1" : "=@ccz"(same_) : "m"(byte), "q"(value));     \
		same_;                                                                        \
	})
#define bits_meet(set, word)                                                                  \
	({                                                                                    \
		bool any_;                                                                    \
		__asm__ volatile("test %2, %1" : "=@ccnz"(any_) : "m"(word), "r"(set));        \
		any_;                                                                         \
	})
#endif

#endif

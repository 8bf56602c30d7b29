/* SPDX-License-Identifier: MIT */
/* FAULT_PLAIN_MASK sets the mask bit by an ordinary read, modify and write. */
#include "tests/host/tsan_abi.h"

#include <stddef.h>

#include "lib/evtchn_fifo.h"
#include "tests/host/fake_fifo.h"

/* --- 2-level: Xen's side, in Xen's order --- */

static struct {
	struct evtchn_2l_words words;
	struct evtchn_2l_flags flags;
} shared;
static struct evtchn_2l e2l = {.words = &shared.words};
static struct evtchn_2l_cpu cpu2l = {.flags = &shared.flags};

static bool set64(uint64_t *words, unsigned bit)
{
	uint64_t one = 1ull << bit % 64;

	return __atomic_fetch_or(&words[bit / 64], one, __ATOMIC_SEQ_CST) & one;
}

static bool test64(const uint64_t *words, unsigned bit)
{
	return __atomic_load_n(&words[bit / 64], __ATOMIC_SEQ_CST) >> bit % 64 & 1;
}

static void notify_2l(unsigned port)
{
	if (!set64(&shared.flags.selector, port / 64))
		__atomic_store_n(&shared.flags.upcall_pending, 1, __ATOMIC_SEQ_CST);
}

static void send_2l(unsigned port)
{
	if (!set64(shared.words.pending, port) && !test64(shared.words.mask, port))
		notify_2l(port);
}

static void unmask_2l(unsigned port)
{
	uint64_t one = 1ull << port % 64;

	if (!evtchn_2l_unmask(&e2l, port))
		return;
	if (__atomic_fetch_and(&shared.words.mask[port / 64], ~one, __ATOMIC_SEQ_CST) & one &&
	    test64(shared.words.pending, port))
		notify_2l(port);
}

static void mask_2l(unsigned port)
{
#ifdef FAULT_PLAIN_MASK
	shared.words.mask[port / 64] |= 1ull << port % 64;
#else
	evtchn_2l_mask(&e2l, &cpu2l, port);
#endif
}

static void clear_2l(unsigned port)
{
	evtchn_2l_clear(&e2l, port);
}

static void scan_2l(evtchn_serve_fn *serve)
{
	if (__atomic_load_n(&shared.flags.upcall_pending, __ATOMIC_RELAXED))
		evtchn_2l_scan(&e2l, &cpu2l, serve, NULL);
}

static void init_2l(void)
{
	cpu2l.expected = EVTCHN_SERVED;
}

const struct tsan_abi tsan_abi_2l = {
	.name = "2l",
	.init = init_2l,
	.send = send_2l,
	.scan = scan_2l,
	.mask = mask_2l,
	.unmask = unmask_2l,
	.clear = clear_2l,
};

/* --- FIFO --- */

static struct fake_fifo fifo;

static void send_fifo(unsigned port)
{
	fifo_send(&fifo, port);
}

static void unmask_fifo(unsigned port)
{
	fifo_unmask(&fifo, port);
}

static void mask_fifo(unsigned port)
{
#ifdef FAULT_PLAIN_MASK
	fifo.word[port] |= 1u << EVTCHN_FIFO_MASKED;
#else
	evtchn_fifo_mask(&fifo.e, port);
#endif
}

static void clear_fifo(unsigned port)
{
	evtchn_fifo_clear(&fifo.e, port);
}

static void scan_fifo(evtchn_serve_fn *serve)
{
	if (__atomic_load_n(&fifo.vcpu[0].upcall_pending, __ATOMIC_RELAXED))
		evtchn_fifo_scan(&fifo.e, &fifo.cpu[0], serve, NULL);
}

static void init_fifo(void)
{
	static const unsigned ports[] = TSAN_PORTS;

	fifo_init(&fifo, 2);
	for (unsigned i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		fifo.port[ports[i]].priority = i % 3 ? FIFO_DEFAULT : 3;
		unmask_fifo(ports[i]);
	}
}

const struct tsan_abi tsan_abi_fifo = {
	.name = "fifo",
	.init = init_fifo,
	.send = send_fifo,
	.scan = scan_fifo,
	.mask = mask_fifo,
	.unmask = unmask_fifo,
	.clear = clear_fifo,
};

/* lib/evtchn_2l marks what it shares by volatile. Compiled with tsan-distinguish-volatile the
 * sanitizer asks here what such an access is: one that may meet Xen's atomic ones. It is made
 * known as an atomic load, so that a race with an ordinary access is still seen. */
#define VOLATILE_ACCESS(name, type)                                  \
	void name(void *at);                                         \
	void name(void *at)                                          \
	{                                                            \
		(void)__atomic_load_n((type *)at, __ATOMIC_RELAXED); \
	}

VOLATILE_ACCESS(__tsan_volatile_read1, uint8_t)
VOLATILE_ACCESS(__tsan_volatile_write1, uint8_t)
VOLATILE_ACCESS(__tsan_volatile_read8, uint64_t)
VOLATILE_ACCESS(__tsan_volatile_write8, uint64_t)

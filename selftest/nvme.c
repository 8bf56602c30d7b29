/* SPDX-License-Identifier: MIT */
/* As much of an NVMe controller (NVM Express 1.4) as it takes to have it send MSI-X messages: the
 * admin queues on message 0, and a pair of I/O queues on each of the others. Nothing is stored;
 * a command that fails completes as well. */
#include "selftest/signal.h"

#include "arch/x86/cpu.h"
#include "arch/x86/paging.h"
#include "drivers/irqchip/msi.h"
#include "drivers/pci/pci.h"
#include "kernel/memory.h"
#include "kernel/selftest.h"
#include "kernel/time.h"

/* Registers, in 32-bit words; the doorbells of queue pair n follow each other. */
enum {
	NVME_CONFIG = 0x14 / 4,
	NVME_STATUS = 0x1c / 4,
	NVME_ADMIN_SIZES = 0x24 / 4,
	NVME_ADMIN_SQ = 0x28 / 4,
	NVME_ADMIN_CQ = 0x30 / 4,
	NVME_DOORBELLS = 0x1000 / 4,
};

#define CONFIG_ENABLE  1u
#define CONFIG_ENTRIES (6u << 16 | 4u << 20) /* log2 of 64 and 16 bytes */
#define STATUS_READY   1u

enum { CREATE_SQ = 1, CREATE_CQ = 5, GET_FEATURES = 10, FLUSH = 0 };
enum { SQ_WORDS = 16, CQ_WORDS = 4, ENTRIES = 16 };
/* The words of a command, and of a completion; its phase bit flips with each time round. */
enum { COMMAND_OPCODE = 0, COMMAND_PAGE = 6, COMMAND_10 = 10, COMMAND_11 = 11 };
#define COMPLETION_PHASE(entry) ((entry)[3] >> 16 & 1)
#define CONTIGUOUS 1u
#define INTERRUPTS 2u

static struct nvme_queue {
	volatile uint32_t *sq, *cq; /* a page each */
	unsigned tail, head, phase;
} queues[NVME_MESSAGES];

struct pci_device *nvme_find(void)
{
	struct pci_device *dev = pci_find(0x1b36, 0x0010);

	return dev ? dev : pci_find(0x8086, 0x5845); /* QEMU's machine types before 6.0, Xen's too */
}

static void nvme_submit(struct signal *g, uint32_t opcode, const void *page, uint32_t cdw10,
			uint32_t cdw11)
{
	struct nvme_queue *q = &queues[g->message];
	volatile uint32_t *command = q->sq + q->tail * SQ_WORDS;

	command[COMMAND_OPCODE] = opcode;
	command[COMMAND_PAGE] = (uint32_t)(uintptr_t)page;
	command[COMMAND_PAGE + 1] = (uint32_t)((uintptr_t)page >> 32);
	command[COMMAND_10] = cdw10;
	command[COMMAND_11] = cdw11;
	q->tail = (q->tail + 1) % ENTRIES;
	g->regs[NVME_DOORBELLS + 2 * g->message] = q->tail;
}

static void nvme_raise(struct signal *g)
{
	nvme_submit(g, g->message ? FLUSH : GET_FEATURES, NULL, 7 /* number of queues */, 0);
}

/* Completions lie at the places of their commands. The message is sent right after the last one
 * is written, and before the device model looks at what the guest does next. */
static bool nvme_sent(struct signal *g)
{
	const struct nvme_queue *q = &queues[g->message];
	unsigned last = (q->tail + ENTRIES - 1) % ENTRIES;

	return COMPLETION_PHASE(q->cq + last * CQ_WORDS) == (q->phase ^ (last < q->head));
}

/* Takes all completions there are. */
static bool nvme_quiet(struct signal *g)
{
	struct nvme_queue *q = &queues[g->message];

	while (COMPLETION_PHASE(q->cq + q->head * CQ_WORDS) == q->phase) {
		q->head = (q->head + 1) % ENTRIES;
		q->phase ^= !q->head;
	}
	g->regs[NVME_DOORBELLS + 2 * g->message + 1] = q->head;
	return true;
}

static bool nvme_is_ready(void *ctx)
{
	return ((volatile uint32_t *)ctx)[NVME_STATUS] & STATUS_READY;
}

static bool nvme_is_off(void *ctx)
{
	return !nvme_is_ready(ctx);
}

static bool nvme_stop(volatile uint32_t *regs)
{
	regs[NVME_CONFIG] = 0;
	return CHECK(time_wait(nvme_is_off, (void *)regs, PATIENCE_NS));
}

static bool nvme_start(volatile uint32_t *regs)
{
	if (!nvme_stop(regs))
		return false;
	regs[NVME_ADMIN_SIZES] = (ENTRIES - 1) << 16 | (ENTRIES - 1);
	regs[NVME_ADMIN_SQ] = (uint32_t)(uintptr_t)queues[0].sq;
	regs[NVME_ADMIN_SQ + 1] = 0;
	regs[NVME_ADMIN_CQ] = (uint32_t)(uintptr_t)queues[0].cq;
	regs[NVME_ADMIN_CQ + 1] = 0;
	regs[NVME_CONFIG] = CONFIG_ENTRIES | CONFIG_ENABLE;
	return CHECK(time_wait(nvme_is_ready, (void *)regs, PATIENCE_NS));
}

static void nvme_queues_free(void)
{
	for (unsigned i = 0; i < NVME_MESSAGES; i++)
		if (queues[i].sq)
			pages_free((void *)queues[i].sq, 2);
}

static bool nvme_queues_alloc(void)
{
	bool whole = true;

	for (unsigned i = 0; i < NVME_MESSAGES; i++) {
		queues[i] = (struct nvme_queue){.sq = pages_alloc(2), .phase = 1};
		queues[i].cq = queues[i].sq + PAGE_SIZE / sizeof(uint32_t);
		whole = whole && queues[i].sq;
	}
	return CHECK(whole);
}

/* An admin command is a raise of message 0. */
static bool nvme_create(struct signal *admin, unsigned n)
{
	uint32_t size = (ENTRIES - 1) << 16;

	admin->raises++;
	nvme_submit(admin, CREATE_CQ, (void *)queues[n].cq, size | n,
		    n << 16 | INTERRUPTS | CONTIGUOUS);
	if (!signal_settle(admin))
		return false;
	admin->raises++;
	nvme_submit(admin, CREATE_SQ, (void *)queues[n].sq, size | n, n << 16 | CONTIGUOUS);
	return signal_settle(admin);
}

bool nvme_open(struct signal g[NVME_MESSAGES])
{
	struct pci_device *dev = nvme_find();
	volatile uint32_t *regs = paging_map_device(dev->bar[0].address, dev->bar[0].size);
	int irqs[NVME_MESSAGES];

	if (!CHECK(regs) || !nvme_queues_alloc() ||
	    !CHECK_EQ(msi_request_vectors(dev, NVME_MESSAGES, irqs), NVME_MESSAGES))
		return false;
	for (unsigned i = 0; i < NVME_MESSAGES; i++) {
		g[i] = (struct signal){.irq = irqs[i], .regs = regs, .message = i,
				       .raise = nvme_raise, .quiet = nvme_quiet,
				       .sent = nvme_sent};
		signal_begin(&g[i], 0);
	}
	if (!nvme_start(regs))
		return false;
	for (unsigned i = 1; i < NVME_MESSAGES; i++)
		if (!nvme_create(&g[0], i))
			return false;
	g[0].raises = g[0].runs = 0;
	return true;
}

void nvme_close(struct signal g[NVME_MESSAGES])
{
	nvme_stop(g[0].regs);
	for (unsigned i = 0; i < NVME_MESSAGES; i++)
		signal_end(&g[i]);
	CHECK_EQ(msi_release(nvme_find()), 0);
	nvme_queues_free();
}

/* SPDX-License-Identifier: MIT */
#include "drivers/timer/pit.h"

#include "arch/x86/cpu.h"
#include "lib/errno.h"

enum { CHANNEL0 = 0x40, CHANNEL2 = 0x42, CONTROL = 0x43, PORT_B = 0x61 };

/* Control words: channel, low byte then high byte, mode. */
enum {
	CH0_HALT = 0x30,     /* mode 0, waiting for its count */
	CH0_PERIODIC = 0x34, /* mode 2 */
	CH0_ONE_SHOT = 0x38, /* mode 4; Xen's PIT raises no interrupt in mode 0 */
	CH2_ONE_SHOT = 0xb0,
	READ_BACK_CH2 = 0xe8, /* latch the status, not the count */
};

/* Port B (0x61). */
enum { PORT_B_GATE2 = 1, PORT_B_SPEAKER = 2, PORT_B_OUT2 = 0x20 };

#define STATUS_MODE_MASK 0x3f
#define MEASURE_TICKS    (PIT_HZ / 100)
#define MEASURE_PATIENCE 1000000u /* reads of port B; each takes about a microsecond */
#define TICKS_MAX        65536u   /* a count of 0 */

static enum { PIT_UNKNOWN, PIT_THERE, PIT_ABSENT } pit_state;

static void pit_program(uint16_t port, uint8_t control, uint32_t ticks)
{
	bool on = local_irq_save();

	outb(CONTROL, control);
	outb(port, (uint8_t)ticks);
	outb(port, (uint8_t)(ticks >> 8));
	local_irq_restore(on);
}

bool pit_probe(void)
{
	if (pit_state == PIT_UNKNOWN) {
		outb(CONTROL, CH2_ONE_SHOT);
		outb(CONTROL, READ_BACK_CH2);
		pit_state =
			(inb(CHANNEL2) & STATUS_MODE_MASK) == (CH2_ONE_SHOT & STATUS_MODE_MASK)
				? PIT_THERE
				: PIT_ABSENT;
	}
	return pit_state == PIT_THERE;
}

/* The gate starts the count, the output's rise ends it; the speaker stays off. A board without
 * port B reads all ones: the output is up before the count began. */
uint64_t pit_calibrate_tsc(void)
{
	uint8_t port_b = inb(PORT_B) & (uint8_t) ~(PORT_B_GATE2 | PORT_B_SPEAKER);
	unsigned patience = MEASURE_PATIENCE;
	uint64_t start, end;
	bool on;

	if (!pit_probe())
		return 0;
	on = local_irq_save();
	outb(PORT_B, port_b);
	pit_program(CHANNEL2, CH2_ONE_SHOT, MEASURE_TICKS);
	if (inb(PORT_B) & PORT_B_OUT2)
		patience = 1;
	outb(PORT_B, port_b | PORT_B_GATE2);
	start = rdtsc();
	while (--patience && !(inb(PORT_B) & PORT_B_OUT2))
		;
	end = rdtsc();
	outb(PORT_B, port_b);
	local_irq_restore(on);
	return patience ? (end - start) * PIT_HZ / MEASURE_TICKS : 0;
}

int pit_start_periodic(unsigned hz)
{
	if (hz < PIT_HZ / TICKS_MAX + 1 || hz > PIT_HZ / 2)
		return -EINVAL;
	if (!pit_probe())
		return -ENODEV;
	pit_program(CHANNEL0, CH0_PERIODIC, PIT_HZ / hz);
	return 0;
}

int pit_start_oneshot(unsigned us)
{
	uint64_t ticks = (uint64_t)us * PIT_HZ / 1000000;

	if (ticks < 1 || ticks >= TICKS_MAX)
		return -EINVAL;
	if (!pit_probe())
		return -ENODEV;
	pit_program(CHANNEL0, CH0_ONE_SHOT, (uint32_t)ticks);
	return 0;
}

/* A real PIT in mode 0 waits for its count, its output low. Emulators look at the mode only
 * when a count is written: Xen's then raises nothing, QEMU's one last edge when it is over. */
void pit_stop(void)
{
	if (!pit_probe())
		return;
	pit_program(CHANNEL0, CH0_HALT, 0);
	outb(CONTROL, CH0_HALT);
}

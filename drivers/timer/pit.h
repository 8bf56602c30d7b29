/* SPDX-License-Identifier: MIT */
/* The 8254 interval timer: channel 0 is ISA irq 0, channel 2 has a gate to measure with. */
#ifndef DRIVERS_TIMER_PIT_H
#define DRIVERS_TIMER_PIT_H

#include <stdbool.h>
#include <stdint.h>

#define PIT_HZ 1193182u

/* Does channel 2 keep the mode it is given? PVH has no PIT. */
bool pit_probe(void);
/* The TSC's frequency in Hz, measured over 10 ms of channel 2; 0: no PIT, or no gate to it. */
uint64_t pit_calibrate_tsc(void);
/* Channel 0 raises ISA irq 0 (request it first) hz times a second, 19 <= hz <= PIT_HZ / 2; or
 * once after us microseconds, 1 <= us <= 54924. 0, -EINVAL, -ENODEV (no PIT). */
int pit_start_periodic(unsigned hz);
int pit_start_oneshot(unsigned us);
/* Channel 0 comes to rest. Plain QEMU's gives one more edge, 55 ms later. */
void pit_stop(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef DRIVERS_SERIAL_OUTS_H
#define DRIVERS_SERIAL_OUTS_H

#include <stddef.h>
#include <stdint.h>

/* Many bytes to one port with one instruction: under a hypervisor that is one exit. */
static inline void outs(uint16_t port, const char *bytes, size_t count)
{
	asm volatile("rep outsb" : "+S"(bytes), "+c"(count) : "d"(port) : "memory");
}

#endif

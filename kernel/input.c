/* SPDX-License-Identifier: MIT */
#include "kernel/input.h"

#include "arch/x86/percpu.h"
#include "kernel/cpu.h"
#include "kernel/cpu_call.h"

void input_start(struct input *in)
{
	in->polled = in->start(in) != 0;
}

void input_stop(struct input *in)
{
	if (!in->polled)
		in->stop(in);
}

/* The reader sleeps on the boot CPU, wherever the interrupt comes in. */
static void input_wake_reader(void)
{
	if (this_cpu()->id)
		cpu_poke(0);
}

void input_pull(struct input *in)
{
	bool on = spin_lock(&in->lock), any = false;
	char byte;

	while (!byte_ring_is_full(&in->ring) && in->get(in, &byte)) {
		byte_ring_put(&in->ring, byte);
		any = true;
	}
	if (any && in->taken)
		in->taken(in);
	spin_unlock(&in->lock, on);
	if (any)
		input_wake_reader();
}

bool input_is_waiting(struct input *in)
{
	input_pull(in);
	return !byte_ring_is_empty(&in->ring);
}

bool input_read(struct input *in, char *byte)
{
	bool on, any;

	input_pull(in);
	on = spin_lock(&in->lock);
	any = byte_ring_take(&in->ring, byte);
	spin_unlock(&in->lock, on);
	return any;
}

/* SPDX-License-Identifier: MIT */
/* The 2-level ABI, one word with two ports, one vCPU: Xen sends on two CPUs, the scan
 * interrupts the vCPU's own thread, which masks and unmasks.
 *
 * No event is lost: when everything has come to rest, each handler has run after the last send.
 * None is doubled: what is served is pending, and nothing runs more often than it was sent.
 *
 * FAULT_CLEAR_AFTER     pending is cleared after the handler
 * FAULT_DISCARD_MASKED  the scan clears pending of what it finds masked
 * FAULT_LOOK_FIRST      unmask looks for pending before it clears the mask bit, not after it
 * FAULT_LEFT_UNMASKED   unmask does not put the mask bit back before the hypercall
 * FAULT_PLAIN_MASK      the mask word is read, modified and written in two steps
 * In lower case, as lib/fault.h builds them in:
 * FAULT_lost_mask       each word is rid of what is pending on masked ports before it is scanned
 * FAULT_clear_late      pending is cleared after the handler too */

#ifdef FEW
#define SENDS 1 /* to each port */
#else
#define SENDS 2
#endif
#define BIT(p) (1 << (p))

byte pending, mask;          /* a bit for each port */
bit selector, upcall;
bit scanning;                /* the thread is interrupted */
byte sent[2], runs[2], saw[2];

/* --- Xen: event_2l.c --- */

inline xen_notify()
{
	d_step { was = selector; selector = 1 };
	if
	:: was
	:: else -> upcall = 1
	fi
}

/* evtchn_2l_set_pending */
proctype xen(byte p)
{
	byte n, was;

	do
	:: n < SENDS ->
		n++;
		d_step { was = pending & BIT(p); pending = pending | BIT(p); sent[p]++ };
		if
		:: was
		:: else ->
			if
			:: mask & BIT(p)
			:: else -> xen_notify()
			fi
		fi
	:: else -> break
	od
}

/* evtchn_2l_unmask, the hypercall */
inline xen_unmask(p)
{
	d_step { was = mask & BIT(p); mask = mask & ~BIT(p) };
	if
	:: was ->
		if
		:: pending & BIT(p) -> xen_notify()
		:: else
		fi
	:: else
	fi
}

/* --- the guest: lib/evtchn_2l.c --- */

inline clear(p)
{
	d_step { assert(pending & BIT(p)); pending = pending & ~BIT(p) }
}

inline handler(p)
{
	d_step { runs[p]++; assert(runs[p] <= sent[p]); saw[p] = sent[p] }
}

/* evtchn_2l_scan_word, with one port of the word; evtchn_serve */
inline serve(p)
{
#ifdef FAULT_CLEAR_AFTER
	handler(p); clear(p)
#else
	clear(p); handler(p);
#ifdef FAULT_clear_late
	pending = pending & ~BIT(p)
#endif
#endif
}

/* evtchn_2l_scan_word: pending, then the mask */
inline look()
{
	found = pending;
#ifdef FAULT_DISCARD_MASKED
	pending = pending & ~(found & mask);
#endif
	found = found & ~mask
}

/* evtchn_2l_scan, to its end before the thread goes on */
active proctype scan()
{
	byte found, ports;
	bit word;

end:	do
	:: atomic { upcall -> scanning = 1 };
		do
		:: upcall ->
			upcall = 0;
			d_step { word = selector; selector = 0 };
			if
			:: word ->
#ifdef FAULT_lost_mask
				found = mask;
				pending = pending & ~found;
#endif
				look(); ports = found;
				do
				:: ports ->
					if
					:: ports & 1 -> ports = ports & ~1; serve(0)
					:: ports & 2 -> ports = ports & ~2; serve(1)
					fi;
					look(); ports = ports & found
				:: else -> break
				od
			:: else
			fi
		:: else -> break
		od;
		scanning = 0
	od
}

/* evtchn_2l_mask */
inline set_mask(p)
{
#ifdef FAULT_PLAIN_MASK
	copy = mask;
	mask = copy | BIT(p)
#else
	mask = mask | BIT(p)
#endif
}

/* evtchn_2l_unmask */
inline unmask(p)
{
#ifdef FAULT_LOOK_FIRST
	was = pending & BIT(p);
	mask = mask & ~BIT(p);
#else
	mask = mask & ~BIT(p);
	was = pending & BIT(p);
#endif
	if
	:: was ->
#ifndef FAULT_LEFT_UNMASKED
		set_mask(p);
#endif
		xen_unmask(p)
	:: else
	fi
}

proctype thread(byte p) provided (!scanning)
{
	byte was, copy;

	set_mask(p);
	unmask(p);
	set_mask(p);
	unmask(p)
}

init {
	atomic {
		run xen(0); run xen(1); run thread(0);
#ifdef FAULT_PLAIN_MASK
		run thread(1); /* what it writes back is another one's bit */
#endif
	}
	timeout; /* everything has come to rest */
	assert(!mask);
	assert(saw[0] == SENDS && saw[1] == SENDS)
}

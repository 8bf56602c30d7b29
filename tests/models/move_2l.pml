/* SPDX-License-Identifier: MIT */
/* A 2-level port moves between two vCPUs while events are in flight; each vCPU scans only the
 * ports in its own set. Xen sends on another CPU, and a third vCPU makes the moves.
 *
 * No event is lost: when everything has come to rest, the handler has run after the last send.
 * None is doubled: nothing runs more often than it was sent. Two vCPUs may have looked at the
 * port, one before a move and one after it: so serve takes a pending bit that it finds clear as
 * the sign that the event has been served.
 *
 * SLOW_SENDER: Xen looks the vCPU up before it sets pending, and bind_vcpu does not wait for
 * it. A whole move that fits in between leaves the event with the old vCPU, which does not
 * serve the port any more: lost, until somebody unmasks it. HAND_OVER is what the guest can do
 * about it: a scan that meets another vCPU's port, pending and unmasked, masks it and lets Xen
 * unmask it, which notifies the right vCPU.
 *
 * FAULT_WRONG_SET      the port goes into no other vCPU's set, only Xen knows of the move
 * FAULT_OLD_SET_FIRST  the sets change first, without a mask, and then Xen is told
 * FAULT_NOT_MASKED     nobody masks it, so that the hypercall at the end has nothing to do
 * FAULT_BLIND_CLEAR    serve does not ask whether it has cleared anything
 * FAULT_CLEAR_AFTER    serve clears pending after the handler */

#ifdef FEW
#define SENDS 2
#else
#define SENDS 3
#endif
#define MOVES 3

bit pending, mask, bound[2];     /* of the one port: shared_info; each vCPU's set */
bit selector[2], upcall[2];      /* each vcpu_info */
bit notified;                    /* Xen: the vCPU of the port */
byte sent, runs, saw, moves;

/* --- Xen: event_2l.c, event_channel.c --- */

inline xen_notify(v)
{
	d_step { was = selector[v]; selector[v] = 1 };
	if
	:: was
	:: else -> upcall[v] = 1
	fi
}

active proctype xen()
{
	bit was, to;

	do
	:: sent < SENDS ->
#ifdef SLOW_SENDER
		to = notified;
		d_step { was = pending; pending = 1; sent++ };
#else
		d_step { to = notified; was = pending; pending = 1; sent++ };
#endif
		if
		:: was
		:: else ->
			if
			:: mask
			:: else -> xen_notify(to)
			fi
		fi
	:: else -> break
	od
}

/* evtchn_2l_unmask, the hypercall */
inline xen_unmask()
{
	to = notified;
	d_step { was = mask; mask = 0 };
	if
	:: was ->
		if
		:: pending -> xen_notify(to)
		:: else
		fi
	:: else
	fi
}

/* --- the guest --- */

/* irq_set_affinity to abi_2l_bind_cpu: mask, EVTCHNOP_bind_vcpu, the sets, unmask */
inline move(old, new)
{
#if !defined(FAULT_NOT_MASKED) && !defined(FAULT_OLD_SET_FIRST)
	mask = 1;
#endif
#ifndef FAULT_OLD_SET_FIRST
	notified = new; /* evtchn_bind_vcpu */
#endif
#ifndef FAULT_WRONG_SET
	bound[new] = 1;
	bound[old] = 0;
#endif
#ifdef FAULT_OLD_SET_FIRST
	notified = new;
#endif
	xen_unmask();
	moves++
}

inline clear()
{
	d_step { had = pending; pending = 0 }
}

inline handler()
{
	d_step { runs++; assert(runs <= sent); saw = sent }
}

inline serve()
{
#ifdef FAULT_CLEAR_AFTER
	handler(); clear()
#else
	clear();
	if
#ifndef FAULT_BLIND_CLEAR
	:: !had
#endif
	:: else -> handler()
	fi
#endif
}

/* evtchn_2l_scan on one vCPU; evtchn_2l_ready is three loads */
inline scan()
{
	upcall[me] = 0;
	d_step { word = selector[me]; selector[me] = 0 };
	if
	:: word ->
		word = pending;
		word = word & !mask;
		if
		:: word && bound[me] -> serve()
#ifdef HAND_OVER
		:: word && !bound[me] -> mask = 1; xen_unmask()
#endif
		:: else
		fi
	:: else
	fi
}

proctype vcpu(bit me)
{
	bit was, to, word, had;

end:	do
	:: upcall[me] -> scan()
	od
}

active proctype mover()
{
	bit was, to;

	move(0, 1);
	move(1, 0);
	move(0, 1)
}

init {
	bound[0] = 1;
	atomic { run vcpu(0); run vcpu(1) };
	timeout; /* everything has come to rest */
	assert(moves == MOVES && !mask);
	assert(saw == SENDS)
}

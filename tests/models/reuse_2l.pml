/* SPDX-License-Identifier: MIT */
/* A 2-level port is closed and its number used again while an event is in flight. vCPU 0 scans;
 * another vCPU frees and closes the port, and a third one binds the number as soon as Xen gives it
 * out. Life 1 and life 2 of the port have handlers of their own. VECTOR: the scan sends a vector,
 * whose handler runs later.
 *
 * The port has been moved to vCPU 0 before. Closing forgets that and puts it where Xen puts a
 * closed one: back into vCPU 0's set, out of it and in again. That must be over before Xen gives
 * the number out.
 *
 * No event of life 2 is lost: when everything has come to rest, its handler has run after the last
 * send. None of life 1 reaches the handler of life 2, none is doubled, and no handler runs after
 * its channel has been freed.
 *
 * FAULT_STALE_PORT      pending survives the close, neither Xen nor the guest clears it
 * FAULT_NO_BARRIER      it is masked anywhere, and freed while the scan has it in its hands
 * FAULT_FREE_IN_FLIGHT  (VECTOR) it is freed while its vector is on the way
 * FAULT_DISCARD_MASKED  the scan clears pending of what it finds masked
 * FAULT_CLEAR_AFTER     pending is cleared after the handler
 * FAULT_CLOSING_LATE    that it was moved is forgotten after EVTCHNOP_close
 * In lower case, as lib/fault.h builds them in:
 * FAULT_lost_mask       the word is rid of what is pending on masked ports before it is scanned
 * FAULT_clear_late      pending is cleared after the handler too
 * FAULT_stale_port      a channel that has been freed keeps its handler */

#define SENDS 2 /* in each life */

bit pending, mask, selector, upcall;
bit bound = 1, moved = 1;      /* it is in the set of vCPU 0; it was moved there */
bit irr, in_flight;            /* the channel's vector, and what the scan notes about it */
bit scanning;                  /* vCPU 0 is in an interrupt */
bit lock;                      /* Xen's, of the channel */
byte life = 1;                 /* which one Xen has open; 0: closed */
byte owner = 1;                /* channel_get(): whose handler; 0: nobody's */
byte freed;                    /* the life whose channel is gone */
byte sent[3], runs[3], saw[3];
byte from, by;                 /* the life whose event is pending; is sent by vector */

/* --- Xen: event_2l.c, event_channel.c --- */

inline xen_notify()
{
	d_step { was = selector; selector = 1 };
	if
	:: was
	:: else -> upcall = 1
	fi
}

/* evtchn_send, from a peer of one life; the channel's lock keeps close away */
proctype xen(byte mine)
{
	byte n;
	bit was;

	do
	:: n < SENDS ->
		/* life 2 waits for its beginning, life 1 may be over */
		atomic { !lock && (life == 2 || mine == 1) -> lock = 1 };
		n++;
		if
		:: life == mine ->
			d_step { was = pending; pending = 1; from = mine; sent[mine]++ };
			if
			:: was || mask
			:: else -> xen_notify()
			fi
		:: else
		fi;
		lock = 0
	:: else -> break
	od
}

/* evtchn_close and evtchn_free */
inline xen_close()
{
	atomic { !lock -> lock = 1 };
#ifndef FAULT_STALE_PORT
	pending = 0;
#endif
	life = 0;
	lock = 0
}

/* evtchn_2l_unmask, the hypercall */
inline xen_unmask()
{
	d_step { was = mask; mask = 0 };
	if
	:: was && pending -> xen_notify()
	:: else
	fi
}

/* --- the guest --- */

inline handler(who, event)
{
	d_step {
		assert(who != freed);
		assert(event == who);
		runs[who]++;
		assert(runs[who] <= sent[who]);
		saw[who] = sent[who]
	}
}

/* evtchn_serve */
inline serve(event)
{
	who = owner;
	if
	:: !who -> mask = 1; pending = 1 /* evtchn_run_stray */
#ifdef VECTOR
	:: else -> in_flight = 1; d_step { irr = 1; by = event } /* evtchn_run_redelivery */
#else
	:: else -> handler(who, event)
#endif
	fi;
#ifdef FAULT_clear_late
	if :: who -> pending = 0 :: else fi
#endif
}

/* evtchn_2l_scan_word */
inline scan()
{
#ifdef FAULT_lost_mask
	ready = mask;
	if :: ready -> pending = 0 :: else fi;
#endif
	ready = pending;
	ready = ready & !mask;
	mine = bound;
#ifdef FAULT_DISCARD_MASKED
	if :: mask -> pending = 0 :: else fi;
#endif
	if
	:: ready && !mine ->
		if
		:: moved -> xen_notify() /* abi_2l_hand_over, to itself */
		:: else
		fi
	:: ready && mine ->
#ifdef FAULT_CLEAR_AFTER
		event = from;
		serve(event);
		pending = 0
#else
		d_step { ready = pending; pending = 0; event = from };
		if
		:: ready -> serve(event)
		:: else
		fi
#endif
	:: else
	fi
}

active proctype vcpu0()
{
	bit ready, mine, word, was;
	byte who, event;

end:	do
	:: atomic { upcall -> scanning = 1 }; /* evtchn_2l_scan */
		upcall = 0;
		d_step { word = selector; selector = 0 };
		if
		:: word -> scan()
		:: else
		fi;
		scanning = 0
	:: atomic { irr -> scanning = 1; irr = 0; event = by }; /* evtchn_flow_vector */
		in_flight = 0;
		who = owner;
		handler(who, event);
		scanning = 0
	od
}

/* evtchn_2l_move to nobody, and from nobody to vCPU 0 */
inline abi_2l_closing()
{
	moved = 0;
	bound = 0;
	bound = 1
}

/* evtchn_irq_free and evtchn_close; what cpu_call runs comes in between interrupts */
active proctype thread()
{
#if defined(FAULT_stale_port)
	skip;
#elif defined(FAULT_NO_BARRIER)
	mask = 1;
#elif defined(FAULT_FREE_IN_FLIGHT)
	atomic { !scanning -> mask = 1 };
#else
	atomic { !scanning && !in_flight -> mask = 1 }; /* channel_quiesce, until it is */
#endif
#ifndef FAULT_stale_port
	owner = 0;
#endif
	freed = 1;
	mask = 1;
#ifdef FAULT_CLOSING_LATE
	xen_close();
	abi_2l_closing()
#else
	abi_2l_closing();
	xen_close()
#endif
}

/* evtchn_irq_request: the handler is in place before the port is unmasked */
active proctype binder()
{
	bit was;

	atomic { !life && !lock -> life = 2 }; /* evtchn_allocate_port */
	bound = 1; /* abi_2l_bind_cpu */
	owner = 2;
	xen_unmask()
}

init {
	atomic { run xen(1); run xen(2) };
	timeout; /* everything has come to rest */
	assert(life == 2 && owner == 2 && !mask);
	assert(sent[2] == SENDS && saw[2] == SENDS)
}

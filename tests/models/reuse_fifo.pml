/* SPDX-License-Identifier: MIT */
/* A FIFO port is closed and its number used again while an event is in flight. The scan of
 * vCPU 0 interrupts the thread that closes; another vCPU binds the number as soon as Xen gives
 * it out. Life 1 and life 2 of the port have handlers of their own.
 *
 * No event of life 2 is lost: when everything has come to rest, its handler has run after the
 * last send. None of life 1 reaches the handler of life 2, and no handler runs after its
 * channel has been freed. With ONE_THREAD, where the thread
 * that closes binds as well, none is doubled: neither handler runs more often than its life was
 * sent. (Otherwise the unmask of another vCPU may double one, as fifo_queue.pml has it.)
 *
 * CLEAR_AFTER_CLOSE: the guest clears pending once more after EVTCHNOP_close. That may take an
 * event of life 2 away; not so with ONE_THREAD.
 *
 * FAULT_STALE_PORT     pending survives the close, neither Xen nor the guest clears it
 * FAULT_MISSED_LINKED  Xen gives the number out while it is LINKED, and forgets about that
 * FAULT_DISCARD_MASKED the scan clears pending of what it finds masked
 * FAULT_CLEAR_AFTER    pending is cleared after the handler
 * In lower case, as lib/fault.h builds them in:
 * FAULT_lost_mask      pending is cleared on what the scan has taken out and found masked
 * FAULT_clear_late     pending is cleared after the handler too
 * FAULT_missed_linked  what is taken out of the queue stays LINKED
 * FAULT_stale_port     a channel that has been freed keeps its handler */

#define SENDS 2 /* in each life */

bit pending, masked, linked;   /* the event word */
bit head, ready, upcall;       /* the only port of its queue is there or is not */
bit scanning, trapped;         /* the thread is interrupted; it is in a hypercall */
bit lock;                      /* Xen's, of the channel */
byte life = 1;                 /* which one Xen has open; 0: closed */
byte owner = 1;                /* channel_get(): whose handler; 0: nobody's */
byte freed;                    /* the life whose channel is gone */
byte sent[3], runs[3], saw[3];
byte from;                     /* the life whose event is pending */

/* --- Xen: event_fifo.c, event_channel.c --- */

/* evtchn_fifo_set_pending, once PENDING is set, on a queue that has no other port */
inline xen_link()
{
	if
	:: masked
	:: else ->
		d_step { was = linked; linked = 1 };
		if
		:: was
		:: else ->
			head = 1;
			d_step { was = ready; ready = 1 };
			if
			:: was
			:: else -> upcall = 1
			fi
		fi
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
			d_step { pending = 1; from = mine; sent[mine]++ };
			xen_link()
		:: else
		fi;
		lock = 0
	:: else -> break
	od
}

/* evtchn_close and evtchn_free */
inline xen_close()
{
	atomic { !lock -> lock = 1; trapped = 1 };
#ifndef FAULT_STALE_PORT
	pending = 0;
#endif
	life = 0;
	lock = 0;
	trapped = 0
}

/* evtchn_allocate_port: evtchn_fifo_is_busy keeps a LINKED number back */
inline xen_open()
{
#ifdef FAULT_MISSED_LINKED
	atomic { !life && !lock -> life = 2; linked = 0 }
#else
	atomic { !life && !lock && !linked -> life = 2 }
#endif
}

/* evtchn_fifo_unmask, the hypercall */
inline xen_unmask()
{
#ifdef ONE_THREAD
	trapped = 1; /* on the vCPU that scans */
#endif
	masked = 0;
	if
	:: pending -> atomic { !lock -> lock = 1 }; pending = 1; xen_link(); lock = 0
	:: else
	fi;
	trapped = 0
}

/* --- the guest --- */

inline handler()
{
	d_step {
		if
		:: owner ->
			assert(owner != freed);
			assert(from == owner);
#ifdef ONE_THREAD
			runs[owner]++;
			assert(runs[owner] <= sent[owner]);
#endif
			saw[owner] = sent[owner]
		:: else -> masked = 1; pending = 1 /* evtchn_run_stray */
		fi
	}
}

/* evtchn_fifo_scan, with evtchn_fifo_unlink: PENDING goes with LINKED, unless it is masked */
active proctype scan()
{
	bit was, due, some;

end:	do
	:: atomic { upcall && !trapped -> scanning = 1 };
		upcall = 0;
		d_step { some = ready; ready = 0 };
		if
		:: some && head ->
			d_step {
				assert(linked);
#ifndef FAULT_missed_linked
				linked = 0;
#endif
				due = pending && !masked;
#ifndef FAULT_CLEAR_AFTER
				if :: due -> pending = 0 :: else fi;
#endif
			};
			if
			:: due ->
				handler(); /* evtchn_serve */
#ifdef FAULT_clear_late
				if :: owner -> pending = 0 :: else fi
#endif
			:: else ->
#if defined(FAULT_DISCARD_MASKED) || defined(FAULT_lost_mask)
				pending = 0
#else
				skip
#endif
			fi;
#ifdef FAULT_CLEAR_AFTER
			if :: due -> pending = 0 :: else fi;
#endif
		:: else
		fi;
		scanning = 0
	od
}

/* evtchn_irq_request: the handler is in place before evtchn_fifo_unmask */
inline bind()
{
	xen_open();
	owner = 2;
	d_step { due = pending; if :: !due -> masked = 0 :: else fi };
	if
	:: due -> xen_unmask()
	:: else
	fi
}

/* evtchn_irq_free and evtchn_close */
active proctype thread() provided (!scanning)
{
	bit was, due;

#ifndef FAULT_stale_port
	masked = 1;
	owner = 0;
#endif
	freed = 1;
	masked = 1;
	xen_close();
#ifdef CLEAR_AFTER_CLOSE
	pending = 0;
#endif
#ifdef ONE_THREAD
	bind()
#endif
}

#ifndef ONE_THREAD
active proctype binder()
{
	bit was, due;

	bind()
}
#endif

init {
	atomic { run xen(1); run xen(2) };
	timeout; /* everything has come to rest */
	assert(life == 2 && owner == 2);
	assert(!masked && !linked);
	assert(sent[2] == SENDS && saw[2] == SENDS)
}

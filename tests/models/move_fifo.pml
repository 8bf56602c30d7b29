/* SPDX-License-Identifier: MIT */
/* A FIFO port moves between two vCPUs while events are in flight. Xen links it to the queue of
 * whichever vCPU it looked up, and a queue is emptied by its own vCPU alone: so an event may still
 * come on the old one, and the handler must not run on two at once: what arrives while it runs on
 * the old one is passed on. VECTOR: the scan sends a vector, which is the channel's on one CPU
 * only.
 *
 * No event is lost: when everything has come to rest, the handler has run after the last send.
 * None is doubled, and the handler never runs on two vCPUs. (Senders are quick: what a slow one
 * and an unmask make of one event is in fifo_queue.pml.)
 *
 * FAULT_MISSED_LINKED  a scan that finds the port masked leaves it LINKED
 * FAULT_CLEAR_AFTER    pending is cleared after the handler
 * FAULT_TOGETHER       the handler runs wherever an event arrives
 * FAULT_PASS_FREE      whoever passes the irq on leaves it free for others
 * FAULT_PASS_LOST      the new vCPU is not told of what is passed on
 * FAULT_SELF           (VECTOR) the vector goes to the CPU that scans
 * FAULT_ONE_BARRIER    (VECTOR) the vector is dropped when only its own CPU has left its scan
 * In lower case, as lib/fault.h builds them in:
 * FAULT_clear_late     pending is cleared after the handler too
 * FAULT_missed_linked  what is taken out of the queue stays LINKED */

#define SENDS 2
#define MOVES 2

bit pending, masked, linked;     /* the event word */
bit head[2], ready[2], upcall[2];
bit xlock, notified;             /* Xen: its lock of the queues; the vCPU of the port */
bit home, vector_cpu, vector;    /* the guest: its vCPU; the vector, if there is one */
bit irr[2], in_flight, scanning[2];
byte inside, waiting;
bit passed[2];                   /* the irq is in that vCPU's list, which its call's vector serves */
byte sent, runs, saw, moves;

/* --- Xen: event_fifo.c --- */

/* evtchn_fifo_set_pending, on queues that have no other port; by is 0 when it only links anew */
inline xen_set_pending(to, by)
{
	atomic { !xlock -> xlock = 1 };
	d_step {
		pending = 1;
		sent = sent + by;
		was = linked || masked;
		linked = linked || !masked
	};
	if
	:: was -> xlock = 0
	:: else ->
		head[to] = 1;
		xlock = 0;
		d_step { was = ready[to]; ready[to] = 1 };
		if
		:: was
		:: else -> upcall[to] = 1
		fi
	fi
}

proctype xen()
{
	bit was, to;

	do
	:: sent < SENDS -> to = notified; xen_set_pending(to, 1)
	:: else -> break
	od
}

/* --- the guest --- */

inline actions()
{
	inside++;
	d_step { assert(inside == 1); runs++; assert(runs <= sent); saw = sent };
	inside--
}

/* irq_run_covering, with irq_pass_on */
inline run_covering()
{
	do
	:: left ->
		actions();
		d_step { waiting = waiting - left; left = waiting };
		to = home;
		if
		:: left && to != me ->
#ifdef FAULT_PASS_FREE
			waiting = 0;
#endif
#ifndef FAULT_PASS_LOST
			passed[to] = 1;
#endif
			left = 0
		:: else
		fi
	:: else -> break
	od
}

/* irq_run_alone */
inline handle()
{
#ifdef FAULT_TOGETHER
	actions()
#else
	d_step { left = waiting; waiting++ };
	if
	:: left
	:: else -> left = 1; run_covering()
	fi
#endif
}

/* evtchn_serve */
inline serve()
{
#ifdef VECTOR
	has = vector;
	if
	:: has -> /* evtchn_run_redelivery */
		in_flight = 1;
#ifdef FAULT_SELF
		irr[me] = 1
#else
		irr[vector_cpu] = 1
#endif
	:: else -> handle()
	fi
#else
	handle()
#endif
}

/* evtchn_fifo_scan, with evtchn_fifo_unlink */
inline scan()
{
	d_step { has = ready[me]; ready[me] = 0 };
	if
	:: has && head[me] && linked ->
		d_step {
			due = pending && !masked;
#ifdef FAULT_MISSED_LINKED
			if :: due -> linked = 0 :: else fi;
#elif !defined(FAULT_missed_linked)
			linked = 0;
#endif
#ifndef FAULT_CLEAR_AFTER
			if :: due -> pending = 0 :: else fi;
#endif
		};
		if
		:: due -> serve()
		:: else
		fi;
#if defined(FAULT_CLEAR_AFTER) || defined(FAULT_clear_late)
		if :: due -> pending = 0 :: else fi;
#endif
	:: else
	fi
}

proctype vcpu(bit me)
{
	bit has, due, to;
	byte left;

end:	do
	:: atomic { upcall[me] -> scanning[me] = 1 };
		upcall[me] = 0;
		scan();
		scanning[me] = 0
	:: atomic { irr[me] -> scanning[me] = 1; irr[me] = 0 };
		if
		:: vector && vector_cpu == me -> /* evtchn_flow_vector; not masked: see late_masked */
			in_flight = 0;
			handle()
		:: else /* irq_stray */
		fi;
		scanning[me] = 0
	:: atomic { passed[me] -> scanning[me] = 1; passed[me] = 0 }; /* irq_pass_serve */
		left = waiting;
		run_covering();
		scanning[me] = 0
	od
}

/* channel_move: mask, channel_barrier, EVTCHNOP_bind_vcpu, fifo_bind_cpu, unmask */
inline move(new)
{
	masked = 1;
	!scanning[home];
#ifdef VECTOR
#ifndef FAULT_ONE_BARRIER
	!scanning[1 - home];
#endif
	/* channel_drop_vector, on its CPU; it may say -EBUSY, and the move is tried again */
	atomic { !scanning[home] && !in_flight -> vector = 0 };
#endif
	notified = new;
	home = new;
#ifdef VECTOR
	atomic { vector = 1; vector_cpu = new };
#endif
	/* evtchn_fifo_unmask */
	d_step { due = pending && !linked; if :: !due -> masked = 0 :: else fi };
	if
	:: due -> masked = 0; if :: pending -> xen_set_pending(new, 0) :: else fi
	:: else
	fi;
	moves++
}

proctype mover()
{
	bit was, due;

	move(1);
	move(0)
}

init {
	atomic {
#ifdef VECTOR
		vector = 1; /* before anybody starts, or it would undo a move */
#endif
		run xen(); run mover(); run vcpu(0); run vcpu(1)
	}
	timeout; /* everything has come to rest */
	assert(moves == MOVES && !masked && !linked && !in_flight && !waiting);
	assert(sent == SENDS && saw == SENDS)
}

/* SPDX-License-Identifier: MIT */
/* One FIFO queue with two ports: Xen links on two CPUs, the scan of vCPU 0 takes out and
 * serves, and interrupts a thread that masks and unmasks. The words are those of
 * lib/evtchn_fifo.c, with a shorter LINK.
 *
 * No event is lost: when everything has come to rest, each handler has run after the last send.
 * None is doubled: what is served is pending, and nothing runs more often than it was sent.
 * Xen's attempts at a tail suffice, and no queue is ever broken.
 *
 * OTHER_VCPU: the thread is another vCPU's. Xen's unmask looks for PENDING and sets it again when
 * it links; if the scan serves the port between the two, one event is served twice. So the guest
 * leaves to Xen only what is not LINKED, which no scan comes to, and a linked port it unmasks
 * itself. FAULT_XEN_RELINKS leaves every pending one to Xen, and so does, in the end, who is
 * IMPATIENT with a BUSY word. What nobody can help: masking and unmasking may both fall between
 * a sender's setting PENDING and its setting LINKED. EXTRA_RUNS grants what comes of that, and
 * nothing is lost; QUICK_SENDER leaves no such gap, and nothing is doubled.
 *
 * FAULT_CLEAR_AFTER     pending is cleared after the handler
 * FAULT_DISCARD_MASKED  the scan clears pending of what it finds masked
 * FAULT_MISSED_LINKED   LINK is read first and LINKED is cleared after it, in two steps
 * FAULT_PLAIN_UNMASK    unmask looks for pending first and clears the mask bit after it
 * In lower case, as lib/fault.h builds them in:
 * FAULT_lost_mask       pending is cleared on what the scan has taken out and found masked
 * FAULT_clear_late      pending is cleared after the handler too
 * FAULT_missed_linked   what is taken out of the queue stays LINKED */

#define LINK    3
#define BUSY    4
#define LINKED  8
#define MASKED  16
#define PENDING 32

#ifdef FEW
#define SENDS 1 /* to each port */
#else
#define SENDS 2
#endif

#ifdef QUICK_SENDER
#define NO_GAP atomic
#else
#define NO_GAP
#endif

byte w[3];             /* by port; 0 is no port */
byte head, tail;       /* control block; Xen's */
bit ready, upcall, lock;
bit scanning, trapped;   /* the thread is interrupted; it is in a hypercall */
byte sent[3], runs[3], saw[3];

/* Compare and exchange, of lib and Xen alike: on failure seen is the word as it is. */
inline cas(at, seen, value, ok)
{
	d_step {
		ok = (w[at] == seen);
		if
		:: ok -> w[at] = value
		:: else -> seen = w[at]
		fi
	}
}

/* --- Xen: event_fifo.c --- */

/* evtchn_fifo_set_link: done is false when the guest has taken the tail out. */
inline xen_set_link(t, p, done)
{
	seen = w[t]; tries = 0;
	do
	:: !(seen & LINKED) ->
		if :: tries -> w[t] = w[t] & ~BUSY :: else fi;
		done = 0; break
	:: else ->
		cas(t, seen, (seen & ~(BUSY | LINK)) | p, done);
		if :: done -> break :: else fi;
		if
		:: tries == 0 -> w[t] = w[t] | BUSY; seen = w[t]
		:: else
		fi;
		tries++;
		assert(tries <= 4)
	od
}

/* evtchn_fifo_set_pending; by is 1 for a send, 0 when unmasking only links anew. */
inline xen_set_pending(p, by)
{
	atomic { !lock -> lock = 1 };
	done = 1;
	NO_GAP {
	d_step { w[p] = w[p] | PENDING; sent[p] = sent[p] + by };
	if
	:: w[p] & MASKED -> was = LINKED
	:: else -> d_step { was = w[p] & LINKED; w[p] = w[p] | LINKED }
	fi
	};
	if
	:: was
	:: else ->
		done = 0;
		if :: tail == p -> tail = 0 :: else fi;
		if :: tail -> xen_set_link(tail, p, done) :: else fi;
		if :: !done -> head = p :: else fi;
		tail = p
	fi;
	lock = 0;
	if
	:: done
	:: else ->
		d_step { was = ready; ready = 1 };
		if
		:: was
		:: else -> upcall = 1
		fi
	fi
}

/* evtchn_fifo_unmask, the hypercall */
inline xen_unmask(p)
{
	trapped = 1;
	w[p] = w[p] & ~MASKED;
	if :: w[p] & PENDING -> xen_set_pending(p, 0) :: else fi;
	trapped = 0
}

proctype xen(byte p)
{
	byte seen, tries, was, n;
	bit done;

	do
	:: n < SENDS -> n++; xen_set_pending(p, 1)
	:: else -> break
	od
}

/* --- the guest: lib/evtchn_fifo.c --- */

/* A handler: takes up all that has been sent. */
inline serve(p)
{
#ifdef EXTRA_RUNS
	saw[p] = sent[p];
#else
	d_step { runs[p]++; assert(runs[p] <= sent[p]); saw[p] = sent[p] };
#endif
#if defined(FAULT_CLEAR_AFTER) || defined(FAULT_clear_late)
	w[p] = w[p] & ~PENDING
#endif
}

/* evtchn_fifo_unlink: LINKED, LINK and, unless it is masked, PENDING */
#ifdef FAULT_CLEAR_AFTER
#define TAKEN(v) (LINKED | LINK)
#elif defined(FAULT_DISCARD_MASKED)
#define TAKEN(v) (LINKED | LINK | PENDING)
#else
#define TAKEN(v) (OUT | LINK | (v & MASKED -> 0 : PENDING))
#endif
#ifdef FAULT_missed_linked
#define OUT 0
#else
#define OUT LINKED
#endif
inline unlink(p)
{
	seen = w[p];
#ifdef FAULT_MISSED_LINKED
	assert(seen & LINKED);
	w[p] = w[p] & ~TAKEN(seen)
#else
	do
	:: assert(seen & LINKED); /* or the queue were broken */
		cas(p, seen, seen & ~TAKEN(seen), ok);
		if :: ok -> break :: else fi
	od
#endif
}

/* evtchn_fifo_scan, evtchn_fifo_pass */
active proctype vcpu0()
{
	byte port, first, seen;
	bit taken, ok;

end:	do
#ifdef OTHER_VCPU
	:: upcall ->
#else
	:: atomic { upcall && !trapped -> scanning = 1 };
#endif
		upcall = 0;
		d_step { taken = ready; ready = 0 };
		do
		:: taken ->
			port = first;
			if :: port == 0 -> port = head :: else fi;
			unlink(port);
			first = seen & LINK;
			taken = (first != 0);
			if
			:: (seen & (PENDING | MASKED)) == PENDING -> serve(port)
#ifdef FAULT_lost_mask
			:: seen & MASKED -> w[port] = w[port] & ~PENDING
#endif
			:: else
			fi;
			if
			:: upcall ->
				upcall = 0;
				d_step { taken = taken | ready; ready = 0 }
			:: else
			fi
		:: else -> break
		od;
		scanning = 0
	od
}

/* evtchn_fifo_mask and evtchn_fifo_unmask */
proctype masker(byte p) provided (!scanning)
{
	byte seen, tries, was;
	bit done, ok;

	w[p] = w[p] | MASKED;
	seen = w[p];
	do
#ifdef FAULT_XEN_RELINKS
	:: seen & PENDING -> xen_unmask(p); break
#else
	:: (seen & (PENDING | LINKED)) == PENDING -> xen_unmask(p); break
#endif
	:: else ->
#ifdef FAULT_PLAIN_UNMASK
		w[p] = w[p] & ~MASKED; break
#else
		if
#if defined(IMPATIENT) || !defined(OTHER_VCPU)
		:: seen & BUSY -> xen_unmask(p); break /* it has spun for long */
#endif
		:: true
		fi;
		seen = seen & ~BUSY;
		cas(p, seen, seen & ~MASKED, ok);
		if :: ok -> break :: else fi
#endif
	od
}

init {
	atomic {
		run xen(1); run xen(2);
		run masker(1)
	}
	timeout; /* everything has come to rest */
	assert(!(w[1] & MASKED) && !(w[2] & MASKED));
	assert(saw[1] == sent[1] && saw[2] == sent[2]);
	assert(sent[1] == SENDS && sent[2] == SENDS)
}

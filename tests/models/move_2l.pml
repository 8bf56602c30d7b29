/* SPDX-License-Identifier: MIT */
/* A 2-level port moves between two vCPUs while events are in flight; each vCPU scans only the
 * ports in its own set. Xen sends on another CPU, a third vCPU makes the moves, and with DRIVER a
 * fourth masks and unmasks the port. With AGAIN, the driver lets go of the port after the move and
 * requests it once more, without closing it.
 *
 * No event is lost: when everything has come to rest, the handler has run after the last send.
 * None is doubled: nothing runs more often than it was sent. What a driver has masked stays masked
 * until it unmasks. Once a move is complete, the handler runs on the port's own vCPU: in every scan
 * that no move has overlapped.
 *
 * Two vCPUs may have looked at the port, one before a move and one after it: so the scan takes a
 * pending bit that it finds clear as the sign that the event has been served.
 *
 * Xen looks the vCPU up before it sets pending, and bind_vcpu does not wait for it. When a whole
 * move fits in between, it is the old vCPU that is told of the event, and the old vCPU does not
 * serve the port any more. So a scan that meets a port which has been moved, pending and unmasked
 * and not its own, hands it over: it does to the port's vCPU what Xen would have done, and sets
 * the bit in the selector. In place of the upcall it sends a poke, and whoever is poked scans.
 * That it has been moved is forgotten by closing it, which waits for senders (reuse_2l.pml), and
 * not before: what sends may still be about to tell the old vCPU.
 *
 * channel_move() also waits for the scans; nothing here needs it.
 *
 * FAULT_WRONG_SET      the port goes into no other vCPU's set, only Xen knows of the move
 * FAULT_NOT_MASKED     nobody masks it, so that the hypercall at the end has nothing to do
 * FAULT_BLIND_CLEAR    the scan does not ask whether it has cleared anything
 * FAULT_CLEAR_AFTER    pending is cleared after the handler
 * FAULT_NO_HAND_OVER   the old vCPU leaves the port alone
 * FAULT_NO_POKE        the bit is set in the selector, and nobody says so
 * FAULT_HAND_OVER_MASKS  it is handed over by masking it and letting Xen unmask it
 * FAULT_MOVE_UNMASKS   the end of a move does not ask whether a driver has masked the port
 * FAULT_SETUP_FORGETS  (AGAIN) a request takes it for a new port, which has never been moved
 * In lower case, as lib/fault.h builds them in:
 * FAULT_wrong_set      the port stays in the old vCPU's set as well
 * FAULT_clear_late     pending is cleared after the handler too */

#define SENDS 2
#if defined(DRIVER) || defined(AGAIN)
#define MOVES 1
#else
#define MOVES 2
#endif

bit pending, mask, bound[2];     /* of the one port: shared_info; each vCPU's set */
bit home, moved;                 /* the guest's tables: its vCPU; it has been moved */
bit selector[2], upcall[2];      /* each vcpu_info */
bit poked[2];                    /* the vector of cpu_poke() in each local APIC */
bit notified;                    /* Xen: the vCPU of the port */
bit lock, driver, moving;        /* of the irq, and who wants the port masked */
bit under_way, settled[2];       /* a move; no move since this vCPU's scan began */
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

proctype xen()
{
	bit was, to;

	do
	:: sent < SENDS ->
		to = notified;
		d_step { was = pending; pending = 1; sent++ };
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

/* irq_mask_for and irq_unmask_for: it stays masked until no reason is left */
inline irq_mask(reason)
{
	atomic { !lock -> lock = 1 };
	reason = 1;
	mask = 1;
	lock = 0
}

inline irq_unmask(reason)
{
	atomic { !lock -> lock = 1 };
	reason = 0;
	if
#ifndef FAULT_MOVE_UNMASKS
	:: driver || moving
#endif
	:: else -> xen_unmask()
	fi;
	lock = 0
}

/* channel_move: mask, EVTCHNOP_bind_vcpu, abi_2l_bind_cpu and evtchn_2l_move, unmask */
inline move(old, new)
{
	d_step { under_way = 1; settled[0] = 0; settled[1] = 0 };
#ifndef FAULT_NOT_MASKED
	irq_mask(moving);
#endif
	notified = new; /* evtchn_bind_vcpu */
#ifndef FAULT_WRONG_SET
	home = new;
	bound[new] = 1;
	moved = 1;
#ifndef FAULT_wrong_set
	bound[old] = 0;
#endif
#endif
	irq_unmask(moving);
	d_step { under_way = 0; moves++ }
}

/* evtchn_irq_free and evtchn_irq_request: abi_2l_setup, abi_2l_bind_cpu with the vCPU it is on */
inline again()
{
	irq_mask(moving);
#ifdef FAULT_SETUP_FORGETS
	moved = 0;
	bound[home] = 0;
#endif
	bound[home] = 1;
	irq_unmask(moving)
}

inline handler()
{
	d_step {
		assert(!settled[me] || me == home);
		runs++;
		assert(runs <= sent);
		saw = sent
	}
}

/* evtchn_2l_scan_word with the port; evtchn_serve */
inline serve()
{
#ifdef FAULT_CLEAR_AFTER
	handler();
	pending = 0
#else
	d_step { had = pending; pending = 0 };
	if
#ifndef FAULT_BLIND_CLEAR
	:: !had
#endif
	:: else ->
		handler();
#ifdef FAULT_clear_late
		pending = 0
#endif
	fi
#endif
}

/* abi_2l_hand_over, evtchn_2l_notify, cpu_poke */
inline hand_over()
{
#ifdef FAULT_HAND_OVER_MASKS
	d_step { was = mask; mask = 1 };
	if
	:: was /* whoever has masked it lets Xen unmask it */
	:: else -> xen_unmask()
	fi
#else
	to = home;
	d_step { was = selector[to]; selector[to] = 1 };
	if
	:: was /* Xen has been there, or another scan */
	:: else ->
#ifndef FAULT_NO_POKE
		poked[to] = 1
#else
		skip
#endif
	fi
#endif
}

/* evtchn_2l_scan and evtchn_2l_scan_word on one vCPU: pending, the mask, the set, each a load */
inline scan()
{
	settled[me] = !under_way;
	upcall[me] = 0;
	d_step { word = selector[me]; selector[me] = 0 };
	if
	:: word ->
		word = pending;
		word = word & !mask;
		mine = bound[me];
		if
		:: word && mine -> serve()
#ifndef FAULT_NO_HAND_OVER
		:: word && !mine && moved -> hand_over()
#endif
		:: else
		fi
	:: else
	fi;
	settled[me] = 0
}

proctype vcpu(bit me)
{
	bit was, to, word, mine, had;

end:	do
	:: upcall[me] -> scan()
	:: poked[me] -> /* abi_2l_poked */
		poked[me] = 0;
		if
		:: selector[me] && !upcall[me] -> scan()
		:: else
		fi
	od
}

proctype mover()
{
	bit was, to;

	move(0, 1);
#if defined(AGAIN)
	again()
#elif !defined(DRIVER)
	move(1, 0)
#endif
}

#ifdef DRIVER
proctype masker()
{
	bit was, to;

	irq_mask(driver);
	assert(mask);
	irq_unmask(driver)
}
#endif

init {
	atomic {
		bound[0] = 1; /* before anybody starts, or it would undo a move */
		run xen(); run mover(); run vcpu(0); run vcpu(1);
#ifdef DRIVER
		run masker()
#endif
	}
	timeout; /* everything has come to rest */
	assert(moves == MOVES && !mask);
	assert(saw == SENDS)
}

/* SPDX-License-Identifier: MIT */
/* A 2-level port moves between two vCPUs while events are in flight; each vCPU scans only the
 * ports in its own set. Xen sends on another CPU, a third vCPU makes the moves, and with DRIVER a
 * fourth masks and unmasks the port.
 *
 * No event is lost: when everything has come to rest, the handler has run after the last send.
 * None is doubled: nothing runs more often than it was sent. What a driver has masked stays masked
 * until it unmasks.
 *
 * Two vCPUs may have looked at the port, one before a move and one after it: so the scan takes a
 * pending bit that it finds clear as the sign that the event has been served.
 *
 * Xen looks the vCPU up before it sets pending, and bind_vcpu does not wait for it. When a whole
 * move fits in between, it is the old vCPU that is told of the event, and the old vCPU does not
 * serve the port any more. So a scan that meets a port which has been moved, pending and unmasked
 * and not its own, hands it over: it does to the port's vCPU what Xen would have done, and sets
 * the bit in the selector. In place of the upcall it sends a poke, and whoever is poked scans.
 *
 * FAULT_WRONG_SET      the port goes into no other vCPU's set, only Xen knows of the move
 * FAULT_NOT_MASKED     nobody masks it, so that the hypercall at the end has nothing to do
 * FAULT_BLIND_CLEAR    the scan does not ask whether it has cleared anything
 * FAULT_CLEAR_AFTER    pending is cleared after the handler
 * FAULT_NO_HAND_OVER   the old vCPU leaves the port alone
 * FAULT_NO_POKE        the bit is set in the selector, and nobody says so
 * FAULT_HAND_OVER_MASKS  it is handed over by masking it and letting Xen unmask it
 * FAULT_MOVE_UNMASKS   the end of a move does not ask whether a driver has masked the port */

#define SENDS 2
#ifdef DRIVER
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
#ifndef FAULT_NOT_MASKED
	irq_mask(moving);
#endif
	notified = new; /* evtchn_bind_vcpu */
#ifndef FAULT_WRONG_SET
	home = new;
	bound[new] = 1;
	moved = 1;
	bound[old] = 0;
#endif
	irq_unmask(moving);
	moves++
}

/* evtchn_2l_scan_word with the port; evtchn_serve */
inline serve()
{
#ifdef FAULT_CLEAR_AFTER
	d_step { runs++; assert(runs <= sent); saw = sent };
	pending = 0
#else
	d_step { had = pending; pending = 0 };
	if
#ifndef FAULT_BLIND_CLEAR
	:: !had
#endif
	:: else -> d_step { runs++; assert(runs <= sent); saw = sent }
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
	fi
}

proctype vcpu(bit me)
{
	bit was, to, word, mine, had;

end:	do
	:: upcall[me] -> scan()
	:: poked[me] -> /* evtchn_poked */
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
#ifndef DRIVER
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

/* SPDX-License-Identifier: MIT */
/* What the toolstack asks of the domain through the store: control/shutdown (a word) and
 * control/sysrq (a letter), docs/misc/xenstore-paths.pandoc. A request is taken by writing ""
 * in its place; then it is done. */
#ifndef DRIVERS_XEN_CONTROL_H
#define DRIVERS_XEN_CONTROL_H

/* Announces what is understood (control/feature-*), where the toolstack has made a node for it,
 * and begins to listen: says so in a line. Needs interrupts, and xenstore_init(); without a
 * store it does nothing. xl asks only a domain whose HVM_PARAM_CALLBACK_IRQ is not 0. 0 or
 * -errno. */
int control_init(void);
/* In the store: what may be asked; anew after a suspend. */
void control_announce(void);

#endif

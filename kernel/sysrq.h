/* SPDX-License-Identifier: MIT */
/* System requests: somebody outside asks by one letter, with the meaning that Linux gives it
 * (Documentation/admin-guide/sysrq.rst). */
#ifndef KERNEL_SYSRQ_H
#define KERNEL_SYSRQ_H

/* Does it; what has no meaning here is answered with the list. Mainline, interrupts enabled. */
void sysrq_run(char key);

#endif

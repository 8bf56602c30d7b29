/* SPDX-License-Identifier: MIT */
/* Between resume.c, which goes through a suspend, and the channels that it takes along. */
#ifndef SELFTEST_RESUME_H
#define SELFTEST_RESUME_H

void resume_loopbacks_open(void);
/* Before it: events wait, on a masked irq and on a masked port. */
void resume_loopbacks_hold(void);
/* After it: these come in, once, and all go on. */
void resume_loopbacks_check(void);
/* With the FIFO ABI the urgent one is served first. Behind the check. */
void resume_priority_check(void);
void resume_loopbacks_close(void);

#endif

/* SPDX-License-Identifier: MIT */
#ifndef BOOT_PROVOKE_H
#define BOOT_PROVOKE_H

/* What a person or a test asked Daisy to do wrong, on the command line. */
void provoke(void);

#endif

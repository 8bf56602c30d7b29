/* SPDX-License-Identifier: MIT */
#ifndef SELFTEST_XENSTORE_H
#define SELFTEST_XENSTORE_H

#include "drivers/xen/xen.h"
#include "drivers/xen/xenstore.h"
#include "kernel/selftest.h"

/* For tests that need somebody in dom0 to do his part. */
#define NO_DOM0 "nobody in dom0 plays along"

#endif

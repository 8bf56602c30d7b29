/* SPDX-License-Identifier: MIT */
/* Error numbers. A function returns 0 (or a value >= 0), or a negative errno. They carry Xen's
 * values (public/errno.h), so a hypercall's result is passed on as it is. */
#ifndef LIB_ERRNO_H
#define LIB_ERRNO_H

#ifdef DAISY_HOST /* host unit tests: the C library's own, which are the same numbers */
#include <errno.h>
#else
enum errno_value {
#define XEN_ERRNO(name, value) name = value,
#include <xen/errno.h>
};
#endif

#endif

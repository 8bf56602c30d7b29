/* SPDX-License-Identifier: MIT */
/* Xen itself: is it there, which one is it, and the pages that it shares with the domain. */
#ifndef DRIVERS_XEN_XEN_H
#define DRIVERS_XEN_XEN_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/sched.h>

/* Looks for Xen in CPUID (public/arch-x86/cpuid.h; behind another interface, such as
 * viridian's, too) and has Xen fill the hypercall page. Needs nothing of the kernel. 0;
 * -ENODEV: no Xen. */
int xen_detect(void);
bool xen_present(void);
/* CPUID's signature of what is there instead, e.g. "KVMKVMKVM"; "none" on bare metal. */
const char *xen_other_hypervisor(void);
uint32_t xen_cpuid_base(void); /* 0x40000000, or higher behind another interface */

/* A nonzero CALLBACK_IRQ that raises nothing: a gsi that no board has. The toolstack takes 0
 * for "no PV drivers", which matters to shutdown and suspend. */
#define XEN_CALLBACK_NOTHING 255u

/* Overlays shared_info and registers the boot CPU's vcpu_info. Needs the page allocator. Prints
 * what it found. 0; -ENODEV; Xen's errno. */
int xen_init(void);
/* Gives the calling CPU its vcpu_info, Daisy's CPU number cpu: registered in memory of Daisy's,
 * or, where Xen refuses, the one in shared_info (vCPUs below 32). 0 or -errno. */
int xen_init_cpu(unsigned cpu);
/* All of it again, for every CPU: after a suspend, in a domain that has none of it. All CPUs
 * are quiet; this one is the boot CPU. */
void xen_resume(void);

extern struct shared_info *xen_shared_info; /* NULL before xen_init(), then xen_shared_info_page */
extern char xen_shared_info_page[];
/* Of Daisy's CPU number; NULL before xen_init_cpu() ran there. */
struct vcpu_info *xen_vcpu_info(unsigned cpu);
/* Xen's number of Daisy's CPU. */
uint32_t xen_vcpu_id(unsigned cpu);
bool xen_vcpu_info_registered(unsigned cpu); /* or is it the one in shared_info? */

#define XEN_DOMID_UNKNOWN UINT32_MAX
uint32_t xen_domid(void); /* from CPUID leaf 4; XEN_DOMID_UNKNOWN where Xen does not tell */
void xen_set_domid(uint32_t domid);     /* for xenstore, where CPUID does not tell */
const char *xen_version_string(void);   /* "4.17.4-pre" */
unsigned xen_version_number(void);      /* major << 16 | minor */
bool xen_has_feature(unsigned feature); /* XENFEAT_*, public/features.h */
uint32_t xen_features(void);            /* all of them, a bit each */
/* CPUID leaf 4, EAX: XEN_HVM_CPUID_* flags. */
uint32_t xen_hvm_flags(void);

/* Xen's system time and wall clock, for kernel/time.h. The wall clock is UTC plus the domain's time
 * offset (rtc_timeoffset= and localtime= in xl.cfg; an hvm domain that sets its RTC moves it as
 * well: xen/arch/x86/hvm/rtc.c), and nothing tells the domain that. */
extern const struct time_source xen_time_source;
/* Xen's system time in ns, the clock of SCHEDOP_poll's timeouts and VCPUOP's timers, another one
 * on another host; 0: not known (yet, or while suspended). */
uint64_t xen_system_time(void);
/* The same as Xen noted it last for this CPU, no more than about a second ago: no look at the TSC, which
 * may be an exit. */
uint64_t xen_system_time_noted(void);

/* The ways in which a CPU waits for another one: kernel/cpu.h. */
void xen_sched_init(void);
/* Ends the domain: SHUTDOWN_* of public/sched.h. First gives the console's reader a moment to
 * take what is still in the ring. */
_Noreturn void xen_shutdown(unsigned reason);

#endif

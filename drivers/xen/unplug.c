/* SPDX-License-Identifier: MIT */
#include "drivers/xen/unplug.h"

#include "arch/x86/cpu.h"
#include "kernel/printk.h"
#include "lib/errno.h"

/* The device model's side lies on ports that no PC uses. */
#define PORT_MAGIC    0x10 /* in: 16 bit; out: 16 bit to unplug, or a 32 bit build number */
#define PORT_VERSION  0x12 /* in: 8 bit; out: 16 bit product */
#define MAGIC         0x49d2
#define MAGIC_BLOCKED 0xd249

#define UNPLUG_MASK_DISKS 1u /* IDE and SCSI, but not CD-ROMs */
#define UNPLUG_MASK_NICS  2u
#define UNPLUG_MASK_NVME  8u

/* The number for drivers that are not released, from public/hvm/pvdrivers.h: Daisy has no
 * number of its own in that register. */
#define PRODUCT_EXPERIMENTAL 0xffff
#define BUILD                1

static const struct {
	const char *name;
	uint16_t mask;
} choices[] = {
	[UNPLUG_NONE] = {"nothing", 0},
	[UNPLUG_IDE] = {"disks", UNPLUG_MASK_DISKS},
	[UNPLUG_NICS] = {"NICs", UNPLUG_MASK_NICS},
	[UNPLUG_ALL] = {"disks, NICs and NVMe",
			UNPLUG_MASK_DISKS | UNPLUG_MASK_NICS | UNPLUG_MASK_NVME},
};

/* Version 1 wants to know who asks, and may refuse. */
static int unplug_introduce(void)
{
	outw(PORT_VERSION, PRODUCT_EXPERIMENTAL);
	outl(PORT_MAGIC, BUILD);
	return inw(PORT_MAGIC) == MAGIC_BLOCKED ? -EPERM : 0;
}

static uint16_t unplugged; /* 0: nothing */

static int unplug_now(uint16_t mask)
{
	int err = inb(PORT_VERSION) ? unplug_introduce() : 0;

	if (!err)
		outw(PORT_MAGIC, mask);
	return err;
}

/* The device model that a resumed domain has is a new one. */
void unplug_resume(void)
{
	if (unplugged && inw(PORT_MAGIC) == MAGIC)
		unplug_now(unplugged);
}

int unplug_init(enum unplug_choice choice)
{
	uint8_t version;
	int err = 0;

	if (inw(PORT_MAGIC) != MAGIC) {
		if (choice != UNPLUG_NONE)
			printk_warn("unplug: no device model that could unplug %s\n",
				    choices[choice].name);
		return -ENODEV;
	}
	version = inb(PORT_VERSION);
	if (choice != UNPLUG_NONE)
		err = unplug_now(choices[choice].mask);
	if (!err)
		unplugged = choices[choice].mask;
	if (err)
		printk_warn("unplug: protocol %u, the device model refuses this product\n",
			    version);
	else
		printk("unplug: protocol %u, %s unplugged\n", version, choices[choice].name);
	return err;
}

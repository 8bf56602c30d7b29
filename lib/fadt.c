/* SPDX-License-Identifier: MIT */
/* The FADT (ACPI 6.5, 5.2.9): where the fixed hardware's registers are. */
#include "lib/acpi_tables.h"
#include "lib/errno.h"
#include "lib/string.h"

struct fadt_address {
	uint8_t space, bits, bit_offset, access;
	uint64_t address;
} __attribute__((packed));

struct fadt {
	uint8_t sdt[36];
	uint32_t facs, dsdt;
	uint8_t reserved, profile;
	uint16_t sci;
	uint32_t smi_command;
	uint8_t acpi_enable, acpi_disable, s4_request, pstate_control;
	uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control;
	uint32_t pm2_control, pm_timer, gpe0, gpe1;
	uint8_t pm1_event_length, pm1_control_length;
	uint8_t unused[22];
	uint32_t flags; /* the last that every revision has */
	struct fadt_address reset;
	uint8_t reset_value, unused_too[3];
	uint64_t x_facs, x_dsdt;
	struct fadt_address x_pm1a_event, x_pm1b_event, x_pm1a_control;
} __attribute__((packed));

_Static_assert(offsetof(struct fadt, sci) == 46, "ACPI 6.5, table 5.9");
_Static_assert(offsetof(struct fadt, pm1a_event) == 56, "ACPI 6.5, table 5.9");
_Static_assert(offsetof(struct fadt, pm1_event_length) == 88, "ACPI 6.5, table 5.9");
_Static_assert(offsetof(struct fadt, flags) == 112, "ACPI 6.5, table 5.9");
_Static_assert(offsetof(struct fadt, x_pm1a_event) == 148, "ACPI 6.5, table 5.9");
_Static_assert(offsetof(struct fadt, x_pm1a_control) == 172, "ACPI 6.5, table 5.9");

#define FADT_LENGTH_V1    116
#define FADT_NO_POWER     (1u << 4) /* the button is a control method's, not fixed */
#define FADT_NO_SLEEP     (1u << 5)
#define FADT_NO_HARDWARE  (1u << 20) /* hardware-reduced: no fixed registers at all */
#define SPACE_IO          1
#define PM1_EVENT_LENGTH  4 /* at least: status and enable */
#define PM1_EVENT_LONGEST 32

/* The port of a register block, or 0: there is none, or not at a port. The older field goes
 * first; the newer one may name a place that is no port. */
static uint32_t fadt_port(uint32_t old, const struct fadt_address *x)
{
	if (old || x->space != SPACE_IO || x->address > UINT16_MAX)
		return old;
	return x->address;
}

static bool block_fits(uint32_t port, uint32_t length)
{
	return port <= UINT16_MAX && length <= UINT16_MAX + 1u - port;
}

int acpi_parse_fadt(const void *table, size_t available, struct acpi_fixed *out)
{
	long length = acpi_check_table(table, available, "FACP");
	struct fadt f = {0}; /* what an older table does not have is 0 */
	uint32_t event, control;

	if (length < FADT_LENGTH_V1)
		return length < 0 ? (int)length : -EMSGSIZE;
	memcpy(&f, table, (size_t)length < sizeof(f) ? (size_t)length : sizeof(f));
	event = fadt_port(f.pm1a_event, &f.x_pm1a_event);
	control = fadt_port(f.pm1a_control, &f.x_pm1a_control);
	if (f.flags & FADT_NO_HARDWARE || !f.sci || !event || !control)
		return -ENODEV;
	if (f.pm1_event_length < PM1_EVENT_LENGTH || f.pm1_event_length > PM1_EVENT_LONGEST ||
	    f.pm1_event_length % 4 || !block_fits(event, f.pm1_event_length) ||
	    !block_fits(control, 2) || f.smi_command > UINT16_MAX)
		return -EINVAL;
	*out = (struct acpi_fixed){
		.sci = f.sci,
		.status = event,
		.enable = event + f.pm1_event_length / 2,
		.control = control,
		.smi_command = f.acpi_enable ? f.smi_command : 0,
		.acpi_enable = f.acpi_enable,
		.power_button = !(f.flags & FADT_NO_POWER),
		.sleep_button = !(f.flags & FADT_NO_SLEEP),
	};
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "drivers/acpi/power_button.h"

#include "arch/x86/cpu.h"
#include "drivers/acpi/acpi.h"
#include "drivers/irqchip/irqchip.h"
#include "kernel/irq.h"
#include "kernel/machine.h"
#include "kernel/printk.h"
#include "kernel/time.h"
#include "kernel/work.h"
#include "lib/errno.h"

#define PM1_POWER_BUTTON (1u << 8)
#define PM1_SLEEP_BUTTON (1u << 9)
#define PM1_SCI_ENABLED  1u /* of the control register */

static void button_work_run(struct work *work);

static struct acpi_fixed fixed;
static uint16_t buttons; /* those that are listened to */
static uint16_t pressed; /* and not been answered */
static struct work button_work = {.fn = button_work_run};

static void button_work_run(struct work *work)
{
	uint16_t now = __atomic_exchange_n(&pressed, 0, __ATOMIC_ACQUIRE);

	if (now & PM1_SLEEP_BUTTON)
		printk("acpi: the sleep button was pressed: this machine does not sleep\n");
	if (!(now & PM1_POWER_BUTTON))
		return;
	printk("acpi: the power button was pressed\n");
	machine_end_orderly(MACHINE_POWEROFF);
}

/* The line is up while a bit is set in status and enable; a bit is cleared by writing it. */
static enum irq_result sci_handler(struct irq *irq, void *ctx)
{
	uint16_t now = inw(fixed.status) & buttons;

	if (!now)
		return IRQ_NONE;
	outw(fixed.status, now);
	__atomic_or_fetch(&pressed, now, __ATOMIC_RELEASE);
	work_queue(&button_work);
	return IRQ_HANDLED;
}

/* --- bringing it up --- */

static bool acpi_is_on(void *ctx)
{
	return inw(fixed.control) & PM1_SCI_ENABLED;
}

/* Until then the firmware has the events (ACPI 6.5, 4.8.2.5). */
static int acpi_turn_on(void)
{
	if (!acpi_is_on(NULL) && fixed.smi_command)
		outb(fixed.smi_command, fixed.acpi_enable);
	return time_wait(acpi_is_on, NULL, NS_PER_SEC) ? 0 : -ETIMEDOUT;
}

/* Level, active low, where no override says otherwise (ACPI 6.5, 5.2.9, SCI_INT). */
static int sci_request(void)
{
	unsigned irq = fixed.sci;
	int err = 0;

	if (irq < BOARD_NR_ISA_IRQS && !board_get()->isa[irq].overridden)
		err = irqchip_set_trigger(irq, TRIGGER_LEVEL, POLARITY_LOW);
	return err ? err : irq_request(irq, sci_handler, &fixed, IRQ_SHARED, "acpi");
}

static int buttons_listen(void)
{
	int err = acpi_turn_on();

	if (err)
		return err;
	outw(fixed.enable, 0);
	outw(fixed.status, buttons);
	err = sci_request();
	if (!err)
		outw(fixed.enable, buttons);
	return err;
}

int power_button_init(void)
{
	int err = acpi_read_fixed(&fixed);

	if (!err) {
		buttons = (fixed.power_button ? PM1_POWER_BUTTON : 0) |
			  (fixed.sleep_button ? PM1_SLEEP_BUTTON : 0);
		err = buttons ? buttons_listen() : -ENODEV;
	}
	if (!err)
		printk("acpi: power button on irq %u\n", fixed.sci);
	else if (err != -ENODEV && err != -ENOENT)
		printk_warn("acpi: the power button cannot be used (error %d)\n", err);
	return err;
}

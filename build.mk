# SPDX-License-Identifier: MIT
# How the kernel is compiled and linked.
#? make                 build the kernel, $(BUILD)/daisy.elf
#? make clean           remove what was built
#? make sizes           what the image consists of, by directory and section
#? make check           the checks that need no guest: host tests, include layers, image size
#? Variables: FAULT=name (a faulty image, for tests of the tests: lib/fault.h; wants a BUILD=),
#?   V=1 (show the commands), BUILD=dir, CC=clang, CROSS_COMPILE=x86_64-linux-gnu-,
#?   XEN_HEADERS=dir (the directory that holds xen/xen.h; Debian's libxen-dev by default)

# Loaded bytes of text, rodata and data at the most; the symbol table for backtraces comes on top.
# (clang's code is a little larger than gcc's, by which the limit is set.)
SIZE_LIMIT := $(if $(findstring clang,$(CC)),288400,273300)

KERNEL := $(BUILD)/daisy.elf
DIRS   := boot arch/x86 kernel drivers/irqchip drivers/acpi drivers/pci drivers/serial \
          drivers/timer drivers/xen drivers/xen/blk drivers/xen/net lib selftest storm
# Sorted, so that the order of the objects, and with it every address, is the same everywhere.
SRCS   := $(filter-out boot/linux16.S,$(sort $(wildcard $(DIRS:%=%/*.c) $(DIRS:%=%/*.S))))
OBJS   := $(SRCS:%=$(BUILD)/%.o)

cc-option = $(shell $(CC) -Werror -mgeneral-regs-only $(1) -S -x c /dev/null -o /dev/null 2>&1 || echo no)
CC_SMALL  := $(if $(call cc-option,-Oz),-Os,-Oz)
CC_STACK  := $(if $(call cc-option,-mpreferred-stack-boundary=3),,-mpreferred-stack-boundary=3)
# Two registers more that a call leaves as they are, so that an interrupt does not save them.
CC_SAVED  := -fcall-saved-r10 -fcall-saved-r11
CC_SAVED  := $(if $(call cc-option,$(CC_SAVED)),,$(CC_SAVED) -DCALLS_SAVE_R10_R11)
# Data aligned as the ABI wants it, not the caches; and no table of 8-byte addresses for a switch.
CC_TABLES := -fno-jump-tables $(if $(call cc-option,-malign-data=abi),,-malign-data=abi)
CC_ORDER  := $(if $(call cc-option,-fno-toplevel-reorder),,-fno-toplevel-reorder)

# The kernel sees the compiler's freestanding headers and Xen's public ones, and nothing else of
# the machine: $(BUILD)/include/xen is a link to the latter.
GCC_INCLUDE := $(shell $(CC) -print-file-name=include 2>/dev/null)
CPPFLAGS := -nostdinc -isystem $(GCC_INCLUDE) -isystem $(BUILD)/include -I. \
            -D__XEN_INTERFACE_VERSION__=0x00040d00
CFLAGS   := -std=gnu11 -m64 -march=x86-64 -mgeneral-regs-only -mno-red-zone -mcmodel=small \
            -ffreestanding -fno-pic -fno-pie -fno-stack-protector -fno-omit-frame-pointer \
            -fno-asynchronous-unwind-tables -fno-strict-aliasing -fcf-protection=none \
            -fno-common -ffunction-sections -fdata-sections $(CC_SMALL) $(CC_STACK) $(CC_SAVED) \
            $(CC_TABLES) -g -ffile-prefix-map=$(CURDIR)=. \
            -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter

# A fault on purpose, for the tests of the tests: lib/fault.h. Never in the usual directory.
FAULT    ?=
FAULTS   := lost_mask clear_late stale_port wrong_set missed_linked stuck
ifneq ($(FAULT),)
ifeq ($(filter $(FAULT),$(FAULTS)),)
$(error FAULT=$(FAULT): expected one of $(FAULTS))
endif
ifeq ($(BUILD),build)
$(error FAULT=$(FAULT) wants a build directory of its own, e.g. BUILD=build-fault-$(FAULT))
endif
endif
# Only these files are compiled anew for a fault, in a copy of a build that has none: they include
# lib/fault.h, or a header that does.
FAULT_HDRS  := lib/fault.h $(shell grep -l '"lib/fault.h"' $(wildcard $(DIRS:%=%/*.h)))
FAULT_SRCS  := $(shell grep -lF $(FAULT_HDRS:%=-e '"%"') $(SRCS))
FAULT_FLAGS := $(FAULT:%=-DDAISY_FAULT=FAULT_%) $(FAULT:%=-DDAISY_FAULT_NAME=%)
$(FAULT_SRCS:%=$(BUILD)/%.o): private CPPFLAGS += $(FAULT_FLAGS)
LDFLAGS  := -m elf_x86_64 -nostdlib -static --build-id=none -z noexecstack -z max-page-size=4096 \
            --gc-sections --no-warn-rwx-segments --orphan-handling=error

# The delivery path is compiled for few instructions, all the rest for few bytes. It has no frames
# of its own, and leaves %rbp to who has one: a backtrace passes over it.
CC_HOT   := -O2 $(if $(call cc-option,-ffixed-rbp),,-fomit-frame-pointer -ffixed-rbp \
            -fno-align-functions -fno-align-loops -fno-align-jumps)
HOT_SRCS := kernel/irq.c kernel/irq_mask.c lib/evtchn_2l.c lib/evtchn_fifo.c drivers/xen/evtchn_irq.c drivers/xen/evtchn_serve.c \
            drivers/xen/evtchn_abi.c drivers/xen/evtchn_abi_fifo.c drivers/xen/upcall.c
$(HOT_SRCS:%=$(BUILD)/%.o): private CFLAGS += $(CC_HOT)

# gcc would emit the tests of a file last one first.
$(BUILD)/selftest/%.c.o: private CFLAGS += $(CC_ORDER)

# A change of compiler or flags rebuilds everything, one of the fault what has it.
FLAGS_STAMP := $(BUILD)/flags.stamp
FAULT_STAMP := $(BUILD)/fault.stamp
$(FLAGS_STAMP): SAYS = $(subst $(BUILD)/,,$(CC) $(CPPFLAGS) $(CFLAGS) $(CC_HOT) $(LDFLAGS) $(XEN_HEADERS))
$(FAULT_STAMP): SAYS = FAULT=$(FAULT)
$(FLAGS_STAMP) $(FAULT_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(SAYS)' | cmp -s - $@ || echo '$(SAYS)' > $@
$(FAULT_SRCS:%=$(BUILD)/%.o): $(FAULT_STAMP)

$(BUILD)/include/xen: $(FLAGS_STAMP)
	@test -f $(XEN_HEADERS)/xen/xen.h || { echo "No Xen headers in $(XEN_HEADERS)/xen:" \
	  "install libxen-dev or set XEN_HEADERS=" >&2; exit 1; }
	@mkdir -p $(@D) && ln -sfn $(abspath $(XEN_HEADERS))/xen $@

$(BUILD)/%.c.o: %.c $(FLAGS_STAMP) | $(BUILD)/include/xen
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/%.S.o: %.S $(FLAGS_STAMP) | $(BUILD)/include/xen
	$(call say,AS,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) -D__ASSEMBLY__ $(filter-out -std=% -W%,$(CFLAGS)) -Werror -MMD -MP -c $< -o $@

-include $(OBJS:.o=.d)

# Linked twice: the first pass has no symbol table, its symbols become the second one's. The
# table lies behind the code, so no code moves.
$(BUILD)/daisy.full: $(OBJS) boot/linker.ld boot/symbols.sh
	$(call say,LD,$@)
	$(Q)sh boot/symbols.sh /dev/null > $(BUILD)/symbols.S
	$(Q)$(CC) -m64 -c $(BUILD)/symbols.S -o $(BUILD)/symbols0.o
	$(Q)$(LD_TOOL) $(LDFLAGS) -T boot/linker.ld $(OBJS) $(BUILD)/symbols0.o -o $(BUILD)/daisy.pass1
	$(Q)$(NM) -n $(BUILD)/daisy.pass1 > $(BUILD)/daisy.nm
	$(Q)sh boot/symbols.sh $(BUILD)/daisy.nm > $(BUILD)/symbols.S
	$(Q)$(CC) -m64 -c $(BUILD)/symbols.S -o $(BUILD)/symbols.o
	$(Q)$(LD_TOOL) $(LDFLAGS) -T boot/linker.ld $(OBJS) $(BUILD)/symbols.o -o $@ \
	  -Map=$(BUILD)/daisy.map

# The Linux boot protocol's real-mode part is laid into the hole between the ELF headers and the
# first segment (boot/linux16.S says why).
$(BUILD)/linux16.bin: $(BUILD)/daisy.full boot/linux16.S boot/protocols.h
	$(call say,LINUX16,$@)
	$(Q)$(CC) -nostdinc -I. -D__ASSEMBLY__ -m32 -c boot/linux16.S -o $(BUILD)/linux16.o
	$(Q)$(LD_TOOL) -m elf_i386 -Ttext=0 -e 0 --section-start=.setup=0 --oformat binary \
	  --defsym LINUX_ENTRY=0x$$($(NM) $< | awk '$$3 == "linux_entry" { print $$1 }') \
	  $(BUILD)/linux16.o -o $@

# skip/seek: the part's first 0x1f1 bytes are where the ELF headers lie.
$(KERNEL): $(BUILD)/daisy.full $(BUILD)/linux16.bin boot/check-image.sh
	$(call say,IMAGE,$@)
	$(Q)$(OBJCOPY) --strip-all $(BUILD)/daisy.full $@.tmp
	$(Q)dd if=$(BUILD)/linux16.bin of=$@.tmp bs=1 skip=497 seek=497 conv=notrunc status=none
	$(Q)READELF='$(CROSS_COMPILE)readelf' FAULT='$(FAULT)' sh boot/check-image.sh $@.tmp
	$(Q)mv $@.tmp $@

check-size: $(KERNEL)
	@READELF='$(CROSS_COMPILE)readelf' FAULT='$(FAULT)' \
	  sh boot/check-image.sh $(KERNEL) $(SIZE_LIMIT)

sizes: $(BUILD)/daisy.full
	@sh boot/sizes.sh $(BUILD)/daisy.map $(BUILD)

# lib <- arch <- kernel <- drivers; boot/, selftest/ and kernel/main.c see all.
check-layers:
	@sh boot/check-layers.sh

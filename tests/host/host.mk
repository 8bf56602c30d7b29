# SPDX-License-Identifier: MIT
# The host tests: lib/ compiled for the machine that builds, under the address and the undefined
# behaviour sanitizer, one cmocka program for each module.
#? make check-host      build and run the host tests (needs libcmocka-dev); -j works
#? Variables: HOSTCC=clang, HOST_TIMEOUT=seconds for one program

BUILD        ?= build
HOSTCC       ?= gcc
XEN_HEADERS  ?= /usr/include
HOST_TIMEOUT ?= 60
Q            ?= @

HOST_BUILD  := $(BUILD)/host
HOST_CFLAGS := -std=gnu11 -fsanitize=address,undefined -fno-sanitize-recover=all -g -O1 \
               -Wall -Wextra -Werror -DDAISY_HOST -D__XEN_INTERFACE_VERSION__=0x00040d00 \
               -I. -I$(XEN_HEADERS)
HOST_LIBS   := -lcmocka

HOST_LIB_OBJS  := $(patsubst %.c,$(HOST_BUILD)/%.o,$(sort $(wildcard lib/*.c)) boot/boot_info.c)
HOST_TESTS     := $(patsubst tests/host/%.c,%,$(sort $(wildcard tests/host/test_*.c)))
HOST_HELPERS   := $(filter-out $(HOST_TESTS:%=tests/host/%.c),$(wildcard tests/host/*.c))
HOST_HELP_OBJS := $(HOST_HELPERS:%.c=$(HOST_BUILD)/%.o)
HOST_RESULTS   := $(HOST_TESTS:%=$(HOST_BUILD)/%.result) $(HOST_BUILD)/no_calls.result

.PHONY: check-host FORCE

# Each result is one line that begins with pass or FAIL, so all programs run before the verdict.
check-host: $(HOST_RESULTS)
	@cat $(HOST_RESULTS)
	@! grep -hqv '^pass ' $(HOST_RESULTS)

# A change of compiler or flags rebuilds everything.
HOST_STAMP := $(HOST_BUILD)/flags.stamp
$(HOST_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(HOSTCC) $(HOST_CFLAGS)' | cmp -s - $@ || echo '$(HOSTCC) $(HOST_CFLAGS)' > $@

$(HOST_BUILD)/%.o: %.c $(HOST_STAMP)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(HOST_CFLAGS) -MMD -MP -c $< -o $@

$(HOST_BUILD)/libdaisy.a: $(HOST_LIB_OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^

# An archive too: a program takes what it uses.
$(HOST_BUILD)/libhelp.a: $(HOST_HELP_OBJS)
	$(Q)rm -f $@ && ar rcs $@ $^

$(HOST_BUILD)/test_%: $(HOST_BUILD)/tests/host/test_%.o $(HOST_BUILD)/libhelp.a \
                      $(HOST_BUILD)/libdaisy.a
	$(Q)$(HOSTCC) $(HOST_CFLAGS) $^ $(HOST_LIBS) -o $@

# The count comes from the program itself: one that ran nothing has not passed.
$(HOST_BUILD)/test_%.result: $(HOST_BUILD)/test_% FORCE
	@timeout $(HOST_TIMEOUT) $< > $<.log 2>&1; rc=$$?; \
	n=$$(sed -n 's/^\[  PASSED  \] \([0-9][0-9]*\) test(s)\.$$/\1/p' $<.log); \
	if [ $$rc -eq 0 ] && [ "$${n:-0}" -gt 0 ]; then \
	  printf 'pass %-22s %3d tests\n' '$(<F)' "$$n" > $@; \
	else \
	  cat $<.log; printf 'FAIL %-22s exit status %s\n' '$(<F)' "$$rc" > $@; \
	fi

# memcpy must not have been compiled into a call of memcpy (lib/string.c says why it could be).
# Under its host names, because newer compilers spare a function of the very name. -ffreestanding
# would hide what the pragma is there for, but clang has nothing else.
HOST_LOOPS := $(if $(findstring clang,$(HOSTCC)),-ffreestanding)
$(HOST_BUILD)/no_calls.result: lib/string.c lib/string.h tests/host/host.mk $(HOST_STAMP)
	@$(HOSTCC) -std=gnu11 $(HOST_LOOPS) -O2 -fno-pie -DDAISY_HOST -I. -c lib/string.c \
	  -o $(HOST_BUILD)/string_kernel.o
	@if readelf -rW $(HOST_BUILD)/string_kernel.o | grep -qE ' (mem|str)[a-z]+ -'; then \
	  printf 'FAIL %-22s a loop has become a call\n' lib/string.c > $@; \
	else \
	  printf 'pass %-22s no loop has become a call\n' lib/string.c > $@; \
	fi

#? make steps           how many instructions a scan takes, counted in the kernel's own objects
STEPS_OBJS := $(BUILD)/lib/evtchn_2l.c.o $(BUILD)/lib/evtchn_fifo.c.o
.PHONY: steps
steps: tests/host/steps.c $(STEPS_OBJS)
	@mkdir -p $(HOST_BUILD)
	@$(HOSTCC) -std=gnu11 -O1 -Wall -Wextra -fno-pie -no-pie -I. -I$(XEN_HEADERS) $^ \
	  -o $(HOST_BUILD)/steps
	@$(HOST_BUILD)/steps

# Kept, so that a second run only runs.
HOST_TEST_OBJS := $(HOST_TESTS:%=$(HOST_BUILD)/tests/host/%.o)
.SECONDARY: $(HOST_TESTS:%=$(HOST_BUILD)/%) $(HOST_TEST_OBJS)

-include $(HOST_LIB_OBJS:.o=.d) $(HOST_HELP_OBJS:.o=.d) $(HOST_TEST_OBJS:.o=.d)

# SPDX-License-Identifier: MIT
# The event channel ABIs in threads under ThreadSanitizer (tests/host/tsan_evtchn.c and
# tsan_move.c say what is checked), and the proof that the check can fail.
#? make check-tsan      Xen and vCPUs as threads, under ThreadSanitizer
#? Variables: HOSTCC=clang, HOST_TIMEOUT=seconds for one program

BUILD        ?= build
HOSTCC       ?= gcc
XEN_HEADERS  ?= /usr/include
HOST_TIMEOUT ?= 60
Q            ?= @

TSAN_BUILD  := $(BUILD)/tsan
TSAN_SRCS   := tests/host/tsan_evtchn.c tests/host/tsan_abi.c tests/host/fake_fifo.c \
               lib/evtchn_2l.c lib/evtchn_fifo.c
# What is volatile is meant to be shared; tsan_evtchn.c tells the sanitizer so.
TSAN_MARK   := $(if $(findstring clang,$(HOSTCC)),-mllvm -tsan-distinguish-volatile=1,\
                 --param tsan-distinguish-volatile=1)
TSAN_CFLAGS := -std=gnu11 -fsanitize=thread $(TSAN_MARK) -g -O2 -Wall -Wextra -Werror \
               -DDAISY_HOST -I. -I$(XEN_HEADERS) -pthread

TSAN_FAULTS  := FAULT_CLEAR_AFTER FAULT_PLAIN_MASK
TSAN_BINS    := $(TSAN_BUILD)/evtchn $(TSAN_FAULTS:%=$(TSAN_BUILD)/evtchn-%)
TSAN_MOVES   := $(TSAN_BUILD)/move $(TSAN_BUILD)/move-FAULT_NO_HAND_OVER
TSAN_RESULTS := $(foreach abi,2l fifo,$(TSAN_BINS:%=%.$(abi).result)) $(TSAN_MOVES:%=%.result)

.PHONY: check-tsan FORCE

# One result after the other: each has threads which should meet on two CPUs.
check-tsan: $(TSAN_BINS) $(TSAN_MOVES)
	@for result in $(TSAN_RESULTS); do \
	  $(MAKE) --no-print-directory -f tests/host/tsan.mk BUILD='$(BUILD)' $$result; \
	done
	@cat $(TSAN_RESULTS)
	@! grep -hqv '^pass ' $(TSAN_RESULTS)

TSAN_STAMP := $(TSAN_BUILD)/flags.stamp
$(TSAN_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(HOSTCC) $(TSAN_CFLAGS)' | cmp -s - $@ || echo '$(HOSTCC) $(TSAN_CFLAGS)' > $@

TSAN_DEPS := $(TSAN_SRCS) lib/bits.h lib/evtchn_2l.h lib/evtchn_2l_scan.h lib/evtchn_fifo.h \
             lib/evtchn_fifo_scan.h tests/host/fake_fifo.h tests/host/tsan_abi.h $(TSAN_STAMP)

$(TSAN_BUILD)/evtchn: $(TSAN_DEPS)
	$(Q)$(HOSTCC) $(TSAN_CFLAGS) $(TSAN_SRCS) -o $@

$(TSAN_BUILD)/evtchn-%: $(TSAN_DEPS)
	$(Q)$(HOSTCC) $(TSAN_CFLAGS) -D$* $(TSAN_SRCS) -o $@

TSAN_MOVE_SRCS := tests/host/tsan_move.c lib/evtchn_2l.c
$(TSAN_BUILD)/move: $(TSAN_MOVE_SRCS) $(TSAN_DEPS)
	$(Q)$(HOSTCC) $(TSAN_CFLAGS) $(TSAN_MOVE_SRCS) -o $@

$(TSAN_BUILD)/move-%: $(TSAN_MOVE_SRCS) $(TSAN_DEPS)
	$(Q)$(HOSTCC) $(TSAN_CFLAGS) -D$* $(TSAN_MOVE_SRCS) -o $@

# Where the kernel spreads addresses further than the sanitizer can follow, it is asked not to.
tsan_run = \
	run() { TSAN_OPTIONS=halt_on_error=1 timeout $(HOST_TIMEOUT) "$$@" > $@.log 2>&1; }; \
	run $(1); rc=$$?; \
	if grep -q 'unexpected memory mapping' $@.log; then run setarch -R $(1); rc=$$?; fi

# The count comes from the program itself: one that sent nothing has not passed.
tsan_test = $(call tsan_run,$< $(1)); \
	n=$$(sed -n 's/^\([1-9][0-9]*\) sends, [1-9].*/\1/p' $@.log); \
	if [ $$rc -eq 0 ] && [ -n "$$n" ]; then \
	  printf 'pass %-22s %s sends, $(2) threads\n' 'tsan $(1)' "$$n" > $@; \
	else \
	  cat $@.log; printf 'FAIL %-22s exit status %s\n' 'tsan $(1)' "$$rc" > $@; \
	fi

# For the reason that was planted, and not because it did not run at all.
tsan_must_fail = $(call tsan_run,$< $(1)); \
	why=$$(sed -n -e 's/^lost: .*/an event is lost/p' \
	              -e 's/^SUMMARY:.* data race .*/a data race/p' $@.log | head -n 1); \
	if [ $$rc -ne 0 ] && [ -n "$$why" ]; then \
	  printf 'pass %-22s %s is found: %s\n' 'tsan $(1)' '$*' "$$why" > $@; \
	else \
	  cat $@.log; printf 'FAIL %-22s %s is not found\n' 'tsan $(1)' '$*' > $@; \
	fi

$(TSAN_BUILD)/evtchn.2l.result: $(TSAN_BUILD)/evtchn FORCE
	@$(call tsan_test,2l,two)
$(TSAN_BUILD)/evtchn.fifo.result: $(TSAN_BUILD)/evtchn FORCE
	@$(call tsan_test,fifo,two)
$(TSAN_BUILD)/evtchn-%.2l.result: $(TSAN_BUILD)/evtchn-% FORCE
	@$(call tsan_must_fail,2l)
$(TSAN_BUILD)/evtchn-%.fifo.result: $(TSAN_BUILD)/evtchn-% FORCE
	@$(call tsan_must_fail,fifo)
$(TSAN_BUILD)/move.result: $(TSAN_BUILD)/move FORCE
	@$(call tsan_test,move,four)
$(TSAN_BUILD)/move-%.result: $(TSAN_BUILD)/move-% FORCE
	@$(call tsan_must_fail,move)

.SECONDARY: $(TSAN_BINS) $(TSAN_MOVES)

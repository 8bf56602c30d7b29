# SPDX-License-Identifier: MIT
# Promela models of the event channel races, searched through by spin. Each is a file here whose
# head says what it holds; a name after a + is a -D of it.
#? make check-models    search the models of the event channel races (needs spin, and gcc)
#? Variables: MODEL_CC=clang, MODEL_TIMEOUT=seconds for one search

BUILD         ?= build
MODEL_CC      ?= gcc
MODEL_TIMEOUT ?= 120
Q             ?= @

MODEL_BUILD := $(BUILD)/models

# Searched to the end without an error.
MODELS_HOLD := fifo_queue fifo_queue+OTHER_VCPU+QUICK_SENDER \
               fifo_queue+OTHER_VCPU+EXTRA_RUNS+FEW mask_2l move_2l move_2l+DRIVER move_2l+AGAIN \
               move_fifo move_fifo+VECTOR reuse_2l reuse_2l+VECTOR \
               reuse_fifo reuse_fifo+ONE_THREAD reuse_fifo+ONE_THREAD+CLEAR_AFTER_CLOSE
# Each must lead to a violated assertion: faults, and what Daisy has to avoid or to bear. A fault in
# lower case is the one that `make FAULT=` builds into the kernel (lib/fault.h).
MODELS_FAIL := $(addprefix fifo_queue+,FAULT_CLEAR_AFTER FAULT_DISCARD_MASKED \
                 FAULT_MISSED_LINKED FAULT_PLAIN_UNMASK OTHER_VCPU+FEW \
                 OTHER_VCPU+QUICK_SENDER+FAULT_XEN_RELINKS+FEW \
                 OTHER_VCPU+QUICK_SENDER+IMPATIENT \
                 FAULT_lost_mask FAULT_clear_late FAULT_missed_linked) \
               $(addprefix mask_2l+,FAULT_CLEAR_AFTER FAULT_DISCARD_MASKED FAULT_LOOK_FIRST \
                 FAULT_LEFT_UNMASKED FAULT_PLAIN_MASK+FEW \
                 FAULT_lost_mask FAULT_clear_late) \
               $(addprefix move_2l+,FAULT_WRONG_SET FAULT_NOT_MASKED FAULT_BLIND_CLEAR \
                 FAULT_CLEAR_AFTER FAULT_NO_HAND_OVER FAULT_NO_POKE \
                 DRIVER+FAULT_HAND_OVER_MASKS DRIVER+FAULT_MOVE_UNMASKS \
                 AGAIN+FAULT_SETUP_FORGETS FAULT_wrong_set FAULT_clear_late) \
               $(addprefix move_fifo+,FAULT_MISSED_LINKED FAULT_CLEAR_AFTER FAULT_TOGETHER \
                 FAULT_PASS_FREE FAULT_PASS_LOST VECTOR+FAULT_SELF VECTOR+FAULT_ONE_BARRIER \
                 FAULT_clear_late FAULT_missed_linked) \
               $(addprefix reuse_2l+,FAULT_STALE_PORT FAULT_NO_BARRIER FAULT_DISCARD_MASKED \
                 FAULT_CLEAR_AFTER VECTOR+FAULT_FREE_IN_FLIGHT FAULT_CLOSING_LATE \
                 FAULT_lost_mask FAULT_clear_late FAULT_stale_port) \
               $(addprefix reuse_fifo+,FAULT_STALE_PORT FAULT_MISSED_LINKED \
                 FAULT_DISCARD_MASKED FAULT_CLEAR_AFTER CLEAR_AFTER_CLOSE \
                 FAULT_lost_mask FAULT_clear_late FAULT_missed_linked FAULT_stale_port)

MODELS_HOLD_RESULTS := $(MODELS_HOLD:%=$(MODEL_BUILD)/%.hold)
MODELS_FAIL_RESULTS := $(MODELS_FAIL:%=$(MODEL_BUILD)/%.fail)

.PHONY: check-models FORCE

check-models: $(MODELS_HOLD_RESULTS) $(MODELS_FAIL_RESULTS)
	@cat $^
	@! grep -hqv '^pass ' $^

model_words = $(subst +, ,$*)
model_file  = $(abspath tests/models/$(firstword $(model_words)).pml)
model_defs  = $(patsubst %,-D%,$(wordlist 2,9,$(model_words)))

# A fault is found before an optimiser would have been worth its time.
model_flags = $(if $(filter %.hold,$@),-O2,-O0) -w -DSAFETY -DCOLLAPSE -DMEMLIM=2000

# Each in a directory of its own, because spin and what it makes write where they are.
model_search = rm -rf $(@D)/$* && mkdir -p $(@D)/$* && ( cd $(@D)/$* && \
	spin $(model_defs) -a $(model_file) && \
	$(MODEL_CC) $(model_flags) pan.c -o pan && \
	timeout $(MODEL_TIMEOUT) ./pan -m100000 ) > $@.log 2>&1

# The search was complete: not cut at some depth, not ended early; and init came to its end,
# where the assertions about lost events are.
model_complete = grep -q 'errors: 0$$' $@.log && \
	! grep -qE 'not completed|depth too small|out of memory|memory bound' $@.log && \
	grep -A1 'unreached in init' $@.log | grep -q '(0 of '

$(MODEL_BUILD)/%.hold: FORCE
	@mkdir -p $(@D)
	@if $(model_search) && $(model_complete); then \
	  n=$$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' $@.log); \
	  printf 'pass %-46s %8s states\n' '$*' "$$n" > $@; \
	else \
	  cat $@.log; \
	  printf 'FAIL %-46s does not hold, or was not searched through\n' '$*' > $@; \
	fi

$(MODEL_BUILD)/%.fail: FORCE
	@mkdir -p $(@D)
	@$(model_search); \
	what=$$(sed -n 's/^pan:1: assertion violated *\(.*\) (at depth.*/\1/p' $@.log); \
	if [ -n "$$what" ] && grep -q 'errors: 1$$' $@.log; then \
	  printf 'pass %-46s is found: %s\n' '$*' "$$what" > $@; \
	else \
	  cat $@.log; printf 'FAIL %-46s is not found\n' '$*' > $@; \
	fi

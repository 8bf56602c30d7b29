# SPDX-License-Identifier: MIT
# The fuzzers: what reads bytes that others wrote, under libFuzzer and the address and undefined
# behaviour sanitizers; and the proof that they find something. tests/fuzz/README.md says more.
#? make fuzz            all fuzzers; FUZZ='ring net' FUZZ_SECONDS=3600 FUZZ_JOBS=2: which, how long
#?                      each, how many side by side (needs clang and libclang-rt-dev)
#? make check-fuzz      a minute of each, and the planted bugs that each must find

BUILD        ?= build
FUZZ_CC      ?= clang
XEN_HEADERS  ?= /usr/include
FUZZ_SECONDS ?= 60
FUZZ_JOBS    ?= 2
Q            ?= @

# The fuzzers; the modules that each is to reach every edge of; what it takes from the host tests.
FUZZ_ALL      := ring blk xenbus xenstore board boot net netrx console
FUZZ_ring     := lib/front_ring lib/front_ids
FUZZ_blk      := lib/blk_features lib/blk_request lib/blk_split
FUZZ_xenbus   := lib/xenbus_state
FUZZ_xenstore := lib/xs_conn lib/xs_queue lib/xs_wire
FUZZ_board    := lib/acpi_tables lib/board lib/fadt lib/madt lib/mptable lib/pci_caps
FUZZ_boot     := boot/boot_info lib/option lib/str
FUZZ_net      := $(filter-out lib/net_rx,$(patsubst %.c,%,$(sort $(wildcard lib/net_*.c))))
FUZZ_netrx    := lib/net_rx
FUZZ_console  := lib/line lib/line_history lib/words lib/xencons_ring
FUZZ_net_HELPERS     := tests/host/net_host tests/host/net_wire
FUZZ_console_HELPERS := tests/host/terminal

FUZZ ?= $(FUZZ_ALL)

FUZZ_BUILD  := $(BUILD)/fuzz
FUZZ_CFLAGS := -std=gnu11 -g -O1 -fPIE -Wall -Wextra -Werror -DDAISY_HOST \
               -D__XEN_INTERFACE_VERSION__=0x00040d00 -I. -Itests/fuzz/as -I$(XEN_HEADERS)
FUZZ_CHECKS := -fsanitize=address,undefined -fno-sanitize-recover=all
# The programs differ in how the modules were compiled. Edges are counted where no sanitizer has
# added its own, and each function is there once.
FUZZ_rest_CFLAGS  := $(FUZZ_CFLAGS) $(FUZZ_CHECKS)
FUZZ_seen_CFLAGS  := $(FUZZ_CFLAGS) $(FUZZ_CHECKS) -fsanitize=fuzzer-no-link
FUZZ_edges_CFLAGS := $(FUZZ_CFLAGS) -fno-inline -fsanitize=fuzzer-no-link
FUZZ_LINK         := $(FUZZ_CC) $(FUZZ_CFLAGS) $(FUZZ_CHECKS) -fsanitize=fuzzer -pie

# Each as name:file, without its .c.
FUZZ_PLANTED := $(shell sed -n 's/^\([a-z]*-[^ ]*\) \([^ ]*\)\.c$$/\1:\2/p' tests/fuzz/plants)
fuzz_first    = $(firstword $(subst $(1), ,$(2)))
FUZZ_PLANTS  := $(foreach plant,$(FUZZ_PLANTED),$(call fuzz_first,:,$(plant)))
FUZZ_RESULTS := $(FUZZ_ALL:%=$(FUZZ_BUILD)/%.result) $(FUZZ_PLANTS:%=$(FUZZ_BUILD)/%.result)

.PHONY: fuzz check-fuzz FORCE

# The corpus grows from run to run. Each result is one line that begins with pass or FAIL.
fuzz:
	@$(MAKE) --no-print-directory -j$(FUZZ_JOBS) FUZZ_CORPUS=grown \
	  $(patsubst %,$(FUZZ_BUILD)/%.result,$(FUZZ))
	@cat $(patsubst %,$(FUZZ_BUILD)/%.result,$(FUZZ))
	@! grep -hqv '^pass ' $(patsubst %,$(FUZZ_BUILD)/%.result,$(FUZZ))

# The same numbers each time, from the seeds alone: as near to repeatable as a minute can be.
check-fuzz: FUZZ_WORDS := -seed=1
check-fuzz: $(FUZZ_RESULTS)
	@cat $(FUZZ_RESULTS)
	@! grep -hqv '^pass ' $(FUZZ_RESULTS)

FUZZ_STAMP := $(FUZZ_BUILD)/flags.stamp
$(FUZZ_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(FUZZ_LINK)' | cmp -s - $@ || echo '$(FUZZ_LINK)' > $@

define fuzz_flavour
$(FUZZ_BUILD)/$(1)/%.o: %.c $(FUZZ_STAMP)
	$$(call say,FUZZCC,$$<)
	@mkdir -p $$(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_$(1)_CFLAGS) -MMD -MP -c $$< -o $$@
endef
$(foreach flavour,rest seen edges,$(eval $(call fuzz_flavour,$(flavour))))

$(FUZZ_BUILD)/librest.a: $(patsubst %.c,$(FUZZ_BUILD)/rest/%.o,$(sort $(wildcard lib/*.c)))
	$(Q)rm -f $@ && ar rcs $@ $^

# The modules come before the archive, so that theirs are taken and not its own.
fuzz_harness = $(patsubst %,$(FUZZ_BUILD)/rest/%.o,tests/fuzz/fuzz_$(1) $(FUZZ_$(1)_HELPERS))
define fuzz_programs
$(FUZZ_BUILD)/$(1): $(fuzz_harness) $(FUZZ_$(1):%=$(FUZZ_BUILD)/seen/%.o) \
                    $(FUZZ_BUILD)/librest.a
	$(Q)$(FUZZ_LINK) $$^ -o $$@
$(FUZZ_BUILD)/$(1)-edges: $(fuzz_harness) $(FUZZ_$(1):%=$(FUZZ_BUILD)/edges/%.o) \
                          $(FUZZ_BUILD)/librest.a
	$(Q)$(FUZZ_LINK) $$^ -o $$@
$(FUZZ_BUILD)/$(1).seeds: $(wildcard tests/fuzz/corpus/$(1)/*.seed) tests/fuzz/seeds.py
	@mkdir -p $$(@D)
	@python3 tests/fuzz/seeds.py tests/fuzz/corpus/$(1) $$@
$(FUZZ_BUILD)/$(1).found: $(wildcard tests/fuzz/corpus/$(1)/found/*.seed) tests/fuzz/seeds.py
	@mkdir -p $$(@D)
	@python3 tests/fuzz/seeds.py tests/fuzz/corpus/$(1)/found $$@
$(FUZZ_BUILD)/$(1).result: $(FUZZ_BUILD)/$(1) \
                           $(addprefix $(FUZZ_BUILD)/$(1),-edges .seeds .found) FORCE
	@$$(fuzz_test)
endef
$(foreach fuzz,$(FUZZ_ALL),$(eval $(call fuzz_programs,$(fuzz))))

# An input is a few hundred bytes, and takes well under a second.
FUZZ_LIMITS := -timeout=10 -rss_limit_mb=1024 -detect_leaks=0 -print_final_stats=1 -max_len=4096
FUZZ_OPTS    = $(FUZZ_LIMITS) -max_total_time=$(FUZZ_SECONDS) $(FUZZ_WORDS)
# Seconds more, for what it does before and behind that time.
FUZZ_PATIENCE := 120

fuzz_run = ASAN_OPTIONS=allow_addr2line=1 \
	timeout $$(($(FUZZ_SECONDS) + $(FUZZ_PATIENCE))) $< -artifact_prefix=$<.

# How many inputs were run, which edges the corpus reaches, and of how many.
fuzz_runs  = $$(sed -n 's/^stat::number_of_executed_units: *//p' $<.log)
fuzz_edges = $$($<-edges -runs=0 $$corpus $<.seeds $<.found 2>&1 | \
	sed -n -e 's/.*(\([0-9]*\) inline .*/\1/p' -e 's/.* cov: \([0-9]*\) .*/\1/p' | \
	sed -n '1h;$$G;$$s/\n/ of /p')
fuzz_found = $(addprefix $<.,crash-* timeout-* oom-* slow-unit-*)

fuzz_test = corpus=$<.$(or $(FUZZ_CORPUS),fresh); $(if $(FUZZ_CORPUS),,rm -rf $$corpus;) \
	mkdir -p $$corpus; rm -f $(fuzz_found); edges=; \
	$(fuzz_run) $(FUZZ_OPTS) $$corpus $<.seeds $<.found > $<.log 2>&1 && edges="$(fuzz_edges)"; \
	if [ -n "$$edges" ] && [ "$(fuzz_runs)" -gt 0 ]; then \
	  printf 'pass fuzz %-17s %s runs, %s edges\n' '$(<F)' "$(fuzz_runs)" "$$edges" > $@; \
	else \
	  tail -n 60 $<.log; printf 'FAIL fuzz %-17s to see it again: ' '$(<F)' > $@; \
	  sed -n "s|.*Test unit written to |$< |p" $<.log | grep . >> $@ || echo 'see $<.log' >> $@; \
	fi

# --- planted bugs ---

$(FUZZ_PLANTS:%=$(FUZZ_BUILD)/plants/%.c): $(FUZZ_BUILD)/plants/%.c: tests/fuzz/plants \
                                           tests/fuzz/plant.py FORCE
	@mkdir -p $(@D)
	@python3 tests/fuzz/plant.py tests/fuzz/plants $* $@.new
	@cmp -s $@.new $@ || cp $@.new $@

$(FUZZ_BUILD)/plants/%.o: $(FUZZ_BUILD)/plants/%.c $(FUZZ_STAMP)
	$(Q)$(FUZZ_CC) $(FUZZ_seen_CFLAGS) -MMD -MP -c $< -o $@

# The plant's own module, of all that its fuzzer has.
fuzz_others = $(patsubst %,$(FUZZ_BUILD)/seen/%.o,$(filter-out $(1),$(2)))
define fuzz_plant
$(FUZZ_BUILD)/plants/$(1): $(call fuzz_harness,$(2)) $(FUZZ_BUILD)/plants/$(1).o \
                             $(call fuzz_others,$(3),$(FUZZ_$(2))) $(FUZZ_BUILD)/librest.a
	$(Q)$(FUZZ_LINK) $$^ -o $$@
$(FUZZ_BUILD)/$(1).result: $(FUZZ_BUILD)/plants/$(1) $(FUZZ_BUILD)/$(2).seeds FORCE
	@$$(call fuzz_must_find,$(FUZZ_BUILD)/$(2).seeds)
endef
$(foreach plant,$(FUZZ_PLANTED),$(eval $(call fuzz_plant,$(call fuzz_first,:,$(plant)),$(call \
  fuzz_first,-,$(plant)),$(lastword $(subst :, ,$(plant))))))

# The seeds themselves are no crashers; and what is found must be an error of memory, or an
# assertion, and not that it was slow or did not run at all.
fuzz_why = $$(sed -n -e 's/^fuzz: \(.*\)/\1/p' -e 's/.*: \(runtime error: .*\)/\1/p' \
	-e 's/^SUMMARY: AddressSanitizer: \([a-zA-Z-]*\) .*/\1/p' $<.log | head -n 1)
fuzz_must_find = if ! $(fuzz_run) $(FUZZ_LIMITS) -runs=0 $(1) > $<.log 2>&1; then \
	  tail -n 20 $<.log; \
	  printf 'FAIL fuzz %-17s is found by the seeds, which are to be valid\n' '$(<F)' > $@; \
	else \
	  rm -rf $<.corpus; mkdir -p $<.corpus; \
	  $(fuzz_run) $(FUZZ_OPTS) $<.corpus $(1) > $<.log 2>&1; \
	  if [ -n "$(fuzz_why)" ]; then \
	    printf 'pass fuzz %-17s is found: %s\n' '$(<F)' "$(fuzz_why)" > $@; \
	  else \
	    tail -n 20 $<.log; printf 'FAIL fuzz %-17s is not found\n' '$(<F)' > $@; \
	  fi; \
	fi

-include $(wildcard $(FUZZ_BUILD)/*/*/*.d $(FUZZ_BUILD)/*/*.d $(FUZZ_BUILD)/*/*/*/*.d)

# SPDX-License-Identifier: MIT
# Daisy's build. `make help` lists what there is to do.

BUILD       ?= build
CROSS_COMPILE ?=
ifeq ($(origin CC),default)
CC          := $(CROSS_COMPILE)gcc
endif
LD_TOOL     ?= $(CROSS_COMPILE)ld
NM          ?= $(CROSS_COMPILE)nm
OBJCOPY     ?= $(CROSS_COMPILE)objcopy
XEN_HEADERS ?= /usr/include

V ?= 0
ifeq ($(V),0)
Q   := @
say  = @printf '  %-7s %s\n' '$(1)' '$(2)'
else
Q   :=
say  = @:
endif

.DEFAULT_GOAL := all
.PHONY: all help clean run shell test check check-layers check-size sizes test-guest FORCE

include build.mk
-include tests/host/host.mk
-include tests/host/tsan.mk
-include tests/fuzz/fuzz.mk
-include tests/models/models.mk
-include tests/guest/guest.mk
-include tests/bench/bench.mk

all: $(KERNEL)

#? make run             boot Daisy as an HVM domain on a real Xen, in emulation; show its verdict
#?                      (ARGS='--type pvh --cmdline "route=vector"': words for xenbox run)
#? make test            all tests: make check, the races under ThreadSanitizer and spin, a minute
#?                      of each fuzzer, then Daisy in every configuration on the real Xen
#?                      (both install the Debian packages that are missing)
# The packages may not be there when make reads this: hence the second make.
run:
	@sh tests/install-deps build run
	@$(MAKE) --no-print-directory all
	@tests/xenbox/xenbox run $(ARGS) $(KERNEL)

#? make shell           the same as a PVH domain, with a shell to type at; Ctrl-] leaves it
#?                      (ARGS='--type hvm --vcpus 4': words for xenbox run)
# 1: no verdict, which a shell has only after its `test`; 130: Ctrl-].
shell:
	@sh tests/install-deps build run
	@$(MAKE) --no-print-directory all
	@tests/xenbox/xenbox run -i --type pvh --timeout 86400 --cmdline shell $(ARGS) $(KERNEL) || \
	  case $$? in 1 | 130) ;; *) exit 1 ;; esac

test:
	@sh tests/install-deps build run test
	@$(MAKE) --no-print-directory -j2 check
	@$(MAKE) --no-print-directory -j2 check-tsan check-models
	@$(MAKE) --no-print-directory -j2 check-fuzz
	@$(MAKE) --no-print-directory test-guest

check: check-host check-layers check-size

clean:
	rm -rf $(BUILD)

help:
	@sed -n 's/^#? //p' Makefile build.mk tests/*/*.mk

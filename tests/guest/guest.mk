# SPDX-License-Identifier: MIT
# Daisy on a real Xen, in every configuration of tests/guest/matrix.py, and the test bed itself.
#? make test-guest      boot Daisy in every configuration on the real Xen; what fails is shown
#? make soak            what an event of 100,000 channels takes, once; then storms over every route and
#?                      ABI with new seeds, until Ctrl-C or SOAK_MINUTES (SOAK_ONLY=crowd, tours, lives)
#? make bisect-cell     CELL=storm_vector_fifo SEED=7 [FAULT=name VCPUS=4]: the fewest steps of that
#?                      storm that still fail, in words
#? Variables: GUEST_BEDS=1 (how many Xens run side by side, one for each core; default 2),
#?   MATRIX=all (also configurations and tests that are put together of what others have; twice
#?   as long),
#?   GUEST_TESTS='-k pvh' (words for pytest that choose among the tests)

BUILD       ?= build
GUEST_BEDS  ?= 2
GUEST_TESTS ?=
# The system's own, which has Debian's python3-pytest.
GUEST_PYTHON ?= /usr/bin/python3

.PHONY: test-guest soak bisect-cell

test-guest: $(KERNEL)
	@$(GUEST_PYTHON) tests/guest/run --build '$(abspath $(BUILD))' --beds $(GUEST_BEDS) \
	  -- $(GUEST_TESTS)

soak: $(KERNEL)
	@$(GUEST_PYTHON) tests/guest/soak.py $(KERNEL)

bisect-cell: $(KERNEL)
	@$(GUEST_PYTHON) tests/guest/bisect_cell.py --image $(KERNEL) --cell '$(CELL)' \
	  --seed '$(SEED)' --vcpus $(or $(VCPUS),1) $(BISECT_ARGS)

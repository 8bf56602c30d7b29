# SPDX-License-Identifier: MIT
# Daisy on a real Xen, in every configuration of tests/guest/matrix.py, and the test bed itself.
#? make test-guest      boot Daisy in every configuration on the real Xen; what fails is shown
#? Variables: GUEST_BEDS=1 (how many Xens run side by side, one for each core; default 2),
#?   GUEST_TESTS='-k pvh' (words for pytest that choose among the tests)

BUILD       ?= build
GUEST_BEDS  ?= 2
GUEST_TESTS ?=
# The system's own, which has Debian's python3-pytest.
GUEST_PYTHON ?= /usr/bin/python3

.PHONY: test-guest

test-guest: $(KERNEL)
	@$(GUEST_PYTHON) tests/guest/run --build '$(abspath $(BUILD))' --beds $(GUEST_BEDS) \
	  -- $(GUEST_TESTS)

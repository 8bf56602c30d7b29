# SPDX-License-Identifier: MIT
#? make bench           what Daisy costs, and a Linux guest beside it: $(BUILD)/bench.json
#? make report          pictures of that: $(BUILD)/bench.html
#? Variables: BENCH_ARGS='--only events', REPORT='BEFORE.json AFTER.json', PICTURES=docs/pictures

.PHONY: bench report

REPORT ?= $(BUILD)/bench.json

bench: $(KERNEL)
	$(Q)sh tests/install-deps run bench
	$(Q)python3 -B tests/bench/bench.py --image $(KERNEL) --out $(BUILD)/bench.json $(BENCH_ARGS)

report:
	$(Q)sh tests/install-deps bench
	$(Q)/usr/bin/python3 -B tests/bench/report.py --out $(BUILD)/bench.html \
		$(if $(PICTURES),--pictures $(PICTURES)) $(REPORT)

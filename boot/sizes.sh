#!/bin/sh
# SPDX-License-Identifier: MIT
# sizes.sh MAP BUILD: what the image consists of, from the linker's map: bytes of each directory's
# objects in each section. The map counts a string in every object that has it; the image has it
# once, which makes a row of its own.
set -eu
awk -v build="$2/" '
	BEGIN { n = split(".text .rodata .data .symbols .bss", sections) }
	function hex(s,    i, v) {
		for (i = 3; i <= length(s); i++)
			v = v * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
		return v + 0
	}
	function add(row, bytes) {
		if (!seen[row]++)
			rows[++nr] = row
		size[row, section] += bytes
		sum[section] += bytes
	}
	function directory(file) {
		if (index(file, build) == 1)
			file = substr(file, length(build) + 1)
		return sub("/[^/]*$", "", file) ? file : "symbol table"
	}
	/^Linker script and memory map/ { begun = 1 }
	!begun { next }
	/^\.[a-z]/ { section = $1; size["all", section] = hex($3) }
	$1 == "*fill*" { add("alignment", hex($3)) }
	# ... 0xADDRESS 0xSIZE FILE, behind the name or, where that is long, on a line of its own
	$NF ~ /\.o$/ && $(NF - 1) ~ /^0x/ && $(NF - 2) ~ /^0x/ { add(directory($NF), hex($(NF - 1))) }
	END {
		rows[++nr] = "shared strings"
		rows[++nr] = "all"
		size["shared strings", ".rodata"] = size["all", ".rodata"] - sum[".rodata"]
		printf "%-18s%9s%9s%9s%9s%9s\n", "bytes", "text", "rodata", "data", "symbols", "bss"
		for (i = 1; i <= nr; i++) {
			printf "%-18s", rows[i]
			for (k = 1; k <= n; k++)
				printf "%9d", size[rows[i], sections[k]]
			print ""
		}
	}
' "$1"

#!/bin/sh
# SPDX-License-Identifier: MIT
# check-image.sh IMAGE [LIMIT]: the promises that the image makes to its loaders. Its segments lie
# in the file in step with their addresses, from 0x1000 / 1 MiB on; no segment is writable and
# executable; the ELF headers end before the Linux boot header; the loaded bytes, without the
# symbol table, stay below LIMIT. Only an image that was asked to be faulty (FAULT=name, in the
# environment) carries the mark of lib/fault.h, and it does.
set -eu
image=$1 limit=${2:-}
if grep -aq 'FAULTY ON PURPOSE' "$image"; then marked=yes; else marked=; fi
if [ -n "$marked" ] && [ -z "${FAULT:-}" ]; then
	echo "$image: has a fault built in, and nobody asked for one: make clean" >&2
	exit 1
elif [ -z "$marked" ] && [ -n "${FAULT:-}" ]; then
	echo "$image: FAULT=$FAULT was asked for, and is not in it" >&2
	exit 1
fi
"${READELF:-readelf}" -lW "$image" | awk -v image="$image" -v limit="$limit" '
	function fail(text) { print image ": " text > "/dev/stderr"; bad = 1 }
	function hex(s,    i, n) {
		n = 0
		for (i = 3; i <= length(s); i++)
			n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
		return n
	}
	/^There are/ { headers = 64 + 56 * $3 }
	$1 == "LOAD" {
		loads++
		if (hex($2) != hex($4) - 1048576 + 4096)
			fail("segment at " $4 " lies at " $2 " in the file, not in step with its address")
		if ($3 != $4)
			fail("segment at " $4 " has another virtual address, " $3)
		if ($7 ~ /W/ && /W ?E|RWE/)
			fail("segment at " $4 " is writable and executable")
		size[loads] = hex($5)
	}
	END {
		if (loads != 4) fail("not the four segments of boot/linker.ld")
		if (headers > 497) fail("the ELF headers reach into the Linux boot header")
		if (limit != "") {
			bytes = size[1] + size[2] + size[4] # boot/linker.ld: text, rodata, symbols, data
			printf "image: %d bytes of text, rodata and data, %d allowed; %d of symbols\n", \
				bytes, limit, size[3]
			if (bytes > limit) fail("too large")
		}
		exit bad
	}
'

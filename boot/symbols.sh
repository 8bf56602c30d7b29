#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the symbol table for backtraces from `nm -n` output: addresses relative to the image's
# first byte (32 bits each, ascending), then the names in the same order, each ending in NUL.
# kernel/symbols.c reads it.
set -eu
awk '
	BEGIN {
		print "# made by boot/symbols.sh"
		print ".section .symbols, \"a\""
		print ".globl symbol_addresses, symbol_names, symbol_count"
		print ".balign 4"
		print "symbol_addresses:"
	}
	$2 ~ /^[tT]$/ && $3 !~ /^(_text_start|_image_start|_text_end)$/ && $3 !~ /^\./ {
		print ".long 0x" substr($1, length($1) - 7)
		name[n++] = $3
	}
	END {
		print "symbol_names:"
		for (i = 0; i < n; i++)
			print ".asciz \"" name[i] "\""
		print ".balign 4"
		print "symbol_count: .long " n + 0
		print ".section .note.GNU-stack, \"\", @progbits"
	}
' "$1"

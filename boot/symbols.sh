#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes the symbol table for backtraces from `nm -n` output: the first address (32 bits), the
# distances from one to the next (16 bits each), then the names in the same order, each ending in
# NUL. kernel/symbols.c reads it.
set -eu
awk '
	BEGIN {
		n = 0
		print "# made by boot/symbols.sh"
		print ".section .symbols, \"a\""
		print ".globl symbol_first, symbol_steps, symbol_names, symbol_count"
		print ".balign 4"
	}
	$2 ~ /^[tT]$/ && $3 !~ /^(_text_start|_image_start|_text_end)$/ && $3 !~ /^\./ {
		address[n] = "0x" substr($1, length($1) - 7)
		name[n++] = $3
	}
	END {
		print "symbol_first: .long " (n ? address[0] : 0)
		print "symbol_count: .long " n + 0
		print "symbol_steps:"
		for (i = 1; i < n; i++)
			print ".short " address[i] " - " address[i - 1]
		print "symbol_names:"
		for (i = 0; i < n; i++)
			print ".asciz \"" name[i] "\""
		print ".section .note.GNU-stack, \"\", @progbits"
	}
' "$1"

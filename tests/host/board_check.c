/* SPDX-License-Identifier: MIT */
#include "tests/host/board_check.h"
#include "tests/host/test.h"
#include "lib/errno.h"

struct board b;
const char *why;

int board_try(board_parse_fn *parse, const uint8_t *bytes, size_t available)
{
	uint8_t *copy = exact_copy(bytes, available);
	int result;

	board_init(&b);
	why = "not set";
	result = parse(copy, available, &b, &why);
	free(copy);
	assert_in_range(b.nr_cpus, 0, BOARD_MAX_CPUS);
	assert_in_range(b.nr_ioapics, 0, BOARD_MAX_IOAPICS);
	assert_in_range(b.nr_nmi, 0, BOARD_MAX_NMI);
	assert_true(result == 0 || result == -EINVAL || result == -EMSGSIZE);
	/* An error has a reason; a reason is a sentence. */
	if (result)
		assert_non_null(why);
	if (why)
		assert_in_range(strlen(why), 1, BOARD_WHY_SIZE - 1);
	return result;
}

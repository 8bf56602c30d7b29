/* SPDX-License-Identifier: MIT */
/* Against the C library's snprintf: every combination of flags, width, precision and length for
 * every conversion and a table of values, in buffers of several sizes. */
#include "tests/host/test.h"
#include "lib/printf.h"

#include <limits.h>

static const size_t sizes[] = {0, 1, 2, 7, 64};

/* Both functions with the same arguments, in buffers of the exact size. All of the buffer is
 * compared: what lies behind the terminator is the caller's. */
#define CHECK(format, ...)                                                                 \
	do {                                                                               \
		for (size_t s_ = 0; s_ < COUNT(sizes); s_++) {                             \
			char want_[64], *got_ = exact_copy(want_junk, sizes[s_]);          \
			memcpy(want_, want_junk, sizeof(want_));                           \
			int n_ = snprintf(want_, sizes[s_], format, __VA_ARGS__);          \
			int m_ = fmt_snprintf(got_, sizes[s_], format, __VA_ARGS__);       \
			if (n_ != m_ || memcmp(want_, got_, sizes[s_]) != 0)               \
				fail_msg("\"%s\", size %zu: \"%.*s\" %d, not \"%.*s\" %d", \
					 format, sizes[s_], (int)sizes[s_], got_, m_,      \
					 (int)sizes[s_], want_, n_);                       \
			free(got_);                                                        \
		}                                                                          \
	} while (0)

static const char want_junk[64] =
	"###############################################################";

static const char *const flags[] = {"", "-", "0", "-0", "0-"};
static const char *const widths[] = {"", "1", "5", "21", "*"};
static const char *const precisions[] = {"", ".", ".0", ".1", ".3", ".12", ".*"};
static const char *const lengths[] = {"hh", "h", "", "l", "ll", "z"};
static const long long values[] = {0,        1,         -1,        9,          10,
				   -10,      127,       128,       255,        -128,
				   32767,    65535,     -32768,    INT_MAX,    INT_MIN,
				   UINT_MAX, LLONG_MAX, LLONG_MIN, 0xdeadbeef, 1000000007};

/* The values of '*' that come with the format. */
static const int stars[] = {0, 1, 9, -9};

static void check_value(const char *format, bool width, bool precision, const char *length,
			long long v, int star)
{
	bool is64 = strchr("lz", *length) && *length;
	int n = (int)v;

	if (width && precision) {
		if (is64)
			CHECK(format, star, -star, v);
		else
			CHECK(format, star, -star, n);
	} else if (width || precision) {
		if (is64)
			CHECK(format, star, v);
		else
			CHECK(format, star, n);
	} else {
		if (is64)
			CHECK(format, v);
		else
			CHECK(format, n);
	}
}

static void check_values(const char *format, bool width, bool precision, const char *length)
{
	size_t n = width || precision ? COUNT(stars) : 1;

	for (size_t v = 0; v < COUNT(values); v++)
		for (size_t s = 0; s < n; s++)
			check_value(format, width, precision, length, values[v], stars[s]);
}

static void check_lengths(char conversion, const char *flag, const char *width,
			  const char *precision)
{
	for (size_t l = 0; l < COUNT(lengths); l++) {
		char format[32];

		snprintf(format, sizeof(format), "<%%%s%s%s%s%c>", flag, width, precision,
			 lengths[l], conversion);
		check_values(format, strchr(width, '*'), strchr(precision, '*'), lengths[l]);
	}
}

static void check_integers(char conversion)
{
	for (size_t f = 0; f < COUNT(flags); f++)
		for (size_t w = 0; w < COUNT(widths); w++)
			for (size_t p = 0; p < COUNT(precisions); p++)
				check_lengths(conversion, flags[f], widths[w], precisions[p]);
}

static void test_d(void **state)
{
	(void)state;
	check_integers('d');
}

static void test_i(void **state)
{
	(void)state;
	check_integers('i');
}

static void test_u(void **state)
{
	(void)state;
	check_integers('u');
}

static void test_x(void **state)
{
	(void)state;
	check_integers('x');
}

static void test_X(void **state)
{
	(void)state;
	check_integers('X');
}

static void test_strings(void **state)
{
	static const char *const strings[] = {"", "a", "daisy", "a rather long piece of text"};
	static const char *const formats[] = {"%s",  "<%s>", "<%10s>",  "<%-10s>",  "<%.3s>",
					      "%.s", "%.0s", "<%8.2s>", "<%-8.2s>", "%.99s"};

	(void)state;
	for (size_t f = 0; f < COUNT(formats); f++)
		for (size_t s = 0; s < COUNT(strings); s++)
			CHECK(formats[f], strings[s]);
	for (int n = -12; n < 12; n++) {
		for (size_t s = 0; s < COUNT(strings); s++) {
			CHECK("<%*s>", n, strings[s]);
			CHECK("<%.*s>", n, strings[s]);
			CHECK("<%-*.*s>", n, n / 2, strings[s]);
		}
	}
}

/* With a precision the text may have no terminator, and no byte beyond is looked at. */
static void test_open_string(void **state)
{
	char *open = exact_copy("abcd", 4), buf[16];

	(void)state;
	assert_int_equal(fmt_snprintf(buf, sizeof(buf), "<%.4s>", open), 6);
	assert_string_equal(buf, "<abcd>");
	assert_int_equal(fmt_snprintf(buf, sizeof(buf), "<%.*s>", 2, open), 4);
	assert_string_equal(buf, "<ab>");
	free(open);
}

static void test_characters(void **state)
{
	(void)state;
	CHECK("%c", 'x');
	CHECK("<%3c>", 'x');
	CHECK("<%-3c>", 'x');
	CHECK("%c%c", 'a', 0xe9);
	CHECK("a%cb", 0);
	CHECK("100%% of %d", 7);
	CHECK("%s=%d, %5s", "gsi", 24, "low");
}

static void test_pointers(void **state)
{
	char buf[32];

	(void)state;
	CHECK("%p", (void *)0xfee00000UL);
	CHECK("<%20p>", (void *)1UL);
	CHECK("<%-20p>", (void *)UINTPTR_MAX);
	/* The C library's NULL is a word. */
	fmt_snprintf(buf, sizeof(buf), "%p", NULL);
	assert_string_equal(buf, "0x0");
}

/* Formats that a compiler would warn about come through a variable. */
static void check_text(const char *expected, const char *format, ...)
{
	char buf[64];
	va_list ap;

	va_start(ap, format);
	int n = fmt_vsnprintf(buf, sizeof(buf), format, ap);

	va_end(ap);
	assert_string_equal(buf, expected);
	assert_int_equal(n, strlen(expected));
}

static void test_null_string(void **state)
{
	(void)state;
	check_text("(null)", "%s", NULL);
	check_text("<  (null)>", "<%8s>", NULL);
}

/* Printed as it stands, and the next conversion gets the argument. */
static void test_unknown_conversions(void **state)
{
	(void)state;
	check_text("%q 7", "%q %d", 7);
	check_text("%f 7", "%f %d", 7);
	check_text("%n 7", "%n %d", 7);
	check_text("%ls 7", "%ls %d", 7);
	check_text("%lc 7", "%lc %d", 7);
	check_text("%hhs 7", "%hhs %d", 7);
	check_text("%jd 7", "%jd %d", 7);
	check_text("%-08.3y 7", "%-08.3y %d", 7);
	check_text("%+d 7", "%+d %d", 7);
	check_text("%#x 7", "%#x %d", 7);
	check_text("50%", "50%");
	check_text("50%l", "50%l");
	check_text("50%-08.3", "50%-08.3");
	check_text("%", "%");
	check_text("%5", "%5");
}

/* Without the attribute by which a compiler would know better. */
static int print(char *buf, size_t size, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	int n = fmt_vsnprintf(buf, size, format, ap);

	va_end(ap);
	return n;
}

static void test_huge_widths(void **state)
{
	char buf[8];

	(void)state;
	assert_int_equal(print(buf, sizeof(buf), "%2147483647d", 1), INT_MAX);
	assert_string_equal(buf, "       ");
	assert_int_equal(print(buf, sizeof(buf), "%99999999999999999999d", 1), INT_MAX);
	assert_int_equal(print(buf, sizeof(buf), "%.2147483647d", -1), INT_MAX);
	assert_string_equal(buf, "-000000");
	assert_int_equal(print(buf, sizeof(buf), "%2147483647d%2147483647d", 1, 2), INT_MAX);
	assert_int_equal(print(buf, sizeof(buf), "%*d", INT_MIN, 3), INT_MAX);
	assert_string_equal(buf, "3      ");
}

static void test_size_zero_may_be_null(void **state)
{
	(void)state;
	assert_int_equal(fmt_snprintf(NULL, 0, "%s-%08x", "abc", 5), 12);
}

static void test_many_arguments(void **state)
{
	(void)state;
	/* More than the registers hold, of mixed width. */
	CHECK("%d %s %lx %c %u %zu %hhx %llx %d", 1, "two", 3UL, '4', 5u, (size_t)6,
	      (unsigned char)7, 8ULL << 40, -9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_d),
		cmocka_unit_test(test_i),
		cmocka_unit_test(test_u),
		cmocka_unit_test(test_x),
		cmocka_unit_test(test_X),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_open_string),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_null_string),
		cmocka_unit_test(test_unknown_conversions),
		cmocka_unit_test(test_huge_widths),
		cmocka_unit_test(test_size_zero_may_be_null),
		cmocka_unit_test(test_many_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

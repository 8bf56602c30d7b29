/* SPDX-License-Identifier: MIT */
/* What a storm does: the same for the same seed, every kind, within the parameters. */
#include "tests/host/test.h"
#include "lib/latency.h"
#include "lib/splitmix64.h"
#include "lib/storm.h"

static const struct storm_params params = {.seed = 7, .channels = 16, .cpus = 4};

static bool same_step(const struct storm_step *a, const struct storm_step *b)
{
	return a->kind == b->kind && a->channel == b->channel && a->cpu == b->cpu &&
	       a->to == b->to && a->count == b->count && a->set == b->set &&
	       a->far_end == b->far_end;
}

/* The generator's published first outputs for the seed 1234567. */
static void test_the_generator_is_splitmix64(void **state)
{
	static const uint64_t first[] = {6457827717110365317u, 3203168211198807973u,
					 9817491932198370423u, 4593380528125082431u,
					 16408922859458223821u};

	(void)state;
	for (unsigned i = 0; i < COUNT(first); i++)
		assert_true(splitmix64(1234567, i) == first[i]);
}

static void test_a_step_depends_on_nothing_before_it(void **state)
{
	struct storm_step forward[500], step;

	(void)state;
	for (uint32_t n = 0; n < COUNT(forward); n++)
		forward[n] = storm_decide(&params, n);
	for (uint32_t n = COUNT(forward); n-- > 0;) {
		step = storm_decide(&params, n);
		assert_true(same_step(&step, &forward[n]));
	}
}

static void test_another_seed_is_another_storm(void **state)
{
	struct storm_params other = params;
	unsigned same = 0;

	(void)state;
	other.seed++;
	for (uint32_t n = 0; n < 1000; n++) {
		struct storm_step a = storm_decide(&params, n), b = storm_decide(&other, n);

		same += same_step(&a, &b);
	}
	assert_true(same < 10);
}

static void check_step(const struct storm_params *p, const struct storm_step *s)
{
	assert_true(s->kind < NR_STORM_KINDS);
	assert_true(s->channel < p->channels && s->cpu < p->cpus && s->to < p->cpus);
	assert_true(s->count < 16 && s->set && s->set >> p->channels == 0);
	if (s->kind == STORM_RESEND)
		assert_in_range(s->count, 1, 4);
	if (s->kind >= STORM_MOVE && s->kind != STORM_ORDER)
		assert_int_equal(s->cpu, 0);
}

static void test_steps_stay_within_the_parameters(void **state)
{
	(void)state;
	for (unsigned channels = 2; channels <= STORM_CHANNELS; channels++) {
		for (unsigned cpus = 1; cpus <= 128; cpus = cpus * 2 + 1) {
			struct storm_params p = {channels * cpus, channels, cpus};

			for (uint32_t n = 0; n < 2000; n++) {
				struct storm_step s = storm_decide(&p, n);

				check_step(&p, &s);
			}
		}
	}
}

/* Every kind comes, to every channel, from and to every CPU. */
static void test_nothing_is_left_out(void **state)
{
	unsigned kinds = 0, channels = 0, cpus = 0, to = 0, ends = 0;

	(void)state;
	for (uint32_t n = 0; n < 2000; n++) {
		struct storm_step s = storm_decide(&params, n);

		kinds |= 1u << s.kind;
		channels |= 1u << s.channel;
		cpus |= 1u << s.cpu;
		to |= 1u << s.to;
		ends |= 1u << s.far_end;
	}
	assert_int_equal(kinds, (1u << NR_STORM_KINDS) - 1);
	assert_int_equal(channels, 0xffff);
	assert_int_equal(cpus, 0xf);
	assert_int_equal(to, 0xf);
	assert_int_equal(ends, 3);
}

static void test_every_kind_has_words(void **state)
{
	char text[96];

	(void)state;
	for (unsigned kind = 0; kind < NR_STORM_KINDS; kind++) {
		struct storm_step s = {.kind = kind, .channel = 15, .cpu = 127, .to = 126,
				       .count = 15, .set = 0xffff};
		int length = storm_describe(&s, text, sizeof(text));

		assert_true(length > 4 && length < (int)sizeof(text));
		assert_null(strchr(text, '?'));
	}
	struct storm_step burst = {.kind = STORM_BURST, .set = 0x13, .cpu = 2};

	storm_describe(&burst, text, sizeof(text));
	assert_string_equal(text, "burst to 0x13 from CPU 2");
}

static void test_lists(void **state)
{
	static const struct {
		const char *list;
		uint32_t n;
		bool has;
	} cases[] = {
		{NULL, 5, true},	{"", 5, true},		{"5", 5, true},
		{"5", 4, false},	{"5", 6, false},	{"2-4", 2, true},
		{"2-4", 4, true},	{"2-4", 5, false},	{"2-4", 1, false},
		{"7-", 7, true},	{"7-", UINT32_MAX - 1, true}, {"7-", 6, false},
		{"1,3-5,9", 4, true},	{"1,3-5,9", 9, true},	{"1,3-5,9", 2, false},
		{"x", 5, false},	{"4,x,5", 5, false},	{"5x", 5, false},
		{"-5", 5, false},	{"4294967295", 5, false},
	};

	(void)state;
	for (unsigned i = 0; i < COUNT(cases); i++)
		assert_int_equal(storm_list_has(cases[i].list, cases[i].n), cases[i].has);
}

static void test_the_end_of_a_list(void **state)
{
	(void)state;
	assert_int_equal(storm_list_end(NULL), UINT32_MAX);
	assert_int_equal(storm_list_end(""), UINT32_MAX);
	assert_int_equal(storm_list_end("5"), 6);
	assert_int_equal(storm_list_end("9,2-4"), 10);
	assert_int_equal(storm_list_end("9,2-"), UINT32_MAX);
	assert_int_equal(storm_list_end("x"), 0);
	assert_int_equal(storm_list_end("4-2"), 0);
	assert_int_equal(storm_list_end("1,,2"), 0);
}

static void test_quantiles_of_few(void **state)
{
	static struct latency l;

	(void)state;
	latency_reset(&l);
	assert_true(latency_quantile(&l, 500) == 0 && l.count == 0);
	for (unsigned v = 1; v <= 10; v++)
		latency_record(&l, v);
	assert_true(l.min == 1 && l.max == 10 && l.count == 10);
	assert_true(latency_quantile(&l, 500) == 5);
	assert_true(latency_quantile(&l, 1000) == 10);
	assert_true(latency_quantile(&l, 1) == 1);
}

/* Against the sorted values themselves: never below, and at most an eighth above. */
static void test_quantiles_are_close(void **state)
{
	static struct latency l;
	uint32_t random = 1;
	uint64_t values[1000];

	(void)state;
	for (unsigned shift = 0; shift < 60; shift += 6) {
		latency_reset(&l);
		for (unsigned i = 0; i < COUNT(values); i++) {
			values[i] = (uint64_t)(next_random(&random) % 1000 + 1) << shift / 2;
			latency_record(&l, values[i]);
		}
		for (unsigned i = 1; i < COUNT(values); i++) /* insertion sort */
			for (unsigned j = i; j && values[j] < values[j - 1]; j--) {
				uint64_t v = values[j];

				values[j] = values[j - 1];
				values[j - 1] = v;
			}
		assert_true(l.min == values[0] && l.max == values[999]);
		for (unsigned q = 1; q <= 1000; q++) {
			uint64_t got = latency_quantile(&l, q), want = values[q - 1];

			assert_true(got >= want && got - want <= want / 8);
		}
	}
}

static void test_extreme_values(void **state)
{
	static struct latency l;

	(void)state;
	latency_reset(&l);
	latency_record(&l, 0);
	latency_record(&l, UINT64_MAX);
	assert_true(l.min == 0 && l.max == UINT64_MAX);
	assert_true(latency_quantile(&l, 500) == 0);
	assert_true(latency_quantile(&l, 1000) == UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_generator_is_splitmix64),
		cmocka_unit_test(test_a_step_depends_on_nothing_before_it),
		cmocka_unit_test(test_another_seed_is_another_storm),
		cmocka_unit_test(test_steps_stay_within_the_parameters),
		cmocka_unit_test(test_nothing_is_left_out),
		cmocka_unit_test(test_every_kind_has_words),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_the_end_of_a_list),
		cmocka_unit_test(test_quantiles_of_few),
		cmocka_unit_test(test_quantiles_are_close),
		cmocka_unit_test(test_extreme_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

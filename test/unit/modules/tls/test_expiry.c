/* SPDX-License-Identifier: BSD-2-Clause */
/* Certificates of ours that expire: which are told of when, by whom, how often. */
#include "test/unit/core/msg/fake.h"

#include "modules/tls/counters.h"
#include "modules/tls/expiry.h"

#include <time.h>

#define DAY    86400
#define DAY_MS (86400u * 1000u)
#define NOW    ((int64_t)1700000000)

static struct tls_domain domains[3];
static struct tls_conf conf;

static unsigned warnings_of(int64_t seconds_left)
{
	domains[0] = (struct tls_domain){ .text = STR("tls_domain[default]"), .keys_n = 1 };
	domains[0].keys[0] = (struct tls_key){ .certificate_file = STR("a.pem"),
					       .not_after = NOW + seconds_left };
	conf = (struct tls_conf){ .enabled = true, .domains = domains, .domains_n = 1 };
	return tls_expiry_warn(&conf, NOW);
}

static void warned_from_thirty_days_before_on(void **state)
{
	(void)state;
	assert_int_equal(warnings_of(300 * DAY), 0);
	assert_int_equal(warnings_of(30 * DAY), 0);
	assert_int_equal(warnings_of(30 * DAY - 1), 1);
	assert_int_equal(warnings_of(0), 1);
	assert_int_equal(warnings_of(-1), 1);
	assert_int_equal(warnings_of(-1000 * DAY), 1);
}

static void each_file_is_told_of_once(void **state)
{
	(void)state;
	assert_int_equal(warnings_of(DAY), 1);
	domains[0].keys[1] = domains[0].keys[0];
	domains[0].keys[1].certificate_file = STR("b.pem");
	domains[0].keys_n = 2;
	domains[1] = domains[0];
	domains[2] = domains[0];
	domains[2].keys[0].certificate_file = STR("c.pem");
	domains[2].keys[1].not_after = NOW + 365 * DAY;
	conf.domains_n = 3;
	assert_int_equal(tls_expiry_warn(&conf, NOW), 3);
}

/* --- each day ------------------------------------------------------------------------------------------------------------------------------ */

static uint64_t warned(void)
{
	return counter_row[tls_counters.base + TLS_COUNT_EXPIRY_WARNINGS];
}

static void pass(uint64_t ms)
{
	fake.w.now += ms;
	timers_run(fake.w.timers, fake.w.now, 100);
}

static int setup(void **state)
{
	fake_setup(state);
	(void)warnings_of(0);
	domains[0].keys[0].not_after = time(NULL) + 5 * DAY;
	fake.sections[1] = &conf;
	fake.modules[1] = &serac_module;
	*serac_module.index = 1;
	memset(counter_row, 0, COUNTERS_MAX * sizeof(*counter_row));
	return tls_expiry_open(&fake.run);
}

static void one_worker_warns_once_a_day(void **state)
{
	(void)state;
	tls_expiry_start(&fake.w);
	pass(1000);
	assert_int_equal(warned(), 1);
	pass(DAY_MS - 2000);
	assert_int_equal(warned(), 1);
	pass(3000);
	assert_int_equal(warned(), 2);
	tls_expiry_stop(&fake.w);
	pass(2 * (uint64_t)DAY_MS);
	assert_int_equal(warned(), 2);
}

static void a_successor_waits_until_the_day_is_over(void **state)
{
	(void)state;
	tls_expiry_start(&fake.w);
	pass(1000);
	tls_expiry_stop(&fake.w);
	pass(10000);
	tls_expiry_start(&fake.w);
	pass(1000);
	assert_int_equal(warned(), 1);
	pass(DAY_MS);
	assert_int_equal(warned(), 2);
	tls_expiry_stop(&fake.w);
}

static void others_do_not_warn(void **state)
{
	(void)state;
	fake.w.n = 1;
	tls_expiry_start(&fake.w);
	pass(1000);
	assert_int_equal(warned(), 0);
	tls_expiry_stop(&fake.w);
	fake.w.n = 0;
}

static void nothing_is_said_of_tls_that_is_off(void **state)
{
	(void)state;
	conf.enabled = false;
	tls_expiry_start(&fake.w);
	pass(1000);
	assert_int_equal(warned(), 0);
	tls_expiry_stop(&fake.w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(warned_from_thirty_days_before_on),
		cmocka_unit_test(each_file_is_told_of_once),
		TEST(one_worker_warns_once_a_day),
		TEST(a_successor_waits_until_the_day_is_over),
		TEST(others_do_not_warn),
		TEST(nothing_is_said_of_tls_that_is_off),
	};

	assert_int_equal(counters_register(&tls_counters), 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

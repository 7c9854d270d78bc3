/* SPDX-License-Identifier: BSD-2-Clause */
/* What values of settings can be read as. */
#include "core/script/setting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct setting word(const char *z)
{
	return (struct setting){ .kind = SETTING_WORD, .text = str_z(z) };
}

static struct setting number(int64_t n)
{
	return (struct setting){ .kind = SETTING_INT, .number = n };
}

static void flags_have_many_words(void **state)
{
	static const char *const yes[] = { "yes", "On", "TRUE", "enable", "enabled", "1" };
	static const char *const no[] = { "no", "Off", "FALSE", "disable", "disabled", "0" };
	static const char *const neither[] = { "", "2", "y", "yess" };
	struct setting s;
	bool v;

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		s = word(yes[i]);
		assert_true(setting_bool(&s, &v) && v);
		s = word(no[i]);
		assert_true(setting_bool(&s, &v) && !v);
	}
	for (size_t i = 0; i < 4; i++) {
		s = word(neither[i]);
		assert_false(setting_bool(&s, &v));
	}
	s = number(1);
	assert_true(setting_bool(&s, &v) && v);
	s = number(2);
	assert_false(setting_bool(&s, &v));
}

static void times_have_units(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: not one */
	} cases[] = { { "5", 5000 },	{ "5s", 5000 },	   { "500ms", 500 },
		      { "2m", 120000 }, { "1h", 3600000 }, { "1d", 86400000 },
		      { "s", -1 },	{ "5x", -1 },	   { "", -1 },
		      { "5 s", -1 },	{ "1d1h", -1 },	   { "9223372036854775807d", -1 } };
	struct setting s;
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool good;

		s = word(cases[i].text);
		good = setting_ms(&s, 1000, &ms);
		assert_int_equal(good ? ms : -1, cases[i].ms);
	}
	s = number(7);
	assert_true(setting_ms(&s, 0, &ms) && ms == 7);
	s = number(INT64_MAX);
	assert_false(setting_ms(&s, 1000, &ms));
}

static void numbers_are_texts_too(void **state)
{
	struct pool *pool = pool_new(1024, 1 << 16);
	struct setting s = number(-12);
	int64_t n;

	(void)state;
	assert_true(str_eq(setting_text(&s, pool), STR("-12")));
	s = word("34");
	assert_true(setting_number(&s, &n) && n == 34);
	s = word("");
	assert_true(setting_text(&s, pool).p && !setting_text(&s, pool).n);
	assert_false(setting_number(&s, &n));
	pool_drop(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_have_many_words),
		cmocka_unit_test(times_have_units),
		cmocka_unit_test(numbers_are_texts_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

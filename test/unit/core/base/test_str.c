/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/base/base_test.h"

static void null_is_told_from_empty(void **state)
{
	(void)state;
	assert_true(str_is_null(STR_NULL));
	assert_true(str_is_null(str_z(NULL)));
	assert_false(str_is_null(STR("")));
	assert_true(str_eq(STR_NULL, STR("")));
	assert_true(str_eq_nocase(STR(""), STR_NULL));
}

static void tokens_are_compared_as_in_sip(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal, nocase;
	} v[] = {
		{ "INVITE", "INVITE", true, true },  { "INVITE", "invite", false, true },
		{ "INVITE", "INVIT", false, false }, { "a[", "A{", false, false },
		{ "\xc4", "\xe4", false, false },    { "@", "`", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		assert_int_equal(str_eq(str_z(v[i].a), str_z(v[i].b)), v[i].equal);
		assert_int_equal(str_eq_nocase(str_z(v[i].a), str_z(v[i].b)), v[i].nocase);
	}
}

static void order_is_that_of_bytes_a_prefix_being_smaller(void **state)
{
	(void)state;
	assert_true(str_cmp(STR("a"), STR("b")) < 0);
	assert_true(str_cmp(STR("ab"), STR("a")) > 0);
	assert_true(str_cmp(STR("a"), STR("\xff")) < 0);
	assert_int_equal(str_cmp(STR_NULL, STR("")), 0);
	assert_true(str_cmp_nocase(STR("B"), STR("a")) > 0);
	assert_true(str_cmp_nocase(STR("A"), STR("b")) < 0);
	assert_true(str_cmp_nocase(STR("a"), STR("\xff")) < 0);
	assert_int_equal(str_cmp_nocase(STR("AbC"), STR("aBc")), 0);
}

static void searching(void **state)
{
	struct str s = STR("sip:a@b@c");

	(void)state;
	assert_int_equal(str_chr(s, '@'), 5);
	assert_int_equal(str_rchr(s, '@'), 7);
	assert_int_equal(str_chr(s, 'x'), -1);
	assert_int_equal(str_chr(STR_NULL, 'x'), -1);
	assert_int_equal(str_rchr(STR_NULL, 'x'), -1);
	assert_int_equal(str_find(s, STR("@b")), 5);
	assert_int_equal(str_find(s, STR("@B")), -1);
	assert_int_equal(str_find(s, STR("")), 0);
	assert_int_equal(str_find(STR_NULL, STR("a")), -1);
	assert_int_equal(str_find(STR("ab"), STR("abc")), -1);
	assert_int_equal(str_find_nocase(s, STR("@B")), 5);
	assert_int_equal(str_find_nocase(s, STR("C")), 8);
	assert_int_equal(str_find_nocase(STR("a"), STR("ab")), -1);
	assert_true(str_starts(s, STR("sip:")));
	assert_false(str_starts(s, STR("SIP:")));
	assert_true(str_starts_nocase(s, STR("SIP:")));
	assert_false(str_starts(STR("si"), STR("sip")));
	assert_true(str_starts(STR_NULL, STR("")));
}

static void cutting_stays_inside(void **state)
{
	(void)state;
	assert_str_is(str_skip(STR("abc"), 1), "bc");
	assert_str_is(str_skip(STR("abc"), 9), "");
	assert_str_is(str_head(STR("abc"), 2), "ab");
	assert_str_is(str_head(STR("abc"), 9), "abc");
	assert_true(str_is_null(str_skip(STR_NULL, 3)));
	assert_str_is(str_trim(STR(" \t\r\na b\n ")), "a b");
	assert_str_is(str_trim(STR(" \t ")), "");
}

static void splitting_gives_every_piece(void **state)
{
	static const struct {
		const char *in, *pieces[5];
	} v[] = {
		{ "a,b,,c", { "a", "b", "", "c" } },
		{ "a", { "a" } },
		{ "", { "" } },
		{ ",", { "", "" } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct str rest = str_z(v[i].in), piece;
		size_t n = 0;

		while (str_split(&rest, ',', &piece)) {
			assert_non_null(v[i].pieces[n]);
			assert_str_is(piece, v[i].pieces[n++]);
		}
		assert_null(v[i].pieces[n]);
		assert_true(str_is_null(rest));
	}
}

static void unsigned_numbers_have_a_bound(void **state)
{
	static const struct {
		const char *in;
		uint64_t max;
		int err;
		uint64_t value;
	} v[] = {
		{ "0", 0, 0, 0 },
		{ "007", 10, 0, 7 },
		{ "65535", 65535, 0, 65535 },
		{ "65536", 65535, -ERANGE, 0 },
		{ "9", 5, -ERANGE, 0 },
		{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, -ERANGE, 0 },
		{ "99999999999999999999999", UINT64_MAX, -ERANGE, 0 },
		{ "", 10, -EINVAL, 0 },
		{ "-1", 10, -EINVAL, 0 },
		{ "+1", 10, -EINVAL, 0 },
		{ " 1", 10, -EINVAL, 0 },
		{ "1x", 10, -EINVAL, 0 },
		{ "999999999999999999999x", 10, -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		uint64_t value = 4711;

		assert_int_equal(str_uint(str_z(v[i].in), v[i].max, &value), v[i].err);
		assert_int_equal(value, v[i].err ? 4711 : v[i].value);
	}
}

static void signed_numbers(void **state)
{
	static const struct {
		const char *in;
		int err;
		int64_t value;
	} v[] = {
		{ "-1", 0, -1 },
		{ "+12", 0, 12 },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "-9223372036854775808", 0, INT64_MIN },
		{ "9223372036854775808", -ERANGE, 0 },
		{ "-9223372036854775809", -ERANGE, 0 },
		{ "-", -EINVAL, 0 },
		{ "--1", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		int64_t value = 4711;

		assert_int_equal(str_int(str_z(v[i].in), &value), v[i].err);
		assert_int_equal(value, v[i].err ? 4711 : v[i].value);
	}
}

static void hexadecimal_digits(void **state)
{
	(void)state;
	assert_int_equal(char_hex('0'), 0);
	assert_int_equal(char_hex('9'), 9);
	assert_int_equal(char_hex('a'), 10);
	assert_int_equal(char_hex('F'), 15);
	assert_int_equal(char_hex('g'), -1);
	assert_int_equal(char_hex('/'), -1);
	assert_int_equal(char_hex('\0'), -1);
}

static void distance_of_words(void **state)
{
	static char long_z[65];

	(void)state;
	memset(long_z, 'a', sizeof(long_z));
	assert_int_equal(str_distance(STR("t_relai"), STR("t_relay")), 1);
	assert_int_equal(str_distance(STR("FORWARD"), STR("forward")), 0);
	assert_int_equal(str_distance(STR("forwad"), STR("forward")), 1);
	assert_int_equal(str_distance(STR("kitten"), STR("sitting")), 3);
	assert_int_equal(str_distance(STR(""), STR("abc")), 3);
	assert_int_equal(str_distance(str_of(long_z, 65), STR("a")), 255);
	assert_int_equal(str_distance(str_of(long_z, 64), STR("a")), 63);
}

static void words_are_told_in_any_case_and_from_all_else(void **state)
{
	(void)state;
	assert_true(STR_IS(STR("i"), "i") && STR_IS(STR("I"), "i"));
	assert_true(STR_IS(STR("Ttl"), "ttl") && STR_IS(STR("RPORT"), "rport"));
	assert_true(STR_IS(STR("reCeived"), "received"));
	assert_true(STR_IS(STR("TransportName"), "transportname"));
	assert_false(STR_IS(STR_NULL, "i") || STR_IS(STR(""), "i"));
	assert_false(STR_IS(STR("ttl1"), "ttl") || STR_IS(STR("tt"), "ttl"));
	for (size_t i = 0; i < 13; i++) {
		char word[] = "transportname";

		for (unsigned c = 0; c < 256; c++) {
			word[i] = (char)c;
			assert_int_equal(STR_IS(str_of(word, 13), "transportname"),
					 char_lower((char)c) == "transportname"[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_is_told_from_empty),
		cmocka_unit_test(tokens_are_compared_as_in_sip),
		cmocka_unit_test(order_is_that_of_bytes_a_prefix_being_smaller),
		cmocka_unit_test(searching),
		cmocka_unit_test(cutting_stays_inside),
		cmocka_unit_test(splitting_gives_every_piece),
		cmocka_unit_test(unsigned_numbers_have_a_bound),
		cmocka_unit_test(signed_numbers),
		cmocka_unit_test(hexadecimal_digits),
		cmocka_unit_test(distance_of_words),
		cmocka_unit_test(words_are_told_in_any_case_and_from_all_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/base/base_test.h"

#include "core/base/buf.h"

static void numbers_and_formats(void **state)
{
	char text[256];
	struct buf b = BUF_ON(text);

	(void)state;
	buf_uint(&b, 0);
	buf_char(&b, ' ');
	buf_uint(&b, UINT64_MAX);
	buf_char(&b, ' ');
	buf_int(&b, INT64_MIN);
	buf_lit(&b, " ");
	buf_int(&b, 42);
	buf_fmt(&b, " %s:%u ", "host", 5060u);
	buf_hex(&b, 0xbeef, 6);
	buf_char(&b, ' ');
	buf_hex(&b, 0x123456789abcdef0, 99);
	assert_true(buf_ok(&b));
	assert_str_is(buf_str(&b), "0 18446744073709551615 -9223372036854775808 42 host:5060 "
				   "00beef 123456789abcdef0");
}

/* Whatever is written into a buffer of any size: it never passes the end, and says so when something is missing. */
static void overflow_is_remembered(void **state)
{
	char text[64];

	(void)state;
	for (size_t cap = 0; cap < 20; cap++) {
		struct buf b;
		size_t before;

		memset(text, '#', sizeof(text));
		b = buf_over(text, cap);
		buf_str_put(&b, STR("0123"));
		buf_uint(&b, 4567);
		buf_fmt(&b, "%s", "89ab");
		buf_char(&b, 'c');
		/* a format needs one byte more than it leaves */
		assert_int_equal(buf_ok(&b), cap >= 13);
		assert_memory_equal(b.p, "0123456789abc", b.n);
		before = b.n;
		buf_char(&b, 'x');
		assert_int_equal(b.n, cap > 13 ? before + 1 : before);
		for (size_t i = cap; i < sizeof(text); i++)
			assert_int_equal(text[i], '#');
	}
}

static void what_comes_after_an_overflow_is_dropped(void **state)
{
	char text[4];
	struct buf b = BUF_ON(text);

	(void)state;
	buf_lit(&b, "abc");
	buf_lit(&b, "de");
	buf_lit(&b, "f");
	assert_false(buf_ok(&b));
	assert_str_is(buf_str(&b), "abc");
}

static void peer_text_is_escaped_and_cut(void **state)
{
	char text[256];
	struct buf b = BUF_ON(text);

	(void)state;
	buf_escaped(&b, STR("a\"b\\c\r\n\x7f\xff~"), 100);
	assert_str_is(buf_str(&b), "a\\\"b\\\\c\\x0d\\x0a\\x7f\\xff~");
	b = BUF_ON(text);
	buf_escaped(&b, STR("abcdef"), 3);
	assert_str_is(buf_str(&b), "abc...");
	b = BUF_ON(text);
	buf_escaped(&b, STR("abc"), 3);
	assert_str_is(buf_str(&b), "abc");
}

static void json_is_always_utf8(void **state)
{
	static const struct {
		const char *in, *out;
	} v[] = {
		{ "a\"\\\n", "a\\\"\\\\\\u000a" },
		{ "\x7f", "\\u007f" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\xe2\x82\xac", "\xe2\x82\xac" },
		{ "\xf0\x9f\x93\x9e", "\xf0\x9f\x93\x9e" },
		{ "\xff", "\xef\xbf\xbd" },
		{ "\xc3", "\xef\xbf\xbd" },
		{ "\xc3z", "\xef\xbf\xbdz" },
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" }, /* not the shortest form */
		{ "\xe0\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* a surrogate */
		{ "\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		char text[64];
		struct buf b = BUF_ON(text);

		buf_json(&b, str_z(v[i].in));
		assert_str_is(buf_str(&b), v[i].out);
	}
}

static void what_is_not_utf8_is_replaced_alone(void **state)
{
	char text[64], small[4];
	struct buf b = BUF_ON(text), full = BUF_ON(small);

	(void)state;
	buf_utf8(&b, STR("\"gr\xc3\xbc\xc3\xffn\n\xe2\x82"));
	assert_str_is(buf_str(&b),
		      "\"gr\xc3\xbc\xef\xbf\xbd\xef\xbf\xbdn\n\xef\xbf\xbd\xef\xbf\xbd");
	buf_utf8(&full, STR("ab\xff"));
	assert_false(buf_ok(&full));
}

static void a_terminated_text_always_ends(void **state)
{
	char text[4];
	struct buf b = BUF_ON(text);

	(void)state;
	assert_string_equal(buf_z(&b), "");
	buf_lit(&b, "abc");
	assert_string_equal(buf_z(&b), "abc");
	assert_int_equal(b.n, 3);
	buf_lit(&b, "d");
	assert_string_equal(buf_z(&b), "abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_formats),
		cmocka_unit_test(overflow_is_remembered),
		cmocka_unit_test(what_comes_after_an_overflow_is_dropped),
		cmocka_unit_test(peer_text_is_escaped_and_cut),
		cmocka_unit_test(json_is_always_utf8),
		cmocka_unit_test(what_is_not_utf8_is_replaced_alone),
		cmocka_unit_test(a_terminated_text_always_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

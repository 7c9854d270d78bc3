/* SPDX-License-Identifier: BSD-2-Clause */
/* Substitutions are read, and done to texts of any size within bounds. */
#include "core/script/subst.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct pool *pool;

/* "/pattern/replacement/flags" done to a text. */
static int done(const char *how_z, struct str subject, size_t max, struct str *text_r)
{
	struct subst s;
	const struct regex *re;
	struct regex_error e;

	assert_null(subst_parse(str_z(how_z), &s));
	assert_int_equal(regex_new(pool, s.pattern, s.regex_flags, &re, &e), 0);
	return subst_text(pool, re, &s, subject, max, text_r);
}

static void texts_are_changed(void **state)
{
	static const struct {
		const char *how, *in, *out;
	} v[] = {
		{ "/b/x/", "abcb", "axcb" },
		{ "/b/x/g", "abcb", "axcx" },
		{ "!B!x!", "ab", NULL },
		{ "!B!x!i", "ab", "ax" },
		{ "/(a+)(b)/\\2\\1\\3/g", "aab-ab", "baa-ba" },
		{ "/.*//", "abc", "" },
		{ "/^/x/", "", "x" },
		{ "/$//", "", "" },
		{ "/x*/-/g", "axb", "-a--b-" },
		{ "/b/\\r\\n\\t\\&/", "b", "\r\n\t&" },
		{ "/a.b/x/", "a\nb", NULL },
		{ "/a.b/x/s", "a\nb", "x" },
	};
	struct str out;

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		out = STR_NULL;
		assert_int_equal(done(v[i].how, str_z(v[i].in), 100, &out), v[i].out != NULL);
		if (v[i].out && (str_is_null(out) || !str_eq(out, str_z(v[i].out))))
			fail_msg("%s of \"%s\" is \"" STRF "\"", v[i].how, v[i].in, STRA(out));
		assert_true(v[i].out || str_is_null(out));
	}
}

static void mistakes_are_told(void **state)
{
	static const char *const v[][2] = {
		{ "//", "'/pattern/replacement/flags' is needed" },
		{ "/a/b", "the replacement has no end" },
		{ "/ab", "the pattern has no end" },
		{ "//b/", "the pattern is empty" },
		{ "/a/b/x", "flags are g (all), i (any case) and s ('.' matches line ends)" },
	};
	struct subst s;

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		assert_string_equal(subst_parse(str_z(v[i][0]), &s), v[i][1]);
}

static void a_text_may_grow_up_to_the_limit(void **state)
{
	static char many[1000];
	static const char *const how = "/a/0123456789012345678901234567890123456789/g";
	struct str out;

	(void)state;
	memset(many, 'a', sizeof(many));
	assert_int_equal(done(how, str_of(many, 1000), 40000, &out), 1);
	assert_int_equal(out.n, 40000);
	assert_int_equal(done(how, str_of(many, 1000), 39999, &out), -EMSGSIZE);
	assert_int_equal(done("/a/b/", str_of(many, 1000), 1000, &out), 1);
	assert_int_equal(done("/a/bc/", str_of(many, 1000), 1000, &out), -EMSGSIZE);
}

static void nothing_is_made_where_nothing_matches(void **state)
{
	static const struct subst how = { .replacement = STR_INIT("x") };
	const struct regex *re;
	struct regex_error e;
	struct str out = STR_NULL;
	size_t used;

	(void)state;
	assert_int_equal(regex_new(pool, STR("a"), 0, &re, &e), 0);
	used = pool_used(pool);
	assert_int_equal(subst_text(pool, re, &how, STR("bcd"), 100, &out), 0);
	assert_true(str_is_null(out));
	assert_int_equal(pool_used(pool), used);
}

static void the_matches_of_one_are_bounded(void **state)
{
	static char many[SUBST_MATCHES_MAX + 1];
	struct str out;

	(void)state;
	memset(many, 'a', sizeof(many));
	assert_int_equal(done("/a/b/g", str_of(many, SUBST_MATCHES_MAX), 2000, &out), 1);
	assert_int_equal(done("/a/b/g", str_of(many, SUBST_MATCHES_MAX + 1), 2000, &out), -ELOOP);
}

static void all_matches_together_are_bounded(void **state)
{
	static char text[30000];
	struct str out;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(text); i += 100)
		text[i] = 'x';
	assert_int_equal(done("/x/y/g", str_of(text, sizeof(text)), 30000, &out), 1);
	assert_int_equal(done("/x.*b|x/y/g", str_of(text, sizeof(text)), 30000, &out), -ELOOP);
	assert_int_equal(done("/x.*b|x/y/", str_of(text, sizeof(text)), 30000, &out), 1);
}

static int setup(void **state)
{
	(void)state;
	pool = pool_new(65536, (size_t)16 << 20);
	return pool ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	pool_drop(&pool);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_changed),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(a_text_may_grow_up_to_the_limit),
		cmocka_unit_test(nothing_is_made_where_nothing_matches),
		cmocka_unit_test(the_matches_of_one_are_bounded),
		cmocka_unit_test(all_matches_together_are_bounded),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

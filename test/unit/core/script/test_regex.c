/* SPDX-License-Identifier: BSD-2-Clause */
/* Regular expressions mean what glibc's regcomp says, case ignored; they are bounded; constants are there in every process. */
#include "core/script/regex.h"

#include <errno.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct pool *pool;
static struct shm *shm;

struct pair {
	const char *pattern, *subject;
};

/* glibc's answer: 1, 0, or -1 for a bad pattern. */
static int by_glibc(const char *pattern, const char *subject)
{
	regex_t re;
	int r;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		return -1;
	r = regexec(&re, subject, 0, NULL, 0) == 0;
	regfree(&re);
	return r;
}

static int by_us(const char *pattern, const char *subject)
{
	const struct regex *re;
	struct regex_error e;
	int r = regex_new(pool, str_z(pattern), 0, &re, &e);

	if (r == -EINVAL)
		return -1;
	assert_int_equal(r, 0);
	r = regex_exec(re, str_z(subject), 0, NULL);
	assert_true(r >= 0);
	return r;
}

static const struct pair pairs[] = {
	{ "^sip:", "sip:bob@x" },
	{ "^SIP:", "sip:bob@x" },
	{ "^sip:", " sip:bob@x" },
	{ "a.c", "a\nc" },
	{ "a$", "a\n" },
	{ "a$", "ba" },
	{ "^b", "a\nb" },
	{ "a$", "a\nb" },
	{ "[\\d]", "d" },
	{ "[\\d]", "5" },
	{ "[\\d]", "\\" },
	{ "\\d", "5" },
	{ "\\D", "d" },
	{ "[]abc]", "]" },
	{ "[^]abc]", "]" },
	{ "[^]abc]", "x" },
	{ "[a-]", "-" },
	{ "[a[]", "[" },
	{ "[.]", "x" },
	{ "[.]", "." },
	{ "[$]", "$" },
	{ "[|]", "a" },
	{ "[a\\]b]", "ab]" },
	{ "[[:digit:]]+x", "12x" },
	{ "[[:upper:]]", "a" },
	{ "[[:lower:]]", "A" },
	{ "[[:alpha:]_]", "_" },
	{ "[^[:space:]]", " " },
	{ "[[.-.]]", "-" },
	{ "[[=a=]]", "A" },
	{ "[[.space.]]", " " },
	{ "[[:word:]]", "a" },
	{ "[a-f0-9]{4}", "00fF" },
	{ "[+--]", "," },
	{ "[z-a]", "b" },
	{ "[a", "a" },
	{ "[]", "]" },
	{ "ab*c", "ac" },
	{ "ab+c", "ac" },
	{ "ab?c", "abc" },
	{ "a{2}", "aa" },
	{ "^a{2}$", "aaa" },
	{ "^a{2,}$", "aaa" },
	{ "^a{,2}$", "aaa" },
	{ "^a{,2}$", "aa" },
	{ "^a{1,2}$", "aa" },
	{ "a{2,1}", "a" },
	{ "a**", "b" },
	{ "^a+?$", "" },
	{ "^a+?$", "aa" },
	{ "^(a|ab)(c|bcd)$", "abcd" },
	{ "^a++$", "aaa" },
	{ "^a{2}{2}$", "aaaa" },
	{ "^(ab)*?$", "abab" },
	{ "a|b|", "x" },
	{ "|a", "x" },
	{ "a||b", "x" },
	{ "()", "x" },
	{ "^()$", "" },
	{ "a)", "a)" },
	{ "(a", "a" },
	{ "*a", "a" },
	{ "(*a)", "a" },
	{ "a|*b", "b" },
	{ "^*", "a" },
	{ "a{x", "a{x" },
	{ "{1}", "a" },
	{ "(?:a)", "a" },
	{ "(?i)a", "A" },
	{ "a\\", "a" },
	{ "\\.", "." },
	{ "\\.", "x" },
	{ "\\/", "/" },
	{ "\\@", "@" },
	{ "\\+", "+" },
	{ "\\w+@\\W", "ab@." },
	{ "\\bab\\b", "x ab y" },
	{ "\\<ab\\>", "xab" },
	{ "\\`ab", "ab" },
	{ "ab\\'", "ab\n" },
	{ "\\Bb", "ab" },
	{ "(a)\\1", "aa" },
	{ "(a)(b)\\2\\1", "abba" },
	{ "\\1", "a" },
	{ "(.)\\10", "aa0" },
	{ "\\X41", "x41" },
	{ "\\Qa.b\\E", "Qa.bE" },
	{ "\\PL", "pL" },
	{ "a$b", "a$b" },
	{ "a^b", "a^b" },
	{ "(^a)", "ba" },
	{ "(a$)", "ba" },
	{ "^(\\+|00)49[0-9]{3,}$", "+49123" },
	{ "^(\\+|00)49[0-9]{3,}$", "0049123" },
	{ "^(\\+|00)49[0-9]{3,}$", "49123" },
	{ "@(example\\.com|10\\.0\\.0\\.[0-9]+)(:5060)?$", "sip:a@EXAMPLE.com:5060" },
	{ "@(example\\.com|10\\.0\\.0\\.[0-9]+)(:5060)?$", "sip:a@10.0.0.17" },
	{ "^sip:[0-9]{5,}@", "sip:1234@x" },
	{ "User-Agent:.*friendly-scanner", "User-Agent: friendly-scanner" },
	{ "", "abc" },
	{ "", "" },
	{ ".", "" },
	{ "a.*z$", "a\n\nz" },
	{ "#x y", "#x y" },
	{ "a-b", "a-b" },
	{ "-", "-" },
	{ "]", "]" },
	{ "}", "}" },
	{ "a}", "a}" },
	{ "[[:digit:]", "1" },
	{ "x{0}", "y" },
	{ "(a*)*b", "aaab" },
	{ "(a*)+", "" },
	{ "\303\266", "\303\266" },
	{ "[\303\266]", "\266" },
	{ "^$", "\n" },
	{ "$^", "" },
	{ "(|a)b", "b" },
	{ "a(|b)c", "ac" },
};

static void patterns_mean_what_glibc_says(void **state)
{
	unsigned wrong = 0;

	(void)state;
	assert_true(sizeof(pairs) / sizeof(*pairs) >= 60);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		int want = by_glibc(pairs[i].pattern, pairs[i].subject), got;

		pool_reset(pool);
		got = by_us(pairs[i].pattern, pairs[i].subject);
		if (want != got) {
			print_error("\"%s\" on \"%s\": %d, glibc %d\n", pairs[i].pattern,
				    pairs[i].subject, got, want);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

/* Patterns made of the characters that matter: we take those that glibc takes, and agree on every subject. Two things are left out: with REG_ICASE
 * glibc never matches an escaped small letter (here it is that letter), and it looks at ranges in capital letters only. */
static void random_patterns_agree_with_glibc(void **state)
{
	static const char letters[] = "ab.*+?|()[]^$\\{},012-";
	static const char *const subjects[] = { "",  "a", "b",	"ab",  "ba", "aab",  "a.b", "a*",
						"]", "0", "12", "a-b", "\\", "abab", "aaaa" };
	unsigned seed = 12345, good = 0, wrong = 0;
	char pattern[12];

	(void)state;
	for (unsigned round = 0; round < 40000; round++) {
		unsigned n = 1 + (unsigned)rand_r(&seed) % 9;

		for (unsigned i = 0; i < n; i++)
			pattern[i] = letters[(unsigned)rand_r(&seed) % (sizeof(letters) - 1)];
		pattern[n] = '\0';
		pool_reset(pool);
		if (strstr(pattern, "\\a") || strstr(pattern, "\\-"))
			continue;
		for (size_t s = 0; s < sizeof(subjects) / sizeof(*subjects); s++) {
			int want = by_glibc(pattern, subjects[s]),
			    got = by_us(pattern, subjects[s]);

			good += want >= 0;
			if (want == got)
				continue;
			if (wrong++ < 20)
				print_error("\"%s\" on \"%s\": %d, glibc %d\n", pattern,
					    subjects[s], got, want);
			break;
		}
	}
	assert_true(good > 10000);
	assert_int_equal(wrong, 0);
}

static void groups_are_told(void **state)
{
	const struct regex *re;
	struct regex_error e;
	struct regex_match m;

	(void)state;
	assert_int_equal(regex_new(pool, STR("(a)(x)?(b)"), 0, &re, &e), 0);
	assert_int_equal(regex_exec(re, STR("--ab"), 0, &m), 1);
	assert_int_equal(m.group[0].from, 2);
	assert_int_equal(m.group[0].to, 4);
	assert_int_equal(m.group[3].from, 3);
	assert_true(m.group[2].from == SIZE_MAX);
	assert_int_equal(regex_exec(re, STR("abab"), 1, &m), 1);
	assert_int_equal(m.group[0].from, 2);
	assert_int_equal(regex_exec(re, STR("abab"), 3, &m), 0);
}

static void flags_change_case_and_lines(void **state)
{
	const struct regex *re;
	struct regex_error e;

	(void)state;
	assert_int_equal(regex_new(pool, STR("^b.$"), REGEX_CASE, &re, &e), 0);
	assert_int_equal(regex_exec(re, STR("bx"), 0, NULL), 1);
	assert_int_equal(regex_exec(re, STR("Bx"), 0, NULL), 0);
	assert_int_equal(regex_exec(re, STR("a\nbx\nc"), 0, NULL), 0);
	assert_int_equal(regex_new(pool, STR("^b.$"), REGEX_MULTILINE, &re, &e), 0);
	assert_int_equal(regex_exec(re, STR("a\nbx\nc"), 0, NULL), 1);
	assert_int_equal(regex_exec(re, STR("a\nb\n\nc"), 0, NULL), 0);
	assert_int_equal(regex_exec(re, STR("a\r\nbx\r\nc"), 0, NULL), 1);
	assert_int_equal(regex_exec(re, STR("a\r\nb\r\nc"), 0, NULL), 0);
}

static void endless_backtracking_is_an_error(void **state)
{
	static const char *const patterns[] = { "^(a|aa)+$", "^(a*)*b$", "(a+)+b",
						"^((a{1,50}){1,50}){1,50}c$" };
	const struct regex *re;
	struct regex_error e;
	char subject[2000];

	(void)state;
	memset(subject, 'a', sizeof(subject));
	subject[sizeof(subject) - 1] = 'x';
	for (size_t i = 0; i < sizeof(patterns) / sizeof(*patterns); i++) {
		int r = regex_new(pool, str_z(patterns[i]), 0, &re, &e);

		if (r == -EINVAL) /* too large is a good answer, too */
			continue;
		assert_int_equal(r, 0);
		r = regex_exec(re, str_of(subject, sizeof(subject)), 0, NULL);
		assert_true(r == -ELOOP || r == 0);
	}
}

/* Ordinary patterns, of which PCRE2's own limit sees nothing: each place of the text would be looked at from each before it. */
static void long_texts_are_searched_within_bounds(void **state)
{
	static const struct {
		const char *pattern;
		int result;
	} all[] = {
		{ "[^ ]+@", -ELOOP }, { "[a-z]+b@", -ELOOP }, { "a+@", -ELOOP }, { "needle", 0 },
		{ " @b$", 1 },	      { "^a*b", 0 },	      { ".*@b", 1 },	 { "[0-9]+@", 0 },
	};
	static char text[60004];
	const struct regex *re;
	struct regex_error e;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 3, " @b", 3);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		assert_int_equal(regex_new(pool, str_z(all[i].pattern), 0, &re, &e), 0);
		if (regex_exec(re, str_of(text, sizeof(text)), 0, NULL) != all[i].result)
			fail_msg("%s", all[i].pattern);
	}
	/* words as people write them */
	for (size_t i = 9; i < sizeof(text) - 3; i += 10)
		text[i] = ' ';
	assert_int_equal(regex_new(pool, STR("[^ ]+@"), 0, &re, &e), 0);
	assert_int_equal(regex_exec(re, str_of(text, sizeof(text)), 0, NULL), 0);
}

static void several_matches_share_a_budget(void **state)
{
	struct regex_budget budget = REGEX_BUDGET;
	static char text[60000];
	const struct str all = str_of(text, sizeof(text));
	const struct regex *re;
	struct regex_error e;
	int n = 0, r;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(regex_new(pool, STR("^.*[bc]"), 0, &re, &e), 0);
	while ((r = regex_exec_within(&budget, re, all, 0, NULL)) == 0)
		assert_true(++n < 100);
	assert_int_equal(r, -ELOOP);
	assert_true(n > 10);
	assert_int_equal(regex_exec(re, all, 0, NULL), 0);
}

static void bad_patterns_say_where(void **state)
{
	const struct regex *re;
	struct regex_error e;

	(void)state;
	assert_int_equal(regex_new(pool, STR("ab[c"), 0, &re, &e), -EINVAL);
	assert_int_equal(e.offset, 2);
	assert_string_equal(e.text, "\"[\" is not closed");
	assert_int_equal(regex_new(pool, STR("ab|*"), 0, &re, &e), -EINVAL);
	assert_int_equal(e.offset, 3);
}

/* A process that did not inherit the compiled code makes it from the pattern. */
static void constants_are_made_where_they_are_missing(void **state)
{
	struct arena *arena = arena_new(shm, ID_MAKE(ID_CONF, 0, 0), 4096, 1 << 20);
	uint64_t set = regex_set_new();
	const struct regex *re[100];
	struct regex_error e;
	int status;
	pid_t pid;

	(void)state;
	for (int i = 0; i < 100; i++) {
		char text[16];

		snprintf(text, sizeof(text), "^x%d$", i);
		assert_int_equal(regex_add(set, arena, str_z(text), 0, &re[i], &e), 0);
	}
	assert_int_equal(regex_add(set, arena, STR("("), 0, &re[0], &e), -EINVAL);
	assert_int_equal(regex_exec(re[42], STR("X42"), 0, NULL), 1);
	pid = fork();
	if (pid == 0)
		_exit(regex_exec(re[99], STR("x99"), 0, NULL) == 1 &&
				      regex_exec(re[99], STR("x98"), 0, NULL) == 0
			      ? 0
			      : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	regex_set_drop(set);
	assert_int_equal(regex_exec(re[7], STR("x7"), 0, NULL), 1);
	assert_int_equal(regex_exec(re[99], STR("x7"), 0, NULL), 0);
	regex_set_drop(set);
	arena_drop(&arena);
}

/* Short texts are not counted, those of a peer who means harm are. */
static void a_constant_is_bounded_on_long_texts(void **state)
{
	struct arena *arena = arena_new(shm, ID_MAKE(ID_CONF, 0, 0), 4096, 1 << 20);
	uint64_t set = regex_set_new();
	static char text[60000];
	struct regex_budget budget = { .left = 10 };
	const struct regex *re[3];
	struct regex_error e;

	(void)state;
	assert_int_equal(regex_add(set, arena, STR("^a+ @b$"), 0, &re[0], &e), 0);
	assert_int_equal(regex_add(set, arena, STR("[^ ]+@"), 0, &re[1], &e), 0);
	assert_int_equal(regex_add(set, arena, STR("@b$"), 0, &re[2], &e), 0);
	for (size_t n = REGEX_SHORT; n <= sizeof(text); n += sizeof(text) - REGEX_SHORT) {
		memset(text, 'a', n);
		memcpy(text + n - 3, " @b", 3);
		assert_int_equal(regex_exec(re[0], str_of(text, n), 0, NULL), 1);
		assert_int_equal(regex_exec(re[1], str_of(text, n), 0, NULL),
				 n == REGEX_SHORT ? 0 : -ELOOP);
		assert_int_equal(regex_exec(re[2], str_of(text, n), n - 3, NULL), 1);
	}
	/* a short text is counted from the second on */
	memset(text, 'a', REGEX_SHORT);
	memcpy(text + REGEX_SHORT - 3, " @b", 3);
	assert_int_equal(regex_exec_within(&budget, re[1], str_of(text, REGEX_SHORT), 0, NULL), 0);
	assert_int_equal(regex_exec_within(&budget, re[1], str_of(text, REGEX_SHORT), 0, NULL),
			 -ELOOP);
	regex_set_drop(set);
	arena_drop(&arena);
}

static int setup(void **state)
{
	(void)state;
	pool = pool_new(65536, (size_t)64 << 20);
	shm = shm_new((size_t)256 << 20, (size_t)64 << 20, 4);
	shm_slot_set(0);
	return pool && shm ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	pool_drop(&pool);
	shm_drop(&shm);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_mean_what_glibc_says),
		cmocka_unit_test(random_patterns_agree_with_glibc),
		cmocka_unit_test(groups_are_told),
		cmocka_unit_test(flags_change_case_and_lines),
		cmocka_unit_test(endless_backtracking_is_an_error),
		cmocka_unit_test(long_texts_are_searched_within_bounds),
		cmocka_unit_test(several_matches_share_a_budget),
		cmocka_unit_test(bad_patterns_say_where),
		cmocka_unit_test(constants_are_made_where_they_are_missing),
		cmocka_unit_test(a_constant_is_bounded_on_long_texts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file of tests says, and what is told of mistakes in it. */
#include "core/try/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct pool *pool;
static struct case_file file;
static char *told_z;

static unsigned parse(const char *path_z, const char *text_z)
{
	size_t n;
	FILE *out;
	unsigned errors;

	free(told_z);
	out = open_memstream(&told_z, &n);
	errors = case_file_parse(pool, path_z, str_z(text_z), out, &file);
	fclose(out);
	return errors;
}

static int start(void **state)
{
	(void)state;
	pool = pool_new(4096, 1 << 20);
	return pool ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	pool_drop(&pool);
	free(told_z);
	told_z = NULL;
	return 0;
}

#define EQ(s, literal) assert_true(str_eq((s), STR(literal)))

static void steps_have_their_lines(void **state)
{
	const struct step *s;

	(void)state;
	assert_int_equal(
		parse("t/a.test",
		      "# what\nscript \"../x.cfg\"\r\nfrom udp:1.2.3.4:5\n"
		      "test one\nrequest INVITE sip:x\n\tA: 1\n\t  folded\n\n\tbody\n\n"
		      "expect no header A !~ ^1\ntest two\nmessage m.sip\nexpect nothing\n"),
		0);
	assert_string_equal(file.script_z, "x.cfg");
	assert_int_equal(file.cases_n, 2);
	assert_int_equal(file.common->kind, STEP_FROM);
	EQ(file.common->text, "udp:1.2.3.4:5");
	EQ(file.cases->name, "one");
	s = file.cases->steps;
	assert_int_equal(s->line, 5);
	EQ(s->text, "INVITE sip:x");
	EQ(s->lines, "A: 1\n  folded\n\nbody\n");
	s = s->next;
	assert_int_equal(s->line, 11);
	assert_true(s->expect.negated);
	assert_int_equal(s->expect.what, EXPECT_HEADER);
	assert_int_equal(s->expect.how, HOW_MATCHES_NOT);
	EQ(s->expect.name, "A");
	EQ(s->expect.text, "^1");
	assert_null(s->next);
	EQ(file.cases->next->steps->text, "m.sip");
}

static void scripts_are_found_from_the_folder_of_the_test(void **state)
{
	static const struct {
		const char *path_z, *line_z, *expected_z;
	} vectors[] = {
		{ "a.test", "script x.cfg", "x.cfg" },
		{ "t/a.test", "script x.cfg", "t/x.cfg" },
		{ "s/t/a.test", "script ../x.cfg", "s/x.cfg" },
		{ "../a.test", "script ../x.cfg", "../../x.cfg" },
		{ "/t/a.test", "script /x.cfg", "/x.cfg" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		parse(vectors[i].path_z, vectors[i].line_z);
		assert_string_equal(file.script_z, vectors[i].expected_z);
	}
}

static void mistakes_are_told_with_their_line(void **state)
{
	static const struct {
		const char *text_z, *told_z;
	} vectors[] = {
		{ "", "t:1: no line names the script" },
		{ "script x\n", "t:1: there is no test in this file" },
		{ "script x\nscript y\n", "t:2: a file of tests has one script: \"y\"" },
		{ "script x\nrequest A b\n", "t:2: no test has begun before \"request\"" },
		{ "script x\ntest a\nrequest A b\n", "t:2: this test expects nothing: \"a\"" },
		{ "script x\ntest a\nmessage m\n\tINVITE\n",
		  "t:3: a message is in a file or written below, not both" },
		{ "script x\ntest a\n\tA: 1\n", "t:3: a line begins with" },
		{ "script x\ntest a\nrequest A b\nexpect nothing else\n",
		  "t:4: nothing may follow behind \"nothing\"" },
		{ "script x\ntest a\nrequest A b\nexpect ruri\n",
		  "t:4: what is expected is missing behind \"ruri\"" },
		{ "script x\ntest a\nfrom\n",
		  "t:3: something is missing behind \"from\"\n  hint: from udp:" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		assert_true(parse("t", vectors[i].text_z) > 0);
		assert_non_null(strstr(told_z, vectors[i].told_z));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(steps_have_their_lines, start, end),
		cmocka_unit_test_setup_teardown(scripts_are_found_from_the_folder_of_the_test,
						start, end),
		cmocka_unit_test_setup_teardown(mistakes_are_told_with_their_line, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

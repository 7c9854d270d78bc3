/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script's text becomes before there is a grammar: definitions, conditions, substitutions, includes, comments, texts. */
#include "fake.h"

/* Whole scripts, not the insides of a route. */
static void load_all(const struct vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_string_equal(fake_script(v[i].body), v[i].trace);
}
#define LOAD_ALL(v) load_all((v), sizeof(v) / sizeof(*(v)))

static void definitions_stand_for_their_text(void **state)
{
	static const struct vector v[] = {
		{ "#!define A 't'\nroute { t(A); }", "t" },
		{ "#!define A 5 # five\n#!def B 6 // six\nroute { ti(A); ti(B); }", "5 6" },
		{ "#!define A '#' # a sign\nroute { t(A); t('A'); t(\"A\"); }", "# A A" },
		{ "#!define A \\\n  t('a'); \\\n  t('b')\nroute { A; }", "a b" },
		{ "#!define A B\n#!define B 'b'\nroute { t(A); }", "b" },
		{ "#!define A 1\n#!trydef A 2\n#!redef A 3\n#!trydef A 4\nroute { ti(A); }", "3" },
		{ "#!define A\n#!undef A\n!!ifdef A\nroute { t('a'); }\n!!else\nroute { t('b'); "
		  "}\n!!endif\n",
		  "b" },
		{ "#!ifndef A\n#!ifdef B\nroute { t('b'); }\n#!else\nroute { t('c'); }\n#!endif\n"
		  "#!else\nnonsense {{{ \"\n#!ifdef X\n#!endif\n#!endif\n",
		  "c" },
	};

	(void)state;
	LOAD_ALL(v);
}

static void the_environment_may_define(void **state)
{
	static const struct vector v[] = {
		{ "#!defenv SERAC_TEST\nroute { ti(SERAC_TEST); }", "42" },
		{ "#!defenv A=SERAC_TEST\nroute { ti(A); }", "42" },
		{ "#!defenvs A=SERAC_TEST\nroute { t(A); }", "42" },
		{ "#!trydefenv SERAC_TEST_NOT\n#!ifdef SERAC_TEST_NOT\nx\n#!endif\nroute { t('x'); "
		  "}",
		  "x" },
		{ "#!trydefenvs A=SERAC_TEST\nroute { t(A); }", "42" },
	};

	(void)state;
	setenv("SERAC_TEST", "42", 1);
	unsetenv("SERAC_TEST_NOT");
	LOAD_ALL(v);
}

static const struct {
	const char *expr;
	int64_t value;
} expressions[] = {
	{ "1 + 2 * 3", 7 },
	{ "(1 + 2) * 3", 9 },
	{ "7 / 2 - 7 % 4", 0 },
	{ "-3 + 1", -2 },
	{ "10 / -1", -10 },
	{ "2 < 10", 1 },
	{ "'2' < '10'", 0 },
	{ "FIVE == 5 && !NOWHERE", 1 },
	{ "FIVE >= 6 || NAME == 'bob'", 1 },
	{ "NAME != \"bob\"", 0 },
	{ "EMPTY", 1 },
	{ "NOWHERE", 0 },
	{ "'a' + 5 == 'a5'", 1 },
	{ "'x' == 5", 0 },
	{ "5 <= 5", 1 },
};

static void expressions_are_computed(void **state)
{
	char script[512], want[32];

	(void)state;
	for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++) {
		snprintf(script, sizeof(script),
			 "#!define FIVE 5\n#!define NAME \"bob\"\n#!define EMPTY\n"
			 "#!defexp V %s\n#!defexps S %s\n"
			 "#!ifexp %s\n#!define W 'yes'\n#!else\n#!define W 'no'\n#!endif\n"
			 "route { ti(V); t(S); t(W); }",
			 expressions[i].expr, expressions[i].expr, expressions[i].expr);
		snprintf(want, sizeof(want), "%d %d %s", (int)expressions[i].value,
			 (int)expressions[i].value, expressions[i].value ? "yes" : "no");
		assert_string_equal(fake_script(script), want);
	}
}

static void texts_are_substituted(void **state)
{
	static const struct vector v[] = {
		{ "#!subst \"/HOST/example.com/\"\nroute { t('a.HOST HOST'); t(\"HOST\"); "
		  "t('host'); }",
		  "a.example.com HOST example.com host" },
		{ "#!subst \"!host!x!ig\"\nroute { t('HOST.host'); }", "x.x" },
		{ "#!subst \"/(a+)(b)/\\2\\1/g\"\nroute { t('aab-ab'); }", "baa-ba" },
		{ "#!subst \"/x*/-/g\"\nroute { t('axb'); }", "-a--b-" },
		{ "#!substdef \"!PORT!5060!g\"\nroute { ti(PORT); t('p=PORT'); }", "5060 p=5060" },
		{ "#!substdefs \"!NAME!bob!\"\nroute { t(NAME); t('I am NAME'); }",
		  "bob I am bob" },
	};

	(void)state;
	LOAD_ALL(v);
}

static void texts_have_the_familys_escapes(void **state)
{
	static const struct vector v[] = {
		{ "route { t(\"\\x41\\x4a\\101\\60\"); }", "AJA0" },
		{ "route { t(\"a\\.b\\1\\d\\\\\\\"\"); }", "a\\.b\\1\\d\\\"" },
		{ "route { t('\\x41\\n\"'); }", "\\x41\\n\"" },
		{ "route { t(\"a\\\nb\" 'c' \"d\"); }", "abcd" },
		{ "route { t(\"a\nb\"); }", "a\nb" },
		{ "# one\n// two \" '\n/* three\n * ** \"*/ route /**/ { t('a'); # }\n}", "a" },
		{ "\xef\xbb\xbfroute { t('a'); }", "a" },
	};

	(void)state;
	LOAD_ALL(v);
}

static void files_are_included_anywhere(void **state)
{
	static const struct vector v[] = {
		{ "#!define PART 'p'\nroute {\n include_file "
		  "\"test/scripts/good/parts/inside.cfg\"\n "
		  "t('after'); }",
		  "p after" },
		{ "import_file 'test/scripts/none.cfg';\nroute { t('a'); }", "a" },
		{ "#!import_file test/scripts/none.cfg\nroute { t('a'); }", "a" },
		{ "#!subst \"/FOLDER/test.scripts.good.parts/\"\n#!subst \"/\\./\\//g\"\nroute { "
		  "t('FOLDER'); }",
		  "test/scripts/good/parts" },
	};

	(void)state;
	LOAD_ALL(v);
}

static void flags_may_have_names(void **state)
{
	static const struct vector v[] = {
		{ "flags ACC, NAT:5;\nbool LATE\nroute { val(NAT); if ($rc == 5) t('five'); "
		  "ti(ACC); "
		  "ti(LATE); }",
		  "five 31 30" },
		{ "avpflags a, b;\nroute { t('x'); }", "x" },
	};

	(void)state;
	LOAD_ALL(v);
}

static void numbers_are_compared_as_numbers(void **state)
{
	static const struct vector v[] = {
		{ "route { if ('05' ieq 5) t('a'); if ('5' ine '05') t('b'); if ('5' ne '05') "
		  "t('c'); }",
		  "a c" },
	};

	(void)state;
	LOAD_ALL(v);
}

static void settings_of_the_scripts_own_are_read(void **state)
{
	static const struct vector v[] = {
		{ "my.limit = 7 desc \"how many\"\nmy.name = 'bob'\nmy.empty = \"\"\n"
		  "route { ti(@cfg_get.my.limit); t(@cfg_get.my.name); t(@cfg_get.my.empty); "
		  "if (@cfg_get.my.limit > 6) t('more'); fmt(\"%@cfg_get.my.name\"); }",
		  "7 bob  more bob" },
		{ "my.limit = -3 description 'x';\nroute { ti(@cfg_get.my.limit + 1); }", "-2" },
		/* parameters, too */
		{ "core.children = 9\nloadmodule 'sl'\nsl.low = 3\n"
		  "route { ti(@cfg_get.core.children); ti(@cfg_get.sl.low); "
		  "ti(@cfg_get.core.max_recursive_level); t(@cfg_get.sl.server_name); }",
		  "9 3 256 default" },
	};

	(void)state;
	LOAD_ALL(v);
}

static void definitions_and_environment_are_variables(void **state)
{
	static const struct vector v[] = {
		{ "#!define A 'x y'\n#!define B\nroute { t($def(A)); t($def(B)); "
		  "fmt(\"<$def(A)>\"); }",
		  "'x y'  <'x y'>" },
		{ "route { t($env(SERAC_TEST)); t($env(SERAC_TEST_NOT)); }", "42 <null>" },
	};

	(void)state;
	setenv("SERAC_TEST", "42", 1);
	unsetenv("SERAC_TEST_NOT");
	LOAD_ALL(v);
}

static void names_may_be_defined_from_outside(void **state)
{
	static const char *const defines[] = { "WITH_X", "NAME='n'", "NUMBER=7" };
	struct script_options o = { .path_z = "test/scripts/good/parts/defined.cfg",
				    .defines = defines,
				    .defines_n = 3,
				    .builtins = fake_builtins };
	const struct conf *conf;
	unsigned errors, warnings;

	(void)state;
	assert_int_equal(script_load(fake_shm, &o, stderr, &conf, &errors, &warnings), 0);
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "n 7");
	script_drop(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definitions_stand_for_their_text),
		cmocka_unit_test(the_environment_may_define),
		cmocka_unit_test(expressions_are_computed),
		cmocka_unit_test(texts_are_substituted),
		cmocka_unit_test(texts_have_the_familys_escapes),
		cmocka_unit_test(files_are_included_anywhere),
		cmocka_unit_test(flags_may_have_names),
		cmocka_unit_test(numbers_are_compared_as_numbers),
		cmocka_unit_test(settings_of_the_scripts_own_are_read),
		cmocka_unit_test(definitions_and_environment_are_variables),
		cmocka_unit_test(names_may_be_defined_from_outside),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

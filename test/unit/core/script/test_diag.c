/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said about broken scripts: each test/scripts/bad/X.cfg has the exact text in X.expect. All of test/scripts/good loads without a word.
 * SCRIPT_EXPECT_WRITE=1 writes the .expect files anew, to be read before they are kept. */
#include "fake.h"

#include <glob.h>

static char *slurp(const char *path_z)
{
	FILE *f = fopen(path_z, "re");
	char *text;
	size_t n;

	if (!f)
		return NULL;
	text = calloc(1, 65536);
	n = fread(text, 1, 65535, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void expected_path(const char *path_z, char *out, size_t size)
{
	snprintf(out, size, "%.*s.expect", (int)(strlen(path_z) - 4), path_z);
}

static bool judge(const char *path_z)
{
	char expect_z[512], *want;
	bool same;

	expected_path(path_z, expect_z, sizeof(expect_z));
	if (getenv("SCRIPT_EXPECT_WRITE")) {
		FILE *f = fopen(expect_z, "we");

		assert_non_null(f);
		fputs(fake_said, f);
		fclose(f);
	}
	want = slurp(expect_z);
	same = want && !strcmp(want, fake_said);
	if (!same)
		print_error("%s says:\n%s\nexpected:\n%s\n", path_z, fake_said,
			    want ? want : "(no .expect file)");
	free(want);
	return same;
}

static void broken_scripts_are_explained(void **state)
{
	const struct conf *conf;
	unsigned wrong = 0;
	glob_t g;

	(void)state;
	assert_int_equal(glob("test/scripts/bad/*.cfg", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 80);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		bool only_warns = strstr(g.gl_pathv[i], "/warnings") != NULL;
		int r = fake_load_file(g.gl_pathv[i], false, &conf);

		assert_int_equal(r, only_warns ? 0 : -EINVAL);
		assert_int_equal(fake_errors > 0, !only_warns);
		script_drop(&conf);
		wrong += !judge(g.gl_pathv[i]);
	}
	globfree(&g);
	assert_int_equal(wrong, 0);
}

static void good_scripts_load_in_silence(void **state)
{
	const struct conf *conf;
	glob_t g;

	(void)state;
	assert_int_equal(glob("test/scripts/good/*.cfg", 0, NULL, &g), 0);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		if (strstr(g.gl_pathv[i], "lines.cfg"))
			continue; /* has an attribute of its own test */
		if (fake_load_file(g.gl_pathv[i], false, &conf) < 0 || fake_said[0])
			fail_msg("%s:\n%s", g.gl_pathv[i], fake_said);
		fake_run(conf, str_z(fake_invite));
		fake_run(conf, str_z(fake_ringing));
		script_drop(&conf);
	}
	globfree(&g);
}

static void no_more_than_twenty_errors_are_shown(void **state)
{
	const struct conf *conf;
	unsigned lines = 0;

	(void)state;
	assert_int_equal(fake_load_file("test/scripts/bad/many_errors.cfg", false, &conf), -EINVAL);
	assert_int_equal(fake_errors, 30);
	for (const char *p = fake_said; (p = strstr(p, "unknown function")); p++)
		lines++;
	assert_int_equal(lines, 20);
	assert_non_null(strstr(fake_said, "10 more errors are not shown"));
}

static void a_file_that_is_not_there_is_told(void **state)
{
	const struct conf *conf;

	(void)state;
	assert_int_equal(fake_load_file("test/scripts/no_such.cfg", false, &conf), -ENOENT);
	assert_string_equal(
		fake_said,
		"test/scripts/no_such.cfg: could not read the file: No such file or directory\n");
	assert_int_equal(fake_load_file("test/scripts", false, &conf), -EISDIR);
}

static void lenient_goes_on_without_known_modules(void **state)
{
	const struct conf *conf;
	static const char text[] =
		"loadmodule \"tm\"\nmodparam(\"tm\", \"fr_timer\", 5)\n"
		"route { t('a'); if (t_relay(\"x\", 1)) t('b'); t_newtran(); t('c'); }\n";

	(void)state;
	assert_int_equal(fake_load_text(str_z(text), false, &conf), -EINVAL);
	assert_int_equal(fake_load_text(str_z(text), true, &conf), 0);
	assert_int_equal(fake_warnings, 1);
	assert_non_null(strstr(fake_said, "there is no module \"tm\" yet; it is left out"));
	log_level_set(-10);
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "a c");
	script_drop(&conf);
	assert_int_equal(fake_load_text(STR("loadmodule \"tm\"\nroute { t_newtran(1); t_reply(1); "
					    "t_relay(1,2,3); }"),
					true, &conf),
			 -EINVAL);
	assert_int_equal(fake_errors, 3);
	assert_non_null(strstr(fake_said, "\"t_reply\" takes 2 to 2 arguments, not 1"));
	assert_int_equal(
		fake_load_text(STR("loadmodule \"htable\"\nmodparam(\"htable|dialog\", \"x\", 1)\n"
				   "route { $sht(a=>b) = 1; if ($sht(a=>b) == $null) t('null'); "
				   "sht_rm('a', 'b'); }"),
			       true, &conf),
		0);
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "null");
	script_drop(&conf);
	assert_int_equal(fake_load_text(STR("loadmodule \"nonsense\"\nroute { }"), true, &conf),
			 -EINVAL);
}

static void nearest_word(void **state)
{
	struct nearest n = nearest_to(STR("t_relai"));

	(void)state;
	nearest_offer(&n, STR("t_reply"));
	nearest_offer(&n, STR("t_relay"));
	nearest_offer(&n, STR("xlog"));
	assert_true(str_eq(n.best, STR("t_relay")));
	n = nearest_to(STR("ab"));
	nearest_offer(&n, STR("xy"));
	assert_true(str_is_null(n.best));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_scripts_are_explained),
		cmocka_unit_test(good_scripts_load_in_silence),
		cmocka_unit_test(no_more_than_twenty_errors_are_shown),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
		cmocka_unit_test(lenient_goes_on_without_known_modules),
		cmocka_unit_test(nearest_word),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

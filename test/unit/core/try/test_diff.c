/* SPDX-License-Identifier: BSD-2-Clause */
/* Hunks are those of diff -u. */
#include "core/try/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
	const char *a, *b, *expected;
} vectors[] = {
	{ "", "", "" },
	{ "a\r\nb\r\n", "a\nb\n", "" },
	{ "a\n", "b\n", "@@ -1,1 +1,1 @@\n-a\n+b\n" },
	{ "", "a\n", "@@ -0,0 +1,1 @@\n+a\n" },
	{ "a\n", "", "@@ -1,1 +0,0 @@\n-a\n" },
	{ "1\n2\n3\n4\n5\n6\n", "1\n2\n3\n4\n5\nx\n6\n", "@@ -3,4 +3,5 @@\n 3\n 4\n 5\n+x\n 6\n" },
	/* six equal lines between two changes stay in one hunk, seven do not */
	{ "a\n1\n2\n3\n4\n5\n6\nb\n", "1\n2\n3\n4\n5\n6\n",
	  "@@ -1,8 +1,6 @@\n-a\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n" },
	{ "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "1\n2\n3\n4\n5\n6\n7\n",
	  "@@ -1,4 +1,3 @@\n-a\n 1\n 2\n 3\n@@ -6,4 +5,3 @@\n 5\n 6\n 7\n-b\n" },
};

static void differences_are_unified(void **state)
{
	struct pool *p = pool_new(4096, 1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		char got_z[512];
		struct str got = diff_unified(p, str_z(vectors[i].a), str_z(vectors[i].b));

		snprintf(got_z, sizeof(got_z), STRF, STRA(got));
		assert_string_equal(got_z, vectors[i].expected);
	}
	pool_drop(&p);
}

static void texts_without_bounds_are_wholly_different(void **state)
{
	static char a[2 * (DIFF_LINES_MAX + 1)], b[] = "x\n";
	struct pool *p = pool_new(4096, 8 << 20);
	struct str got;

	(void)state;
	for (size_t i = 0; i < sizeof(a); i += 2)
		memcpy(a + i, "x\n", 2);
	got = diff_unified(p, str_of(a, sizeof(a)), str_z(b));
	assert_true(str_starts(got, STR("@@ -1,1025 +1,1 @@\n-x\n")));
	pool_drop(&p);
}

static void no_memory_is_told(void **state)
{
	struct pool *p = pool_new(1024, 1024);
	char text[400];

	(void)state;
	memset(text, '\n', sizeof(text));
	assert_true(str_is_null(diff_unified(p, str_of(text, sizeof(text)), STR("a"))));
	pool_drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_are_unified),
		cmocka_unit_test(texts_without_bounds_are_wholly_different),
		cmocka_unit_test(no_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

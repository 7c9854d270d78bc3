/* SPDX-License-Identifier: BSD-2-Clause */
/* What scripts compute and keep: arithmetic, assignments, variables. */
#include "fake.h"

static void arithmetic(void **state)
{
	static const struct vector v[] = {
		{ "ti(7 - 2); ti(7 * 3); ti(7 / 2); ti(7 % 4); ti(7 mod 4); ti(-7 / 2);",
		  "5 21 3 3 3 -3" },
		{ "ti(1 << 4); ti(256 >> 4); ti(-8 >> 1); ti(1 << 64); ti(-1 >> 70);",
		  "16 16 -4 0 -1" },
		{ "ti(12 & 10); ti(12 | 3); ti(12 ^ 10); ti(~0); ti(~@a.n42);", "8 15 6 -1 -43" },
		{ "ti(@a.n17 - 1); ti('10' - @a.n17); ti(@a.null - 1); ti(-@a.null);",
		  "16 -7 -1 0" },
		{ "ti(@a.null + 1); t(@a.null + 'x'); t('x' + @a.null);", "1 x x" },
		/* precedences as in Kamailio */
		{ "ti(2 + 3 * 4); ti((2 + 3) * 4); ti(2 * 3 % 4); ti(10 - 3 - 2); ti(-2 * -3);",
		  "14 20 2 5 6" },
		{ "ti(1 | 2 ^ 2 & 4); ti(1 << 2 + 1); ti(1 << 2 << 1); ti(1 << 4 >> 2);",
		  "1 8 8 2" },
		{ "ti(1 | 6 == 6); ti(3 & 2 == 2); ti(2 < 3 == 1); ti(1 + 1 == 2);", "1 1 1 1" },
		{ "ti(!0 + 1); ti(~1 + 1); ti(-1 + 3);", "2 -1 2" },
		{ "ti((int)'5' + 1); t((str)5 + 1); t((str)@a.null + 'x'); ti((int)'abc'); "
		  "ti((int)@a.null);",
		  "6 51 x 0 0" },
		{ "t(( str )1 + 2); ti((int)$abc + (int)@a.n17);", "12 17" },
		{ "ti(defined @a.null); ti(defined @a.empty); if (defined $abc) t('a'); if "
		  "(!defined "
		  "@a.null) t('b'); if (defined @a.null || defined $abc && 1 == 1) t('c');",
		  "0 1 a b c" },
		{ "ti(strlen(@a.abc)); ti(strlen(@a.null)); ti(strlen(12345)); ti(strlen('a' + "
		  "@a.abc));",
		  "3 0 5 4" },
		{ "ti(strempty(@a.empty)); ti(strempty(@a.null)); ti(strempty(@a.abc)); if "
		  "(strempty(@a.null)) t('a'); if (strlen(@a.abc) == 3) t('b');",
		  "1 1 0 a b" },
		/* what cannot be computed is null, and said */
		{ "t(1 / @a.null); t(1 % (5 - 5)); if (1 / @a.null) t('x'); t('on');",
		  "<null> <null> on" },
		{ "t(@a.abc - 1); t(1 + @a.abc); t(-@a.abc); t(~@a.abc);",
		  "<null> <null> <null> <null>" },
		{ "t(0x7fffffffffffffff + 1); t(0x7fffffffffffffff * 2); t((-0x7fffffffffffffff - "
		  "1) / -1);",
		  "<null> <null> <null>" },
		{ "ti((-0x7fffffffffffffff - 1) % -1); t(1 << -1); t(-0x7fffffffffffffff - 2);",
		  "0 <null> <null>" },
	};

	(void)state;
	RUN_ALL(v);
}

static void assignments(void **state)
{
	static const struct vector v[] = {
		{ "$mem = 5; t($mem);", "5" },
		{ "$mem = 'a' + @a.abc; t($mem); $mem = $mem + $mem; t($mem);", "aabc aabcaabc" },
		{ "$mem = 5; $mem += 2; t($mem); $mem = 'x'; $mem += 'y'; t($mem);", "7 xy" },
		{ "$mem = val(7); t($mem); $mem = val(1) == 1 && 2 > 3; t($mem);", "7 0" },
		{ "$mem = 5; $mem = $null; t($mem);", "<null>" },
		{ "$mem = @a.null; t($mem);", "<null>" },
		{ "$mem = method; t($mem);", "INVITE" },
		{ "$mem = 1; $mem = 'bad'; t($mem);", "1" },
		{ "val(7); $mem = 3; ti($rc);", "7" },
		{ "$mem = val(0); t('never');", "" },
		{ "if (1 == 1) $mem = 'a'; else $mem = 'b'; t($mem);", "a" },
	};

	(void)state;
	RUN_ALL(v);
	assert_string_equal(
		fake_script("route { if (route(X)) t('a'); } route[X] { val(-1); $mem = 1; }"),
		"a");
}

static int quiet(void **state)
{
	log_level_set(-10);
	return fake_setup(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(assignments),
	};

	return cmocka_run_group_tests(tests, quiet, fake_teardown);
}

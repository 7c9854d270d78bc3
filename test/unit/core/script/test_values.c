/* SPDX-License-Identifier: BSD-2-Clause */
/* What scripts compute and keep: arithmetic, assignments, variables. */
#include "fake.h"

#include "core/msg/shv.h"

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

static void variables(void **state)
{
	static const struct vector v[] = {
		{ "ti($var(x)); $var(x) = 5; $var(y) = $var(x) + 1; ti($var(x)); ti($var(y)); "
		  "ti($(var(y)));",
		  "0 5 6 6" },
		{ "$var(x) = 'a'; $var(x) += 'b'; t($var(x)); $var(x) = $null; t($var(x));",
		  "ab 0" },
		{ "$var(x) = 7; $var(x) = @a.null; ti($var(x)); $var(x) = 7; $var(x) = 1 / "
		  "@a.null; ti($var(x));",
		  "0 0" },
		{ "$var(i) = 3; if ($var(i) == 3 && $var(none) == 0) t('a'); fmt('i=$var(i)');",
		  "a i=3" },
		{ "route(SET); t($var(r));", "here" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		char text[1024];

		snprintf(text, sizeof(text), "route { %s }\nroute[SET] { $var(r) = 'here'; }",
			 v[i].body);
		assert_string_equal(fake_script(text), v[i].trace);
	}
}

static void shared_variables_stay(void **state)
{
	(void)state;
	fake_shvs = shvs_new(fake_shm);
	fake.run.shvs = fake_shvs;
	assert_string_equal(
		fake_script("route { ti($shv(n)); $shv(n) = $shv(n) + 5; $shv(t) = 'a'; "
			    "$shv(t) += 'b'; t($shv(t)); ti($shv(n)); }"),
		"0 ab 5");
	assert_string_equal(
		fake_script("route { ti($shv(n)); fmt('$shv(t)'); $shv(t) = $null; ti($shv(t)); }"),
		"5 ab 0");
	fake.run.shvs = fake_shvs = NULL;
	/* they live as long as the memory */
	shm_drop(&fake_shm);
	assert_int_equal(fake_setup(NULL), 0);
}

static void avps_are_lists(void **state)
{
	static const struct vector v[] = {
		{ "t($avp(x)); $avp(x) = 1; $avp(x) = 'two'; $avp(s:x) = 3; t($avp(x));",
		  "<null> 3" },
		{ "$avp(x) = 1; $avp(x) = 2; $avp(x) = 3; t($(avp(x)[0])); t($(avp(x)[1])); "
		  "t($(avp(x)[2])); "
		  "t($(avp(x)[3])); t($(avp(x)[-1])); t($(avp(x)[-3])); t($(avp(x)[-4])); "
		  "t($(avp(x)[*]));",
		  "3 2 1 <null> 1 3 <null> 3, 2, 1" },
		{ "$avp(x) = 1; $avp(x) = 2; $(avp(x)[*]) = 3; t($(avp(x)[*]));", "3" },
		{ "t($cnt($avp(x))); $avp(x) = 1; $avp(x) = 2; $avp(y) = 3; t($cnt($avp(x))); "
		  "t($cnt($f.x)); $avp(x) = $null; t($(cnt($avp(x)){s.len})); "
		  "fmt('$cnt($avp(x))');",
		  "0 2 2 1 1" },
		{ "t($cnt($xavp(a=>b))); $xavp(a=>b) = 1; $xavp(a[0]=>b) = 2; $xavp(a=>b) = 3; "
		  "t($cnt($xavp(a))); t($cnt($xavp(a=>b))); t($cnt($xavp(a[1]=>b)));",
		  "0 2 1 2" },
		{ "$avp(x) = 1; $avp(x) = 2; $avp(x) = 3; $avp(x) = $null; t($(avp(x)[*])); "
		  "$(avp(x)[1]) = "
		  "$null; t($(avp(x)[*])); $(avp(x)[*]) = $null; t($avp(x)); $avp(x) = $null;",
		  "2, 1 2 <null>" },
		{ "$avp(x) = 1; $avp(x) = 2; $(avp(x)[1]) = 'b'; $(avp(x)[5]) = 'c'; "
		  "t($(avp(x)[*]));",
		  "2, b" },
		{ "$avp(i:5) = 1; t($avp(i:5)); t($avp(5)); t($avp(s:i:5));", "1 <null> 1" },
		{ "$avp(x) = @a.null; t($avp(x)); $avp(x) = ''; t($avp(x)); if (defined $avp(x)) "
		  "t('a');",
		  "<null>  a" },
		{ "$avp(x) = 5; $avp(x) += 2; t($(avp(x)[*])); fmt('$avp(x) $(avp(x)[-1])');",
		  "7, 5 7 5" },
		/* names and indexes that vary */
		{ "$var(n) = 'x'; $avp($var(n)) = 1; t($avp(x)); t($avp($var(n))); "
		  "fmt('$avp($var(n))');",
		  "1 1 1" },
		{ "$avp(x) = 1; $avp(x) = 2; $var(i) = 1; t($(avp(x)[$var(i)])); $var(i) = -2; "
		  "t($(avp(x)[$var(i)])); $(avp(x)[$var(i)]) = 9; t($(avp(x)[*])); "
		  "fmt('$(avp(x)[$var(i)])');",
		  "1 2 9, 1 9" },
		{ "$avp(x) = 1; $var(i) = 'no'; t($(avp(x)[$var(i)])); $avp(n) = 'x'; "
		  "t($avp($avp(n)));",
		  "<null> 1" },
		{ "$var(k) = 'q'; $var(i) = 2; t($key($var(k))); t($(arg(k)[$var(i)]));",
		  ":q 3:k" },
	};

	(void)state;
	RUN_ALL(v);
}

static void attributes_of_ser(void **state)
{
	static const struct vector v[] = {
		{ "$f.x = 1; $f.x = 2; t($f.x); t($f.x[1]); t($f.x[2]); t($f.x[]);",
		  "2 2 <null> 2" },
		{ "$f.x = 1; $f.x += 2; $f.x[] = 3; t($f.x); t($f.x[1]); t($f.x[-1]); t($f.x[-3]); "
		  "t($f.x[]);",
		  "3 1 3 1 3, 2, 1" },
		{ "$f.x += 1; $f.x += 2; $f.x[1] = 7; t($f.x[]); $f.x[2] = $null; t($f.x[]); $f.x "
		  "= $null; "
		  "t($f.x);",
		  "2, 7 7 <null>" },
		{ "$f.x = 'f'; $t.x = 't'; $fu.x = 'fu'; $tu.x = 'tu'; $fd.x = 'fd'; $td.x = 'td'; "
		  "$g.x = 'g'; "
		  "t($f.x + $t.x + $fu.x + $tu.x + $fd.x + $td.x + $g.x + $fr.x + $tr.x);",
		  "ftfutufdtdgft" },
		/* the class that is meant is looked at first, then the others of that side, then everybody's */
		{ "$fd.x = 1; $g.x = 2; t($f.x); t($t.x); t($fr.x); $x = $fu.x; t($x);",
		  "1 2 <null> 1" },
		{ "$x = 1; $x = 2; t($x); t($x[]); t($avp(x)); t($f.x); $x[] = 3; t($x[]); "
		  "t($x[1]);",
		  "2 2 2 2 3, 2 2" },
		{ "$f.x = 'f'; $y = 'y'; fmt('<%$f.x> <%$f.x.> <%$g.x> <%$y> $f.x');",
		  "<f> <f.> <<null>> <y> f" },
		{ "$f.x = 1; fmt('100%$abc 100%%$f.x %$ '); txt('%$f.x');",
		  "100%abc 100%1 %$  %1" },
		/* a variable that is known is meant before an attribute */
		{ "t($ru); $mem = 'm'; t($avp(mem));", "abc <null>" },
	};

	(void)state;
	RUN_ALL(v);
}

static void values_with_fields(void **state)
{
	static const struct vector v[] = {
		/* as Kamailio 5.6 answers */
		{ "$xavp(a=>b) = 1; $xavp(a=>b) = 2; $xavp(a=>c) = 3; t($xavp(a=>b)); "
		  "t($xavp(a=>c)); "
		  "t($xavp(a[1]=>b)); t($xavp(a[2]=>b)); t($xavp(a[-1]=>b)); t($xavp(a[1]=>c));",
		  "<null> 3 2 1 1 <null>" },
		{ "$xavp(d=>b) = 1; $xavp(d[0]=>b) = 2; $xavp(d[0]=>c) = 3; $xavp(d[0]=>b[0]) = 7; "
		  "t($xavp(d=>b)); t($xavp(d=>c)); t($xavp(d=>b[1])); t($xavp(d=>b[2])); "
		  "t($xavp(d=>b[*]));",
		  "7 3 1 <null> 7, 1" },
		{ "$xavp(e) = 5; $xavp(e) = 6; t($xavp(e)); t($xavp(e[1])); $xavp(e[0]) = 9; "
		  "t($xavp(e[*])); "
		  "$xavp(e) = $null; t($xavp(e[*])); $xavp(e[*]) = $null; t($xavp(e));",
		  "6 5 9, 5 5 <null>" },
		{ "$xavp(d=>b) = 1; $xavp(d[0]=>b) = 2; $xavp(d=>b) = $null; t($xavp(d=>b[*])); "
		  "$xavp(d[0]=>b[*]) = 4; t($xavp(d=>b[*])); $xavp(d[3]=>b) = $null; $xavp(q=>b) = "
		  "$null;",
		  "1 4" },
		{ "$xavp(a=>b) = 1; t($xavp(a)); if (defined $xavp(a)) t('a'); $xavp(a) = $null; "
		  "t($xavp(a=>b)); "
		  "if (defined $xavp(a)) t('b');",
		  "<<xavp>> a <null>" },
		{ "$xavp(a=>b=>c) = 1; $xavp(a[0]=>b[0]=>d) = 2; t($xavp(a=>b=>c)); "
		  "t($(xavp(a[0]=>b[0]=>d[0])));",
		  "1 2" },
		{ "$xavu(a) = 1; $xavu(a) = 2; $xavu(u=>v) = 3; $xavu(u=>v) = 4; $xavu(u=>w) = 5; "
		  "t($xavu(a)); "
		  "t($xavu(u=>v)); t($xavu(u[1])); t($xavu(u=>v[*])); t($xavu(u=>w));",
		  "2 4 <null> 4 5" },
		{ "$xavi(Ab=>C) = 1; t($xavi(aB=>c)); t($xavp(Ab=>C));", "1 <null>" },
		{ "$xavp(a) = 1; $xavp(a[0]=>b) = 2; t($xavp(a)); t($xavp(a=>b)); $xavp(a[7]) = 3; "
		  "t($xavp(a[*]));",
		  "1 <null> 1" },
	};

	(void)state;
	RUN_ALL(v);
}

/* A thousand values, or 256 KiB: what is more is refused, and said. */
static void values_are_bounded(void **state)
{
	const struct conf *conf;
	struct attr_arg arg = { .has_key = true,
				.key = STR("x"),
				.tag = ATTR_TAG(1, AVP_FROM_URI) };
	struct value v = value_int(1);
	static char large[AVPS_BYTES_MAX];

	(void)state;
	assert_int_equal(fake_load_text(STR("route { }"), false, &conf), 0);
	fake_ctx_begin(conf, str_z(fake_invite));
	for (unsigned i = 0; i < AVPS_VALUES_MAX; i++)
		assert_int_equal(avp_set(&fake.ctx, &arg, &v), 0);
	assert_int_equal(avp_set(&fake.ctx, &arg, &v), -ENOSPC);
	arg.all = true; /* all of them give way to one */
	assert_int_equal(avp_set(&fake.ctx, &arg, &v), 0);
	assert_int_equal(fake.ctx.avps->values, 1);
	assert_int_equal(fake.ctx.avps->bytes, 1);
	arg.all = false;
	v = value_str(str_of(large, sizeof(large) - 2));
	assert_int_equal(avp_set(&fake.ctx, &arg, &v), 0);
	assert_int_equal(avp_set(&fake.ctx, &arg, &v), -ENOSPC);
	arg.has_index = true;
	arg.index = 1;
	v = value_str(str_of(large, sizeof(large)));
	assert_int_equal(avp_set(&fake.ctx, &arg, &v), -ENOSPC);
	v = value_str(STR("small"));
	assert_int_equal(avp_set(&fake.ctx, &arg, &v), 0);
	assert_int_equal(fake.ctx.avps->bytes, 7);
	script_drop(&conf);
}

static int blocks_left;
static void *scarce_alloc(void *pool, size_t n)
{
	return blocks_left-- > 0 ? pool_alloc(pool, n) : NULL;
}

/* A transaction keeps what a message had; the message's memory may go. */
static void values_are_copied_whole(void **state)
{
	static const char body[] =
		"route { $avp(x) = 'one'; $avp(x) = 2; $tu.y = 'three'; $xavp(a=>b) = 'deep'; "
		"$xavp(a[0]=>c) = 5; $xavp(a) = 6; t($(avp(x)[*])); t($tu.y); "
		"t($xavp(a[1]=>b)); t($xavp(a[1]=>c)); t($xavp(a)); }";
	struct pool *pool = pool_new(4096, 65536);
	const struct conf *conf;
	struct avps copy;
	int blocks, used;

	(void)state;
	assert_int_equal(fake_load_text(str_z(body), false, &conf), 0);
	fake_run(conf, str_z(fake_invite));
	for (blocks = 0;; blocks++) {
		blocks_left = blocks;
		if (avps_copy(fake.ctx.avps, scarce_alloc, pool, &copy) == 0)
			break;
		assert_true(blocks < 100);
	}
	used = blocks - blocks_left;
	assert_int_equal(used, blocks);
	script_drop(&conf);
	pool_reset(fake.pool);
	/* what was the message's is overwritten */
	memset(pool_alloc(fake.pool, 8000), 'X', 8000);
	assert_int_equal(fake_load_text(STR("route { t($(avp(x)[*])); t($tu.y); t($xavp(a[1]=>b)); "
					    "t($xavp(a[1]=>c)); t($xavp(a)); }"),
					false, &conf),
			 0);
	fake_ctx_begin(conf, str_z(fake_invite));
	fake.ctx.avps = &copy;
	assert_int_equal(script_hooks.start(&fake.ctx), SCRIPT_DONE);
	script_hooks.end(&fake.ctx);
	assert_string_equal(fake_traced(), "2, one three deep 5 6");
	script_drop(&conf);
	pool_drop(&pool);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arithmetic),
		cmocka_unit_test(assignments),
		cmocka_unit_test(shared_variables_stay),
		cmocka_unit_test(variables),
		cmocka_unit_test(avps_are_lists),
		cmocka_unit_test(attributes_of_ser),
		cmocka_unit_test(values_with_fields),
		cmocka_unit_test(values_are_bounded),
		cmocka_unit_test(values_are_copied_whole),
	};

	return cmocka_run_group_tests(tests, fake_setup_quiet, fake_teardown);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* SIP.md 2, "The language", row by row: what was decided where the family differs. Rows that need a running router, its modules or its
 * command line are in test/functional/test_sipmd2.py. */
#include "fake.h"

/* Loads, with errors or without; what is said must have the text in it. */
static void says(const char *script_z, bool lenient, int r, const char *text_z)
{
	const struct conf *conf;

	assert_int_equal(fake_load_text(str_z(script_z), lenient, &conf), r);
	if (text_z ? !strstr(fake_said, text_z) : fake_said[0])
		fail_msg("%s says:\n%s\nexpected: %s", script_z, fake_said,
			 text_z ? text_z : "nothing");
	script_drop(&conf);
}

static void runs(const char *script_z, const char *trace_z)
{
	assert_string_equal(fake_script(script_z), trace_z);
}

static void truth(void **state)
{
	static const struct vector v[] = {
		{ "if (val(2)) t('above'); if (val(-2)) t('below'); t('on');", "above on" },
		{ "t('a'); val(0); t('not reached');", "a" },
		{ "if (val(-1)) t('x'); else t('y'); val(-7); ti($rc); val(-7); ti($retcode);",
		  "y -7 -7" },
		{ "val(-7); ti($?);", "-7" },
	};

	(void)state;
	RUN_ALL(v);
	runs("route { route(A); ti($rc); } route[A] { return; }", "1");
	runs("route { route(A); ti($rc); } route[A] { val(3); no(); }", "-1");
	runs("route { route(A); t('not reached'); } route[A] { return 0; }", "");
}

static void negation(void **state)
{
	static const struct vector v[] = {
		{ "if (!uri==myself) t('foreign'); if (!method==INVITE) t('x'); else t('invite');",
		  "foreign invite" },
		{ "if (!src_ip==11.0.0.0/8) t('a'); if (!from_uri=='sip:x') t('b');", "a b" },
	};

	(void)state;
	RUN_ALL(v);
	/* before anything else it binds tighter: (!"abc") == "abc" */
	says("route { if (!@a.abc == 'abc') t('a'); }", false, 0, "belongs to the left side only");
	runs("route { if (!@a.abc == 'abc') t('a'); else t('b'); }", "b");
}

static void break_outside_of_loops(void **state)
{
	(void)state;
	runs("route { route(A); t('on'); ti($rc); } route[A] { t('a'); break; t('b'); }", "a on 1");
}

static void drop_in_each_kind(void **state)
{
	const struct conf *conf;
	static const char text[] = "route { t('q'); if (val(1)) drop; t('x'); }\n"
				   "reply_route { t('r'); if (val(1)) drop; t('x'); }\n";

	(void)state;
	assert_int_equal(fake_load_text(str_z(text), false, &conf), 0);
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "q");
	fake_run(conf, str_z(fake_ringing));
	assert_string_equal(fake_traced(), "r");
	assert_int_equal(fake.ctx.done, CTX_DROPPED);
	script_drop(&conf);
}

static void null(void **state)
{
	static const struct vector v[] = {
		{ "if (@a.null == '') t('a'); if (@a.null != 'x') t('b');", "a b" },
		{ "if (@a.null == @a.empty) t('a'); if (@a.null != @a.empty) t('b');", "b" },
		{ "if (@a.null == $null) t('a'); if ($empty == $null) t('b');", "a b" },
		{ "if (@tls.peer == @a.null) t('open'); if (@tls.peer != @a.null) t('closed');",
		  "closed" },
		{ "if (@a.abc =~ @a.null) t('a'); if (@a.abc =~ @a.empty) t('b'); if (@a.null =~ "
		  "'x') t('c');",
		  "" },
	};

	(void)state;
	RUN_ALL(v);
}

static void matching(void **state)
{
	static const struct vector v[] = {
		{ "if (@a.abc =~ '^ABC$') t('case');", "case" },
		{ "if (@a.crlf =~ '^x.*y$') t('lines');", "lines" },
		{ "if (@a.abc =~ '^[a-c]{3}$') t('braces'); if (@a.abc =~ '^(x|ab)c$') t('or');",
		  "braces or" },
		{ "if ('a]' =~ '^a[]]$') t('bracket'); if ('a\\' =~ 'a[\\]$') t('backslash');",
		  "bracket backslash" },
	};

	(void)state;
	RUN_ALL(v);
}

static void equality(void **state)
{
	static const struct vector v[] = {
		{ "if (method == 'INVITE') t('a'); if (method == 'invite') t('b');", "a" },
		{ "if (uri == 'SIP:BOB@EXAMPLE.COM') t('a'); if (@a.abc == 'ABC') t('b');", "a" },
	};

	(void)state;
	RUN_ALL(v);
	says("route { if (method == 'INVITE|ACK') exit; }", false, 0,
	     "no method has this name: \"INVITE|ACK\"");
}

static void the_end_with_nothing_done(void **state)
{
	const struct conf *conf;

	(void)state;
	assert_int_equal(fake_load_text(STR("route { t('a'); }"), false, &conf), 0);
	fake_run(conf, str_z(fake_invite));
	assert_int_equal(fake.ctx.done, 0);
	script_drop(&conf);
}

static void avps(void **state)
{
	static const struct vector v[] = {
		{ "$avp(x) = 1; $avp(x) = 2; t($avp(x)); t($(avp(x)[0])); t($(avp(x)[1]));",
		  "2 2 1" },
		{ "$avp(x) = 1; $avp(x) = 2; $(avp(x)[*]) = 3; t($avp(x)); t($(avp(x)[1]));",
		  "3 <null>" },
		{ "$f.x = 1; $f.x = 2; t($f.x); t($f.x[2]);", "2 <null>" },
	};

	(void)state;
	RUN_ALL(v);
}

static void script_variables(void **state)
{
	static const struct vector v[] = {
		{ "t($var(x)); $var(x) = 5; t($var(x));", "0 5" },
	};
	const struct conf *conf;

	(void)state;
	RUN_ALL(v);
	/* the next message starts anew */
	assert_int_equal(fake_load_text(STR("route { t($var(x)); $var(x) = 5; }"), false, &conf),
			 0);
	fake_run(conf, str_z(fake_invite));
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "0");
	script_drop(&conf);
	says("route { t($var(x)); }", false, 0, "$var(x) is read, but nothing sets it");
}

static void words(void **state)
{
	(void)state;
	runs("#!KAMAILIO\nrequest_route { t('a'); }; reply_route { drop; };", "a");
	runs("#!SER\n!!ifdef X\n!!else\nroute { if (method eq INVITE and not uri ne "
	     "'sip:bob@example.com') t('a'); }\n!!endif\n",
	     "a");
	runs("#!OPENSER\n#!define A t('a')\n#!redef A t('b')\nroute { A; }", "b");
	runs("#!ALL\nroute { if (src_ip == 10.0.0.0/255.0.0.0) t('a'); }", "a");
	says("#!MAXCOMPAT\ngroup.name = 5 desc \"what it is for\"\nroute { exit; }", false, 0,
	     NULL);
}

static void absent_modules(void **state)
{
	static const char text[] = "loadmodule \"tm\"\nroute { if (t_relay()) t('a'); t('b'); }";

	(void)state;
	says(text, false, -EINVAL, "there is no module \"tm\" yet");
	says(text, true, 0, "warning: there is no module \"tm\" yet");
	says("loadmodule \"tm\"\nroute { t_newtran(1); }", true, -EINVAL, "\"t_newtran\" takes");
}

static void numbers(void **state)
{
	static const struct vector v[] = {
		{ "ti(0x1f); ti(0o17); ti(0b11); ti(10); ti(0);", "31 15 3 10 0" },
	};

	(void)state;
	RUN_ALL(v);
	says("route { ti(010); }", false, -EINVAL, "write 0o10 (octal) or 10 (decimal)");
}

static void myself(void **state)
{
	(void)state;
	runs("route { if (to_uri == myself) t('listen'); if (uri == myself) t('x'); }", "listen");
	runs("alias=example.com\nroute { if (uri == myself) t('alias'); }", "alias");
	runs("alias=example.com:5070\nroute { if (uri == myself) t('x'); t('other port'); }",
	     "other port");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truth),
		cmocka_unit_test(negation),
		cmocka_unit_test(break_outside_of_loops),
		cmocka_unit_test(drop_in_each_kind),
		cmocka_unit_test(null),
		cmocka_unit_test(matching),
		cmocka_unit_test(equality),
		cmocka_unit_test(the_end_with_nothing_done),
		cmocka_unit_test(avps),
		cmocka_unit_test(script_variables),
		cmocka_unit_test(words),
		cmocka_unit_test(absent_modules),
		cmocka_unit_test(numbers),
		cmocka_unit_test(myself),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

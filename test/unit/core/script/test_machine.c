/* SPDX-License-Identifier: BSD-2-Clause */
/* What scripts do: truth, comparisons, routes, suspension, bounds. */
#include "fake.h"

static void statements_run_in_order(void **state)
{
	static const struct vector v[] = {
		{ "", "" },
		{ "t(\"a\");", "a" },
		{ "t('a'); t(\"b\"); ;", "a b" },
		{ "{ t('a'); { t('b'); } }", "a b" },
		{ "t('a'); exit; ", "a" },
		{ "if (1 == 1) exit; t('a');", "" },
		{ "t('a'); if (val(1)) drop; t('b');", "a" },
		{ "t('a'); if (val(1)) break; t('b');", "a" },
		{ "t('a'); if (val(1)) return; t('b');", "a" },
		{ "if (val(1)) t('yes'); else t('no');", "yes" },
		{ "if (val(-1)) t('yes'); else t('no');", "no" },
		{ "if (val(-1)) t('a'); else if (val(1)) t('b'); else t('c');", "b" },
		{ "if (val(1)) if (val(-1)) t('a'); else t('b');", "b" },
		{ "if val(1) t('a');", "a" },
		{ "if (val(1)) { t('a'); };", "a" },
		{ "force_rport; force_rport(); t('a');", "  a" },
		{ "exit(); t('a');", "" },
		{ "tt('a'); tt('a','b'); tt('a','b','c');", "a a,b a,b,c" },
		{ "over; over('x','y');", " x,y" },
		{ "t(\"a\" \"b\" 'c');", "abc" },
	};

	(void)state;
	RUN_ALL(v);
}

static void truth_of_calls_is_above_zero_and_zero_ends(void **state)
{
	static const struct vector v[] = {
		{ "if (val(5)) t('a'); t('b');", "a b" },
		{ "if (val(-3)) t('a'); t('b');", "b" },
		{ "if (val(0)) t('a'); t('b');", "" },
		{ "val(0); t('b');", "" },
		{ "if (!val(0)) t('a'); t('b');", "" },
		{ "if (val(-1) || val(0)) t('a'); t('b');", "" },
		{ "if (val(1) || val(0)) t('a'); t('b');", "a b" },
		{ "if (val(-1) && val(0)) t('a'); t('b');", "b" },
		{ "val(-7); ti($rc); ti($retcode); ti($?);", "-7 1 1" },
		{ "val(-7); if ($rc == -7) t('a');", "a" },
		{ "if (val(3) == 3) t('a'); if (val(3) > 5) t('b');", "a" },
		{ "no(); if ($? < 0) t('neg');", "neg" },
	};

	(void)state;
	RUN_ALL(v);
}

static void operators(void **state)
{
	static const struct vector v[] = {
		{ "if (val(1) && val(1)) t('a');", "a" },
		{ "if (val(1) and not val(-1)) t('a');", "a" },
		{ "if (val(-1) or val(1)) t('a');", "a" },
		{ "if (val(-1) || val(-1) || val(1)) t('a');", "a" },
		{ "if (!(val(1) && val(-1))) t('a');", "a" },
		{ "if (!(val(1) || val(-1))) t('a'); else t('b');", "b" },
		{ "if (val(-1) && val(1) || val(1)) t('a');", "a" },
		{ "if (val(-1) && (val(1) || val(1))) t('a'); else t('b');", "b" },
		{ "if (!!val(2)) t('a');", "a" },
		{ "if (val(1)) && (val(2)) t('a');", "a" },
		{ "t('a' + 'b');", "ab" },
		{ "t(@a.abc + 1);", "abc1" },
		{ "ti(@a.n42 + 1);", "43" },
		{ "ti(@a.n42 + '8');", "50" },
		{ "t('n=' + @a.n42);", "n=42" },
		{ "t('x' + @a.null + 'y');", "xy" },
		{ "ti(-5); ti(-@a.n42);", "-5 -42" },
		{ "ti(0x1F); ti(0o17); ti(0b101); ti('12');", "31 15 5 12" },
		{ "ti((1 == 1) + 1);", "2" },
	};

	(void)state;
	RUN_ALL(v);
}

static void comparisons(void **state)
{
	static const struct vector v[] = {
		{ "if (@a.abc == 'abc') t('a'); if (@a.abc == 'ABC') t('b');", "a" },
		{ "if (@a.abc != 'abc') t('a'); if (@a.abc ne 'x') t('b');", "b" },
		{ "if (@a.abc eq 'abc') t('a');", "a" },
		{ "if (@a.n42 == 42) t('a'); if (@a.n42 == '42') t('b'); if (42 == @a.n42) t('c');",
		  "a b c" },
		{ "if (@a.n17 > 16) t('a'); if (@a.n17 >= 17) t('b'); if (@a.n17 < 17) t('c');",
		  "a b" },
		{ "if (16 < @a.n17) t('a'); if (18 <= @a.n17) t('b');", "a" },
		{ "if (@a.abc > 3) t('a'); if (@a.abc == 3) t('b'); if (@a.abc != 3) t('c');",
		  "c" },
		{ "if (@a.null == '') t('a'); if (@a.null != '') t('b');", "a" },
		{ "if (@a.null == @a.null) t('a'); if (@a.null != @a.null) t('b');", "b" },
		{ "if (@a.null == @a.empty) t('a'); if (@a.abc == @a.null) t('b');", "" },
		{ "if (@a.abc == $abc) t('a'); if (@a.empty == $empty) t('b');", "a b" },
		{ "if (@a.null == 0) t('a'); if (@a.null < 1) t('b');", "" },
		{ "if (@a.null) t('a'); if (@a.empty) t('b'); if (@a.abc) t('c'); if (@a.n42) "
		  "t('d');",
		  "c d" },
		{ "if (!@a.null) t('a');", "a" },
		{ "if (@a.null == $null) t('a'); if (@a.empty == $null) t('b'); if ($null != "
		  "@a.abc) t('c'); if (@a.abc == $null) t('d');",
		  "a b c" },
		{ "if (@a.n42 != $null) t('a'); t($null); t('x' + $null);", "a <null> x" },
		{ "if ($null == $null) t('a'); if (wait(3) == $null) t('b'); if (uri == $null) "
		  "t('c');",
		  "a" },
	};

	(void)state;
	RUN_ALL(v);
}

static void patterns(void **state)
{
	static const struct vector v[] = {
		{ "if (@a.abc =~ 'B') t('a'); if (@a.abc =~ '^b') t('b'); if (@a.abc !~ '^b') "
		  "t('c');",
		  "a c" },
		{ "if (@a.abc =~ @a.null) t('a'); if (@a.abc =~ @a.empty) t('b');", "" },
		{ "if (@a.abc =~ $abc) t('a');", "a" },
		{ "if (@a.null =~ '^$') t('a'); if (@a.null =~ 'x') t('b');", "a" },
		{ "if (@a.crlf =~ 'x.*y$') t('a');", "a" },
		{ "if (uri =~ '^sip:bob@.*\\.com$') t('a');", "a" },
		{ "if (uri =~ \"^sip:bob@.*\\.com$\") t('a');", "a" },
		{ "if (matches('^a', 'abc')) t('a'); if (matches('^b', @a.abc)) t('b');", "a" },
		{ "if (matches(@a.abc, 'xabcx')) t('a');", "a" },
		{ "if (method =~ INVITE) t('a');", "a" },
	};

	(void)state;
	RUN_ALL(v);
}

static void keywords(void **state)
{
	static const struct vector v[] = {
		{ "if (method == 'INVITE') t('a'); if (method == INVITE) t('b'); if (method == "
		  "'invite') t('c');",
		  "a b" },
		{ "if (method != ACK) t('a'); if (!method == 'ACK') t('b'); if ('INVITE' == "
		  "method) t('c');",
		  "a b c" },
		{ "if (method == 'FROBNICATE') t('a'); if (method != 'FROBNICATE') t('b');", "b" },
		{ "if (uri == 'SIP:BOB@example.COM') t('a'); if (uri != 'sip:x') t('b');", "a b" },
		{ "t(uri); t(from_uri); t(to_uri);",
		  "sip:bob@Example.com sip:alice@10.0.0.1 sip:bob@127.0.0.1:5060" },
		{ "if (src_ip == 10.1.2.3) t('a'); if (src_ip == 10.0.0.0/8) t('b'); if (src_ip == "
		  "10.0.0.0/255.0.0.0) t('c');",
		  "a b c" },
		{ "if (src_ip == '10.1.2.3') t('a'); if (src_ip != 11.0.0.0/8) t('b'); if (src_ip "
		  "== ::1) t('c');",
		  "a b" },
		{ "if (!src_ip == 10.0.0.0/8) t('a'); else t('b');", "b" },
		{ "if (dst_ip == 127.0.0.1) t('a'); if (src_ip =~ '^10\\.') t('b');", "a b" },
		{ "if (src_port == 5070) t('a'); if (dst_port != 5060) t('b'); if (5000 < "
		  "src_port) t('c');",
		  "a c" },
		{ "if (proto == UDP) t('a'); if (proto == 'udp') t('b'); if (proto != TCP) t('c'); "
		  "if (proto == TLS) t('d');",
		  "a b c" },
		{ "if (af == INET) t('a'); if (af == INET6) t('b'); if (af != IPv6) t('c');",
		  "a c" },
		{ "if (msg:len > 100) t('a'); if (msg:len >= max_len) t('b');", "a" },
		{ "if (status == 200) t('a'); if (status == '') t('b');", "b" },
		{ "if (uri == myself) t('a'); if (to_uri == myself) t('b'); if (from_uri != "
		  "myself) t('c'); if (!uri == myself) t('d');",
		  "b c d" },
		{ "if (myself == to_uri) t('a'); if (dst_ip == myself) t('b'); if (src_ip == "
		  "myself) t('c');",
		  "a b" },
		{ "host(uri:host, uri:port);", "Example.com,5060" },
		{ "t(src_ip); t(proto); t(method); ti(src_port);", "10.1.2.3 udp INVITE 5070" },
	};

	(void)state;
	RUN_ALL(v);
}

static void aliases_are_ourselves(void **state)
{
	(void)state;
	assert_string_equal(fake_script("alias=example.com\nroute { if (uri == myself) t('a'); }"),
			    "a");
	assert_string_equal(
		fake_script("alias=example.com:5070\nroute { if (uri == myself) t('a'); }"), "");
	assert_string_equal(
		fake_script("alias=\"udp:example.com:5060\"\nroute { if (uri == myself) t('a'); }"),
		"a");
}

static void routes_have_values(void **state)
{
	static const struct vector v[] = {
		{ "if (route(ONE)) t('a'); if (route(MINUS)) t('b'); route(T);", "a T" },
		{ "route(MINUS); ti($rc);", "-1" },
		{ "if (route(MINUS) == -1) t('a');", "a" },
	};
	/* a whole script, and what it writes */
	static const struct vector scripts[] = {
		/* without return: the value of the last action */
		{ "route { route(X); ti($rc); } route[X] { t('x'); no(); }", "x -1" },
		{ "route { route(X); ti($rc); } route[X] { if (val(1)) { val(7); } }", "7" },
		{ "route { route(X); ti($rc); } route[X] { if (val(-1)) { val(7); } }", "1" },
		{ "route { route(X); ti($rc); } route[X] { val(-3); if (val(-1)) val(7); else "
		  "val(8); }",
		  "8" },
		{ "route { route(X); ti($rc); } route[X] { }", "1" },
		{ "route { route(X); ti($rc); } route[X] { val(-5); { val(6); } }", "6" },
		{ "route { route(X); ti($rc); } route[X] { return; }", "1" },
		{ "route { route(X); ti($rc); } route[X] { return -4; }", "-4" },
		{ "route { route(X); ti($rc); } route[X] { return (-4); }", "-4" },
		{ "route { route(X); ti($rc); } route[X] { return val(9); }", "9" },
		{ "route { route(X); ti($rc); } route[X] { return @a.n42; }", "42" },
		{ "route { route(X); ti($rc); } route[X] { return (1 == 2) + 1; }", "1" },
		{ "route { route(X); ti($rc); } route[X] { break; no(); }", "1" },
		/* 0 ends the script */
		{ "route { route(X); t('on'); } route[X] { return 0; }", "" },
		{ "route { route(X); t('on'); } route[X] { return(0); }", "" },
		{ "route { route(X); t('on'); } route[X] { val(0); t('x'); }", "" },
		{ "route { route(X); t('on'); } route[X] { route(Y); t('x'); } route[Y] { exit; }",
		  "" },
		/* numbers and names */
		{ "route { route(1); route(\"two\"); } route[1] { t('1'); } route[two] { t('2'); }",
		  "1 2" },
		{ "route[0] { t('main'); }", "main" },
		{ "request_route { t('main'); }", "main" },
		{ "route[REGISTER] { t('r'); } route { route(REGISTER); }", "r" },
		{ "route[my.route] { t('r'); } route { route(my.route); }", "r" },
	};

	(void)state;
	RUN_ALL(v);
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		const char *got = fake_script(scripts[i].body);

		if (strcmp(got, scripts[i].trace))
			fail_msg("%s\n-> \"%s\", expected \"%s\"", scripts[i].body, got,
				 scripts[i].trace);
	}
}

static void arguments(void **state)
{
	static const struct vector v[] = {
		{ "t(5); t(-5); ti('7');", "5 -5 7" },
		{ "host(foo.example.com); host(10.0.0.1, 5060); host('x'); host(bar);",
		  "foo.example.com 10.0.0.1,5060 x bar" },
		{ "host([::1], 5060); host(uri:host);", "[::1],5060 Example.com" },
		{ "t(@a.null); t(@a.empty); ti(@a.n17);", "<null>  17" },
		{ "ti(@a.abc); t('on'); ti($rc);", "on 1" }, /* not a number: not called */
		{ "if (ti(@a.abc)) t('a'); else t('b');", "b" },
		{ "tt(1, @a.abc, 3);", "1,abc,3" },
		{ "tt(val(4), val(5) + 1, val(1) == 1);", "4,6,1" },
		{ "even(4); even(@a.n17);", "4 17" },
	};

	(void)state;
	RUN_ALL(v);
}

static void formats(void **state)
{
	static const struct vector v[] = {
		{ "fmt('plain');", "plain" },
		{ "fmt('a=$abc b=$(abc) c=%@a.abc d=%ci.');", "a=abc b=abc c=abc d=abc." },
		{ "fmt('$arg(k) $(arg(k)[1]) %@list.arg[3] %@list.arg[\"q\"]');", ":k 2:k 3: :q" },
		{ "fmt('100%% $$5 $ % %zz end$');", "100% $5 $ % %zz end$" },
		{ "val(-3); fmt('rc $rc $?');", "rc -3 -3" },
		{ "fmt('<$null> $n42');", "<<null>> 42" },
		{ "fmt(@a.abc); fmt('$ab' + 'c');", "abc $abc" },
		{ "fmt('$abc.com');", "abc.com" },
		{ "hdr('X: $abc\r\n');", "X: abc\r\n" },
		{ "hdr('X: <$null> 100% %ci %%');", "X: <> 100% %ci %%" },
		{ "txt('<$null> 100% %ci %@a.abc $crlf');", "<> 100% %ci abc x\r\nEvil: y" },
		{ "txt($mem); txt(@a.abc);", "<null> abc" },
		{ "put($mem, 'x'); t($mem); put('$mem', @a.n42); t($mem);", "x 42" },
		{ "hdr('X: $crlf'); ti($rc);", "-1" },
		{ "fmt('$crlf');", "x\r\nEvil: y" },
	};

	(void)state;
	RUN_ALL(v);
}

static void attributes(void **state)
{
	static const struct vector v[] = {
		{ "t(@list.arg[2]); t(@list.arg[-1]); t(@list.arg[\"k\"]); t(@list.arg['k']);",
		  "2: -1: :k :k" },
		{ "t(@list.key.Subject); t($key(X-Y)); t($(arg(k)[-2]));", ":Subject :X-Y -2:k" },
		{ "t(@list[2].arg); t(@list[2].arg[\"k\"]);", "2: 2:k" },
		{ "t($(abc)); t($ru);", "abc abc" },
		{ "t(@a.nomem); if (@a.nomem == '') t('a');", "<null> a" },
	};

	(void)state;
	RUN_ALL(v);
}

static void responses_have_their_own_route(void **state)
{
	const struct conf *conf;
	static const char *const routes[] = { "reply_route", "onreply_route", "onreply_route[0]" };
	char text[512];

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		snprintf(text, sizeof(text),
			 "route { t('request'); }\n%s { t('reply'); ti(status); t(method); if "
			 "(status =~ '^18') t('18x'); "
			 "if (method == INVITE) t('inv'); t(uri); if (val(1)) drop; t('no'); }\n",
			 routes[i]);
		assert_int_equal(fake_load_text(str_z(text), false, &conf), 0);
		assert_true(script_hooks.has_reply_route(conf));
		fake_run(conf, str_z(fake_ringing));
		assert_string_equal(fake_traced(), "reply 180 INVITE 18x inv <null>");
		assert_int_equal(fake.ctx.done, CTX_DROPPED);
		script_drop(&conf);
	}
	assert_int_equal(fake_load_text(STR("route { }"), false, &conf), 0);
	assert_false(script_hooks.has_reply_route(conf));
	fake_run(conf, str_z(fake_ringing));
	assert_int_equal(fake.ctx.done, 0);
	script_drop(&conf);
}

/* Every place in which a call can stand: the same script with functions that answer at once and with ones that wait. */
static void a_function_may_wait_anywhere(void **state)
{
	static const char *const bodies[] = {
		"%s(1); t('a');",
		"if (%s(1)) t('a'); else t('b');",
		"if (!%s(-1)) t('a'); else t('b');",
		"if (%s(1) && %s(-1) || %s(2)) t('a'); else t('b'); t('c');",
		"if (val(1) && (%s(-1) || %s(1))) t('a'); else t('b');",
		"tt('x', %s(5), 'y');",
		"tt(%s(1), %s(2), %s(3) + %s(4));",
		"t('x' + %s(5) + 'y');",
		"if (%s(3) == 3) t('a'); if (%s(3) != %s(4)) t('b');",
		"if (%s(7) =~ '7') t('a'); if ('7' =~ %s(7)) t('b');",
		"ti(-%s(5)); ti(val(1) + val(%s(8)));",
		"%s(0); t('never');",
		"if (%s(0)) t('never'); t('never');",
		"route(W); ti($rc); t('back');",
		"if (route(W) == 6) t('a');",
		"ti(%s(2)); ti($rc);",
		"if (matches('^5', %s(5))) t('a');",
		"return %s(4);",
		"$mem = %s(4); t($mem); $mem += %s(3); t($mem);",
		"ti(7 - %s(4) * %s(2)); ti(strlen(%s(55)));",
		"{ if (%s(-1)) { t('a'); } else { if (%s(1)) { t('b'); } } }",
	};
	char text[1024], waiting[1024], direct[1024];
	const char *got;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		snprintf(text, sizeof(text),
			 "route { %s }\nroute[W] { t('w'); return %%s(6); t('no'); }\n", bodies[i]);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
		snprintf(waiting, sizeof(waiting), text, "wait", "wait", "wait", "wait", "wait");
		snprintf(direct, sizeof(direct), text, "val", "val", "val", "val", "val");
#pragma GCC diagnostic pop
		got = strdup(fake_script(direct));
		assert_int_equal(fake_waits, 0);
		assert_string_equal(fake_script(waiting), got);
		assert_true(fake_waits > 0);
		free((char *)got);
	}
}

static void while_a_script_waits_nothing_runs(void **state)
{
	const struct conf *conf;

	(void)state;
	assert_int_equal(
		fake_load_text(STR("route {\n\tt('a');\n\twait(1);\n\tt('b');\n}"), false, &conf),
		0);
	fake_ctx_begin(conf, str_z(fake_invite));
	assert_int_equal(script_hooks.start(&fake.ctx), SCRIPT_WAITS);
	assert_string_equal(fake_traced(), "a");
	assert_null(fake.slot->script_file_z);
	assert_int_equal(fake.slot->script_line, 3);
	script_hooks.end(&fake.ctx);
	script_drop(&conf);
}

static int line_seen, file_seen;
static int see_line(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	(void)arg;
	line_seen = (int)ctx->worker->slot->script_line;
	file_seen = ctx->worker->slot->script_file_z != NULL;
	*v_r = value_int(line_seen);
	return 0;
}

static void the_slot_knows_the_line(void **state)
{
	static const struct attr_def attrs[] = {
		{ .name = "line", .get = see_line, .type = VALUE_INT }, { 0 }
	};
	static const struct module_def lines = { .interface = MODULE_INTERFACE,
						 .name = "lines",
						 .attrs = attrs };
	static const struct module_def *const builtins[] = { &net_module, &fake_module, &lines,
							     NULL };
	struct script_options o = { .builtins = builtins, .path_z = "test/scripts/good/lines.cfg" };
	const struct conf *conf;
	unsigned errors, warnings;

	(void)state;
	assert_int_equal(script_load(fake_shm, &o, stderr, &conf, &errors, &warnings), 0);
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "4 7 16 8");
	assert_true(file_seen);
	script_drop(&conf);
}

static void the_end_with_nothing_done_is_counted(void **state)
{
	const struct conf *conf;
	uint64_t before;

	(void)state;
	assert_int_equal(
		fake_load_text(STR("route { if (method == INVITE) t('a'); }"), false, &conf), 0);
	before = counter_row[script_module.counters->base];
	fake_run(conf, str_z(fake_invite));
	assert_int_equal(counter_row[script_module.counters->base], before + 1);
	script_drop(&conf);
	assert_int_equal(fake_load_text(STR("route { forward(); }"), false, &conf), 0);
	fake_run(conf, str_z(fake_invite));
	assert_int_equal(counter_row[script_module.counters->base], before + 1);
	script_drop(&conf);
}

static void recursion_and_steps_are_bounded(void **state)
{
	(void)state;
	assert_string_equal(fake_script("route { route(X); t('on'); } route[X] { route(X); }"), "");
	assert_string_equal(fake_script("max_recursive_level=3\nroute { route(X); t('on'); } "
					"route[X] { route(Y); t('x'); } "
					"route[Y] { t('y'); }"),
			    "y x on");
	assert_string_equal(fake_script("max_recursive_level=2\nroute { route(X); t('on'); } "
					"route[X] { route(Y); t('x'); } "
					"route[Y] { t('y'); }"),
			    "");
	/* each level calls the next twice: 2^30 calls */
	char text[4096] = "max_script_steps=100000\nroute { route(0x1); t('on'); }\n";
	size_t n = strlen(text);

	for (int i = 1; i <= 30; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "route[%d] { route(%d); route(%d); }\n", i, i + 1, i + 1);
	snprintf(text + n, sizeof(text) - n, "route[31] { }\n");
	assert_string_equal(fake_script(text), "");
}

static void what_is_called_is_bounded_in_time(void **state)
{
	char text[4096] = "route { route(0x1); t('on'); }\n";
	size_t n = strlen(text);

	(void)state;
	/* a few are nothing to talk about */
	assert_string_equal(fake_route("burn(); while (1) { burn(); break; } t('on');"), "on");
	fake_burns = 0;
	assert_string_equal(fake_route("while (1) { while (1) { burn(); } } t('on');"), "");
	assert_in_range(fake_burns, 5, 25);
	for (int i = 1; i <= 20; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "route[%d] { burn(); route(%d); route(%d); }\n", i, i + 1,
				      i + 1);
	snprintf(text + n, sizeof(text) - n, "route[21] { }\n");
	fake_burns = 0;
	assert_string_equal(fake_script(text), "");
	assert_in_range(fake_burns, 5, 25);
}

static void a_pattern_that_backtracks_without_end_is_stopped(void **state)
{
	(void)state;
	assert_string_equal(
		fake_route(
			"if ('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' "
			"=~ '^(a|aa)+$') t('a'); "
			"else t('b');"),
		"b");
}

static void deep_expressions_have_room(void **state)
{
	char text[16384] = "route { route(X); }\nroute[X] { t(";
	char want[512] = "";
	size_t n = strlen(text);

	(void)state;
	for (int i = 0; i < 300; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n, "'%c' + (", 'a' + i % 26);
		want[i] = (char)('a' + i % 26);
	}
	n += (size_t)snprintf(text + n, sizeof(text) - n, "@a.abc");
	strcat(want, "abc");
	for (int i = 0; i < 300; i++)
		text[n++] = ')';
	strcpy(text + n, "); }\n");
	assert_string_equal(fake_script(text), want);
}

static void sips_has_the_port_of_tls(void **state)
{
	static const char sips[] =
		"OPTIONS sips:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.2.3;branch=z9hG4bKx\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n";
	const struct conf *conf;

	(void)state;
	assert_int_equal(fake_load_text(STR("alias=example.com:5061\nroute { if (uri == myself) "
					    "t('a'); host(uri:host, uri:port); }"),
					false, &conf),
			 0);
	fake_run(conf, str_z(sips));
	assert_string_equal(fake_traced(), "a example.com,5061");
	script_drop(&conf);
}

/* Tokens larger than any buffer of a lexer. */
static void long_tokens_are_read(void **state)
{
	static char text[1 << 20];
	static const char *const frames[][2] = {
		{ "t('", "');" }, { "/*", "*/ t('x');" }, { "t(\"", "\");" }, { "#", "\n t('x');" }
	};
	const struct conf *conf;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t n = (size_t)snprintf(text, sizeof(text), "route { %s", frames[i][0]);

		memset(text + n, 'a', 300000);
		n += 300000;
		snprintf(text + n, sizeof(text) - n, "%s }\n", frames[i][1]);
		assert_int_equal(fake_load_text(str_z(text), false, &conf), 0);
		script_drop(&conf);
	}
	memset(text, 'a', 300000);
	strcpy(text + 300000, "=1\nroute { }");
	assert_int_equal(fake_load_text(str_z(text), false, &conf), -EINVAL);
	memset(text, '9', 300000);
	strcpy(text + 300000, "\nroute { }");
	assert_int_equal(fake_load_text(str_z(text), false, &conf), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statements_run_in_order),
		cmocka_unit_test(truth_of_calls_is_above_zero_and_zero_ends),
		cmocka_unit_test(operators),
		cmocka_unit_test(comparisons),
		cmocka_unit_test(patterns),
		cmocka_unit_test(keywords),
		cmocka_unit_test(aliases_are_ourselves),
		cmocka_unit_test(routes_have_values),
		cmocka_unit_test(arguments),
		cmocka_unit_test(formats),
		cmocka_unit_test(attributes),
		cmocka_unit_test(responses_have_their_own_route),
		cmocka_unit_test(a_function_may_wait_anywhere),
		cmocka_unit_test(while_a_script_waits_nothing_runs),
		cmocka_unit_test(the_slot_knows_the_line),
		cmocka_unit_test(the_end_with_nothing_done_is_counted),
		cmocka_unit_test(recursion_and_steps_are_bounded),
		cmocka_unit_test(what_is_called_is_bounded_in_time),
		cmocka_unit_test(a_pattern_that_backtracks_without_end_is_stopped),
		cmocka_unit_test(deep_expressions_have_room),
		cmocka_unit_test(sips_has_the_port_of_tls),
		cmocka_unit_test(long_tokens_are_read),
	};

	return cmocka_run_group_tests(tests, fake_setup_quiet, fake_teardown);
}

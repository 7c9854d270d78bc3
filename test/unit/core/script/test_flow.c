/* SPDX-License-Identifier: BSD-2-Clause */
/* Loops, switches, routes whose names vary, and what bounds them. */
#include "fake.h"

#include <time.h>

static void loops(void **state)
{
	static const struct vector v[] = {
		{ "while ($var(i) < 3) { ti($var(i)); $var(i) = $var(i) + 1; } t('on');",
		  "0 1 2 on" },
		{ "while ($var(i) < 3) $var(i) += 1; ti($var(i));", "3" },
		{ "while (1 == 2) t('never'); t('on');", "on" },
		{ "$var(i) = 5; while ($var(i)) { $var(i) = $var(i) - 1; if ($var(i) == 2) break; "
		  "} ti($var(i));",
		  "2" },
		{ "while ($var(i) < 2) { $var(k) = 0; while ($var(k) < 5) { if ($var(k) == 2) "
		  "break; "
		  "$var(k) += 1; } ti($var(k)); $var(i) += 1; }",
		  "2 2" },
		{ "while (1) { $var(i) += 1; if ($var(i) == 4) { t('x'); exit; } } t('never');",
		  "x" },
		{ "if (route(LOOP) == 7) t('a'); ti($var(i));", "a 3" },
		/* what the loop and the switch had on the stack goes with the route */
		{ "ti(val(10) + route(LOOP));", "17" },
		{ "while (val(1) && $var(i) < 2 || $var(i) == 2) $var(i) += 1; ti($var(i));", "3" },
		{ "while (route(MINUS)) t('x'); t('on');", "on" },
		/* the default is 100 turns */
		{ "while (1) $var(i) += 1; ti($var(i)); t('on');", "100 on" },
	};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		snprintf(text, sizeof(text),
			 "route { %s }\nroute[MINUS] { return -1; }\nroute[LOOP] { while (1) { "
			 "$var(i) += 1; "
			 "switch ($var(i)) { case 3: return 7; } } }",
			 v[i].body);
		if (strcmp(fake_script(text), v[i].trace))
			fail_msg("%s\n-> \"%s\", expected \"%s\"", v[i].body, fake_traced(),
				 v[i].trace);
	}
	assert_string_equal(
		fake_script("max_while_loops=7\nroute { while (1) $var(i) += 1; ti($var(i)); }"),
		"7");
	/* the value of a route that ends so is 1 */
	assert_string_equal(
		fake_script("route { route(X); ti($rc); route(Y); ti($rc); }\nroute[X] { no(); "
			    "while (no()) t('x'); }\nroute[Y] { switch (1) { case 1: no(); } }"),
		"1 1");
}

static void switches(void **state)
{
	static const struct vector v[] = {
		{ "switch (2) { case 1: t('1'); break; case 2: t('2'); break; case 3: t('3'); } "
		  "t('on');",
		  "2 on" },
		{ "switch (2) { case 1: t('1'); case 2: t('2'); case 3: t('3'); default: t('d'); }",
		  "2 3 d" },
		{ "switch (9) { case 1: t('1'); break; default: t('d'); case 2: t('2'); }", "d 2" },
		{ "switch (9) { case 1: t('1'); } t('on'); switch (1) { } switch (1) { default: "
		  "t('d'); }",
		  "on d" },
		{ "switch (method) { case 'INVITE': t('i'); break; case ACK: t('a'); }", "i" },
		{ "switch ($abc) { case 'x': case 'abc': case 'y': t('a'); break; default: t('d'); "
		  "}",
		  "a" },
		{ "switch ($abc) { case 'ABC': t('upper'); break; default: t('d'); }", "d" },
		/* numbers and texts that spell them */
		{ "switch (@a.n17) { case 17: t('a'); } switch (17) { case '17': t('b'); } switch "
		  "('017') { case "
		  "17: t('c'); } switch (17) { case '017': t('d'); }",
		  "a b c d" },
		{ "switch (-5) { case 5: t('x'); break; case -5: t('a'); }", "a" },
		{ "switch (@a.null) { case 0: t('x'); case 'a': t('y'); break; case '': "
		  "t('empty'); }",
		  "empty" },
		/* regular expressions, in order with the others; as in Kamailio upper and lower case differ */
		{ "switch ('hello') { case 'x': t('x'); break; case /\"^h\": t('re'); break; case "
		  "'hello': t('s'); }",
		  "re" },
		{ "switch ('hello') { case 'hello': t('s'); break; case /\"^h\": t('re'); }", "s" },
		{ "switch ('hello') { case /\"^H\": t('upper'); break; case /\"l+o$\"/: t('re'); "
		  "break; default: "
		  "t('d'); }",
		  "re" },
		{ "switch (42) { case /\"^4\": t('re'); } switch (@a.null) { case /\"^$\": t('n'); "
		  "}",
		  "re n" },
		/* inside of each other */
		{ "switch (1) { case 1: switch ('a') { case 'a': t('in'); break; default: t('x'); "
		  "} t('out'); break; "
		  "default: t('y'); } t('on');",
		  "in out on" },
		{ "switch (1) { case 1: while (1) { $var(i) += 1; if ($var(i) > 2) break; } "
		  "ti($var(i)); break; case "
		  "2: t('x'); }",
		  "3" },
		{ "while ($var(i) < 3) { $var(i) += 1; switch ($var(i)) { case 2: t('two'); break; "
		  "default: t('other'); "
		  "} }",
		  "other two other" },
		{ "switch (val(3)) { case 3: t('a'); } switch (val(1) + 1) { case 2: { t('b'); "
		  "break; } }",
		  "a b" },
		{ "switch (val(0)) { default: t('never'); } t('never');", "" },
	};

	(void)state;
	RUN_ALL(v);
}

static void a_switch_takes_the_first_that_is_equal(void **state)
{
	static const struct vector v[] = {
		{ "switch ('05') { case '5': t('x'); break; case '05': t('a'); break; case 5: "
		  "t('y'); }",
		  "a" },
		{ "switch ('05') { case '5': t('x'); break; case 5: t('a'); break; case '05': "
		  "t('y'); }",
		  "a" },
		{ "switch ('05') { case '5': t('x'); break; default: t('d'); }", "d" },
		{ "switch (5) { case '05': t('a'); break; case 5: t('y'); }", "a" },
		{ "switch (5) { case 5: t('a'); break; case '5': t('y'); }", "a" },
		{ "switch ('+5') { case '5': t('x'); break; case -5: t('y'); break; case 5: "
		  "t('a'); }",
		  "a" },
		{ "switch ('') { case 0: t('x'); break; default: t('d'); }", "d" },
	};

	(void)state;
	RUN_ALL(v);
}

/* More labels than anybody writes: each is found, and nothing else is. */
static void large_switches_find_every_label(void **state)
{
	static char text[65536];
	const struct conf *conf;
	size_t n = (size_t)snprintf(text, sizeof(text),
				    "route { while ($var(i) < 600) { switch ($var(i)) { ");

	(void)state;
	for (int i = 0; i < 500; i += 2)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "case %d: $var(even) += 1; break; ", (i * 7919) % 500);
	snprintf(text + n, sizeof(text) - n,
		 "default: $var(odd) += 1; } $var(i) += 1; } ti($var(even)); ti($var(odd)); "
		 "}\nmax_while_loops=1000\n");
	assert_int_equal(fake_load_text(str_z(text), false, &conf), 0);
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "250 350");
	script_drop(&conf);
}

static void names_of_routes_may_vary(void **state)
{
	static const char routes[] = "\nroute[A] { t('A'); return 5; }\nroute[B1] { t('B1'); }\n"
				     "route[REQ] { forward(); }\nroute[VIA] { route(REQ); }\n";
	static const struct vector v[] = {
		{ "$var(r) = 'A'; route($var(r)); ti($rc);", "A 5" },
		{ "route('B' + 1); if (route($avp(none))) t('x'); else t('no');", "B1 no" },
		{ "route('NO' + 'NE'); ti($rc); route(@a.null); ti($rc); route('' + ''); ti($rc);",
		  "-1 -1 -1" },
		{ "if (route('' + 'A') == 5) t('five'); ti(val(1) + route('' + 'A'));",
		  "A five A 6" },
		{ "route('RE' + 'Q');", "" },
		{ "route('on' + 'reply'); ti($rc);", "-1" },
	};
	char text[1024];
	const struct conf *conf;

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		snprintf(text, sizeof(text), "route { %s }%sonreply_route[onreply] { }", v[i].body,
			 routes);
		if (strcmp(fake_script(text), v[i].trace))
			fail_msg("%s\n-> \"%s\", expected \"%s\"", v[i].body, fake_traced(),
				 v[i].trace);
	}
	/* forward() is for requests: a response does not come to it, not even by a name made at run time */
	snprintf(text, sizeof(text),
		 "route { }\nreply_route { route('A' + ''); route('RE' + 'Q'); ti($rc); "
		 "route('VI' + 'A'); ti($rc); }%s",
		 routes);
	assert_int_equal(fake_load_text(str_z(text), false, &conf), 0);
	fake_run(conf, str_z(fake_ringing));
	assert_string_equal(fake_traced(), "A -1 -1");
	assert_int_equal(fake.ctx.done, 0);
	script_drop(&conf);
}

static void everything_may_wait_in_loops_and_switches(void **state)
{
	static const char *const bodies[] = {
		"while ($var(i) < 3) { $var(i) = $var(i) + %s(1); ti($var(i)); }",
		"while (%s(1) && $var(i) < 2) { $var(i) += 1; switch (%s(4)) { case 4: t('a'); "
		"%s(2); break; } }",
		"switch (%s(2)) { case 1: t('x'); case 2: if (%s(1)) t('b'); case 3: t('c'); }",
		"while (1) { route('W' + %s(1)); $var(i) += %s(1); if ($var(i) > 2) break; "
		"ti($rc); } t('end');",
		"$avp(x) = %s(3); $xavp(a=>b) = %s(4); t($avp(x) + $xavp(a=>b)); $var(i) = 1; "
		"$avp(x) = 9; "
		"t($(avp(x)[$var(i)]));",
	};
	char waiting[1024], direct[1024];
	char *got;

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		char text[1024];

		snprintf(text, sizeof(text),
			 "route { %s }\nroute[W1] { t('w'); while (1) { return %%s(6); } }\n",
			 bodies[i]);
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
		free(got);
	}
}

static double seconds_of(const char *text_z)
{
	struct timespec from, to;
	const struct conf *conf;

	assert_int_equal(fake_load_text(str_z(text_z), false, &conf), 0);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	fake_run(conf, str_z(fake_invite));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	script_drop(&conf);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

/* 50 ms of CPU time in an optimized build; builds with sanitizers have ten times as much. */
static void what_never_ends_is_stopped_soon(void **state)
{
	static const char *const endless[] = {
		"max_while_loops=1000000000\nroute { while (1) { $var(i) += 1; } }",
		"max_while_loops=1000000000\nroute { while (1) { $var(i) = $var(i) + 1; $avp(x) = "
		"$var(i); } }",
		"max_while_loops=1000000000\nroute { while (1) { $var(s) = $var(s) + "
		"'aaaaaaaaaaaaaaaaaaaaaaaa'; } }",
		"max_while_loops=1000000000\nroute { while (1) { if ($abc =~ '^(a|aa)+$') t('x'); "
		"} "
		"}",
		"max_while_loops=1000000000\nroute { while "
		"('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab' !~ "
		"'^(a|aa)+$') { $var(i) += 1; } }",
		"max_while_loops=1000000000\nroute { while (1) { switch "
		"('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab') { "
		"case /\"^(a|aa)+$\": t('x'); } } }",
		"route { route(A); }\nroute[A] { route(B); }\nroute[B] { route(A); }",
		"route { route(A); }\nroute[A] { $var(r) = 'A'; while (1) { route($var(r)); } }",
	};
	const double limit = 0.050 * (POOL_WATCHED ? 20 : 1);

	(void)state;
	for (size_t i = 0; i < sizeof(endless) / sizeof(*endless); i++) {
		double took = seconds_of(endless[i]);

		if (took > limit)
			fail_msg("%s\ntook %.1f ms", endless[i], took * 1000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loops),
		cmocka_unit_test(switches),
		cmocka_unit_test(a_switch_takes_the_first_that_is_equal),
		cmocka_unit_test(large_switches_find_every_label),
		cmocka_unit_test(names_of_routes_may_vary),
		cmocka_unit_test(everything_may_wait_in_loops_and_switches),
		cmocka_unit_test(what_never_ends_is_stopped_soon),
	};

	return cmocka_run_group_tests(tests, fake_setup_quiet, fake_teardown);
}

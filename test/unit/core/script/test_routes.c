/* SPDX-License-Identifier: BSD-2-Clause */
/* The sorts of routes: how they are written, found by name and number, run inside of one another, and what may stand in them. */
#include "fake.h"

static const char every_sort[] =
	"route { arm('NO ONE', 'OUT', 'BACK'); arm('0'); arm('7'); exit; route(NAMED); }\n"
	"route[NAMED] { t('named'); }\n"
	"failure_route['NO ONE'] { forward(); }\n"
	"failure_route[7] { t('seven'); }\n"
	"branch_route[OUT] { t('out'); }\n"
	"onreply_route[BACK] { t('back'); }\n"
	"reply_route { t('reply'); }\n"
	"event_route[tm:local-request] { t('local'); }\n"
	"event_route [ \"htable:expired:calls\" ] { t('expired'); }\n"
	"onsend_route { t('onsend'); drop; }\n";

static const struct conf *load(const char *text_z)
{
	const struct conf *conf;

	if (fake_load_text(str_z(text_z), false, &conf) < 0)
		fail_msg("%s\n%s", text_z, fake_said);
	return conf;
}

static void routes_are_found_by_kind_and_name(void **state)
{
	static const struct {
		enum route_kind kind;
		const char *name;
		const char *writes;
	} cases[] = {
		{ IN_FAILURE, "7", "seven" },
		{ IN_BRANCH, "OUT", "out" },
		{ IN_REPLY, "BACK", "back" },
		{ IN_REPLY, "", "reply" },
		{ IN_EVENT, "tm:local-request", "local" },
		{ IN_EVENT, "htable:expired:calls", "expired" },
		{ IN_ONSEND, "", "onsend" },
		{ IN_FAILURE, "OUT", NULL },
		{ IN_BRANCH, "", NULL },
		{ IN_ONSEND, "0", NULL },
	};
	const struct conf *conf = load(every_sort);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t n = script_hooks.route_find(conf, cases[i].kind, str_z(cases[i].name));
		bool dropped;

		assert_int_equal(n >= 0, cases[i].writes != NULL);
		if (n < 0)
			continue;
		fake_ctx_begin(conf, str_z(fake_invite));
		dropped = script_hooks.route_run(&fake.ctx, cases[i].kind, (uint32_t)n);
		assert_string_equal(fake_traced(), cases[i].writes);
		assert_int_equal(dropped, cases[i].kind == IN_ONSEND);
		assert_int_equal(fake.ctx.done, 0);
		assert_int_equal(fake.ctx.route_kind, IN_REQUEST);
		assert_null(fake.ctx.machine);
		/* what was said before is not this route's */
		fake.ctx.done = CTX_DROPPED | CTX_REPLIED;
		dropped = script_hooks.route_run(&fake.ctx, cases[i].kind, (uint32_t)n);
		assert_int_equal(dropped, cases[i].kind == IN_ONSEND);
		assert_int_equal(fake.ctx.done, CTX_DROPPED | CTX_REPLIED);
	}
	script_drop(&conf);
}

static void names_of_routes_become_their_numbers(void **state)
{
	const struct conf *conf = load(every_sort);
	char want[64];

	(void)state;
	fake_run(conf, str_z(fake_invite));
	snprintf(want, sizeof(want), "%d,%d,%d -1 %d",
		 (int)script_hooks.route_find(conf, IN_FAILURE, STR("NO ONE")),
		 (int)script_hooks.route_find(conf, IN_BRANCH, STR("OUT")),
		 (int)script_hooks.route_find(conf, IN_REPLY, STR("BACK")),
		 (int)script_hooks.route_find(conf, IN_FAILURE, STR("7")));
	assert_string_equal(fake_traced(), want);
	script_drop(&conf);
}

static void a_name_is_looked_up_at_run_time_when_it_must_be(void **state)
{
	(void)state;
	assert_string_equal(
		fake_script(
			"route { arm($(abc)); if (!arm($(abc) + 'x')) t('none'); arm($(null)); }\n"
			"failure_route[abc] { exit; }\n"),
		"1 none -1");
}

static void a_route_that_a_function_starts_is_a_requests(void **state)
{
	const struct conf *conf = load("route { start('ONE'); start($(abc)); t('end'); }\n"
				       "route[ONE] { forward(); }\n"
				       "route[abc] { t(method); }\n"
				       "route[NO] { answered(); }\n"
				       "onreply_route { route(NO); }\n");

	(void)state;
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "1 2 end");
	assert_int_equal(script_hooks.route_find(conf, IN_REQUEST, STR("ONE")), 1);
	assert_int_equal(script_hooks.route_find(conf, IN_REQUEST, STR("TWO")), -1);
	/* it calls what may not stand in a request's route */
	assert_int_equal(script_hooks.route_find(conf, IN_REQUEST, STR("NO")), -1);
	script_drop(&conf);
}

static void the_failure_of_a_branch_is_a_failure_route(void **state)
{
	static const struct str key = STR_INIT("tm:branch-failure:ONE");
	const struct conf *conf =
		load("route { arm_event('ONE'); arm_event($(abc)); arm_event(''); t('end'); }\n"
		     "event_route[tm:branch-failure:ONE] { forward(); }\n"
		     "event_route[tm:branch-failure:abc] { forward(); }\n");

	(void)state;
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "1 2 -1 end");
	assert_int_equal(script_hooks.route_find(conf, IN_FAILURE, key), 1);
	assert_int_equal(script_hooks.route_find(conf, IN_EVENT, key), -1);
	assert_true(str_eq(script_hooks.route_name(conf, IN_FAILURE, 1), key));
	script_drop(&conf);
}

/* Called by a function in the middle of an expression, as sending does. */
static void what_runs_outside_goes_on_unchanged(void **state)
{
	const struct conf *conf = load(
		"route { t('a');\n if (val(5) == 5 && $rc == 5) t('b'); ti(send_now()); t('c'); }\n"
		"onsend_route { val(7); t('in'); t(method); drop; }\n");

	(void)state;
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "a b in INVITE 1 c");
	script_drop(&conf);
}

static void a_route_that_runs_to_its_end_cannot_wait(void **state)
{
	const struct conf *conf = load(
		"route { ti(send_now()); t('c'); }\n"
		"onsend_route { t('in'); if (!sneak()) t('false'); if (sneak() == -1) drop; }\n");

	(void)state;
	fake_let_go = 0;
	fake_run(conf, str_z(fake_invite));
	assert_string_equal(fake_traced(), "in false 1 c");
	assert_int_equal(fake_let_go, 2);
	script_drop(&conf);
}

static void a_route_of_any_kind_is_started_by_its_number(void **state)
{
	const struct conf *conf =
		load("route { arm('F'); t('no'); }\n"
		     "failure_route[F] { t('f'); ti(wait(3)); relay('B'); t('end'); drop; }\n"
		     "branch_route[B] { t('b'); }\n");
	int64_t n = script_hooks.route_find(conf, IN_FAILURE, STR("F"));

	(void)state;
	assert_true(str_eq(script_hooks.route_name(conf, IN_FAILURE, (uint32_t)n), STR("F")));
	fake_ctx_begin(conf, str_z(fake_invite));
	assert_int_equal(script_hooks.route_start(&fake.ctx, IN_FAILURE, (uint32_t)n),
			 SCRIPT_WAITS);
	assert_int_equal(fake.ctx.route_kind, IN_FAILURE);
	assert_int_equal(fake_go_on(), SCRIPT_DONE);
	assert_string_equal(fake_traced(), "f 3 b <out>end");
	assert_int_equal(fake.ctx.done, CTX_DROPPED);
	script_hooks.end(&fake.ctx);
	script_drop(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_are_found_by_kind_and_name),
		cmocka_unit_test(names_of_routes_become_their_numbers),
		cmocka_unit_test(a_name_is_looked_up_at_run_time_when_it_must_be),
		cmocka_unit_test(a_route_that_a_function_starts_is_a_requests),
		cmocka_unit_test(the_failure_of_a_branch_is_a_failure_route),
		cmocka_unit_test(what_runs_outside_goes_on_unchanged),
		cmocka_unit_test(a_route_that_runs_to_its_end_cannot_wait),
		cmocka_unit_test(a_route_of_any_kind_is_started_by_its_number),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

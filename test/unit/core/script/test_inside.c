/* SPDX-License-Identifier: BSD-2-Clause */
/* Routes that run in the middle of a function, and may wait there: as branch routes in t_relay(). */
#include "fake.h"

static const struct conf *load(const char *text_z)
{
	const struct conf *conf;

	if (fake_load_text(str_z(text_z), false, &conf) < 0)
		fail_msg("%s\n%s", text_z, fake_said);
	return conf;
}

/* The same scripts with functions that answer at once and with ones that wait. */
static void a_route_inside_may_wait_anywhere(void **state)
{
	static const struct {
		const char *text, *writes;
	} cases[] = {
		{ "route { t('a'); ti(relay('B')); t('z'); }\n"
		  "branch_route[B] { t('b'); ti(%s(5)); t('c'); }\n",
		  "a b 5 c <out>1 z" },
		{ "route { tt('x', relay('B', 'C', 'B') + %s(4), 'y'); ti($rc); }\n"
		  "branch_route[B] { if (%s(1) && !%s(-1)) t('b'); t('on'); }\n"
		  "branch_route[C] { ti(%s(7)); drop; }\n",
		  "b on <out>7 <drop>b on <out>x,6,y 1" },
		{ "route { if (relay('B')) t('sent'); else t('none'); }\n"
		  "branch_route[B] { route(X); t('never'); }\n"
		  "route[X] { ti(%s(6)); exit; }\n",
		  "6 <out>sent" },
		{ "route { if (relay('B', 'B')) t('sent'); else ti($rc); }\n"
		  "branch_route[B] { if (%s(0)) t('never'); t('never'); }\n",
		  "<out><out>sent" },
		{ "route { if (relay('B', 'B')) t('sent'); else ti($rc); }\n"
		  "branch_route[B] { %s(1); if (%s(2) == 2) drop; }\n",
		  "<drop><drop>-1" },
		{ "route { $var(x) = 1; relay('B', 'C'); ti($var(x)); }\n"
		  "branch_route[B] { $var(x) = $var(x) + %s(1); }\n"
		  "branch_route[C] { $var(x) = $var(x) + %s(40); $var(y) = %s(1); }\n",
		  "<out><out>42" },
		{ "route { relay('B'); ti($var(new)); }\nbranch_route[B] { $var(new) = %s(9); }\n",
		  "<out>9" },
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(*cases); i++) {
		const char *f = i % 2 ? "wait" : "val";

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(text, sizeof(text), cases[i / 2].text, f, f, f, f);
#pragma GCC diagnostic pop
		assert_string_equal(fake_script(text), cases[i / 2].writes);
		assert_int_equal(fake_waits > 0, i % 2);
		assert_int_equal(fake.ctx.done & CTX_DROPPED, 0);
	}
}

static void while_it_waits_the_outer_one_has_the_context(void **state)
{
	const struct conf *conf = load("route {\n relay('B');\n t('z'); }\n"
				       "branch_route[B] {\n\n t('b');\n wait(5);\n t('c'); }\n");
	struct machine *outer;

	(void)state;
	fake_ctx_begin(conf, str_z(fake_invite));
	assert_int_equal(script_hooks.start(&fake.ctx), SCRIPT_WAITS);
	assert_string_equal(fake_traced(), "b");
	outer = fake.ctx.machine;
	assert_int_equal(fake.ctx.route_kind, IN_REQUEST);
	assert_null(fake.slot->script_file_z);
	assert_int_equal(fake_go_on(), SCRIPT_DONE);
	assert_ptr_equal(fake.ctx.machine, outer);
	assert_string_equal(fake_traced(), "bc <out>z");
	assert_null(fake.slot->script_file_z);
	script_hooks.end(&fake.ctx);
	script_drop(&conf);
}

static void what_it_asked_for_is_let_go_of_once(void **state)
{
	const struct conf *conf = load("route { relay('B'); t('z'); }\n"
				       "branch_route[B] { sneak(); t('c'); }\n");

	(void)state;
	fake_let_go = 0;
	fake_ctx_begin(conf, str_z(fake_invite));
	assert_int_equal(script_hooks.start(&fake.ctx), SCRIPT_WAITS);
	/* its deadline: first that, and then it goes on */
	fake.ctx.wait.cancel(&fake.ctx, fake.ctx.wait.arg);
	assert_int_equal(fake_let_go, 1);
	fake.ctx.wait.cancel(&fake.ctx, fake.ctx.wait.arg);
	assert_int_equal(fake_let_go, 1);
	assert_int_equal(fake_go_on(), SCRIPT_DONE);
	assert_string_equal(fake_traced(), "c <out>z");
	script_hooks.end(&fake.ctx);
	script_drop(&conf);
}

static void what_resumes_it_may_wait_on(void **state)
{
	const struct conf *conf = load("route { relay('B'); t('z'); }\n"
				       "branch_route[B] { ti(wait(8)); }\n");

	(void)state;
	fake_wait_again = 2;
	fake_ctx_begin(conf, str_z(fake_invite));
	assert_int_equal(script_hooks.start(&fake.ctx), SCRIPT_WAITS);
	assert_int_equal(fake_go_on(), SCRIPT_WAITS);
	assert_int_equal(fake.ctx.route_kind, IN_REQUEST);
	assert_int_equal(fake_go_on(), SCRIPT_WAITS);
	assert_string_equal(fake_traced(), "");
	assert_int_equal(fake_go_on(), SCRIPT_DONE);
	assert_string_equal(fake_traced(), "8 <out>z");
	script_hooks.end(&fake.ctx);
	script_drop(&conf);
}

static void both_are_bounded_as_one(void **state)
{
	const struct conf *conf =
		load("max_script_steps=2000\nroute { relay('B'); t('z'); }\n"
		     "branch_route[B] { wait(1); $var(i) = 0; "
		     "while ($var(i) < 100) $var(i) = $var(i) + 1; ti($var(i)); wait(1); }\n");

	(void)state;
	fake_ctx_begin(conf, str_z(fake_invite));
	assert_int_equal(script_hooks.start(&fake.ctx), SCRIPT_WAITS);
	assert_int_equal(fake_go_on(), SCRIPT_WAITS);
	assert_null(fake.slot->script_file_z);
	assert_in_range(fake.ctx.machine->steps, 1, 1900);
	assert_int_equal(fake_go_on(), SCRIPT_DONE);
	assert_string_equal(fake_traced(), "100 <out>z");
	assert_in_range(fake.ctx.machine->steps, 1, 1900);
	script_hooks.end(&fake.ctx);
	script_drop(&conf);
}

static void without_memory_nothing_is_sent(void **state)
{
	const struct conf *conf = load("route { ti(relay('B')); }\nbranch_route[B] { t('b'); }\n");

	(void)state;
	fake_ctx_begin(conf, str_z(fake_invite));
	while (pool_alloc(fake.pool, 4096))
		;
	while (pool_alloc(fake.pool, 16))
		;
	assert_int_equal(script_hooks.route_inside(
				 &fake.ctx, IN_BRANCH,
				 (uint32_t)script_hooks.route_find(conf, IN_BRANCH, STR("B")),
				 fake_relayed, &(struct fake_relay){ .n = 1 }),
			 FN_FALSE);
	assert_string_equal(fake_traced(), "<drop>");
	script_drop(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_route_inside_may_wait_anywhere),
		cmocka_unit_test(while_it_waits_the_outer_one_has_the_context),
		cmocka_unit_test(what_it_asked_for_is_let_go_of_once),
		cmocka_unit_test(what_resumes_it_may_wait_on),
		cmocka_unit_test(both_are_bounded_as_one),
		cmocka_unit_test(without_memory_nothing_is_sent),
	};

	return cmocka_run_group_tests(tests, fake_setup_quiet, fake_teardown);
}

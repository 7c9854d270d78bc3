/* SPDX-License-Identifier: BSD-2-Clause */
/* maxfwd's values, and what leaves. */
#include "test/unit/modules/module_test.h"

static const struct {
	const char *line, *func;
	int64_t arg;
	int value;
	const char *leaves; /* NULL: nothing */
} cases[] = {
	{ "Max-Forwards: 70\r\n", "mf_process_maxfwd_header", 10, 1, "Max-Forwards: 69\r\n" },
	{ "Max-Forwards: 1\r\n", "process_maxfwd", 10, 1, "Max-Forwards: 0\r\n" },
	{ "Max-Forwards: 255\r\n", "maxfwd_process", 10, 1, "Max-Forwards: 254\r\n" },
	{ "Max-Forwards: 1000\r\n", "mf_process_maxfwd_header", 10, 1, "Max-Forwards: 255\r\n" },
	{ "", "mf_process_maxfwd_header", 12, 2, "Max-Forwards: 12\r\n" },
	{ "Max-Forwards: 0\r\n", "mf_process_maxfwd_header", 10, -1, NULL },
	{ "Max-Forwards: 5\r\n", "is_maxfwd_lt", 6, 1, "Max-Forwards: 4\r\n" },
	{ "Max-Forwards: 5\r\n", "mf_lowlimit", 5, -1, "Max-Forwards: 4\r\n" },
	{ "", "is_maxfwd_lt", 5, -2, "Max-Forwards: 70\r\n" },
	{ "Max-Forwards: 5\r\n", "maxfwd_at_least", 5, 1, "Max-Forwards: 4\r\n" },
	{ "Max-Forwards: 5\r\n", "maxfwd_at_least", 6, -1, "Max-Forwards: 4\r\n" },
	{ "", "maxfwd_at_least", 6, -2, "Max-Forwards: 70\r\n" },
};

static size_t at;

static enum script_result script(struct ctx *ctx)
{
	struct value v = value_int(cases[at].arg);

	assert_int_equal(fake_call(ctx, serac_module.functions, cases[at].func, 1, &v),
			 cases[at].value);
	return cases[at].leaves ? script_forward(ctx) : SCRIPT_DONE;
}

static void values_and_what_leaves(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake.script = script;
	for (at = 0; at < sizeof(cases) / sizeof(cases[0]); at++) {
		fake.sent_n = 0;
		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request("OPTIONS", URI_B, VIA_A, cases[at].line));
		assert_int_equal(fake.sent_n, cases[at].leaves ? 1 : 0);
		if (cases[at].leaves)
			assert_has(fake_out(0), cases[at].leaves);
	}
}

/* Once for each hop, however often the script asks. */
static enum script_result script_twice(struct ctx *ctx)
{
	struct value v = value_int(70);

	assert_int_equal(fake_call(ctx, serac_module.functions, "process_maxfwd", 1, &v), 1);
	assert_int_equal(fake_call(ctx, serac_module.functions, "process_maxfwd", 1, &v), 1);
	return script_forward(ctx);
}

static void it_falls_once_however_often_it_is_called(void **state)
{
	(void)state;
	fake_module(&serac_module);
	fake.script = script_twice;
	fake_receive(0, "127.0.0.5:5062", 0,
		     fake_request("OPTIONS", URI_B, VIA_A, "Max-Forwards: 9\r\n"));
	assert_has(fake_out(0), "Max-Forwards: 8\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(values_and_what_leaves),
		FAKE_TEST(it_falls_once_however_often_it_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

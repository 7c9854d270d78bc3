/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions of blst over a real list; nothing else of the network is there. */
#include "test/unit/modules/module_test.h"

#include "core/net/state.h"

static struct {
	struct net_conf conf;
	struct net net;
	struct net_shared shared;
	struct net_worker worker;
	unsigned ignore, ignore_reply;
	int values[8]; /* of the calls */
} list;

#define SOURCE "udp:127.0.0.5:5062" /* where messages come from */
#define OTHER  "tcp:[2001:db8::1]:5071"

static bool is_listed(const char *text_z)
{
	struct str text = str_z(text_z);
	struct addr a = fake_addr(text_z + 4);

	return blocklist_has(&fake.w, transport_find(str_head(text, 3)), &a);
}

static uint64_t left_ms(void)
{
	struct blocked b;
	unsigned at = 0;

	assert_true(blocklist_next(&fake.w, &at, &b));
	assert_int_equal(b.why, BLOCK_SCRIPT);
	return b.left_ms;
}

static int setup(void **state)
{
	int err = fake_setup(state);

	memset(&list, 0, sizeof(list));
	list.conf.use_dst_blocklist = true;
	list.conf.dst_blocklist_expire = 60000;
	list.shared.blocklist = calloc(1, blocklist_size(1));
	blocklist_init(list.shared.blocklist, 1);
	list.net.shared = &list.shared;
	list.worker = (struct net_worker){ .w = &fake.w, .net = &list.net };
	fake.w.net = &list.worker;
	*net_module.index = 1;
	fake.sections[1] = &list.conf;
	fake.modules[1] = &net_module;
	fake.conf.sections_n = 2;
	return err;
}

static int teardown(void **state)
{
	free(list.shared.blocklist);
	fake.w.net = NULL;
	return fake_teardown(state);
}

static void run(enum script_result (*script)(struct ctx *ctx), const char *more_z)
{
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, more_z));
}

static enum script_result script_source(struct ctx *ctx)
{
	list.values[0] = TEST_CALL(ctx, "blst_is_blocklisted");
	list.values[1] = TEST_CALL(ctx, "blst_del");
	list.values[2] = TEST_CALL(ctx, "blst_add");
	list.values[3] = TEST_CALL(ctx, "blst_is_blocklisted");
	list.values[4] = TEST_CALL(ctx, "blst_is_blacklisted", SOURCE);
	assert_int_equal(left_ms(), 60000);
	list.values[5] = TEST_CALL(ctx, "blst_add", "30");
	assert_int_equal(left_ms(), 30000);
	list.values[6] = TEST_CALL(ctx, "blst_del");
	list.values[7] = TEST_CALL(ctx, "blst_is_blocklisted");
	return SCRIPT_DONE;
}

static void the_source_of_a_message_is_listed(void **state)
{
	static const int want[] = { FN_FALSE, FN_FALSE, FN_TRUE, FN_TRUE,
				    FN_TRUE,  FN_TRUE,	FN_TRUE, FN_FALSE };

	(void)state;
	run(script_source, "");
	assert_memory_equal(list.values, want, sizeof(want));
}

static enum script_result script_named(struct ctx *ctx)
{
	static const char *const bad[] = { "192.0.2.1:5060", "udp:192.0.2.1", "udp:host:5060",
					   "sctp:192.0.2.1:5060", "" };

	assert_int_equal(TEST_CALL(ctx, "blst_add", "5", OTHER), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "blst_is_blocklisted", OTHER), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "blst_is_blocklisted"), FN_FALSE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(TEST_CALL(ctx, "blst_add", "5", bad[i]), FN_FALSE);
		assert_int_equal(TEST_CALL(ctx, "blst_is_blocklisted", bad[i]), FN_FALSE);
		assert_int_equal(TEST_CALL(ctx, "blst_del", bad[i]), FN_FALSE);
	}
	return SCRIPT_DONE;
}

static enum script_result script_clear(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "blst_add", "5", SOURCE), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "blst_delete_all"), FN_TRUE);
	return SCRIPT_DONE;
}

static void a_destination_may_be_named(void **state)
{
	(void)state;
	run(script_named, "");
	assert_true(is_listed(OTHER));
	run(script_clear, "");
	assert_false(is_listed(OTHER));
	assert_false(is_listed(SOURCE));
}

static enum script_result script_retry_after(struct ctx *ctx)
{
	fake.last = TEST_CALL(ctx, "blst_add_retry_after", "10", "600");
	return SCRIPT_DONE;
}

static const struct {
	const char *line;
	uint64_t ms; /* 0: not listed */
} retries[] = {
	{ "", 0 },
	{ "Retry-After: soon\r\n", 0 },
	{ "Retry-After: \r\n", 0 },
	{ "Retry-After: 99999999999\r\n", 0 },
	{ "Retry-After: 120\r\n", 120000 },
	{ "Retry-After: 120 (in a meeting);duration=3600\r\n", 120000 },
	{ "retry-after:1;x\r\n", 10000 },
	{ "Retry-After: 601\r\n", 600000 },
	{ "Retry-After: 4294967295\r\n", 600000 },
};

static void retry_after_says_how_long(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(retries) / sizeof(retries[0]); i++) {
		blocklist_clear(&fake.w);
		run(script_retry_after, retries[i].line);
		assert_int_equal(fake.last, retries[i].ms ? FN_TRUE : FN_FALSE);
		assert_int_equal(is_listed(SOURCE), retries[i].ms != 0);
		if (retries[i].ms)
			assert_int_equal(left_ms(), retries[i].ms);
	}
}

static enum script_result script_off(struct ctx *ctx)
{
	list.values[0] = TEST_CALL(ctx, "blst_add");
	list.values[1] = TEST_CALL(ctx, "blst_is_blocklisted");
	list.values[2] = TEST_CALL(ctx, "blst_del");
	return SCRIPT_DONE;
}

static void nothing_is_listed_while_it_is_off(void **state)
{
	(void)state;
	list.conf.use_dst_blocklist = false;
	run(script_off, "");
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(list.values[i], FN_FALSE);
}

static enum script_result script_ignore(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "blst_set_ignore", "6"), FN_TRUE);
	assert_int_equal(ctx->block_ignore, BLOCK_SEND | BLOCK_CONNECT);
	assert_int_equal(ctx->block_ignore_reply, 0);
	TEST_CALL(ctx, "blst_clear_ignore", "4");
	assert_int_equal(ctx->block_ignore, BLOCK_SEND);
	TEST_CALL(ctx, "blst_set_ignore");
	assert_int_equal(ctx->block_ignore, BLOCK_ALL);
	TEST_CALL(ctx, "blst_clear_ignore");
	assert_int_equal(ctx->block_ignore, 0);
	TEST_CALL(ctx, "blst_set_ignore", "4");
	TEST_CALL(ctx, "blst_rpl_set_ignore");
	TEST_CALL(ctx, "blst_rpl_clear_ignore", "16");
	assert_int_equal(ctx->block_ignore_reply, BLOCK_ALL & ~BLOCK_TIMEOUT);
	list.ignore = ctx->block_ignore;
	list.ignore_reply = ctx->block_ignore_reply;
	return script_forward(ctx);
}

static void what_is_ignored_goes_with_the_message(void **state)
{
	(void)state;
	run(script_ignore, "");
	assert_int_equal(fake.sent[0].to.block_ignore, BLOCK_CONNECT);
}

static const struct {
	const char *name;
	int64_t a, b;
	unsigned n;
	bool good;
} constants[] = {
	{ "blst_add", 0, 0, 1, true },
	{ "blst_add", -1, 0, 1, false },
	{ "blst_add", 2000001, 0, 1, false },
	{ "blst_add_retry_after", 1, 1, 2, true },
	{ "blst_add_retry_after", 2, 1, 2, false },
	{ "blst_set_ignore", 255, 0, 1, true },
	{ "blst_rpl_clear_ignore", 256, 0, 1, false },
	{ "blst_set_ignore", -1, 0, 1, false },
};

static void constants_are_checked_when_the_script_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
		struct value argv[2] = { value_int(constants[i].a), value_int(constants[i].b) };
		const struct func_def *f =
			fake_func(serac_module.functions, constants[i].name, constants[i].n);

		assert_int_equal(f->check(argv, constants[i].n) == NULL, constants[i].good);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_source_of_a_message_is_listed),
		TEST(a_destination_may_be_named),
		TEST(retry_after_says_how_long),
		TEST(nothing_is_listed_while_it_is_off),
		TEST(what_is_ignored_goes_with_the_message),
		TEST(constants_are_checked_when_the_script_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

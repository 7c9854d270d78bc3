/* SPDX-License-Identifier: BSD-2-Clause */
/* The targets of a request: added, counted, taken away, named in a Contact. */
#include "test/unit/core/msg/fake.h"

#include "core/msg/branches.h"
#include "core/msg/funcs.h"

static int call(struct ctx *ctx, const char *name_z, const char *a_z, const char *b_z)
{
	struct value argv[2] = { value_str(str_z(a_z)), value_str(str_z(b_z)) };

	return fake_call(ctx, msg_functions, name_z, b_z ? 2 : a_z ? 1 : 0, argv);
}

static int flag(struct ctx *ctx, const char *name_z, int64_t bit, int64_t branch)
{
	struct value argv[2] = { value_int(bit), value_int(branch) };

	return fake_call(ctx, msg_functions, name_z, 2, argv);
}

static void run(enum script_result (*script)(struct ctx *ctx))
{
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
}

static unsigned count(struct ctx *ctx)
{
	struct branch b;
	unsigned at = 0, n = 0;

	while (branch_next(ctx, &at, &b))
		n++;
	return n;
}

static enum script_result script_adds(struct ctx *ctx)
{
	struct branch b;
	unsigned at = 0;

	assert_int_equal(ctx_dst_uri_set(ctx, STR("sip:127.0.0.8")), 0);
	ctx->branch_flags = 5;
	assert_int_equal(call(ctx, "append_branch", "sip:c@127.0.0.7", "0.25"), FN_TRUE);
	assert_int_equal(call(ctx, "append_branch", "no uri", NULL), FN_FALSE);
	assert_int_equal(call(ctx, "append_branch", "sip:c@127.0.0.7", "2"), FN_FALSE);
	assert_true(branch_next(ctx, &at, &b));
	assert_text(b.uri, STR(URI_B));
	assert_int_equal(b.q, BRANCH_Q_NONE);
	assert_true(branch_next(ctx, &at, &b));
	assert_text(b.uri, STR("sip:c@127.0.0.7"));
	assert_text(b.dst_uri, STR("sip:127.0.0.8"));
	assert_int_equal(b.q, 250);
	assert_int_equal(b.flags, 5);
	assert_false(branch_next(ctx, &at, &b));
	return SCRIPT_DONE;
}

static void a_target_is_put_beside_the_request_uri(void **state)
{
	(void)state;
	run(script_adds);
}

static enum script_result script_main(struct ctx *ctx)
{
	struct branch b;
	unsigned at = 0;

	assert_int_equal(ctx_dst_uri_set(ctx, STR("sip:127.0.0.8")), 0);
	assert_int_equal(call(ctx, "append_branch", NULL, NULL), FN_TRUE);
	assert_true(str_is_null(ctx->dst_uri));
	/* once only, until the script says where else */
	assert_int_equal(count(ctx), 1);
	assert_true(branch_next(ctx, &at, &b));
	assert_text(b.uri, STR(URI_B));
	assert_text(b.dst_uri, STR("sip:127.0.0.8"));
	assert_int_equal(ctx_uri_set(ctx, STR("sip:d@127.0.0.7")), 0);
	assert_int_equal(count(ctx), 2);
	return SCRIPT_DONE;
}

static void the_request_uri_itself_becomes_one(void **state)
{
	(void)state;
	run(script_main);
}

static enum script_result script_bounds(struct ctx *ctx)
{
	/* max_branches is 8, the Request-URI among them */
	for (int i = 0; i < 7; i++)
		assert_int_equal(call(ctx, "append_branch", "sip:c@127.0.0.7", NULL), FN_TRUE);
	assert_int_equal(call(ctx, "append_branch", "sip:c@127.0.0.7", NULL), FN_FALSE);
	assert_int_equal(call(ctx, "append_branch", NULL, NULL), FN_FALSE);
	assert_false(ctx->uri_used);
	assert_int_equal(count(ctx), 8);
	assert_false(branch_remove(ctx, 7));
	assert_true(branch_remove(ctx, -1));
	assert_true(branch_remove(ctx, 0));
	assert_int_equal(count(ctx), 6);
	assert_int_equal(call(ctx, "clear_branches", NULL, NULL), FN_TRUE);
	assert_int_equal(count(ctx), 1);
	assert_false(branch_remove(ctx, -1));
	return SCRIPT_DONE;
}

static void there_are_not_too_many(void **state)
{
	(void)state;
	run(script_bounds);
}

static enum script_result script_flags(struct ctx *ctx)
{
	assert_int_equal(call(ctx, "append_branch", "sip:c@127.0.0.7", NULL), FN_TRUE);
	assert_int_equal(flag(ctx, "setbflag", 3, 0), FN_TRUE);
	assert_int_equal(flag(ctx, "setbflag", 31, 1), FN_TRUE);
	assert_int_equal(flag(ctx, "setbflag", 3, 2), FN_FALSE);
	assert_int_equal(flag(ctx, "setbflag", 32, 1), FN_FALSE);
	assert_int_equal(flag(ctx, "isbflagset", 3, 0), FN_TRUE);
	assert_int_equal(flag(ctx, "isbflagset", 3, 1), FN_FALSE);
	assert_int_equal(flag(ctx, "isbflagset", 31, 1), FN_TRUE);
	assert_int_equal(flag(ctx, "resetbflag", 31, 1), FN_TRUE);
	assert_int_equal(flag(ctx, "isbflagset", 31, 1), FN_FALSE);
	return SCRIPT_DONE;
}

static void each_has_its_flags(void **state)
{
	(void)state;
	run(script_flags);
}

static enum script_result script_contact(struct ctx *ctx)
{
	struct branch b = {
		.uri = STR("sip:d@127.0.0.7?x=1"), .path = STR("<sip:p;lr>"), .flags = 9, .q = 1000
	};

	assert_true(str_is_null(branches_contact(ctx, 0)));
	assert_int_equal(call(ctx, "append_branch", "sip:c@127.0.0.7", "0.5"), FN_TRUE);
	assert_text(branches_contact(ctx, 0), STR("Contact: <sip:c@127.0.0.7>;q=0.5\r\n"));
	assert_int_equal(ctx_uri_set(ctx, STR("sip:new@127.0.0.7")), 0);
	assert_int_equal(branch_add(ctx, &b), 0);
	assert_text(branches_contact(ctx, 0),
		    STR("Contact: <sip:new@127.0.0.7>, <sip:c@127.0.0.7>;q=0.5, "
			"<sip:d@127.0.0.7?x=1>;q=1\r\n"));
	assert_text(branches_contact(ctx, CONTACT_FLAGS | CONTACT_PATH),
		    STR("Contact: <sip:new@127.0.0.7>;flags=0, <sip:c@127.0.0.7>;q=0.5;flags=0, "
			"<sip:d@127.0.0.7?x=1&Route=%3csip:p%3blr%3e>;q=1;flags=9\r\n"));
	return SCRIPT_DONE;
}

static void a_redirection_names_them(void **state)
{
	(void)state;
	run(script_contact);
}

static const struct {
	const char *text;
	int q; /* -1: none */
	const char *out;
} qs[] = {
	{ "0.5", 500, "0.5" }, { "1", 1000, "1" },	{ "1.000", 1000, "1" },
	{ "0", 0, "0" },       { ".25", 250, "0.25" },	{ "0.005", 5, "0.005" },
	{ "0.0009", 0, "0" },  { " 0.7 ", 700, "0.7" }, { "1.1", -1, NULL },
	{ "", -1, NULL },      { ".", -1, NULL },	{ "2", -1, NULL },
	{ "0.x", -1, NULL },   { "-1", -1, NULL },	{ "11", -1, NULL },
};

static void q_is_in_thousandths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(qs) / sizeof(qs[0]); i++) {
		char text[16];
		struct buf b = BUF_ON(text);
		int q = -1, err = q_parse(str_z(qs[i].text), &q);

		assert_int_equal(err, qs[i].q < 0 ? -EINVAL : 0);
		assert_int_equal(q, qs[i].q);
		if (err)
			continue;
		q_put(&b, q);
		assert_text(buf_str(&b), str_z(qs[i].out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(a_target_is_put_beside_the_request_uri),
		FAKE_TEST(the_request_uri_itself_becomes_one),
		FAKE_TEST(there_are_not_too_many),
		FAKE_TEST(each_has_its_flags),
		FAKE_TEST(a_redirection_names_them),
		cmocka_unit_test(q_is_in_thousandths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

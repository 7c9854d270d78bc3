/* SPDX-License-Identifier: BSD-2-Clause */
/* get_redirects(): which targets a failure route has behind it. */
#include "test/unit/modules/module_test.h"

#include "modules/uac_redirect/uac_redirect.h"

/* --- a transaction ------------------------------------------------------------------------------------------------------------------------ */
static struct tm_branch sent[8];
static unsigned sent_n;

static bool sent_next(struct ctx *ctx, unsigned *at, struct tm_branch *b_r)
{
	(void)ctx;
	if (*at >= sent_n)
		return false;
	*b_r = sent[(*at)++];
	return true;
}

static const struct tm_api tm_api = { .branch_next = sent_next };
static const struct module_def tm_module = { .name = "tm", .api = &tm_api };

/* --- lines ------------------------------------------------------------------------------------------------------------------------------ */
static char lines[256];
static struct buf logged;

static void log_request(struct ctx *ctx, unsigned status, struct str reason, struct str uri)
{
	(void)ctx;
	buf_fmt(&logged, "%u " STRF " " STRF ";", status, STRA(reason), STRA(uri));
}

static const struct acc_api acc_api = { .log_request = log_request };
static const struct module_def acc_module = { .name = "acc", .api = &acc_api };

#define HEAD "SIP/2.0 302 x\r\n"

static void branch(const char *uri_z, bool current, unsigned status, const char *response_z)
{
	sent[sent_n++] = (struct tm_branch){ .uri = str_z(uri_z),
					     .is_current = current,
					     .status = status,
					     .response = str_z(response_z) };
}

/* --- what the script does ------------------------------------------------------------------------------------------------------------------ */
static const char *max_z;
static void (*filters_set)(struct ctx *ctx);
static char targets[2048];
static int values[2];

static void targets_note(struct ctx *ctx)
{
	struct buf b = BUF_ON(targets);
	struct branch next;
	unsigned at = 0;

	while (branch_next(ctx, &at, &next))
		buf_fmt(&b, STRF ";%d;%x ", STRA(next.uri), next.q, next.flags);
	buf_z(&b);
}

static enum script_result script(struct ctx *ctx)
{
	ctx->uri_used = true;
	if (filters_set)
		filters_set(ctx);
	values[0] = TEST_CALL(ctx, "get_redirects", max_z);
	targets_note(ctx);
	return SCRIPT_DONE;
}

static struct uac_redirect_conf *conf(void)
{
	return (struct uac_redirect_conf *)(void *)fake.section;
}

/* "uri;q;flags " of the targets behind get_redirects(max). */
static const char *redirected(const char *uri_z, const char *new_max_z)
{
	max_z = new_max_z;
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", uri_z, VIA_A, ""));
	return targets;
}

static int setup(void **state)
{
	fake_setup(state);
	fake_module(&serac_module);
	fake_other_module(&tm_module);
	fake_other_module(&acc_module);
	logged = BUF_ON(lines);
	filters_set = NULL;
	sent_n = 0;
	assert_null(serac_module.check(&fake.conf, fake.section, NULL));
	return 0;
}

static enum script_result script_logged(struct ctx *ctx)
{
	ctx->uri_used = true;
	values[0] = TEST_CALL(ctx, "get_redirects", "*", "because");
	return SCRIPT_DONE;
}

/* --- tests ------------------------------------------------------------------------------------------------------------------------------- */

static void contacts_become_targets(void **state)
{
	(void)state;
	branch("sip:b@127.0.0.6", true, 302,
	       HEAD "Contact: <sip:c@x>, <sip:d@x>;q=0.9, <sip:e@x>;q=0.8\r\n\r\n");
	conf()->bflags = 0x12;
	assert_string_equal(redirected("sip:b@x", "*"),
			    "sip:d@x;900;12 sip:e@x;800;12 sip:c@x;10;12 ");
	assert_int_equal(values[0], FN_TRUE);
	assert_string_equal(redirected("sip:b@x", "2"), "sip:d@x;900;12 sip:e@x;800;12 ");
	conf()->q_value = 850;
	assert_string_equal(redirected("sip:b@x", "2"), "sip:d@x;900;12 sip:c@x;850;12 ");
}

static void all_redirections_of_the_last_attempt_are_followed(void **state)
{
	(void)state;
	branch("sip:1@x", false, 302, HEAD "Contact: <sip:old@x>\r\n\r\n");
	branch("sip:2@x", true, 302, HEAD "Contact: <sip:a@x>;q=0.1, <sip:b@x>;q=0.9\r\n\r\n");
	branch("sip:3@x", true, 486, "SIP/2.0 486 x\r\nContact: <sip:busy@x>\r\n\r\n");
	branch("sip:4@x", true, 300, HEAD "Contact: <sip:c@x>, <sip:d@x>\r\n\r\n");
	branch("sip:5@x", true, 302, NULL);
	branch("sip:6@x", true, 302, "rubbish");
	assert_string_equal(redirected("sip:b@y", "*:1"), "sip:b@x;900;0 sip:c@x;10;0 ");
	assert_string_equal(redirected("sip:b@y", "3:*"),
			    "sip:b@x;900;0 sip:a@x;100;0 sip:c@x;10;0 ");
	assert_string_equal(redirected("sip:b@y", "0"),
			    "sip:b@x;900;0 sip:a@x;100;0 sip:c@x;10;0 sip:d@x;10;0 ");
}

static void a_reason_writes_lines(void **state)
{
	(void)state;
	branch("sip:2@x", true, 302, HEAD "Contact: <sip:a@x>;q=0.1, <sip:b@x>;q=0.9\r\n\r\n");
	branch("sip:4@x", true, 300, HEAD "Contact: <sip:2@x>, <sip:d@x>\r\n\r\n");
	redirected("sip:b@y", "*");
	assert_int_equal(logged.n, 0);
	fake.script = script_logged;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A, ""));
	assert_string_equal(buf_z(&logged),
			    "302 because sip:b@x;302 because sip:a@x;300 because sip:d@x;");
	/* without acc nothing is written */
	conf()->acc = NULL;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A, ""));
	assert_int_equal(values[0], FN_TRUE);
}

static void loops_are_left_out(void **state)
{
	(void)state;
	branch("sip:old@x:5060;transport=udp", false, 408, NULL);
	branch("sip:now@x", true, 302,
	       HEAD
	       "Contact: <sip:old@X:5060;transport=UDP>, <sip:now@x>;q=1, <sip:b@y>, <sip:new@x>,"
	       "<sip:new@x>\r\n\r\n");
	assert_string_equal(redirected("sip:b@y", "1"), "sip:new@x;10;0 ");
	assert_string_equal(redirected("sip:b@y", "*"), "sip:new@x;10;0 ");
	sent[1].response = STR(HEAD "Contact: <sip:b@y>\r\n\r\n");
	assert_string_equal(redirected("sip:b@y", "*"), "");
	assert_int_equal(values[0], FN_FALSE);
}

static void sips_stays_sips(void **state)
{
	(void)state;
	branch("sip:b@z", true, 302, HEAD "Contact: <sip:c@x>, <sips:d@x>\r\n\r\n");
	assert_string_equal(redirected("sip:b@y", "*"), "sip:c@x;10;0 sips:d@x;10;0 ");
	assert_string_equal(redirected("sips:b@y", "*"), "sips:d@x;10;0 ");
	sent[0].uri = STR("SIPS:b@z");
	assert_string_equal(redirected("sip:b@y", "*"), "sips:d@x;10;0 ");
}

static void targets_are_bounded(void **state)
{
	static char text[4096];
	struct buf b = BUF_ON(text);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		char *from = b.p + b.n;

		buf_lit(&b, HEAD "Contact: <sip:x@x>");
		for (unsigned c = 0; c < 10; c++)
			buf_fmt(&b, ", <sip:%u@h%u>", c, i);
		buf_lit(&b, "\r\n\r\n");
		buf_char(&b, 0);
		branch("sip:b@z", true, 302, from);
	}
	redirected("sip:b@y", "*");
	assert_int_equal(values[0], FN_TRUE);
	/* max_branches, of which one is the Request-URI */
	assert_int_equal(strlen(targets), strlen("sip:x@x;10;0 ") + 6 * strlen("sip:1@h0;10;0 "));
}

static void set_filters(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "set_deny_filter", "@bad", ""), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "set_accept_filter", "vip@", "reset_all"), FN_TRUE);
}

static enum script_result script_twice(struct ctx *ctx)
{
	set_filters(ctx);
	values[0] = TEST_CALL(ctx, "get_redirects", "*");
	branches_clear(ctx);
	values[1] = TEST_CALL(ctx, "get_redirects", "*");
	ctx->uri_used = true;
	targets_note(ctx);
	return SCRIPT_DONE;
}

static void filters_are_for_one_call(void **state)
{
	(void)state;
	branch("sip:b@z", true, 302,
	       HEAD "Contact: <sip:a@bad>, <sip:vip@bad>, <sip:c@good>\r\n\r\n");
	filters_set = set_filters;
	assert_string_equal(redirected("sip:b@y", "*"), "sip:vip@bad;10;0 sip:c@good;10;0 ");
	fake.script = script_twice;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A, ""));
	assert_string_equal(targets, "sip:a@bad;10;0 sip:vip@bad;10;0 sip:c@good;10;0 ");
}

static void parameters_set_filters(void **state)
{
	struct arena *arena = arena_new(fake.run.shm, ID_MAKE(ID_CONF, 1, 1), 1024, 1 << 20);

	(void)state;
	conf()->default_filter = STR("deny");
	conf()->accept_filter = STR("@good");
	assert_null(serac_module.check(&fake.conf, fake.section, arena));
	branch("sip:b@z", true, 302, HEAD "Contact: <sip:a@bad>, <sip:c@GOOD>\r\n\r\n");
	assert_string_equal(redirected("sip:b@y", "*"), "sip:c@GOOD;10;0 ");
	serac_module.end_generation(&fake.w, &fake.conf);
	conf()->accept_filter = STR("(");
	assert_non_null(
		strstr(serac_module.check(&fake.conf, fake.section, arena), "accept_filter: "));
	conf()->default_filter = STR("maybe");
	assert_non_null(
		strstr(serac_module.check(&fake.conf, fake.section, arena), "accept or deny"));
	conf()->default_filter = STR("Accept");
	conf()->acc_function = STR("acc_db_request");
	assert_non_null(
		strstr(serac_module.check(&fake.conf, fake.section, arena), "acc_log_request"));
	arena_drop(&arena);
}

#define REDIRECT_TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		REDIRECT_TEST(contacts_become_targets),
		REDIRECT_TEST(all_redirections_of_the_last_attempt_are_followed),
		REDIRECT_TEST(a_reason_writes_lines),
		REDIRECT_TEST(loops_are_left_out),
		REDIRECT_TEST(sips_stays_sips),
		REDIRECT_TEST(targets_are_bounded),
		REDIRECT_TEST(filters_are_for_one_call),
		REDIRECT_TEST(parameters_set_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

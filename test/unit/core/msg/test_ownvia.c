/* SPDX-License-Identifier: BSD-2-Clause */
/* The branch of our Via: what it is made of, what is read back from it, and what is not ours. */
#include "fake.h"

#include "core/msg/nexthop.h"
#include "core/msg/ownvia.h"

#define ROW ID_MAKE(ID_TRANSACTION, 0x0abcde, 0x89abcdef)

static struct {
	uint64_t trans, loop, hash;
	unsigned number;
	char via[300]; /* the last one that was written, without its line end */
	char text[BRANCH_MAX + 1];
	enum via_verdict verdict;
	struct via_where where;
	bool found;
} own;

/* Writes our Via for a request, and looks for its loop. */
static enum script_result script_write(struct ctx *ctx)
{
	struct target t = { .transport = ctx->from.transport, .from = ctx->from.listener };
	struct str branch = own.trans ? via_branch_trans(ctx, own.trans, own.number, own.loop)
				      : via_branch(ctx, own.loop);
	struct buf b = BUF_ON(own.via);

	snprintf(own.text, sizeof(own.text), STRF, STRA(branch));
	via_own_put(ctx, &t, branch, &b);
	assert_true(buf_ok(&b));
	own.via[b.n - 2] = '\0';
	own.hash = via_loop_hash(ctx);
	own.found = via_loop_found(ctx, own.hash);
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

/* Reads the top Via as that of a response, above the one that the request came with. */
static enum script_result script_read(struct ctx *ctx)
{
	struct sip_via *second;

	assert_int_equal(sip_msg_via_next(ctx->msg, ctx->via, &second), 0);
	own.verdict = via_own_check(ctx, ctx->via, second, &own.where);
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

static void write_for(const char *uri_z, const char *src_z, const char *vias_z, const char *more_z)
{
	fake.script = script_write;
	fake_receive(0, src_z, 0, fake_request("INVITE", uri_z, vias_z, more_z));
}

static void read_via(const char *via_z)
{
	char vias[500];

	snprintf(vias, sizeof(vias), "%s\r\nVia: " VIA_A, via_z + strlen("Via: "));
	fake.script = script_read;
	fake_receive(0, "127.0.0.6:5066", 0, fake_request("INVITE", URI_B, vias, ""));
}

static const struct {
	uint64_t trans;
	unsigned number;
	uint64_t loop;
	size_t n;
	const char *end;
} forms[] = {
	{ 0, 0, 0, 24, "" },
	{ 0, 0, 0x1234, 41, ".0000000000001234" },
	{ ROW, 0, 0, 41, ".0abcde89abcdef00" },
	{ ROW, 255, 0, 41, ".0abcde89abcdefff" },
	{ ROW, 7, UINT64_MAX, 58, ".0abcde89abcdef07.ffffffffffffffff" },
	{ ID_MAKE(ID_TRANSACTION, 0xffffff, UINT32_MAX), 1, 0, 41, ".ffffffffffffff01" },
};

static void what_is_written_is_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		own.trans = forms[i].trans;
		own.number = forms[i].number;
		own.loop = forms[i].loop;
		write_for(URI_B, "127.0.0.5:5062", VIA_A, "");
		assert_int_equal(strlen(own.text), forms[i].n);
		assert_string_equal(own.text + forms[i].n - strlen(forms[i].end), forms[i].end);
		read_via(own.via);
		assert_int_equal(own.verdict, VIA_OURS);
		assert_int_equal(own.where.letter, forms[i].trans ? 't' : 's');
		assert_true(own.where.trans == forms[i].trans);
		assert_int_equal(own.where.number, forms[i].number);
	}
}

static void a_via_that_was_sent_gives_its_token_back(void **state)
{
	struct sip_via via;
	uint64_t token;
	size_t offset;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		own.trans = forms[i].trans;
		own.number = forms[i].number;
		own.loop = forms[i].loop;
		write_for(URI_B, "127.0.0.5:5062", VIA_A, "");
		assert_int_equal(via_parse(str_z(own.via + strlen("Via: ")), &via, &offset), 0);
		token = 1;
		assert_true(via_own_token(&fake.run.msgs->key, &via, &token));
		assert_true(token == (own.trans << 8 | own.number));
		via.i = STR_NULL;
		assert_false(via_own_token(&fake.run.msgs->key, &via, &token));
	}
	assert_int_equal(via_parse(STR(VIA_A), &via, &offset), 0);
	assert_false(via_own_token(&fake.run.msgs->key, &via, &token));
}

/* Each digit of the branch is under a MAC, and nothing can be put behind it. */
static void whoever_changes_it_is_found_out(void **state)
{
	char via[sizeof(own.via)];
	size_t from, to;

	(void)state;
	own.trans = ROW;
	own.number = 3;
	own.loop = 0x77;
	write_for(URI_B, "127.0.0.5:5062", VIA_A, "");
	from = (size_t)(strstr(own.via, BRANCH_COOKIE) - own.via);
	to = from + strlen(own.text);
	for (size_t i = from; i < to; i++) {
		memcpy(via, own.via, sizeof(via));
		via[i] = via[i] == '0' ? '1' : '0';
		read_via(via);
		assert_int_not_equal(own.verdict, VIA_OURS);
	}
	for (size_t i = to - 34; i < to; i++) { /* pieces of it */
		snprintf(via, sizeof(via), "%.*s%s", (int)i, own.via, own.via + to);
		read_via(via);
		assert_int_not_equal(own.verdict, VIA_OURS);
	}
	snprintf(via, sizeof(via), "%.*s.0000000000000001%s", (int)to, own.via, own.via + to);
	read_via(via);
	assert_int_not_equal(own.verdict, VIA_OURS);
	read_via(own.via);
	assert_int_equal(own.verdict, VIA_OURS);
}

static const struct {
	const char *uri, *src, *more;
	bool found;
} rounds[] = {
	{ URI_B, "127.0.0.5:5062", "", true },
	/* another target, another sender (an application server), another way */
	{ "sip:c@127.0.0.6", "127.0.0.5:5062", "", false },
	{ URI_B, "127.0.0.8:5062", "", false },
	{ URI_B, "127.0.0.5:5063", "", false },
	{ URI_B, "127.0.0.5:5062", "Route: <sip:127.0.0.7;lr>\r\n", false },
};

static void a_loop_is_what_comes_again_as_it_was(void **state)
{
	char vias[500];

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		own.trans = k ? ROW : 0;
		own.loop = 0;
		write_for(URI_B, "127.0.0.5:5062", VIA_A, "");
		assert_false(own.found);
		own.loop = own.hash;
		write_for(URI_B, "127.0.0.5:5062", VIA_A, "");
		snprintf(vias, sizeof(vias),
			 "SIP/2.0/UDP 127.0.0.8;branch=z9hG4bKx\r\n%s\r\nVia: " VIA_A, own.via);
		for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
			write_for(rounds[i].uri, rounds[i].src, vias, rounds[i].more);
			assert_int_equal(own.found, rounds[i].found);
		}
	}
}

static enum script_result script_allowed(struct ctx *ctx)
{
	uint64_t loop;

	own.number = nexthop_allowed(ctx, own.found, &loop) == FN_TRUE;
	own.loop = loop;
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

static const struct {
	enum loop_detection detection;
	bool forked, looked;
} settings[] = {
	{ LOOP_NO, false, false },   { LOOP_NO, true, false },	{ LOOP_FORKED, false, false },
	{ LOOP_FORKED, true, true }, { LOOP_ALL, false, true }, { LOOP_ALL, true, true },
};

static void loops_are_looked_for_as_the_script_says(void **state)
{
	char vias[500];

	(void)state;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		own.loop = 0;
		write_for(URI_B, "127.0.0.5:5062", VIA_A, "");
		own.loop = own.hash;
		write_for(URI_B, "127.0.0.5:5062", VIA_A, "");
		snprintf(vias, sizeof(vias), "%s\r\nVia: " VIA_A, own.via + strlen("Via: "));
		fake.mc.loop_detection = settings[i].detection;
		own.found = settings[i].forked;
		fake.script = script_allowed;
		fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, VIA_A, ""));
		assert_int_equal(own.number, 1);
		assert_int_equal(own.loop != 0, settings[i].looked);
		fake_receive(0, "127.0.0.5:5062", 0, fake_request("INVITE", URI_B, vias, ""));
		assert_int_equal(own.number, !settings[i].looked);
	}
}

static int setup(void **state)
{
	memset(&own, 0, sizeof(own));
	return fake_setup(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fake_teardown)

/* --- requests that are made here ---------------------------------------------------------------------------------------------------- */
static enum script_result script_read_last(struct ctx *ctx)
{
	own.verdict = via_own_check(ctx, ctx->via, NULL, &own.where);
	ctx->done |= CTX_FORWARDED;
	return SCRIPT_DONE;
}

static enum via_verdict read_last(const char *sent_by_z, const char *branch_z)
{
	char via[300];

	snprintf(via, sizeof(via), "SIP/2.0/UDP %s;branch=%s;rport", sent_by_z, branch_z);
	fake.script = script_read_last;
	fake_receive(0, "127.0.0.6:5066", 0, fake_request("INVITE", URI_B, via, ""));
	return own.verdict;
}

static void a_request_made_here_is_known_by_its_branch_alone(void **state)
{
	char text[BRANCH_LOCAL + 1], changed[BRANCH_MAX];
	struct buf b = BUF_ON(text);

	(void)state;
	via_branch_local(&fake.run.msgs->key, ROW, 9, &b);
	assert_int_equal(b.n, BRANCH_LOCAL);
	assert_non_null(strstr(buf_z(&b), ".0abcde89abcdef09"));
	assert_int_equal(read_last("127.0.0.1:5060", text), VIA_OURS);
	assert_int_equal(own.where.letter, 'u');
	assert_true(own.where.trans == ROW);
	assert_int_equal(own.where.number, 9);
	/* a sent-by that the script gave; each digit; something behind it */
	assert_int_equal(read_last("a.example:5060", text), VIA_OURS);
	for (size_t i = 0; i < BRANCH_LOCAL; i++) {
		memcpy(changed, text, sizeof(text));
		changed[i] = changed[i] == '0' ? '1' : '0';
		assert_int_not_equal(read_last("127.0.0.1:5060", changed), VIA_OURS);
	}
	snprintf(changed, sizeof(changed), "%s.0000000000000001", text);
	assert_int_equal(read_last("127.0.0.1:5060", changed), VIA_FORGED);
	/* the branch of one that came from somebody is not */
	changed[BRANCH_LOCAL] = '\0';
	changed[sizeof(BRANCH_COOKIE) - 1] = 't';
	assert_int_equal(read_last("127.0.0.1:5060", changed), VIA_FORGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_written_is_read_back),
		TEST(a_request_made_here_is_known_by_its_branch_alone),
		TEST(a_via_that_was_sent_gives_its_token_back),
		TEST(whoever_changes_it_is_found_out),
		TEST(a_loop_is_what_comes_again_as_it_was),
		TEST(loops_are_looked_for_as_the_script_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

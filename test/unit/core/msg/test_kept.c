/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script made of a request: copied to other memory and back, with every allocation failing; the same for each target of a fork. */
#include "fake.h"

#include "core/msg/kept.h"

/* --- memory of another kind, that may fail --------------------------------------------------------------------------------------------- */
static struct {
	void *all[256];
	unsigned n, fail_at; /* 0: never */
} mem;

static void *mem_get(void *arg, size_t n)
{
	assert_ptr_equal(arg, &mem);
	if (mem.fail_at && mem.n + 1 == mem.fail_at)
		return NULL;
	assert_true(mem.n < 256);
	return mem.all[mem.n++] = malloc(n);
}

static void mem_drop(void)
{
	while (mem.n)
		free(mem.all[--mem.n]);
}

static int setup(void **state)
{
	memset(&mem, 0, sizeof(mem));
	return fake_setup(state);
}

static int teardown(void **state)
{
	mem_drop();
	return fake_teardown(state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* --- contexts --------------------------------------------------------------------------------------------------------------------------- */
static struct str received(void)
{
	return fake_request("INVITE", URI_B, VIA_A,
			    "X-A: one\r\nX-B: two\r\nContent-Type: text/plain\r\n");
}

static struct ctx *context(struct str text)
{
	struct origin from = { .listener = &fake_listeners[0],
			       .transport = transport_of(TRANSPORT_UDP),
			       .src = fake_addr("127.0.0.5:5062"),
			       .dst = fake_listeners[0].addr };
	struct ctx *ctx = ctx_of_text(&fake.w, &from, text);

	assert_non_null(ctx);
	ctx->route_kind = IN_FAILURE;
	return ctx;
}

/* Another message runs in the same memory. */
static void overwrite(void)
{
	struct ctx *ctx = context(received());

	for (int i = 0; i < 40; i++)
		memset(pool_alloc(ctx->pool, 400), 'x', 400);
	ctx_give(ctx);
}

static int late_make(struct ctx *ctx, const struct target *t, const void *data, size_t data_n,
		     struct str *text_r)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, 100), 100);

	(void)t;
	buf_lit(&b, "X-Late: ");
	buf_mem(&b, data, data_n);
	buf_lit(&b, "\r\n");
	*text_r = buf_str(&b);
	return 0;
}

static const struct edit_late late = { .make = late_make };

static size_t place_of(const struct ctx *ctx, const char *text_z)
{
	ssize_t at = str_find(ctx->msg->buf, str_z(text_z));

	assert_true(at > 0);
	return (size_t)at;
}

static void put(struct ctx *ctx, const char *before_z, const char *text_z)
{
	assert_int_equal(edits_add(&ctx->edits, ctx->pool, place_of(ctx, before_z), 0,
				   pool_str(ctx->pool, str_z(text_z))),
			 0);
}

static struct str in_pool(struct ctx *ctx, const char *text_z)
{
	return pool_str(ctx->pool, str_z(text_z));
}

static uint64_t *kept_number(struct ctx *ctx)
{
	static const char key;

	return ctx_data_kept(ctx, &key, sizeof(uint64_t));
}

static uint64_t *lost_number(struct ctx *ctx)
{
	static const char key;

	return ctx_data(ctx, &key, sizeof(uint64_t));
}

/* Something of each kind. */
static void change(struct ctx *ctx)
{
	assert_int_equal(edits_add(&ctx->edits, ctx->pool, place_of(ctx, "X-A: "), 10, STR_NULL),
			 0);
	put(ctx, "X-B: ", "X-New: 1\r\n");
	assert_int_equal(edits_add_late(&ctx->edits, ctx->pool, place_of(ctx, "Call-ID"), &late,
					STR("data")),
			 0);
	assert_int_equal(ctx_uri_set(ctx, STR("sip:c@127.0.0.8:5077")), 0);
	assert_int_equal(ctx_dst_uri_set(ctx, STR("sip:127.0.0.9:5078")), 0);
	ctx->path = in_pool(ctx, "<sip:p;lr>");
	ctx->ruid = in_pool(ctx, "r1");
	ctx->instance = in_pool(ctx, "<urn:x>");
	ctx->q = 300;
	ctx->branch_flags = 6;
	ctx->uri_used = true;
	ctx->number = 77;
	ctx->flags = 9;
	ctx->script_flags = 10;
	ctx->force_rport = ctx->add_rport = ctx->maxfwd_checked = true;
	ctx->send_socket = &fake_listeners[3];
	ctx->flow = FAKE_CONN;
	ctx->routed = CTX_ROUTED_NEXT;
	ctx->adv_host = in_pool(ctx, "a.example");
	ctx->adv_port = 5099;
	ctx->maxfwd = 12;
	ctx->edits_refused = 3;
	ctx->reply_headers = in_pool(ctx, "X-R: 1\r\n");
	ctx->reply_body = in_pool(ctx, "body");
	ctx->reply_type = in_pool(ctx, "Content-Type: a/b\r\n");
	*kept_number(ctx) = 0x1234567812345678;
	*lost_number(ctx) = 1;
}

static void assert_changed(struct ctx *ctx)
{
	assert_text(ctx_uri_text(ctx), STR("sip:c@127.0.0.8:5077"));
	assert_int_equal(ctx_uri(ctx)->port, 5077);
	assert_text(ctx->dst_uri, STR("sip:127.0.0.9:5078"));
	assert_text(ctx->path, STR("<sip:p;lr>"));
	assert_text(ctx->ruid, STR("r1"));
	assert_text(ctx->instance, STR("<urn:x>"));
	assert_int_equal(ctx->q, 300);
	assert_int_equal(ctx->branch_flags, 6);
	assert_int_equal(ctx->number, 77);
	assert_int_equal(ctx->flags, 9);
	assert_int_equal(ctx->script_flags, 10);
	assert_true(ctx->uri_used && ctx->force_rport && ctx->add_rport && ctx->maxfwd_checked);
	assert_ptr_equal(ctx->send_socket, &fake_listeners[3]);
	assert_int_equal(ctx->flow, FAKE_CONN);
	assert_int_equal(ctx->routed, CTX_ROUTED_NEXT);
	assert_text(ctx->adv_host, STR("a.example"));
	assert_int_equal(ctx->adv_port, 5099);
	assert_int_equal(ctx->maxfwd, 12);
	assert_int_equal(ctx->edits_refused, 3);
	assert_text(ctx->reply_headers, STR("X-R: 1\r\n"));
	assert_text(ctx->reply_body, STR("body"));
	assert_text(ctx->reply_type, STR("Content-Type: a/b\r\n"));
}

/* As it leaves. */
static struct str sent(struct ctx *ctx)
{
	assert_int_equal(forward_request(ctx, STR_NULL, NULL), FN_TRUE);
	return fake_out(fake.sent_n - 1);
}

static const struct ctx_kept *keep(struct ctx *ctx, unsigned what)
{
	const struct ctx_kept *kept = NULL;

	assert_int_equal(ctx_keep(ctx, what, mem_get, &mem, &kept), 0);
	return kept;
}

/* --- kept elsewhere ------------------------------------------------------------------------------------------------------------------ */
static void what_a_script_changed_comes_back(void **state)
{
	struct ctx *ctx = context(received());
	const struct ctx_kept *kept;
	struct str want;

	(void)state;
	change(ctx);
	kept = keep(ctx, 0);
	want = sent(ctx);
	assert_has(want, "Max-Forwards: 12\r\n");
	assert_has(want, "X-New: 1\r\nX-B: two\r\n");
	assert_has(want, "X-Late: data\r\nCall-ID");
	assert_has_not(want, "X-A:");
	ctx_give(ctx);
	overwrite();
	/* more than once, and what is changed then is not what is kept */
	for (int i = 0; i < 2; i++) {
		ctx = context(received());
		assert_int_equal(ctx_uri(ctx)->port, 5066);
		assert_int_equal(ctx_restore(ctx, kept), 0);
		assert_true(str_is_null(kept->text));
		assert_int_equal(ctx->texts, 0);
		assert_changed(ctx);
		assert_true(*kept_number(ctx) == 0x1234567812345678);
		assert_true(*lost_number(ctx) == 0);
		assert_text(sent(ctx), want);
		edits_forget(&ctx->edits, place_of(ctx, "X-A"), 20);
		put(ctx, "Call-ID", "X-Two: 2\r\n");
		*kept_number(ctx) = 5;
		ctx_give(ctx);
	}
}

static void a_request_that_was_not_changed_costs_one_piece(void **state)
{
	struct ctx *ctx = context(received());
	const struct ctx_kept *kept;

	(void)state;
	kept = keep(ctx, KEEP_BRANCHES);
	assert_int_equal(mem.n, 1);
	ctx_give(ctx);
	ctx = context(received());
	assert_int_equal(ctx_restore(ctx, kept), 0);
	assert_true(str_is_null(ctx->uri) && !ctx->edits.first && !ctx->data);
	assert_int_equal(ctx->q, BRANCH_Q_NONE);
	assert_true(ctx->maxfwd == CTX_MAXFWD_NONE);
	ctx_give(ctx);
}

static void a_request_that_became_another_text_is_kept_as_that(void **state)
{
	struct ctx *ctx = context(received());
	const struct ctx_kept *kept;
	struct str want;

	(void)state;
	change(ctx);
	assert_int_equal(message_apply(ctx), 0);
	put(ctx, "X-B", "X-Later: 2\r\n");
	kept = keep(ctx, 0);
	want = sent(ctx);
	assert_has(want, "X-New: 1\r\nX-Later: 2\r\nX-B: two\r\n");
	ctx_give(ctx);
	overwrite();
	assert_has(kept->text, "X-New: 1\r\nX-B: two\r\n");
	ctx = context(received());
	assert_int_equal(ctx_restore(ctx, kept), -EBADMSG);
	ctx_give(ctx);
	ctx = context(kept->text);
	assert_int_equal(ctx_restore(ctx, kept), 0);
	assert_int_equal(ctx->texts, 1);
	assert_text(sent(ctx), want);
	ctx_give(ctx);
}

static void targets_beside_come_when_they_are_asked_for(void **state)
{
	struct branch b = { .uri = STR("sip:d@127.0.0.7"),
			    .dst_uri = STR("sip:127.0.0.8"),
			    .path = STR("<sip:p>"),
			    .ruid = STR("r"),
			    .instance = STR("i"),
			    .flags = 3,
			    .q = 500 };
	struct ctx *ctx = context(received());
	const struct ctx_kept *with, *without;

	(void)state;
	assert_int_equal(branch_add(ctx, &b), 0);
	with = keep(ctx, KEEP_BRANCHES);
	without = keep(ctx, 0);
	ctx_give(ctx);
	overwrite();
	ctx = context(received());
	assert_int_equal(ctx_restore(ctx, without), 0);
	assert_int_equal(ctx->branches.n, 0);
	assert_int_equal(ctx_restore(ctx, with), 0);
	/* what is changed in the context is not what is kept */
	ctx->branches.rows[0].flags = 1;
	assert_int_equal(with->branches.rows[0].flags, 3);
	ctx->branches.rows[0].flags = 3;
	assert_int_equal(branch_add(ctx, &b), 0);
	assert_int_equal(ctx->branches.n, 2);
	for (int i = 0; i < 2; i++) {
		const struct branch *got = &ctx->branches.rows[i];

		assert_text(got->uri, b.uri);
		assert_text(got->dst_uri, b.dst_uri);
		assert_text(got->path, b.path);
		assert_text(got->ruid, b.ruid);
		assert_text(got->instance, b.instance);
		assert_int_equal(got->q, 500);
		assert_int_equal(got->flags, 3);
	}
	assert_int_equal(with->branches.n, 1);
	ctx_give(ctx);
}

static struct avp *avp(struct ctx *ctx)
{
	struct avp_name name = avp_name(STR("n"));

	return ctx->avps ? avp_find(ctx->avps->first[AVP_FROM_URI], &name, 0) : NULL;
}

static void attributes_go_and_come_back(void **state)
{
	struct avp_name name = avp_name(STR("n"));
	struct value v = value_str(STR("text")), other = value_int(1);
	struct ctx *ctx = context(received());
	const struct avps *kept = (const struct avps *)&mem;

	(void)state;
	assert_int_equal(ctx_keep_avps(ctx, mem_get, &mem, &kept), 0);
	assert_null(kept);
	assert_int_equal(ctx_restore_avps(ctx, NULL), 0);
	assert_null(avp(ctx));
	assert_int_equal(avp_add(ctx_avps(ctx), ctx->pool, &ctx_avps(ctx)->first[AVP_FROM_URI],
				 &name, &v, NULL),
			 0);
	assert_int_equal(ctx_keep_avps(ctx, mem_get, &mem, &kept), 0);
	ctx_give(ctx);
	overwrite();
	for (int i = 0; i < 2; i++) {
		ctx = context(received());
		assert_int_equal(ctx_restore_avps(ctx, kept), 0);
		assert_text(avp(ctx)->value.s, STR("text"));
		/* changed here, not there */
		assert_int_equal(avp_replace(ctx->avps, avp(ctx), &other), 0);
		ctx_give(ctx);
	}
}

static void memory_may_end_anywhere(void **state)
{
	struct ctx *ctx = context(received());
	const struct ctx_kept *kept = NULL;
	struct branch b = { .uri = STR("sip:d@127.0.0.7"), .q = BRANCH_Q_NONE };
	unsigned at;

	(void)state;
	change(ctx);
	assert_int_equal(branch_add(ctx, &b), 0);
	for (at = 1; at < 200; at++) {
		mem.fail_at = at;
		if (ctx_keep(ctx, KEEP_BRANCHES, mem_get, &mem, &kept) == 0)
			break;
		assert_null(kept);
		mem_drop();
	}
	assert_in_range(at, 10, 100);
	ctx_give(ctx);
}

/* --- targets of a fork ------------------------------------------------------------------------------------------------------------------ */
static void what_is_changed_for_one_target_is_gone_for_the_next(void **state)
{
	struct ctx *ctx = context(received());
	struct ctx_mark mark;
	struct str before, out;

	(void)state;
	change(ctx);
	ctx_mark(ctx, &mark);
	before = sent(ctx);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ctx_back(ctx, &mark), 0);
		assert_changed(ctx);
		edits_forget(&ctx->edits, place_of(ctx, "X-A"), 10);
		put(ctx, "Call-ID", "X-Branch: 1\r\n");
		assert_int_equal(ctx_uri_set(ctx, STR("sip:e@127.0.0.2")), 0);
		ctx->dst_uri = ctx->path = ctx->adv_host = STR_NULL;
		ctx->send_socket = NULL;
		if (i == 1)
			assert_int_equal(message_apply(ctx), 0);
		out = sent(ctx);
		assert_has(out, "INVITE sip:e@127.0.0.2 SIP/2.0\r\n");
		assert_has(out, "X-A: one\r\n");
		assert_has(out, "X-Branch: 1\r\n");
	}
	ctx->flags = 1;
	assert_int_equal(ctx_back(ctx, &mark), 0);
	assert_text(sent(ctx), before);
	/* what is of the whole request stays */
	assert_int_equal(ctx->flags, 1);
	/* places remembered in the other text are none in this */
	assert_int_equal(ctx->texts, 3);
	ctx_give(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_a_script_changed_comes_back),
		TEST(a_request_that_was_not_changed_costs_one_piece),
		TEST(a_request_that_became_another_text_is_kept_as_that),
		TEST(targets_beside_come_when_they_are_asked_for),
		TEST(attributes_go_and_come_back),
		TEST(memory_may_end_anywhere),
		TEST(what_is_changed_for_one_target_is_gone_for_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

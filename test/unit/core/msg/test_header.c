/* SPDX-License-Identifier: BSD-2-Clause */
/* Edits: the list, header fields added and left out, and the message that comes of it. */
#include "fake.h"

static struct str s_of(const char *z)
{
	return str_z(z);
}

static void edits_are_kept_in_order(void **state)
{
	struct pool *p = pool_new(4096, 65536);
	struct edits e = { 0 };

	(void)state;
	assert_int_equal(edits_add(&e, p, 10, 5, STR_NULL), 0);
	assert_int_equal(edits_add(&e, p, 3, 0, s_of("a")), 0);
	assert_int_equal(edits_add(&e, p, 3, 0, s_of("b")), 0);
	assert_int_equal(edits_add(&e, p, 20, 2, s_of("c")), 0);
	assert_int_equal(edits_add(&e, p, 14, 2, STR_NULL), -EEXIST);
	assert_int_equal(edits_add(&e, p, 9, 2, STR_NULL), -EEXIST);
	assert_int_equal(edits_add(&e, p, 11, 1, STR_NULL), -EEXIST);
	assert_int_equal(edits_add(&e, p, 15, 5, STR_NULL), 0);
	assert_int_equal(e.grown, 3);
	assert_int_equal(e.shrunk, 12);
	assert_int_equal(e.first->text.p[0], 'a');
	assert_int_equal(e.first->next->text.p[0], 'b');
	assert_int_equal(e.first->next->next->at, 10);
	assert_true(edits_removed(&e, 10, 5));
	assert_true(edits_removed(&e, 12, 10)); /* over three neighbours */
	assert_false(edits_removed(&e, 9, 2));
	assert_false(edits_removed(&e, 21, 2));
	assert_true(edits_overlap(&e, 9, 2));
	assert_false(edits_overlap(&e, 3, 7));
	pool_drop(&p);
}

/* One change as a script makes it: what is added or left out. */
struct step {
	char what; /* a append, i insert, r remove, b replace in the body, h in the head */
	const char *text, *name;
	int result; /* of remove: how many */
};

static const struct step *steps;

static enum script_result script_steps(struct ctx *ctx)
{
	for (const struct step *s = steps; s->what; s++) {
		struct str body = ctx->msg->body;
		unsigned n;
		int r;

		switch (s->what) {
		case 'a':
		case 'i':
			r = header_add(ctx, str_z(s->text), str_z(s->name), s->what == 'i');
			break;
		case 'r':
			r = header_remove(ctx, str_z(s->name), &n);
			r = r ? r : (int)n;
			break;
		default:
			r = message_replace(
				ctx,
				s->what == 'b' ? (size_t)(body.p - ctx->msg->buf.p)
					       : (size_t)str_find(ctx->msg->buf, str_z(s->name)),
				s->what == 'b' ? body.n : strlen(s->name), str_z(s->text));
		}
		if (r != s->result)
			print_error("'%c' %s: %d\n", s->what, s->text ? s->text : s->name, r);
		assert_int_equal(r, s->result);
	}
	return script_forward(ctx);
}

#define HEAD_OUT "MESSAGE sip:b@127.0.0.6 SIP/2.0\r\n"

static const char in[] =
	HEAD_OUT "Via: " VIA_A "\r\nX-A: 1\r\nFrom: <sip:a@b>;tag=1\r\nX-B: 1\r\nTo: <sip:b@b>\r\n"
		 "X-A: 2\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n"
		 "Content-Length: 5\r\n\r\nhello";

/* What leaves, without our Via. */
static struct str out_of(const struct step *s)
{
	static char text[4096];
	struct str out, rest;
	ssize_t at;
	size_t end;

	steps = s;
	fake.script = script_steps;
	fake.sent_n = 0;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(in, sizeof(in) - 1));
	assert_int_equal(fake.sent_n, 1);
	out = fake_out(0);
	at = str_find(out, STR("Via: SIP/2.0/UDP 127.0.0.1:5060"));
	assert_true(at > 0);
	rest = str_skip(out, (size_t)at);
	end = (size_t)at + (size_t)str_find(rest, STR("\r\n")) + 2;
	memcpy(text, out.p, (size_t)at);
	memcpy(text + at, out.p + end, out.n - end);
	return str_of(text, out.n - (end - (size_t)at));
}

static void header_fields_are_added_where_they_should(void **state)
{
	static const struct step all[] = {
		{ 'a', "P-1: a\r\n", NULL, 0 },		  { 'a', "P-2: b", NULL, 0 },
		{ 'i', "P-3: c\r\nP-4: d\r\n", NULL, 0 }, { 'i', "P-5: e\r\n", NULL, 0 },
		{ 'a', "P-6: f\r\n", "x-a", 0 },	  { 'i', "P-7: g\r\n", "X-A", 0 },
		{ 'a', "P-8: h\r\n", "X-None", -ENOENT }, { 0, NULL, NULL, 0 },
	};

	(void)state;
	assert_text(out_of(all),
		    STR(HEAD_OUT
			"P-3: c\r\nP-4: d\r\nP-5: e\r\nVia: " VIA_A "\r\nP-7: g\r\nX-A: 1\r\n"
			"From: <sip:a@b>;tag=1\r\nX-B: 1\r\nTo: <sip:b@b>\r\nX-A: 2\r\nP-6: f\r\n"
			"Call-ID: x\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 69\r\nContent-Length: 5\r\n"
			"P-1: a\r\nP-2: b\r\n\r\nhello"));
}

static void what_is_no_header_field_is_refused(void **state)
{
	static const struct step all[] = {
		{ 'a', "Content-Length: 7", NULL, -EPERM },
		{ 'i', "P-1: a\r\nl : 7\r\n", "Via", -EPERM },
		{ 'a', "no colon", NULL, -EINVAL },
		{ 'a', "", NULL, -EINVAL },
		{ 'a', "\r\n", NULL, -EINVAL },
		{ 'a', ": empty name", NULL, -EINVAL },
		{ 'a', "A: b\r\n\r\nevil body", NULL, -EINVAL },
		{ 'a', "A: b\r\n\r\n", NULL, -EINVAL },
		{ 'a', "A: b\nC: d", NULL, -EINVAL },
		{ 'a', "A: b\rC: d", NULL, -EINVAL },
		{ 'a', " A: b", NULL, -EINVAL },
		{ 'a', "A b: c", NULL, -EINVAL },
		{ 'a', "A: folded\r\n value", NULL, 0 },
		{ 0, NULL, NULL, 0 },
	};

	(void)state;
	assert_has(out_of(all), "Content-Length: 5\r\nA: folded\r\n value\r\n\r\nhello");
}

static enum script_result script_leaves(struct ctx *ctx)
{
	unsigned n;

	assert_true(header_leaves(ctx, STR("x-a")));
	assert_false(header_leaves(ctx, STR("X-New")));
	assert_int_equal(header_drop(ctx, sip_msg_find(ctx->msg, STR("X-A"))), 0);
	assert_true(header_leaves(ctx, STR("X-A"))); /* the second */
	assert_int_equal(header_remove(ctx, STR("X-A"), &n), 0);
	assert_false(header_leaves(ctx, STR("X-A")));
	assert_int_equal(header_add(ctx, STR("P-1: 1\r\n x-a: 1\r\nX-New: 1"), STR_NULL, true), 0);
	assert_true(header_leaves(ctx, STR("x-new")));
	assert_false(header_leaves(ctx, STR("X-A")));
	return SCRIPT_DONE;
}

static void what_will_leave_is_known(void **state)
{
	(void)state;
	fake.script = script_leaves;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(in, sizeof(in) - 1));
	assert_int_equal(fake.runs, 1);
}

static void header_fields_are_left_out(void **state)
{
	static const struct step all[] = {
		{ 'r', NULL, "x-a", 2 },	  { 'r', NULL, "X-A", 2 },
		{ 'r', NULL, "X-None", 0 },	  { 'r', NULL, "Content-Length", 1 },
		{ 'r', NULL, "Max-Forwards", 1 }, { 0, NULL, NULL, 0 },
	};

	(void)state;
	/* Max-Forwards comes again: it is not the script's to leave out */
	assert_text(out_of(all),
		    STR(HEAD_OUT "Via: " VIA_A
				 "\r\nFrom: <sip:a@b>;tag=1\r\nX-B: 1\r\nTo: <sip:b@b>\r\n"
				 "Call-ID: x\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 69\r\n\r\nhello"));
}

static void content_length_follows_the_body(void **state)
{
	static const struct step longer[] = { { 'b', "hello, world", NULL, 0 },
					      { 0, NULL, NULL, 0 } };
	static const struct step empty[] = { { 'b', "", NULL, 0 }, { 0, NULL, NULL, 0 } };
	static const struct step both[] = { { 'b', "12", NULL, 0 },
					    { 'r', NULL, "l", 1 },
					    { 'a', "P: 1", NULL, 0 },
					    { 0, NULL, NULL, 0 } };

	(void)state;
	assert_has(out_of(longer), "Content-Length: 12\r\n\r\nhello, world");
	assert_has(out_of(empty), "Content-Length: 0\r\n\r\n");
	assert_has(out_of(both), "P: 1\r\nContent-Length: 2\r\n\r\n12");
}

static void text_is_replaced_in_the_head_but_not_across(void **state)
{
	static const struct step all[] = {
		{ 'h', "X-C: 3", "X-B: 1", 0 },
		{ 'h', "x", "Content-Length: 5\r\n\r\nhel", -EINVAL },
		{ 'h', "x", "MESSAGE", -EINVAL },
		{ 'h', "Y", "X-B", -EEXIST },
		{ 'h', "9", "70\r\nCon", -EINVAL }, /* what the body's length is found by */
		{ 'h', "99", "Length: 5", 0 },
		{ 'h', "s: 8", "s: 7", 0 }, /* over a value that the router sets: it stays */
		{ 0, NULL, NULL, 0 },
	};

	(void)state;
	assert_has(out_of(all), "X-C: 3\r\nTo");
	assert_has(out_of(all), "Max-Forwards: 80\r\nContent-Length: 5\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_are_kept_in_order),
		FAKE_TEST(header_fields_are_added_where_they_should),
		FAKE_TEST(what_is_no_header_field_is_refused),
		FAKE_TEST(what_will_leave_is_known),
		FAKE_TEST(header_fields_are_left_out),
		FAKE_TEST(content_length_follows_the_body),
		FAKE_TEST(text_is_replaced_in_the_head_but_not_across),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of edits: its order, what it refuses and takes back; and changes that must not make two header fields of one, or a wrong length. */
#include "test/unit/core/msg/fake.h"

#include "test/unit/core/msg/edit_model.h"

#include "core/msg/attrs.h"

#include <dirent.h>

#define HEAD                                                                          \
	"MESSAGE sip:b@127.0.0.6 SIP/2.0\r\nVia: " VIA_A "\r\nX-A: one two\r\n"       \
	"From: <sip:a@b>;tag=1\r\nTo: <sip:b@b>\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\n" \
	"Max-Forwards: 70\r\n"
static const char in[] = HEAD "Content-Length: 5\r\n\r\nhello";

static struct str run(enum script_result (*script)(struct ctx *ctx), struct str text)
{
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0, text);
	assert_int_equal(fake.runs, 1);
	assert_int_equal(fake.sent_n, 1);
	return fake_out(0);
}

/* --- the list ------------------------------------------------------------------------------------------------------------------------- */
static void in_order_and_whole(const struct edits *e, size_t n)
{
	const struct edit *last = NULL;
	size_t grown = 0, shrunk = 0;

	for (const struct edit *x = e->first; x; last = x, x = x->next, n--) {
		assert_true(!last || last->at <= x->at);
		assert_true(x->at + x->drop <= e->reach || !x->drop);
		grown += x->text.n;
		shrunk += x->drop;
	}
	assert_ptr_equal(e->last, last);
	assert_int_equal(e->grown, grown);
	assert_int_equal(e->shrunk, shrunk);
	assert_int_equal(n, 0);
}

static void edits_are_taken_back(void **state)
{
	struct pool *p = pool_new(4096, 65536);
	struct edits e = { 0 };

	(void)state;
	assert_int_equal(edits_add(&e, p, 10, 5, STR("a")), 0);
	assert_int_equal(edits_add(&e, p, 15, 0, STR("b")), 0);
	assert_int_equal(edits_add(&e, p, 10, 0, STR("c")), 0);
	assert_int_equal(edits_add(&e, p, 20, 2, STR("d")), 0);
	/* the text would stand where nothing of what was around it is left */
	assert_int_equal(edits_add(&e, p, 11, 0, STR("x")), -EEXIST);
	assert_int_equal(edits_add(&e, p, 21, 0, STR("x")), -EEXIST);
	assert_int_equal(edits_add(&e, p, 14, 2, STR("x")), -EEXIST);
	in_order_and_whole(&e, 4);
	edits_forget_behind(&e, 20);
	in_order_and_whole(&e, 3);
	assert_int_equal(edits_add(&e, p, 21, 0, STR("e")), 0);
	edits_forget(&e, 21, 1);
	in_order_and_whole(&e, 4);
	edits_forget(&e, 20, 2);
	in_order_and_whole(&e, 3);
	edits_forget(&e, 9, 9);
	in_order_and_whole(&e, 0);
	assert_null(e.first);
	assert_int_equal(edits_add(&e, p, 1, 3, STR("f")), 0);
	in_order_and_whole(&e, 1);
	pool_drop(&p);
}

/* --- Content-Length and Content-Type ---------------------------------------------------------------------------------------------------- */
static size_t offset_of(const struct ctx *ctx, const char *text_z)
{
	ssize_t at = str_find(ctx->msg->buf, str_z(text_z));

	assert_true(at > 0);
	return (size_t)at;
}

static enum script_result script_length(struct ctx *ctx)
{
	size_t at = offset_of(ctx, "Content-Length");

	assert_int_equal(message_replace(ctx, at + 16, 1, STR("99")), 0);
	assert_int_equal(message_replace(ctx, at + 3, 0, STR("x")), 0);
	/* its line end, or what is before it, may not go with a part of it */
	assert_int_equal(message_replace(ctx, at - 2, 4, STR("")), -EINVAL);
	assert_int_equal(message_replace(ctx, at, 0, STR("X-B: 1\r\n")), 0);
	return script_forward(ctx);
}

static void the_length_is_that_of_the_body(void **state)
{
	(void)state;
	assert_has(run(script_length, str_of(in, sizeof(in) - 1)),
		   "X-B: 1\r\nContent-Length: 5\r\n\r\nhello");
}

static enum script_result script_type(struct ctx *ctx)
{
	assert_int_equal(header_add(ctx, STR("Content-Type: a/b\r\nX-B: 1"), STR_NULL, false), 0);
	assert_int_equal(header_add(ctx, STR("Content-Type: a/c"), STR_NULL, false), 0);
	assert_int_equal(
		message_replace(ctx, offset_of(ctx, "hello"), 0, STR("Content-Type: b/b\r\n\r\n")),
		0);
	assert_int_equal(content_type_set(ctx, STR("a/d")), 0);
	return script_forward(ctx);
}

static void a_new_type_takes_nothing_else_away(void **state)
{
	struct str out;

	(void)state;
	out = run(script_type, str_of(in, sizeof(in) - 1));
	assert_has(out, "X-B: 1\r\n");
	assert_has_not(out, "a/c");
	assert_has(out, "Content-Type: a/d\r\n\r\nContent-Type: b/b\r\n\r\nhello");
}

/* --- edits that show at once --------------------------------------------------------------------------------------------------------------- */
static enum script_result script_again(struct ctx *ctx)
{
	struct str line = STR("X-B: 1\r\n");
	unsigned n;

	fake.mc.edits_visible = true;
	/* refused, and then carried out with another one */
	assert_int_equal(header_remove(ctx, STR("To"), &n), 0);
	edits_show(ctx);
	assert_int_equal(ctx->texts, 0);
	assert_int_equal(header_add(ctx, STR("To: <sip:b@b>"), STR_NULL, false), 0);
	edits_show(ctx);
	assert_int_equal(ctx->texts, 1);
	/* as many bytes as what was refused: "To: <sip:b@b>" with its line end */
	assert_int_equal(header_add(ctx, STR("X-C: 67890123"), STR_NULL, false), 0);
	edits_show(ctx);
	assert_int_equal(ctx->texts, 2);
	/* what is being sent is not changed under it */
	ctx->sending = (const struct sending *)ctx;
	assert_int_equal(header_add(ctx, line, STR_NULL, false), 0);
	edits_show(ctx);
	assert_int_equal(ctx->texts, 2);
	ctx->sending = NULL;
	return script_forward(ctx);
}

static void what_was_refused_hinders_nothing_else(void **state)
{
	(void)state;
	assert_has(run(script_again, str_of(in, sizeof(in) - 1)), "X-C: 67890123\r\nX-B: 1\r\n");
}

static enum script_result script_often(struct ctx *ctx)
{
	fake.mc.edits_visible = true;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(header_add(ctx, STR("X-B: 1"), STR_NULL, false), 0);
		edits_show(ctx);
	}
	assert_true(ctx->texts > 4 && ctx->texts < 20);
	return script_forward(ctx);
}

static void a_large_message_changed_often_leaves(void **state)
{
	static char text[60000];
	unsigned n = 0;
	struct str out;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, HEAD "\r\n", sizeof(HEAD "\r\n") - 1);
	out = run(script_often, str_of(text, sizeof(text)));
	for (ssize_t at; (at = str_find(out, STR("X-B: 1\r\n"))) >= 0; n++)
		out = str_skip(out, (size_t)at + 1);
	assert_int_equal(n, 100);
}

/* --- random changes ------------------------------------------------------------------------------------------------------------------------ */
#define TORTURE "test/torture/rfc4475/messages"
#define ROUNDS	6000

static uint32_t seed;
static unsigned applied;
static enum script_result script_random(struct ctx *ctx)
{
	static struct model m;
	uint32_t begun = seed;

	if (!model_run(&m, ctx, &seed)) {
		struct str want = model_text(&m);

		fail_msg("seed %u: is\n" STRF "\nand should be\n" STRF, begun, STRA(ctx->msg->buf),
			 STRA(want));
	}
	applied += ctx->texts;
	return SCRIPT_DONE;
}

/* Those of RFC 4475 that a script sees. */
static unsigned torture_read(struct str *texts, unsigned max)
{
	static char bytes[300000];
	DIR *d = opendir(TORTURE);
	size_t used = 0;
	struct dirent *e;
	unsigned n = 0;

	if (!d)
		fail_msg("run this from the top of the tree");
	while ((e = readdir(d)) && n < max) {
		char path_z[512];
		FILE *f;

		snprintf(path_z, sizeof(path_z), TORTURE "/%s", e->d_name);
		f = e->d_name[0] == '.' ? NULL : fopen(path_z, "r");
		if (!f)
			continue;
		texts[n] = str_of(bytes + used, fread(bytes + used, 1, sizeof(bytes) - used, f));
		fclose(f);
		fake.runs = 0;
		fake_receive(0, "127.0.0.5:5062", 0, texts[n]);
		if (fake.runs)
			used += texts[n++].n;
	}
	closedir(d);
	return n;
}

static void the_message_is_what_a_simple_model_says(void **state)
{
	struct str texts[64];
	unsigned n;

	(void)state;
	n = torture_read(texts, 63);
	assert_true(n > 10);
	texts[n++] = str_of(in, sizeof(in) - 1);
	fake.script = script_random;
	seed = 4711;
	for (unsigned i = 0; i < ROUNDS; i++)
		fake_receive(0, "127.0.0.5:5062", 0, texts[i % n]);
	assert_true(applied > ROUNDS);
}

static void why_nothing_was_changed_is_told(void **state)
{
	static const int errs[] = { EPERM, EEXIST,   EINVAL, EBADMSG, ENOENT, E2BIG,
				    ELOOP, EMSGSIZE, ERANGE, ENOMEM,  EIO };

	(void)state;
	for (size_t i = 0; i < sizeof(errs) / sizeof(errs[0]); i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(edit_why(-errs[i]), edit_why(-errs[j]));
	assert_string_equal(edit_why(-EEXIST), "a part of it was changed before");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_are_taken_back),
		cmocka_unit_test(why_nothing_was_changed_is_told),
		FAKE_TEST(the_length_is_that_of_the_body),
		FAKE_TEST(a_new_type_takes_nothing_else_away),
		FAKE_TEST(what_was_refused_hinders_nothing_else),
		FAKE_TEST(a_large_message_changed_often_leaves),
		FAKE_TEST(the_message_is_what_a_simple_model_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* acc: extra fields, functions, and what of a transaction is written. */
#include "test/unit/modules/module_test.h"

#include "modules/acc/watch.h"

static char lines[8192];
static struct buf taken;

static void take(void *arg, struct str line)
{
	(void)arg;
	buf_str_put(&taken, line);
	buf_char(&taken, '\n');
}

static const struct tm_watcher *watcher;

static int watch(const struct tm_watcher *w)
{
	watcher = w;
	return 0;
}

static const struct tm_api tm_api = { .watch = watch };
static const struct module_def tm_module = { .name = "tm", .api = &tm_api };

static struct arena *arena;

static struct acc_conf *conf(void)
{
	return (struct acc_conf *)(void *)fake.section;
}

/* The module with its defaults; lines are taken. */
static int setup(void **state)
{
	fake_setup(state);
	fake_module(&serac_module);
	fake_other_module(&tm_module);
	assert_int_equal(serac_module.init(&fake.run, &fake.conf), 0);
	arena = arena_new(fake.run.shm, ID_MAKE(ID_CONF, 1, 1), 1024, 1 << 20);
	fake.conf.arena = arena;
	taken = BUF_ON(lines);
	log_taker_set(take, NULL);
	return 0;
}

static int teardown(void **state)
{
	log_taker_set(NULL, NULL);
	arena_drop(&arena);
	return fake_teardown(state);
}

static const char *checked(void)
{
	return serac_module.check(&fake.conf, fake.section, arena);
}

/* The lines that a script makes of a request. */
static struct str lines_of(const char *method_z, enum script_result (*script)(struct ctx *ctx))
{
	taken.n = 0;
	fake.script = script;
	fake_receive(0, "127.0.0.5:5062", 0,
		     fake_request(method_z, URI_B, VIA_A, "User-Agent: a;phone\r\nDate: x\r\n"));
	return buf_str(&taken);
}

/* --- functions and extra fields ------------------------------------------------------------------------------------------------------------ */

static const char *comment_z;

static enum script_result script_request(struct ctx *ctx)
{
	assert_int_equal(TEST_CALL(ctx, "acc_log_request", comment_z), FN_TRUE);
	assert_int_equal(TEST_CALL(ctx, "acc_request", comment_z, "acc"), FN_TRUE);
	return SCRIPT_DONE;
}

static void a_comment_is_status_and_reason(void **state)
{
	static const char *const comments[][2] = {
		{ "404 Not Found", "code=404;reason=Not Found" },
		{ "404", "code=404;reason=" },
		{ "redirected", "code=;reason=redirected" },
		{ "40 x", "code=;reason=40 x" },
	};

	(void)state;
	conf()->log_places = false;
	for (size_t i = 0; i < sizeof(comments) / sizeof(comments[0]); i++) {
		char want[256];
		struct str got;

		comment_z = comments[i][0];
		got = lines_of("INVITE", script_request);
		assert_true(str_starts(got, STR("notice acc ACC: request accounted: timestamp=")));
		snprintf(want, sizeof(want), ";method=INVITE;from_tag=f1;to_tag=;call_id=c1;%s\n",
			 comments[i][1]);
		assert_has(got, want);
	}
}

static void extra_fields_are_written(void **state)
{
	(void)state;
	conf()->log_extra = STR("ua=$hdr(User-Agent); ru=$ru ;m=@method;no=$hdr(No);a=a$rm;"
				";t=$(ru{param.value,a;b});src=mine");
	conf()->time_mode = ACC_TIME_MICROSECONDS;
	comment_z = "x";
	assert_null(checked());
	assert_has(lines_of("INVITE", script_request),
		   ";reason=x;ua=a\\x3bphone;ru=" URI_B
		   ";m=INVITE;no=;a=aINVITE;t=;src=mine;dst=\n");
	assert_has(buf_str(&taken), ";time_exten=");
	conf()->log_json = true;
	conf()->time_mode = ACC_TIME_UTC;
	conf()->time_format = STR("%Y");
	assert_has(lines_of("INVITE", script_request),
		   "\"call_id\":\"c1\",\"code\":null,\"reason\":\"x\",\"ua\":\"a;phone\"");
	assert_has(buf_str(&taken), ",\"time_attr\":\"20");
}

static void push(struct ctx *ctx, const char *name_z, const char *value_z)
{
	const struct names names = { .modules = fake.conf.modules,
				     .modules_n = 2,
				     .conf = &fake.conf };
	const struct value v = value_str(str_z(value_z));
	struct attr_use use;
	char room[64];
	struct buf why = BUF_ON(room);

	assert_int_equal(names_attribute(&names, str_z(name_z), &use, &why), 0);
	assert_int_equal(attr_use_write(ctx, &use, &v), 0);
}

static enum script_result script_legs(struct ctx *ctx)
{
	push(ctx, "$avp(src)", "s1");
	push(ctx, "$avp(src)", "s2");
	push(ctx, "$avp(dst)", "d1");
	return script_request(ctx);
}

static void legs_are_written(void **state)
{
	(void)state;
	conf()->multi_leg_info = STR("from=$avp(src);to=$avp(dst)");
	comment_z = "x";
	assert_null(checked());
	assert_has(lines_of("INVITE", script_request), ";reason=x;src=");
	assert_has(lines_of("INVITE", script_legs),
		   ";reason=x;from=s2;to=d1;from=s1;to=;src=udp:127.0.0.5:5062;dst=\n");
	conf()->log_json = true;
	assert_has(lines_of("INVITE", script_legs),
		   ",\"legs\":[{\"from\":\"s2\",\"to\":\"d1\"},{\"from\":\"s1\",\"to\":null}],");
}

static void fields_that_cannot_be_are_told(void **state)
{
	static const char *const extra[][2] = {
		{ "ua", "log_extra: a field is written name=$variable or name=@select, not: "
			"\"ua\"" },
		{ "ua=", "not: \"ua=\"" },
		{ "a b=$ru", "not: \"a b=$ru\"" },
		{ "x=$nope", "log_extra: unknown variable \"$nope\"" },
		{ "x=@nope.x", "log_extra: unknown select \"@nope.x\"" },
		{ "x=$(ru{re.subst,/a/b/})", "belongs to routes" },
		{ "code=$ru", "log_extra: each record has a field of this name already: \"code\"" },
	};
	static char many[1024];
	struct buf b = BUF_ON(many);

	(void)state;
	for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++) {
		conf()->log_extra = str_z(extra[i][0]);
		assert_non_null(strstr(checked(), extra[i][1]));
	}
	for (unsigned i = 0; i < ACC_EXTRA_MAX; i++)
		buf_fmt(&b, "x%u=$ru;", i);
	conf()->log_extra = buf_str(&b);
	assert_null(checked());
	buf_lit(&b, "more=$ru");
	conf()->log_extra = buf_str(&b);
	assert_non_null(strstr(checked(), "more than 64 fields, from here on: \"more\""));
	conf()->log_extra = STR_NULL;
	conf()->multi_leg_info = STR("a=$ru");
	assert_non_null(
		strstr(checked(), "multi_leg_info: a leg's field is name=$avp(x), not: \"$ru\""));
	conf()->multi_leg_info = STR("a=$avp(a);b=$avp(a);c=$avp(a);d=$avp(a);e=$avp(a);f=$avp(a);"
				     "g=$avp(a);h=$avp(a);i=$avp(a)");
	assert_non_null(strstr(checked(), "more than 8 fields"));
}

static void a_record_is_as_important_as_log_level_says(void **state)
{
	(void)state;
	comment_z = "x";
	conf()->log_level = LOG_DEBUG;
	assert_int_equal(lines_of("INVITE", script_request).n, 0);
	conf()->log_level = LOG_ERR;
	assert_true(str_starts(lines_of("INVITE", script_request), STR("error acc ACC: ")));
}

static void the_caller_stays_the_caller(void **state)
{
	(void)state;
	comment_z = "x";
	conf()->direction = test_variable_use;
	test_written = value_int(1);
	assert_has(lines_of("BYE", script_request), ";from_tag=f1;to_tag=;");
	test_written = value_int(2);
	assert_has(lines_of("BYE", script_request), ";from_tag=;to_tag=f1;");
	test_written = value_null();
	assert_has(lines_of("BYE", script_request), ";from_tag=f1;to_tag=;");
	conf()->detect_direction = true;
	assert_non_null(strstr(checked(), "module rr: load it"));
}

/* --- what of a transaction is written ----------------------------------------------------------------------------------------------------- */

#define ANSWER(status)	  "SIP/2.0 " status "\r\nTo: <sip:b@x>;tag=t9\r\nReason: Q.850;cause=16\r\n"
#define WITH_BODY(status) ANSWER(status) "Content-Length: 1\r\n\r\nv"

#define LOG    (1u << 1)
#define MISSED (1u << 2)
#define FAILED (1u << 3)
#define PREP   (1u << 4)

#define REPLY TM_ANSWERED
#define BOTH  (TM_ANSWERED | TM_FAILED)

static const struct {
	const char *method;
	uint32_t flags;
	bool early_media, report_ack, report_cancels;
	unsigned wants;
	enum tm_event event;
	const char *answer; /* NULL: made here */
	unsigned status;
	const char *lines; /* what is written: "M408 A408 " */
	uint32_t left;	   /* flags behind it */
} vectors[] = {
	{ "INVITE", 0, 1, 1, 1, 0, REPLY, NULL, 200, "", 0 },
	{ "INVITE", LOG, 0, 0, 0, REPLY, REPLY, NULL, 200, "A200 ", LOG },
	{ "BYE", LOG, 0, 1, 0, REPLY, REPLY, ANSWER("200 OK") "\r\n", 200, "A200 ", LOG },
	{ "INVITE", LOG, 0, 0, 0, REPLY, REPLY, NULL, 404, "", LOG },
	{ "INVITE", LOG | FAILED, 0, 0, 0, REPLY, REPLY, NULL, 404, "A404 ", LOG | FAILED },
	{ "INVITE", LOG | FAILED, 0, 0, 0, REPLY, REPLY, NULL, 487, "", LOG | FAILED },
	{ "INVITE", FAILED, 0, 0, 0, 0, REPLY, NULL, 404, "", FAILED },
	/* a missed call is written once */
	{ "INVITE", LOG | MISSED | FAILED, 0, 0, 0, BOTH, TM_FAILED, ANSWER("486 Busy Here") "\r\n",
	  486, "M486 ", LOG | FAILED },
	{ "INVITE", LOG | MISSED | FAILED, 0, 0, 0, BOTH, REPLY, NULL, 408, "M408 A408 ",
	  LOG | FAILED },
	{ "INVITE", MISSED, 0, 0, 0, BOTH, REPLY, NULL, 200, "", MISSED },
	{ "MESSAGE", MISSED, 0, 0, 0, 0, REPLY, NULL, 404, "", MISSED },
	/* provisional answers with a body */
	{ "INVITE", LOG, 1, 0, 0, REPLY, REPLY, WITH_BODY("183 x"), 183, "A183 ", LOG },
	{ "INVITE", LOG, 1, 0, 0, REPLY, REPLY, ANSWER("183 x") "\r\n", 183, "", LOG },
	{ "INVITE", LOG, 1, 0, 0, REPLY, REPLY, NULL, 180, "", LOG },
	{ "INVITE", LOG, 0, 0, 0, REPLY, REPLY, WITH_BODY("183 x"), 183, "", LOG },
	{ "ACK", LOG, 0, 1, 0, TM_ACKED, TM_ACKED, NULL, 200, "K200 ", LOG },
	{ "ACK", LOG, 0, 0, 0, 0, TM_ACKED, NULL, 200, "K200 ", LOG },
	{ "ACK", PREP, 0, 1, 0, 0, TM_ACKED, NULL, 200, "K200 ", PREP },
	{ "CANCEL", LOG, 0, 0, 0, 0, REPLY, NULL, 200, "A200 ", LOG },
	{ "CANCEL", LOG, 0, 0, 1, REPLY, REPLY, NULL, 200, "A200 ", LOG },
	{ "INVITE", PREP, 0, 0, 0, BOTH, REPLY, NULL, 200, "", PREP },
};
static size_t vector;
static struct tm_branch branch = { .uri = STR_INIT("sip:there@127.0.0.7") };

static enum script_result script_watch(struct ctx *ctx)
{
	const char *answer_z = vectors[vector].answer;
	struct tm_note note = { .event = vectors[vector].event,
				.status = vectors[vector].status,
				.branch = &branch,
				.born = clock_ms() - 70 };
	struct sip_msg reply;
	struct sip_error e;

	ctx->flags = vectors[vector].flags;
	if (answer_z) {
		assert_int_equal(sip_msg_parse(&reply, ctx->pool, str_z(answer_z), false, &e), 0);
		note.answer = &reply;
	}
	assert_int_equal(watcher->wants(ctx), vectors[vector].wants);
	watcher->told(ctx, &note);
	assert_int_equal(ctx->flags, vectors[vector].left);
	assert_text(ctx_uri_text(ctx), STR(URI_B));
	assert_text(ctx_uri(ctx)->host, STR("127.0.0.6"));
	return SCRIPT_DONE;
}

/* "M408 A408 " of the lines. */
static const char *summary(struct str log)
{
	static char text[256];
	struct buf b = BUF_ON(text);
	struct str line;

	while (str_split(&log, '\n', &line)) {
		ssize_t code = str_find(line, STR(";code="));
		bool answered = str_find(line, STR("answered:")) > 0;

		if (code < 0)
			continue;
		buf_char(&b, answered ? 'A' : str_find(line, STR("missed:")) > 0 ? 'M' : 'K');
		buf_str_put(&b, str_head(str_skip(line, (size_t)code + 6), 3));
		buf_char(&b, ' ');
	}
	return buf_z(&b);
}

static void flags_set(void)
{
	conf()->log_flag = 1;
	conf()->log_missed_flag = 2;
	conf()->failed_flag = 3;
	conf()->prepare_flag = 4;
	conf()->failed_filter = STR("487");
}

static void what_is_written_is_kamailios_choice(void **state)
{
	(void)state;
	flags_set();
	for (vector = 0; vector < sizeof(vectors) / sizeof(vectors[0]); vector++) {
		struct str log;

		conf()->early_media = vectors[vector].early_media;
		conf()->report_ack = vectors[vector].report_ack;
		conf()->report_cancels = vectors[vector].report_cancels;
		assert_null(checked());
		log = lines_of(vectors[vector].method, script_watch);
		if (strcmp(summary(log), vectors[vector].lines))
			print_error("vector %zu: " STRF "\n", vector, STRA(log));
		assert_string_equal(summary(log), vectors[vector].lines);
	}
}

static void an_answer_tells_where_from_and_where_to(void **state)
{
	struct target to = { .transport = transport_of(TRANSPORT_TCP),
			     .addr = fake_addr("[::1]:99") };

	(void)state;
	flags_set();
	conf()->log_extra = STR("ru=$ru;rd=$rd");
	assert_null(checked());
	branch.to = &to;
	vector = 2;
	assert_has(lines_of("BYE", script_watch),
		   ";to_tag=t9;call_id=c1;code=200;reason=OK;ru=sip:there@127.0.0.7;rd=127.0.0.7;"
		   "src=udp:127.0.0.5:5062;dst=tcp:[::1]:99\n");
	conf()->reason_from_hf = true;
	assert_has(lines_of("BYE", script_watch), ";reason=Q.850\\x3bcause=16;");
	/* made here: the customary reason; of an INVITE how long it took */
	vector = 1;
	assert_has(lines_of("INVITE", script_watch), ";reason=OK;ru=");
	assert_has(buf_str(&taken), ";dst=tcp:[::1]:99;setup_ms=7");
	branch.to = NULL;
}

#define ACC_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACC_TEST(a_comment_is_status_and_reason),
		ACC_TEST(extra_fields_are_written),
		ACC_TEST(legs_are_written),
		ACC_TEST(fields_that_cannot_be_are_told),
		ACC_TEST(the_caller_stays_the_caller),
		ACC_TEST(a_record_is_as_important_as_log_level_says),
		ACC_TEST(what_is_written_is_kamailios_choice),
		ACC_TEST(an_answer_tells_where_from_and_where_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes: every spelling gives what it should, indexes count from both ends, what is not there is null. */
#include "fake.h"

#include "core/msg/attrs.h"

static const struct attr_def *row(const char *name_z)
{
	bool pv = name_z[0] == '$';

	for (const struct attr_def *d = msg_attrs; d->get; d++) {
		const char *have = pv ? d->pv : d->name;

		if (have && !strcmp(have, name_z + 1))
			return d;
	}
	return NULL;
}

static const char request[] =
	"INVITE sip:user;p=1:pw@host.example;transport=TCP;lr;x=y SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bK1;rport, SIP/2.0/TCP "
	"second.example;branch=z9hG4bK2\r\n"
	"v: SIP/2.0/TLS third;branch=z9hG4bK3;received=192.0.2.3\r\n"
	"From: \"A. User\" <sip:alice@a.example:5099;transport=udp>;tag=ft;x=\"q w\"\r\n"
	"To: <sip:bob@b.example>\r\n"
	"m: <sip:c1@1.1.1.1;p1=v1>;expires=60;q=0.5, \"Two\" "
	"<sip:c2@2.2.2.2>;+sip.instance=\"<urn:x>\"\r\n"
	"Contact: <sip:c3@3.3.3.3>;methods=\"INVITE\"\r\n"
	"Call-ID: the-call\r\nCSeq: 42 INVITE\r\nMax-Forwards: 10\r\nUser-Agent: test\r\n"
	"Subject: one\r\n two\r\nX-Many: a\r\nX-Many: b\r\nx-many: c\r\n"
	"Record-Route: <sip:r1;lr>, <sip:r2;lr>\r\n"
	"Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";

#define NONE 0
static const struct {
	const char *name;
	int64_t index; /* 0: none */
	const char *key;
	const char *text; /* NULL: null */
	int64_t number;
} cases[] = {
	{ "@ruri", NONE, NULL, "sip:user;p=1:pw@host.example;transport=TCP;lr;x=y", 0 },
	{ "@ruri.user", NONE, NULL, "user;p=1", 0 },
	{ "@ruri.rn_user", NONE, NULL, "user", 0 },
	{ "@ruri.pwd", NONE, NULL, "pw", 0 },
	{ "@ruri.host", NONE, NULL, "host.example", 0 },
	{ "@ruri.port", NONE, NULL, NULL, 0 },
	{ "@ruri.hostport", NONE, NULL, "host.example:5060", 0 },
	{ "@ruri.type", NONE, NULL, "sip", 0 },
	{ "@ruri.transport", NONE, NULL, "TCP", 0 },
	{ "@ruri.params", NONE, NULL, "transport=TCP;lr;x=y", 0 },
	{ "@ruri.params", NONE, "X", "y", 0 },
	{ "@ruri.params", NONE, "lr", "", 0 },
	{ "@ruri.params", NONE, "none", NULL, 0 },
	{ "@request_uri.host", NONE, NULL, "host.example", 0 },
	{ "@msg.request.uri.host", NONE, NULL, "host.example", 0 },
	{ "@dst_uri", NONE, NULL, NULL, 0 },
	{ "@dst_uri.host", NONE, NULL, NULL, 0 },
	{ "@next_hop.host", NONE, NULL, "host.example", 0 },
	{ "$ru", NONE, NULL, "sip:user;p=1:pw@host.example;transport=TCP;lr;x=y", 0 },
	{ "$rU", NONE, NULL, "user;p=1", 0 },
	{ "$rd", NONE, NULL, "host.example", 0 },
	{ "$rp", NONE, NULL, NULL, 5060 },
	{ "$rP", NONE, NULL, "TCP", 0 },
	{ "$du", NONE, NULL, NULL, 0 },
	{ "$ou", NONE, NULL, "sip:user;p=1:pw@host.example;transport=TCP;lr;x=y", 0 },
	{ "@from", NONE, NULL,
	  "\"A. User\" <sip:alice@a.example:5099;transport=udp>;tag=ft;x=\"q w\"", 0 },
	{ "@from.name", NONE, NULL, "A. User", 0 },
	{ "$fn", NONE, NULL, "\"A. User\"", 0 },
	{ "@from.tag", NONE, NULL, "ft", 0 },
	{ "@f.uri", NONE, NULL, "sip:alice@a.example:5099;transport=udp", 0 },
	{ "@from.uri.hostport", NONE, NULL, "a.example:5099", 0 },
	{ "@from.uri.port", NONE, NULL, "5099", 0 },
	{ "@from.params", NONE, "x", "q w", 0 },
	{ "$fu", NONE, NULL, "sip:alice@a.example:5099;transport=udp", 0 },
	{ "$fU", NONE, NULL, "alice", 0 },
	{ "$fd", NONE, NULL, "a.example", 0 },
	{ "$ft", NONE, NULL, "ft", 0 },
	{ "@to.uri", NONE, NULL, "sip:bob@b.example", 0 },
	{ "@to.tag", NONE, NULL, NULL, 0 },
	{ "@to.name", NONE, NULL, NULL, 0 },
	{ "$tt", NONE, NULL, NULL, 0 },
	{ "$tU", NONE, NULL, "bob", 0 },
	{ "@contact.uri", NONE, NULL, "sip:c1@1.1.1.1;p1=v1", 0 },
	{ "@contact.uri.user", 1, NULL, "c1", 0 },
	{ "@contact.uri.user", 2, NULL, "c2", 0 },
	{ "@contact.uri.user", 3, NULL, "c3", 0 },
	{ "@contact.uri.user", 4, NULL, NULL, 0 },
	{ "@contact.uri.user", -1, NULL, "c3", 0 },
	{ "@contact.uri.user", -3, NULL, "c1", 0 },
	{ "@contact.uri.user", -4, NULL, NULL, 0 },
	{ "@contact.uri.params", 1, "p1", "v1", 0 },
	{ "@m.name", 2, NULL, "Two", 0 },
	{ "@contact.expires", NONE, NULL, "60", 0 },
	{ "@contact.q", NONE, NULL, "0.5", 0 },
	{ "@contact.instance", 2, NULL, "<urn:x>", 0 },
	{ "@contact.methods", -1, NULL, "INVITE", 0 },
	{ "@via", 1, NULL, "SIP/2.0/UDP 127.0.0.5:5062;branch=z9hG4bK1;rport", 0 },
	{ "@via.host", 2, NULL, "second.example", 0 },
	{ "@via.transport", 3, NULL, "TLS", 0 },
	{ "@via.transport", -1, NULL, "TLS", 0 },
	{ "@via.received", -1, NULL, "192.0.2.3", 0 },
	{ "@via.branch", NONE, NULL, "z9hG4bK1", 0 },
	{ "@via.rport", NONE, NULL, "", 0 },
	{ "@via.port", NONE, NULL, NULL, 5062 },
	{ "@via.port", 2, NULL, NULL, 0 },
	{ "@via.params", 2, "branch", "z9hG4bK2", 0 },
	{ "@v.host", 4, NULL, NULL, 0 },
	{ "@cseq", NONE, NULL, "42 INVITE", 0 },
	{ "@cseq.num", NONE, NULL, "42", 0 },
	{ "@cseq.method", NONE, NULL, "INVITE", 0 },
	{ "$cs", NONE, NULL, "42", 0 },
	{ "@call_id", NONE, NULL, "the-call", 0 },
	{ "$ci", NONE, NULL, "the-call", 0 },
	{ "$ua", NONE, NULL, "test", 0 },
	{ "@subject", NONE, NULL, "one two", 0 },
	{ "$hdr", NONE, "subject", "one two", 0 },
	{ "$hdr", NONE, "s", "one two", 0 },
	{ "$hdr", NONE, "X-Many", "a", 0 },
	{ "$hdr", 2, "X-MANY", "b", 0 },
	{ "$hdr", -1, "X-Many", "c", 0 },
	{ "$hdr", -4, "X-Many", NULL, 0 },
	{ "$hdr", NONE, "X-None", NULL, 0 },
	{ "@msg.header", 3, "x-many", "c", 0 },
	{ "@rr.uri", 2, NULL, "sip:r2;lr", 0 },
	{ "@msg.len", NONE, NULL, NULL, sizeof(request) - 1 },
	{ "$ml", NONE, NULL, NULL, sizeof(request) - 1 },
	{ "@msg.body", NONE, NULL, "hello", 0 },
	{ "$rb", NONE, NULL, "hello", 0 },
	{ "$bs", NONE, NULL, NULL, 5 },
	{ "@msg.type", NONE, NULL, "SIP_REQUEST", 0 },
	{ "@method", NONE, NULL, "INVITE", 0 },
	{ "$rm", NONE, NULL, "INVITE", 0 },
	{ "@status", NONE, NULL, NULL, 0 },
	{ "@uri", NONE, NULL, "sip:user;p=1:pw@host.example;transport=TCP;lr;x=y", 0 },
	{ "@from_uri", NONE, NULL, "sip:alice@a.example:5099;transport=udp", 0 },
	{ "@to_uri", NONE, NULL, "sip:bob@b.example", 0 },
	{ "@src.ip", NONE, NULL, "127.0.0.5", 0 },
	{ "@src.port", NONE, NULL, NULL, 5062 },
	{ "@src.ip_port", NONE, NULL, "127.0.0.5:5062", 0 },
	{ "$si", NONE, NULL, "127.0.0.5", 0 },
	{ "$sp", NONE, NULL, NULL, 5062 },
	{ "@dst.ip", NONE, NULL, "127.0.0.1", 0 },
	{ "$Ri", NONE, NULL, "127.0.0.1", 0 },
	{ "$Rp", NONE, NULL, NULL, 5060 },
	{ "@received.proto_ip_port", NONE, NULL, "udp:127.0.0.1:5060", 0 },
	{ "$pr", NONE, NULL, "udp", 0 },
	{ "$proto", NONE, NULL, "udp", 0 },
	{ "@af", NONE, NULL, "INET", 0 },
	{ "$fs", NONE, NULL, NULL, 0 },
	{ "$mF", NONE, NULL, NULL, 0 },
};

static struct value get(struct ctx *ctx, const char *name_z, int64_t index, const char *key_z)
{
	const struct attr_def *d = row(name_z);
	struct value v;
	struct attr_arg arg;

	if (!d)
		print_error("no %s\n", name_z);
	assert_non_null(d);
	arg = (struct attr_arg){ .has_index = index != 0,
				 .index = index,
				 .has_key = key_z != NULL,
				 .key = str_z(key_z),
				 .tag = d->tag };
	assert_int_equal(d->get(ctx, &arg, &v), 0);
	return v;
}

static enum script_result script_reads(struct ctx *ctx)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct value v = get(ctx, cases[i].name, cases[i].index, cases[i].key);

		if (cases[i].text) {
			if (v.type != VALUE_STR || !str_eq(v.s, str_z(cases[i].text)))
				print_error("%s: type %d \"" STRF "\"\n", cases[i].name, v.type,
					    STRA(v.s));
			assert_int_equal(v.type, VALUE_STR);
			assert_text(v.s, str_z(cases[i].text));
		} else if (cases[i].number) {
			assert_int_equal(v.type, VALUE_INT);
			assert_int_equal(v.i, cases[i].number);
		} else if (strcmp(cases[i].name, "$mF") != 0) {
			if (v.type != VALUE_NULL)
				print_error("%s is not null\n", cases[i].name);
			assert_int_equal(v.type, VALUE_NULL);
		}
	}
	return SCRIPT_DONE;
}

static void every_attribute_of_a_request(void **state)
{
	(void)state;
	fake.script = script_reads;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(request, sizeof(request) - 1));
	assert_int_equal(fake.runs, 1);
}

/* Every row, with every kind of argument, on requests and responses with little in them: never more than null. */
static enum script_result script_reads_all(struct ctx *ctx)
{
	static const int64_t indexes[] = { 0, 1, -1, 2, -2, INT64_MAX, INT64_MIN };

	for (const struct attr_def *d = msg_attrs; d->get; d++) {
		for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++) {
			struct attr_arg arg = { .has_index = (d->flags & ATTR_INDEX) && i,
						.index = indexes[i],
						.has_key = d->flags & ATTR_KEY,
						.key = STR("x"),
						.tag = d->tag };
			struct value v;
			int err = d->get(ctx, &arg, &v);

			assert_true(err == 0 || err == -ENOMEM);
			if (!err && v.type != VALUE_NULL)
				assert_int_equal(v.type, d->type);
		}
	}
	return SCRIPT_DONE;
}

static void a_bare_message_has_no_surprises(void **state)
{
	static const char *const uris[] = { "sip:x", "tel:+1234;ext=5", "urn:isbn:1",
					    "sips:a@[::1]:7", "mailto:a@b" };

	(void)state;
	fake.script = script_reads_all;
	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++)
		fake_receive(0, "127.0.0.5:5062", 0,
			     fake_request("OPTIONS", uris[i], VIA_A, "m: *\r\n"));
	assert_int_equal(fake.runs, 5);
}

static void no_spelling_stands_twice(void **state)
{
	(void)state;
	for (const struct attr_def *a = msg_attrs; a->get; a++) {
		for (const struct attr_def *b = a + 1; b->get; b++) {
			if (a->name && b->name && !strcmp(a->name, b->name))
				fail_msg("@%s twice", a->name);
			if (a->pv && b->pv && !strcmp(a->pv, b->pv))
				fail_msg("$%s twice", a->pv);
		}
	}
}

static int set(struct ctx *ctx, const char *name_z, struct value v)
{
	const struct attr_def *d = row(name_z);
	struct attr_arg arg = { .tag = d->tag };

	assert_non_null(d->set);
	return d->set(ctx, &arg, &v);
}

static void assert_ruri(struct ctx *ctx, const char *want_z)
{
	assert_text(ctx_uri_text(ctx), str_z(want_z));
}

static enum script_result script_writes(struct ctx *ctx)
{
	assert_int_equal(set(ctx, "$ru", value_str(STR("sip:a@b"))), 0);
	assert_ruri(ctx, "sip:a@b");
	assert_int_equal(set(ctx, "$rU", value_str(STR("carol"))), 0);
	assert_ruri(ctx, "sip:carol@b");
	assert_int_equal(set(ctx, "$rU", value_int(123)), 0);
	assert_int_equal(set(ctx, "$rd", value_str(STR("[::1]"))), 0);
	assert_int_equal(set(ctx, "$rp", value_int(5080)), 0);
	assert_ruri(ctx, "sip:123@[::1]:5080");
	assert_int_equal(set(ctx, "$rU", value_null()), 0);
	assert_ruri(ctx, "sip:[::1]:5080");
	assert_int_equal(set(ctx, "$rp", value_null()), 0);
	assert_ruri(ctx, "sip:[::1]");
	/* what would make no URI, or another one */
	assert_true(set(ctx, "$ru", value_str(STR("not a uri"))) < 0);
	assert_true(set(ctx, "$rd", value_str(STR("a b"))) < 0);
	assert_true(set(ctx, "$rU", value_str(STR("a@b"))) < 0);
	assert_true(set(ctx, "$rp", value_int(70000)) < 0);
	assert_ruri(ctx, "sip:[::1]");
	assert_int_equal(set(ctx, "$ru", value_null()), 0);
	assert_ruri(ctx, "sip:x@y");
	assert_int_equal(set(ctx, "$du", value_str(STR("sip:next.example;lr"))), 0);
	assert_text(get(ctx, "$dd", 0, NULL).s, STR("next.example"));
	assert_true(set(ctx, "$du", value_str(STR("next"))) < 0);
	assert_int_equal(set(ctx, "$du", value_null()), 0);
	assert_int_equal(get(ctx, "$du", 0, NULL).type, VALUE_NULL);
	assert_int_equal(set(ctx, "$fs", value_str(STR("udp:127.0.0.9:5070"))), 0);
	assert_text(get(ctx, "$fs", 0, NULL).s, STR("udp:127.0.0.9:5070"));
	assert_true(set(ctx, "$fs", value_str(STR("udp:127.0.0.9:5071"))) < 0);
	assert_int_equal(set(ctx, "$mF", value_int(5)), 0);
	assert_int_equal(ctx->flags, 5);
	return SCRIPT_DONE;
}

static void what_can_be_written(void **state)
{
	(void)state;
	fake.script = script_writes;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", "sip:x@y", VIA_A, ""));
	assert_int_equal(fake.runs, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(every_attribute_of_a_request),
		FAKE_TEST(a_bare_message_has_no_surprises),
		FAKE_TEST(no_spelling_stands_twice),
		FAKE_TEST(what_can_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

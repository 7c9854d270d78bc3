/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes: every spelling gives what it should, indexes count from both ends, what is not there is null. */
#include "fake.h"

#include "core/msg/attr_avp.h"

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
	{ "$hfl", NONE, "m", "<sip:c1@1.1.1.1;p1=v1>;expires=60;q=0.5", 0 },
	{ "$hfl", 2, "Record-Route", "<sip:r2;lr>", 0 },
	{ "$hfl", -1, "contact", "<sip:c3@3.3.3.3>;methods=\"INVITE\"", 0 },
	{ "$hfl", 4, "contact", NULL, 0 },
	{ "$hfl", NONE, "X-None", NULL, 0 },
	{ "$hflc", NONE, "contact", NULL, 3 },
	{ "$hflc", NONE, "Via", NULL, 3 },
	{ "$hdrc", NONE, "Via", NULL, 2 },
	{ "$rmid", NONE, NULL, NULL, 1 },
	{ "$mts", NONE, NULL, "rq", 0 },
	{ "$Au", NONE, NULL, "alice@a.example", 0 },
	{ "$ruid", NONE, NULL, NULL, 0 },
	{ "$version", NONE, NULL, "Serac " SERAC_VERSION, 0 },
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
	const struct attr_def *d = fake_attr(name_z);
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

/* Words that some of the variables take. */
static const char *const words[] = { "x",   "len",   "host", "port", "branch", "srcip", "sproto",
				     "u",   "d",     "P",    "i",    "TCP",    "IPv6",	"min",
				     "max", "31",    "32",   "uri",  "q",      "count", "flags",
				     "sec", "isdst", "s",    "Sn",   "hdrs",   "lpart", "protoid" };

static void read_row(struct ctx *ctx, const struct attr_def *d, int64_t index, const char *key_z)
{
	struct attr_arg arg = { .has_index = (d->flags & ATTR_INDEX) && index,
				.index = index,
				.has_key = d->flags & ATTR_KEY,
				.key = str_z(key_z),
				.tag = d->tag };
	struct value v;
	int err;

	/* what those of avps prepare lies in an arena: there is none here */
	if (d->prepare && d->prepare != avp_prepare && d->prepare != xavp_prepare &&
	    d->prepare(&arg, ctx->conf))
		return;
	err = d->get(ctx, &arg, &v);
	assert_true(err == 0 || err == -ENOMEM);
	/* what a word chooses may be a number or a text */
	if (!err && v.type != VALUE_NULL && !d->prepare)
		assert_int_equal(v.type, d->type);
}

/* Every row, with every kind of argument, on requests and responses with little in them: never more than null. */
static enum script_result script_reads_all(struct ctx *ctx)
{
	static const int64_t indexes[] = { 0, 1, -1, 2, -2, INT64_MAX, INT64_MIN };

	for (const struct attr_def *d = msg_attrs; d->get; d++)
		for (size_t i = 0; i < sizeof(indexes) / sizeof(indexes[0]); i++)
			for (size_t w = 0; w < (d->prepare ? sizeof(words) / sizeof(words[0]) : 1);
			     w++)
				read_row(ctx, d, indexes[i], words[w]);
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
	const struct attr_def *d = fake_attr(name_z);
	struct attr_arg arg = { .tag = d->tag };

	assert_non_null(d->set);
	return d->set(ctx, &arg, &v);
}

/* As the machine gives it: of null nothing but the type is written. */
static struct value stale_null(void)
{
	struct value v = value_str(STR("stale"));

	v.type = VALUE_NULL;
	return v;
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
	assert_int_equal(set(ctx, "$rU", stale_null()), 0);
	assert_ruri(ctx, "sip:[::1]:5080");
	assert_int_equal(set(ctx, "$rp", stale_null()), 0);
	assert_ruri(ctx, "sip:[::1]");
	/* what would make no URI, or another one */
	assert_true(set(ctx, "$ru", value_str(STR("not a uri"))) < 0);
	assert_true(set(ctx, "$rd", value_str(STR("a b"))) < 0);
	assert_true(set(ctx, "$rd", value_str(STR("a;lr"))) < 0);
	assert_true(set(ctx, "$rd", value_str(STR("a:5"))) < 0);
	assert_true(set(ctx, "$rd", value_str(STR(""))) < 0);
	assert_true(set(ctx, "$rd", value_null()) < 0);
	assert_true(set(ctx, "$rp", value_str(STR("5060;lr"))) < 0);
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

/* From as it will leave: the only edit's text. */
/* The only edit. */
static void assert_edit(struct ctx *ctx, const char *want_z)
{
	assert_non_null(ctx->edits.first);
	assert_null(ctx->edits.first->next);
	assert_text(ctx->edits.first->text, str_z(want_z));
}

static enum script_result script_writes_from(struct ctx *ctx)
{
	assert_int_equal(set(ctx, "$fU", value_str(STR("carol"))), 0);
	assert_edit(ctx, "\"A. User\" <sip:carol@a.example:5099;transport=udp>");
	assert_int_equal(set(ctx, "$fd", value_str(STR("b.example"))), 0);
	assert_edit(ctx, "\"A. User\" <sip:carol@b.example:5099;transport=udp>");
	assert_int_equal(set(ctx, "$fn", value_str(STR("Al \"x\""))), 0);
	assert_edit(ctx, "\"Al \\\"x\\\"\" <sip:carol@b.example:5099;transport=udp>");
	assert_int_equal(set(ctx, "$fn", value_str(STR("\"Bo\""))), 0);
	assert_int_equal(set(ctx, "$fu", value_str(STR("sip:12@c.example"))), 0);
	assert_edit(ctx, "\"Bo\" <sip:12@c.example>");
	assert_int_equal(set(ctx, "$fU", value_int(34)), 0);
	assert_int_equal(set(ctx, "$fn", stale_null()), 0);
	assert_edit(ctx, "<sip:34@c.example>");
	assert_int_equal(set(ctx, "$fU", stale_null()), 0);
	assert_edit(ctx, "<sip:c.example>");
	/* nothing gets out of its place */
	assert_true(set(ctx, "$fu", value_null()) < 0);
	assert_true(set(ctx, "$fu", value_str(STR("sip:a@b>\r\nX: y"))) < 0);
	assert_true(set(ctx, "$fu", value_str(STR("sip:a@b>;tag=2"))) < 0);
	assert_true(set(ctx, "$fU", value_str(STR("a@b"))) < 0);
	assert_true(set(ctx, "$fU", value_str(STR("a\r\n"))) < 0);
	assert_true(set(ctx, "$fd", value_str(STR("a>b"))) < 0);
	assert_true(set(ctx, "$fd", stale_null()) < 0);
	assert_true(set(ctx, "$fn", value_str(STR("a\r\nX: y"))) < 0);
	assert_edit(ctx, "<sip:c.example>");
	/* reads go on seeing what came */
	assert_text(get(ctx, "$fU", 0, NULL).s, STR("alice"));
	assert_int_equal(set(ctx, "$tn", value_str(STR("Bob"))), 0);
	assert_text(ctx->edits.first->next->text, STR("\"Bob\" <sip:bob@b.example>"));
	return SCRIPT_DONE;
}

static void from_and_to_can_be_written(void **state)
{
	(void)state;
	fake.script = script_writes_from;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(request, sizeof(request) - 1));
	assert_int_equal(fake.runs, 1);
}

static enum script_result script_writes_targets(struct ctx *ctx)
{
	struct attr_arg second = { .has_index = true, .index = 2, .key = STR("dst_uri") };
	const struct attr_def *d = fake_attr("$branch");
	struct value v = value_str(STR("sip:next.example"));

	assert_int_equal(get(ctx, "@branch.count", 0, NULL).i, 0);
	assert_int_equal(get(ctx, "$br", 0, NULL).type, VALUE_NULL);
	assert_int_equal(set(ctx, "$br", value_str(STR("sip:1@a.example:5070"))), 0);
	assert_int_equal(set(ctx, "$br", value_str(STR("sip:2@b.example"))), 0);
	assert_true(set(ctx, "$br", value_str(STR("no uri"))) < 0);
	assert_int_equal(get(ctx, "@branch.count", 0, NULL).i, 2);
	assert_text(get(ctx, "@branch.uri.user", -1, NULL).s, STR("2"));
	assert_text(get(ctx, "@branch.uri", 1, NULL).s, STR("sip:1@a.example:5070"));
	assert_text(get(ctx, "$bR", 0, NULL).s, STR("sip:1@a.example:5070, sip:2@b.example"));
	assert_null(d->prepare(&second, ctx->conf));
	assert_int_equal(d->set(ctx, &second, &v), 0);
	assert_text(get(ctx, "@branch.dst_uri.host", 2, NULL).s, STR("next.example"));
	assert_true(set(ctx, "$bf", value_int(-1)) < 0);
	assert_int_equal(set(ctx, "$bf", value_int(10)), 0);
	assert_text(get(ctx, "$bF", 0, NULL).s, STR("0000000a"));
	second = (struct attr_arg){ .key = STR("0"), .tag = fake_attr("$Bf")->tag };
	assert_null(fake_attr("$Bf")->prepare(&second, ctx->conf));
	v = value_int(1);
	assert_int_equal(fake_attr("$Bf")->set(ctx, &second, &v), 0);
	assert_int_equal(ctx->branch_flags, 11);
	return SCRIPT_DONE;
}

static void targets_can_be_written(void **state)
{
	(void)state;
	fake.script = script_writes_targets;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", "sip:x@y", VIA_A, ""));
	assert_int_equal(fake.runs, 1);
}

static enum script_result script_reads_credentials(struct ctx *ctx)
{
	assert_text(get(ctx, "@authorization.username", 0, "two").s, STR("al\"x"));
	assert_text(get(ctx, "@authorization.nonce", 0, "one").s, STR("n,1"));
	assert_text(get(ctx, "@authorization.qop", 0, "two").s, STR("auth"));
	assert_int_equal(get(ctx, "@authorization.qop", 0, "three").type, VALUE_NULL);
	assert_int_equal(get(ctx, "@proxy_authorization.realm", 0, "one").type, VALUE_NULL);
	assert_text(get(ctx, "@authorization.username.user", 0, "one").s, STR("bo"));
	assert_text(get(ctx, "@authorization.username.domain", 0, "one").s, STR("d.example"));
	assert_text(get(ctx, "$aU", 0, NULL).s, STR("bo@d.example"));
	assert_text(get(ctx, "$ad", 0, NULL).s, STR("d.example"));
	assert_text(get(ctx, "$ar", 0, NULL).s, STR("one"));
	assert_text(get(ctx, "$Au", 0, NULL).s, STR("bo@one"));
	assert_int_equal(get(ctx, "$rmid", 0, NULL).i, 32);
	return SCRIPT_DONE;
}

static void credentials_are_read(void **state)
{
	(void)state;
	fake.script = script_reads_credentials;
	fake_receive(0, "127.0.0.5:5062", 0,
		     fake_request("REGISTER", "sip:x", VIA_A,
				  "Authorization: Basic realm=\"three\"\r\n"
				  "Authorization: Digest username=\"bo@d.example\", realm=\"one\", "
				  "nonce=\"n,1\"\r\n"
				  "Authorization: digest realm=\"two\",qop=auth , "
				  "username=\"al\\\"x\"\r\n"));
	assert_int_equal(fake.runs, 1);
}

static void read_all(struct ctx *ctx, const char *key_z, const char *want_z)
{
	struct attr_arg arg = { .all = true, .has_key = true, .key = str_z(key_z) };
	struct value v;

	assert_int_equal(fake_attr("$hdr")->get(ctx, &arg, &v), 0);
	assert_text(v.s, str_z(want_z));
}

static enum script_result script_reads_lists(struct ctx *ctx)
{
	const struct attr_def *version = fake_attr("$version");
	struct attr_arg hash = { .has_key = true, .key = STR("hash") },
			unknown = { .has_key = true, .key = STR("x") };

	read_all(ctx, "x-many", "a,b,c");
	read_all(ctx, "Subject", "one two");
	read_all(ctx, "X-None", NULL);
	assert_int_equal(get(ctx, "$hflc", 0, "X-None").type, VALUE_INT);
	assert_text(fake_attr_read(ctx, "$af", NULL).s, STR("INET"));
	assert_text(fake_attr_read(ctx, "$af", "name").s, STR("IPv4"));
	assert_int_equal(fake_attr_read(ctx, "$af", "id").i, AF_INET);
	assert_text(fake_attr_read(ctx, "$version", "num").s, STR(SERAC_VERSION));
	assert_text(fake_attr_read(ctx, "$version", "full").s, STR("Serac " SERAC_VERSION));
	assert_non_null(version->prepare(&hash, ctx->conf));
	assert_non_null(version->prepare(&unknown, ctx->conf));
	ctx->ruid = STR("uloc-1");
	assert_text(get(ctx, "$ruid", 0, NULL).s, STR("uloc-1"));
	assert_int_equal(get(ctx, "$mi", 0, NULL).i, fake.runs);
	assert_text(get(ctx, "@msg.id.hex", 0, NULL).s,
		    fake.runs == 1 ? STR("00000001") : STR("00000002"));
	return SCRIPT_DONE;
}

static void lists_are_read(void **state)
{
	(void)state;
	fake.script = script_reads_lists;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(request, sizeof(request) - 1));
	fake_receive(0, "127.0.0.5:5062", 0, str_of(request, sizeof(request) - 1));
	assert_int_equal(fake.runs, 2);
}

static enum script_result script_writes_body(struct ctx *ctx)
{
	char text[] = "first";

	assert_int_equal(set(ctx, "$rb", value_str(str_z(text))), 0);
	memset(text, 'x', sizeof(text) - 1);
	assert_edit(ctx, "first");
	assert_int_equal(set(ctx, "$rb", value_int(-42)), 0);
	assert_edit(ctx, "-42");
	assert_int_equal(ctx->edits.first->drop, 5);
	assert_int_equal(set(ctx, "$rb", value_str(STR(""))), 0);
	assert_int_equal(ctx->edits.first->text.n, 0);
	/* reads go on seeing what came */
	assert_text(get(ctx, "$rb", 0, NULL).s, STR("hello"));
	/* without a body there is nothing to say what it is */
	assert_int_equal(set(ctx, "$rb", stale_null()), 0);
	assert_non_null(ctx->edits.first->next);
	assert_int_equal(ctx->edits.first->drop, sizeof("Content-Type: text/plain\r\n") - 1);
	return SCRIPT_DONE;
}

static void bodies_can_be_written(void **state)
{
	(void)state;
	fake.script = script_writes_body;
	fake_receive(0, "127.0.0.5:5062", 0, str_of(request, sizeof(request) - 1));
	assert_int_equal(fake.runs, 1);
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
		FAKE_TEST(every_attribute_of_a_request), FAKE_TEST(a_bare_message_has_no_surprises),
		FAKE_TEST(no_spelling_stands_twice),	 FAKE_TEST(what_can_be_written),
		FAKE_TEST(from_and_to_can_be_written),	 FAKE_TEST(targets_can_be_written),
		FAKE_TEST(credentials_are_read),	 FAKE_TEST(lists_are_read),
		FAKE_TEST(bodies_can_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

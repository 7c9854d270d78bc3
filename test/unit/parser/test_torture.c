/* SPDX-License-Identifier: BSD-2-Clause */
/* The 50 messages of RFC 4475 through what a proxy reads of each message: which must be rejected, where and with what status, and what exactly must be
 * read of the others. What a script's sanity_check looks at (CSeq's method, schemes, Require, Max-Forwards) is good here. */
#include "check.h"
#include "parser/nameaddr.h"
#include "parser/via.h"

#include <errno.h>

#define FOLDER "test/fuzz/corpus/msg/"

enum stage { GOOD, IN_MSG, IN_VIA, IN_CSEQ, IN_FROM, IN_TO, IN_RURI, NO_CALL_ID, RURI_HEADERS };

struct expected {
	const char *name_z;
	enum stage stage;    /* the first thing that is wrong */
	int status;	     /* what it is answered with */
	enum hdr_id hdr;     /* the header field that the answer names */
	const char *first_z; /* method or status code */
	unsigned vias;
	const char *via_z; /* transport, host and branch of the topmost */
	unsigned long cseq;
	const char *cseq_method_z;
	const char *from_z, *from_tag_z, *to_z, *to_tag_z;
	const char *ruri_user_z, *ruri_host_z;
	size_t body;
};

static const struct expected all[] = {
	{ "wsinv", GOOD, 0, 0, "INVITE", 3, "UDP 192.0.2.2 390skdjuw", 9, "INVITE",
	  "sip:jdrosen@example.com", "98asjd8", "sip:vivekg@chair-dnrc.example.com", "1918181833n",
	  "vivekg", "chair-dnrc.example.com", 150 },
	{ "intmeth", GOOD, 0, 0, "!interesting-Method0123456789_*+`.%indeed'~", 1,
	  "TCP host1.example.com z9hG4bK-.!%66*_+`'~", 139122385,
	  "!interesting-Method0123456789_*+`.%indeed'~", "sip:mundane@example.com",
	  "_token~1'+`*%!-.", "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com",
	  NULL, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*", "example.com", 0 },
	{ "esc01", GOOD, 0, 0, "INVITE", 1, "UDP host5.example.net z9hG4bKkdjuw", 234234, "INVITE",
	  "sip:I%20have%20spaces@example.net", "938", "sip:%75se%72@example.com", NULL,
	  "sips%3Auser%40example.com", "example.net", 150 },
	{ "escnull", GOOD, 0, 0, "REGISTER", 1, "UDP host5.example.com z9hG4bKkdjuw", 14398234,
	  "REGISTER", "sip:null-%00-null@example.com", "839923423", "sip:null-%00-null@example.com",
	  NULL, NULL, "example.com", 0 },
	{ "esc02", GOOD, 0, 0, "RE%47IST%45R", 1, "TCP host.example.com z9hG4bK209%fzsnel234",
	  29344, "RE%47IST%45R", "sip:resource@example.com", "f232jadfj23",
	  "sip:resource@example.com", NULL, NULL, "registrar.example.com", 0 },
	{ "lwsdisp", GOOD, 0, 0, "OPTIONS", 1, "UDP funky.example.com z9hG4bKkdjuw", 60, "OPTIONS",
	  "sip:caller@example.com", "323", "sip:user@example.com", NULL, "user", "example.com", 0 },
	{ "longreq", GOOD, 0, 0, "INVITE", 34, "TCP sip33.example.com -", 3882340, "INVITE",
	  "sip:"
	  "amazinglylongcallernameamazinglylongcallernameamazinglylongcallernameamazinglylongcaller"
	  "nameamazinglylongcallername@example.net",
	  "*", "*", "*", "user", "example.com", 150 },
	{ "dblreq", GOOD, 0, 0, "REGISTER", 1, "UDP 192.0.2.125 z9hG4bKkdjuw23492", 8, "REGISTER",
	  "sip:j.user@example.com", "43251j3j324", "sip:j.user@example.com", NULL, NULL,
	  "example.com", 0 },
	{ "semiuri", GOOD, 0, 0, "OPTIONS", 1, "UDP 192.0.2.1 z9hG4bKkdjuw", 8, "OPTIONS",
	  "sip:caller@example.org", "33242", "sip:j_user@example.com", NULL,
	  "user;par=u%40example.net", "example.com", 0 },
	{ "transports", GOOD, 0, 0, "OPTIONS", 5, "UDP t1.example.com z9hG4bKkdjuw", 60, "OPTIONS",
	  "sip:caller@example.com", "323", "sip:user@example.com", NULL, "user", "example.com", 0 },
	{ "mpart01", GOOD, 0, 0, "MESSAGE", 1,
	  "UDP 127.0.0.1 z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-", 1, "MESSAGE",
	  "sip:fluffy@example.com", "2fb0dcc9", "sip:kumiko@example.org", NULL, "kumiko",
	  "example.org", 553 },
	{ "unreason", GOOD, 0, 0, "200", 1, "UDP 192.0.2.198 z9hG4bK1324923", 35, "INVITE",
	  "sip:user@example.com", "11141343", "sip:user@example.edu", "2229", NULL, NULL, 154 },
	{ "noreason", GOOD, 0, 0, "100", 1, "UDP 192.0.2.105 z9hG4bK2398ndaoe", 35, "INVITE",
	  "sip:user@example.com", "39ansfi3", "sip:user@example.edu", "902jndnke3", NULL, NULL, 0 },
	{ "badinv01", IN_VIA, 400, HDR_VIA, .first_z = "INVITE", .body = 152 },
	{ "clerr", IN_MSG, 400, HDR_CONTENT_LENGTH, .first_z = "INVITE" },
	{ "ncl", IN_MSG, 400, HDR_CONTENT_LENGTH, .first_z = "INVITE" },
	{ "scalar02", IN_CSEQ, 400, HDR_CSEQ, .first_z = "REGISTER" },
	{ "scalarlg", IN_CSEQ, 400, HDR_CSEQ, .first_z = "503" },
	{ "quotbal", IN_TO, 400, HDR_TO, .first_z = "INVITE", .body = 152 },
	{ "ltgtruri", IN_RURI, 400, HDR_OTHER, .first_z = "INVITE", .body = 159 },
	{ "lwsruri", IN_MSG, 400, HDR_OTHER, .first_z = "INVITE" },
	{ "lwsstart", IN_MSG, 400, HDR_OTHER, .first_z = "INVITE" },
	{ "trws", IN_MSG, 400, HDR_OTHER, .first_z = "OPTIONS" },
	{ "escruri", RURI_HEADERS, 400, HDR_OTHER, .first_z = "INVITE", .body = 150 },
	{ "baddate", GOOD, 0, 0, "INVITE", 1, "UDP host.example.com z9hG4bKkdjuw", 1392934,
	  "INVITE", "sip:caller@example.net", "2234923", "sip:user@example.com", NULL, "user",
	  "example.com", 150 },
	{ "regbadct", GOOD, 0, 0, "REGISTER", 1, "UDP 135.180.130.133 z9hG4bKkdjuw", 1, "REGISTER",
	  "sip:user@example.com", "998332", "sip:user@example.com", NULL, NULL, "example.com", 0 },
	{ "badaspec", IN_TO, 400, HDR_TO, .first_z = "OPTIONS" },
	{ "baddn", IN_MSG, 400, HDR_OTHER, .first_z = "OPTIONS" },
	{ "baddn-repaired", IN_FROM, 400, HDR_FROM, .first_z = "OPTIONS" },
	{ "badvers", IN_MSG, 505, HDR_OTHER, .first_z = "OPTIONS" },
	{ "mismatch01", GOOD, 0, 0, "OPTIONS", 1, "UDP host.example.com z9hG4bKkdjuw", 8, "INVITE",
	  "sip:caller@example.net", "34525", "sip:j.user@example.com", NULL, "user", "example.com",
	  0 },
	{ "mismatch02", GOOD, 0, 0, "NEWMETHOD", 1, "UDP host.example.net z9hG4bKkdjuw", 8,
	  "INVITE", "sip:caller@example.net", "34525", "sip:j.user@example.com", NULL, "user",
	  "example.com", 138 },
	{ "bigcode", IN_MSG, 400, HDR_OTHER, .first_z = "0" },
	{ "badbranch", GOOD, 0, 0, "OPTIONS", 1, "UDP 192.0.2.1 z9hG4bK", 8, "OPTIONS",
	  "sip:caller@example.org", "33242", "sip:user@example.com", NULL, "user", "example.com",
	  0 },
	{ "insuf", IN_FROM, 400, HDR_FROM, .first_z = "INVITE", .body = 152 },
	{ "unkscm", GOOD, 0, 0, "OPTIONS", 1, "TCP host9.example.com z9hG4bKkdjuw39234", 3923423,
	  "OPTIONS", "sip:caller@example.net", "384", "sip:user@example.com", NULL, NULL, NULL, 0 },
	{ "novelsc", GOOD, 0, 0, "OPTIONS", 1, "TCP host9.example.com z9hG4bKkdjuw39234", 3923423,
	  "OPTIONS", "sip:caller@example.net", "384", "sip:user@example.com", NULL, NULL, NULL, 0 },
	{ "unksm2", GOOD, 0, 0, "REGISTER", 1, "UDP 192.0.2.21 z9hG4bKkdjuw", 234902, "REGISTER",
	  "http://www.example.com", "3234233", "isbn:2983792873", NULL, NULL, "example.com", 0 },
	{ "bext01", GOOD, 0, 0, "OPTIONS", 1, "TLS fold-and-staple.example.com z9hG4bKkdjuw", 8,
	  "OPTIONS", "sip:caller@example.net", "242etr", "sip:j_user@example.com", NULL, "user",
	  "example.com", 0 },
	{ "invut", GOOD, 0, 0, "INVITE", 1, "UDP somehost.example.com z9hG4bKkdjuw", 235448,
	  "INVITE", "sip:caller@example.net", "8392034", "sip:j.user@example.com", NULL, "user",
	  "example.com", 40 },
	{ "regaut01", GOOD, 0, 0, "REGISTER", 1, "TCP 192.0.2.253 z9hG4bKkdjuw", 9338, "REGISTER",
	  "sip:j.user@example.com", "87321hj23128", "sip:j.user@example.com", NULL, NULL,
	  "example.com", 0 },
	{ "multi01", IN_MSG, 400, HDR_CSEQ, .first_z = "INVITE", .body = 154 },
	{ "mcl01", IN_MSG, 400, HDR_CONTENT_LENGTH, .first_z = "OPTIONS" },
	{ "bcast", GOOD, 0, 0, "200", 2, "UDP 192.0.2.198 z9hG4bK1324923", 35, "INVITE",
	  "sip:user@example.com", "11141343", "sip:user@example.edu", "2229", NULL, NULL, 154 },
	{ "zeromf", GOOD, 0, 0, "OPTIONS", 1, "UDP host1.example.com z9hG4bKkdjuw2349i", 39234321,
	  "OPTIONS", "sip:caller@example.net", "3ghsd41", "sip:user@example.com", NULL, "user",
	  "example.com", 0 },
	{ "cparam01", GOOD, 0, 0, "REGISTER", 1, "UDP saturn.example.com z9hG4bKkdjuw", 2,
	  "REGISTER", "sip:watson@example.com", "DkfVgjkrtMwaerKKpe", "sip:watson@example.com",
	  NULL, NULL, "example.com", 0 },
	{ "cparam02", GOOD, 0, 0, "REGISTER", 1, "UDP saturn.example.com z9hG4bKkdjuw", 3,
	  "REGISTER", "sip:watson@example.com", "838293", "sip:watson@example.com", NULL, NULL,
	  "example.com", 0 },
	{ "regescrt", GOOD, 0, 0, "REGISTER", 1, "UDP host5.example.com z9hG4bKkdjuw", 14398234,
	  "REGISTER", "sip:user@example.com", "8", "sip:user@example.com", NULL, NULL,
	  "example.com", 0 },
	{ "sdp01", GOOD, 0, 0, "INVITE", 1, "UDP 192.0.2.15 z9hG4bKkdjuw", 8, "INVITE",
	  "sip:caller@example.net", "234", "sip:j_user@example.com", NULL, "user", "example.com",
	  150 },
	{ "inv2543", GOOD, 0, 0, "INVITE", 1, "UDP iftgw.example.com -", 56, "INVITE",
	  "sip:+13035551111@ift.client.example.net;user=phone", NULL,
	  "sip:+16505552222@ss1.example.net", NULL, "UserB", "example.com", 134 },
	{ "test", IN_MSG, 400, HDR_OTHER, .first_z = "INVITE" },
};

static struct str load(const char *name_z)
{
	static char bytes[65536];
	char path[256];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), FOLDER "%s.dat", name_z);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot open %s (tests run at the top of the tree)", path);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	return text_alone(str_of(bytes, n));
}

/* The first thing that is wrong with what a proxy reads. */
static enum stage judge(struct sip_msg *msg, int parse_err, struct sip_error *error)
{
	struct sip_nameaddr *na;
	struct sip_cseq cseq;
	struct sip_via *via;
	struct sip_uri *uri, ruri;
	int err;

	if (parse_err)
		return IN_MSG;
	*error = (struct sip_error){ .status = 400, .hdr = HDR_VIA };
	for (err = sip_msg_via(msg, &via); !err;)
		err = sip_msg_via_next(msg, via, &via);
	if (err == -EBADMSG)
		return IN_VIA;
	error->hdr = HDR_CSEQ;
	if (sip_msg_cseq(msg, &cseq))
		return IN_CSEQ;
	error->hdr = HDR_FROM;
	if (sip_msg_nameaddr(msg, HDR_FROM, &na) || nameaddr_uri(msg, na, &uri))
		return IN_FROM;
	error->hdr = HDR_TO;
	if (sip_msg_nameaddr(msg, HDR_TO, &na) || nameaddr_uri(msg, na, &uri))
		return IN_TO;
	error->hdr = HDR_CALL_ID;
	if (str_is_null(sip_msg_call_id(msg)))
		return NO_CALL_ID;
	error->hdr = HDR_OTHER;
	if (msg->is_request && uri_parse(msg->ruri, &ruri, NULL))
		return IN_RURI;
	if (msg->is_request && !str_is_null(ruri.headers))
		return RURI_HEADERS;
	*error = (struct sip_error){ .status = 0 };
	return GOOD;
}

static void check_nameaddr(struct sip_msg *msg, enum hdr_id id, const char *uri_z,
			   const char *tag_z, const char *name_z)
{
	struct sip_nameaddr *na;

	assert_int_equal(sip_msg_nameaddr(msg, id, &na), 0);
	if (!uri_z || strcmp(uri_z, "*") != 0)
		assert_str_in(na->uri, uri_z, name_z);
	if (!tag_z || strcmp(tag_z, "*") != 0)
		assert_str_in(na->tag, tag_z, name_z);
}

static void check_values(struct sip_msg *msg, const struct expected *e)
{
	struct sip_via *via, *top;
	struct sip_cseq cseq;
	struct sip_uri ruri;
	char text[256];
	unsigned n = 1;
	int t;

	assert_int_equal(sip_msg_via(msg, &top), 0);
	for (via = top; !sip_msg_via_next(msg, via, &via); n++)
		;
	assert_int_equal(n, e->vias);
	t = snprintf(text, sizeof(text), STRF " " STRF " " STRF, STRA(top->transport),
		     STRA(top->host), STRA(str_is_null(top->branch) ? STR("-") : top->branch));
	assert_str_in(str_of(text, (size_t)t), e->via_z, e->name_z);
	assert_int_equal(sip_msg_cseq(msg, &cseq), 0);
	assert_int_equal(cseq.number, e->cseq);
	assert_str_in(cseq.method_text, e->cseq_method_z, e->name_z);
	check_nameaddr(msg, HDR_FROM, e->from_z, e->from_tag_z, e->name_z);
	check_nameaddr(msg, HDR_TO, e->to_z, e->to_tag_z, e->name_z);
	if (msg->is_request) {
		assert_int_equal(uri_parse(msg->ruri, &ruri, NULL), 0);
		assert_str_in(ruri.user, e->ruri_user_z, e->name_z);
		assert_str_in(ruri.host, e->ruri_host_z, e->name_z);
	}
	if (strcmp(e->name_z, "inv2543") != 0)
		assert_int_equal(msg->body.n, e->body);
}

static void each_message_is_judged_as_expected(void **state)
{
	(void)state;
	assert_int_equal(COUNT(all), 51);
	for (size_t i = 0; i < COUNT(all); i++) {
		const struct expected *e = &all[i];
		struct str text = load(e->name_z);
		struct pool *p = pool_test();
		struct sip_error error;
		struct sip_msg msg;
		enum stage stage;
		char code[16];
		int err;

		err = sip_msg_parse(&msg, p, text, false, &error);
		stage = judge(&msg, err, &error);
		if (stage != e->stage)
			fail_msg("%s: stage %d, expected %d (%s)", e->name_z, stage, e->stage,
				 err ? error.what : "");
		assert_int_equal(error.status, e->status);
		assert_int_equal(error.hdr, e->hdr);
		snprintf(code, sizeof(code), "%u", msg.status);
		assert_str_in(msg.is_request ? msg.method_text : str_z(code), e->first_z,
			      e->name_z);
		if (stage == GOOD)
			check_values(&msg, e);
		if (stage == IN_VIA || stage == IN_TO || stage == IN_RURI || stage == RURI_HEADERS)
			assert_int_equal(msg.body.n, e->body);
		pool_drop(&p);
		text_free(text);
	}
}

/* --- values that the table has no column for ------------------------------------------------------------------------------ */

struct opened {
	struct str text;
	struct pool *pool;
	struct sip_msg msg;
};

static void open_message(struct opened *o, const char *name_z)
{
	struct sip_error error;

	o->text = load(name_z);
	o->pool = pool_test();
	assert_int_equal(sip_msg_parse(&o->msg, o->pool, o->text, false, &error), 0);
}

static void close_message(struct opened *o)
{
	pool_drop(&o->pool);
	text_free(o->text);
}

static void wsinv_is_read_through_all_its_white_space(void **state)
{
	struct sip_nameaddr *na;
	struct sip_via *via;
	struct sip_uri *uri;
	struct opened o;
	uint32_t value;

	(void)state;
	open_message(&o, "wsinv");
	assert_int_equal(sip_msg_via(&o.msg, &via), 0);
	assert_str(via->protocol, "SIP");
	assert_str(via->version, "2.0");
	assert_int_equal(sip_msg_via_next(&o.msg, via, &via), 0);
	assert_str(via->branch, "z9hG4bK9ikj8");
	assert_str(via->host, "spindle.example.com");
	assert_int_equal(sip_msg_via_next(&o.msg, via, &via), 0);
	assert_str(via->branch, "z9hG4bK30239");
	assert_str(via->host, "192.168.255.111");
	assert_int_equal(sip_msg_uint(&o.msg, HDR_MAX_FORWARDS, &value), 0);
	assert_int_equal(value, 68);
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_FROM, &na), 0);
	assert_str(na->display, "\"J Rosenberg \\\\\\\"\"");
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_ROUTE, &na), 0);
	assert_int_equal(nameaddr_uri(&o.msg, na, &uri), 0);
	assert_str(uri_param(uri, STR("lr")), "");
	assert_str(uri_param(uri, STR("unknownwith")), "value");
	assert_str(o.msg.first[HDR_SUBJECT]->body, "");
	assert_str(sip_msg_find(&o.msg, STR("newfangledheader"))->body,
		   "newfangled value\r\n continued newfangled value");
	assert_str(sip_msg_find(&o.msg, STR("UnknownHeaderWithUnusualValue"))->body, ";;,,;;,;");
	close_message(&o);
}

static void escapes_and_nuls_are_kept(void **state)
{
	struct sip_nameaddr *na;
	struct sip_uri *uri;
	struct opened o;
	char out[64];

	(void)state;
	open_message(&o, "intmeth");
	assert_int_equal(o.msg.method, METHOD_OTHER);
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_TO, &na), 0);
	assert_int_equal(na->display.n, sizeof("\"BEL:\\\a NUL:\\\0 DEL:\\\x7f\"") - 1);
	assert_memory_equal(na->display.p, "\"BEL:\\\a NUL:\\\0 DEL:\\\x7f\"", na->display.n);
	close_message(&o);
	open_message(&o, "esc01");
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_CONTACT, &na), 0);
	assert_int_equal(nameaddr_uri(&o.msg, na, &uri), 0);
	assert_str(uri_unescape(uri_param(uri, STR("name")), out), "value%41");
	assert_str(uri_param(uri, STR("lr")), "");
	close_message(&o);
	open_message(&o, "escnull");
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_CONTACT, &na), 0);
	assert_int_equal(nameaddr_uri(&o.msg, na, &uri), 0);
	assert_int_equal(uri_unescape(uri->user, out).n, 1);
	assert_int_equal(sip_msg_nameaddr_next(&o.msg, na, &na), 0);
	assert_int_equal(nameaddr_uri(&o.msg, na, &uri), 0);
	assert_int_equal(uri_unescape(uri->user, out).n, 2);
	assert_int_equal(sip_msg_nameaddr_next(&o.msg, na, &na), -ENOENT);
	close_message(&o);
	open_message(&o, "esc02");
	assert_int_equal(o.msg.method, METHOD_OTHER);
	assert_int_equal(sip_msg_find(&o.msg, STR("C%6Fntact"))->id, HDR_OTHER);
	close_message(&o);
}

static void contacts_of_registers_are_told_apart(void **state)
{
	struct sip_nameaddr *na;
	struct sip_uri *uri;
	struct opened o;

	(void)state;
	open_message(&o, "cparam01");
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_CONTACT, &na), 0);
	assert_str(na->uri, "sip:+19725552222@gw1.example.net");
	assert_str(na->params, ";unknownparam");
	close_message(&o);
	open_message(&o, "cparam02");
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_CONTACT, &na), 0);
	assert_str(na->uri, "sip:+19725552222@gw1.example.net;unknownparam");
	assert_str(na->params, "");
	close_message(&o);
	open_message(&o, "regescrt");
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_CONTACT, &na), 0);
	assert_int_equal(nameaddr_uri(&o.msg, na, &uri), 0);
	assert_str(uri->headers, "Route=%3Csip:sip.example.com%3E");
	close_message(&o);
	open_message(&o, "regbadct");
	assert_int_equal(sip_msg_nameaddr(&o.msg, HDR_CONTACT, &na), -EBADMSG);
	close_message(&o);
}

static void bytes_behind_the_body_are_not_in_the_message(void **state)
{
	struct opened o;

	(void)state;
	open_message(&o, "dblreq");
	assert_true(o.msg.buf.n < o.text.n);
	assert_int_equal(str_find(o.msg.buf, STR("INVITE")), -1);
	close_message(&o);
	open_message(&o, "mpart01");
	assert_int_equal(o.msg.buf.n, o.text.n);
	assert_true(str_chr(o.msg.body, '\0') >= 0);
	close_message(&o);
	open_message(&o, "inv2543");
	assert_false(o.msg.has_clen);
	assert_ptr_equal(str_end(o.msg.body), str_end(o.text));
	close_message(&o);
}

/* Whatever a message is: memory that runs out anywhere is told, and nothing is read outside of the message. */
static bool read_all(struct pool *p, void *arg)
{
	struct str *text = arg;
	struct sip_nameaddr *na;
	struct sip_error error;
	struct sip_via *via;
	struct sip_uri *uri;
	struct sip_msg msg;
	int err;

	err = sip_msg_parse(&msg, p, *text, false, &error);
	if (err == -ENOMEM)
		return false;
	for (err = sip_msg_via(&msg, &via); !err;)
		err = sip_msg_via_next(&msg, via, &via);
	if (err == -ENOMEM)
		return false;
	for (unsigned id = 1; id < HDR_IDS; id++) {
		if (id == HDR_VIA)
			continue;
		for (err = sip_msg_nameaddr(&msg, id, &na); !err;
		     err = sip_msg_nameaddr_next(&msg, na, &na)) {
			if (nameaddr_uri(&msg, na, &uri) == -ENOMEM)
				return false;
		}
		if (err == -ENOMEM)
			return false;
		assert_true(err == -ENOENT || err == -EBADMSG);
	}
	return true;
}

static unsigned count_of(const struct sip_msg *msg, enum hdr_id id)
{
	unsigned n = 0;

	for (const struct sip_hdr *h = msg->first[id]; h; h = h->next_same)
		n++;
	return n;
}

static const enum hdr_id answer_ids[] = { HDR_VIA, HDR_FROM, HDR_TO, HDR_CALL_ID, HDR_CSEQ };

/* What is needed for an answer is the same, wherever it stands. */
static void same_head(struct pool *p, struct str text)
{
	struct sip_error error;
	struct sip_msg msg, head;
	bool whole = sip_msg_parse(&msg, p, text, false, &error) == 0;

	for (size_t i = 0; i < COUNT(answer_ids); i++)
		whole = whole && msg.first[answer_ids[i]];
	if (!whole)
		return;
	assert_true(sip_msg_parse_head(&head, p, text));
	for (size_t i = 0; i < COUNT(answer_ids); i++) {
		assert_int_equal(count_of(&head, answer_ids[i]), count_of(&msg, answer_ids[i]));
		assert_ptr_equal(head.first[answer_ids[i]]->body.p,
				 msg.first[answer_ids[i]]->body.p);
	}
}

static void the_head_of_a_message_is_what_an_answer_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct str text = load(all[i].name_z);
		struct pool *p = pool_test();

		same_head(p, text);
		pool_drop(&p);
		text_free(text);
	}
}

static bool read_head(struct pool *p, void *arg)
{
	struct sip_msg msg;

	return sip_msg_parse_head(&msg, p, *(struct str *)arg);
}

static void memory_may_run_out_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct str text = load(all[i].name_z);

		each_allocation_fails(read_all, &text);
		text_free(text);
	}
}

/* Each message cut off at each place: an error or not, never a byte behind the end. */
static void each_message_may_be_cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct str text = load(all[i].name_z);

		for (size_t n = 0; n < text.n; n++) {
			struct str cut = text_alone(str_head(text, n));
			struct pool *p = pool_test();

			assert_true(read_all(p, &cut));
			(void)read_head(p, &cut);
			pool_drop(&p);
			text_free(cut);
		}
		text_free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_message_is_judged_as_expected),
		cmocka_unit_test(wsinv_is_read_through_all_its_white_space),
		cmocka_unit_test(escapes_and_nuls_are_kept),
		cmocka_unit_test(contacts_of_registers_are_told_apart),
		cmocka_unit_test(bytes_behind_the_body_are_not_in_the_message),
		cmocka_unit_test(the_head_of_a_message_is_what_an_answer_needs),
		cmocka_unit_test(memory_may_run_out_anywhere),
		cmocka_unit_test(each_message_may_be_cut_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/msg.h"

#include <errno.h>

/* Parses a copy that has no byte too many around it. */
struct parsed {
	struct pool *pool;
	struct str text;
	struct sip_msg msg;
	struct sip_error error;
	int err;
};

static void parse(struct parsed *r, struct str text, bool is_stream)
{
	memset(r, 0, sizeof(*r));
	r->pool = pool_test();
	r->text = text_alone(text);
	r->err = sip_msg_parse(&r->msg, r->pool, r->text, is_stream, &r->error);
}

static void release(struct parsed *r)
{
	pool_drop(&r->pool);
	text_free(r->text);
}

static void a_request_is_indexed(void **state)
{
	static const char text[] = "INVITE sip:bob@b SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP a\r\n"
				   "f\t : <sip:a@a>;tag=1 \t\r\n"
				   "X-Odd:\r\n"
				   "subject :one\r\n\ttwo\r\n  \r\n three  \r\n"
				   "v:  SIP/2.0/UDP b\r\n"
				   "x-odd: 2\r\n"
				   "L: 4\r\n"
				   "\r\n"
				   "bodyrest";
	struct parsed r;
	struct sip_hdr *h;
	unsigned n = 0;

	(void)state;
	parse(&r, str_z(text), false);
	assert_int_equal(r.err, 0);
	assert_true(r.msg.is_request);
	assert_str(r.msg.first_line, "INVITE sip:bob@b SIP/2.0");
	assert_str(r.msg.version, "SIP/2.0");
	assert_int_equal(r.msg.method, METHOD_INVITE);
	assert_str(r.msg.method_text, "INVITE");
	assert_str(r.msg.ruri, "sip:bob@b");
	assert_true(r.msg.has_clen);
	assert_str(r.msg.body, "body");
	assert_int_equal(r.msg.buf.n, sizeof(text) - 1 - 4);
	assert_ptr_equal(r.msg.buf.p, r.text.p);
	assert_ptr_equal(r.msg.headers.p, str_end(r.msg.first_line) + 2);
	assert_ptr_equal(str_end(r.msg.headers) + 2, r.msg.body.p);
	for (h = r.msg.hdrs; h; h = h->next) {
		n++;
		assert_null(h->parsed);
		assert_true(str_end(h->whole)[-1] == '\n');
		assert_ptr_equal(h->name.p, h->whole.p);
		assert_ptr_equal(h->next ? h->next->whole.p : r.msg.body.p - 2, str_end(h->whole));
	}
	assert_int_equal(n, 7);
	h = r.msg.first[HDR_VIA];
	assert_str(h->body, "SIP/2.0/UDP a");
	assert_str(h->next_same->name, "v");
	assert_str(h->next_same->body, "SIP/2.0/UDP b");
	assert_null(h->next_same->next_same);
	h = r.msg.first[HDR_FROM];
	assert_str(h->name, "f");
	assert_str(h->body, "<sip:a@a>;tag=1");
	assert_str(h->whole, "f\t : <sip:a@a>;tag=1 \t\r\n");
	h = r.msg.first[HDR_SUBJECT];
	assert_str(h->body, "one\r\n\ttwo\r\n  \r\n three");
	assert_str(sip_unfold(r.pool, h->body), "one two three");
	h = sip_msg_find(&r.msg, STR("X-ODD"));
	assert_str(h->body, "");
	assert_str(sip_hdr_next(h)->body, "2");
	assert_null(sip_hdr_next(sip_hdr_next(h)));
	assert_null(sip_msg_find(&r.msg, STR("X-Even")));
	assert_ptr_equal(sip_msg_find(&r.msg, STR("S")), r.msg.first[HDR_SUBJECT]);
	assert_ptr_equal(sip_hdr_next(r.msg.first[HDR_VIA]), r.msg.first[HDR_VIA]->next_same);
	assert_null(sip_msg_find(&r.msg, STR("Route")));
	release(&r);
}

static void a_response_is_indexed(void **state)
{
	struct parsed r;

	(void)state;
	parse(&r, STR("sip/2.0 699  Odd  phrase \r\nl: 0\r\n\r\n"), true);
	assert_int_equal(r.err, 0);
	assert_false(r.msg.is_request);
	assert_int_equal(r.msg.status, 699);
	assert_str(r.msg.version, "sip/2.0");
	assert_str(r.msg.reason, " Odd  phrase ");
	assert_str(r.msg.body, "");
	assert_str(r.msg.ruri, NULL);
	release(&r);
	parse(&r, STR("SIP/2.0 100 \r\n\r\n"), false);
	assert_int_equal(r.err, 0);
	assert_str(r.msg.reason, "");
	assert_null(r.msg.hdrs);
	assert_int_equal(r.msg.headers.n, 0);
	release(&r);
}

static void methods_are_told_by_exact_name(void **state)
{
	(void)state;
#define X(m)                                                  \
	assert_int_equal(sip_method_of(STR(#m)), METHOD_##m); \
	assert_int_equal(sip_method_of(STR(#m "x")), METHOD_OTHER);
	METHOD_TABLE(X)
#undef X
	assert_int_equal(sip_method_of(STR("invite")), METHOD_OTHER);
	assert_int_equal(sip_method_of(STR("RE%47IST%45R")), METHOD_OTHER);
	assert_int_equal(sip_method_of(STR("")), METHOD_OTHER);
	assert_int_equal(sip_method_of(STR_NULL), METHOD_OTHER);
}

static void empty_lines_before_the_first_are_passed_over(void **state)
{
	struct parsed r;

	(void)state;
	parse(&r, STR("\r\n\r\nBYE sip:a SIP/2.0\r\nl: 1\r\n\r\nxy"), false);
	assert_int_equal(r.err, 0);
	assert_ptr_equal(r.msg.buf.p, r.text.p + 4);
	assert_ptr_equal(str_end(r.msg.buf), str_end(r.text) - 1);
	release(&r);
}

static void without_content_length_a_datagram_ends_the_body(void **state)
{
	struct parsed r;

	(void)state;
	parse(&r, STR("BYE sip:a SIP/2.0\r\nZ:y\r\n\r\nall of it"), false);
	assert_int_equal(r.err, 0);
	assert_false(r.msg.has_clen);
	assert_str(r.msg.body, "all of it");
	release(&r);
}

static const struct {
	const char *in_z;
	int status;
	const char *at_z; /* the error is where this begins; NULL: at the end */
	enum hdr_id hdr;
	const char *what_z;
	bool is_stream;
} bad[] = {
	{ "", 400, NULL, HDR_OTHER, "empty message", false },
	{ "\r\n\r\n", 400, NULL, HDR_OTHER, "empty message", false },
	{ "\r", 400, "\r", HDR_OTHER, "carriage return without line feed", false },
	{ "A sip:a SIP/2.0", 400, NULL, HDR_OTHER, "first line not ended by CRLF", false },
	{ "A sip:a SIP/2.0\r\n", 400, NULL, HDR_OTHER, "no empty line behind the header fields",
	  false },
	{ "A sip:a SIP/2.0\r\nZ: y\r\n", 400, NULL, HDR_OTHER,
	  "no empty line behind the header fields", false },
	{ "A sip:a SIP/2.0\r\nZ: y", 400, NULL, HDR_OTHER, "header field not ended by CRLF",
	  false },
	{ "A sip:a SIP/2.0\r\nZ: y\r\n z", 400, NULL, HDR_OTHER, "header field not ended by CRLF",
	  false },
	{ "A sip:a SIP/2.0\r\n\rZ: y\r\n\r\n", 400, "\rZ", HDR_OTHER, "malformed header field name",
	  false },
	{ "A sip:a SIP/2.0\nZ: y\r\n\r\n", 400, "\n", HDR_OTHER,
	  "line feed without carriage return", false },
	{ "A sip:a SIP/2.0\r\nZ: y\n\r\n", 400, "\n\r", HDR_OTHER,
	  "line feed without carriage return", false },
	{ "A sip:a SIP/2.0\r\nZ: y\r\n\nend", 400, "\nend", HDR_OTHER,
	  "line feed without carriage return", false },
	{ "A sip:a SIP/2.0\r\nZ: y\rZ: x\r\n\r\n", 400, "\rZ", HDR_OTHER,
	  "carriage return without line feed", false },
	{ "A sip:a SIP/2.0\r\nZ: y\r\r\n\r\n", 400, "\r\r", HDR_OTHER,
	  "carriage return without line feed", false },
	{ " A sip:a SIP/2.0\r\n\r\n", 400, " A", HDR_OTHER, "malformed method", false },
	{ "A@ sip:a SIP/2.0\r\n\r\n", 400, "@", HDR_OTHER, "malformed method", false },
	{ "A\tsip:a SIP/2.0\r\n\r\n", 400, "\t", HDR_OTHER, "malformed method", false },
	{ "A\r\n\r\n", 400, "\r\n\r\n", HDR_OTHER, "no Request-URI", false },
	{ "A sip:a\r\n\r\n", 400, " sip", HDR_OTHER, "no SIP version", false },
	{ "A  SIP/2.0\r\n\r\n", 400, " SIP", HDR_OTHER, "white space in the request line", false },
	{ "A  sip:a SIP/2.0\r\n\r\n", 400, " sip", HDR_OTHER, "white space in the request line",
	  false },
	{ "A sip:a  SIP/2.0\r\n\r\n", 400, "  SIP", HDR_OTHER, "white space in the request line",
	  false },
	{ "A sip:a SIP/2.0 \r\n\r\n", 400, " SIP", HDR_OTHER, "white space in the request line",
	  false },
	{ "A sip:a\tb SIP/2.0\r\n\r\n", 400, "\tb", HDR_OTHER, "white space in the request line",
	  false },
	{ "A sip:a SIP/3.0\r\n\r\n", 505, "SIP/", HDR_OTHER, "SIP version not supported", false },
	{ "A sip:a SIP/2.01\r\n\r\n", 505, "SIP/", HDR_OTHER, "SIP version not supported", false },
	{ "A sip:a SIP/2\r\n\r\n", 400, "SIP/", HDR_OTHER, "malformed SIP version", false },
	{ "A sip:a SIP/2.\r\n\r\n", 400, "SIP/", HDR_OTHER, "malformed SIP version", false },
	{ "A sip:a SIP/.0\r\n\r\n", 400, "SIP/", HDR_OTHER, "malformed SIP version", false },
	{ "A sip:a SIP/2.0x\r\n\r\n", 400, "SIP/", HDR_OTHER, "malformed SIP version", false },
	{ "A sip:a HTTP/1.1\r\n\r\n", 400, "HTTP", HDR_OTHER, "malformed SIP version", false },
	{ "SIP/3.0 200 OK\r\n\r\n", 505, "SIP/", HDR_OTHER, "SIP version not supported", false },
	{ "SIP/2.0\r\n\r\n", 400, "\r\n\r\n", HDR_OTHER, "malformed status code", false },
	{ "SIP/2.0 20 OK\r\n\r\n", 400, "20 ", HDR_OTHER, "malformed status code", false },
	{ "SIP/2.0  200 OK\r\n\r\n", 400, " 200", HDR_OTHER, "malformed status code", false },
	{ "SIP/2.0 200\r\n\r\n", 400, "\r\n\r\n", HDR_OTHER, "malformed status line", false },
	{ "SIP/2.0 2000 OK\r\n\r\n", 400, "0 OK", HDR_OTHER, "malformed status line", false },
	{ "SIP/2.0 099 OK\r\n\r\n", 400, "099", HDR_OTHER, "status code out of range", false },
	{ "SIP/2.0 700 OK\r\n\r\n", 400, "700", HDR_OTHER, "status code out of range", false },
	{ "A sip:a SIP/2.0\r\n Z: y\r\n\r\n", 400, " Z", HDR_OTHER, "malformed header field name",
	  false },
	{ "A sip:a SIP/2.0\r\nZ y\r\n\r\n", 400, "y\r", HDR_OTHER, "header field without a colon",
	  false },
	{ "A sip:a SIP/2.0\r\nZ\r\n :y\r\n\r\n", 400, "\r\n :y", HDR_OTHER,
	  "header field without a colon", false },
	{ "A sip:a SIP/2.0\r\n: y\r\n\r\n", 400, ": y", HDR_OTHER, "malformed header field name",
	  false },
	{ "A sip:a SIP/2.0\r\nZ@: y\r\n\r\n", 400, "@", HDR_OTHER, "header field without a colon",
	  false },
	{ "A sip:a SIP/2.0\r\nTo: y\r\nZ: y\r\nt : y\r\n\r\n", 400, "t :", HDR_TO, "repeated To",
	  false },
	{ "A sip:a SIP/2.0\r\nl: 0\r\nl: 0\r\n\r\n", 400, "l: 0\r\n\r\n", HDR_CONTENT_LENGTH,
	  "repeated Content-Length", false },
	{ "A sip:a SIP/2.0\r\nl: 1\r\n\r\n", 400, "1", HDR_CONTENT_LENGTH,
	  "Content-Length larger than the message", false },
	{ "A sip:a SIP/2.0\r\nl:\r\n\r\n", 400, "\r\n\r\n", HDR_CONTENT_LENGTH,
	  "empty Content-Length", false },
	{ "A sip:a SIP/2.0\r\nl: -1\r\n\r\n", 400, "-1", HDR_CONTENT_LENGTH,
	  "negative Content-Length", false },
	{ "A sip:a SIP/2.0\r\nl: +1\r\n\r\n", 400, "+1", HDR_CONTENT_LENGTH,
	  "malformed Content-Length", false },
	{ "A sip:a SIP/2.0\r\nl: 0x1\r\n\r\n", 400, "0x", HDR_CONTENT_LENGTH,
	  "malformed Content-Length", false },
	{ "A sip:a SIP/2.0\r\nl: 0, 0\r\n\r\n", 400, "0, 0", HDR_CONTENT_LENGTH,
	  "malformed Content-Length", false },
	{ "A sip:a SIP/2.0\r\nl: 4294967296\r\n\r\n", 400, "4294", HDR_CONTENT_LENGTH,
	  "Content-Length too large", false },
	{ "A sip:a SIP/2.0\r\nl: 18446744073709551616\r\n\r\n", 400, "1844", HDR_CONTENT_LENGTH,
	  "Content-Length too large", false },
	{ "A sip:a SIP/2.0\r\nZ: y\r\n\r\nbody", 400, "body", HDR_CONTENT_LENGTH,
	  "missing Content-Length", true },
};

static void bad_messages_are_rejected_with_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct str in = str_z(bad[i].in_z);
		size_t offset = bad[i].at_z ? (size_t)str_find(in, str_z(bad[i].at_z)) : in.n;
		struct parsed r;

		parse(&r, in, bad[i].is_stream);
		if (r.err != -EBADMSG)
			fail_msg("%s: %d", bad[i].in_z, r.err);
		assert_int_equal(r.error.status, bad[i].status);
		assert_int_equal(r.msg.has_clen, bad[i].hdr == HDR_CONTENT_LENGTH &&
							 (strstr(bad[i].what_z, "larger") ||
							  strstr(bad[i].what_z, "repeated")));
		assert_string_equal(r.error.what, bad[i].what_z);
		assert_int_equal(r.error.hdr, bad[i].hdr);
		if (r.error.offset != offset)
			fail_msg("%s: offset %zu, expected %zu", bad[i].in_z, r.error.offset,
				 offset);
		release(&r);
	}
}

/* A 400 needs Via, From, To, Call-ID and CSeq; an ACK must be known as one. */
static void what_a_reply_needs_is_read_from_a_bad_message(void **state)
{
	struct parsed r;

	(void)state;
	parse(&r,
	      STR("ACK  sip:a SIP/2.0\r\nno colon\r\nVia: 1\nFrom: 2\r\nZ: \ry\r\nTo: 3\r\nTo: "
		  "4\r\n"
		  "i: 5\r\nCSeq: 6 ACK\r\n"),
	      false);
	assert_int_equal(r.err, -EBADMSG);
	assert_true(r.msg.is_request);
	assert_int_equal(r.msg.method, METHOD_ACK);
	assert_str(r.msg.first[HDR_VIA]->body, "1");
	assert_str(r.msg.first[HDR_FROM]->body, "2");
	assert_str(r.msg.first[HDR_TO]->body, "3");
	assert_str(sip_msg_call_id(&r.msg), "5");
	assert_str(r.msg.first[HDR_CSEQ]->body, "6 ACK");
	assert_string_equal(r.error.what, "white space in the request line");
	release(&r);
}

static void once_is_once_and_lists_are_not(void **state)
{
	static const struct {
		enum hdr_id id;
		const char *name_z;
		unsigned flags;
	} rows[] = {
#define X(id, name, compact, flags) { HDR_##id, name, flags },
		HDR_TABLE(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[256];
		struct parsed r;
		int n = snprintf(text, sizeof(text),
				 "A sip:a SIP/2.0\r\n%s: 0\r\nZ: y\r\n%s: 0\r\n\r\n",
				 rows[i].name_z, rows[i].name_z);

		parse(&r, str_of(text, (size_t)n), false);
		assert_int_equal(r.err, rows[i].flags & HDR_ONCE ? -EBADMSG : 0);
		if (r.err) {
			assert_int_equal(r.error.hdr, rows[i].id);
			assert_true(str_starts(str_z(r.error.what), STR("repeated ")));
			assert_string_equal(r.error.what + 9, rows[i].name_z);
		}
		release(&r);
	}
}

static size_t many(char *text, size_t size, unsigned n)
{
	size_t at = (size_t)snprintf(text, size, "A sip:a SIP/2.0\r\n");

	while (n--)
		at += (size_t)snprintf(text + at, size - at, "Z: y\r\n");
	return at + (size_t)snprintf(text + at, size - at, "\r\n");
}

static void the_number_of_header_fields_is_bounded(void **state)
{
	static char text[8192];
	struct parsed r;

	(void)state;
	parse(&r, str_of(text, many(text, sizeof(text), 512)), false);
	assert_int_equal(r.err, 0);
	release(&r);
	parse(&r, str_of(text, many(text, sizeof(text), 513)), false);
	assert_int_equal(r.err, -EBADMSG);
	assert_string_equal(r.error.what, "too many header fields");
	release(&r);
}

static void a_name_with_a_nul_behind_it_is_not_that_name(void **state)
{
	struct parsed r;

	(void)state;
	parse(&r, STR("A sip:a SIP/2.0\r\nTo: y\r\nVia\0: SIP/2.0/UDP a\r\n\r\n"), false);
	assert_int_equal(r.err, -EBADMSG);
	assert_string_equal(r.error.what, "header field without a colon");
	assert_null(r.msg.first[HDR_VIA]);
	release(&r);
}

static bool parse_many(struct pool *p, void *arg)
{
	struct sip_error error;
	struct sip_msg msg;
	int err = sip_msg_parse(&msg, p, *(struct str *)arg, false, &error);

	assert_true(err == 0 || err == -ENOMEM);
	return err == 0;
}

static void no_memory_is_told(void **state)
{
	static char text[8192];
	struct str s = str_of(text, many(text, sizeof(text), 100));

	(void)state;
	each_allocation_fails(parse_many, &s);
}

static bool parse_head(struct pool *p, void *arg)
{
	struct sip_msg msg;

	return sip_msg_parse_head(&msg, p, *(struct str *)arg);
}

static void a_head_ends_where_an_answer_can_be_made(void **state)
{
	static const char text[] = "\r\nINVITE sip:bob@b SIP/2.0\r\n"
				   "Via: SIP/2.0/UDP a\r\n"
				   "X-Odd: 1\r\n"
				   "f: <sip:a@a>\r\n ;tag=1\r\n"
				   "To: <sip:b@b>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
				   "Contact: <sip:a@a>\r\n"
				   "v: SIP/2.0/UDP b,\r\n  SIP/2.0/UDP c\r\n"
				   "Subject: one\r\n Via: not one\r\n"
				   "VIA: SIP/2.0/UDP d\r\n\r\n"
				   "v=0\r\n";
	struct str s = str_of(text, sizeof(text) - 1);
	struct pool *p = pool_test();
	struct sip_msg msg;

	(void)state;
	assert_true(sip_msg_parse_head(&msg, p, s));
	assert_int_equal(msg.method, METHOD_INVITE);
	assert_str(msg.ruri, "sip:bob@b");
	assert_str(msg.first[HDR_VIA]->next_same->body, "SIP/2.0/UDP b,\r\n  SIP/2.0/UDP c");
	assert_str(msg.first[HDR_VIA]->next_same->next_same->body, "SIP/2.0/UDP d");
	assert_null(msg.first[HDR_VIA]->next_same->next_same->next_same);
	assert_str(msg.first[HDR_FROM]->body, "<sip:a@a>\r\n ;tag=1");
	assert_null(msg.first[HDR_CONTACT]);
	pool_drop(&p);
	each_allocation_fails(parse_head, &s);
}

static void a_head_without_what_an_answer_needs_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"INVITE sip:bob@b SIP/2.0\r\n",
		"INVITE sip:bob@b SIP/3.0\r\nVia: a\r\nf: b\r\nt: c\r\ni: d\r\nCSeq: e\r\n\r\n",
		"INVITE sip:bob@b SIP/2.0\r\nVia: a\r\nf: b\r\nt: c\r\nCSeq: e\r\n\r\ni: d\r\n",
		"BYE sip:b SIP/2.0\r\nv: a\r\nf: b\r\nf: b\r\nt: c\r\ni: d\r\nCSeq: e\r\n\r\n",
		"INVITE sip:bob@b SIP/2.0\r\nVia: a\r\nf: b\r\nt: c\r\ni: d\r\nCSeq: e",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct pool *p = pool_test();
		struct sip_msg msg;

		assert_false(sip_msg_parse_head(&msg, p, str_z(texts[i])));
		pool_drop(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_indexed),
		cmocka_unit_test(a_response_is_indexed),
		cmocka_unit_test(methods_are_told_by_exact_name),
		cmocka_unit_test(empty_lines_before_the_first_are_passed_over),
		cmocka_unit_test(without_content_length_a_datagram_ends_the_body),
		cmocka_unit_test(bad_messages_are_rejected_with_the_place),
		cmocka_unit_test(what_a_reply_needs_is_read_from_a_bad_message),
		cmocka_unit_test(once_is_once_and_lists_are_not),
		cmocka_unit_test(the_number_of_header_fields_is_bounded),
		cmocka_unit_test(a_name_with_a_nul_behind_it_is_not_that_name),
		cmocka_unit_test(no_memory_is_told),
		cmocka_unit_test(a_head_ends_where_an_answer_can_be_made),
		cmocka_unit_test(a_head_without_what_an_answer_needs_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

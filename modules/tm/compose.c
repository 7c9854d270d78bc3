/* SPDX-License-Identifier: BSD-2-Clause */
/* What every request needs, around what its maker says. */
#include "modules/tm/compose.h"

#define PLACE	   "Via: SIP/2.0/UDP 0.0.0.0;branch=z9hG4bKu\r\n"
#define GENERAL	   400 /* all that is added, without the Request-URI, which may stand in To */
#define TAG_DIGITS 16
#define CSEQ	   10 /* of a request that begins something, as the family has it */

static void random_put(struct buf *b)
{
	uint64_t v;

	random_bytes(&v, sizeof(v));
	buf_hex(b, v, TAG_DIGITS);
}

static void line_put(struct buf *b, const char *name_z, struct str value)
{
	if (str_is_null(value))
		return;
	buf_str_put(b, str_z(name_z));
	buf_lit(b, ": ");
	buf_str_put(b, value);
	buf_lit(b, "\r\n");
}

/* It stays in its line. */
static bool is_value(struct str s)
{
	return str_chr(s, '\r') < 0 && str_chr(s, '\n') < 0;
}

static void cseq_put(struct buf *b, const struct tm_request *r, uint32_t number)
{
	buf_lit(b, "CSeq: ");
	buf_uint(b, number);
	buf_char(b, ' ');
	buf_str_put(b, r->method);
	buf_lit(b, "\r\n");
}

/* First line, place of the Via, and what the maker says, as it says it: to be looked at. */
static struct str draft(struct pool *p, const struct tm_request *r, size_t cap)
{
	struct buf b = buf_over(pool_alloc(p, cap), cap);

	if (!b.p)
		return STR_NULL;
	buf_str_put(&b, r->method);
	buf_char(&b, ' ');
	buf_str_put(&b, r->ruri);
	buf_lit(&b, " SIP/2.0\r\n" PLACE);
	line_put(&b, "From", r->from);
	line_put(&b, "To", r->to);
	line_put(&b, "Call-ID", r->call_id);
	if (r->cseq)
		cseq_put(&b, r, r->cseq);
	buf_str_put(&b, r->headers);
	if (r->headers.n && r->headers.p[r->headers.n - 1] != '\n')
		buf_lit(&b, "\r\n");
	buf_lit(&b, "\r\n");
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

/* What is not the maker's to say is left out; the sender has a tag. */
static void lines_put(struct buf *b, struct sip_msg *msg)
{
	struct sip_nameaddr *from;
	bool tagged = !sip_msg_nameaddr(msg, HDR_FROM, &from) && !str_is_null(from->tag);

	for (const struct sip_hdr *h = msg->hdrs; h; h = h->next) {
		if (h->id == HDR_CONTENT_LENGTH)
			continue;
		if (h->id != HDR_FROM || tagged) {
			buf_str_put(b, h->whole);
			continue;
		}
		buf_lit(b, "From: ");
		buf_str_put(b, h->body);
		buf_lit(b, ";tag=");
		random_put(b);
		buf_lit(b, "\r\n");
	}
}

static void missing_put(struct buf *b, const struct sip_msg *msg, const struct tm_request *r)
{
	if (!msg->first[HDR_TO]) {
		buf_lit(b, "To: <");
		buf_str_put(b, r->ruri);
		buf_lit(b, ">\r\n");
	}
	if (!msg->first[HDR_CALL_ID]) {
		buf_lit(b, "Call-ID: ");
		random_put(b);
		random_put(b);
		buf_lit(b, "\r\n");
	}
	if (!msg->first[HDR_CSEQ])
		cseq_put(b, r, CSEQ);
	if (!msg->first[HDR_MAX_FORWARDS])
		buf_lit(b, "Max-Forwards: 70\r\n");
}

/* NULL or what is wrong, in words for whoever wrote the script. */
static const char *fault_of(const struct tm_request *r)
{
	struct sip_uri u;

	if (str_eq(r->method, STR("ACK")) || str_eq(r->method, STR("CANCEL")))
		return "ACK and CANCEL belong to an INVITE: they have no transaction of their own";
	if (!r->method.n || !is_value(r->method) || str_chr(r->method, ' ') >= 0)
		return "the method is no word";
	if (uri_parse(r->ruri, &u, NULL))
		return "the Request-URI is not a URI";
	if (!is_value(r->from) || !is_value(r->to) || !is_value(r->call_id))
		return "a value has a line end in it";
	return NULL;
}

static const char *parsed_fault(const struct sip_msg *msg, struct str text,
				const struct tm_request *r)
{
	if (str_end(msg->headers) + strlen("\r\n") != str_end(text))
		return "there is an empty line among the header lines";
	if (!msg->first[HDR_FROM])
		return "there is no From";
	if (msg->first[HDR_VIA]->next_same)
		return "the Via is not the maker's to give";
	if (r->body.n && !msg->first[HDR_CONTENT_TYPE])
		return "a body needs a Content-Type";
	return NULL;
}

struct str compose_request(struct pool *p, const struct tm_request *r, const char **wrong_r)
{
	size_t cap = GENERAL + r->method.n * 3 + r->ruri.n * 2 + r->from.n + r->to.n +
		     r->call_id.n + r->headers.n + r->body.n;
	struct sip_error error = { .what = "no memory" };
	struct sip_msg msg;
	struct str text;
	struct buf b;

	*wrong_r = fault_of(r);
	if (*wrong_r)
		return STR_NULL;
	text = draft(p, r, cap);
	b = buf_over(pool_alloc(p, cap), cap);
	if (str_is_null(text) || !b.p || sip_msg_parse(&msg, p, text, false, &error)) {
		*wrong_r = error.what;
		return STR_NULL;
	}
	*wrong_r = parsed_fault(&msg, text, r);
	if (*wrong_r)
		return STR_NULL;
	buf_str_put(&b, str_between(text.p, msg.hdrs->whole.p));
	lines_put(&b, &msg);
	missing_put(&b, &msg, r);
	buf_lit(&b, "Content-Length: ");
	buf_uint(&b, r->body.n);
	buf_lit(&b, "\r\n\r\n");
	buf_str_put(&b, r->body);
	*wrong_r = buf_ok(&b) ? NULL : "it is too long";
	return *wrong_r ? STR_NULL : buf_str(&b);
}

/* --- ACK -------------------------------------------------------------------------------------------------------------------------------- */

#define ROUTES_MAX 64u

static void copy_put(struct buf *b, const struct sip_msg *msg, enum hdr_id id)
{
	for (const struct sip_hdr *h = msg->first[id]; h; h = h->next_same)
		buf_str_put(b, h->whole);
}

/* RFC 3261 12.1.2: the Record-Routes in the other order. */
static void routes_put(struct buf *b, const struct sip_msg *reply)
{
	struct str values[ROUTES_MAX], rest;
	unsigned n = 0;

	for (const struct sip_hdr *h = reply->first[HDR_RECORD_ROUTE]; h; h = h->next_same) {
		rest = h->body;
		while (n < ROUTES_MAX && sip_list_next(&rest, &values[n]))
			n++;
	}
	while (n)
		line_put(b, "Route", values[--n]);
}

struct str compose_ack(struct pool *p, const struct sip_msg *sent, struct sip_msg *reply)
{
	size_t cap = GENERAL + sent->buf.n + 2 * reply->buf.n;
	struct buf b = buf_over(pool_alloc(p, cap), cap);
	struct sip_nameaddr *contact;
	struct sip_cseq cseq;

	if (!b.p || sip_msg_nameaddr(reply, HDR_CONTACT, &contact) || contact->is_star ||
	    sip_msg_cseq(reply, &cseq))
		return STR_NULL;
	buf_lit(&b, "ACK ");
	buf_str_put(&b, contact->uri);
	buf_lit(&b, " SIP/2.0\r\n" PLACE "Max-Forwards: 70\r\n");
	routes_put(&b, reply);
	copy_put(&b, sent, HDR_FROM);
	copy_put(&b, reply, HDR_TO);
	copy_put(&b, sent, HDR_CALL_ID);
	buf_lit(&b, "CSeq: ");
	buf_uint(&b, cseq.number);
	buf_lit(&b, " ACK\r\nContent-Length: 0\r\n\r\n");
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

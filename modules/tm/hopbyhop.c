/* SPDX-License-Identifier: BSD-2-Clause */
/* How the two are made of the INVITE as it was sent. */
#include "modules/tm/hopbyhop.h"

#define GENERAL 128 /* first line without URI, Max-Forwards, Content-Length, line ends */

static void lines_put(struct buf *b, const struct sip_msg *msg, enum hdr_id id)
{
	for (const struct sip_hdr *h = msg->first[id]; h; h = h->next_same)
		buf_str_put(b, h->whole);
}

static struct str make(struct pool *p, struct worker *w, const struct body *body, struct str sent,
		       struct str method, struct str to, struct str headers)
{
	size_t cap = sent.n + to.n + headers.n + GENERAL;
	struct buf b = buf_over(pool_alloc(p, cap), cap);
	struct ctx *s = ctx_of_text(w, &body->from, sent);
	const struct sip_msg *msg;
	struct sip_cseq cseq;

	if (!s || !b.p || sip_msg_cseq(s->msg, &cseq)) {
		if (s)
			ctx_give(s);
		return STR_NULL;
	}
	msg = s->msg;
	buf_str_put(&b, method);
	buf_char(&b, ' ');
	buf_str_put(&b, msg->ruri);
	buf_lit(&b, " SIP/2.0\r\n");
	buf_lit(&b, "Via: ");
	buf_str_put(&b, s->via->whole);
	buf_lit(&b, "\r\n");
	lines_put(&b, msg, HDR_ROUTE);
	buf_lit(&b, "Max-Forwards: 70\r\n");
	lines_put(&b, msg, HDR_FROM);
	if (str_is_null(to)) {
		lines_put(&b, msg, HDR_TO);
	} else {
		buf_lit(&b, "To: ");
		buf_str_put(&b, to);
		buf_lit(&b, "\r\n");
	}
	lines_put(&b, msg, HDR_CALL_ID);
	buf_lit(&b, "CSeq: ");
	buf_uint(&b, cseq.number);
	buf_char(&b, ' ');
	buf_str_put(&b, method);
	buf_lit(&b, "\r\n");
	buf_str_put(&b, headers);
	buf_lit(&b, "Content-Length: 0\r\n\r\n");
	ctx_give(s);
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

struct str cancel_make(struct pool *p, struct worker *w, const struct body *b, struct str sent,
		       struct str headers)
{
	return make(p, w, b, sent, STR("CANCEL"), STR_NULL, headers);
}

struct str ack_make(struct pool *p, struct worker *w, const struct body *b, struct str sent,
		    struct str to)
{
	return make(p, w, b, sent, STR("ACK"), to, STR_NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Stateless answers (RFC 3261 8.2.6, 8.2.7). */
#include "core/msg/reply.h"

#include "core/msg/drop.h"
#include "core/msg/hop.h"
#include "core/msg/stateful.h"
#include "core/msg/waiting.h"

#include <errno.h>

#define TAG_DIGITS    16
#define REPLY_GENERAL 256 /* first line without reason, tag, Content-Length, line ends */

uint16_t via_port(const struct sip_via *via, const struct transport *t)
{
	return via->port ? via->port : t->port;
}

void reply_target(struct ctx *ctx, struct target *t_r)
{
	const struct sip_via *via = ctx->via;
	const struct origin *from = &ctx->from;
	bool maddr_is = false;
	struct addr maddr;

	*t_r = (struct target){ .transport = from->transport,
				.addr = from->src,
				.from = from->listener,
				.conn = from->conn,
				.block_ignore = ctx->block_ignore_reply };
	/* On a stream the address serves only when the connection is gone: a new one goes to the sent-by port. */
	hop_of_via(ctx, via, t_r);
	maddr_is = !from->transport->reliable && via->maddr.n && !addr_parse(via->maddr, &maddr) &&
		   !addr_is_multicast(&maddr) && !addr_is_broadcast(&maddr) &&
		   !addr_is_any(&maddr) && maddr.sa.sa_family == from->src.sa.sa_family;
	/* RFC 3581 4: rport counts where there is no maddr */
	if (!from->transport->reliable && !maddr_is &&
	    (ctx->force_rport || !str_is_null(via->rport)))
		return;
	addr_set_port(&t_r->addr, via_port(via, from->transport));
	if (maddr_is) {
		addr_set_port(&maddr, addr_port(&t_r->addr));
		t_r->addr = maddr;
	}
}

/* Equal for INVITE, CANCEL and ACK, and for a retransmission in any worker (RFC 3261 8.2.7, 9.2). */
static void tag_put(struct ctx *ctx, struct buf *b)
{
	buf_hex(b, via_mac(msg_key(ctx), 'g', ctx->msg, ctx->via), TAG_DIGITS);
}

bool reply_ack_is_ours(struct ctx *ctx)
{
	char tag[TAG_DIGITS];
	struct buf b = BUF_ON(tag);
	struct sip_nameaddr *to;

	if (ctx->msg->method != METHOD_ACK || sip_msg_nameaddr(ctx->msg, HDR_TO, &to) ||
	    to->tag.n != TAG_DIGITS)
		return false;
	tag_put(ctx, &b);
	return str_eq(to->tag, buf_str(&b));
}

/* One header field as received; a message that is answered 400 may lack its last line end. */
static void field_put(struct buf *b, const struct sip_hdr *h, struct str name)
{
	buf_str_put(b, name);
	buf_lit(b, ": ");
	buf_str_put(b, h->body);
	buf_lit(b, "\r\n");
}

static bool copied(unsigned status, enum hdr_id id, const struct sip_hdr *h)
{
	switch (id) {
	case HDR_VIA:
	case HDR_FROM:
	case HDR_TO:
	case HDR_CALL_ID:
	case HDR_CSEQ:
		return true;
	case HDR_RECORD_ROUTE:
		return status > 100 && status < 300; /* RFC 3261 12.1.1 */
	case HDR_OTHER:
		return status == 100 && str_eq_nocase(h->name, STR("Timestamp"));
	default:
		return false;
	}
}

static void via_put(struct ctx *ctx, const struct sip_hdr *h, const struct edit *stamp,
		    struct buf *b)
{
	size_t at = (size_t)(h->body.p - ctx->msg->buf.p);

	if (!stamp || h != ctx->via->hdr) {
		field_put(b, h, STR("Via"));
		return;
	}
	buf_lit(b, "Via: ");
	buf_mem(b, h->body.p, stamp->at - at);
	buf_str_put(b, stamp->text);
	buf_str_put(b, str_skip(h->body, stamp->at - at + stamp->drop));
	buf_lit(b, "\r\n");
}

static void to_put(struct ctx *ctx, const struct sip_hdr *h, unsigned status, struct buf *b)
{
	struct sip_nameaddr *to;

	buf_lit(b, "To: ");
	buf_str_put(b, h->body);
	if (status != 100 && !sip_msg_nameaddr(ctx->msg, HDR_TO, &to) && str_is_null(to->tag)) {
		buf_lit(b, ";tag=");
		tag_put(ctx, b);
	}
	buf_lit(b, "\r\n");
}

static void reply_put(struct ctx *ctx, unsigned status, struct str reason, struct str headers,
		      const struct edit *stamp, struct buf *b)
{
	const struct msg_conf *c = msg_conf_of(ctx->conf);

	buf_lit(b, "SIP/2.0 ");
	buf_uint(b, status);
	buf_char(b, ' ');
	buf_str_put(b, reason);
	buf_lit(b, "\r\n");
	for (const struct sip_hdr *h = ctx->msg->hdrs; h; h = h->next) {
		if (!copied(status, h->id, h))
			continue;
		if (h->id == HDR_VIA)
			via_put(ctx, h, stamp, b);
		else if (h->id == HDR_TO)
			to_put(ctx, h, status, b);
		else
			field_put(b, h, h->id == HDR_OTHER ? h->name : hdr_name(h->id));
	}
	if (c->server_signature && c->server_header.n) {
		buf_str_put(b, c->server_header);
		buf_lit(b, "\r\n");
	}
	buf_str_put(b, ctx->reply_headers);
	buf_str_put(b, headers);
	if (status > 100)
		buf_str_put(b, ctx->reply_type);
	buf_lit(b, "Content-Length: ");
	buf_uint(b, status > 100 ? ctx->reply_body.n : 0);
	buf_lit(b, "\r\n\r\n");
	if (status > 100)
		buf_str_put(b, ctx->reply_body);
}

static size_t reply_size(struct ctx *ctx, struct str reason, struct str headers, size_t stamp_n)
{
	size_t n = REPLY_GENERAL + reason.n + headers.n + stamp_n + ctx->reply_headers.n +
		   ctx->reply_type.n + ctx->reply_body.n + msg_conf_of(ctx->conf)->server_header.n +
		   ctx->msg->buf.n;

	/* compact names are written out: the longest of them, Record-Route, has none */
	for (const struct sip_hdr *h = ctx->msg->hdrs; h; h = h->next)
		n += sizeof("Call-ID: \r\n");
	return n;
}

static bool may_answer(const struct ctx *ctx)
{
	return ctx->msg->is_request && ctx->msg->method != METHOD_ACK && ctx->via && !ctx->is_event;
}

int reply_make(struct ctx *ctx, unsigned status, struct str reason, struct str headers,
	       struct str *text_r)
{
	struct edit stamp = { 0 };
	struct buf b;
	size_t size;
	bool stamped;
	int err;

	if (!may_answer(ctx))
		return -EINVAL;
	stamped = via_stamp(ctx, &stamp, &err);
	if (err)
		return err;
	if (str_is_null(reason))
		reason = reply_reason(status);
	size = reply_size(ctx, reason, headers, stamp.text.n);
	b = buf_over(pool_alloc(ctx->pool, size), size);
	if (!b.p)
		return -ENOMEM;
	reply_put(ctx, status, reason, headers, stamped ? &stamp : NULL, &b);
	if (!buf_ok(&b))
		return -EMSGSIZE;
	*text_r = buf_str(&b);
	return 0;
}

/* Without a transaction. */
static int send_stateless(struct ctx *ctx, unsigned status, struct str reason, struct str headers)
{
	struct target t;
	struct str text;
	int err = reply_make(ctx, status, reason, headers, &text);

	if (err)
		return err;
	reply_target(ctx, &t);
	err = msg_net_of(ctx)->send(ctx->worker, &t, &(struct iovec){ (void *)text.p, text.n }, 1,
				    0);
	if (err) {
		msg_drop(&ctx->from, MSG_DROP_REPLY_SEND, str_z(strerrorname_np(-err)));
		return err;
	}
	if (status >= 200) {
		ctx->done |= CTX_REPLIED;
		wait_answered(ctx);
	}
	msg_count(MSG_REPLIES);
	return 0;
}

int reply_send(struct ctx *ctx, unsigned status, struct str reason, struct str headers)
{
	if (!may_answer(ctx))
		return -EINVAL;
	if (ctx->cancelled && status != 487)
		return -ECANCELED;
	return ctx->trans ? trans_of(ctx)->reply(ctx, status, reason, headers)
			  : send_stateless(ctx, status, reason, headers);
}

int reply_refuse(struct ctx *ctx, unsigned status, const char *what, struct str headers)
{
	struct str customary = reply_reason(status), more = str_z(what);
	struct buf b;

	if (!more.n)
		return reply_send(ctx, status, customary, headers);
	b = buf_over(pool_alloc(ctx->pool, customary.n + more.n + 2), customary.n + more.n + 2);
	if (!b.p)
		return -ENOMEM;
	buf_str_put(&b, customary);
	buf_lit(&b, ": ");
	buf_str_put(&b, more);
	return reply_send(ctx, status, buf_str(&b), headers);
}

int reply_unavailable(struct ctx *ctx)
{
	char line[48];
	struct buf b = BUF_ON(line);

	buf_lit(&b, "Retry-After: ");
	buf_int(&b, msg_conf_of(ctx->conf)->retry_after);
	buf_lit(&b, "\r\n");
	return reply_send(ctx, 503, STR_NULL, buf_str(&b));
}

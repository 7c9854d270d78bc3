/* SPDX-License-Identifier: BSD-2-Clause */
/* What the words method, uri, src_ip and their like stand for in a message. */
#include "core/base/buf.h"
#include "core/msg/worker.h"
#include "core/script/machine.h"

#include <errno.h>

static int addr_text(struct ctx *ctx, const struct addr *a, struct value *v_r)
{
	char text[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(text);
	struct str s;

	*v_r = value_null();
	if (a->sa.sa_family == AF_UNSPEC)
		return 0;
	addr_put(&b, a);
	s = pool_str(ctx->pool, buf_str(&b));
	if (!s.p)
		return -ENOMEM;
	*v_r = value_str(s);
	return 0;
}

/* Of a response: that of its CSeq. */
enum sip_method keyword_method(struct ctx *ctx, struct str *text_r)
{
	struct sip_cseq cseq;

	if (ctx->msg->is_request) {
		*text_r = ctx->msg->method_text;
		return ctx->msg->method;
	}
	if (sip_msg_cseq(ctx->msg, &cseq) < 0) {
		*text_r = STR_NULL;
		return METHOD_OTHER;
	}
	*text_r = cseq.method_text;
	return cseq.method;
}

/* The URI of From or To; NULL: there is none that can be read. */
static struct sip_nameaddr *nameaddr_of(struct ctx *ctx, enum keyword k)
{
	struct sip_nameaddr *na;

	if (sip_msg_nameaddr(ctx->msg, k == KEYWORD_FROM_URI ? HDR_FROM : HDR_TO, &na) < 0)
		return NULL;
	return na;
}

static struct str uri_text(struct ctx *ctx, enum keyword k)
{
	struct sip_nameaddr *na;

	if (k == KEYWORD_URI)
		return ctx->msg->is_request ? ctx_uri_text(ctx) : STR_NULL;
	na = nameaddr_of(ctx, k);
	return na ? na->uri : STR_NULL;
}

static struct sip_uri *uri_of(struct ctx *ctx, enum keyword k)
{
	struct sip_nameaddr *na;
	struct sip_uri *uri;

	if (k == KEYWORD_URI)
		return ctx->msg->is_request ? ctx_uri(ctx) : NULL;
	na = nameaddr_of(ctx, k);
	return na && nameaddr_uri(ctx->msg, na, &uri) == 0 ? uri : NULL;
}

const struct addr *keyword_addr(const struct ctx *ctx, enum keyword k)
{
	static const struct addr none = { .sa = { .sa_family = AF_UNSPEC } };
	const struct sending *s = ctx->sending;

	switch (k) {
	case KEYWORD_SRC_IP:
	case KEYWORD_SRC_PORT:
	case KEYWORD_AF:
		return &ctx->from.src;
	case KEYWORD_DST_IP:
	case KEYWORD_DST_PORT:
		return &ctx->from.dst;
	case KEYWORD_SND_IP:
	case KEYWORD_SND_PORT:
		return s ? &s->target->from->addr : &none;
	default: /* KEYWORD_TO_IP, KEYWORD_TO_PORT, KEYWORD_SND_AF */
		return s ? &s->target->addr : &none;
	}
}

const struct transport *keyword_transport(const struct ctx *ctx, enum keyword k)
{
	if (k == KEYWORD_PROTO)
		return ctx->from.transport;
	return ctx->sending ? ctx->sending->target->transport : NULL;
}

static struct value port_value(const struct addr *a)
{
	return a->sa.sa_family == AF_UNSPEC ? value_null() : value_int(addr_port(a));
}

static struct value family_value(const struct addr *a)
{
	if (a->sa.sa_family == AF_UNSPEC)
		return value_null();
	return value_str(a->sa.sa_family == AF_INET6 ? STR("INET6") : STR("INET"));
}

static struct value transport_value(const struct transport *t)
{
	return value_str(t ? str_z(t->name) : STR_NULL);
}

static uint16_t port_of(const struct sip_uri *uri)
{
	if (uri->port)
		return uri->port;
	return uri->scheme == URI_SIPS ? 5061 : 5060;
}

static struct value uri_part(struct ctx *ctx, enum keyword k)
{
	const struct sip_uri *uri = uri_of(ctx, KEYWORD_URI);

	if (k == KEYWORD_URI_HOST)
		return value_str(uri ? uri->host : STR_NULL);
	if (!uri)
		return value_null();
	return value_int(port_of(uri));
}

int keyword_value(struct ctx *ctx, enum keyword k, struct value *v_r)
{
	struct str text;

	switch (k) {
	case KEYWORD_METHOD:
		keyword_method(ctx, &text);
		*v_r = value_str(text);
		break;
	case KEYWORD_URI:
	case KEYWORD_FROM_URI:
	case KEYWORD_TO_URI:
		*v_r = value_str(uri_text(ctx, k));
		break;
	case KEYWORD_SRC_IP:
	case KEYWORD_DST_IP:
	case KEYWORD_SND_IP:
	case KEYWORD_TO_IP:
		return addr_text(ctx, keyword_addr(ctx, k), v_r);
	case KEYWORD_SRC_PORT:
	case KEYWORD_DST_PORT:
	case KEYWORD_SND_PORT:
	case KEYWORD_TO_PORT:
		*v_r = port_value(keyword_addr(ctx, k));
		break;
	case KEYWORD_PROTO:
	case KEYWORD_SND_PROTO:
		*v_r = transport_value(keyword_transport(ctx, k));
		break;
	case KEYWORD_AF:
	case KEYWORD_SND_AF:
		*v_r = family_value(keyword_addr(ctx, k));
		break;
	case KEYWORD_STATUS:
		*v_r = ctx->msg->is_request ? value_null() : value_int(ctx->msg->status);
		break;
	case KEYWORD_MSG_LEN:
		*v_r = value_int(
			(int64_t)(ctx->sending ? sending_length(ctx->sending) : ctx->msg->buf.n));
		break;
	case KEYWORD_MAX_LEN:
		*v_r = value_int(65535);
		break;
	case KEYWORD_URI_HOST:
	case KEYWORD_URI_PORT:
		*v_r = uri_part(ctx, k);
		break;
	default:
		*v_r = value_null();
		break;
	}
	return 0;
}

/* Of any port: an address alone is asked for. */
static bool addr_is_self(const struct ctx *ctx, const struct addr *a)
{
	const struct msg_net *net = msg_net_of(ctx);
	const struct listener *l;

	for (unsigned i = 0; (l = net->listener_at(ctx->worker->run, i)); i++)
		if (addr_ip_eq(&l->addr, a))
			return true;
	return false;
}

bool keyword_is_self(struct ctx *ctx, enum keyword k)
{
	const struct sip_uri *uri;

	if (keyword_defs[k].flags & KEYWORD_IS_IP)
		return addr_is_self(ctx, keyword_addr(ctx, k));
	uri = uri_of(ctx, k);
	return uri && uri->host.n && ctx_uri_is_own(ctx, uri);
}

bool keyword_method_is(struct ctx *ctx, struct str name)
{
	struct str text;

	keyword_method(ctx, &text);
	return str_eq(text, name);
}

bool keyword_proto_is(const struct ctx *ctx, enum keyword k, struct str name)
{
	const struct transport *t = keyword_transport(ctx, k);

	return t && str_eq_nocase(str_z(t->name), name);
}

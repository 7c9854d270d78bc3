/* SPDX-License-Identifier: BSD-2-Clause */
/* How the header fields of an answer to OPTIONS are written. */
#include "core/msg/capabilities.h"
#include "core/base/buf.h"
#include "core/msg/api.h"

#include <errno.h>

#define NAMES_ROOM 160u /* the names of the header fields, a port, a transport */

const char *capabilities_fault(const struct capabilities *c)
{
	const struct str *values[] = { &c->accept,    &c->accept_encoding, &c->accept_language,
				       &c->supported, &c->contact,	   &c->contact_params };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (str_chr(*values[i], '\r') >= 0 || str_chr(*values[i], '\n') >= 0)
			return "what OPTIONS are answered with are the values of header fields, "
			       "without line end";
	}
	return NULL;
}

/* Where the request came, under the name that we tell others. */
static void own_address_put(struct ctx *ctx, struct buf *b)
{
	const struct listener *l = ctx->from.listener;

	buf_str_put(b, str_is_null(ctx->adv_host) ? l->host : ctx->adv_host);
	buf_char(b, ':');
	buf_uint(b, ctx->adv_port ? ctx->adv_port : l->port);
	if (l->transport->id != TRANSPORT_UDP) {
		buf_lit(b, ";transport=");
		buf_str_put(b, str_z(l->transport->name));
	}
}

static void contact_put(struct ctx *ctx, const struct capabilities *c, const struct sip_uri *u,
			struct buf *b)
{
	if (str_is_null(c->contact))
		return;
	buf_lit(b, "Contact: <sip:");
	if (str_eq_nocase(c->contact, STR("dstip"))) {
		own_address_put(ctx, b);
	} else if (str_eq_nocase(c->contact, STR("ruri"))) {
		buf_str_put(b, u->host);
		if (u->port_text.n) {
			buf_char(b, ':');
			buf_str_put(b, u->port_text);
		}
	} else {
		buf_str_put(b, c->contact);
	}
	if (c->contact_params.n && c->contact_params.p[0] != ';')
		buf_char(b, ';');
	buf_str_put(b, c->contact_params);
	buf_lit(b, ">\r\n");
}

static void line_put(struct buf *b, struct str name, struct str value)
{
	buf_str_put(b, name);
	buf_lit(b, ": ");
	buf_str_put(b, value);
	buf_lit(b, "\r\n");
}

int capabilities_send(struct ctx *ctx, const struct capabilities *c)
{
	const struct sip_uri *u = ctx_uri(ctx);
	size_t n = c->accept.n + c->accept_encoding.n + c->accept_language.n + c->supported.n +
		   c->contact.n + c->contact_params.n + ctx->from.listener->host.n +
		   ctx->adv_host.n + NAMES_ROOM;
	struct buf b;

	if (ctx->msg->method != METHOD_OPTIONS || !u || u->user.n || !u->host.n)
		return -EINVAL;
	n += u->host.n + u->port_text.n;
	b = buf_over(pool_alloc(ctx->pool, n), n);
	if (!b.p)
		return -ENOMEM;
	line_put(&b, STR("Accept"), c->accept);
	line_put(&b, STR("Accept-Encoding"), c->accept_encoding);
	line_put(&b, STR("Accept-Language"), c->accept_language);
	line_put(&b, STR("Supported"), c->supported);
	contact_put(ctx, c, u, &b);
	return buf_ok(&b) ? reply_send(ctx, 200, STR_NULL, buf_str(&b)) : -EMSGSIZE;
}

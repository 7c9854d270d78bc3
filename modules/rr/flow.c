/* SPDX-License-Identifier: BSD-2-Clause */
/* Flow tokens: by which connection of ours, or by which socket and to which address, a phone is reached, as the user of a Record-Route's URI (RFC 5626 5.2,
 * 5.3). Nobody else can make one.
 *
 *   flow.c<connection><mac>                     flow.u<socket><port><address><mac>                    all in hexadecimal digits */
#include "modules/rr/rr.h"

#include <errno.h>

#define FLOW_PREFIX   "flow."
#define FLOW_LABEL    'f'
#define MAC_DIGITS    16
#define CONN_DIGITS   16
#define SOCKET_DIGITS 4
#define PORT_DIGITS   4

bool flow_wanted(struct ctx *ctx)
{
	struct sip_nameaddr *contact;
	struct sip_via *second;
	struct sip_uri *u;

	/* its sender is the phone itself, and says in its Contact that the dialog's requests shall come by this flow */
	return !rr_tag(ctx, HDR_TO).n && !sip_msg_nameaddr(ctx->msg, HDR_CONTACT, &contact) &&
	       !contact->is_star && !nameaddr_uri(ctx->msg, contact, &u) &&
	       !str_is_null(uri_param(u, STR("ob"))) &&
	       sip_msg_via_next(ctx->msg, ctx->via, &second) == -ENOENT;
}

static uint64_t flow_mac(struct ctx *ctx, struct str text)
{
	return mac_of_both(ctx_mac_key(ctx), text, FLOW_LABEL, 1);
}

static struct str addr_bytes(const struct addr *a)
{
	return a->sa.sa_family == AF_INET6
		       ? str_of((const char *)&a->v6.sin6_addr, sizeof(a->v6.sin6_addr))
		       : str_of((const char *)&a->v4.sin_addr, sizeof(a->v4.sin_addr));
}

void flow_put(struct ctx *ctx, struct buf *b)
{
	const struct origin *from = &ctx->from;
	size_t begin = b->n;

	buf_lit(b, FLOW_PREFIX);
	if (from->conn) {
		buf_char(b, 'c');
		buf_hex(b, from->conn, CONN_DIGITS);
	} else {
		struct str ip = addr_bytes(&from->src);

		buf_char(b, 'u');
		buf_hex(b, from->listener->index, SOCKET_DIGITS);
		buf_hex(b, addr_port(&from->src), PORT_DIGITS);
		for (size_t i = 0; i < ip.n; i++)
			buf_hex(b, (uint8_t)ip.p[i], 2);
	}
	buf_hex(b, flow_mac(ctx, str_skip(buf_str(b), begin)), MAC_DIGITS);
}

/* digits of *s as a number, which are taken off. */
static bool hex_take(struct str *s, size_t digits, uint64_t *v_r)
{
	uint64_t v = 0;

	if (s->n < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		int d = char_hex(s->p[i]);

		if (d < 0)
			return false;
		v = v << 4 | (unsigned)d;
	}
	*s = str_skip(*s, digits);
	*v_r = v;
	return true;
}

static bool addr_take(struct str *s, struct addr *a_r)
{
	struct addr a = { 0 };
	struct str ip;
	uint64_t byte;

	a.sa.sa_family = s->n > 2 * sizeof(a.v4.sin_addr) ? AF_INET6 : AF_INET;
	ip = addr_bytes(&a);
	for (size_t i = 0; i < ip.n; i++) {
		if (!hex_take(s, 2, &byte))
			return false;
		((char *)(uintptr_t)ip.p)[i] = (char)byte;
	}
	*a_r = a;
	return s->n == 0;
}

static bool flow_parse(struct ctx *ctx, struct str s, struct flow *f_r)
{
	uint64_t socket, port;
	char kind = s.p[0];

	s = str_skip(s, 1);
	*f_r = (struct flow){ 0 };
	if (kind == 'c')
		return hex_take(&s, CONN_DIGITS, &f_r->conn) && !s.n;
	if (kind != 'u' || !hex_take(&s, SOCKET_DIGITS, &socket) ||
	    !hex_take(&s, PORT_DIGITS, &port) || !addr_take(&s, &f_r->peer))
		return false;
	addr_set_port(&f_r->peer, (uint16_t)port);
	f_r->socket = msg_net_of(ctx)->listener_at(ctx->worker->run, (unsigned)socket);
	return true;
}

int flow_read(struct ctx *ctx, struct str user, struct flow *f_r)
{
	const size_t prefix = sizeof(FLOW_PREFIX) - 1;
	struct str signed_part, digits;
	uint64_t mac;

	if (!str_starts(user, STR(FLOW_PREFIX)))
		return 0;
	if (user.n <= prefix + MAC_DIGITS)
		return -EBADMSG;
	signed_part = str_head(user, user.n - MAC_DIGITS);
	digits = str_skip(user, signed_part.n);
	if (!hex_take(&digits, MAC_DIGITS, &mac) || mac != flow_mac(ctx, signed_part) ||
	    !flow_parse(ctx, str_skip(signed_part, prefix), f_r))
		return -EBADMSG;
	return 1;
}

bool flow_is_from(const struct flow *f, const struct origin *from)
{
	return f->conn ? f->conn == from->conn : !from->conn && addr_eq(&f->peer, &from->src);
}

/* $du shows where it goes; a connection that is gone is found out when the request is sent. */
int flow_take(struct ctx *ctx, const struct flow *f)
{
	const struct transport *t = transport_of(TRANSPORT_UDP);
	struct addr peer = f->peer;
	char text[ADDR_TEXT_MAX + 32];
	struct buf b = BUF_ON(text);
	struct origin o;
	int err;

	if (f->conn && msg_net_of(ctx)->conn_origin(ctx->worker->run, f->conn, &o)) {
		t = o.transport;
		peer = o.src;
	}
	if (peer.sa.sa_family != AF_UNSPEC) {
		buf_lit(&b, "sip:");
		addr_port_put(&b, &peer);
		buf_lit(&b, ";transport=");
		buf_str_put(&b, str_z(t->name));
		err = ctx_dst_uri_set(ctx, buf_str(&b));
		if (err)
			return err;
	}
	ctx->flow = f->conn;
	if (!ctx->send_socket)
		ctx->send_socket = f->socket;
	return 0;
}

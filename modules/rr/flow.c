/* SPDX-License-Identifier: BSD-2-Clause */
/* Flow tokens: a connection of ours as the user of a Record-Route's URI, so that requests in the dialog reach a phone by the connection that it has made
 * (RFC 5626 5.2, 5.3). Nobody else can make one. */
#include "modules/rr/rr.h"

#include <errno.h>

#define FLOW_PREFIX "flow."
#define FLOW_DIGITS 16
#define FLOW_LABEL  'f'

static uint64_t flow_mac(struct ctx *ctx, uint64_t conn)
{
	struct mac m;
	char label = FLOW_LABEL;

	mac_init(&m, ctx_mac_key(ctx));
	mac_add(&m, &conn, sizeof(conn));
	mac_add(&m, &label, 1);
	return mac_done(&m);
}

/* Its sender is the phone itself, and says with ;ob in its Contact that the dialog's requests shall come by this flow. */
uint64_t flow_of(struct ctx *ctx)
{
	struct sip_nameaddr *contact;
	struct sip_via *second;
	struct sip_uri *u;

	if (!ctx->from.conn || rr_tag(ctx, HDR_TO).n ||
	    sip_msg_nameaddr(ctx->msg, HDR_CONTACT, &contact) || contact->is_star ||
	    nameaddr_uri(ctx->msg, contact, &u) || str_is_null(uri_param(u, STR("ob"))) ||
	    sip_msg_via_next(ctx->msg, ctx->via, &second) != -ENOENT)
		return 0;
	return ctx->from.conn;
}

void flow_put(struct ctx *ctx, uint64_t conn, struct buf *b)
{
	buf_lit(b, FLOW_PREFIX);
	buf_hex(b, conn, FLOW_DIGITS);
	buf_hex(b, flow_mac(ctx, conn), FLOW_DIGITS);
}

static int hex_read(struct str s, uint64_t *v_r)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s.n; i++) {
		int d = char_hex(s.p[i]);

		if (d < 0)
			return -EBADMSG;
		v = v << 4 | (unsigned)d;
	}
	*v_r = v;
	return 0;
}

int flow_read(struct ctx *ctx, struct str user, uint64_t *conn_r)
{
	const size_t prefix = sizeof(FLOW_PREFIX) - 1;
	struct str digits = str_skip(user, prefix);
	uint64_t conn, mac;

	if (!str_starts(user, STR(FLOW_PREFIX)))
		return 0;
	if (digits.n != 2 * (size_t)FLOW_DIGITS || hex_read(str_head(digits, FLOW_DIGITS), &conn) ||
	    hex_read(str_skip(digits, FLOW_DIGITS), &mac) || mac != flow_mac(ctx, conn))
		return -EBADMSG;
	*conn_r = conn;
	return 1;
}

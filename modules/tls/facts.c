/* SPDX-License-Identifier: BSD-2-Clause */
/* Which connection's facts a script sees. */
#include "modules/tls/facts.h"

#include "core/mod/stream.h"

const struct tls_facts *tls_facts_of(struct ctx *ctx)
{
	if (ctx->session)
		return ctx->session;
	if (!ctx->from.transport || ctx->from.transport->id != TRANSPORT_TLS)
		return NULL;
	return net_conn_session(ctx->worker->run, ctx->from.conn, ctx->from.transport);
}

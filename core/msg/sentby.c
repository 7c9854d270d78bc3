/* SPDX-License-Identifier: BSD-2-Clause */
/* What we call ourselves toward others. */
#include "core/msg/sentby.h"

#include "core/msg/secure.h"
#include "core/msg/worker.h"

static struct sent_by made(const struct listener *l, struct str host, uint16_t port)
{
	return (struct sent_by){ .host = str_is_null(host) ? l->host : host,
				 .port = port ? port : l->port,
				 .is_sockets = str_is_null(host) && !port };
}

struct sent_by sent_by_toward(const struct ctx *ctx, const struct target *t)
{
	const struct secure_hooks *secure = ctx->worker->msg->secure;
	struct str host = STR_NULL;
	uint16_t port = 0;

	if (t->transport->secure && secure)
		secure->advertise(ctx, t, &host, &port);
	if (!str_is_null(ctx->adv_host))
		host = ctx->adv_host;
	if (ctx->adv_port)
		port = ctx->adv_port;
	return made(t->from, host, port);
}

struct sent_by sent_by_back(const struct ctx *ctx)
{
	const struct secure_hooks *secure = ctx->worker->msg->secure;
	struct str host = STR_NULL;
	uint16_t port = 0;

	if (ctx->from.transport->secure && secure)
		secure->advertise_back(ctx, &host, &port);
	return made(ctx->from.listener, host, port);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How onsend_route is run in the middle of sending. */
#include "core/msg/onsend.h"

#include "core/msg/drop.h"

#include "core/run/log.h"

size_t sending_length(const struct sending *s)
{
	size_t n = 0;

	for (unsigned i = 0; i < s->n; i++)
		n += s->iov[i].iov_len;
	return n;
}

bool onsend_lets(struct ctx *ctx, const struct target *t, const struct iovec *iov, unsigned n)
{
	const struct script_hooks *script = ctx->worker->msg->script;
	int64_t route = script->route_find(ctx->conf, IN_ONSEND, STR(""));
	struct sending sending = { .target = t, .iov = iov, .n = n };
	bool dropped;

	if (route < 0)
		return true;
	ctx->sending = &sending;
	dropped = script->route_run(ctx, IN_ONSEND, (uint32_t)route);
	ctx->sending = NULL;
	if (!dropped)
		return true;
	msg_count(MSG_HELD_BACK);
	log_debug("core", "onsend_route did not let a message out", KV_ADDR("dst", &t->addr),
		  KV_Z("transport", t->transport->name));
	return false;
}

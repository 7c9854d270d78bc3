/* SPDX-License-Identifier: BSD-2-Clause */
/* The counters of this layer, and how a dropped message is logged. */
#include "core/msg/drop.h"

#include "core/run/log.h"

static const struct counter_def counter_defs[] = {
#define X(id, name, help) { name, help },
	MSG_EVENT_TABLE(X) MSG_DROP_TABLE(X)
#undef X
};

struct counter_group msg_counters = { .name = "core", .defs = counter_defs, .n = MSG_COUNTERS };

void msg_drop(const struct origin *from, enum msg_counter reason, struct str detail)
{
	static struct log_limit limits[MSG_COUNTERS];
	struct log_limit *limit = &limits[reason];

	counter_inc(&msg_counters, reason);
	if (!log_wants(LOG_INFO) || !log_limit_pass(limit))
		return;
	log_write(LOG_INFO, "core", "message dropped",
		  (struct log_kv[]){ KV_Z("why", counter_defs[reason].help),
				     KV_ADDR("src", &from->src),
				     KV_Z("transport", from->transport->name),
				     KV_STR("detail", detail),
				     KV_INT("suppressed", limit->suppressed),
				     { .kind = LOG_END } });
	limit->suppressed = 0;
}

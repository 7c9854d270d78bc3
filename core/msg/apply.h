/* SPDX-License-Identifier: BSD-2-Clause */
/* The message becomes another text: its edits are carried out, or the script gives a whole new one. What pointed into the old text stays readable as
 * long as the context, but places in it mean nothing any more: who keeps some across calls compares ctx->texts. Late edits go over to the new text, and are
 * still made last of all. */
#ifndef MSG_APPLY_H
#define MSG_APPLY_H

#include "core/msg/ctx.h"

/* Carries out all edits, so that reads see them. The Request-URI as received stays in the text: the current one, $du and the additional targets are
 * kept beside it. 0; -EBADMSG: what would come out is no sound message of the same kind (logged with why; nothing is changed, the edits still wait to
 * be sent); -ENOMEM. */
int message_apply(struct ctx *ctx);
/* Makes text, copied into the pool, the message: edits made before are dropped, but late ones stand before its header fields; the Request-URI is the one in text. Method and top Via must be as
 * before, since answers and retransmissions are known by them. Same errors. */
int message_set(struct ctx *ctx, struct str text);
/* With edits_visible=yes what edits there are is carried out; called behind each function and assignment of a script. Where half of the message's memory
 * is used they wait to be sent (logged). */
void edits_carry_out(struct ctx *ctx);
static inline void edits_show(struct ctx *ctx)
{
	if (ctx->edits.first)
		edits_carry_out(ctx);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes in: requests and responses, sound and broken ones. The upward hooks of core/net. */
#ifndef MSG_RECEIVE_H
#define MSG_RECEIVE_H

#include "core/msg/drop.h"
#include "core/msg/worker.h"

/* It belongs to a dialog, by its own word. */
bool request_has_to_tag(struct ctx *ctx);
/* A sound request: to what waits, or to the script. */
void request_run(struct ctx *ctx);
/* A sound response: checked, through the reply route, and on. */
void response_run(struct ctx *ctx);
/* The response became another text: its second Via is found again there. NULL or what is wrong. */
const char *way_renew(struct ctx *ctx);
/* 500 for a request of a worker that died; counted as `as`. */
void orphan_answer(struct worker *w, const struct origin *from, struct str text,
		   enum msg_counter as);

#endif

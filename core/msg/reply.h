/* SPDX-License-Identifier: BSD-2-Clause */
/* Where answers and responses go (RFC 3261 18.2.2, RFC 3581 4). */
#ifndef MSG_REPLY_H
#define MSG_REPLY_H

#include "core/msg/worker.h"

/* The port of a Via's sent-by for a transport. */
uint16_t via_port(const struct sip_via *via, const struct transport *t);
/* Where an answer to ctx's request goes: the connection it came on, or the source address at the port that the top Via asks for. */
void reply_target(struct ctx *ctx, struct target *t_r);
/* Whether an ACK is for an answer that was made here: its To tag is the one we gave. */
bool reply_ack_is_ours(struct ctx *ctx);
/* Answers a request that is refused by the core: status with its reason, more behind a colon if what is not NULL. */
int reply_refuse(struct ctx *ctx, unsigned status, const char *what, struct str headers);
/* 503 with Retry-After: the server as such refuses. */
int reply_unavailable(struct ctx *ctx);

#endif

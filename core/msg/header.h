/* SPDX-License-Identifier: BSD-2-Clause */
/* Adding and leaving out header fields of the message as it will leave (SIP.md 2: reads go on seeing the received message). */
#ifndef MSG_HEADER_H
#define MSG_HEADER_H

#include "core/msg/ctx.h"

/* 0: text is one or more whole header fields, the last CRLF of which may be missing. -EINVAL: it is not made of header fields (an empty line, a lone CR
 * or LF, no colon); -EPERM: one is Content-Length, which is made for each message as it leaves. */
int header_check(struct str text);
/* Puts text (one or more whole header fields; a missing last CRLF is added) behind the last header field, or the last one named name; with front before
 * the first one. Several calls keep their order. name null: any. text must live as long as the context. -EINVAL, -EPERM: header_check() of it;
 * -ENOENT: none is named so; -ENOMEM. */
int header_add(struct ctx *ctx, struct str text, struct str name, bool front);
/* The same at a place between two header fields of the message as received. */
int header_add_at(struct ctx *ctx, struct str text, const char *at);
/* Leaves out all header fields of that name; *n_r: how many there were. Errors as header_drop. */
int header_remove(struct ctx *ctx, struct str name, unsigned *n_r);
/* Leaves one out, whatever was changed in it before. 0 (also when it is left out already); -EEXIST: a removal reaches beyond it; -ENOMEM. */
int header_drop(struct ctx *ctx, const struct sip_hdr *h);
/* Whether one of that name (with capitals or without) will leave: that came and was not left out, or that was added. */
bool header_leaves(const struct ctx *ctx, struct str name);
/* Complete header fields for the answers that the router makes to this request. Same errors as header_add. */
int header_add_to_reply(struct ctx *ctx, struct str text);

/* Leaves out n bytes of the message from offset at and puts text there, in head or body but not across. The first line may not be touched. What would
 * change Content-Length, which says what the body is, is passed over: header_remove() may leave it out.
 * -EINVAL (also when a part of it is Content-Length), -EEXIST (part of it is already left out), -ENOMEM. */
int message_replace(struct ctx *ctx, size_t at, size_t n, struct str text);

#endif

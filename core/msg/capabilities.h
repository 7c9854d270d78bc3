/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer to an OPTIONS that asks the router itself what it can do (RFC 3261 11.2). */
#ifndef MSG_CAPABILITIES_H
#define MSG_CAPABILITIES_H

#include "core/msg/ctx.h"

/* Values of header fields, each without line end; an empty one is written as it is. */
struct capabilities {
	struct str accept, accept_encoding, accept_language, supported;
	/* Null: no Contact. "ruri": host and port of the Request-URI; "dstip": the address at which the request came; else host and port themselves. */
	struct str contact;
	struct str contact_params; /* of the URI in Contact, with or without the first ';' */
};

/* NULL, or what is wrong with the values: for a module's check of its parameters. */
const char *capabilities_fault(const struct capabilities *c);
/* Answers ctx's request with 200. -EINVAL: it is no OPTIONS, or its Request-URI has a user or is none; -ENOMEM; what reply_send() says. */
int capabilities_send(struct ctx *ctx, const struct capabilities *c);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* By which host and port others are told to reach us, in Via and Record-Route (SIP.md 1 "Socket choice"): what the script says for the message, else what is
 * advertised by the TLS domain of the connection, else what the socket is called. */
#ifndef MSG_SENTBY_H
#define MSG_SENTBY_H

#include "core/msg/ctx.h"

struct sent_by {
	struct str host; /* an IPv6 address with brackets */
	uint16_t port;
	bool is_sockets; /* the socket is called so; else only we ourselves may know that it is meant */
};

/* Toward t. Valid as long as ctx and its configuration. */
struct sent_by sent_by_toward(const struct ctx *ctx, const struct target *t);
/* Toward where the message came from, which it told to reach us before; of a message that was received. */
struct sent_by sent_by_back(const struct ctx *ctx);

#endif

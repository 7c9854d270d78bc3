/* SPDX-License-Identifier: BSD-2-Clause */
/* The next hop: what a URI says about host, port and transport, and the socket to send from. */
#ifndef MSG_HOP_H
#define MSG_HOP_H

#include "core/msg/worker.h"

struct hop {
	const struct transport *transport;
	struct str host;  /* an IPv6 address with or without brackets */
	bool literal;	  /* host is an address */
	struct addr addr; /* when it is; with port */
	uint16_t port;
};

/* A URI's host (or maddr), port and transport; transport not NULL overrides. FN_TRUE, or FN_FALSE with the context's failure set. */
int hop_of_uri(struct ctx *ctx, struct str uri, const struct transport *transport,
	       struct hop *hop_r);
int hop_of_host(struct ctx *ctx, struct str host, uint16_t port, const struct transport *transport,
		struct hop *hop_r);
/* SIP.md 1 "Socket choice"; socket: what the script wants, used if it fits; NULL: nothing. False: there is no socket of that transport and
 * family. */
bool hop_target(struct ctx *ctx, const struct hop *hop, const struct listener *socket,
		const struct addr *addr, struct target *t_r);

#endif

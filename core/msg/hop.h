/* SPDX-License-Identifier: BSD-2-Clause */
/* The next hop: what a URI says about host, port and transport, who must be found there, and the socket to send from. */
#ifndef MSG_HOP_H
#define MSG_HOP_H

#include "core/msg/worker.h"

struct hop {
	const struct transport *transport;
	struct str host;  /* an IPv6 address with or without brackets */
	bool literal;	  /* host is an address */
	struct addr addr; /* when it is; with port */
	uint16_t port;
	/* of a secure transport: */
	struct str identity; /* the name that the peer must prove; target.identity */
	struct str domain;   /* the TLS client domain that the script chose; null: none */
};

/* How a hop is gone to, whatever its URI says. */
struct hop_wish {
	const struct transport *transport; /* NULL: as the URI says */
	bool secure; /* over TLS only, as if it were a sips URI (RFC 3261 16.6 item 7) */
};

/* A URI's host (or maddr), port and transport. FN_TRUE, or FN_FALSE with the context's failure set. */
int hop_of_uri(struct ctx *ctx, struct str uri, const struct hop_wish *wish, struct hop *hop_r);
int hop_of_host(struct ctx *ctx, struct str host, uint16_t port, const struct hop_wish *wish,
		struct hop *hop_r);
/* The name by which whoever is at host proves that (SIP.md 1 "Name verified in TLS"): the host without a trailing dot, an IPv6 address in one spelling and without
 * brackets. In the text of host, or in the pool; null: no memory. */
struct str hop_identity(struct pool *pool, struct str host);
/* The transport that a sip or sips URI asks for, by its parameter or its scheme. NULL: by neither, or one that there is not. */
const struct transport *hop_uri_transport(const struct sip_uri *u);
/* Who must be found where a response goes by the Via when its connection is gone: sent-by (RFC 3261 18.2.2). Texts as those of hop_identity. */
void hop_of_via(struct ctx *ctx, const struct sip_via *via, struct target *t);
/* SIP.md 1 "Socket choice"; socket: what the script wants, used if it fits; NULL: nothing. False: there is no socket of that transport and
 * family. */
bool hop_target(struct ctx *ctx, const struct hop *hop, const struct listener *socket,
		const struct addr *addr, struct target *t_r);

#endif

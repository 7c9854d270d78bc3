/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing one part of the R-URI: used by the script's functions and by the attributes that can be written. */
#ifndef MSG_REWRITE_H
#define MSG_REWRITE_H

#include "core/msg/worker.h"

/* The parts a sip, sips or tel URI is put together from. */
struct uri_parts {
	struct str scheme;
	struct str user, password; /* null: none */
	struct str host;
	struct str port;   /* null: none */
	struct str params; /* from the first ';' */
	struct str headers;
};

/* The parts of the current R-URI; a tel URI's number is its user and its host is null. -EBADMSG: it has no parts. */
int uri_parts_of(struct ctx *ctx, struct uri_parts *parts_r);
/* Makes the parts the current R-URI: a tel URI that got a host becomes a sip URI. 0 or as ctx_uri_set; -EINVAL: the port is no number. */
int uri_parts_set(struct ctx *ctx, const struct uri_parts *parts);

/* A host as it stands in a URI, an IPv6 address with its brackets, in the pool where they had to be added. Null: it is no host, or no memory. */
struct str uri_host_text(struct ctx *ctx, struct str host);
/* "host:port", "[v6]:port", "host" taken apart; without a port it is null. Nothing is checked. */
void host_port_split(struct str text, struct str *host_r, struct str *port_r);

#endif

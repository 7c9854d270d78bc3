/* SPDX-License-Identifier: BSD-2-Clause */
/* One value of Via (RFC 3261 20.42, RFC 3581). */
#ifndef PARSER_VIA_H
#define PARSER_VIA_H

#include "core/base/addr.h"
#include "parser/msg.h"
#include "parser/uri.h"

struct sip_via {
	struct str whole;     /* this value, trimmed, without commas */
	struct sip_hdr *hdr;  /* the header field it stands in */
	struct str protocol;  /* "SIP" */
	struct str version;   /* "2.0" */
	struct str transport; /* "UDP", as written */
	struct str host;      /* sent-by; an IPv6 reference with its brackets */
	enum uri_host_kind host_kind;
	uint32_t v4;	     /* URI_HOST_V4: the address, in network byte order */
	uint16_t port;	     /* 0: none */
	struct str params;   /* from the first ';' */
	struct str branch;   /* null: none */
	struct str received; /* null: none; without brackets */
	struct str rport;    /* null: no rport; empty: rport without a value */
	struct sip_param rport_param;
	struct sip_param received_param;
	struct str maddr;
	struct str ttl;
	struct str i;	      /* Serac's own parameter */
	bool has_alias;	      /* RFC 5923 */
	struct sip_via *next; /* the next value, in this header field or the next one */
};

/* sent-by's address. False: it is a name. */
static inline bool via_addr(const struct sip_via *via, struct addr *addr_r)
{
	if (via->host_kind == URI_HOST_V4)
		*addr_r = addr_of_v4(via->v4);
	return via->host_kind == URI_HOST_V4 ||
	       (via->host_kind == URI_HOST_V6 && !addr_parse(via->host, addr_r));
}

/* Parses one value. 0 or -EBADMSG with *offset_r from the start of text. */
int via_parse(struct str text, struct sip_via *via_r, size_t *offset_r);

/* The first (topmost) Via of a message, parsed once and kept; *next of each is parsed by sip_msg_via_next.
 * 0; -ENOENT; -EBADMSG; -ENOMEM. */
int sip_msg_via(struct sip_msg *msg, struct sip_via **via_r);
/* The value behind via: 0, -ENOENT (it was the last), -EBADMSG, -ENOMEM. */
int sip_msg_via_next(struct sip_msg *msg, struct sip_via *via, struct sip_via **next_r);

#endif

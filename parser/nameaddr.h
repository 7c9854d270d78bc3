/* SPDX-License-Identifier: BSD-2-Clause */
/* name-addr / addr-spec with parameters: From, To, Contact, Route, Record-Route, Path, Refer-To ... (RFC 3261 20). */
#ifndef PARSER_NAMEADDR_H
#define PARSER_NAMEADDR_H

#include "parser/msg.h"
#include "parser/uri.h"

struct sip_nameaddr {
	struct str whole; /* this value, trimmed */
	struct sip_hdr *hdr;
	struct str display; /* with its quotes if quoted; empty if none */
	struct str uri;	    /* the text of the URI, without brackets */
	bool in_brackets;
	bool is_star;		    /* "Contact: *" */
	struct str params;	    /* header field parameters, from the first ';' */
	struct str tag;		    /* From and To: null if none */
	struct sip_uri *parsed_uri; /* NULL until nameaddr_uri() */
	struct sip_nameaddr *next;
};

/* Parses one value. Without angle brackets, ';' and '?' end the URI (RFC 3261 20.10). 0 or -EBADMSG with *offset_r. */
int nameaddr_parse(struct str text, struct sip_nameaddr *na_r, size_t *offset_r);
/* The URI, parsed once into the message's pool: 0, -EBADMSG, -ENOMEM. */
int nameaddr_uri(struct sip_msg *msg, struct sip_nameaddr *na, struct sip_uri **uri_r);

/* The first value of header field id (HDR_FROM, HDR_CONTACT ...) of a message, parsed once and kept. 0, -ENOENT, -EBADMSG, -ENOMEM. */
int sip_msg_nameaddr(struct sip_msg *msg, enum hdr_id id, struct sip_nameaddr **na_r);
/* The value behind na, in this header field or the next of its kind. Same errors. */
int sip_msg_nameaddr_next(struct sip_msg *msg, struct sip_nameaddr *na,
			  struct sip_nameaddr **next_r);

#endif

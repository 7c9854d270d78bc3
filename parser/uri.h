/* SPDX-License-Identifier: BSD-2-Clause */
/* URIs: sip, sips (RFC 3261 19.1), tel (RFC 3966), urn (RFC 8141), every other scheme as opaque text (RFC 3986). */
#ifndef PARSER_URI_H
#define PARSER_URI_H

#include "core/mem/pool.h"
#include "parser/param.h"

enum uri_scheme { URI_OTHER, URI_SIP, URI_SIPS, URI_TEL, URI_URN };

enum uri_host_kind { URI_HOST_NONE, URI_HOST_NAME, URI_HOST_V4, URI_HOST_V6 };

struct sip_uri {
	enum uri_scheme scheme;
	struct str text;	/* all of it */
	struct str scheme_text; /* without ':' */
	struct str
		user; /* sip(s): null if there is no '@'; tel: the number as written, with '+' and visual separators */
	struct str password; /* null: none */
	struct str host; /* sip(s); an IPv6 reference with its brackets. Null for tel and others */
	enum uri_host_kind host_kind;
	uint32_t v4;	      /* URI_HOST_V4: the address, in network byte order */
	uint16_t port;	      /* 0: none was given (":0" is an error) */
	struct str port_text; /* as written; null: none */
	struct str params;    /* from the first ';' on, up to '?'; empty if none */
	struct str headers;   /* behind '?'; null: none */
	struct str opaque;    /* what follows "scheme:" for tel, urn and others */
};

/* The whole of text must be one URI, without angle brackets or white space around it.
 * 0; -EBADMSG: not one, *offset_r tells where (may be NULL). */
int uri_parse(struct str text, struct sip_uri *uri_r, size_t *offset_r);

/* The parameter of that name (any case) of a sip or sips URI: its value, an empty slice for a flag, null if it is not there. */
struct str uri_param(const struct sip_uri *uri, struct str name);

/* Undoes %HH once, into out of at least s.n bytes. A '%' that is not followed by two hex digits stays. %00 becomes a NUL byte. */
struct str uri_unescape(struct str s, char *out);

/* Equality by RFC 3261 19.1.4 for sip and sips; RFC 3966 5 for tel; other schemes: equal text. */
bool uri_eq(const struct sip_uri *a, const struct sip_uri *b);

/* "user" or "user@host" is a valid userinfo / host / hostport, for rewriteuser() and its kin. */
bool uri_is_user(struct str s);
bool uri_is_host(struct str s, enum uri_host_kind *kind_r);

#endif

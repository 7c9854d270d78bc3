/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of header fields: one table from which ids, spelling, compact forms and repetition rules come. */
#ifndef PARSER_HDR_H
#define PARSER_HDR_H

#include "core/base/str.h"

enum hdr_flag {
	HDR_ONCE = 1, /* a proxy acts on it: with more than one the message is malformed */
	HDR_LIST = 2, /* comma separated values, in one header field or several (RFC 3261 7.3.1) */
	HDR_SINGLE = 4, /* may stand only once, but a proxy does not act on it: for who asks */
};

/* id, name, compact form (0: none), flags */
#define HDR_TABLE(X)                                                 \
	X(VIA, "Via", 'v', HDR_LIST)                                 \
	X(FROM, "From", 'f', HDR_ONCE)                               \
	X(TO, "To", 't', HDR_ONCE)                                   \
	X(CALL_ID, "Call-ID", 'i', HDR_ONCE)                         \
	X(CSEQ, "CSeq", 0, HDR_ONCE)                                 \
	X(MAX_FORWARDS, "Max-Forwards", 0, HDR_ONCE)                 \
	X(CONTENT_LENGTH, "Content-Length", 'l', HDR_ONCE)           \
	X(CONTENT_TYPE, "Content-Type", 'c', HDR_SINGLE)             \
	X(ROUTE, "Route", 0, HDR_LIST)                               \
	X(RECORD_ROUTE, "Record-Route", 0, HDR_LIST)                 \
	X(CONTACT, "Contact", 'm', HDR_LIST)                         \
	X(EXPIRES, "Expires", 0, HDR_SINGLE)                         \
	X(MIN_EXPIRES, "Min-Expires", 0, HDR_SINGLE)                 \
	X(REQUIRE, "Require", 0, HDR_LIST)                           \
	X(PROXY_REQUIRE, "Proxy-Require", 0, HDR_LIST)               \
	X(SUPPORTED, "Supported", 'k', HDR_LIST)                     \
	X(UNSUPPORTED, "Unsupported", 0, HDR_LIST)                   \
	X(ALLOW, "Allow", 0, HDR_LIST)                               \
	X(AUTHORIZATION, "Authorization", 0, 0)                      \
	X(PROXY_AUTHORIZATION, "Proxy-Authorization", 0, 0)          \
	X(WWW_AUTHENTICATE, "WWW-Authenticate", 0, 0)                \
	X(PROXY_AUTHENTICATE, "Proxy-Authenticate", 0, 0)            \
	X(USER_AGENT, "User-Agent", 0, HDR_SINGLE)                   \
	X(SERVER, "Server", 0, HDR_SINGLE)                           \
	X(SUBJECT, "Subject", 's', HDR_SINGLE)                       \
	X(DATE, "Date", 0, HDR_SINGLE)                               \
	X(EVENT, "Event", 'o', HDR_SINGLE)                           \
	X(REFER_TO, "Refer-To", 'r', HDR_SINGLE)                     \
	X(REFERRED_BY, "Referred-By", 'b', HDR_SINGLE)               \
	X(PATH, "Path", 0, HDR_LIST)                                 \
	X(SERVICE_ROUTE, "Service-Route", 0, HDR_LIST)               \
	X(ACCEPT, "Accept", 0, HDR_LIST)                             \
	X(ACCEPT_CONTACT, "Accept-Contact", 'a', HDR_LIST)           \
	X(ALLOW_EVENTS, "Allow-Events", 'u', HDR_LIST)               \
	X(CONTENT_ENCODING, "Content-Encoding", 'e', HDR_LIST)       \
	X(CONTENT_DISPOSITION, "Content-Disposition", 0, HDR_SINGLE) \
	X(SESSION_EXPIRES, "Session-Expires", 'x', HDR_SINGLE)       \
	X(MIN_SE, "Min-SE", 0, HDR_SINGLE)                           \
	X(REASON, "Reason", 0, HDR_LIST)                             \
	X(RETRY_AFTER, "Retry-After", 0, HDR_SINGLE)                 \
	X(RSEQ, "RSeq", 0, HDR_SINGLE)                               \
	X(RACK, "RAck", 0, HDR_SINGLE)                               \
	X(REPLACES, "Replaces", 0, HDR_SINGLE)                       \
	X(DIVERSION, "Diversion", 0, HDR_LIST)                       \
	X(PRIVACY, "Privacy", 0, HDR_SINGLE)                         \
	X(P_ASSERTED_IDENTITY, "P-Asserted-Identity", 0, HDR_LIST)   \
	X(P_PREFERRED_IDENTITY, "P-Preferred-Identity", 0, HDR_LIST) \
	X(REMOTE_PARTY_ID, "Remote-Party-ID", 0, HDR_LIST)           \
	X(IDENTITY, "Identity", 'y', HDR_LIST)                       \
	X(MAX_BREADTH, "Max-Breadth", 0, HDR_SINGLE)

enum hdr_id {
	HDR_OTHER = 0, /* a name that is not in the table */
#define X(id, name, compact, flags) HDR_##id,
	HDR_TABLE(X)
#undef X
		HDR_IDS,
};

/* The id of a name in any case or in compact form; HDR_OTHER if it has none. */
enum hdr_id hdr_id_of(struct str name);
/* The full name of an id other than HDR_OTHER. */
struct str hdr_name(enum hdr_id id);
unsigned hdr_flags(enum hdr_id id);

#endif

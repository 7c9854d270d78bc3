/* SPDX-License-Identifier: BSD-2-Clause */
/* A SIP message as an index over an immutable buffer (RFC 3261 7): the first line and where each header field lies. What is inside
 * a header field is parsed by parser/via.h, parser/nameaddr.h and the rest on first use, and kept. */
#ifndef PARSER_MSG_H
#define PARSER_MSG_H

#include "core/mem/pool.h"
#include "parser/hdr.h"

#define METHOD_TABLE(X) \
	X(INVITE)       \
	X(ACK)          \
	X(BYE)          \
	X(CANCEL)       \
	X(REGISTER)     \
	X(OPTIONS)      \
	X(INFO)         \
	X(PRACK)        \
	X(UPDATE)       \
	X(REFER)        \
	X(SUBSCRIBE)    \
	X(NOTIFY)       \
	X(MESSAGE)      \
	X(PUBLISH)

enum sip_method {
	METHOD_OTHER = 0,
#define X(m) METHOD_##m,
	METHOD_TABLE(X)
#undef X
};

/* Method names are case-sensitive (RFC 3261 7.1). */
enum sip_method sip_method_of(struct str name);

/* What is wrong with a message, where, and what to answer. */
struct sip_error {
	int status;	 /* 400, 505, 513 ...: what a request of this kind is answered with */
	size_t offset;	 /* from the start of what was given to the parser */
	enum hdr_id hdr; /* the header field concerned, HDR_OTHER if none */
	const char *
		what; /* constant text in lower case, fit for a reason phrase: "repeated Content-Length" */
};

/* One header field line (with its folded continuations). */
struct sip_hdr {
	enum hdr_id id;
	struct str name; /* as it stands in the buffer, without white space before the colon */
	struct str
		body; /* the value without leading and trailing white space; folds inside are as received */
	struct str whole;     /* from the first byte of the name through its CRLF */
	struct sip_hdr *next; /* in order of the message */
	struct sip_hdr
		*next_same; /* the next with the same id (for HDR_OTHER: the next HDR_OTHER) */
	void *parsed;	    /* belongs to the parser of this kind of header; NULL: not parsed yet */
	int parse_err; /* what that parser returned the first time, when parsed is NULL and it was run */
	size_t parse_at; /* with parse_err: the place of the error in body */
};

struct sip_msg {
	struct pool *pool;
	struct str
		buf; /* first line up to the end of the body; bytes of a datagram behind the body are not in it */
	bool is_request;
	struct str first_line; /* without CRLF */
	struct str version;    /* "SIP/2.0" */
	/* requests */
	enum sip_method method;
	struct str method_text;
	struct str ruri; /* as received */
	/* responses */
	unsigned status; /* 100..699 */
	struct str reason;
	/* both */
	struct sip_hdr *hdrs; /* in order; NULL: none */
	struct sip_hdr *hdr_last;
	struct sip_hdr *first[HDR_IDS]; /* the first of each id */
	struct str headers; /* from the first header field through the last one's CRLF */
	struct str
		body;  /* as long as Content-Length says, or to the end of a datagram without one */
	bool has_clen; /* there is a Content-Length, and it is a number */
};

/* Indexes the message in datagram (of one UDP datagram or cut out of a stream by parser/frame.h; is_stream tells which: a stream
 * message must have a Content-Length). msg_r, all slices and all headers live as long as p and the bytes. Checked here: the first line
 * (RFC 3261 25.1 Request-Line, Status-Line), the version (505), each header field's name, colon and line end, Content-Length (SIP.md:
 * missing on a stream, not a number, above 2^32-1, repeated even when equal, larger than what is there), repeated header fields
 * marked HDR_ONCE, and an upper bound of 512 header fields. Empty lines before the first line are passed over (7.5). What stands inside the
 * Request-URI and the header fields is not looked at: uri_parse, sip_msg_via, sip_msg_nameaddr, sip_msg_cseq and sip_msg_uint tell those errors.
 * 0, or -EBADMSG with *error_r; then *msg_r still holds what could be read, so that a 400 can be made if the Via is sound.
 * -ENOMEM: the pool is exhausted. */
int sip_msg_parse(struct sip_msg *msg_r, struct pool *p, struct str datagram, bool is_stream,
		  struct sip_error *error_r);

/* The same of no more than an answer to a request is made of: the first line, header fields until there is one of Via, From, To, Call-ID and CSeq each,
 * and all further Vias. msg_r->headers and body are not set, and what else there is has not been looked at. False: no such answer can be made, or
 * not for lack of memory; sip_msg_parse tells what is wrong. */
bool sip_msg_parse_head(struct sip_msg *msg_r, struct pool *p, struct str datagram);

/* What to answer when the inside of h could not be parsed (-EBADMSG of sip_msg_via and its kin): 400, the place, "malformed Via". */
struct sip_error sip_hdr_error(const struct sip_msg *msg, const struct sip_hdr *h);

/* The first header field of that name (any case, compact form included), NULL if there is none. */
struct sip_hdr *sip_msg_find(const struct sip_msg *msg, struct str name);
/* The next of the same name behind h. */
struct sip_hdr *sip_hdr_next(const struct sip_hdr *h);

/* Takes the first value off *rest, a header body with values separated by commas outside quotes, angle brackets and comments
 * (RFC 3261 7.3.1); both are trimmed. False when nothing is left: a comma at the end is passed over. An empty value between two commas is
 * returned as an empty slice. A '(' begins a comment only at the start of a value or behind white space: in a URI it is a letter like others. */
bool sip_list_next(struct str *rest, struct str *value_r);

/* A copy of body with folds replaced by one space (RFC 3261 7.3.1); body itself if there is none. Null: no memory. */
struct str sip_unfold(struct pool *p, struct str body);

/* --- small header fields ------------------------------------------------------------------------------------------------- */
struct sip_cseq {
	uint32_t number; /* at most 2^31-1 by RFC 3261 8.1.1.5; up to 2^32-1 is accepted */
	enum sip_method method;
	struct str method_text;
};

/* 0, -ENOENT: no such header field; -EBADMSG: it is malformed. */
int sip_msg_cseq(struct sip_msg *msg, struct sip_cseq *cseq_r);
/* 0..2^32-1 of Max-Forwards, Expires and their like: digits only. Same errors; -ERANGE when larger. */
int sip_msg_uint(const struct sip_msg *msg, enum hdr_id id, uint32_t *value_r);
/* The Call-ID, null if there is none or it is empty. */
struct str sip_msg_call_id(const struct sip_msg *msg);

#endif

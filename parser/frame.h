/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts a byte stream into SIP messages by Content-Length and keep-alives (RFC 3261 18.3, RFC 5626 3.5.1). Keeps its place between calls, so
 * that a message which arrives byte by byte is scanned once. */
#ifndef PARSER_FRAME_H
#define PARSER_FRAME_H

#include "parser/msg.h"

enum frame_kind {
	FRAME_MORE,    /* the stream does not hold a whole message yet */
	FRAME_MESSAGE, /* the first length bytes are one message */
	FRAME_PING,    /* the first length bytes are CRLFCRLF: answer with one CRLF */
	FRAME_SKIP, /* the first length bytes mean nothing (a lone CRLF: a pong, or one too many behind a message) */
	FRAME_HTTP, /* the first line names HTTP/1.x: not for this framer */
	FRAME_BAD, /* the stream cannot be followed any further; error tells the answer; the first length bytes hold the message's head, if it was found:
		    * sip_msg_parse can read from them what a reply needs */
};

/* Where the framer stands in a message of which not all has arrived. All zero: at the start of a message. */
struct frame_state {
	uint32_t scanned; /* bytes already looked at */
	uint32_t head;	  /* length of the head including its empty line; 0: not seen yet */
	uint32_t total;	  /* head and body; 0: not known yet */
	uint32_t line; /* where the line (with its continuations) begins that is being looked at */
	uint32_t body; /* what Content-Length said */
	uint32_t what_at; /* the place of what */
	bool has_clen;	  /* a Content-Length was seen */
	const char *
		what; /* the first error of Content-Length, told when the head is complete; NULL: none */
};

struct frame {
	enum frame_kind kind;
	size_t length; /* see above */
	struct sip_error error;
};

/* Looks at data, which begins where the last frame ended and holds at least what it held at the last call; the same frames come out
 * however the stream was cut. max: the largest message (tcp_msg_max): above it FRAME_BAD with 513, as soon as the head is longer or its
 * Content-Length tells. Missing, negative, signed, repeated, overflowing Content-Length: FRAME_BAD with 400 when the head is complete, so
 * that there is something to answer. A line that ends in LF alone, or a first byte that begins no message: FRAME_BAD with 400 at once.
 * A lone CR LF before a message is FRAME_SKIP, but CRLFCRLF is FRAME_PING; "\r\n" with nothing behind it is FRAME_MORE until more is known
 * or frame_flush says so. */
struct frame frame_next(struct frame_state *state, struct str data, size_t max);

/* When a stream of which data is left over has been silent for a while (a second, say), or before it counts as an unfinished message:
 * FRAME_SKIP for a lone CR LF (a pong, whose second CRLF will not come), else FRAME_MORE. */
struct frame frame_flush(struct frame_state *state, struct str data);

#endif

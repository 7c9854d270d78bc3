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
	FRAME_BAD, /* the stream cannot be followed any further; error tells the answer; head_length bytes are the message's head */
};

/* Where the framer stands in a message of which not all has arrived. All zero: at the start of a message. */
struct frame_state {
	uint32_t scanned; /* bytes already looked at */
	uint32_t head;	  /* length of the head including its empty line; 0: not seen yet */
	uint32_t total;	  /* head and body; 0: not known yet */
};

struct frame {
	enum frame_kind kind;
	size_t length; /* see above */
	struct sip_error error;
};

/* Looks at data, which begins where the last frame ended and holds at least what it held at the last call. max: the largest message
 * (tcp_msg_max): above it FRAME_BAD with 513, known as soon as the head or its Content-Length tells. Missing (at the end of the head),
 * negative, signed, repeated, overflowing Content-Length: FRAME_BAD with 400 as soon as it is seen. A lone CR LF before a message is
 * FRAME_SKIP, but CRLFCRLF is FRAME_PING; "\r\n" with nothing behind it is FRAME_MORE until more is known or frame_flush says so. */
struct frame frame_next(struct frame_state *state, struct str data, size_t max);

#endif

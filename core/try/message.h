/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages as people write them, made into messages as they come over the network; answers to what was sent. */
#ifndef TRY_MESSAGE_H
#define TRY_MESSAGE_H

#include "core/try/record.h"

/* What was read from a file. */
struct message {
	struct str text;
	struct str from, to; /* of a crash file: where it came from and to; null: not told */
	const char *note;    /* what was mended; NULL: nothing */
};

#define MESSAGE_FILE_MAX (65535u + 4096u)
/* The whole file ("-": standard input), in p. 0; -ENOMEM; -EFBIG: max bytes or more; another -errno. */
int message_read(struct pool *p, const char *path_z, size_t max, struct str *text_r);
/* bytes as a message: the head of a crash file is taken off, lines that end in LF alone get CR LF, a missing empty line is added. -ENOMEM. */
int message_of(struct pool *p, struct str bytes, struct message *m_r);
/* "METHOD URI" and header lines, a body behind an empty line (each line ended by LF or CR LF; may be null): what a sound request needs besides is added; number
 * tells messages apart. Null: no memory, or first is not two words. */
struct str message_request(struct pool *p, struct str first, struct str lines, struct str place,
			   unsigned number);
/* An answer to the request that was sent: first is its status and reason, lines as above. Vias, From, Call-ID and CSeq are always the request's, To if lines have
 * none. Null: sent is no request, or no memory. */
struct str message_answer(struct pool *p, const struct sent *sent, struct str first,
			  struct str lines);
/* The same from a whole response. Null also when response is none. */
struct str message_answer_of(struct pool *p, const struct sent *sent, struct str response);
/* What the top Via says of where a request comes from: "udp:192.0.2.1:5060". Null: it does not say, with an address and a transport that we know. */
struct str message_place(struct pool *p, struct str text);

#endif

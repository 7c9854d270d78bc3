/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether what came of a message is what was expected. */
#ifndef TRY_JUDGE_H
#define TRY_JUDGE_H

#include "core/try/case.h"
#include "core/try/record.h"

/* Whether e holds. *found is the message that header, ruri, body, first-line and socket look at: the one that the last expectation of a reply or a relayed message
 * found; NULL: the last that was sent. When it does not hold, what came instead is written to why. */
bool judge(const struct expect *e, const struct record *r, const struct sent **found,
	   struct buf *why);
/* What was sent, in one line: "relayed to udp:192.0.2.7:5060: INVITE sip:bob@192.0.2.7 SIP/2.0". */
void judge_sent_put(struct buf *b, const struct record *r, const struct sent *s);

#endif

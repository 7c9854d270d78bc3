/* SPDX-License-Identifier: BSD-2-Clause */
/* One header field of a message that nobody has parsed: for who must know where a message goes before it is worth an index. */
#ifndef PARSER_PEEK_H
#define PARSER_PEEK_H

#include "parser/hdr.h"

/* The body of the first header field with this id (not HDR_OTHER), in full or compact form, without the white space around it; folds are left in it.
 * False: the head has none. A head that sip_msg_parse would refuse is looked at as far as its lines can be told. */
bool hdr_peek(struct str message, enum hdr_id id, struct str *body_r);

#endif

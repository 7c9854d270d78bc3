/* SPDX-License-Identifier: BSD-2-Clause */
/* The values of one header field in turn: for the parsers of Via and of name-addr, which must know an empty value behind the last comma. */
#ifndef PARSER_FIELD_H
#define PARSER_FIELD_H

#include "parser/msg.h"

/* The value behind after, which is a value of h (NULL: the first value, which is there always, maybe empty). The whole body if this kind of header
 * field is no list. False when after was the last. */
bool field_value_next(const struct sip_hdr *h, const struct str *after, struct str *value_r);

#endif

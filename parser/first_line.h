/* SPDX-License-Identifier: BSD-2-Clause */
/* Request-Line and Status-Line (RFC 3261 7.1, 7.2, 25.1): strict, for a proxy would pass on what it does not mend. */
#ifndef PARSER_FIRST_LINE_H
#define PARSER_FIRST_LINE_H

#include "parser/msg.h"

/* Fills first_line, is_request, version and the request's or the response's fields of msg from line, which has no CRLF; on an error too, as far as they
 * could be told: method, if the line begins with one. NULL, or the text of the error with *status_r (400, 505) and *at_r, a place in line. */
const char *first_line_parse(struct sip_msg *msg, struct str line, int *status_r,
			     const char **at_r);

#endif

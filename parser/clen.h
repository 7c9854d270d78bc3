/* SPDX-License-Identifier: BSD-2-Clause */
/* The value of Content-Length: one rule for datagrams and streams, so that nobody can make two parts disagree. */
#ifndef PARSER_CLEN_H
#define PARSER_CLEN_H

#include "core/base/str.h"

/* NULL with the number in *length_r, or the text of the error. value is trimmed. */
static inline const char *clen_parse(struct str value, uint32_t *length_r)
{
	uint64_t n = 0;

	if (value.n == 0)
		return "empty Content-Length";
	for (size_t i = 0; i < value.n; i++) {
		if (!char_is_digit(value.p[i]))
			return value.p[0] == '-' ? "negative Content-Length"
						 : "malformed Content-Length";
		n = n > UINT32_MAX ? n : n * 10 + (uint64_t)(value.p[i] - '0');
	}
	if (n > UINT32_MAX)
		return "Content-Length too large";
	*length_r = (uint32_t)n;
	return NULL;
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking one parameter off a text, for the parsers that look at every parameter of every message: sip_param_next without the call. */
#ifndef PARSER_PARAM_TAKE_H
#define PARSER_PARAM_TAKE_H

#include "parser/chars.h"
#include "parser/param.h"
#include "parser/scan.h"

#include <errno.h>

/* Which of the sixteen bytes at p are not CH_VALUE. */
static inline unsigned value_ends(const char *p)
{
	scan_bytes in = scan_load(p);

	/* '<' and '>' differ in one bit */
	return scan_mask((scan_bytes)((in <= ' ') | (in == 0x7f) | (in == '"') | (in == ',') |
				      (in == ';') | ((in & 0xfd) == '<')));
}

/* The end of the unquoted value at p. start: all bytes from there to end can be read. */
static inline const char *value_skip(const char *start, const char *p, const char *end)
{
	unsigned hits;

	for (; end - p >= 16; p += 16) {
		hits = value_ends(p);
		if (hits)
			return p + __builtin_ctz(hits);
	}
	if (end - start < 16)
		return chars_skip(p, end, CH_VALUE);
	/* what is left, and some bytes before it that have been looked at */
	hits = value_ends(end - 16) >> (16 - (end - p));
	return hits ? p + __builtin_ctz(hits) : end;
}

/* Takes the first parameter off the text between *at and end, as sip_param_next does off *rest. start: the text's begin, at or before *at. */
static inline int param_take(const char *start, const char **at, const char *end,
			     struct sip_param *param_r)
{
	const char *semicolon = lws_skip(*at, end), *name, *p, *equals;

	if (semicolon == end) {
		*at = end;
		return 0;
	}
	if (*semicolon != ';')
		return -EBADMSG;
	name = lws_skip(semicolon + 1, end);
	p = chars_skip(name, end, CH_TOKEN);
	if (p == name)
		return -EBADMSG;
	param_r->name = str_between(name, p);
	param_r->value = STR_NULL;
	equals = lws_skip(p, end);
	if (equals < end && *equals == '=') {
		const char *value = lws_skip(equals + 1, end);

		p = value < end && *value == '"' ? quoted_skip(value, end)
						 : value_skip(start, value, end);
		if (!p)
			return -EBADMSG;
		if (p == value)
			value = p = equals + 1;
		param_r->value = str_between(value, p);
	}
	param_r->whole = str_between(semicolon, p);
	*at = p;
	return 1;
}

#endif

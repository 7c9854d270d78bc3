/* SPDX-License-Identifier: BSD-2-Clause */
/* What each byte may be a part of (RFC 3261 25.1): one table, and the loops over text that look at nothing else. */
#ifndef PARSER_CHARS_H
#define PARSER_CHARS_H

#include "core/base/str.h"

enum char_class {
	CH_LWS =
		1, /* SP, HTAB; CR and LF, which stand only in folds inside a header field's body */
	CH_TOKEN = 2,	    /* token */
	CH_USER = 4,	    /* user without escapes; and '#', which phones send as it is */
	CH_PASSWORD = 8,    /* password without escapes */
	CH_PARAM = 16,	    /* paramchar of a URI without escapes */
	CH_HNV = 32,	    /* hname and hvalue of a URI without escapes */
	CH_URI = 64,	    /* any URI, without escapes: reserved and unreserved of RFC 3986 */
	CH_HOST = 128,	    /* a label of a host name; and '_', which some networks use in names */
	CH_VALUE = 256,	    /* an unquoted parameter value: what cannot be taken for a delimiter */
	CH_DISPLAY = 512,   /* an unquoted display name: the same without ':', which a URI has */
	CH_PHONE = 1024,    /* a number of tel: digits, HEXDIG, "*", "#", visual separators */
	CH_RESERVED = 2048, /* reserved of RFC 2396: escaped and unescaped are not the same */
	CH_LISTING =
		4096, /* what means something in a list of values: comma, quote, bracket, parenthesis */
	CH_BRACKET = 8192,   /* what cannot stand between angle brackets: quote, bracket */
	CH_HOSTNAME = 16384, /* a host name: labels and the dots between them */
};

extern const uint16_t char_classes[256];

static inline bool char_is(char c, unsigned classes)
{
	return char_classes[(unsigned char)c] & classes;
}

/* The first byte from p on that is in none of the classes, or end. */
static inline const char *chars_skip(const char *p, const char *end, unsigned classes)
{
	while (p < end && char_is(*p, classes))
		p++;
	return p;
}

/* The first byte from p on that is in one of the classes, or end. */
static inline const char *chars_find(const char *p, const char *end, unsigned classes)
{
	while (p < end && !char_is(*p, classes))
		p++;
	return p;
}

static inline const char *lws_skip(const char *p, const char *end)
{
	return chars_skip(p, end, CH_LWS);
}

/* Takes white space off the end of the text between start and end. */
static inline const char *lws_trim(const char *start, const char *end)
{
	while (end > start && char_is(end[-1], CH_LWS))
		end--;
	return end;
}

/* As chars_skip, and "%" HEXDIG HEXDIG too. */
static inline const char *chars_skip_escaped(const char *p, const char *end, unsigned classes)
{
	for (;;) {
		p = chars_skip(p, end, classes);
		if (end - p < 3 || *p != '%' || char_hex(p[1]) < 0 || char_hex(p[2]) < 0)
			return p;
		p += 3;
	}
}

/* The byte behind the quoted string that begins at p (which is a quote), or NULL if it does not end before end. */
const char *quoted_skip(const char *p, const char *end);

#endif

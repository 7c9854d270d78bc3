/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of byte classes, written as the grammar's own sets. */
#include "parser/chars.h"

/* RFC 3261 25.1 unreserved is alphanum and mark, in all parts of all URIs. */
#define UNRESERVED (CH_USER | CH_PASSWORD | CH_PARAM | CH_HNV | CH_URI)
#define TEXT	   (CH_VALUE | CH_DISPLAY)
#define LABEL	   (CH_HOST | CH_HOSTNAME)
#define ALNUM	   (UNRESERVED | CH_TOKEN | LABEL | TEXT)

const uint16_t char_classes[256] = {
	['\t'] = CH_LWS,
	['\n'] = CH_LWS,
	['\r'] = CH_LWS,
	[' '] = CH_LWS,
	['0' ... '9'] = ALNUM | CH_PHONE,
	['A' ... 'F'] = ALNUM | CH_PHONE,
	['G' ... 'Z'] = ALNUM,
	['a' ... 'f'] = ALNUM | CH_PHONE,
	['g' ... 'z'] = ALNUM,
	[0x80 ... 0xff] = TEXT,
	/* mark */
	['-'] = UNRESERVED | CH_TOKEN | TEXT | LABEL | CH_PHONE,
	['_'] = UNRESERVED | CH_TOKEN | TEXT | LABEL,
	['.'] = UNRESERVED | CH_TOKEN | TEXT | CH_HOSTNAME | CH_PHONE,
	['!'] = UNRESERVED | CH_TOKEN | TEXT,
	['~'] = UNRESERVED | CH_TOKEN | TEXT,
	['*'] = UNRESERVED | CH_TOKEN | TEXT | CH_PHONE,
	['\''] = UNRESERVED | CH_TOKEN | TEXT,
	['('] = UNRESERVED | TEXT | CH_PHONE | CH_LISTING,
	[')'] = UNRESERVED | TEXT | CH_PHONE,
	/* reserved */
	[';'] = CH_USER | CH_URI | CH_RESERVED,
	['/'] = CH_USER | CH_PARAM | CH_HNV | CH_URI | CH_RESERVED | TEXT,
	['?'] = CH_USER | CH_HNV | CH_URI | CH_RESERVED | TEXT,
	[':'] = CH_PARAM | CH_HNV | CH_URI | CH_RESERVED | CH_VALUE,
	['@'] = CH_URI | CH_RESERVED | TEXT,
	['&'] = CH_USER | CH_PASSWORD | CH_PARAM | CH_URI | CH_RESERVED | TEXT,
	['='] = CH_USER | CH_PASSWORD | CH_URI | CH_RESERVED | TEXT,
	['+'] = CH_USER | CH_PASSWORD | CH_PARAM | CH_HNV | CH_URI | CH_RESERVED | CH_TOKEN | TEXT,
	['$'] = CH_USER | CH_PASSWORD | CH_PARAM | CH_HNV | CH_URI | CH_RESERVED | TEXT,
	[','] = CH_USER | CH_PASSWORD | CH_URI | CH_RESERVED | CH_LISTING,
	/* the rest */
	['['] = CH_PARAM | CH_HNV | CH_URI | TEXT,
	[']'] = CH_PARAM | CH_HNV | CH_URI | TEXT,
	['#'] = CH_USER | CH_URI | CH_PHONE | TEXT,
	['%'] = CH_TOKEN | TEXT,
	['`'] = CH_TOKEN | TEXT,
	['{'] = TEXT,
	['}'] = TEXT,
	['|'] = TEXT,
	['^'] = TEXT,
	['\\'] = CH_VALUE,
	['"'] = CH_LISTING | CH_BRACKET,
	['<'] = CH_LISTING | CH_BRACKET,
};

const char *quoted_skip(const char *p, const char *end)
{
	for (p++; p < end; p++) {
		if (*p == '"')
			return p + 1;
		if (*p == '\\' && ++p == end)
			return NULL;
	}
	return NULL;
}

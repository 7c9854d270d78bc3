/* SPDX-License-Identifier: BSD-2-Clause */
/* From line to line, each with its continuations, until the name is the one or the head ends. */
#include "parser/peek.h"

#include "parser/chars.h"

/* The byte behind the line that p lies in, and behind its continuations. */
static const char *line_skip(const char *p, const char *end)
{
	do {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			return end;
		p++;
	} while (p < end && (*p == ' ' || *p == '\t'));
	return p;
}

bool hdr_peek(struct str message, enum hdr_id id, struct str *body_r)
{
	const char *end = str_end(message), *line = line_skip(message.p, end), *next;

	for (; line < end && *line != '\r' && *line != '\n'; line = next) {
		const char *p = chars_skip(line, end, CH_TOKEN);

		next = line_skip(p, end);
		if (hdr_id_of(str_between(line, p)) != id)
			continue;
		p = chars_skip(p, next, CH_LWS);
		if (p == next || *p != ':')
			continue;
		p = lws_skip(p + 1, next);
		*body_r = str_between(p, lws_trim(p, next));
		return true;
	}
	return false;
}

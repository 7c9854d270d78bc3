/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the parts of a multipart body lie (RFC 2046 5.1.1). Each step goes on in the body, so that its end comes whatever stands in it. */
#include "modules/textops/textops.h"

#include <errno.h>

#define BOUNDARY_MAX 70u

int multipart_open(struct ctx *ctx, struct multipart *m_r)
{
	const struct sip_msg *msg = ctx->msg;
	const struct sip_hdr *h = msg->first[HDR_CONTENT_TYPE];
	struct sip_param p = { 0 };
	ssize_t semicolon = h ? str_chr(h->body, ';') : -1;

	if (!msg->body.n || semicolon < 0 || !str_starts_nocase(h->body, STR("multipart/")) ||
	    !sip_param_find(str_skip(h->body, (size_t)semicolon), STR("boundary"), &p))
		return -ENOENT;
	if (p.value.n >= 2 && p.value.p[0] == '"')
		p.value = str_of(p.value.p + 1, p.value.n - 2);
	if (!p.value.n || p.value.n > BOUNDARY_MAX)
		return -ENOENT;
	*m_r = (struct multipart){ .body = msg->body, .boundary = p.value };
	m_r->at = m_r->body.p;
	return 0;
}

/* The text behind the delimiter line that begins at s; null: none does. *closing_r: it is the last. */
static struct str behind_delimiter(const struct multipart *m, struct str s, bool *closing_r)
{
	if (!str_starts(s, STR("--")) || !str_starts(str_skip(s, 2), m->boundary))
		return STR_NULL;
	s = str_skip(s, 2 + m->boundary.n);
	*closing_r = str_starts(s, STR("--"));
	if (*closing_r)
		s = str_skip(s, 2);
	while (s.n && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_skip(s, 1);
	if (str_starts(s, STR("\r\n")))
		return str_skip(s, 2);
	return s.n ? STR_NULL : s;
}

/* The first delimiter line from `from` on; NULL: there is none. */
static const char *delimiter_find(const struct multipart *m, const char *from, struct str *behind_r,
				  bool *closing_r)
{
	const char *end = str_end(m->body);

	while (from < end) {
		const char *line_end;

		*behind_r = behind_delimiter(m, str_between(from, end), closing_r);
		if (behind_r->p)
			return from;
		line_end = memchr(from, '\n', (size_t)(end - from));
		if (!line_end)
			return NULL;
		from = line_end + 1;
	}
	return NULL;
}

static struct str without_line_end(struct str s)
{
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

static void part_read(struct str text, struct part *part_r)
{
	struct str rest = text;

	part_r->type = STR("text/plain");
	while (rest.n && !str_starts(rest, STR("\r\n"))) {
		ssize_t end = str_find(rest, STR("\r\n"));
		struct str line = end < 0 ? rest : str_head(rest, (size_t)end);

		if (str_starts_nocase(line, STR("Content-Type:")))
			part_r->type = str_trim(str_skip(line, sizeof("Content-Type:") - 1));
		rest = str_skip(rest, end < 0 ? rest.n : (size_t)end + 2);
	}
	part_r->headers = str_between(text.p, rest.p);
	part_r->content = without_line_end(str_skip(rest, 2));
}

bool multipart_next(struct multipart *m, struct part *part_r)
{
	struct str behind, ignored;
	const char *from, *next;
	bool closing, next_closing = false;

	from = m->at ? delimiter_find(m, m->at, &behind, &closing) : NULL;
	if (from && closing)
		m->close = from;
	if (!from || closing) {
		m->at = NULL;
		return false;
	}
	next = delimiter_find(m, behind.p, &ignored, &next_closing);
	m->at = next;
	*part_r = (struct part){ .whole = str_between(from, next ? next : str_end(m->body)) };
	part_read(str_between(behind.p, str_end(part_r->whole)), part_r);
	return true;
}

bool is_media_type(struct str content_type, struct str type)
{
	ssize_t end = str_chr(content_type, ';');

	if (end >= 0 && str_chr(type, ';') < 0)
		content_type = str_head(content_type, (size_t)end);
	return str_eq_nocase(str_trim(content_type), str_trim(type));
}

bool multipart_find(struct ctx *ctx, struct str type, struct part *part_r)
{
	struct multipart m;

	if (multipart_open(ctx, &m))
		return false;
	while (multipart_next(&m, part_r)) {
		if (is_media_type(part_r->type, type))
			return true;
	}
	return false;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The grammar of the two first lines, and the names of the methods. */
#include "parser/chars.h"
#include "parser/first_line.h"

static const struct str version_ours = STR_INIT("SIP/2.0");

enum sip_method sip_method_of(struct str name)
{
	/* one comparison of words for each name of that length */
#define X(m)                                                                  \
	if (name.n == sizeof(#m) - 1 && str_same(name.p, #m, sizeof(#m) - 1)) \
		return METHOD_##m;
	METHOD_TABLE(X)
#undef X
	return METHOD_OTHER;
}

/* NULL for SIP/2.0 (in any case: 7.1), else the error: another version of SIP is told from what is none. */
static const char *version_check(struct str v, int *status_r)
{
	const char *p, *end = str_end(v);

	if (v.n == 7 && memcmp(v.p, version_ours.p, 7) == 0)
		return NULL;
	if (str_eq_nocase(v, version_ours))
		return NULL;
	if (!str_starts_nocase(v, STR("SIP/")))
		return "malformed SIP version";
	p = v.p + 4;
	while (p < end && char_is_digit(*p))
		p++;
	if (p == v.p + 4 || p == end || *p != '.' || ++p == end)
		return "malformed SIP version";
	while (p < end && char_is_digit(*p))
		p++;
	if (p < end)
		return "malformed SIP version";
	*status_r = 505;
	return "SIP version not supported";
}

static const char *request_line(struct sip_msg *msg, struct str line, int *status_r,
				const char **at_r)
{
	const char *end = str_end(line), *p = chars_skip(line.p, end, CH_TOKEN), *last;

	*at_r = p;
	if (p == line.p || (p < end && *p != ' '))
		return "malformed method";
	msg->method_text = str_between(line.p, p);
	msg->method = sip_method_of(msg->method_text);
	if (p == end)
		return "no Request-URI";
	last = memrchr(p, ' ', (size_t)(end - p));
	if (last == p)
		return "no SIP version";
	*at_r = p + 1;
	msg->ruri = str_between(p + 1, last);
	msg->version = str_between(last + 1, end);
	if (msg->ruri.n == 0)
		return "white space in the request line";
	p = memchr(msg->ruri.p, ' ', msg->ruri.n);
	if (!p)
		p = memchr(msg->ruri.p, '\t', msg->ruri.n);
	if (p) {
		*at_r = p;
		return "white space in the request line";
	}
	*at_r = msg->version.p;
	return version_check(msg->version, status_r);
}

static const char *status_line(struct sip_msg *msg, struct str line, int *status_r,
			       const char **at_r)
{
	const char *end = str_end(line), *p = memchr(line.p, ' ', line.n), *error;

	*at_r = line.p;
	msg->version = str_between(line.p, p ? p : end);
	error = version_check(msg->version, status_r);
	if (error)
		return error;
	*at_r = p ? ++p : end;
	if (!p || end - p < 3 || !char_is_digit(p[0]) || !char_is_digit(p[1]) ||
	    !char_is_digit(p[2]))
		return "malformed status code";
	*at_r = p + 3;
	if (end - p == 3 || p[3] != ' ')
		return "malformed status line";
	*at_r = p;
	msg->status = (unsigned)((p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0'));
	msg->reason = str_between(p + 4, end);
	if (msg->status < 100 || msg->status > 699)
		return "status code out of range";
	return NULL;
}

const char *first_line_parse(struct sip_msg *msg, struct str line, int *status_r, const char **at_r)
{
	*status_r = 400;
	msg->first_line = line;
	msg->is_request = !str_starts_nocase(line, STR("SIP/"));
	return (msg->is_request ? request_line : status_line)(msg, line, status_r, at_r);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Taking a URI apart. Strict where a part could be read in two ways; the two things that phones send against the grammar and that
 * cannot be misread are taken: '#' in a user part, and a parameter with nothing behind its '='. */
#include "parser/chars.h"
#include "parser/host.h"

#include <errno.h>

static int fail(struct str text, const char *at, size_t *offset_r)
{
	if (offset_r)
		*offset_r = (size_t)(at - text.p);
	return -EBADMSG;
}

/* user [ ":" password ]. NULL, or the place of the error. */
static const char *userinfo_take(struct str s, struct str *user_r, struct str *password_r)
{
	const char *end = str_end(s), *p = chars_skip_escaped(s.p, end, CH_USER), *password;

	if (p == s.p)
		return p;
	*user_r = str_between(s.p, p);
	*password_r = STR_NULL;
	if (p == end)
		return NULL;
	if (*p != ':')
		return p;
	password = p + 1;
	p = chars_skip_escaped(password, end, CH_PASSWORD);
	*password_r = str_between(password, p);
	return p == end ? NULL : p;
}

bool uri_is_user(struct str s)
{
	struct str user, password;

	return s.n && !userinfo_take(s, &user, &password);
}

/* *( ";" pname [ "=" pvalue ] ) from p on; '=' may stand in a value, as in base64. Where it ends; a malformed parameter ends at its error. */
static const char *params_skip(const char *p, const char *end)
{
	while (p < end && *p == ';') {
		const char *name = p + 1;

		p = chars_skip_escaped(name, end, CH_PARAM);
		if (p == name)
			return p;
		while (p < end && *p == '=')
			p = chars_skip_escaped(p + 1, end, CH_PARAM);
	}
	return p;
}

/* header *( "&" header ) from p to end. NULL, or the place of the error. */
static const char *headers_check(const char *p, const char *end)
{
	for (;;) {
		const char *name = p;

		p = chars_skip_escaped(p, end, CH_HNV);
		if (p == name || p == end || *p != '=')
			return p;
		p = chars_skip_escaped(p + 1, end, CH_HNV);
		if (p == end)
			return NULL;
		if (*p++ != '&')
			return p - 1;
	}
}

/* What follows "sip:" or "sips:". NULL, or the place of the error. */
static const char *sip_take(struct sip_uri *u, const char *p, const char *end)
{
	const char *at = memchr(p, '@', (size_t)(end - p)), *error, *q;

	if (at) {
		error = userinfo_take(str_between(p, at), &u->user, &u->password);
		if (error)
			return error;
		p = at + 1;
	}
	q = host_take(p, end, &u->host_kind, &u->v4);
	if (!q)
		return p;
	u->host = str_between(p, q);
	p = q;
	if (p < end && *p == ':') {
		q = port_take(p + 1, end, &u->port);
		if (!q)
			return p + 1;
		u->port_text = str_between(p + 1, q);
		p = q;
	}
	q = params_skip(p, end);
	u->params = str_between(p, q);
	if (q > p && q[-1] == ';')
		return q;
	if (q == end)
		return NULL;
	if (*q != '?')
		return q;
	u->headers = str_between(q + 1, end);
	return headers_check(q + 1, end);
}

/* RFC 3966; a local number without phone-context is taken, since gateways send it ("tel:911"). */
static const char *tel_take(struct sip_uri *u, const char *p, const char *end)
{
	const char *digits = p < end && *p == '+' ? p + 1 : p, *q;
	bool has_digit = false;

	for (q = digits; q < end && char_is(*q, CH_PHONE); q++) {
		if (digits != p && !char_is_digit(*q) && !strchr("-.()", *q))
			return q;
		has_digit = has_digit || !strchr("-.()", *q);
	}
	if (!has_digit)
		return q;
	u->user = str_between(p, q);
	p = q;
	q = params_skip(p, end);
	u->params = str_between(p, q);
	return q < end || (q > p && q[-1] == ';') ? q : NULL;
}

/* RFC 8141: NID ":" NSS with all that may follow it. */
static const char *urn_check(const char *p, const char *end)
{
	const char *q = p;

	while (q < end && q - p < 32 && char_is(*q, CH_HOST) && *q != '_')
		q++;
	if (q - p < 2 || *p == '-' || q[-1] == '-' || q == end || *q != ':' || q + 1 == end)
		return q;
	q = chars_skip_escaped(q + 1, end, CH_URI);
	return q == end ? NULL : q;
}

static const char *opaque_check(const char *p, const char *end)
{
	const char *q = chars_skip_escaped(p, end, CH_URI);

	return q == end && q > p ? NULL : q;
}

/* scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ): its end, or NULL. */
static const char *scheme_take(struct str text, enum uri_scheme *scheme_r)
{
	const char *p = text.p, *end = str_end(text);
	struct str name;

	if (text.n > 4 && p[3] == ':' && STR_IS(str_of(p, 3), "sip")) {
		*scheme_r = URI_SIP;
		return p + 3;
	}
	if (p == end || !((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')))
		return NULL;
	while (p < end && ((char_is(*p, CH_HOST) && *p != '_') || *p == '.' || *p == '+'))
		p++;
	if (p == end || *p != ':')
		return NULL;
	name = str_between(text.p, p);
	*scheme_r = URI_OTHER;
	if (STR_IS(name, "sip"))
		*scheme_r = URI_SIP;
	else if (STR_IS(name, "sips"))
		*scheme_r = URI_SIPS;
	else if (STR_IS(name, "tel"))
		*scheme_r = URI_TEL;
	else if (STR_IS(name, "urn"))
		*scheme_r = URI_URN;
	return p;
}

int uri_parse(struct str text, struct sip_uri *uri_r, size_t *offset_r)
{
	const char *end, *colon, *error;
	enum uri_scheme scheme;
	struct sip_uri u;

	if (text.n == 0)
		text = STR("");
	end = str_end(text);
	colon = scheme_take(text, &scheme);
	if (!colon)
		return fail(text, text.p, offset_r);
	memset(&u, 0, sizeof(u));
	u.scheme = scheme;
	u.text = text;
	u.scheme_text = str_between(text.p, colon);
	u.params = str_of(end, 0);
	if (scheme == URI_SIP || scheme == URI_SIPS) {
		error = sip_take(&u, colon + 1, end);
	} else {
		u.opaque = str_between(colon + 1, end);
		error = (scheme == URI_TEL)   ? tel_take(&u, colon + 1, end)
			: (scheme == URI_URN) ? urn_check(colon + 1, end)
					      : opaque_check(colon + 1, end);
	}
	if (error)
		return fail(text, error, offset_r);
	*uri_r = u;
	return 0;
}

struct str uri_unescape(struct str s, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int high = -1, low = -1;

		if (s.p[i] == '%' && s.n - i > 2) {
			high = char_hex(s.p[i + 1]);
			low = char_hex(s.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			out[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = s.p[i];
		}
	}
	return str_of(out, n);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* When two URIs are the same (RFC 3261 19.1.4, RFC 3966 4), and finding a parameter by what its name means, not how it is escaped. */
#include "core/base/addr.h"
#include "parser/chars.h"
#include "parser/uri.h"

/* Each part is searched for each other one: with more of them than this, nobody's URIs, only equal text is equal. */
#define PARTS_MAX 64u

/* The next character of s at *i: an escaped one that is not reserved is what it stands for (19.1.4); an escaped reserved one differs from the plain
 * one. s has at least one byte more. */
static int next_char(struct str s, size_t *i)
{
	int high, low, c;

	c = (unsigned char)s.p[(*i)++];
	if (c != '%' || s.n - *i < 2)
		return c;
	high = char_hex(s.p[*i]);
	low = char_hex(s.p[*i + 1]);
	if (high < 0 || low < 0)
		return c;
	*i += 2;
	c = high << 4 | low;
	return char_is((char)c, CH_RESERVED) ? c + 256 : c;
}

static bool part_eq(struct str a, struct str b, bool any_case)
{
	size_t i = 0, j = 0;

	if (str_is_null(a) != str_is_null(b))
		return false;
	while (i < a.n && j < b.n) {
		int x = next_char(a, &i), y = next_char(b, &j);

		if (any_case && x < 256 && y < 256) {
			x = (unsigned char)char_lower((char)x);
			y = (unsigned char)char_lower((char)y);
		}
		if (x != y)
			return false;
	}
	return i == a.n && j == b.n;
}

/* Takes "name=value" up to the next sep off *rest; false when nothing is left. value is null without '='. */
static bool part_take(struct str *rest, char sep, struct str *name_r, struct str *value_r)
{
	struct str part;
	ssize_t equals;

	if (!str_split(rest, sep, &part))
		return false;
	equals = str_chr(part, '=');
	*name_r = equals < 0 ? part : str_head(part, (size_t)equals);
	*value_r = equals < 0 ? STR_NULL : str_of(part.p + equals + 1, part.n - (size_t)equals - 1);
	return true;
}

static bool part_find(struct str parts, char sep, struct str name, struct str *value_r)
{
	struct str found, value;

	while (part_take(&parts, sep, &found, &value)) {
		if (part_eq(found, name, true)) {
			*value_r = value;
			return true;
		}
	}
	return false;
}

/* The parameters without the first ';', null if there are none. */
static struct str params_of(const struct sip_uri *u)
{
	return u->params.n ? str_skip(u->params, 1) : STR_NULL;
}

/* The same where nothing is escaped, as nearly always: asked for several times of each message. */
static bool param_find(struct str params, struct str name, struct str *value_r)
{
	const char *end = str_end(params), *p = params.p;

	for (; p && p < end; p = memchr(p + 1, ';', (size_t)(end - p - 1))) {
		const char *q = p + 1 + name.n, *next;

		if (q > end || (q < end && *q != '=' && *q != ';') ||
		    !str_eq_nocase_n(p + 1, name.p, name.n))
			continue;
		next = q < end ? memchr(q, ';', (size_t)(end - q)) : NULL;
		*value_r = q < end && *q == '=' ? str_between(q + 1, next ? next : end) : STR("");
		return true;
	}
	return false;
}

struct str uri_param(const struct sip_uri *uri, struct str name)
{
	struct str value = STR_NULL;

	if (!uri->params.n || (uri->scheme != URI_SIP && uri->scheme != URI_SIPS))
		return STR_NULL;
	if (str_chr(uri->params, '%') < 0 && str_chr(name, '%') < 0)
		return param_find(uri->params, name, &value) ? value : STR_NULL;
	if (!part_find(params_of(uri), ';', name, &value))
		return STR_NULL;
	return str_is_null(value) ? STR("") : value;
}

static unsigned parts_count(struct str parts, char sep)
{
	unsigned n = 0;
	struct str part;

	while (str_split(&parts, sep, &part))
		n++;
	return n;
}

static bool host_eq(struct str a, struct str b)
{
	struct addr x, y;

	if (str_eq_nocase(a, b))
		return true;
	return a.n && b.n && a.p[0] == '[' && b.p[0] == '[' && !addr_parse(a, &x) &&
	       !addr_parse(b, &y) && addr_ip_eq(&x, &y);
}

/* Whether a parameter that only one of two URIs has makes them differ. transport has a default value too, see the text and examples of 19.1.4. */
static bool param_must_be_in_both(struct str name)
{
	static const struct str names[] = { STR_INIT("transport"), STR_INIT("user"),
					    STR_INIT("ttl"), STR_INIT("method"),
					    STR_INIT("maddr") };

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (part_eq(name, names[i], true))
			return true;
	}
	return false;
}

/* Whether each parameter of a agrees with b; all: one that is not in b is a difference. */
static bool params_agree(struct str a, struct str b, bool all)
{
	struct str name, value, other;

	while (part_take(&a, ';', &name, &value)) {
		if (part_find(b, ';', name, &other)) {
			if (!part_eq(value, other, true))
				return false;
		} else if (all || param_must_be_in_both(name)) {
			return false;
		}
	}
	return true;
}

/* The same number of headers, and each in both with the same value. */
static bool headers_eq(struct str a, struct str b)
{
	struct str rest = a, name, value, other;

	if (parts_count(a, '&') != parts_count(b, '&'))
		return false;
	while (part_take(&rest, '&', &name, &value)) {
		if (!part_find(b, '&', name, &other) || !part_eq(value, other, false))
			return false;
	}
	return true;
}

static bool sip_eq(const struct sip_uri *a, const struct sip_uri *b)
{
	return part_eq(a->user, b->user, false) && part_eq(a->password, b->password, false) &&
	       host_eq(a->host, b->host) && a->port == b->port &&
	       params_agree(params_of(a), params_of(b), false) &&
	       params_agree(params_of(b), params_of(a), false) &&
	       headers_eq(a->headers, b->headers) && headers_eq(b->headers, a->headers);
}

/* Numbers without their visual separators; hexadecimal digits in any case. */
static bool number_eq(struct str a, struct str b)
{
	static const char separators[] = "-.()";
	size_t i = 0, j = 0;

	for (;;) {
		while (i < a.n && memchr(separators, a.p[i], 4))
			i++;
		while (j < b.n && memchr(separators, b.p[j], 4))
			j++;
		if (i == a.n || j == b.n)
			return i == a.n && j == b.n;
		if (char_lower(a.p[i++]) != char_lower(b.p[j++]))
			return false;
	}
}

static bool is_number_param(struct str name, struct str value)
{
	return part_eq(name, STR("ext"), true) ||
	       (part_eq(name, STR("phone-context"), true) && value.n && value.p[0] == '+');
}

static bool tel_params_in(struct str a, struct str b)
{
	struct str name, value, other;

	while (part_take(&a, ';', &name, &value)) {
		if (!part_find(b, ';', name, &other))
			return false;
		if (is_number_param(name, value) ? !number_eq(value, other)
						 : !part_eq(value, other, true))
			return false;
	}
	return true;
}

static bool tel_eq(const struct sip_uri *a, const struct sip_uri *b)
{
	return number_eq(a->user, b->user) && tel_params_in(params_of(a), params_of(b)) &&
	       tel_params_in(params_of(b), params_of(a));
}

bool uri_eq(const struct sip_uri *a, const struct sip_uri *b)
{
	if (a->scheme != b->scheme)
		return false;
	if (a->scheme == URI_OTHER || a->scheme == URI_URN || str_eq(a->text, b->text))
		return str_eq(a->text, b->text);
	if (parts_count(params_of(a), ';') > PARTS_MAX ||
	    parts_count(a->headers, '&') > PARTS_MAX ||
	    parts_count(params_of(b), ';') > PARTS_MAX || parts_count(b->headers, '&') > PARTS_MAX)
		return false;
	return a->scheme == URI_TEL ? tel_eq(a, b) : sip_eq(a, b);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* hostport (RFC 3261 25.1) as URIs and Via write it: what is a name, what an address, and what only looks like one. */
#include "core/base/addr.h"
#include "parser/chars.h"
#include "parser/host.h"

/* Four numbers up to 255 without leading zeros: what inet_pton takes and nothing that some library would read as octal. */
static bool is_v4(const char *p, const char *end)
{
	for (unsigned part = 0; part < 4; part++) {
		const char *start = p;
		unsigned n = 0;

		for (; p < end && p - start < 3 && char_is_digit(*p); p++)
			n = n * 10 + (unsigned)(*p - '0');
		if (p == start || n > 255 || (*start == '0' && p - start > 1))
			return false;
		if (part < 3 && (p == end || *p++ != '.'))
			return false;
	}
	return p == end;
}

/* Labels between dots, which neither begin nor end with '-'; the last is not all digits, or it would be a bad address. A dot at the end is legal. */
static bool is_name(const char *p, const char *end)
{
	bool numeric = true;

	if (end > p && end[-1] == '.')
		end--;
	if (p == end)
		return false;
	while (p < end) {
		const char *label = p;

		numeric = true;
		for (; p < end && char_is(*p, CH_HOST); p++)
			numeric = numeric && char_is_digit(*p);
		if (p == label || *label == '-' || p[-1] == '-')
			return false;
		if (p < end && (*p++ != '.' || p == end))
			return false;
	}
	return !numeric;
}

bool uri_is_host(struct str s, enum uri_host_kind *kind_r)
{
	struct addr addr;

	if (s.n == 0)
		return false;
	if (s.p[0] == '[') {
		*kind_r = URI_HOST_V6;
		return s.p[s.n - 1] == ']' && addr_parse(s, &addr) == 0;
	}
	if (char_is_digit(s.p[0]) && is_v4(s.p, str_end(s))) {
		*kind_r = URI_HOST_V4;
		return true;
	}
	*kind_r = URI_HOST_NAME;
	return is_name(s.p, str_end(s));
}

const char *host_end(const char *p, const char *end)
{
	const char *close;

	if (p < end && *p == '[') {
		close = memchr(p, ']', (size_t)(end - p));
		return close ? close + 1 : end;
	}
	while (p < end && (char_is(*p, CH_HOST) || *p == '.'))
		p++;
	return p;
}

const char *port_take(const char *p, const char *end, uint16_t *port_r)
{
	unsigned n = 0;

	for (; p < end && char_is_digit(*p); p++)
		n = n > 65535 ? n : n * 10 + (unsigned)(*p - '0');
	if (n == 0 || n > 65535)
		return NULL;
	*port_r = (uint16_t)n;
	return p;
}

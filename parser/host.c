/* SPDX-License-Identifier: BSD-2-Clause */
/* hostport (RFC 3261 25.1) as URIs and Via write it: what is a name, what an address, and what only looks like one. */
#include "core/base/addr.h"
#include "parser/chars.h"
#include "parser/host.h"

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
	uint32_t v4;

	if (s.n == 0)
		return false;
	if (s.p[0] == '[') {
		*kind_r = URI_HOST_V6;
		return s.p[s.n - 1] == ']' && addr_parse(s, &addr) == 0;
	}
	if (addr_v4_take(s.p, str_end(s), &v4) == str_end(s)) {
		*kind_r = URI_HOST_V4;
		return true;
	}
	*kind_r = URI_HOST_NAME;
	return is_name(s.p, str_end(s));
}

const char *host_take(const char *p, const char *end, enum uri_host_kind *kind_r, uint32_t *v4_r)
{
	const char *q = addr_v4_take(p, end, v4_r);

	if (q && (q == end || !char_is(*q, CH_HOSTNAME))) {
		*kind_r = URI_HOST_V4;
		return q;
	}
	if (p < end && *p == '[') {
		q = memchr(p, ']', (size_t)(end - p));
		q = q ? q + 1 : end;
	} else {
		q = chars_skip(p, end, CH_HOSTNAME);
	}
	return uri_is_host(str_between(p, q), kind_r) ? q : NULL;
}

const char *port_take(const char *p, const char *end, uint16_t *port_r)
{
	unsigned n = 0, digit;

	for (; p < end && n <= 65535 && (digit = (unsigned)(uint8_t)*p - '0') <= 9; p++)
		n = n * 10 + digit;
	if (n == 0 || n > 65535)
		return NULL;
	*port_r = (uint16_t)n;
	return p;
}

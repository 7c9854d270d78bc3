/* SPDX-License-Identifier: BSD-2-Clause */
/* generic-param, read as widely as it can be without doubt about where a value ends. */
#include "parser/chars.h"
#include "parser/param.h"

#include <errno.h>

int sip_param_next(struct str *rest, struct sip_param *param_r)
{
	const char *p, *end, *semicolon, *name_end, *equals, *value;

	if (rest->n == 0)
		return 0;
	end = str_end(*rest);
	p = semicolon = lws_skip(rest->p, end);
	if (p == end) {
		*rest = str_of(end, 0);
		return 0;
	}
	if (*p != ';')
		return -EBADMSG;
	p = lws_skip(p + 1, end);
	name_end = chars_skip(p, end, CH_TOKEN);
	if (name_end == p)
		return -EBADMSG;
	param_r->name = str_between(p, name_end);
	param_r->value = STR_NULL;
	equals = lws_skip(name_end, end);
	if (equals < end && *equals == '=') {
		value = lws_skip(equals + 1, end);
		p = value < end && *value == '"' ? quoted_skip(value, end)
						 : chars_skip(value, end, CH_VALUE);
		if (!p)
			return -EBADMSG;
		if (p == value)
			value = p = equals + 1;
		param_r->value = str_between(value, p);
		name_end = p;
	}
	param_r->whole = str_between(semicolon, name_end);
	*rest = str_between(name_end, end);
	return 1;
}

bool sip_param_find(struct str params, struct str name, struct sip_param *param_r)
{
	struct sip_param param;

	while (sip_param_next(&params, &param) > 0) {
		if (str_eq_nocase(param.name, name)) {
			*param_r = param;
			return true;
		}
	}
	return false;
}

struct str sip_unquote(struct str value, char *out)
{
	size_t n = 0;

	if (value.n == 0 || value.p[0] != '"') {
		if (value.n)
			memcpy(out, value.p, value.n);
		return str_of(out, value.n);
	}
	for (size_t i = 1; i < value.n && value.p[i] != '"'; i++) {
		if (value.p[i] == '\\' && i + 1 < value.n)
			i++;
		out[n++] = value.p[i];
	}
	return str_of(out, n);
}

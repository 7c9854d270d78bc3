/* SPDX-License-Identifier: BSD-2-Clause */
/* generic-param, read as widely as it can be without doubt about where a value ends. */
#include "parser/param_take.h"

int sip_param_next(struct str *rest, struct sip_param *param_r)
{
	const char *at = rest->p, *end = str_end(*rest);
	int more;

	if (rest->n == 0)
		return 0;
	more = param_take(at, &at, end, param_r);
	if (more >= 0)
		*rest = str_between(at, end);
	return more;
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* Which failures are not written. */
#include "modules/acc/acc.h"

#define STATUS_FIRST 300u
#define STATUS_LAST  699u

const char *acc_filter_parse(struct acc_conf *c)
{
	struct str rest = c->failed_filter, piece;

	memset(c->filtered, 0, sizeof(c->filtered));
	while (rest.n && str_split(&rest, ',', &piece)) {
		uint64_t status;

		if (str_uint(str_trim(piece), STATUS_LAST, &status) || status < STATUS_FIRST)
			return "statuses from 300 to 699 are named, with commas between them";
		c->filtered[(status - STATUS_FIRST) / 64] |= 1ull << (status - STATUS_FIRST) % 64;
	}
	return NULL;
}

bool acc_is_filtered(const struct acc_conf *c, unsigned status)
{
	unsigned n = status - STATUS_FIRST;

	return status >= STATUS_FIRST && status <= STATUS_LAST &&
	       c->filtered[n / 64] & 1ull << n % 64;
}

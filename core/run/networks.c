/* SPDX-License-Identifier: BSD-2-Clause */
/* How a list of networks is written. */
#include "core/run/networks.h"

#include "core/mem/arena.h"

const char *networks_add(struct networks **list, struct arena *arena, const struct value *v)
{
	struct str rest = v->s, piece;

	if (v->type != VALUE_STR)
		return "networks are needed: \"10.0.0.0/8\", several with commas";
	while (str_split(&rest, ',', &piece)) {
		struct networks *n = arena_zalloc(arena, sizeof(*n));

		if (!n)
			return "out of memory";
		if (network_parse(str_trim(piece), &n->network))
			return "not a network (10.0.0.0/8, 2001:db8::/32 or an address)";
		n->next = *list;
		*list = n;
	}
	return NULL;
}

bool networks_have(const struct networks *list, const struct addr *a)
{
	for (; list; list = list->next) {
		if (network_has(&list->network, a))
			return true;
	}
	return false;
}

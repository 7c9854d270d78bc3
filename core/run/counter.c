/* SPDX-License-Identifier: BSD-2-Clause */
/* Which group of counters stands where in a slot's row. */
#include "core/run/counter.h"

#include <errno.h>

#define GROUPS_MAX 64u

/* Fixed before the first fork. */
static struct {
	struct counter_group *groups[GROUPS_MAX];
	unsigned n;
	unsigned used;
} registry;

/* Counts made before the process has a slot. */
static uint64_t private_row[COUNTERS_MAX];
uint64_t *counter_row = private_row;

int counters_register(struct counter_group *group)
{
	for (unsigned i = 0; i < registry.n; i++) {
		if (registry.groups[i] == group)
			return 0;
	}
	if (registry.n == GROUPS_MAX || registry.used + group->n > COUNTERS_MAX)
		return -ENOSPC;
	group->base = registry.used;
	registry.used += group->n;
	registry.groups[registry.n++] = group;
	return 0;
}

void counters_row_set(uint64_t *row)
{
	counter_row = row;
}

void counters_each(void (*each)(const struct counter_group *group, void *arg), void *arg)
{
	for (unsigned i = 0; i < registry.n; i++)
		each(registry.groups[i], arg);
}

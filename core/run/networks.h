/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of networks, as parameters hold them: who is exempt, who may. */
#ifndef RUN_NETWORKS_H
#define RUN_NETWORKS_H

#include "core/base/addr.h"
#include "core/run/value.h"

struct arena;

struct networks {
	struct networks *next;
	struct network network;
};

/* Adds those that a parameter's value names, with commas: for set() of a P_CALL. NULL, or constant text that says what is wrong. */
const char *networks_add(struct networks **list, struct arena *arena, const struct value *v);
bool networks_have(const struct networks *list, const struct addr *a);

#endif

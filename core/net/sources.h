/* SPDX-License-Identifier: BSD-2-Clause */
/* How many connections each source has: an IPv4 address or an IPv6 /64. In main's memory; each step O(1). */
#ifndef NET_SOURCES_H
#define NET_SOURCES_H

#include "core/base/addr.h"

struct sources;

/* For at most n connections. NULL: no memory. */
struct sources *sources_new(unsigned n);
void sources_drop(struct sources **sp);
unsigned sources_count(const struct sources *s, const struct addr *a);
void sources_add(struct sources *s, const struct addr *a);
/* Of one that was added. */
void sources_remove(struct sources *s, const struct addr *a);

#endif

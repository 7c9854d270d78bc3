/* SPDX-License-Identifier: BSD-2-Clause */
/* Names and their addresses, kept for a while in this process's memory: the answers of name servers, and the hosts file. */
#ifndef NET_ANSWERS_H
#define NET_ANSWERS_H

#include "core/net/net.h"

struct answers;

struct answer {
	struct addr addrs[RESOLVE_ADDRS];
	unsigned n;
	int error; /* as in struct resolve */
};

/* At most max names; the least recently used goes first. NULL: no memory. */
struct answers *answers_new(unsigned max);
void answers_drop(struct answers **ap);
/* name in lower case. NULL: not known, or too old. Valid until the next call. */
const struct answer *answers_find(struct answers *a, struct str name, int family, uint64_t now);
/* Kept until expires (clock_ms; UINT64_MAX: for ever). Without memory nothing is kept. */
void answers_put(struct answers *a, struct str name, int family, const struct answer *answer,
		 uint64_t expires);
/* Adds the names of a hosts file, for AF_UNSPEC, for ever. Returns how many lines had any. */
unsigned answers_read_hosts(struct answers *a, const char *path_z);

#endif

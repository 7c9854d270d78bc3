/* SPDX-License-Identifier: BSD-2-Clause */
/* The part of name resolution that the worker's turn drives; the rest is resolve_start and resolve_cancel of net.h. */
#ifndef NET_RESOLVER_H
#define NET_RESOLVER_H

struct net_worker;
struct resolver;

/* Reads resolv.conf and the hosts file, once. 0 or -errno. */
int resolver_start(struct net_worker *nw);
void resolver_stop(struct resolver **rp);
/* Tells those whose names were answered. */
void resolver_turn(struct resolver *r);

#endif

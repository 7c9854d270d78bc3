/* SPDX-License-Identifier: BSD-2-Clause */
/* From listen= to sockets. */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "core/net/state.h"

/* Fills net's listeners and names from the configuration: interfaces and wildcards become addresses, host names are resolved (this may
 * block: at start only). What is wrong is logged. 0 or -errno. */
int listeners_resolve(struct net *net, const struct net_conf *conf);
/* Opens all sockets. What is wrong is logged with what to do. 0 or -errno. */
int listeners_open(struct net *net, const struct net_conf *conf);
void listeners_close(struct net *net);

#endif

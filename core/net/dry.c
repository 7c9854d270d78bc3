/* SPDX-License-Identifier: BSD-2-Clause */
/* The network of a router that only tries its script: addresses that it would listen on, and no socket. */
#include "core/net/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int net_open_dry(struct run *run, const struct conf *conf)
{
	struct net *net = calloc(1, sizeof(*net));
	int err;

	if (!net)
		return -ENOMEM;
	run->net = net;
	err = net_counters_register();
	return err ? err : listeners_resolve(net, NET_CONF(conf));
}

void net_dry_session_set(struct run *run, uint64_t conn, const void *session)
{
	run->net->dry_conn = conn;
	run->net->dry_session = session;
}

int net_worker_start_dry(struct worker *w)
{
	struct net_worker *nw = calloc(1, sizeof(*nw));

	if (!nw)
		return -ENOMEM;
	nw->w = w;
	nw->net = w->run->net;
	nw->route_fd[0] = nw->route_fd[1] = -1;
	w->net = nw;
	return 0;
}

void net_worker_stop_dry(struct worker *w)
{
	struct net_worker *nw = w->net;

	w->net = NULL;
	if (!nw)
		return;
	for (int i = 0; i < 2; i++)
		if (nw->route_fd[i] >= 0)
			close(nw->route_fd[i]);
	free(nw);
}

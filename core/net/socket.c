/* SPDX-License-Identifier: BSD-2-Clause */
/* The sockets of listeners. */
#include "core/net/listener.h"
#include "core/net/own.h"

#include "core/run/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

static int number_set(int fd, int level, int name, int64_t value)
{
	int v = (int)value;

	return setsockopt(fd, level, name, &v, sizeof(v)) ? -errno : 0;
}

static void receive_buffer_set(int fd, int64_t bytes)
{
	/* beyond the system's limit when we may */
	if (number_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes))
		number_set(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

static int options_set(int fd, const struct listener *l, const struct net_conf *conf)
{
	bool v6 = l->addr.sa.sa_family == AF_INET6;
	int err = 0;

	if (v6)
		err = number_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!err && l->ip_free_bind)
		err = number_set(fd, IPPROTO_IP, IP_FREEBIND, 1);
	if (conf->tos)
		number_set(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_TCLASS : IP_TOS,
			   conf->tos);
	if (err)
		return err;
	if (!l->transport->reliable) {
		receive_buffer_set(fd, conf->maxbuffer);
		/* where there is none, nothing looks late */
		number_set(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1);
		/* ICMP errors are queued: icmp.c */
		return number_set(fd, v6 ? IPPROTO_IPV6 : IPPROTO_IP,
				  v6 ? IPV6_RECVERR : IP_RECVERR, 1);
	}
	/* accepted connections inherit these */
	socket_prepare(fd, conf);
	/* an earlier router's connections may still be in TIME_WAIT; two that listen are refused all the same */
	return number_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
}

static int open_one(struct listener *l, const struct net_conf *conf)
{
	int type = l->transport->reliable ? SOCK_STREAM : SOCK_DGRAM;
	int fd = socket(l->addr.sa.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	err = options_set(fd, l, conf);
	if (!err && bind(fd, &l->addr.sa, addr_len(&l->addr)))
		err = -errno;
	if (!err && l->transport->reliable && listen(fd, (int)conf->tcp_listen_backlog))
		err = -errno;
	if (err) {
		close(fd);
		return err;
	}
	l->fd = fd;
	return 0;
}

static const char *hint_z(int err)
{
	switch (-err) {
	case EADDRINUSE:
		return "is another instance running?";
	case EADDRNOTAVAIL:
		return "no interface has this address; ip_free_bind listens on it nevertheless";
	case EACCES:
		return "ports below 1024 need CAP_NET_BIND_SERVICE";
	case EMFILE:
		return "raise open_fd_limit";
	default:
		return NULL;
	}
}

int listeners_open(struct net *net, const struct net_conf *conf)
{
	for (unsigned i = 0; i < net->listeners_n; i++) {
		struct listener *l = &net->listeners[i];
		int err = open_one(l, conf);

		if (err) {
			log_err("net", "could not listen", KV_Z("transport", l->transport->name),
				KV_ADDR("address", &l->addr), KV_ERRNO(-err),
				KV_Z("hint", hint_z(err)));
			return err;
		}
	}
	net->udp = calloc(net->listeners_n, sizeof(*net->udp));
	if (!net->udp)
		return -ENOMEM;
	for (unsigned i = 0; i < net->listeners_n; i++) {
		if (!net->listeners[i].transport->reliable)
			net->udp[net->udp_n++] =
				(struct pollfd){ .fd = net->listeners[i].fd, .events = POLLIN };
	}
	return 0;
}

void listeners_close(struct net *net)
{
	for (unsigned i = 0; i < net->listeners_n; i++) {
		struct listener *l = &net->listeners[i];

		if (l->fd >= 0)
			close(l->fd);
		if (l->host.p != l->adv_host.p)
			free((char *)(uintptr_t)l->host.p);
		free((char *)(uintptr_t)l->adv_host.p);
		free((char *)(uintptr_t)l->name.p);
	}
	for (unsigned i = 0; i < net->names_n; i++)
		free((char *)(uintptr_t)net->names[i].host.p);
	free(net->listeners);
	free(net->names);
	free(net->udp);
	net->listeners = NULL;
	net->names = NULL;
	net->udp = NULL;
	net->listeners_n = net->names_n = net->udp_n = 0;
}

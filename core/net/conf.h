/* SPDX-License-Identifier: BSD-2-Clause */
/* What the configuration says about the network: the section of net_module. Constant once published. */
#ifndef NET_CONF_H
#define NET_CONF_H

#include "core/net/net.h"
#include "core/run/networks.h"

#define CONN_BACKLOG_MAX 64

struct conf_listen {
	struct listen_def def;
	const struct stream_protocol *protocol; /* NULL: SIP */
	struct conf_listen *next;
};

struct conf_alias {
	const struct transport *transport; /* NULL: any */
	struct str host;
	struct addr addr; /* when host is an address; else AF_UNSPEC */
	uint16_t port;	  /* 0: any */
	struct conf_alias *next;
};

struct net_conf {
	struct conf_listen *listens, *listens_last; /* in the order of the script */
	struct conf_listen *others;		    /* of modules' own protocols */
	struct conf_alias *aliases;
	struct networks *allow; /* exempt from the limit by source */

	bool tls;		     /* there is TLS: the check() of its module sets it */
	int64_t port;		     /* of a listen without one */
	int64_t tls_port;	     /* the same for TLS; 0: the default of the transport */
	int64_t tls_max_connections; /* of all that may be; 0: no limit of their own */
	bool mhomed;
	bool disable_tcp;
	bool tcp_accept_aliases;
	int64_t tos; /* 0: the kernel's */

	/* milliseconds */
	int64_t tcp_connect_timeout;
	int64_t tcp_send_timeout;
	int64_t tcp_connection_lifetime; /* 0: for ever */
	int64_t tcp_accept_timeout;	 /* 0: never */
	int64_t tcp_message_timeout;

	int64_t tcp_max_connections;		/* 0: half of the descriptors */
	int64_t tcp_max_connections_per_source; /* 0: no limit */
	/* bytes */
	int64_t tcp_conn_wq_max;
	int64_t tcp_wq_max;
	int64_t tcp_msg_max;
	int64_t conn_backlog; /* messages; 0: a connection's owner runs all of them */

	bool tcp_keepalive;
	int64_t tcp_keepidle, tcp_keepintvl, tcp_keepcnt; /* seconds, count; 0: the kernel's */
	int64_t tcp_listen_backlog;
	int64_t maxbuffer; /* receive buffer of a UDP socket in bytes */

	bool dns_try_ipv6;
	bool dns_use_search_list;
	bool use_dns_cache;
	int64_t dns_retr_time; /* milliseconds for a try */
	int64_t dns_retr_no;   /* tries with each server, besides the first */
	int64_t dns_cache_max_ttl, dns_cache_min_ttl, dns_cache_negative_ttl; /* seconds */
	int64_t dns_cache_names; /* names kept by each worker */
	int64_t dns_max_queries; /* names asked for at one time by each worker */
	bool use_dst_blocklist;
	bool dst_blocklist_init;
	int64_t dst_blocklist_mem;				  /* KiB */
	int64_t dst_blocklist_expire;				  /* milliseconds */
	int64_t dst_blocklist_udp_imask, dst_blocklist_tcp_imask; /* enum block_why */

	struct str dns_servers; /* "127.0.0.1:5353,[::1]:53"; null: those of resolv.conf */
};

/* The port on which a listen= that has TLS has it; NULL: one that names no port. Where it names a port and no transport: the next one, as in
 * Kamailio. */
uint16_t net_conf_tls_port(const struct net_conf *c, const struct listen_def *def);

#define NET_CONF(conf) CONF_SECTION(conf, &net_module, struct net_conf)

#endif

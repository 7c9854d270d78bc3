/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters of this layer, listen= and alias=. */
#include "core/net/conf.h"

#include "core/net/blocklist.h"

#include "core/mem/arena.h"

#define AT(member) offsetof(struct net_conf, member)
#define DAY_MS	   86400000

static const char *allow_set(void *section, struct arena *arena, const struct value *v)
{
	struct net_conf *c = section;

	return networks_add(&c->allow, arena, v);
}

/* A parameter under both of Kamailio's names. */
#define BLOCKLIST(NAME, TYPE, MEMBER, DEF, MIN, MAX, HELP, ...)                                \
	{ "dst_blocklist_" NAME, TYPE, AT(MEMBER), DEF, MIN, MAX, .help = HELP, __VA_ARGS__ }, \
	{                                                                                      \
		"dst_blacklist_" NAME, TYPE, AT(MEMBER), DEF, MIN, MAX,                        \
			.help = "the same as dst_blocklist_" NAME, __VA_ARGS__                 \
	}
#define BLOCK_EXPIRE "how long a destination stays listed", .unit = 1000, .live = true

static const struct param_def params[] = {
	{ "port", P_INT, AT(port), 5060, 1, 65535, .help = "port of a listen= that names none" },
	{ "mhomed", P_BOOL, AT(mhomed), 0,
	  .help = "choose the socket by the kernel's route to the destination", .live = true },
	{ "disable_tcp", P_BOOL, AT(disable_tcp), 0, .help = "no TCP at all" },
	{ "tcp_accept_aliases", P_BOOL, AT(tcp_accept_aliases), 0,
	  .help = "requests to a peer that called us go by its connection, when its Via has alias "
		  "and "
		  "its certificate was verified for that name (RFC 5923)",
	  .live = true },
	{ "tos", P_INT, AT(tos), 0, 0, 255, .help = "type of service of what is sent; 0: default" },
	{ "tcp_connect_timeout", P_MS, AT(tcp_connect_timeout), 5000, 1, DAY_MS,
	  .help = "how long a connection may take to come up", .unit = 1000, .live = true },
	{ "tcp_send_timeout", P_MS, AT(tcp_send_timeout), 5000, 1, DAY_MS,
	  .help = "how long a peer may take nothing of what is queued", .unit = 1000,
	  .live = true },
	{ "tcp_connection_lifetime", P_MS, AT(tcp_connection_lifetime), 120000, 0, INT32_MAX,
	  .help = "how long a connection without messages stays; 0: for ever", .unit = 1000,
	  .live = true },
	{ "tcp_accept_timeout", P_MS, AT(tcp_accept_timeout), 20000, 0, DAY_MS,
	  .help = "how long an accepted connection may be silent; 0: tcp_connection_lifetime",
	  .unit = 1000, .live = true },
	{ "tcp_message_timeout", P_MS, AT(tcp_message_timeout), 10000, 1, DAY_MS,
	  .help = "how long a message may take to arrive whole", .unit = 1000, .live = true },
	{ "tcp_max_connections", P_INT, AT(tcp_max_connections), 0, 0, 1 << 20,
	  .help = "connections in all; 0: half of the open files a process may have" },
	{ "tcp_max_connections_per_source", P_INT, AT(tcp_max_connections_per_source), 128, 0,
	  1 << 20, .help = "accepted from one address (IPv6: one /64); 0: no limit", .live = true },
	{ "tcp_connections_allow", P_CALL, .set = allow_set,
	  .help = "networks exempt from tcp_max_connections_per_source; may be repeated",
	  .live = true },
	{ "tcp_source_limit_exempt", P_CALL, .set = allow_set,
	  .help = "the same as tcp_connections_allow", .live = true },
	{ "tcp_conn_wq_max", P_INT, AT(tcp_conn_wq_max), 1048576, 4096, 1 << 28,
	  .help = "bytes that may wait in one connection to be sent", .live = true },
	{ "tcp_wq_max", P_INT, AT(tcp_wq_max), 10485760, 65536, INT64_C(1) << 36,
	  .help = "bytes that may wait in all connections; from half of it on each has an eighth "
		  "of tcp_conn_wq_max",
	  .live = true },
	{ "tcp_msg_max", P_INT, AT(tcp_msg_max), 65536, 1024, 1 << 23,
	  .help = "largest message taken from a stream, in bytes", .live = true },
	{ "conn_backlog", P_INT, AT(conn_backlog), 8, 0, CONN_BACKLOG_MAX,
	  .help = "when more messages wait on one connection, other workers help its own, each "
		  "call in order; 0: never",
	  .live = true },
	{ "tcp_keepalive", P_BOOL, AT(tcp_keepalive), 1, .help = "the kernel's keep-alive" },
	{ "tcp_keepidle", P_INT, AT(tcp_keepidle), 0, 0, 32767,
	  .help = "seconds before the kernel's first keep-alive; 0: default" },
	{ "tcp_keepintvl", P_INT, AT(tcp_keepintvl), 0, 0, 32767,
	  .help = "seconds between the kernel's keep-alives; 0: default" },
	{ "tcp_keepcnt", P_INT, AT(tcp_keepcnt), 0, 0, 127,
	  .help = "the kernel's keep-alives before a connection is lost; 0: default" },
	{ "tcp_listen_backlog", P_INT, AT(tcp_listen_backlog), 4096, 1, 65535,
	  .help = "connections that the kernel holds until they are accepted" },
	{ "maxbuffer", P_INT, AT(maxbuffer), 4194304, 4096, 1 << 30,
	  .help = "receive buffer of a UDP socket in bytes, as far as the system allows" },
	{ "dns_try_ipv6", P_BOOL, AT(dns_try_ipv6), 1, .help = "ask for AAAA besides A",
	  .live = true },
	{ "dns_use_search_list", P_BOOL, AT(dns_use_search_list), 1,
	  .help = "complete names by the search list of resolv.conf", .live = true },
	{ "use_dns_cache", P_BOOL, AT(use_dns_cache), 1, .help = "keep answers for their time",
	  .live = true },
	{ "dns_retr_time", P_MS, AT(dns_retr_time), 2000, 50, 60000,
	  .help = "how long one name server may take to answer", .unit = 1000, .live = true },
	{ "dns_retr_no", P_INT, AT(dns_retr_no), 2, 0, 16,
	  .help = "how often a name server is asked again", .live = true },
	{ "dns_cache_max_ttl", P_INT, AT(dns_cache_max_ttl), 86400, 0, INT32_MAX,
	  .help = "longest time in seconds that an answer is kept", .live = true },
	{ "dns_cache_min_ttl", P_INT, AT(dns_cache_min_ttl), 0, 0, INT32_MAX,
	  .help = "shortest time in seconds that an answer is kept", .live = true },
	{ "dns_cache_negative_ttl", P_INT, AT(dns_cache_negative_ttl), 60, 0, INT32_MAX,
	  .help = "how long it is kept that a name does not exist, in seconds", .live = true },
	{ "dns_cache_names", P_INT, AT(dns_cache_names), 1024, 1, 65536,
	  .help = "names whose answers each worker keeps" },
	{ "dns_max_queries", P_INT, AT(dns_max_queries), 1024, 1, 65536,
	  .help = "names that each worker may ask for at one time", .live = true },
	{ "dns_servers", P_STR, AT(dns_servers),
	  .help = "name servers, \"127.0.0.1:5353,[::1]\"; default: those of resolv.conf",
	  .live = true },
	{ "use_dst_blocklist", P_BOOL, AT(use_dst_blocklist), 0,
	  .help = "send no requests for some time to where one could not be sent", .live = true },
	{ "use_dst_blacklist", P_BOOL, AT(use_dst_blocklist), 0,
	  .help = "the same as use_dst_blocklist", .live = true },
	BLOCKLIST("init", P_BOOL, dst_blocklist_init, 1, 0, 1,
		  "no: it has no memory, so that use_dst_blocklist does nothing"),
	BLOCKLIST(
		"mem", P_INT, dst_blocklist_mem, 250, 1, 1 << 20,
		"its memory in KiB, of which at least half is used, with 40 bytes for each of its "
		"destinations"),
	BLOCKLIST("expire", P_MS, dst_blocklist_expire, 60000, 1, DAY_MS, BLOCK_EXPIRE),
	BLOCKLIST("ttl", P_MS, dst_blocklist_expire, 60000, 1, DAY_MS, BLOCK_EXPIRE),
	BLOCKLIST("udp_imask", P_INT, dst_blocklist_udp_imask, 0, 0, BLOCK_ALL,
		  "failures over UDP that list nothing: 2 send, 16 timeout, 32 a 503; their sum",
		  .live = true),
	BLOCKLIST("tcp_imask", P_INT, dst_blocklist_tcp_imask, 0, 0, BLOCK_ALL,
		  "the same over connections, and 4 connect", .live = true),
	{ .type = P_END },
};

/* Null stays null; null and p set: no memory. */
static bool copied(struct arena *arena, struct str *s)
{
	bool had = !str_is_null(*s);

	*s = arena_str(arena, *s);
	return !had || !str_is_null(*s);
}

/* NULL: no memory. */
static struct conf_listen *listen_copy(struct arena *arena, const struct listen_def *def)
{
	struct conf_listen *l = arena_zalloc(arena, sizeof(*l));

	if (!l)
		return NULL;
	l->def = *def;
	if (!copied(arena, &l->def.transport) || !copied(arena, &l->def.host) ||
	    !copied(arena, &l->def.adv_host) || !copied(arena, &l->def.name))
		return NULL;
	return l;
}

static const char *listen_check(const struct net_conf *c, const struct listen_def *def)
{
	const struct transport *t =
		str_is_null(def->transport) ? NULL : transport_find(def->transport);

	if (!str_is_null(def->transport) && !t)
		return "unknown transport: udp, tcp or tls";
	if (t && t->secure && !c->tls)
		return "TLS needs loadmodule \"tls.so\"";
	return def->host.n ? NULL : "an address, interface or host name is needed";
}

const char *net_conf_listen(struct net_conf *c, struct arena *arena, const struct listen_def *def)
{
	const char *wrong = listen_check(c, def);
	struct conf_listen *l = wrong ? NULL : listen_copy(arena, def);

	if (!l)
		return wrong ? wrong : "out of memory";
	if (c->listens_last)
		c->listens_last->next = l;
	else
		c->listens = l;
	c->listens_last = l;
	return NULL;
}

const char *net_conf_listen_for(struct net_conf *c, struct arena *arena,
				const struct listen_def *def,
				const struct stream_protocol *protocol)
{
	const struct transport *t = transport_find(def->transport);
	const char *wrong = listen_check(c, def);
	struct conf_listen *l;

	if (!wrong && (!t || !t->reliable || !def->port))
		return "a stream's transport and a port are needed";
	l = wrong ? NULL : listen_copy(arena, def);
	if (!l)
		return wrong ? wrong : "out of memory";
	l->protocol = protocol;
	l->next = c->others;
	c->others = l;
	return NULL;
}

/* "host", "host:port", "[v6]", "[v6]:port", a bare IPv6 address. */
static bool host_port_split(struct str text, struct str *host_r, uint16_t *port_r)
{
	ssize_t colon = str_rchr(text, ':');
	struct addr addr;
	uint64_t port;

	*host_r = text;
	*port_r = 0;
	if (colon < 0 || !addr_parse(text, &addr))
		return text.n > 0;
	if (str_uint(str_skip(text, (size_t)colon + 1), 65535, &port) || port == 0)
		return false;
	*host_r = str_head(text, (size_t)colon);
	*port_r = (uint16_t)port;
	return host_r->n > 0;
}

const char *net_conf_listen_text(struct net_conf *c, struct arena *arena, struct str text)
{
	struct listen_def def = { 0 };
	ssize_t colon = str_chr(text, ':');

	if (colon > 0 && transport_find(str_head(text, (size_t)colon))) {
		def.transport = str_head(text, (size_t)colon);
		text = str_skip(text, (size_t)colon + 1);
	}
	if (!host_port_split(text, &def.host, &def.port))
		return "not an address: use udp:192.0.2.1:5060, [2001:db8::1], eth0";
	return net_conf_listen(c, arena, &def);
}

const char *net_conf_alias(struct net_conf *c, struct arena *arena, struct str transport,
			   struct str host, uint16_t port)
{
	struct conf_alias *a = arena_zalloc(arena, sizeof(*a));

	if (!a)
		return "out of memory";
	if (!str_is_null(transport)) {
		a->transport = transport_find(transport);
		if (!a->transport)
			return "unknown transport: udp, tcp or tls";
	}
	if (host.n == 0)
		return "a host name or address is needed";
	a->host = arena_str(arena, host);
	if (str_is_null(a->host))
		return "out of memory";
	if (addr_parse(host, &a->addr))
		a->addr.sa.sa_family = AF_UNSPEC;
	a->port = port;
	a->next = c->aliases;
	c->aliases = a;
	return NULL;
}

uint16_t net_conf_tls_port(const struct net_conf *c, const struct listen_def *def)
{
	if (!def || !def->port)
		return c->tls_port ? (uint16_t)c->tls_port : transport_of(TRANSPORT_TLS)->port;
	return def->transport.n || def->port == UINT16_MAX ? def->port : (uint16_t)(def->port + 1);
}

static bool are_addresses(struct str text)
{
	struct str piece;
	struct addr a;

	while (str_split(&text, ',', &piece)) {
		if (addr_parse(piece, &a) && addr_port_parse(piece, &a))
			return false;
	}
	return true;
}

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	const struct net_conf *c = section;

	(void)conf;
	(void)arena;
	if (c->tcp_conn_wq_max > c->tcp_wq_max)
		return "tcp_conn_wq_max is larger than tcp_wq_max";
	if (c->dns_servers.n && !are_addresses(c->dns_servers))
		return "dns_servers has addresses with commas: \"127.0.0.1:5353,[::1]:53\"";
	return NULL;
}

static unsigned module_index;

const struct module_def net_module = {
	.interface = MODULE_INTERFACE,
	.name = "net",
	.help = "sockets, connections, name resolution",
	.params = params,
	.section_size = sizeof(struct net_conf),
	.index = &module_index,
	.check = check,
};

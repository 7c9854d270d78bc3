/* SPDX-License-Identifier: BSD-2-Clause */
/* The network as the layers above see it: listeners, where a message came from, how one is sent, and the five upward hooks. */
#ifndef NET_NET_H
#define NET_NET_H

#include "core/base/addr.h"
#include "core/run/worker.h"
#include "parser/msg.h"

#include <sys/uio.h>

enum transport_id { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS, TRANSPORT_IDS };

struct transport {
	enum transport_id id;
	const char *name; /* "udp", as in listen= and ;transport= */
	const char *via;  /* "UDP" */
	uint16_t port;	  /* default */
	bool reliable;	  /* streams */
	bool secure;	  /* the peer is known by its certificate, nobody else reads it */
};

/* In any case; NULL: unknown. */
const struct transport *transport_find(struct str name);
const struct transport *transport_of(enum transport_id id);

struct origin;
/* What a module speaks on streams of its own, in place of SIP; a constant of the module's. Whatever the transport does below (TLS) is done for it. */
struct stream_protocol {
	const char *name_z;
	/* Bytes that came and were not taken yet; net_send on from->conn answers. How many are taken (0: more are needed), or STREAM_BAD: the connection is closed
	 * once its queue is empty. What is not taken within tcp_message_timeout, or is more than tcp_msg_max, closes it. */
	size_t (*bytes)(struct worker *w, const struct origin *from, struct str bytes);
	/* The connection is up (1) or down (0). May be NULL. */
	void (*event)(struct worker *w, uint64_t conn, int up);
};
#define STREAM_BAD SIZE_MAX

/* A socket that we receive on; fixed before the first fork. */
struct listener {
	unsigned index;
	const struct transport *transport;
	struct addr addr;    /* as bound, never a wildcard, port never 0 */
	struct str adv_host; /* advertise: null if none; IPv6 with brackets */
	uint16_t adv_port;   /* 0: that of addr */
	struct str name;     /* listen=… name "x"; null */
	struct str
		host; /* what stands in our Via and Record-Route: adv_host or the address as text, IPv6 with brackets */
	uint16_t port;				/* the same */
	const struct stream_protocol *protocol; /* NULL: SIP */
	int fd;
	bool ip_free_bind; /* the address may appear later */
};

/* Where a message came from and at which of our addresses. */
struct origin {
	const struct listener *listener;
	const struct transport *transport;
	struct addr src, dst;
	uint64_t conn; /* 0 for datagrams */
	uint32_t
		late_us; /* how long it had to wait for a worker, as far as is known: overload is judged by it */
};

/* One address to send to. */
struct target {
	const struct transport *transport;
	struct addr addr;
	const struct listener *
		from; /* the socket to send from (UDP) or whose address an outgoing connection binds to; not NULL */
	uint64_t conn;	/* this connection, if it is alive; 0: whichever fits addr */
	bool conn_only; /* when conn is gone do not connect: -ENOTCONN */
	bool literal; /* addr stood there itself, no name for it: a connection that came from just there may carry the message */
	struct str
		identity; /* the name the peer must prove (TLS); connections are shared only between equal identities. May be null */
	struct str
		domain; /* the TLS client domain that the script chose; shared likewise. May be null */
	const struct stream_protocol *protocol; /* shared likewise; NULL: SIP */
	unsigned
		block_ignore; /* enum block_why: failures of these kinds do not list the address (blocklist.h) */
};

struct net_hooks {
	/* A whole message, framed, not looked into. bytes lies in shared memory and stays until the hook returns. */
	void (*message)(struct worker *w, const struct origin *from, struct str bytes);
	/* A stream that cannot be followed: head is what can be read of it. The hook may answer with net_send on from->conn; then the connection
	 * is closed once its queue is empty. */
	void (*bad_stream)(struct worker *w, const struct origin *from, struct str head,
			   const struct sip_error *error);
	/* What was queued with this token (not 0) will not be sent: reason is a positive errno. */
	void (*sent_failed)(struct worker *w, uint64_t token, int reason);
	/* The network says that a datagram did not arrive: reason is a positive errno. sent is its beginning as far as the network quotes it, maybe nothing; whoever
	 * can send packets to this socket can say so. */
	void (*unreached)(struct worker *w, struct str sent, int reason);
	/* A connection is up (1) or down (0). */
	void (*conn_event)(struct worker *w, uint64_t conn, int up);
};

/* --- configuration ---------------------------------------------------------------------------------------------------------- */
/* The core parameters of this layer (tcp_*, mhomed, port, alias, dns_*, …) as a built-in module; its section is struct net_conf. */
extern const struct module_def net_module;
struct net_conf;

/* One listen= of the script, as the grammar read it. */
struct listen_def {
	struct str transport; /* null: every transport */
	struct str
		host;  /* name, address, interface, "*"; an IPv6 address with or without brackets */
	uint16_t port; /* 0: the default */
	struct str adv_host; /* null: none */
	uint16_t adv_port;
	struct str name;
	bool is_virtual, ip_free_bind;
};
/* NULL, or what is wrong. Called while the script is compiled; nothing is opened. */
const char *net_conf_listen(struct net_conf *c, struct arena *arena, const struct listen_def *def);
/* The same from text: "udp:127.0.0.1:5060", "[::1]", "eth0" (the command line's -l). */
const char *net_conf_listen_text(struct net_conf *c, struct arena *arena, struct str text);
/* A socket for a module's own protocol, from its check(). transport is a stream's. */
const char *net_conf_listen_for(struct net_conf *c, struct arena *arena,
				const struct listen_def *def,
				const struct stream_protocol *protocol);
/* alias=udp:host:port; transport null and port 0: any. */
const char *net_conf_alias(struct net_conf *c, struct arena *arena, struct str transport,
			   struct str host, uint16_t port);

/* --- main -------------------------------------------------------------------------------------------------------------------- */
/* Resolves and opens all sockets of the configuration (all addresses if it has no listen). Errors are logged, with the address and what to do
 * ("address already in use": is another instance running?). 0 or -errno. */
int net_open(struct run *run, const struct conf *conf, const struct net_hooks *hooks);
/* The same without sockets, for a script that is tried: the listeners are known, nothing is bound, nothing can be sent. */
int net_open_dry(struct run *run, const struct conf *conf);
/* Without sockets: what net_conn_session() tells of that connection from now on; NULL: nothing. It outlives its use. */
void net_dry_session_set(struct run *run, uint64_t conn, const void *session);
void net_close(struct net **np);
/* main's side: accepts, keeps descriptors. Watches are put into main's loop. */
int net_main_start(struct run *run, struct loop *loop, slot_pick_cb *pick_slot, void *arg);
/* A channel message of one of the kinds CHANNEL_CONN_* came from slot's worker. */
void net_main_channel(struct run *run, unsigned slot, const struct channel_msg *m, int fd);
/* main's eventfd rang, or a tick: drops duplicates of closed connections, goes on accepting where it had to stop. */
void net_main_turn(struct run *run);
/* TERM: accepts nothing more. */
void net_main_stop_accepting(struct run *run);
/* In a forked child, before anything else: closes every inherited descriptor that is not of this slot; the slot's connections stay open. */
void net_child_close_foreign(struct run *run, unsigned slot);
/* The connections of a paused slot are given to others: main sets the owner and hands the descriptors over. */
void net_main_move(struct run *run, unsigned slot);
/* True when a datagram waits on any UDP socket at this moment (poll with no waiting). */
bool net_udp_waiting(struct run *run);
unsigned net_main_descriptors(struct run *run); /* duplicates held: for the statistics */

/* --- worker ------------------------------------------------------------------------------------------------------------------ */
/* Watches the UDP sockets and takes over the slot's connections (a successor's: io repaired from the kernel's counters, those in a handshake,
 * decoder, framer or being connected closed, the others watched again and their queues and deadlines taken up). */
int net_worker_start(struct worker *w, bool successor);
/* After net_open_dry: what net_listener_for needs, and no more. */
int net_worker_start_dry(struct worker *w);
void net_worker_stop_dry(struct worker *w);
/* main sent CHANNEL_CONN_TAKE. The worker owns fd from here. */
void net_worker_channel(struct worker *w, const struct channel_msg *m, int fd);
/* Once in each turn, behind the events: ready list, UDP when poked, sweep when asked. True: there is more to do at once. */
bool net_worker_turn(struct worker *w);
/* Draining: connections with nothing queued are closed; returns how many still have something to send. */
unsigned net_worker_drain(struct worker *w);
void net_worker_stop(struct worker *w);

/* Sends one message, given in pieces, to a target. Datagrams leave at once; for streams the pieces are copied once into the connection's queue,
 * which is made if there is none. 0: sent or queued (a failure later is told by hooks->sent_failed when token is not 0). Otherwise
 * -EAGAIN: the socket or queue is full; -EMSGSIZE; -ENOMEM; -ENOTCONN; -EMFILE (limit); another -errno of the kernel. */
int net_send(struct worker *w, const struct target *t, const struct iovec *iov, unsigned n,
	     uint64_t token);

/* SIP.md 1 "Socket choice", from the kernel's route (mhomed) on: the socket for dst, when the message came by `from` (may be NULL). NULL: there is none of
 * that transport and family. */
const struct listener *net_listener_for(struct worker *w, const struct transport *t,
					const struct addr *dst, const struct origin *from);
/* The listener with exactly this address (host text as in "udp:1.2.3.4:5060" after parsing) or name; NULL. */
const struct listener *net_listener_find(struct run *run, const struct transport *t,
					 const struct addr *a);
const struct listener *net_listener_at(struct run *run, unsigned index); /* NULL behind the last */
/* host and port (0: the default of the transport; t NULL: any) against listen, advertise and the aliases of conf. Never resolves. */
bool net_is_own(struct run *run, const struct conf *conf, const struct transport *t,
		struct str host, uint16_t port);
/* True when a is one of our own listening addresses. */
bool net_addr_is_own(struct run *run, const struct transport *t, const struct addr *a);
/* Where the messages of a connection come from. False: it is gone. */
bool net_conn_origin(struct run *run, uint64_t conn, struct origin *origin_r);
/* Requests to the address of its peer and that port may go by an accepted connection, too (RFC 5923): those whose target.identity its peer proves; trusted: all.
 * 0, also when they did before; -EEXIST: it has another such port; -ENOTCONN: it is gone, or we made it. */
int net_conn_alias(struct worker *w, uint64_t conn, uint16_t port, bool trusted);
/* Whether the peer's certificate was verified, and is one for that name (null: for whatever name). */
bool net_conn_proves(struct run *run, uint64_t conn, struct str name);
/* Closes a connection once its queue is empty. An id that is gone is no error. */
void net_conn_close(struct worker *w, uint64_t conn);

/* --- names (c-ares) ------------------------------------------------------------------------------------------------------------ */
#define RESOLVE_ADDRS 8u
struct resolve {
	/* the result; port 0 in each */
	struct addr addrs[RESOLVE_ADDRS];
	unsigned n;
	int error; /* 0, -ENOENT: no such name; -ETIMEDOUT; -EIO: the servers answer nonsense or refuse */
	void (*done)(struct resolve *q); /* not called when resolve_start answered at once */
	void *arg;
	void *query; /* the resolver's */
	int family;  /* AF_UNSPEC: A and AAAA */
};
/* Address literals and cached answers: 1 and *q is filled. 0: q->done is called later in this worker, in a turn of its own, within
 * deadline_ms. -errno: not started (too many queries, no memory). The caller owns *q until done or resolve_cancel. */
int resolve_start(struct worker *w, struct resolve *q, struct str host, uint32_t deadline_ms);
void resolve_cancel(struct worker *w, struct resolve *q);

/* Writes counters and gauges as status lines; see core/run/status.h. */
void net_status(struct worker *w);

#endif

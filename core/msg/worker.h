/* SPDX-License-Identifier: BSD-2-Clause */
/* What this layer keeps: the shared part made before the first fork, and a worker's own part; its parameters; what it calls of core/net. */
#ifndef MSG_WORKER_H
#define MSG_WORKER_H

#include "core/base/mac.h"
#include "core/msg/api.h"
#include "core/msg/overload.h"

#define CTX_POOL_MAX ((size_t)1024 * 1024) /* of one message */

struct secure_hooks;
struct trans_hooks;
struct waits;

enum loop_detection { LOOP_FORKED, LOOP_NO, LOOP_ALL };

/* This layer's section of the configuration. */
struct msg_conf {
	int64_t loop_detection; /* enum loop_detection */
	bool server_signature;	/* replies carry server_header */
	struct str server_header;
	struct str via_key_file;  /* null: a key of this run's own */
	int64_t max_suspended;	  /* contexts that wait, in all workers */
	int64_t max_wait;	  /* ms */
	int64_t retry_after;	  /* seconds, in answers that refuse */
	int64_t overload_lag;	  /* ms; 0: never */
	int64_t max_transactions; /* above it no new ones; those in our dialogs may go beyond */
	struct str emergency_numbers;
	bool edits_visible;	 /* reads see edits at once */
	int64_t max_branches;	 /* targets of one request, the R-URI among them */
	int64_t max_breadth;	 /* Max-Breadth at most; 0: nothing is done about it */
	bool local_rport;	 /* our Via asks for rport */
	bool onsend_route_reply; /* onsend_route sees responses, too */
};

static inline const struct msg_conf *msg_conf_of(const struct conf *conf)
{
	return CONF_SECTION(conf, &msg_module, struct msg_conf);
}

/* Made by msgs_open in shared memory. */
struct msgs {
	struct mac_key key; /* of Via branches, their i= and To tags, told apart by a label */
	struct waits *waits;
	struct overload overload;
};

/* What is called of core/net; unit tests put a recorder in its place. */
struct msg_net {
	int (*send)(struct worker *w, const struct target *t, const struct iovec *iov, unsigned n,
		    uint64_t token);
	bool (*is_own)(struct run *run, const struct conf *conf, const struct transport *t,
		       struct str host, uint16_t port);
	bool (*addr_is_own)(struct run *run, const struct transport *t, const struct addr *a);
	bool (*block)(struct worker *w, const struct target *t, enum block_why why, uint64_t ms);
	bool (*refuses)(struct worker *w, const struct transport *t, const struct addr *a);
	const struct listener *(*listener_for)(struct worker *w, const struct transport *t,
					       const struct addr *dst, const struct origin *from);
	const struct listener *(*listener_find)(struct run *run, const struct transport *t,
						const struct addr *a);
	bool (*conn_origin)(struct run *run, uint64_t conn, struct origin *origin_r);
	int (*conn_alias)(struct worker *w, uint64_t conn, uint16_t port, bool trusted);
	bool (*conn_proves)(struct run *run, uint64_t conn, struct str name);
	const struct listener *(*listener_at)(struct run *run, unsigned index);
	int (*resolve_start)(struct worker *w, struct resolve *q, struct str host,
			     uint32_t deadline_ms);
	void (*resolve_cancel)(struct worker *w, struct resolve *q);
};

struct msg_worker {
	struct worker *w;
	const struct msg_net *net;
	const struct script_hooks *script;
	const struct trans_hooks *trans;   /* NULL: no module keeps transactions */
	const struct secure_hooks *secure; /* NULL: no module makes connections secure */
	struct list free;		   /* contexts with their pools, warm */
	unsigned free_n;
	struct list parked;
	unsigned parked_n;
	uint32_t messages; /* that have come; over again behind the largest number */
	struct timer recover;
	struct timer overload_end;
	uint32_t
		overload_route; /* event_route[core:overload] of the worker's configuration, plus one; 0: none */
	/* what our predecessor died over, if it came from a stream, whose peer does not send it again: a copy of ours, null if there is none */
	struct str inherited;
	uint64_t inherited_conn;
};

/* A context for one message, its text copied into the pool, so that it may wait while the receiver's memory is used again. NULL: no memory. */
struct ctx *ctx_take(struct worker *w, const struct origin *from, struct str bytes,
		     struct str *text_r);
/* A context for a message that was received once and kept: text, copied into the pool, is sound. NULL: no memory. */
struct ctx *ctx_of_text(struct worker *w, const struct origin *from, struct str text);
/* Gives back a context that nothing runs for and that does not wait. Others are ended by ctx_finish(): park.h. */
void ctx_give(struct ctx *ctx);

static inline const struct msg_net *msg_net_of(const struct ctx *ctx)
{
	return ctx->worker->msg->net;
}

static inline const struct mac_key *msg_key(const struct ctx *ctx)
{
	return &ctx->worker->run->msgs->key;
}

#endif

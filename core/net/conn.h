/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection's row in shared memory: all that must outlive its worker. What only the owner needs is in struct own (own.h). */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "core/mem/slab.h"
#include "core/net/inflow.h"
#include "core/net/layer.h"
#include "core/net/net.h"
#include "core/net/place.h"
#include "core/net/queue.h"

enum conn_state {
	CONN_NONE,
	CONN_HANDED,	 /* accepted, on its way to its worker */
	CONN_CONNECTING, /* ours, not answered yet */
	CONN_SECURING,	 /* the layer is not up yet */
	CONN_OPEN,
	CONN_FLUSHING, /* nothing is read or taken for sending any more; shut once the queue is empty */
	CONN_LINGERING, /* our side is shut; what comes is discarded until the peer's end */
	CONN_GONE,	/* the owner has let go of it: main frees the row */
};

/* What the owner is doing to the socket, set around the call and its bookkeeping. */
enum conn_io {
	CONN_IO_NONE,
	CONN_IO_RECV,	/* wire.end is repaired from the kernel's counters */
	CONN_IO_SEND,	/* out.done is */
	CONN_IO_FRAMER, /* the framer or a decoder looks at the bytes: not repaired, closed */
};

struct conn {
	struct slab_row row;
	struct queue out;   /* for the wire; its lock guards state too, for those who append */
	struct queue inbox; /* with a layer: plain messages that wait for the session */
	uint64_t id;
	_Atomic uint32_t state;
	_Atomic uint32_t owner; /* slot; SHM_MAIN until main knows one */
	_Atomic uint32_t io;
	_Atomic uint32_t close_asked; /* somebody else wants it flushed and shut */
	uint32_t index;

	const struct transport *transport;
	const struct stream_protocol *protocol; /* NULL: SIP */
	struct addr peer, local;
	uint32_t listener; /* the one it came to, or whose address it is bound to */
	bool accepted;
	unsigned block_ignore; /* of the target that it was made for */

	/* transports with a layer (layer.h) */
	const struct stream_layer *layer; /* NULL: none */
	_Atomic uint32_t holder; /* slot + 1 of the worker that uses the session; 0: none */
	bool up;		 /* the layer has been; */
	bool mute;		 /* it failed: it says nothing any more; */
	bool said_bye;		 /* nothing is encoded any more */
	_Atomic uint32_t wanted; /* the owner waits for it */
	_Atomic uint32_t
		broken; /* a worker died in it, or it failed in one: nobody uses it any more */
	struct heap *_Atomic heap;	  /* the layer's memory */
	void *_Atomic session;		  /* the layer's, in heap */
	struct str identity_name, domain; /* the target's; in heap, lower case; null: none */
	uint32_t send_timeout;		  /* ms, set by open; 0: tcp_send_timeout */

	/* peers.h */
	uint64_t identity[2]; /* struct peer_key */
	uint64_t peer_hash;
	_Atomic uint32_t peer_next; /* a link of the chain */
	_Atomic uint32_t alias;	    /* its alias' port, with ALIAS_ bits; 0: none */
	_Atomic uint32_t alias_next;

	/* input: what the kernel gave us; what became of it in the layer, if there is one */
	struct inflow wire, plain;
	/* the kernel's counters when the connection was at place 0 */
	uint64_t acked_base, received_base;

	/* messages for other workers (tray.h) */
	_Atomic uint32_t handed_by; /* slot + 1 whose trays may still hold some; 0: none */
	_Atomic uint32_t handing;   /* taker's slot + 1 while the next one is put; 0: none */
	uint64_t handing_at; /* its place in the tray: it is the taker's when more were put */
	uint64_t handing_to; /* conn_flow()->begin from then on */

	/* clock_ms; 0: none */
	_Atomic uint64_t open_at;    /* connect, silence after accept, end of the lingering */
	_Atomic uint64_t idle_at;    /* end of the lifetime */
	_Atomic uint64_t message_at; /* a message has begun and must be whole */
	_Atomic uint64_t send_at;    /* the peer must take something of what is queued */

	_Atomic uint64_t messages_in, messages_out;
	uint64_t since; /* clock_ms */
};

static inline enum conn_state conn_state(const struct conn *c)
{
	return (enum conn_state)atomic_load_explicit(&c->state, memory_order_acquire);
}

/* The messages: bytes that the framer takes. */
static inline struct inflow *conn_flow(struct conn *c)
{
	return c->layer ? &c->plain : &c->wire;
}

/* Called by the slab for each new row. */
void conn_fresh(struct slab_row *row);
/* A row in state building, as for a new connection; id and index are set. */
void conn_init(struct net *net, struct conn *c, const struct transport *t, uint64_t now);
struct conn *conn_find(struct net *net, uint64_t id);
/* The live row at index that is in some state but CONN_NONE; NULL. */
struct conn *conn_at(struct net *net, unsigned index);
/* Can be sent on (or will be, once it is up). */
bool conn_is_usable(const struct conn *c);
/* Under the lock of out, so that nobody appends behind it. */
void conn_state_set(struct worker *w, struct conn *c, enum conn_state state);
/* The earliest deadline, 0: none. */
uint64_t conn_deadline(const struct conn *c);
struct origin conn_origin(struct net *net, const struct conn *c);
/* Bytes that wait to be sent, in both queues. */
static inline uint64_t conn_waiting(const struct conn *c)
{
	return queue_waiting(&c->out) + queue_waiting(&c->inbox);
}

/* Copies the pieces into the queue and tells the owner. 0, -ENOTCONN: not usable (any more); -EAGAIN: full; -ENOMEM. */
int conn_queue(struct worker *w, struct conn *c, const struct iovec *iov, unsigned n,
	       uint64_t token);
/* Queues bytes for the wire that a layer produced, or the connection's end took; they are freed if it is over. The
 * owner is to be told, once the session is let go. */
void conn_wire(struct worker *w, struct conn *c, struct queued *m);
/* How many bytes may wait in one connection: tcp_conn_wq_max, or a part of it when tcp_wq_max is half used. */
uint64_t conn_wq_limit(struct worker *w);
/* So many bytes more (or fewer) wait, in the count of its owner. */
void conn_waits(struct worker *w, const struct conn *c, int64_t bytes);
/* A message came or went: its lifetime begins anew. */
void conn_lives(struct worker *w, struct conn *c);
/* There is something to do for the owner. */
void conn_mark(struct worker *w, struct conn *c);
/* Makes out.done or wire.end right after a worker died inside of a system call. -EIO: cannot be told. */
int conn_repair(struct conn *c, int fd);
/* What the dead worker of slot, its owner, left half done. Before anybody else owns it; main may. */
void conn_mend(struct run *run, struct conn *c, unsigned slot);
/* The kernel's counters at the beginning of an outgoing connection. */
int conn_counters_base(struct conn *c, int fd);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection as its owner sees it: the descriptor, the watch, the timer, and what is to be done in this turn. In private memory.
 *
 * Input (stream.c), output (flush.c), deadlines (own.c) and the end (end.c) are steps on it. A step may end the connection: o->c is NULL
 * then, and *o stays until the turn is over. */
#ifndef NET_OWN_H
#define NET_OWN_H

#include "core/net/state.h"
#include "parser/frame.h"

enum own_todo {
	OWN_READ = 1,
	OWN_WRITE = 2,
	OWN_LATE = 4, /* the timer fired */
};

struct own {
	struct watch watch;
	struct timer timer;
	struct list again; /* in again or ended of the worker */
	struct list busy;  /* in busy of the worker */
	uint64_t busy_at;  /* since when it is there */
	struct net_worker *nw;
	struct conn *c;
	struct frame_state frame;
	unsigned todo;	     /* enum own_todo */
	uint64_t read_at;    /* with OWN_READ: since when there may be something to read */
	uint64_t retry_at;   /* no memory for input, or main's channel full: try again */
	uint32_t rx_size;    /* of the next chunk; 0: RX_FIRST */
	struct trunk *trunk; /* while it is busy; NULL */
	bool watched;
	bool up;      /* conn_event was told */
	bool blocked; /* the socket takes nothing at this time */
	bool paused;  /* input waits until the queue is shorter */
	bool stalled; /* input waits for other workers */
	bool eof;     /* the peer has ended its side */
	bool pong;    /* what is left over is a lone CRLF */
	bool locked;  /* input waits for the session */
	bool ended;   /* the layer's peer has said good-bye */
	int reason;   /* why it ends once its queue is empty; 0: an orderly end */
	bool unkept;  /* main has no duplicate yet, so we do not connect yet */
};

/* own.c */
/* For a row whose owner is this slot; fd is own's from here. NULL: no memory, fd is closed and the row is gone. */
struct own *own_new(struct net_worker *nw, struct conn *c, int fd);
struct own *own_of(struct net_worker *nw, const struct conn *c);
/* Something is to be done in this turn, behind the events. */
void own_do(struct own *o, unsigned todo);
/* Waits for what the state asks for. */
void own_events(struct own *o);
/* What a deadline that has passed means. */
void own_late(struct own *o);
/* The timer follows the earliest deadline; after any of them was made earlier. */
void own_deadline(struct own *o);
/* The connection can be used. */
void own_up(struct own *o);
/* Tells whoever speaks on it that it is up (1) or down (0). */
void own_tell(const struct own *o, int up);
/* One line about what went wrong with it. */
void own_log(const struct own *o, const char *message_z, const char *stage_z, int reason);

/* What went wrong may list the peer, when the connection was made by us: a port that called us is no destination. */
void own_blame(const struct own *o, enum block_why why, int reason);

/* end.c */
/* Nothing more is taken; shut when all that is queued was sent. */
void own_finish(struct own *o);
/* Shut now: what is queued fails with reason (0: an orderly end). The peer's end is waited for. */
void own_shut(struct own *o, int reason);
/* Lets go of it at once; reset tells whether the peer gets an RST. */
void own_abort(struct own *o, int reason, bool reset);
/* The same for what a predecessor had begun to shut. */
void own_bury(struct own *o, int reason);
/* Input is discarded until the peer's end. */
void own_linger(struct own *o);
/* Our side is shut, and the peer's system has not all of it yet: a close with unread input would destroy the rest. Looks again soon. */
bool own_is_sending(struct own *o);
/* For a row without a descriptor, which nobody can serve. */
void conn_lost(struct net_worker *nw, struct conn *c, int reason);
/* The message with this token, queued by slot's worker, will not be sent. */
void tell_unsent(struct worker *w, unsigned slot, uint64_t token, int reason);
/* Notices of other slots for this one. */
void notices_take(struct net_worker *nw);

/* stream.c */
/* Around each look at bytes of the peer's: a worker that dies of them leaves the connection to be closed, so that nobody dies of them twice. */
void own_look_begin(struct own *o, struct str bytes);
void own_look_end(struct own *o);
void stream_turn(struct own *o);
/* A message has not become whole in time. */
void stream_late(struct own *o);

/* trunk.c: a connection of which more messages wait than conn_backlog. Other workers take some of them; those of one call stay in order. */
enum trunk_way { TRUNK_OWN, TRUNK_HANDED, TRUNK_WAITS };
/* May more messages wait than one worker should have, when rest bytes lie behind the first? */
static inline bool trunk_may_be(const struct own *o, size_t rest)
{
	const size_t shortest = 128;
	int64_t backlog = rest > shortest ? net_conf_of(o->nw->w)->conn_backlog : 0;

	return backlog && rest > shortest * (size_t)backlog && o->nw->w->run->slots_n > 1;
}
/* Messages are framed ahead from here on; the first one has that length. False: no memory, nothing is changed. */
bool trunk_begin(struct own *o, size_t length);
/* Is one more to be framed ahead? It begins *at_r bytes behind the first. */
bool trunk_wants(const struct own *o, size_t *at_r);
/* The length of that one; 0: there is no whole message. */
void trunk_add(struct own *o, size_t length);
/* The length of the first one; 0: there is none. */
size_t trunk_first(const struct own *o);
/* What becomes of the first one. TRUNK_HANDED: it is another worker's, and framed counts it. TRUNK_OWN: it is the caller's. TRUNK_WAITS: it stays the
 * first; o->stalled until its turn comes. */
enum trunk_way trunk_pass(struct own *o, const struct origin *from, struct str bytes);
/* False: other workers have messages of this connection; o->stalled until they are done. */
bool trunk_settled(struct own *o);
/* A busy connection goes on. False: nothing is to be read, and the connection may have ended. */
bool trunk_goes_on(struct own *o);
/* There is no more input at this time. */
void trunk_rest(struct own *o);
/* A predecessor has handed over messages of this connection. False: no memory, the connection has ended. */
bool trunk_inherit(struct own *o);
void trunk_drop(struct own *o);
/* Those that waited look again. */
void trunks_wake(struct net_worker *nw);

/* taker.c: messages of other workers' connections */
void trays_turn(struct net_worker *nw);
/* Draining: what was handed to workers that have ended meanwhile is run here. True: there may be more for us. */
bool trays_drain(struct net_worker *nw);

/* flush.c */
void flush_turn(struct own *o);

/* connect.c */
/* A connection that is on its way to t, of this worker's or of another. NULL with *err_r. */
struct conn *connect_to(struct worker *w, const struct target *t, const struct peer_key *key,
			int *err_r);
/* The socket tells how it went. */
void connect_done(struct own *o);
/* Again what main's channel had no room for. */
void connect_retry(struct own *o);
int socket_prepare(int fd, const struct net_conf *conf);

/* adopt.c */
/* Takes over a connection that is this slot's. */
void own_adopt(struct net_worker *nw, struct conn *c, int fd);
/* A successor's: all of the slot's, with the descriptors that it inherited. */
void adopt_all(struct net_worker *nw);
/* Looks at all own connections once: a mark may have been lost. */
void own_sweep(struct net_worker *nw);
/* What a dead worker left half done in the rows of its slot; before shm_recover. */
void slot_mend(struct run *run, unsigned slot);

/* udp.c */
int udp_start(struct net_worker *nw);
void udp_stop(struct net_worker *nw);
/* Tries every socket. */
void udp_poked(struct net_worker *nw);
/* The end of a turn: goes on listening or not. */
void udp_turn(struct net_worker *nw);
int udp_send(struct worker *w, const struct target *t, const struct iovec *iov, unsigned n);

/* icmp.c */
/* Reads what the network said about datagrams that this socket sent, a turn's worth, and tells it upward: when the socket shows an error. */
void icmp_read(struct net_worker *nw, const struct listener *l);
/* Whether a call on a socket may have failed with this errno for something that was sent earlier. Such a failure is told once. */
bool icmp_may_say(int error);

/* keep.c: main's side, seen by a child */
/* The inherited descriptor of the connection at index, which is the caller's from here; -1: none. */
int inherited_take(struct net *net, unsigned index, uint64_t id);
void inherited_drop(struct net *net);

#endif

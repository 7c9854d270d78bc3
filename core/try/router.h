/* SPDX-License-Identifier: BSD-2-Clause */
/* A router in private, in one process: the memory, the message layer, the modules and the script are the real ones; instead of sockets there is a sink that
 * writes down what would be sent, and name servers are never asked. Time passes only where something waits for it, and then at once. */
#ifndef TRY_ROUTER_H
#define TRY_ROUTER_H

#include "core/try/record.h"
#include "core/try/trace.h"

#define ROUTER_NAMES 64u

/* What a name is answered with. */
struct router_name {
	struct str name;
	struct resolve answer; /* error, n, addrs */
	uint32_t after_ms;     /* 0: at once, as if it was known */
	bool is_given; /* false: nobody said; its addresses stand in for those that a name server would tell */
};

struct router {
	struct run *run;
	struct worker w;
	struct trace trace;
	struct record *record; /* of what is being received; NULL: nothing is */
	struct router_name names[ROUTER_NAMES];
	unsigned names_n;
	struct list questions; /* unanswered ones */
};

/* Once in a process. run->shm is there and conf is loaded; r outlives all. modules_start: modules' counters and init. 0 or -errno, logged. */
int router_start(struct router *r, struct run *run, const struct conf *conf,
		 int (*modules_start)(struct run *run, const struct conf *conf));
void router_stop(struct router *r);

/* "NAME" is answered with text: addresses with blanks between, "none" (there is no such name) or "timeout"; "after 300ms" behind them lets the script wait.
 * A later answer replaces an earlier one; texts stay the caller's. NULL or what is wrong. */
const char *router_name_add(struct router *r, struct str name, struct str text);

/* As if nobody had asked for a name. */
void router_names_forget(struct router *r);

/* Gives bytes to the router as what came from there, until nothing more waits. The record tells the rest, in p. NULL: no memory. */
struct record *router_receive(struct router *r, struct pool *p, const struct origin *from,
			      struct str bytes);

/* Where a message came from: "udp:192.0.2.1:5060" (transport first, udp if there is none), at to (the same; null: the first listener of that transport and
 * family). NULL or what is wrong, with the hint in hint_z (may be empty). */
const char *router_origin(struct router *r, struct str from, struct str to, struct origin *o_r,
			  char *hint_z, size_t hint_size);
/* Whoever is at from showed these certificates when he connected (the text of a file; null: none), in p. On a transport that has none, null is all there is. NULL
 * or what is wrong; *note_r: null, or what somebody should know. */
const char *router_peer(struct router *r, struct pool *p, const struct origin *from,
			struct str certificates, struct str *note_r);
/* Where an answer to what was sent comes from. */
struct origin router_origin_back(const struct sent *s);

/* The sink: what the message layer calls of core/net. */
extern const struct msg_net sink_net;
/* Answers the questions whose time has come; *next_r: milliseconds to the next one, -1: there is none. */
void sink_answer(struct router *r, int *next_r);

#endif

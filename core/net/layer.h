/* SPDX-License-Identifier: BSD-2-Clause */
/* A stream layer lies between the bytes of a socket (the wire) and those of messages (plain): TLS. It sees bytes and a connection's row, never a
 * socket. What it keeps for a connection lies in the connection's heap, in shared memory, at one address in all processes:
 *
 *   until the layer is up (LAYER_UP) only the connection's owner calls it;
 *   from then on any worker may encode, one at a time: whoever is called has the connection's session (conn.holder). Nobody waits for it: who does
 *   not get it leaves plain bytes in the connection's inbox, for whoever has it next;
 *   decode, finish and end are the owner's.
 *
 * A worker that dies inside of a call leaves the connection to be closed; outside of one its death costs the connection nothing. */
#ifndef NET_LAYER_H
#define NET_LAYER_H

#include "core/mem/heap.h"
#include "core/net/net.h"

struct conn;

/* What one call works on; in private memory, net's. */
struct layer_io {
	struct worker *w;
	struct conn *c;
	struct str
		wire; /* decode: what was received and not taken yet; the layer moves its beginning on */
	struct queued *out; /* what was produced for the wire in this call */
	size_t out_room;    /* of it; more than that is refused while encoding */
	bool fixed;	    /* room was reserved: nothing is added to it */
	int error; /* 0, or why something that was produced could not be kept: the connection ends */
};

/* What a layer did with what it was given. */
enum layer_step {
	LAYER_MORE,   /* all was taken: go on when more has come */
	LAYER_FULL,   /* the plain bytes have no more room: call again */
	LAYER_UP,     /* once: the layer is up, messages may pass; call again */
	LAYER_ENDED,  /* the peer has said good-bye: nothing more will come */
	LAYER_FAILED, /* it cannot go on, which it has logged; what it produced is still sent */
};

struct stream_layer {
	const char *name_z;
	size_t heap_max; /* bytes that the heap of one connection may grow to */
	/* The connection is there and has its heap; conn.accepted tells the role, conn.identity_name and conn.domain what the target asked for. Puts
	 * what it needs into conn.session. 0, or -errno: the connection ends (logged by the layer). *deadline_ms_r: until it must be up. */
	int (*open)(struct layer_io *io, uint32_t *deadline_ms_r);
	/* Takes from io->wire, puts decoded bytes into plain[0..room), how many into *n_r. May produce for the wire. LAYER_UP and LAYER_FULL may come with
	 * bytes, too. */
	enum layer_step (*decode)(struct layer_io *io, char *plain, size_t room, size_t *n_r);
	/* At most that many bytes become of n plain ones. */
	size_t (*wire_max)(const struct conn *c, size_t n);
	/* All of plain, in what was reserved. 0, or -errno: the connection ends. */
	int (*encode)(struct layer_io *io, struct str plain);
	/* Says good-bye: nothing is encoded behind it. */
	void (*finish)(struct layer_io *io);
	/* There was nothing to do for a while, or only little: gives memory back. May be NULL. */
	void (*rest)(struct conn *c);
	/* It will not come up: logs it. reason: ETIMEDOUT, or ECONNRESET: the peer has gone. */
	void (*unfinished)(struct worker *w, struct conn *c, int reason);
	/* Whether the peer's certificate was verified and is one for that name, in any case; null: for whatever name. In any worker, of a connection that is up.
	 * NULL: never. */
	bool (*proves)(const struct conn *c, struct str name);
	/* The connection is not used any more: gives back what does not lie in the heap, which is dropped later, when nobody can look at it any more. Called
	 * in the owner, and never when a worker died inside of a call; the heap alone must do then. up: LAYER_UP has been. */
	void (*end)(struct worker *w, struct conn *c, bool up);
	/* For a script that is tried (net_dry_session_set): what the connection from would keep whose peer showed these certificates, the text of a file; null: none.
	 * It lies in p. NULL: *why_r says what is wrong; else it is null, or what somebody should know, in p, too. */
	const void *(*pretend)(const struct conf *conf, const struct origin *from,
			       struct str certificates, struct pool *p, struct str *why_r);
};

/* The layer of a transport; constant, before the first fork. */
void layer_set(enum transport_id id, const struct stream_layer *layer);
/* NULL: none, or the plain bytes are those of the wire. */
const struct stream_layer *layer_of(const struct transport *t);

/* What its layer says of a connection that is up; else false. Until the turn is over. */
bool conn_proves(const struct conn *c, struct str name);

/* For the layer's use, in a call: bytes for the wire, behind those that it produced before. 0; -ENOMEM, -ENOSPC: also in io->error. */
int layer_wire_put(struct layer_io *io, const void *p, size_t n);

/* What a layer keeps for a connection that is up (conn.session), as seen by any worker, until the turn is over. NULL: no such connection, it is not up, or
 * has no layer. */
const void *net_conn_session(struct run *run, uint64_t conn, const struct transport *t);

#endif

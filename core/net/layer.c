/* SPDX-License-Identifier: BSD-2-Clause */
/* Which transport has a layer, and where the bytes go that a layer produces. */
#include "core/net/state.h"

#include <errno.h>

#define OUT_LEAST 2048u

static const struct stream_layer *layers[TRANSPORT_IDS]; /* set before the first fork */

void layer_set(enum transport_id id, const struct stream_layer *layer)
{
	layers[id] = layer;
}

const struct stream_layer *layer_of(const struct transport *t)
{
	return layers[t->id];
}

/* More room; what was produced so far is queued. */
static int grow(struct layer_io *io, size_t n)
{
	size_t room = n > OUT_LEAST ? n : OUT_LEAST;

	if (io->out)
		conn_wire(io->w, io->c, io->out);
	io->out = queued_room(io->w->run->shm, io->c->id, room);
	io->out_room = room;
	return io->out ? 0 : -ENOMEM;
}

int layer_wire_put(struct layer_io *io, const void *p, size_t n)
{
	if (!io->error && (!io->out || io->out->n + n > io->out_room))
		io->error = io->fixed ? -ENOSPC : grow(io, n);
	if (io->error)
		return io->error;
	memcpy(io->out->data + io->out->n, p, n);
	io->out->n += (uint32_t)n;
	return 0;
}

bool conn_proves(const struct conn *c, struct str name)
{
	return c->layer && c->layer->proves && c->up && atomic_load(&c->session) &&
	       c->layer->proves(c, name);
}

bool net_conn_proves(struct run *run, uint64_t conn, struct str name)
{
	const struct conn *c = conn_find(run->net, conn);

	return c && conn_proves(c, name);
}

const void *net_conn_session(struct run *run, uint64_t conn, const struct transport *t)
{
	struct net *net = run->net;
	const struct conn *c;

	if (!net->conns)
		return layer_of(t) && conn == net->dry_conn ? net->dry_session : NULL;
	c = conn_find(net, conn);
	if (!c || c->transport != t || !c->up ||
	    (conn_state(c) != CONN_OPEN && conn_state(c) != CONN_FLUSHING))
		return NULL;
	return atomic_load(&c->session);
}

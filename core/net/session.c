/* SPDX-License-Identifier: BSD-2-Clause */
/* Plain messages into a session, by any worker. */
#include "core/net/session.h"

#include "core/mem/fault.h"
#include "core/net/own.h"

#include <errno.h>

static bool is_shared = true; /* before the first fork */

void session_share_set(bool shared)
{
	is_shared = shared;
}

bool session_is_shared(void)
{
	return is_shared;
}

static bool hold(struct worker *w, struct conn *c)
{
	uint32_t none = 0;

	if (!atomic_compare_exchange_strong(&c->holder, &none, w->n + 1))
		return false;
	FAULT("net.session.held");
	return true;
}

bool session_enter(struct worker *w, struct conn *c)
{
	if (conn_state(c) != CONN_OPEN || (!is_shared && atomic_load(&c->owner) != w->n) ||
	    !hold(w, c))
		return false;
	if (conn_state(c) == CONN_OPEN && !atomic_load(&c->broken))
		return true;
	session_leave(w, c);
	return false;
}

bool session_enter_owner(struct worker *w, struct conn *c)
{
	if (atomic_load(&c->broken))
		return false;
	if (hold(w, c))
		return true;
	atomic_store(&c->wanted, 1);
	/* who let it go before that did not see it */
	if (!hold(w, c))
		return false;
	atomic_store(&c->wanted, 0);
	return true;
}

void session_leave(struct worker *w, struct conn *c)
{
	FAULT("net.session.leaving");
	atomic_store(&c->holder, 0);
	FAULT("net.session.left");
	if (atomic_load(&c->inbox.head) || atomic_exchange(&c->wanted, 0))
		conn_mark(w, c);
}

/* 0; -ENOTCONN: broken; -ENOMEM: nothing has happened. m stays. */
static int encode(struct worker *w, struct conn *c, const struct queued *m)
{
	struct layer_io io = { .w = w, .c = c, .fixed = true };
	int err;

	io.out_room = c->layer->wire_max(c, m->n);
	io.out = queued_room(w->run->shm, c->id, io.out_room);
	if (!io.out) {
		tcp_count(TCP_NO_MEMORY);
		return -ENOMEM;
	}
	io.out->token = m->token;
	io.out->slot = m->slot;
	FAULT("net.session.encode");
	err = c->layer->encode(&io, str_of(m->data, m->n));
	FAULT("net.session.encoded");
	if (err || io.error) {
		atomic_store(&c->broken, 1);
		chunk_free(w->run->shm, io.out);
		return -ENOTCONN;
	}
	conn_wire(w, c, io.out);
	return 0;
}

/* The head of the inbox is done with. */
static void inbox_take(struct worker *w, struct conn *c)
{
	struct net_worker *nw = w->net;
	struct queued *m;

	queue_lock(&nw->user, &c->inbox);
	m = queue_take_locked(&nw->user, &c->inbox);
	if (m)
		atomic_store(&c->inbox.done, m->at + m->n);
	queue_unlock(&nw->user, &c->inbox);
	if (!m)
		return;
	conn_waits(w, c, -(int64_t)m->n);
	chunk_free(w->run->shm, m);
}

int session_drain(struct worker *w, struct conn *c)
{
	const struct queued *m;

	while ((m = atomic_load(&c->inbox.head))) {
		uint64_t token = m->token;
		unsigned slot = m->slot;
		int err = encode(w, c, m);

		if (err == -ENOTCONN)
			return err;
		inbox_take(w, c);
		if (err)
			tell_unsent(w, slot, token, -err);
	}
	return 0;
}

int session_send(struct worker *w, struct conn *c, struct queued *m)
{
	int err = session_drain(w, c);

	if (!err)
		err = encode(w, c, m);
	session_leave(w, c);
	conn_mark(w, c);
	chunk_free(w->run->shm, m);
	return err;
}

void session_mend(struct run *run, struct conn *c, unsigned slot)
{
	uint32_t owner = atomic_load(&c->owner);

	if (atomic_load(&c->holder) != slot + 1)
		return;
	atomic_store(&c->broken, 1);
	FAULT("net.session.mend");
	if (owner == slot || owner >= run->slots_n)
		return;
	marks_add(run->net->shared->ready[owner], c->index);
	slot_ready(&run->slots[owner]);
}

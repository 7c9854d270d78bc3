/* SPDX-License-Identifier: BSD-2-Clause */
/* A layer's life in its connection's owner. */
#include "core/net/layered.h"

#include "core/mem/fault.h"
#include "core/run/log.h"

#include <errno.h>

/* Plain bytes that may come of one look at the wire, above what is left over: a record that was begun earlier. */
#define PLAIN_ROOM 16384u

/* --- memory -------------------------------------------------------------------------------------------------------------------- */
static int name_put(struct heap *h, struct str s, struct str *copy_r)
{
	char *p;

	if (s.n == 0)
		return 0;
	p = heap_alloc(h, s.n);
	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < s.n; i++)
		p[i] = char_lower(s.p[i]);
	*copy_r = str_of(p, s.n);
	return 0;
}

int layered_prepare(struct worker *w, struct conn *c, const struct target *t)
{
	struct heap *h = heap_new(w->run->shm, c->id, c->layer->heap_max);

	if (!h)
		return -ENOMEM;
	if (t &&
	    (name_put(h, t->identity, &c->identity_name) || name_put(h, t->domain, &c->domain))) {
		heap_drop(&h);
		return -ENOMEM;
	}
	atomic_store(&c->heap, h);
	FAULT("net.layer.heap");
	return 0;
}

void layered_publish(struct conn *c)
{
	heap_publish(atomic_load(&c->heap));
	FAULT("net.layer.published");
}

void layered_mend(struct run *run, struct conn *c)
{
	struct heap *h = atomic_load(&c->heap);

	if (!h)
		return;
	if (heap_state(run->shm, h) == MEM_BUILDING)
		heap_publish(h);
	else if (heap_state(run->shm, h) != MEM_LIVE)
		atomic_store(&c->heap, NULL); /* it is given back by the recovery of its slot */
}

static void heap_release(void *obj, void *arg)
{
	struct heap *h = obj;

	(void)arg;
	heap_drop(&h);
}

void layered_end(struct net_worker *nw, struct conn *c, bool sound)
{
	struct heap *h = atomic_load(&c->heap);

	if (!h)
		return;
	/* who has it now finds out when he lets it go; nobody gets it any more */
	if (sound && c->session && session_enter_owner(nw->w, c))
		c->layer->end(nw->w, c, c->up);
	FAULT("net.layer.ended");
	heap_dying(h);
	FAULT("net.layer.dying");
	atomic_store(&c->session, NULL);
	atomic_store(&c->heap, NULL);
	FAULT("net.layer.unlinked");
	/* when there is no memory for the list it stays until this worker ends */
	limbo_add(nw->w->limbo, heap_release, h, NULL);
}

/* --- the beginning -------------------------------------------------------------------------------------------------------------- */
static void produced(struct own *o, struct layer_io *io)
{
	if (io->out && io->out->n) {
		conn_wire(io->w, io->c, io->out);
		own_do(o, OWN_WRITE);
	} else if (io->out) {
		chunk_free(io->w->run->shm, io->out);
	}
	io->out = NULL;
}

static void failed(struct own *o, int reason)
{
	/* other names behind that address may be good: nobody is blamed */
	o->c->mute = true;
	o->reason = reason;
	/* what the layer has to say about it is sent */
	own_finish(o);
}

void layered_open(struct own *o)
{
	struct worker *w = o->nw->w;
	struct conn *c = o->c;
	struct layer_io io = { .w = w, .c = c };
	uint32_t deadline_ms = 0;
	int err;

	conn_state_set(w, c, CONN_SECURING);
	FAULT("net.layer.securing");
	err = c->heap ? 0 : layered_prepare(w, c, NULL);
	if (!err && heap_state(w->run->shm, c->heap) == MEM_BUILDING)
		layered_publish(c);
	if (err) {
		tcp_count(TCP_NO_MEMORY);
		own_log(o, "no memory for a connection", c->layer->name_z, -err);
		own_abort(o, -err, true);
		return;
	}
	err = session_enter_owner(w, c) ? c->layer->open(&io, &deadline_ms) : -EBUSY;
	produced(o, &io);
	session_leave(w, c);
	if (err || io.error) {
		own_abort(o, err ? -err : -io.error, true);
		return;
	}
	atomic_store(&c->open_at, w->now + deadline_ms);
	own_events(o);
	if (!o->c)
		return;
	own_deadline(o);
	own_do(o, OWN_WRITE | OWN_READ);
}

void layered_unfinished(struct own *o, int reason)
{
	struct conn *c = o->c;

	c->layer->unfinished(o->nw->w, c, reason);
	/* what we end ourselves is not the peer's fault */
	if (reason != ECONNABORTED)
		own_blame(o, BLOCK_CONNECT, reason);
	own_shut(o, reason);
}

/* --- rest ----------------------------------------------------------------------------------------------------------------------- */
/* Pages that a message needs come and go with each one, if they are given back at once. */
#define REST_MS 1000u

static void used(struct own *o)
{
	if (!list_is_empty(&o->busy))
		return;
	o->busy_at = o->nw->w->now;
	list_append(&o->nw->busy, &o->busy);
}

void layered_rest(struct net_worker *nw)
{
	while (!list_is_empty(&nw->busy)) {
		struct own *o = container_of(nw->busy.next, struct own, busy);

		if (o->busy_at + REST_MS > nw->w->now)
			return;
		list_remove(&o->busy);
		/* behind the end there is no memory that could be given back */
		if (!o->c->layer->rest || !atomic_load(&o->c->heap) ||
		    !session_enter_owner(nw->w, o->c))
			continue;
		o->c->layer->rest(o->c);
		session_leave(nw->w, o->c);
	}
}

/* --- input ---------------------------------------------------------------------------------------------------------------------- */
static void came_up(struct own *o)
{
	struct net_worker *nw = o->nw;
	struct conn *c = o->c;
	int64_t silent = c->accepted ? net_conf_of(nw->w)->tcp_accept_timeout : 0;

	c->up = true;
	atomic_store(&c->open_at, silent ? nw->w->now + (uint64_t)silent : 0);
	FAULT("net.layer.up");
	conn_state_set(nw->w, c, CONN_OPEN);
	own_up(o);
}

/* One call of the layer. */
static enum layer_step decode(struct own *o, struct layer_io *io)
{
	struct worker *w = o->nw->w;
	struct conn *c = o->c;
	size_t room, n = 0, before = io->wire.n;
	enum layer_step step;
	char *plain;

	plain = inflow_space(w->run->shm, &c->plain, &room);
	slot_hand(w->slot, HAND_STREAM, c->id, io->wire);
	FAULT("net.layer.decode");
	step = c->layer->decode(io, plain, room, &n);
	FAULT("net.layer.decoded");
	slot_hand(w->slot, HAND_NONE, 0, STR_NULL);
	inflow_came(&c->plain, n);
	inflow_take(&c->wire, before - io->wire.n);
	if (io->error)
		step = LAYER_FAILED;
	return step;
}

/* The steps that are the owner's alone. */
static bool stepped(struct own *o, enum layer_step step)
{
	switch (step) {
	case LAYER_UP:
		came_up(o);
		break;
	case LAYER_ENDED:
		o->ended = true;
		inflow_take(&o->c->wire, inflow_left(&o->c->wire).n);
		break;
	case LAYER_FAILED:
		inflow_take(&o->c->wire, inflow_left(&o->c->wire).n);
		failed(o, EPROTO);
		return false;
	default:
		break;
	}
	return o->c != NULL;
}

int layered_input(struct own *o)
{
	struct worker *w = o->nw->w;
	struct conn *c = o->c;
	enum layer_step step = LAYER_FULL;

	o->locked = false;
	used(o);
	while (step == LAYER_FULL || step == LAYER_UP) {
		struct layer_io io = { .w = w, .c = c };

		io.wire = inflow_left(&c->wire);
		if (inflow_prepare(w->run->shm, &c->plain, c->id, io.wire.n + PLAIN_ROOM / 4,
				   SIZE_MAX))
			return -ENOMEM;
		if (!session_enter_owner(w, c)) {
			o->locked = true;
			return 0;
		}
		step = decode(o, &io);
		produced(o, &io);
		session_leave(w, c);
		if (!stepped(o, step))
			return -ECANCELED;
	}
	return 0;
}

/* --- output --------------------------------------------------------------------------------------------------------------------- */
bool layered_has_output(const struct own *o)
{
	return o->c->up && !o->c->mute && !o->c->said_bye;
}

static void say_bye(struct own *o)
{
	struct layer_io io = { .w = o->nw->w, .c = o->c };

	o->c->layer->finish(&io);
	o->c->said_bye = true;
	produced(o, &io);
}

bool layered_output(struct own *o)
{
	struct worker *w = o->nw->w;
	struct conn *c = o->c;
	bool ends = conn_state(c) == CONN_FLUSHING;

	if (atomic_load(&c->broken)) {
		tcp_count(TCP_SEND_FAILED);
		own_log(o, "closing a connection that a worker died or failed in", c->layer->name_z,
			ECONNABORTED);
		own_abort(o, ECONNABORTED, true);
		return false;
	}
	if (c->up)
		used(o);
	if (!c->up || c->mute || (!atomic_load(&c->inbox.head) && (!ends || c->said_bye)))
		return true;
	if (!session_enter_owner(w, c))
		return true;
	if (!session_drain(w, c) && ends && !c->said_bye)
		say_bye(o);
	session_leave(w, c);
	return true;
}

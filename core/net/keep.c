/* SPDX-License-Identifier: BSD-2-Clause */
/* main's duplicates: kept until the owner has let go of the connection, given to successors by inheritance and to other slots by channel. */
#include "core/net/main.h"

#include "core/base/clock.h"
#include "core/net/own.h"
#include "core/net/session.h"
#include "core/run/log.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static void line_put(struct line *l, uint32_t *link, uint32_t *last_link, uint32_t index)
{
	*link = 0;
	if (l->last)
		*last_link = index + 1;
	else
		l->first = index + 1;
	l->last = index + 1;
}

static void fd_drop(struct net_main *nm, struct kept *k)
{
	if (k->fd >= 0) {
		close(k->fd);
		nm->held--;
	}
	k->fd = -1;
	if (k->secure)
		atomic_fetch_sub(&nm->net->shared->secure_kept, 1);
	k->secure = false;
}

void keep_add(struct net_main *nm, const struct conn *c, int fd, bool counted)
{
	struct kept *k = &nm->kept[c->index];

	fd_drop(nm, k);
	k->id = c->id;
	k->fd = fd;
	k->counted = counted;
	if (fd >= 0)
		nm->held++;
	k->secure = c->transport->secure;
	if (k->secure)
		atomic_fetch_add(&nm->net->shared->secure_kept, 1);
	if (counted)
		sources_add(nm->sources, &c->peer);
}

/* --- hand-over ------------------------------------------------------------------------------------------------------------------ */
static bool try_slot(struct net_main *nm, struct conn *c, unsigned slot)
{
	struct channel_msg m = { .kind = CHANNEL_CONN_TAKE, .id = c->id };
	struct slot *s = &nm->run->slots[slot];

	/* the owner is named first: a worker that dies with the message in its channel has a successor who inherits */
	atomic_store(&c->owner, slot);
	atomic_fetch_add(&s->connections, 1);
	if (!channel_send(nm->run->channels[slot].main_fd, &m, nm->kept[c->index].fd))
		return true;
	atomic_fetch_sub(&s->connections, 1);
	atomic_store(&c->owner, SHM_MAIN);
	return false;
}

static bool try_slots(struct net_main *nm, struct conn *c)
{
	bool full[SHM_SLOTS_MAX] = { false };
	int slot;

	while ((slot = nm->pick_slot(nm->arg, full)) >= 0) {
		if (try_slot(nm, c, (unsigned)slot))
			return true;
		full[slot] = true;
	}
	return false;
}

void keep_hand_over(struct net_main *nm, uint32_t index)
{
	struct kept *k = &nm->kept[index];
	struct conn *c = conn_at(nm->net, index);

	if (!c || c->id != k->id || k->handing || k->gone || try_slots(nm, c))
		return;
	k->handing = true;
	line_put(&nm->handing, &k->next_handing,
		 nm->handing.last ? &nm->kept[nm->handing.last - 1].next_handing : NULL, index);
}

static void handing_turn(struct net_main *nm)
{
	while (nm->handing.first) {
		uint32_t index = nm->handing.first - 1;
		struct kept *k = &nm->kept[index];
		struct conn *c = conn_at(nm->net, index);

		if (c && c->id == k->id && !k->gone && atomic_load(&c->owner) == SHM_MAIN &&
		    !try_slots(nm, c))
			return;
		nm->handing.first = k->next_handing;
		if (!nm->handing.first)
			nm->handing.last = 0;
		k->handing = false;
	}
}

/* --- rows that were let go ---------------------------------------------------------------------------------------------------- */
static void closed(unsigned index, void *arg)
{
	struct net_main *nm = arg;
	struct kept *k = &nm->kept[index];
	struct conn *c = conn_at(nm->net, index);

	if (!c || conn_state(c) != CONN_GONE || k->gone)
		return;
	if (k->id == c->id) {
		if (k->counted)
			sources_remove(nm->sources, &c->peer);
		fd_drop(nm, k);
	}
	k->id = c->id;
	k->counted = false;
	k->gone = true;
	k->mark = epoch_mark(nm->run->epochs);
	line_put(&nm->gone, &k->next_gone,
		 nm->gone.last ? &nm->kept[nm->gone.last - 1].next_gone : NULL, index);
}

static void gone_turn(struct net_main *nm)
{
	while (nm->gone.first) {
		uint32_t index = nm->gone.first - 1;
		struct kept *k = &nm->kept[index];
		struct slab_row *row = slab_at(nm->net->conns, index);

		if (!epoch_passed(nm->run->epochs, k->mark))
			return;
		nm->gone.first = k->next_gone;
		if (!nm->gone.first)
			nm->gone.last = 0;
		k->gone = false;
		k->id = 0;
		slab_dying(row);
		slab_free(nm->net->conns, row);
	}
}

void net_main_turn(struct run *run)
{
	struct net_main *nm = run->net->main;

	marks_take(run->net->shared->closed, closed, nm);
	gone_turn(nm);
	handing_turn(nm);
	accept_turn(nm);
}

void net_main_channel(struct run *run, unsigned slot, const struct channel_msg *m, int fd)
{
	struct net_main *nm = run->net->main;
	struct conn *c = conn_find(run->net, m->id);

	(void)slot;
	if (m->kind == CHANNEL_CONN_KEEP && c && conn_state(c) != CONN_GONE) {
		keep_add(nm, c, fd, false);
		return;
	}
	if (fd >= 0)
		close(fd);
}

void net_main_move(struct run *run, unsigned slot)
{
	struct net_main *nm = run->net->main;
	unsigned top = slab_top(run->net->conns), moved = 0;

	for (unsigned i = 0; i < top; i++) {
		struct conn *c = conn_at(run->net, i);
		struct kept *k = &nm->kept[i];

		if (!c)
			continue;
		/* nobody else will tell before the slot has a worker again */
		session_mend(run, c, slot);
		if (atomic_load(&c->owner) != slot || conn_state(c) == CONN_GONE ||
		    k->id != c->id || k->fd < 0)
			continue;
		conn_mend(run, c, slot);
		atomic_store(&c->owner, SHM_MAIN);
		atomic_fetch_sub(&run->slots[slot].connections, 1);
		keep_hand_over(nm, i);
		main_count(run->net, TCP_MOVED);
		moved++;
	}
	if (moved)
		log_notice("tcp", "connections of a paused slot go to others", KV_INT("slot", slot),
			   KV_INT("connections", moved));
}

unsigned net_main_descriptors(struct run *run)
{
	return run->net->main ? run->net->main->held : 0;
}

bool net_udp_waiting(struct run *run)
{
	struct net *net = run->net;

	return net->udp_n && poll(net->udp, net->udp_n, 0) > 0;
}

/* --- start and children -------------------------------------------------------------------------------------------------------- */
static void main_drop(struct net *net)
{
	struct net_main *nm = net->main;

	net->main = NULL;
	if (!nm)
		return;
	for (unsigned i = 0; nm->kept && i < net->conns_max; i++) {
		if (nm->kept[i].fd >= 0)
			close(nm->kept[i].fd);
	}
	if (nm->spare_fd >= 0)
		close(nm->spare_fd);
	if (nm->row_fd >= 0)
		close(nm->row_fd);
	sources_drop(&nm->sources);
	free(nm->accepting);
	free(nm->kept);
	free(nm);
}

int net_main_start(struct run *run, struct loop *loop, slot_pick_cb *pick_slot, void *arg)
{
	struct net *net = run->net;
	struct net_main *nm = calloc(1, sizeof(*nm));

	if (!nm)
		return -ENOMEM;
	net->main = nm;
	*nm = (struct net_main){ .run = run,
				 .net = net,
				 .loop = loop,
				 .pick_slot = pick_slot,
				 .arg = arg,
				 .spare_fd = -1,
				 .row_fd = -1 };
	nm->kept = calloc(net->conns_max, sizeof(*nm->kept));
	nm->sources = sources_new(net->conns_max);
	if (!nm->kept || !nm->sources)
		return -ENOMEM;
	for (unsigned i = 0; i < net->conns_max; i++)
		nm->kept[i].fd = -1;
	return accept_start(nm);
}

void net_main_stop_accepting(struct run *run)
{
	accept_stop(run->net->main);
}

/* Both ends of the slot's own stay open: an end of main's that closes says nothing that PR_SET_PDEATHSIG does not. */
static void foreign_channels_close(struct run *run, unsigned slot)
{
	for (unsigned i = 0; i < run->slots_n; i++) {
		if (i != slot)
			channel_close(&run->channels[i]);
	}
}

void net_child_close_foreign(struct run *run, unsigned slot)
{
	struct net *net = run->net;
	struct net_main *nm = net->main;
	unsigned top = slab_top(net->conns);

	foreign_channels_close(run, slot);
	for (unsigned i = 0; i < net->listeners_n; i++) {
		struct listener *l = &net->listeners[i];

		if (l->transport->reliable && l->fd >= 0) {
			close(l->fd);
			l->fd = -1;
		}
	}
	for (unsigned i = 0; nm && i < top; i++) {
		struct kept *k = &nm->kept[i];
		struct conn *c = conn_at(net, i);

		if (k->fd >= 0 && (!c || c->id != k->id || atomic_load(&c->owner) != slot)) {
			close(k->fd);
			k->fd = -1;
		}
	}
	if (slot < run->slots_n)
		slot_mend(run, slot);
}

int inherited_take(struct net *net, unsigned index, uint64_t id)
{
	struct kept *k = net->main ? &net->main->kept[index] : NULL;
	int fd;

	if (!k || k->id != id)
		return -1;
	fd = k->fd;
	k->fd = -1;
	return fd;
}

void inherited_drop(struct net *net)
{
	main_drop(net);
}

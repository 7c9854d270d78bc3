/* SPDX-License-Identifier: BSD-2-Clause */
/* This worker's timers, one for each row that it owns or has owned. */
#include "modules/tm/alarm.h"

#include <errno.h>
#include <stdlib.h>

#define AGAIN_MS 5u /* another worker runs it at this moment */

struct node {
	struct timer timer;
	uint32_t index;
	uint32_t generation;
};

static void (*due_cb)(struct trans *t);

static void fire(struct timer *timer)
{
	struct node *n = container_of(timer, struct node, timer);
	struct trans *t = (struct trans *)slab_at(tm->rows, n->index);
	uint64_t now = tmw.w->now, deadline;

	if (atomic_load(&t->row.state) != MEM_LIVE ||
	    atomic_load(&t->row.generation) != n->generation || atomic_load(&t->owner) != tmw.w->n)
		return;
	deadline = atomic_load(&t->deadline);
	if (!deadline)
		return;
	if (deadline > now) {
		timer_start(timer, (uint32_t)(deadline - now));
		return;
	}
	if (!trans_take(t)) {
		timer_start(timer, AGAIN_MS);
		return;
	}
	due_cb(t);
}

static int room(uint32_t index)
{
	unsigned n = tmw.nodes_n ? tmw.nodes_n : 64;
	struct node **nodes;

	if (index < tmw.nodes_n)
		return 0;
	while (n <= index)
		n *= 2;
	nodes = realloc(tmw.nodes, n * sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	memset(nodes + tmw.nodes_n, 0, (n - tmw.nodes_n) * sizeof(*nodes));
	tmw.nodes = nodes;
	tmw.nodes_n = n;
	return 0;
}

static struct node *node_of(uint32_t index)
{
	struct node *n;

	if (room(index))
		return NULL;
	n = tmw.nodes[index];
	if (n)
		return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->index = index;
	timer_init(&n->timer, tmw.w->timers, fire);
	tmw.nodes[index] = n;
	return n;
}

static int arm(struct trans *t, uint64_t deadline)
{
	struct node *n = node_of(t->index);
	uint64_t now = tmw.w->now;

	if (!n)
		return -ENOMEM;
	n->generation = atomic_load(&t->row.generation);
	timer_start(&n->timer, deadline > now ? (uint32_t)(deadline - now) : 0);
	return 0;
}

int alarm_at(struct trans *t, uint64_t deadline)
{
	uint64_t was = atomic_load(&t->deadline);
	bool is_ours = atomic_load(&t->owner) == tmw.w->n;
	struct node *n = t->index < tmw.nodes_n ? tmw.nodes[t->index] : NULL;
	bool runs = is_ours && n && timer_runs(&n->timer) &&
		    n->generation == atomic_load(&t->row.generation);

	/* a timer that fires too early looks at the word again */
	if (was && was <= deadline && (!is_ours || (runs && n->timer.at <= deadline))) {
		atomic_store(&t->deadline, deadline);
		return 0;
	}
	if (arm(t, deadline))
		return -ENOMEM;
	atomic_store(&t->deadline, deadline);
	FAULT("tm.deadline");
	atomic_store(&t->owner, tmw.w->n);
	return 0;
}

void alarm_off(struct trans *t)
{
	struct node *n = t->index < tmw.nodes_n ? tmw.nodes[t->index] : NULL;

	if (n)
		timer_stop(&n->timer);
}

void alarms_start(void (*due)(struct trans *t))
{
	due_cb = due;
}

void alarms_stop(void)
{
	for (unsigned i = 0; i < tmw.nodes_n; i++) {
		if (!tmw.nodes[i])
			continue;
		timer_stop(&tmw.nodes[i]->timer);
		free(tmw.nodes[i]);
	}
	free(tmw.nodes);
	tmw.nodes = NULL;
	tmw.nodes_n = 0;
}

void alarms_recover(void)
{
	for (unsigned i = 0; i < slab_top(tm->rows); i++) {
		struct trans *t = (struct trans *)slab_at(tm->rows, i);

		if (atomic_load(&t->row.state) == MEM_LIVE && atomic_load(&t->owner) == tmw.w->n &&
		    atomic_load(&t->deadline))
			(void)arm(t, atomic_load(&t->deadline));
	}
}

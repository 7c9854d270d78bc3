/* SPDX-License-Identifier: BSD-2-Clause */
/* Which configurations somebody may still look at, and when modules hear of one that comes or goes. */
#include "core/run/generation.h"

#include "core/base/must.h"
#include "core/mem/arena.h"
#include "core/mem/fault.h"
#include "core/run/log.h"

#include <errno.h>

#define RETRY_MS 1000u /* a worker that could not take a configuration tries again */

/* Written by main only. */
struct generations {
	const struct conf *_Atomic current;
	const struct conf *confs[CONFS_MAX]; /* by place; NULL: the place is free */
	uint64_t marks[CONFS_MAX];	     /* the epoch in which it was published no more */
};

static uint64_t bit_of(const struct conf *conf)
{
	return 1ull << conf->place;
}

/* --- main ---------------------------------------------------------------------------------------------------------------------------------- */

int generations_open(struct run *run, const struct conf *first)
{
	struct generations *g = chunk_alloc(run->shm, sizeof(*g), ID_MAKE(ID_CORE, 0, 0));

	if (!g)
		return -ENOMEM;
	memset(g, 0, sizeof(*g));
	g->confs[first->place] = first;
	atomic_store(&g->current, first);
	arena_publish(first->arena);
	chunk_publish(run->shm, g);
	run->generations = g;
	run->conf = &g->current;
	return 0;
}

int generation_place(const struct run *run)
{
	for (unsigned i = 0; i < CONFS_MAX; i++)
		if (!run->generations->confs[i])
			return (int)i;
	return -1;
}

void generation_publish(struct run *run, const struct conf *conf)
{
	struct generations *g = run->generations;
	const struct conf *before = atomic_load(&g->current);

	MUST(!g->confs[conf->place]);
	g->confs[conf->place] = conf;
	arena_publish(conf->arena);
	atomic_store(&g->current, conf);
	g->marks[before->place] = epoch_mark(run->epochs);
	for (unsigned i = 0; i < run->slots_n; i++)
		slot_wake(&run->slots[i]);
}

static uint64_t bits_used(const struct run *run)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < run->slots_n; i++)
		bits |= atomic_load(&run->slots[i].confs);
	return bits;
}

unsigned generations_retire(struct run *run)
{
	struct generations *g = run->generations;
	const struct conf *current = atomic_load(&g->current);
	unsigned left = 0;

	for (unsigned i = 0; i < CONFS_MAX; i++) {
		const struct conf *conf = g->confs[i];

		if (!conf)
			continue;
		left++;
		/* In this order: a worker that takes it sets its bit within the turn that the epoch waits for. */
		if (conf == current || !epoch_passed(run->epochs, g->marks[i]) ||
		    bits_used(run) & bit_of(conf))
			continue;
		g->confs[i] = NULL;
		run->ops->conf_drop(run, conf);
		left--;
	}
	return left;
}

/* --- a worker -------------------------------------------------------------------------------------------------------------------------------- */

static void hooks_end(struct worker *w, const struct conf *conf, unsigned n)
{
	while (n-- > 0)
		if (conf->modules[n]->end_generation)
			conf->modules[n]->end_generation(w, conf);
}

static int hooks_begin(struct worker *w, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->sections_n; i++) {
		const struct module_def *m = conf->modules[i];
		int err = m->new_generation ? m->new_generation(w, conf) : 0;

		if (!err)
			continue;
		log_limited(LOG_ERR, "main", "a module could not take a new configuration",
			    KV_Z("module", m->name), KV_INT("generation", conf->generation),
			    KV_ERRNO(-err));
		hooks_end(w, conf, i);
		return err;
	}
	return 0;
}

static void begun(struct worker *w, const struct conf *conf)
{
	w->held.confs[conf->place] = conf;
	w->held.bits |= bit_of(conf);
	w->conf = conf;
}

void generation_first(struct worker *w)
{
	w->conf = atomic_load(w->run->conf);
	atomic_fetch_or(&w->slot->confs, bit_of(w->conf));
}

int generation_start(struct worker *w)
{
	int err = hooks_begin(w, w->conf);

	if (err)
		return err;
	begun(w, w->conf);
	FAULT("generation.start");
	atomic_store(&w->slot->confs, w->held.bits);
	return 0;
}

static void take(struct worker *w, const struct conf *conf)
{
	atomic_fetch_or(&w->slot->confs, bit_of(conf));
	FAULT("generation.taken");
	if (hooks_begin(w, conf)) {
		/* what runs goes on with the old one; what failed was memory, or will be looked at */
		atomic_fetch_and(&w->slot->confs, ~bit_of(conf));
		w->held.retry_at = w->now + RETRY_MS;
		return;
	}
	begun(w, conf);
	FAULT("generation.begun");
}

static void unused_end(struct worker *w)
{
	uint64_t bits = w->held.bits & ~bit_of(w->conf);

	while (bits) {
		unsigned place = (unsigned)__builtin_ctzll(bits);
		const struct conf *conf = w->held.confs[place];

		bits &= bits - 1;
		if (w->held.holds[place])
			continue;
		hooks_end(w, conf, conf->sections_n);
		FAULT("generation.ended");
		w->held.bits &= ~bit_of(conf);
		atomic_fetch_and(&w->slot->confs, ~bit_of(conf));
	}
}

void generation_turn(struct worker *w)
{
	const struct conf *conf = atomic_load_explicit(w->run->conf, memory_order_acquire);

	if (conf != w->conf && w->now >= w->held.retry_at)
		take(w, conf);
	if (w->held.bits & (w->held.bits - 1))
		unused_end(w);
}

void generation_hold(struct worker *w, const struct conf *conf)
{
	w->held.holds[conf->place]++;
}

void generation_release(struct worker *w, const struct conf *conf)
{
	MUST(w->held.holds[conf->place]);
	w->held.holds[conf->place]--;
}

void generation_stop(struct worker *w)
{
	for (unsigned i = 0; i < CONFS_MAX; i++)
		if (w->held.bits & 1ull << i)
			hooks_end(w, w->held.confs[i], w->held.confs[i]->sections_n);
	w->held.bits = 0;
}

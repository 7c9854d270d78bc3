/* SPDX-License-Identifier: BSD-2-Clause */
/* What is worth telling about slots, counters and memory, and under which keys. */
#include "core/run/status.h"

#include "core/mem/fault.h"
#include "core/run/log.h"
#include "core/run/reload.h"

#define LINE_PAIRS 48

static uint64_t counter_sum(const struct run *run, unsigned which)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < run->slots_n; i++)
		total += __atomic_load_n(&run->slots[i].counters[which], __ATOMIC_RELAXED);
	return total;
}

/* One line for each group, or several where a group has many. */
static void group_write(const struct counter_group *group, void *arg)
{
	const struct run *run = arg;
	struct log_kv kv[LINE_PAIRS + 2];
	unsigned n = 0;

	kv[n++] = KV_Z("group", group->name);
	for (unsigned i = 0; i < group->n; i++) {
		kv[n++] = KV_INT(group->defs[i].name, counter_sum(run, group->base + i));
		if (n == LINE_PAIRS || i + 1 == group->n) {
			kv[n] = (struct log_kv){ .kind = LOG_END };
			log_write(LOG_NOTICE, "status", "counters", kv);
			n = 1;
		}
	}
}

static const char *state_z(uint32_t state)
{
	static const char *const names[] = { "empty", "starting", "running", "draining",
					     "dead",  "paused",	  "stopped" };

	return state < sizeof(names) / sizeof(names[0]) ? names[state] : "unknown";
}

static void slot_write(const struct run *run, unsigned n)
{
	struct slot *s = &run->slots[n];

	log_at(LOG_NOTICE, "status", "slot", KV_INT("n", n), KV_INT("pid", s->pid),
	       KV_Z("state", state_z(s->state)), KV_INT("turns", s->turns),
	       KV_INT("connections", s->connections), KV_INT("work", s->work),
	       KV_INT("longest_turn_us", s->longest_turn_us),
	       KV_INT("longest_lock_us", s->locks.longest_wait_us),
	       KV_INT("lock_waits", s->locks.waits), KV_INT("locks_repaired", s->locks.repaired),
	       KV_INT("locks_held", s->locks_held));
}

static void bad_write(const char *what, uint64_t object, void *arg)
{
	(void)arg;
	log_limited(LOG_ERR, "verify", "shared memory is not whole", KV_Z("problem", what),
		    KV_ID("object", object));
}

void status_write(struct worker *w, uint32_t seq)
{
	struct run *run = w->run;
	struct shm_stats m;

	counters_each(group_write, run);
	for (unsigned i = 0; i < run->slots_n; i++)
		slot_write(run, i);
	if (run->ops->worker_status)
		run->ops->worker_status(w);
	log_at(LOG_NOTICE, "status", "configuration",
	       KV_INT("generation", worker_conf(w)->generation),
	       KV_INT("in_use", run->report->in_use), KV_INT("reloads", run->report->done),
	       KV_INT("failed", run->report->failed), KV_INT("last_us", run->report->us));
	shm_stats(run->shm, &m);
	log_at(LOG_NOTICE, "status", "memory", KV_INT("limit", m.limit), KV_INT("in_use", m.in_use),
	       KV_INT("peak", m.peak), KV_INT("cached", m.cached), KV_INT("chunks", m.chunks_live),
	       KV_INT("chunk_bytes", m.chunk_bytes), KV_INT("refused", m.refused));
#ifdef SERAC_FAULT
	log_at(LOG_NOTICE, "status", "fault", KV_INT("happened", fault_happened()),
	       KV_INT("passes", fault_passes()), KV_INT("allocs", fault_allocs()));
#endif
	log_at(LOG_NOTICE, "status", "verify",
	       KV_INT("problems", shm_verify(run->shm, bad_write, NULL)));
	log_at(LOG_NOTICE, "status", "end", KV_INT("seq", seq), KV_INT("log_lost", log_lost()));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a worker: what it does before its first turn, in each turn, and when it ends. */
#include "core/run/worker.h"

#include "core/base/clock.h"
#include "core/mem/fault.h"
#include "core/run/conf.h"
#include "core/run/crash.h"
#include "core/run/generation.h"
#include "core/run/log.h"
#include "core/run/privileges.h"
#include "core/run/status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

/* A worker that is well begins a turn at least this often; main judges by it. */
#define IDLE_MS	      1000
#define TIMERS_A_TURN 512

/* A worker and what only its loop needs. */
struct life {
	struct worker w;
	struct watch channel;
	struct watch wake;
	uint64_t turn_began_us, wait_began_us;
	uint32_t log_seq;
	bool again; /* the next turn does not wait */
	bool stopping;
};

static void channel_ready(struct watch *watch, uint32_t events)
{
	struct life *l = container_of(watch, struct life, channel);
	struct channel_msg m;
	int fd;

	(void)events;
	for (int i = 0; i < 64; i++) {
		int err = channel_recv(watch->fd, &m, &fd);

		if (err == -EAGAIN)
			return;
		if (err) {
			log_limited(LOG_ERR, "main", "could not read from main", KV_ERRNO(err));
			return;
		}
		l->w.run->ops->worker_channel(&l->w, &m, fd);
	}
}

static void wake_ready(struct watch *watch, uint32_t events)
{
	uint64_t count;

	(void)events;
	if (read(watch->fd, &count, sizeof(count)) < 0)
		return; /* woken by what somebody else has read already */
}

static void waiting_ended(void *arg)
{
	struct life *l = arg;
	uint64_t us = clock_us();

	epoch_turn(l->w.run->epochs, l->w.n);
	l->w.now = us / 1000 + 1;
	l->turn_began_us = us;
	l->w.waited_us = us - l->wait_began_us;
	atomic_store_explicit(&l->w.slot->busy_since, l->w.now, memory_order_relaxed);
	timers_now_set(l->w.timers, l->w.now);
	generation_turn(&l->w);
}

/* The message whose worker died is not run again; what is needed against its retransmissions is kept. */
static void recover_hand(struct worker *w)
{
	struct slot *s = w->slot;
	const struct run_conf *c = CONF_SECTION(worker_conf(w), &run_module, struct run_conf);
	char dir_z[1024];
	bool fault = s->death_signal == SIGSEGV || s->death_signal == SIGBUS ||
		     s->death_signal == SIGILL || s->death_signal == SIGFPE ||
		     s->death_signal == SIGABRT || s->killed_by_watchdog;

	snprintf(dir_z, sizeof(dir_z), STRF, STRA(c->crash_dir.n ? c->crash_dir : STR(".")));
	crash_write(s, s->died_pid, s->death_signal, dir_z);
	if (fault && s->hand != HAND_NONE && s->hand_text && s->hand_size)
		killers_add(w->run->killers, str_of(s->hand_text, s->hand_size),
			    s->script_file_z ? KILLER_IN_ROUTE : KILLER_IN_CORE);
}

/* Behind the recovery by all layers: nothing of the dead worker is in the row any more. */
static void row_clear(struct slot *s)
{
	atomic_store(&s->hand, HAND_NONE);
	s->hand_text = NULL;
	s->hand_size = 0;
	s->hand_object = 0;
	atomic_store(&s->script_file_z, NULL);
	s->killed_by_watchdog = false;
}

static void killed_first(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	/* main is worth more than a worker; where the kernel has no such file there is nothing to prefer */
	if (fd >= 0) {
		(void)!write(fd, "300", 3);
		close(fd);
	}
}

static int life_start(struct life *l, bool successor)
{
	struct worker *w = &l->w;
	struct run *run = w->run;
	unsigned freed = 0;
	int err;

	w->loop = loop_new();
	w->timers = timers_new(w->now);
	w->limbo = limbo_new(run->epochs);
	if (!w->loop || !w->timers || !w->limbo)
		return -ENOMEM;
	if (successor) {
		recover_hand(w);
		FAULT("worker.recover");
		/* what it had unlinked others may look at until their turns end */
		epoch_wait(run->epochs, w->n);
		freed = shm_recover(run->shm, w->n);
	}
	l->channel = (struct watch){ .fd = run->channels[w->n].worker_fd,
				     .events = EPOLLIN,
				     .ready = channel_ready };
	l->wake = (struct watch){ .fd = w->slot->eventfd, .events = EPOLLIN, .ready = wake_ready };
	err = loop_watch(w->loop, &l->channel, false);
	if (!err)
		err = loop_watch(w->loop, &l->wake, false);
	if (!err)
		err = run->ops->worker_start(w, successor);
	if (successor)
		log_notice("main", "a successor took over", KV_INT("died", w->slot->died_pid),
			   KV_INT("signal", w->slot->death_signal),
			   KV_INT("connections", w->slot->connections),
			   KV_INT("given_back", freed));
	row_clear(w->slot);
	/* behind the row: the script's line that stood there may be of a configuration that is let go of now */
	return err ? err : generation_start(w);
}

static void requests_of_main(struct life *l)
{
	struct slot *s = l->w.slot;
	uint32_t asked = atomic_load_explicit(&s->status_seq, memory_order_relaxed);
	uint32_t log_seq = atomic_load_explicit(&s->log_seq, memory_order_relaxed);

	if (asked != atomic_load_explicit(&s->status_done, memory_order_relaxed)) {
		status_write(&l->w, asked);
		atomic_store(&s->status_done, asked);
	}
	if (log_seq != l->log_seq) {
		int err = log_reopen();

		l->log_seq = log_seq;
		if (err)
			log_err("main", "could not open the log file again", KV_ERRNO(err));
	}
}

static void turn(struct life *l)
{
	struct worker *w = &l->w;
	struct slot *s = w->slot;
	int wait_ms = IDLE_MS, next;
	uint64_t us;

	atomic_store_explicit(&s->turns, s->turns + 1, memory_order_relaxed);
	epoch_turn(w->run->epochs, w->n);
	limbo_run(w->limbo);
	next = timers_run(w->timers, w->now, TIMERS_A_TURN);
	if (next >= 0 && next < wait_ms)
		wait_ms = next;
	/* timers may have queued something behind the last look */
	if (l->again || atomic_load(&s->ready))
		wait_ms = 0;
	l->wait_began_us = clock_us();
	us = w->last_turn_us = l->wait_began_us - l->turn_began_us;
	if (us > atomic_load_explicit(&s->longest_turn_us, memory_order_relaxed))
		atomic_store_explicit(&s->longest_turn_us, us, memory_order_relaxed);
	atomic_store_explicit(&s->busy_since, 0, memory_order_relaxed);
	epoch_idle(w->run->epochs, w->n); /* one who waits holds nothing up */
	if (loop_turn(w->loop, wait_ms, waiting_ended, l))
		log_limited(LOG_ERR, "main", "could not wait for events", KV_ERRNO(errno));
	FAULT("worker.turn");
	l->again = w->run->ops->worker_turn(w);
	requests_of_main(l);
}

static void process_prepare(struct run *run, unsigned n)
{
	sigset_t none;

	sigemptyset(&none);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != run->main_pid)
		_exit(0); /* main died between the fork and the line above */
	signal(SIGTERM,
	       SIG_IGN); /* a terminal's or service manager's signal to the group is main's business */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &none, NULL);
	killed_first();
	privileges_drop_all();
	log_process_set("worker", (int)n);
	shm_slot_set(n);
}

int run_open(struct run *run, const struct conf *first)
{
	_Atomic uint32_t *draining =
		chunk_alloc(run->shm, sizeof(*draining), ID_MAKE(ID_CORE, 0, 0));

	if (!draining)
		return -ENOMEM;
	atomic_store(draining, 0);
	chunk_publish(run->shm, draining);
	run->draining = draining;
	return generations_open(run, first);
}

_Noreturn void worker_run(struct run *run, unsigned n, bool successor)
{
	static struct life life; /* this process's only one */
	struct life *l = &life;
	struct worker *w = &l->w;
	int err;

	process_prepare(run, n);
	*l = (struct life){
		.w = { .run = run, .n = n, .slot = &run->slots[n], .now = clock_ms() }
	};
	l->turn_began_us = clock_us();
	l->log_seq = w->slot->log_seq;
	atomic_store(&w->slot->busy_since, w->now);
	w->slot->locks_held = 0;
	counters_row_set(w->slot->counters);
	lock_stats = &w->slot->locks;
	lock_held = &w->slot->locks_held;
	run->ops->child_start(run, n);
	epoch_alive(run->epochs, n, true);
	generation_first(w);
	err = life_start(l, successor);
	if (err) {
		log_err("main", "a worker could not start", KV_ERRNO(err));
		_exit(1);
	}
	atomic_store(&w->slot->state, SLOT_RUNNING);
	slot_wake_main(run->main_eventfd);
	for (;;) {
		turn(l);
		if (worker_draining(w) && w->run->ops->worker_drain(w) == 0)
			break;
	}
	generation_stop(w);
	run->ops->worker_stop(w);
	atomic_store(&w->slot->state, SLOT_STOPPED);
	epoch_alive(run->epochs, n, false);
	exit(0);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* main's loop: signals, deaths, ticks. */
#include "core/run/master.h"

#include "core/base/clock.h"
#include "core/run/log.h"
#include "core/run/notify.h"
#include "core/run/reload.h"
#include "core/run/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

/* After that many deaths without one finished turn a slot pauses. */
#define DEATHS_BEFORE_PAUSE 3u
#define PAUSE_FIRST_MS	    100u
#define PAUSE_LONGEST_MS    5000u
/* Messages of one worker in one turn of main's. */
#define CHANNEL_TURN 64

/* main's private view of a slot. */
struct child {
	pid_t pid;
	uint64_t turns_at_start;
	unsigned deaths;       /* in a row, without a finished turn */
	unsigned start_deaths; /* in a row, before the worker was running */
	uint32_t pause_ms;
	struct timer resume; /* runs while the slot pauses */
	struct watch channel;
	struct master *master;
	unsigned n;
};

struct master {
	struct run *run;
	struct reload *reload;
	struct loop *loop;
	struct timers *timers;
	struct watch signals, wake;
	struct timer tick, shutdown, alive;
	struct child *children;
	struct watchdog *watchdog;
	sigset_t old_mask;
	void (*ready)(void *arg);
	void *ready_arg;
	bool is_ready, stopping, afresh, failed;
	uint64_t now;
};

static const struct run_conf *conf_of(const struct master *m)
{
	return CONF_SECTION(atomic_load(m->run->conf), &run_module, struct run_conf);
}

static struct slot *slot_of(struct master *m, unsigned n)
{
	return &m->run->slots[n];
}

static unsigned running_count(struct master *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m->run->slots_n; i++)
		n += m->children[i].pid > 0;
	return n;
}

/* --- birth and death ------------------------------------------------------------------------------------------------------ */
/* Somebody else serves while this slot does not: one that is stuck does not count. */
static bool others_live(struct master *m, unsigned n)
{
	for (unsigned i = 0; i < m->run->slots_n; i++) {
		if (i != n && m->children[i].pid > 0 && slot_of(m, i)->state == SLOT_RUNNING &&
		    !watchdog_is_busy(m->watchdog, i))
			return true;
	}
	return false;
}

/* What the dead worker had in hand lies in memory of a connection's, which another worker goes on with: what is kept of it is copied
 * into the slot's own buffer, whose contents nobody needs any more. */
static void hand_save(struct run *run, struct slot *s)
{
	uint32_t hand = atomic_load(&s->hand), n = s->hand_size;
	char *buffer = atomic_load(&s->buffer);

	if ((hand != HAND_FRAME && hand != HAND_STREAM) || s->hand_text == buffer)
		return;
	if (n > SLOT_BUFFER)
		n = SLOT_BUFFER;
	if (!buffer || !n || !shm_has(run->shm, s->hand_text) ||
	    !shm_has(run->shm, s->hand_text + n - 1)) {
		atomic_store(&s->hand, HAND_NONE);
		return;
	}
	memcpy(buffer, s->hand_text, n);
	s->hand_text = buffer;
	s->hand_size = n;
}

/* No worker for that long; others get the connections if there are any. */
static void slot_pause(struct master *m, struct child *c, uint32_t ms)
{
	atomic_store(&slot_of(m, c->n)->state, SLOT_PAUSED);
	if (others_live(m, c->n)) {
		hand_save(m->run, slot_of(m, c->n));
		m->run->ops->main_move(m->run, c->n);
	}
	timer_start(&c->resume, ms);
}

static void fork_child(struct master *m, struct child *c, bool successor)
{
	struct slot *s = slot_of(m, c->n);
	pid_t pid;

	atomic_store(&s->state, SLOT_STARTING);
	c->turns_at_start = s->turns;
	pid = fork();
	if (pid == 0) {
		sigprocmask(SIG_SETMASK, &m->old_mask, NULL);
		close(m->signals.fd);
		loop_drop(&m->loop);
		worker_run(m->run, c->n, successor);
	}
	if (pid < 0) {
		log_limited(LOG_ERR, "main", "could not fork a worker", KV_INT("slot", c->n),
			    KV_ERRNO(errno));
		slot_pause(m, c, PAUSE_FIRST_MS);
		return;
	}
	c->pid = pid;
	atomic_store(&s->pid, pid);
	watchdog_forget(m->watchdog, c->n);
}

static void resume_fire(struct timer *t)
{
	struct child *c = container_of(t, struct child, resume);

	if (!c->master->stopping)
		fork_child(c->master, c, true);
}

static void all_kill(struct master *m)
{
	for (unsigned i = 0; i < m->run->slots_n; i++) {
		if (m->children[i].pid > 0)
			kill(m->children[i].pid, SIGKILL);
	}
}

/* Counts the death; returns how long the slot pauses before its successor starts. */
static uint32_t pause_after(struct master *m, struct child *c, bool was_starting)
{
	struct slot *s = slot_of(m, c->n);

	c->start_deaths = was_starting ? c->start_deaths + 1 : 0;
	if (s->turns > c->turns_at_start + 1) {
		c->deaths = 0;
		c->pause_ms = 0;
	}
	c->deaths++;
	if (c->deaths < DEATHS_BEFORE_PAUSE || !others_live(m, c->n))
		return 0;
	c->pause_ms = c->pause_ms ? c->pause_ms * 2 : PAUSE_FIRST_MS;
	if (c->pause_ms > PAUSE_LONGEST_MS)
		c->pause_ms = PAUSE_LONGEST_MS;
	return c->pause_ms;
}

static void sweep_all(struct master *m)
{
	for (unsigned i = 0; i < m->run->slots_n; i++) {
		atomic_store(&slot_of(m, i)->sweep, 1);
		slot_wake(slot_of(m, i));
	}
}

static void succeed(struct master *m, struct child *c, bool was_starting)
{
	uint32_t pause_ms = pause_after(m, c, was_starting);

	if (c->start_deaths >= DEATHS_BEFORE_PAUSE) {
		log_err("main",
			m->is_ready ? "recovery failed three times, starting afresh"
				    : "the workers do not start, giving up",
			KV_INT("slot", c->n));
		m->afresh = m->is_ready;
		m->failed = !m->is_ready;
		m->stopping = true;
		all_kill(m);
		return;
	}
	if (pause_ms == 0) {
		fork_child(m, c, true);
		return;
	}
	log_err("main", "a slot pauses, its workers die at once", KV_INT("slot", c->n),
		KV_INT("deaths", c->deaths), KV_INT("ms", pause_ms));
	slot_pause(m, c, pause_ms);
}

static void channel_ready(struct watch *w, uint32_t events)
{
	struct child *c = container_of(w, struct child, channel);
	struct channel_msg msg;
	int fd;

	(void)events;
	for (int i = 0; i < CHANNEL_TURN && channel_recv(w->fd, &msg, &fd) == 0; i++)
		c->master->run->ops->main_channel(c->master->run, c->n, &msg, fd);
}

/* Of a dead worker's channel nothing is left for later: its successor inherits the duplicates. It holds what a socket's buffer does. */
static void channel_empty(struct child *c)
{
	struct channel_msg msg;
	int fd;

	while (channel_recv(c->channel.fd, &msg, &fd) == 0)
		c->master->run->ops->main_channel(c->master->run, c->n, &msg, fd);
}

static void child_died(struct master *m, struct child *c, int status)
{
	struct slot *s = slot_of(m, c->n);
	bool was_starting = s->state == SLOT_STARTING;
	bool ended_well = WIFEXITED(status) && WEXITSTATUS(status) == 0 && s->state == SLOT_STOPPED;

	s->died_pid = c->pid;
	s->death_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	c->pid = 0;
	atomic_store(&s->pid, 0);
	epoch_alive(m->run->epochs, c->n, false);
	if (ended_well)
		return;
	/* at the end main itself kills what is not ready in time */
	log_at(m->stopping && s->death_signal == SIGKILL ? LOG_NOTICE : LOG_ERR, "main",
	       "a worker died", KV_INT("slot", c->n), KV_INT("pid", s->died_pid),
	       KV_INT("signal", s->death_signal),
	       KV_INT("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
	       KV_Z("script", atomic_load(&s->script_file_z)),
	       KV_INT("line", s->script_file_z ? s->script_line : 0));
	atomic_store(&s->state, SLOT_DEAD);
	channel_empty(c);
	if (m->stopping)
		return;
	succeed(m, c, was_starting);
	sweep_all(m);
}

static void reap(struct master *m)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (m->reload && reload_child_ended(m->reload, pid, status))
			continue;
		for (unsigned i = 0; i < m->run->slots_n; i++) {
			if (m->children[i].pid == pid) {
				child_died(m, &m->children[i], status);
				break;
			}
		}
	}
}

/* --- signals ------------------------------------------------------------------------------------------------------------------ */
static void shutdown_fire(struct timer *t)
{
	struct master *m = container_of(t, struct master, shutdown);

	log_warn("main", "shutdown_timeout is over, ending what still runs",
		 KV_INT("workers", running_count(m)));
	all_kill(m);
}

static void stop(struct master *m, int signo)
{
	if (m->stopping) {
		if (m->afresh)
			log_notice("main", "stopping instead of starting afresh",
				   KV_INT("signal", signo));
		else
			log_warn("main", "asked to stop a second time, ending at once");
		m->afresh = false;
		all_kill(m);
		return;
	}
	log_notice("main", "stopping, what runs may finish", KV_INT("signal", signo),
		   KV_INT("shutdown_timeout_ms", conf_of(m)->shutdown_timeout));
	notify_send("STOPPING=1");
	m->stopping = true;
	reload_drop(&m->reload);
	atomic_store(m->run->draining, 1);
	m->run->ops->main_stop_accepting(m->run);
	for (unsigned i = 0; i < m->run->slots_n; i++)
		slot_wake(slot_of(m, i));
	timer_start(&m->shutdown, (uint32_t)conf_of(m)->shutdown_timeout);
}

static void logs_reopen(struct master *m)
{
	int err = log_reopen();

	if (err)
		log_err("main", "could not open the log file again", KV_ERRNO(err));
	for (unsigned i = 0; i < m->run->slots_n; i++) {
		atomic_fetch_add(&slot_of(m, i)->log_seq, 1);
		slot_wake(slot_of(m, i));
	}
}

/* Some worker that is well writes it; main itself walks no shared tables. */
static void status_ask(struct master *m)
{
	for (unsigned i = 0; i < m->run->slots_n; i++) {
		if (m->children[i].pid > 0 && !watchdog_is_busy(m->watchdog, i)) {
			atomic_fetch_add(&slot_of(m, i)->status_seq, 1);
			slot_wake(slot_of(m, i));
			return;
		}
	}
	log_warn("main", "no worker is free to write the status");
}

static void signals_ready(struct watch *w, uint32_t events)
{
	struct master *m = container_of(w, struct master, signals);
	struct signalfd_siginfo info;

	(void)events;
	while (read(w->fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			reap(m);
			break;
		case SIGTERM:
		case SIGINT:
			stop(m, (int)info.ssi_signo);
			break;
		case SIGUSR1:
			logs_reopen(m);
			break;
		case SIGUSR2:
			status_ask(m);
			break;
		case SIGHUP:
			if (m->stopping)
				log_notice("main", "no reload, the router is stopping");
			else
				reload_ask(m->reload);
			break;
		}
	}
}

/* --- the other events --------------------------------------------------------------------------------------------------------- */
static void ready_check(struct master *m)
{
	if (m->is_ready || m->stopping)
		return;
	for (unsigned i = 0; i < m->run->slots_n; i++) {
		if (slot_of(m, i)->state != SLOT_RUNNING)
			return;
	}
	m->is_ready = true;
	m->ready(m->ready_arg);
	notify_send("READY=1");
}

static void wake_ready(struct watch *w, uint32_t events)
{
	struct master *m = container_of(w, struct master, wake);
	uint64_t count;

	(void)events;
	if (read(w->fd, &count, sizeof(count)) < 0)
		return;
	ready_check(m);
}

static int pick_slot(void *arg, const bool *not_these)
{
	struct master *m = arg;
	int best = -1;

	for (unsigned i = 0; i < m->run->slots_n; i++) {
		if (slot_of(m, i)->state != SLOT_RUNNING || watchdog_is_busy(m->watchdog, i) ||
		    (not_these && not_these[i]))
			continue;
		if (best < 0 ||
		    slot_of(m, i)->connections < slot_of(m, (unsigned)best)->connections)
			best = (int)i;
	}
	return best;
}

static void tick_fire(struct timer *t)
{
	struct master *m = container_of(t, struct master, tick);
	int victim = watchdog_tick(m->watchdog, m->now, conf_of(m)->worker_timeout);

	timer_start(t, WATCHDOG_TICK_MS);
	if (victim >= 0 && m->children[victim].pid > 0) {
		struct slot *s = slot_of(m, (unsigned)victim);

		log_err("main", "a worker is stuck, replacing it", KV_INT("slot", victim),
			KV_INT("pid", m->children[victim].pid),
			KV_INT("worker_timeout_ms", conf_of(m)->worker_timeout),
			KV_Z("script", atomic_load(&s->script_file_z)),
			KV_INT("line", s->script_line));
		s->killed_by_watchdog = true;
		kill(m->children[victim].pid, SIGKILL);
	}
	reap(m);
	ready_check(m);
	if (m->reload)
		reload_tick(m->reload);
	m->run->ops->main_turn(m->run);
}

static void alive_fire(struct timer *t)
{
	timer_start(t, notify_watchdog_ms());
	notify_send("WATCHDOG=1");
}

/* --- start -------------------------------------------------------------------------------------------------------------------- */
/* What one slot has for all of its workers. */
static int slot_open(struct run *run, unsigned n)
{
	struct slot *s = &run->slots[n];
	char *buffer = chunk_alloc(run->shm, SLOT_BUFFER, ID_MAKE(ID_SLOT, n, 0));
	int err = channel_open(&run->channels[n]);

	if (!buffer)
		return -ENOMEM;
	chunk_publish(run->shm, buffer);
	atomic_store(&s->buffer, buffer);
	s->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return err || s->eventfd >= 0 ? err : -errno;
}

int master_slots_open(struct run *run, unsigned slots_n)
{
	size_t size = (sizeof(struct slot) * slots_n + SHM_PAGE - 1) / SHM_PAGE;

	run->slots = pages_alloc(run->shm, (unsigned)size, ID_MAKE(ID_CORE, 0, 0));
	run->channels = calloc(slots_n, sizeof(*run->channels));
	run->epochs = epochs_new(run->shm, slots_n);
	run->killers = killers_new(run->shm);
	run->main_eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (!run->slots || !run->channels || !run->epochs || !run->killers)
		return -ENOMEM;
	if (run->main_eventfd < 0)
		return -errno;
	memset(run->slots, 0, size * SHM_PAGE);
	pages_publish(run->shm, run->slots);
	run->slots_n = slots_n;
	for (unsigned i = 0; i < slots_n; i++) {
		int err = slot_open(run, i);

		if (err)
			return err;
	}
	return 0;
}

static int signals_open(struct master *m)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &m->old_mask);
	signal(SIGPIPE, SIG_IGN);
	m->signals = (struct watch){
		.fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC),
		.events = EPOLLIN,
		.ready = signals_ready,
	};
	return m->signals.fd < 0 ? -errno : loop_watch(m->loop, &m->signals, false);
}

static int children_open(struct master *m)
{
	int err = 0;

	for (unsigned i = 0; i < m->run->slots_n && !err; i++) {
		struct child *c = &m->children[i];

		c->master = m;
		c->n = i;
		timer_init(&c->resume, m->timers, resume_fire);
		c->channel = (struct watch){ .fd = m->run->channels[i].main_fd,
					     .events = EPOLLIN,
					     .ready = channel_ready };
		err = loop_watch(m->loop, &c->channel, false);
	}
	return err;
}

static int master_start(struct master *m)
{
	struct run *run = m->run;
	int err;

	m->loop = loop_new();
	m->timers = timers_new(m->now);
	m->children = calloc(run->slots_n, sizeof(*m->children));
	m->watchdog = watchdog_new(run);
	m->reload = m->timers ? reload_new(run, m->timers) : NULL;
	if (!m->loop || !m->children || !m->watchdog || !m->reload)
		return -ENOMEM;
	timer_init(&m->tick, m->timers, tick_fire);
	timer_init(&m->shutdown, m->timers, shutdown_fire);
	timer_init(&m->alive, m->timers, alive_fire);
	err = signals_open(m);
	if (!err)
		err = children_open(m);
	m->wake = (struct watch){ .fd = run->main_eventfd, .events = EPOLLIN, .ready = wake_ready };
	if (!err)
		err = loop_watch(m->loop, &m->wake, false);
	if (!err)
		err = run->ops->main_start(run, m->loop, pick_slot, m);
	return err;
}

static void after_wait(void *arg)
{
	struct master *m = arg;

	m->now = clock_ms();
	timers_now_set(m->timers, m->now);
}

static void master_stop(struct master *m)
{
	reload_drop(&m->reload);
	watchdog_drop(&m->watchdog);
	timers_drop(&m->timers);
	loop_drop(&m->loop);
	if (m->signals.fd > 0)
		close(m->signals.fd);
	free(m->children);
}

enum master_end master_run(struct run *run, void (*ready)(void *arg), void *arg)
{
	static struct master master; /* main's only one */
	struct master *m = &master;
	int err;

	*m = (struct master){ .run = run, .ready = ready, .ready_arg = arg, .now = clock_ms() };
	run->main_pid = getpid();
	err = master_start(m);
	if (err) {
		log_err("main", "could not start", KV_ERRNO(err));
		return MASTER_FAILED;
	}
	for (unsigned i = 0; i < run->slots_n; i++)
		fork_child(m, &m->children[i], false);
	timer_start(&m->tick, WATCHDOG_TICK_MS);
	if (notify_watchdog_ms())
		timer_start(&m->alive, notify_watchdog_ms());
	while (!m->stopping || running_count(m) > 0) {
		int wait_ms = timers_run(m->timers, m->now, 64);

		loop_turn(m->loop, wait_ms, after_wait, m);
		m->run->ops->main_turn(run);
	}
	master_stop(m);
	return m->afresh ? MASTER_AFRESH : m->failed ? MASTER_FAILED : MASTER_STOPPED;
}

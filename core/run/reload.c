/* SPDX-License-Identifier: BSD-2-Clause */
/* What the loader does, what main makes of its end, and the order of reloads. */
#include "core/run/reload.h"

#include "core/base/clock.h"
#include "core/mem/fault.h"
#include "core/run/conf.h"
#include "core/run/generation.h"
#include "core/run/log.h"
#include "core/run/notify.h"
#include "core/run/privileges.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLEAR_RETRY_MS 1000u
#define CLEAR_LIMIT_MS 30000u
#define LOG_LINES      200u /* of diagnostics */

enum stage {
	RESTING,
	LOADING,
	TO_CLEAR, /* a loader died; another child will give back what it had */
	CLEARING,
};

struct reload {
	struct run *run;
	struct timer limit; /* of the child, or until it is forked again */
	enum stage stage;
	pid_t pid;
	bool asked;
	bool waits;   /* for a place, and it was said */
	bool told;    /* the service manager waits for READY=1 */
	bool timeout; /* the child was killed for taking too long */
	unsigned place;
	uint64_t generation; /* of the last attempt */
	uint64_t began_us;
	unsigned clears; /* tried since the loader died */
};

/* --- the loader ---------------------------------------------------------------------------------------------------------------------------- */

/* Line by line, as -c prints them. */
static void diagnostics_log(const char *text_z, enum log_level level)
{
	struct str rest = str_z(text_z), line;

	for (unsigned i = 0; i < LOG_LINES && str_split(&rest, '\n', &line); i++)
		if (line.n)
			log_at(level, "reload", "the configuration", KV_TEXT("says", line));
}

static int load(struct reload *r)
{
	struct reload_report *report = r->run->report;
	FILE *out = fmemopen(report->text_z, sizeof(report->text_z), "w");
	int err;

	if (!out)
		return EXIT_FAILURE;
	err = r->run->ops->conf_load(r->run, r->place, r->generation, out, &report->conf,
				     &report->errors, &report->warnings);
	FAULT("loader.loaded");
	fclose(out);
	report->text_z[sizeof(report->text_z) - 1] = '\0';
	diagnostics_log(report->text_z, err ? LOG_ERR : LOG_WARN);
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Gives back what loaders before it had when they died; if it is to load, makes a configuration. */
static _Noreturn void loader_run(struct reload *r, bool loads)
{
	struct run *run = r->run;
	int status = EXIT_SUCCESS;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != run->main_pid)
		_exit(EXIT_FAILURE);
	privileges_drop_all();
	log_process_set("loader", -1);
	shm_slot_set(SHM_LOADER);
	run->ops->child_start(run, SHM_LOADER);
	FAULT("loader.start");
	run->ops->loader_recover(run);
	shm_recover(run->shm, SHM_LOADER);
	FAULT("loader.recovered");
	if (loads)
		status = load(r);
	shm_leave(run->shm);
	FAULT("loader.end");
	_exit(status);
}

/* --- main ------------------------------------------------------------------------------------------------------------------------------------ */

static bool child_fork(struct reload *r, bool loads, uint32_t limit_ms)
{
	pid_t pid = fork();

	if (pid == 0)
		loader_run(r, loads);
	if (pid < 0) {
		log_err("main", "could not fork the loader", KV_ERRNO(errno));
		return false;
	}
	r->pid = pid;
	r->timeout = false;
	timer_start(&r->limit, limit_ms);
	return true;
}

static void rest(struct reload *r)
{
	r->stage = RESTING;
	timer_stop(&r->limit);
	if (r->told && !r->asked) {
		notify_send("READY=1");
		r->told = false;
	}
}

/* Told the first time, and each time that it took twice as many. */
static void clear_later(struct reload *r, int status)
{
	r->clears++;
	if (!(r->clears & (r->clears - 1)))
		log_err("main",
			"could not give back what a dead loader had, no reload is done until then",
			KV_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
			KV_INT("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
			KV_INT("attempts", r->clears),
			KV_Z("hint", "if it does not end, restart the router"));
	r->stage = TO_CLEAR;
	timer_start(&r->limit, CLEAR_RETRY_MS);
}

static void clear(struct reload *r)
{
	r->stage = CLEARING;
	if (!child_fork(r, false, CLEAR_LIMIT_MS))
		clear_later(r, W_EXITCODE(EXIT_FAILURE, 0));
}

static void ended(struct reload *r, enum reload_outcome outcome)
{
	struct reload_report *report = r->run->report;

	report->outcome = outcome;
	report->us = clock_us() - r->began_us;
	report->done += outcome == RELOAD_GOOD;
	report->failed += outcome != RELOAD_GOOD;
	atomic_fetch_add(&report->seq, 1);
	if (outcome != RELOAD_GOOD)
		r->run->ops->conf_unmade(r->run, r->place);
}

static void publish(struct reload *r)
{
	struct reload_report *report = r->run->report;
	const struct conf *conf = report->conf;

	generation_publish(r->run, conf);
	report->in_use = generations_retire(r->run);
	run_conf_apply(CONF_SECTION(conf, &run_module, struct run_conf));
	ended(r, RELOAD_GOOD);
	log_notice("main", "reloaded", KV_INT("generation", conf->generation),
		   KV_INT("us", report->us), KV_INT("warnings", report->warnings));
}

static void begin(struct reload *r)
{
	const struct conf *conf = atomic_load(r->run->conf);
	struct reload_report *report = r->run->report;
	int place = generation_place(r->run);

	if (place < 0) {
		if (!r->waits)
			log_warn("main",
				 "a reload waits until the oldest configuration is used no more",
				 KV_INT("in_use", CONFS_MAX));
		r->waits = true;
		return;
	}
	r->asked = r->waits = false;
	r->place = (unsigned)place;
	r->generation++;
	r->began_us = clock_us();
	atomic_fetch_add(&report->seq, 1);
	report->generation = r->generation;
	report->conf = NULL;
	report->errors = report->warnings = 0;
	report->text_z[0] = '\0';
	r->stage = LOADING;
	if (child_fork(r, true,
		       (uint32_t)CONF_SECTION(conf, &run_module, struct run_conf)->reload_timeout))
		return;
	ended(r, RELOAD_DIED);
	rest(r);
}

static void tell_manager(struct reload *r)
{
	char state_z[64];

	snprintf(state_z, sizeof(state_z), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 (unsigned long long)clock_us());
	notify_send(state_z);
	r->told = true;
}

void reload_ask(struct reload *r)
{
	tell_manager(r);
	r->asked = true;
	if (r->stage == RESTING)
		begin(r);
	else
		log_info("main", "another reload follows the one under way");
}

static void died(struct reload *r, int status)
{
	log_err("main", "the loader died, the old configuration stays",
		KV_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
		KV_INT("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1),
		KV_Z("why", r->timeout ? "reload_timeout" : "see the lines above"));
	ended(r, RELOAD_DIED);
	r->clears = 0;
	clear(r);
}

/* Whether it is what a loader that ended well leaves behind. */
static bool is_made(const struct run *run, const struct conf *conf)
{
	return conf && shm_has(run->shm, conf) && shm_has(run->shm, conf->arena) &&
	       chunk_state(run->shm, conf->arena) == MEM_BUILDING;
}

static void load_ended(struct reload *r, int status)
{
	struct reload_report *report = r->run->report;

	if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
		died(r, status);
		return;
	}
	if (WEXITSTATUS(status) == 0 && is_made(r->run, report->conf)) {
		publish(r);
	} else {
		ended(r, RELOAD_REFUSED);
		log_err("main", "could not reload, the old configuration stays",
			KV_INT("errors", report->errors), KV_INT("warnings", report->warnings));
	}
	rest(r);
}

bool reload_child_ended(struct reload *r, pid_t pid, int status)
{
	if (!pid || pid != r->pid)
		return false;
	r->pid = 0;
	timer_stop(&r->limit);
	if (r->stage == LOADING) {
		load_ended(r, status);
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		rest(r);
	} else {
		clear_later(r, status);
	}
	if (r->stage == RESTING && r->asked)
		begin(r);
	return true;
}

static void limit_fire(struct timer *t)
{
	struct reload *r = container_of(t, struct reload, limit);

	if (r->stage == TO_CLEAR) {
		clear(r);
	} else if (r->pid) {
		r->timeout = true;
		kill(r->pid, SIGKILL);
	}
}

void reload_tick(struct reload *r)
{
	r->run->report->in_use = generations_retire(r->run);
	if (r->stage == RESTING && r->asked)
		begin(r);
}

struct reload *reload_new(struct run *run, struct timers *timers)
{
	struct reload *r = calloc(1, sizeof(*r));
	struct reload_report *report =
		chunk_alloc(run->shm, sizeof(*report), ID_MAKE(ID_CORE, 0, 0));

	if (!r || !report) {
		free(r);
		return NULL;
	}
	memset(report, 0, sizeof(*report));
	chunk_publish(run->shm, report);
	run->report = report;
	r->run = run;
	r->generation = atomic_load(run->conf)->generation;
	timer_init(&r->limit, timers, limit_fire);
	return r;
}

void reload_drop(struct reload **rp)
{
	struct reload *r = *rp;

	*rp = NULL;
	if (!r)
		return;
	timer_stop(&r->limit);
	if (r->pid)
		kill(r->pid, SIGKILL);
	free(r);
}

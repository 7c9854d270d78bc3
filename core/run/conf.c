/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters of the processes, and what the machine offers by default. */
#include "core/run/conf.h"

#include "core/base/must.h"
#include "core/run/log.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define AT(member) offsetof(struct run_conf, member)

/* Others need many processes because each of theirs waits. */
static const char *remark_children(int64_t n)
{
	return n > 4 * (int64_t)cores_usable()
		       ? "workers never wait: more than the machine has cores gain nothing"
		       : NULL;
}

static const char *remark_shm_mem(int64_t mb)
{
	return mb > 0 && mb < 256 ? "this is megabytes, and little: connections, transactions and "
				    "registrations share it"
				  : NULL;
}

static const struct param_def params[] = {
	{ "children", P_INT, AT(children), 0, 0, 256, .help = "workers; 0: one for each core",
	  .remark = remark_children },
	{ "shm_mem", P_INT, AT(shm_mem), 0, 0, 1 << 20,
	  .help = "shared memory in MB; 0: half of the memory", .remark = remark_shm_mem },
	{ "shm", P_INT, AT(shm_mem), 0, 0, 1 << 20, .help = "the same as shm_mem",
	  .remark = remark_shm_mem },
	{ "shm_mem_size", P_INT, AT(shm_mem), 0, 0, 1 << 20, .help = "the same as shm_mem",
	  .remark = remark_shm_mem },
	{ "open_files_limit", P_INT, AT(open_fd_limit), 0, 0, 1 << 20,
	  .help = "the same as open_fd_limit" },
	{ "open_fd_limit", P_INT, AT(open_fd_limit), 0, 0, 1 << 20,
	  .help = "open files of a process; 0: as inherited" },
	{ "shutdown_timeout", P_MS, AT(shutdown_timeout), 10000, 0, 3600000,
	  .help = "how long TERM lets what runs finish", .unit = 1000, .live = true },
	{ "exit_timeout", P_MS, AT(shutdown_timeout), 10000, 0, 3600000,
	  .help = "the same as shutdown_timeout", .unit = 1000, .live = true },
	{ "ser_kill_timeout", P_MS, AT(shutdown_timeout), 10000, 0, 3600000,
	  .help = "the same as shutdown_timeout", .unit = 1000, .live = true },
	{ "worker_timeout", P_MS, AT(worker_timeout), 10000, 500, 3600000,
	  .help = "a worker that is stuck for longer is replaced", .unit = 1000, .live = true },
	{ "reload_timeout", P_MS, AT(reload_timeout), 10000, 100, 3600000,
	  .help = "how long a reload may take until it is given up", .unit = 1000, .live = true },
	{ "debug", P_INT, AT(debug), 2, -3, 4,
	  .help = "log level: -1 errors, 0 warnings, 1 notices, 2 information, 3 debug",
	  .live = true },
	{ "user", P_STR, AT(user), .help = "whom to become after the sockets are open" },
	{ "uid", P_STR, AT(user), .help = "the same as user" },
	{ "group", P_STR, AT(group), .help = "the group to become; default: the user's" },
	{ "gid", P_STR, AT(group), .help = "the same as group" },
	{ "wdir", P_STR, AT(wdir), .help = "working directory" },
	{ "workdir", P_STR, AT(wdir), .help = "working directory" },
	{ "crash_dir", P_STR, AT(crash_dir),
	  .help = "where crash files go; default: the working directory", .live = true },
	{ "pid_file", P_STR, AT(pid_file),
	  .help = "file that the process id of main is written to" },
	{ "log_file", P_STR, AT(log_file),
	  .help = "file that lines go to; default: standard error" },
	{ "log_format", P_STR, AT(log_format), .help = "text (default) or json", .live = true },
	{ .type = P_END },
};

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	const struct run_conf *c = section;

	(void)conf;
	(void)arena;
	if (!str_is_null(c->log_format) && !str_eq_nocase(c->log_format, STR("text")) &&
	    !str_eq_nocase(c->log_format, STR("json")))
		return "log_format must be text or json";
	return NULL;
}

static unsigned module_index;

void run_conf_apply(const struct run_conf *c)
{
	log_level_set((int)c->debug);
	log_format_set(str_eq_nocase(c->log_format, STR("json")) ? LOG_JSON : LOG_TEXT);
}

static int new_generation(struct worker *w, const struct conf *conf)
{
	(void)w;
	run_conf_apply(CONF_SECTION(conf, &run_module, struct run_conf));
	return 0;
}

const struct module_def run_module = {
	.interface = MODULE_INTERFACE,
	.name = "run",
	.help = "processes, memory, logs",
	.params = params,
	.section_size = sizeof(struct run_conf),
	.index = &module_index,
	.check = check,
	.new_generation = new_generation,
};

unsigned cores_usable(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return n > 0 ? (unsigned)n : 1;
}

/* The number in a file of one line, SIZE_MAX if there is none ("max"). */
static size_t number_in(const char *path_z)
{
	FILE *f = fopen(path_z, "re");
	size_t n;

	if (!f)
		return SIZE_MAX;
	if (fscanf(f, "%zu", &n) != 1)
		n = SIZE_MAX;
	fclose(f);
	return n;
}

size_t memory_default(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	size_t all = pages > 0 && page > 0 ? (size_t)pages * (size_t)page : (size_t)1 << 30;
	size_t v2 = number_in("/sys/fs/cgroup/memory.max");
	size_t v1 = number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes");
	size_t limit = v2 < v1 ? v2 : v1;

	return (limit < all ? limit : all) / 2;
}

unsigned fd_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl))
		return 1024;
	return rl.rlim_cur > 1u << 20 ? 1u << 20 : (unsigned)rl.rlim_cur;
}

unsigned fd_limit_set(unsigned wanted)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl))
		return 1024;
	if (wanted) {
		struct rlimit more = { wanted, wanted > rl.rlim_max ? wanted : rl.rlim_max };

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			return wanted;
	}
	if (rl.rlim_cur < rl.rlim_max && (!wanted || wanted > rl.rlim_cur)) {
		rl.rlim_cur = rl.rlim_max;
		setrlimit(RLIMIT_NOFILE, &rl);
	}
	return fd_limit();
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The start order of the router, as one visible list. */
#include "core/mem/fault.h"
#include "core/mod/help.h"
#include "core/mod/load.h"
#include "core/msg/api.h"
#include "core/msg/shv.h"
#include "core/net/net.h"
#include "core/run/conf.h"
#include "core/run/generation.h"
#include "core/run/log.h"
#include "core/run/master.h"
#include "core/run/options.h"
#include "core/script/script.h"
#include "core/try/try.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/run/privileges.h"

#define ADDRESS_SPACE ((size_t)64 << 30)
#define MODULES_MAX   256u

static const struct module_def *const builtins[] = { &run_module, &net_module, &msg_module, NULL };

/* --- what the processes do, layer by layer ----------------------------------------------------------------------------------- */
static int worker_start(struct worker *w, bool successor)
{
	const struct conf *conf = worker_conf(w);
	int err = msg_worker_start(w, successor);

	if (!err)
		err = net_worker_start(w, successor);
	for (unsigned i = 0; i < conf->sections_n && !err; i++) {
		if (conf->modules[i]->process_start)
			err = conf->modules[i]->process_start(w);
	}
	return err;
}

static bool worker_turn(struct worker *w)
{
	bool more = msg_worker_turn(w);

	return net_worker_turn(w) || more;
}

static unsigned worker_drain(struct worker *w)
{
	unsigned unfinished = msg_worker_unfinished(w);

	return unfinished ? unfinished : net_worker_drain(w);
}

static void worker_status(struct worker *w)
{
	const struct conf *conf = worker_conf(w);

	net_status(w);
	for (unsigned i = 0; i < conf->sections_n; i++) {
		if (conf->modules[i]->status)
			conf->modules[i]->status(w);
	}
}

static void worker_stop(struct worker *w)
{
	const struct conf *conf = worker_conf(w);

	for (unsigned i = conf->sections_n; i-- > 0;) {
		if (conf->modules[i]->process_stop)
			conf->modules[i]->process_stop(w);
	}
	net_worker_stop(w);
	msg_worker_stop(w);
}

/* --- the configuration ---------------------------------------------------------------------------------------------------------- */
/* Beside the program (a build folder), or where make install puts them. */
static struct str modules_folder(const struct options *o, char *path_z, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", path_z, size - 64);
	ssize_t slash;

	if (o->mpath_z)
		return str_z(o->mpath_z);
	if (n <= 0)
		return STR("modules");
	slash = str_rchr(str_of(path_z, (size_t)n), '/');
	strcpy(path_z + slash, "/modules");
	if (access(path_z, X_OK))
		strcpy(path_z + slash, "/../lib/serac/modules");
	return str_z(path_z);
}

/* The command line wins over the file. */
static int configuration_override(const struct conf *conf, void *arg)
{
	const struct options *o = arg;
	struct run_conf *rc = conf->sections[*run_module.index];
	struct net_conf *nc = conf->sections[*net_module.index];

	if (o->children >= 0)
		rc->children = o->children;
	if (o->shm_mem >= 0)
		rc->shm_mem = o->shm_mem;
	if (o->user_z)
		rc->user = str_z(o->user_z);
	if (o->group_z)
		rc->group = str_z(o->group_z);
	if (o->wdir_z)
		rc->wdir = str_z(o->wdir_z);
	if (o->pid_z)
		rc->pid_file = str_z(o->pid_z);
	rc->debug += o->verbose;
	for (unsigned i = 0; i < o->listen_n; i++) {
		const char *wrong = net_conf_listen_text(nc, conf->arena, str_z(o->listen_z[i]));

		if (wrong) {
			fprintf(stderr, "serac: -l %s: %s\n", o->listen_z[i], wrong);
			return -EINVAL;
		}
	}
	return 0;
}

/* How the program was started: what every load of the configuration needs. */
struct start {
	struct options options;
	int folder_fd; /* in which paths of the command line are looked up */
	char modules_z[PATH_MAX];
	struct str modules; /* modules stay where they were found */
};

static struct script_options load_options(const struct run *run)
{
	const struct start *st = run->start;

	return (struct script_options){
		.path_z = st->options.path_z,
		.mpath = st->modules,
		.lenient = st->options.lenient,
		.shvs = run->shvs,
		.defines = st->options.defines_z,
		.defines_n = st->options.defines_n,
		.generation = 1,
		.builtins = builtins,
		.load_module = mod_load,
		.override = configuration_override,
		.override_arg = (void *)&st->options,
	};
}

/* The first load. */
static int configuration_load(struct run *run, const struct options *o, FILE *out,
			      const struct conf **conf_r, unsigned *warnings_r)
{
	static struct start start;
	struct script_options so;
	unsigned errors;

	start.options = *o;
	start.folder_fd = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	start.modules = modules_folder(o, start.modules_z, sizeof(start.modules_z));
	run->start = &start;
	run->allow_keylog = o->allow_keylog;
	so = load_options(run);
	return script_load(run->shm, &so, out, conf_r, &errors, warnings_r);
}

/* In the loader. */
static int conf_load(struct run *run, unsigned place, uint64_t generation, FILE *out,
		     const struct conf **conf_r, unsigned *errors_r, unsigned *warnings_r)
{
	struct script_options so = load_options(run);

	so.place = place;
	so.generation = generation;
	so.like = atomic_load(run->conf);
	if (!strcmp(so.path_z, "-")) {
		fputs("a script that came from standard input cannot be read again\n", out);
		return -EINVAL;
	}
	if (run->start->folder_fd < 0 || fchdir(run->start->folder_fd)) {
		fprintf(out, "could not go back to the folder of the start: %s\n",
			log_errno_z(errno));
		return -ENOENT;
	}
	return script_load(run->shm, &so, out, conf_r, errors_r, warnings_r);
}

static void conf_unmade(struct run *run, unsigned place)
{
	shvs_release(run->shvs, place);
}

static void conf_drop(struct run *run, const struct conf *conf)
{
	shvs_release(run->shvs, conf->place);
	script_drop(&conf);
}

static void loader_recover(struct run *run)
{
	shvs_recover(run->shvs, SHM_LOADER);
}

static const struct run_ops ops = {
	.conf_drop = conf_drop,
	.conf_unmade = conf_unmade,
	.loader_recover = loader_recover,
	.conf_load = conf_load,
	.child_start = net_child_close_foreign,
	.worker_start = worker_start,
	.worker_channel = net_worker_channel,
	.worker_turn = worker_turn,
	.worker_drain = worker_drain,
	.worker_stop = worker_stop,
	.worker_status = worker_status,
	.main_start = net_main_start,
	.main_channel = net_main_channel,
	.main_turn = net_main_turn,
	.main_stop_accepting = net_main_stop_accepting,
	.main_move = net_main_move,
	.udp_waiting = net_udp_waiting,
};

/* --- settings of the process ------------------------------------------------------------------------------------------------------ */
static void text_z(struct str s, char *z, size_t size)
{
	snprintf(z, size, STRF, STRA(s));
}

static int folder_enter(const struct run_conf *rc)
{
	char z[PATH_MAX];

	text_z(rc->wdir, z, sizeof(z));
	if (rc->wdir.n && chdir(z)) {
		log_err("main", "could not enter the working directory", KV_STR("folder", rc->wdir),
			KV_ERRNO(errno));
		return -errno;
	}
	return 0;
}

static int log_start(const struct run_conf *rc)
{
	char z[PATH_MAX];
	int err;

	run_conf_apply(rc);
	text_z(rc->log_file, z, sizeof(z));
	/* before the first fork: all processes share one open file */
	err = log_file_set(rc->log_file.n ? z : NULL);
	if (err)
		log_err("main", "could not open the log file", KV_STR("file", rc->log_file),
			KV_ERRNO(err));
	return err;
}

/* After a fresh start: written when we still might. */
static bool pid_file_is_ours(const char *path_z)
{
	FILE *f = fopen(path_z, "re");
	int pid = 0;

	if (!f)
		return false;
	if (fscanf(f, "%d", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid == getpid();
}

static int pid_file_write(const struct run_conf *rc)
{
	char z[PATH_MAX];
	FILE *f;

	if (!rc->pid_file.n)
		return 0;
	text_z(rc->pid_file, z, sizeof(z));
	if (pid_file_is_ours(z))
		return 0;
	f = fopen(z, "we");
	if (!f || fprintf(f, "%d\n", (int)getpid()) < 0 || fclose(f)) {
		log_err("main", "could not write the pid file", KV_STR("file", rc->pid_file),
			KV_ERRNO(errno));
		return -EIO;
	}
	return 0;
}

static void pid_file_remove(const struct run_conf *rc)
{
	char z[PATH_MAX];

	text_z(rc->pid_file, z, sizeof(z));
	if (rc->pid_file.n)
		unlink(z);
}

static int modules_start(struct run *run, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->sections_n; i++) {
		const struct module_def *m = conf->modules[i];
		int err = m->counters ? counters_register(m->counters) : 0;

		if (!err && m->init)
			err = m->init(run, conf);
		if (err) {
			log_err("main", "could not start a module", KV_Z("module", m->name),
				KV_ERRNO(err));
			return err;
		}
	}
	return 0;
}

static void module_summary(const struct module_def *m, const struct conf *conf)
{
	log_info("main", "module", KV_Z("name", m->name));
	if (m->summary)
		m->summary(conf);
}

static void summary(void *arg)
{
	struct run *run = arg;
	const struct conf *conf = atomic_load(run->conf);

	for (unsigned i = 0; net_listener_at(run, i); i++) {
		const struct listener *l = net_listener_at(run, i);

		log_notice("main", "listening", KV_Z("transport", l->transport->name),
			   KV_ADDR("address", &l->addr), KV_STR("host", l->host),
			   KV_INT("port", l->port));
	}
	for (unsigned i = 0; i < conf->sections_n; i++)
		module_summary(conf->modules[i], conf);
	log_notice("main", "ready", KV_Z("version", SERAC_VERSION), KV_INT("workers", run->slots_n),
		   KV_STR("configuration", conf->file),
		   KV_INT("shm_mem_mb", shm_limit(run->shm) >> 20));
	fault_arm();
}

/* --- the list ---------------------------------------------------------------------------------------------------------------------- */
static int memory_start(struct run *run)
{
	fault_init();
	run->shm = shm_new(ADDRESS_SPACE, memory_default(), SHM_SLOTS_MAX);
	if (!run->shm) {
		fprintf(stderr, "serac: could not map shared memory: %s\n", log_errno_z(errno));
		return -ENOMEM;
	}
	run->shvs = shvs_new(run->shm);
	return run->shvs ? 0 : -ENOMEM;
}

static int everything_start(struct run *run, const struct conf *conf)
{
	const struct run_conf *rc = CONF_SECTION(conf, &run_module, struct run_conf);
	unsigned workers = rc->children ? (unsigned)rc->children : cores_usable();
	int err;

	run->ops = &ops;
	msg_script_set(&script_hooks);
	err = folder_enter(rc);
	if (!err)
		err = log_start(rc);
	fd_limit_set((unsigned)rc->open_fd_limit);
	if (rc->shm_mem)
		shm_limit_set(run->shm, (size_t)rc->shm_mem << 20);
	if (!err)
		err = run_open(run, conf);
	if (!err)
		err = master_slots_open(run, workers);
	if (!err)
		err = net_open(run, conf, &msg_hooks);
	if (!err)
		err = msgs_open(run, conf);
	if (!err)
		err = modules_start(run, conf);
	if (!err)
		err = pid_file_write(rc);
	if (!err)
		err = privileges_drop(rc->user, rc->group);
	return err;
}

/* Fresh memory, fresh processes, the same process id; from the folder in which it was started, for the paths of the command line. */
static int start_over(char *const argv[], int folder_fd)
{
	if (folder_fd < 0 || fchdir(folder_fd))
		log_warn("main", "could not go back to the folder of the start", KV_ERRNO(errno));
	execv("/proc/self/exe", argv);
	log_err("main", "could not start over", KV_ERRNO(errno));
	return EXIT_FAILURE;
}

static int serve(struct run *run, const struct conf *conf, char *const argv[])
{
	enum master_end end;

	if (everything_start(run, conf))
		return EXIT_FAILURE;
	end = master_run(run, summary, run);
	net_close(&run->net);
	if (end == MASTER_AFRESH)
		return start_over(argv, run->start->folder_fd);
	pid_file_remove(CONF_SECTION(atomic_load(run->conf), &run_module, struct run_conf));
	log_notice("main", "stopped");
	return end == MASTER_STOPPED ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void fault_print(const char *name, const char *file, int line, void *arg)
{
	(void)arg;
	printf("%s %s:%d\n", name, file, line);
}

static void version_print(const struct options *o)
{
	static const struct module_def *modules[MODULES_MAX];
	static char path_z[PATH_MAX];
	unsigned n = mod_load_all(modules_folder(o, path_z, sizeof(path_z)), modules, MODULES_MAX);

	printf("serac %s\ncompiler: %s\nmemory model: shared, robust locks\nfault places: %s\n",
	       SERAC_VERSION, __VERSION__,
#ifdef SERAC_FAULT
	       "yes"
#else
	       "no"
#endif
	);
	for (unsigned i = 0; i < n; i++)
		if (modules[i]->about)
			modules[i]->about(stdout);
}

static int help_tables(const struct options *o)
{
	static char path_z[PATH_MAX];
	struct help_request r = {
		.builtins = builtins,
		.mpath = modules_folder(o, path_z, sizeof(path_z)),
		.module_z = o->help_module_z,
		.tables = (o->help_functions ? HELP_FUNCTIONS : 0) |
			  (o->help_attributes ? HELP_ATTRIBUTES : 0) |
			  (o->help_params ? HELP_PARAMS : 0) | (o->help_words ? HELP_WORDS : 0),
		.as_json = o->json,
	};

	return mod_help(&r, stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int try_load(struct run *run, const struct options *o, FILE *out, const struct conf **conf_r)
{
	unsigned warnings;

	return configuration_load(run, o, out, conf_r, &warnings);
}

static const struct try_ops try_ops = {
	.memory_start = memory_start,
	.load = try_load,
	.modules_start = modules_start,
};

static int check_print(const struct options *o, int err, unsigned warnings)
{
	if (err)
		return 1;
	if (o->check)
		fprintf(stderr, "%s: good%s\n", o->path_z, warnings ? ", with warnings" : "");
	return o->warnings_count && warnings ? 2 : 0;
}

int main(int argc, char *argv[])
{
	static struct run run;
	struct options o;
	const struct conf *conf = NULL;
	unsigned warnings = 0;
	int err;

	if (options_parse(argc, argv, &o))
		return EXIT_FAILURE;
	if (o.help) {
		options_help(argv[0]);
		return 0;
	}
	if (o.version) {
		version_print(&o);
		return 0;
	}
	if (o.list_faults) {
		fault_list(fault_print, NULL);
		return 0;
	}
	if (o.help_functions || o.help_attributes || o.help_params || o.help_words ||
	    o.help_module_z)
		return help_tables(&o);
	log_process_set("main", -1);
	if (o.try_z)
		return try_message(&run, &o, &try_ops);
	if (o.test)
		return try_tests(&run, &o, &try_ops);
	if (memory_start(&run))
		return EXIT_FAILURE;
	err = configuration_load(&run, &o, stderr, &conf, &warnings);
	if (o.dump && !err)
		script_dump(conf, stdout);
	if (o.check || o.dump || err)
		return check_print(&o, err, warnings);
	return serve(&run, conf, argv);
}

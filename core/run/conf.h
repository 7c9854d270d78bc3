/* SPDX-License-Identifier: BSD-2-Clause */
/* The core parameters about processes, memory and logs, as a built-in module. */
#ifndef RUN_CONF_H
#define RUN_CONF_H

#include "core/run/rows.h"

struct run_conf {
	int64_t children;	  /* workers; 0: one for each core */
	int64_t shm_mem;	  /* MiB; 0: half of the memory or of the cgroup's limit */
	int64_t open_fd_limit;	  /* 0: as inherited */
	int64_t shutdown_timeout; /* ms */
	int64_t worker_timeout;	  /* ms */
	int64_t reload_timeout;	  /* ms */
	int64_t debug;		  /* enum log_level */
	struct str user, group;	  /* null: stay who we are */
	struct str wdir;
	struct str crash_dir;
	struct str pid_file;
	struct str log_file;
	struct str log_format;
};

extern const struct module_def run_module;

/* What a configuration says about this process and can change: the log's level and form. */
void run_conf_apply(const struct run_conf *c);
/* The number of cores this process may run on, at least 1. */
unsigned cores_usable(void);
/* Half of the machine's memory or of the cgroup's limit, whichever is smaller, in bytes. */
size_t memory_default(void);
/* Raises the descriptor limit to wanted (0: as it is) as far as the hard limit allows (root: beyond). Returns the limit that holds now. */
unsigned fd_limit_set(unsigned wanted);
/* How many open files this process may have, as it is. */
unsigned fd_limit(void);

#endif

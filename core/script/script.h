/* SPDX-License-Identifier: BSD-2-Clause */
/* The routing language as the rest of the router sees it: load a file, run its routes. */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include "core/msg/api.h"

#include <stdio.h>

struct script_options {
	const char *path_z; /* the file; "-": standard input */
	struct str
		mpath; /* where modules are, folders between colons; overridden by the script's mpath/loadpath */
	bool lenient;
	unsigned place;		    /* of the configuration among those in use */
	struct shvs *shvs;	    /* shared variables; NULL: there are none */
	const char *const *defines; /* "NAME" or "NAME=text", as "#!define" before the first line */
	unsigned defines_n;
	uint64_t generation;
	/* The running configuration whose place this one is to take: what cannot change while the router runs is an error where it is not the
	 * same. NULL: there is none. */
	const struct conf *like;
	/* Called with the parameters of the file, to change them (the command line wins); 0 or -errno, then it has told why. NULL: nothing to change. */
	int (*override)(const struct conf *conf, void *arg);
	void *override_arg;
	/* The layers' own modules, ended by NULL. Those of the script itself are added. */
	const struct module_def *const *builtins;
	/* Finds and opens the module of that base name (core/mod is above this layer). -ENOENT: it is nowhere; -ENOTDIR: nor is any other;
	 * another -errno; why_z is filled on errors. */
	int (*load_module)(struct str mpath, struct str name, const struct module_def **def_r,
			   char *why_z, size_t why_size);
};

/* Reads, checks and compiles; everything in a new arena of shm (owner kind ID_CONF), which conf_r->arena names and the caller publishes. Diagnostics are
 * printed to out, up to 20 errors. errors_r and warnings_r count them; -EINVAL when there was an error (nothing is left behind), -errno when the
 * file cannot be read. conf->modules are the builtins and those that the script loads, in the order of their sections; their counters and init are
 * the caller's to call. */
int script_load(struct shm *shm, const struct script_options *options, FILE *out,
		const struct conf **conf_r, unsigned *errors_r, unsigned *warnings_r);
/* Frees a configuration that nobody runs any more: its arena and this process's part of it. */
void script_drop(const struct conf **confp);
/* Prints the configuration as understood (--dump). */
void script_dump(const struct conf *conf, FILE *out);
/* Whether the script has route[name]. */
bool script_has_route(const struct conf *conf, struct str name);
/* The script's own parameters, counters and attributes. */
extern const struct module_def script_module;

/* For msg_script_set. */
extern const struct script_hooks script_hooks;

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The routing language as the rest of the router sees it: load a file, run its routes. */
#ifndef SCRIPT_SCRIPT_H
#define SCRIPT_SCRIPT_H

#include "core/msg/api.h"

#include <stdio.h>

struct script_options {
	const char *path_z; /* the file; "-": standard input */
	struct str mpath;   /* where modules are; overridden by the script's mpath/loadpath */
	bool lenient;
	bool warnings_are_errors;
	const struct shm *shm;
};

/* Reads, checks and compiles; everything in a new arena of shm (owner kind ID_CONF), which conf_r->arena names. Diagnostics are printed to out, up to
 * 20 errors. errors_r and warnings_r count them; -EINVAL when there was an error (nothing is left behind), -errno when the file cannot be read. */
int script_load(struct shm *shm, const struct script_options *options, FILE *out,
		const struct conf **conf_r, unsigned *errors_r, unsigned *warnings_r);
/* Prints the configuration as understood (--dump). */
void script_dump(const struct conf *conf, FILE *out);

/* For msg_script_set. */
extern const struct script_hooks script_hooks;

#endif

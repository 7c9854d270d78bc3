/* SPDX-License-Identifier: BSD-2-Clause */
/* How a module's shared object is found, recognised and opened. */
#ifndef MOD_LOAD_H
#define MOD_LOAD_H

#include "core/run/rows.h"

/* Finds <folder>/<name>.so or <folder>/<name>/<name>.so in the folders of mpath (colons between them) and opens it, for the life of the process; a
 * module that is open already is given again. Before the first fork. A file that is not one of Serac's own modules is never opened: that is seen
 * in the file, and the next folder is tried. 0; -ENOENT: there is no such file, or only foreign ones; -ENOTDIR: nor any other module; -ENOEXEC: it is not a module of this program; -EPROTO: made for
 * another version; other -errno. On errors why_z says what is wrong. */
int mod_load(struct str mpath, struct str name, const struct module_def **def_r, char *why_z,
	     size_t why_size);

/* Opens every module of Serac's that lies in the folders of mpath, each name once, sorted by name; what cannot be opened is left out. The number, at
 * most max. */
unsigned mod_load_all(struct str mpath, const struct module_def **defs_r, unsigned max);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the modules of a configuration offer, found by name: functions, attributes, parameters. */
#ifndef SCRIPT_NAMES_H
#define SCRIPT_NAMES_H

#include "core/script/ast.h"
#include "core/script/diag.h"

/* Names that the script makes up, numbered. */
struct slots {
	struct pool *pool;
	struct slot_name {
		struct slot_name *next;
		struct str name;
		uint32_t slot;
	} * first;
	uint32_t n;
};

/* The modules of a configuration, builtins first. */
struct names {
	const struct module_def *const *modules;
	unsigned modules_n;
	unsigned builtins_n;
	bool lenient;
	const struct str *absent; /* base names of known modules that are not there (--lenient) */
	unsigned absent_n;
	const struct conf
		*conf;	     /* being made: what attributes need at run time lies in its arena */
	uint64_t regex_set;  /* of the expressions in transformations */
	struct slots *slots; /* of ATTR_SLOT; NULL: such names are -EINVAL */
	struct slots *plain; /* SER's attributes without a class that the script sets: $x */
};

/* The row of that name that takes argc arguments; NULL: none, and *any_r (may be NULL) is a row of that name with other counts. */
const struct func_def *names_function(const struct names *n, struct str name, unsigned argc,
				      const struct func_def **any_r);
/* How many arguments a row takes. */
void func_arity(const struct func_def *f, unsigned *min_r, unsigned *max_r);
/* Whether a module is loaded; whether it is known and left out (--lenient). */
bool names_module(const struct names *n, struct str name);
bool names_absent(const struct names *n, struct str name);
void names_functions_near(const struct names *n, struct nearest *near);

/* Notes that the script assigns to what is written: if it is no variable that is known, it is an attribute of SER's. -ENOMEM. */
int names_plain(struct names *n, struct str written);
/* A select or pseudo-variable as written: "@contact[2].uri.params["x"]", "$rU", "$(hdr(Subject)[-1]{s.len})". All that use_r points to lies in the arena.
 * 0; -ENOENT: no such attribute; -EINVAL: a key or index that it does not take or lacks; -ENOTSUP: a part of the language that is not there;
 * -ENOMEM. On errors why is filled. */
int names_attribute(const struct names *n, struct str text, struct attr_use *use_r,
		    struct buf *why);

#endif

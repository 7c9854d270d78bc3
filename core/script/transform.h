/* SPDX-License-Identifier: BSD-2-Clause */
/* Transformations: "{s.substr,0,3}{uri.host}" behind a variable's name. Read once when the script is loaded, run for each message. */
#ifndef SCRIPT_TRANSFORM_H
#define SCRIPT_TRANSFORM_H

#include "core/script/names.h"

#define TRANSFORM_ARGS_MAX   2u
#define TRANSFORM_STEPS_MAX  16u
#define TRANSFORM_RESULT_MAX 65536u /* bytes of a value; what would be longer is null */

/* A chain of them, in the configuration's arena. */
struct transform;

/* Reads the chain that *text begins with ('{' is its first character) and moves *text behind it. 0; -EINVAL: why is filled; -ENOMEM. */
int transform_read(const struct names *n, struct str *text, const struct transform **t_r,
		   struct buf *why);
/* *v becomes what the chain makes of it. Null where that is nothing: of a value that a step cannot take (text that is no URI, a position that is not
 * there). -ENOMEM. */
int transform_run(const struct transform *t, struct ctx *ctx, struct value *v);

/* --- rows --------------------------------------------------------------------------------------------------------------------------------- */

/* One step at work. */
struct transforming {
	struct ctx *ctx;
	const struct value *value;	       /* as it came in */
	struct value argv[TRANSFORM_ARGS_MAX]; /* null: not given */
	int tag;			       /* the row's */
};

enum transform_flag {
	TRANSFORM_EMPTY = 1, /* takes empty text, which else becomes null */
	TRANSFORM_NULL = 2,  /* takes null, which else stays null */
};

struct transform_def {
	const char *name; /* "s.substr" */
	/* One letter for each parameter. i: a number; s: text up to ',' or '}', S: the same or nothing; m: one character, also ','; these may be a
	 * variable. c: one character as it stands, or \n \r \t \\. e: "/pattern/replacement/flags", which becomes two: the compiled expression, and
	 * the replacement with its i saying whether all matches are meant. '|' starts the optional ones. */
	const char *args;
	const char *usage; /* ",offset,length": the parameters as help shows them */
	/* s: the value as text. 0 with *v (null on entry); -EINVAL: this cannot be; -ENOMEM. */
	int (*run)(struct transforming *t, struct str s, struct value *v);
	enum value_type type; /* of what comes out */
	int tag;	      /* lets one function serve several rows */
	unsigned flags;
	const char *help;
};

/* Every table ends with name NULL; the list with NULL. */
extern const struct transform_def *const transform_tables[];
extern const struct transform_def transforms_text[];
extern const struct transform_def transforms_line[];
extern const struct transform_def transforms_code[];
extern const struct transform_def transforms_sip[];
extern const struct transform_def transforms_re[];

/* A writer over n bytes of the context's pool. -EINVAL: more than TRANSFORM_RESULT_MAX; -ENOMEM. */
int transform_room(struct transforming *t, size_t n, struct buf *b_r);

#endif

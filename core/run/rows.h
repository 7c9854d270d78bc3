/* SPDX-License-Identifier: BSD-2-Clause */
/* What a module (or a layer of the core) offers, as data: parameters, script functions, attributes, counters, hooks. Rows are the only
 * place where a name stands; checks, help and manuals come from them. */
#ifndef RUN_ROWS_H
#define RUN_ROWS_H

#include "core/run/value.h"

#include <stdio.h>

struct arena;
struct block;
struct conf;
struct ctx;
struct diag;
struct pos;
struct run;
struct setting;
struct worker;

/* --- parameters --------------------------------------------------------------------------------------------------------------- */
enum param_type {
	P_END,
	P_INT,	/* int64_t at offset */
	P_BOOL, /* bool at offset; yes no on off true false 1 0 */
	P_STR,	/* struct str at offset */
	P_MS, /* int64_t milliseconds at offset; "5s", "500ms", "2m" or a number in the unit of `unit` */
	P_CALL,	   /* set() is called for each occurrence */
	P_SETTING, /* take() is called for each occurrence, with its place in the script */
	P_IGNORE,  /* known in the family, not needed here: a warning with `help` as the reason */
	P_ABSENT, /* known in the family, but what it is for is not here: an error unless its value is 0, with --lenient a warning; `help` says what to write instead */
};

struct param_def {
	const char *name;
	enum param_type type;
	size_t offset;
	int64_t def; /* default of numbers and booleans */
	int64_t min, max;
	const char *help;
	const char *def_z; /* default of strings */
	unsigned unit;	   /* P_MS: milliseconds in a bare number's unit (1000: seconds) */
	/* P_CALL: section is the module's part of the configuration. NULL or constant text that says what is wrong with the value. */
	const char *(*set)(void *section, struct arena *arena, const struct value *v);
	/* A reload may change it. Others are compared and the reload is refused where they differ, so that P_CALL and P_SETTING must be live. */
	bool live;
	/* P_INT, P_MS, P_BOOL: NULL, or what somebody who sets this value should know; a warning. May be NULL. */
	const char *(*remark)(int64_t value);
	/* P_SETTING: as the script has it (core/script/setting.h); what is wrong goes to diag, now or in settle(). *s stays until settle() has returned. */
	void (*take)(void *section, const struct setting *s, struct diag *diag);
};

/* False: the row has no value of its own at offset. */
static inline bool param_is_stored(const struct param_def *p)
{
	return p->type == P_INT || p->type == P_BOOL || p->type == P_STR || p->type == P_MS;
}

/* False: setting it is refused, or passed over. */
static inline bool param_has_value(const struct param_def *p)
{
	return p->type != P_IGNORE && p->type != P_ABSENT;
}

/* --- script functions --------------------------------------------------------------------------------------------------------- */
enum route_kind {
	IN_REQUEST = 1, /* route and what it calls, for requests */
	IN_REPLY = 2,	/* onreply_route, reply_route */
	IN_BRANCH = 4,	/* branch_route: the request as it goes to one target */
	IN_FAILURE = 8, /* failure_route: the request again, its branches have failed */
	IN_ONSEND =
		16, /* onsend_route: the message is written, and cannot be changed or waited with */
	IN_EVENT = 32,	  /* event_route: there may be no SIP message that came from somebody */
	IN_UNSENT = 47,	  /* all but onsend_route: what changes the message */
	IN_WAITING = 13,  /* route, branch_route, failure_route: what may wait */
	IN_REQUESTS = 45, /* where there is a request that may be changed */
	IN_ANY = 63,
};
/* Beside the kinds in func_def.contexts: the call changes nothing, writes nothing and never ends the script. One whose value nobody uses is a mistake. */
#define FN_PURE 0x100u

/* Results of a function besides ordinary numbers (> 0 true, < 0 false, 0 ends the script). */
#define FN_TRUE	 1
#define FN_FALSE (-1)
#define FN_END	 0
/* The function has filled ctx->wait: the context is suspended; what wait.resume returns is the function's value. Only in routes of IN_WAITING; elsewhere it is
 * cancelled at once, logged, and false. */
#define FN_WAIT INT32_MIN

struct func_def {
	const char *name;
	/* One letter for each argument: s string, i integer, r regular expression (compiled once when it is a constant), n name or address as text;
	 * f text with attributes in it, as a log line ("$ru", "$(hdr(To))", "%@from.tag", xlog's "%ru"; "%%" is one percent sign; what is null
	 * shows as "<null>"); h the same for header fields ("$ru", "%@from.tag"; null is empty; a value with CR, LF or NUL in it makes the
	 * call a logged error with a false value); t the same for any other text (null is empty). The function gets the finished text of f, h and t
	 * as a string. They are compiled when they are constants; text that is computed at run time is taken as it is. a: an attribute that can be
	 * set, bare or as a constant text ("$var(x)"): VALUE_ATTR, for attr_use_set(). B, F, O, R: the name of a
	 * branch_route, failure_route, onreply_route, or of a route that is run as a request's; E: NAME of
	 * event_route[tm:branch-failure:NAME]; the function gets its number for script_hooks, or -1 for "" and "0" (none); a name without a
	 * route is an error, at run time a logged one with a false value. '|' starts the optional ones. "s|i": one or two. A function may have
	 * several rows with different counts. */
	const char *args;
	unsigned contexts; /* route_kind bits, and FN_PURE */
	/* argv has argc values of the types named (an s argument may be VALUE_NULL at run time). */
	int (*call)(struct ctx *ctx, const struct value *argv, unsigned argc);
	const char *help; /* one line, and its values if they are special */
	/* At check time for arguments that are constants (others are VALUE_NULL): NULL, or what is wrong. May be NULL. */
	const char *(*check)(const struct value *argv, unsigned argc);
};

/* --- attributes: selects and pseudo-variables ----------------------------------------------------------------------------------- */
/* What stood in the brackets: @contact[2].uri.params["x"] has index 2 and key x. */
struct attr_arg {
	bool has_index, has_key;
	bool all;    /* [*], or [] of SER's attributes */
	bool counts; /* ATTR_COUNTS: how many there are is asked for, by $cnt() */
	int64_t index; /* 1 is the first; -1 the last; variables, which count from 0, are written so, too */
	struct str key;
	struct str param; /* ATTR_PARTS: the name in brackets behind the parts; null: none */
	int tag;	  /* the row's */
	uint32_t slot;	  /* ATTR_SLOT: which of the script's names this is */
	const void *
		data; /* what prepare made of the key; NULL when the key is known at run time only */
};

struct attr_def {
	const char *name; /* select name without '@' and brackets: "ruri.user"; NULL: none */
	const char *pv;	  /* pseudo-variable's name without '$': "rU"; NULL: none */
	/* 0 with *value_r (VALUE_NULL when there is no such thing); -ENOMEM. Text is a slice of the message or in ctx's pool. */
	int (*get)(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
	int (*set)(struct ctx *ctx, const struct attr_arg *arg,
		   const struct value *v); /* NULL: read only */
	enum value_type type;		   /* VALUE_INT or VALUE_STR, for the check */
	int tag;			   /* lets one getter serve several rows */
	unsigned flags;			   /* ATTR_ */
	const char *help;
	/* When the script is loaded, for a key that is constant: fills arg->data, in the arena of the configuration that is being made, or
	 * arg->slot. NULL, or constant text that says what is wrong. May be NULL. */
	const char *(*prepare)(struct attr_arg *arg, const struct conf *conf);
};
#define ATTR_FROM_ZERO 512u /* of selects: the first is number 0 */
#define ATTR_COUNTS    256u /* $cnt() may count what has that name */
#define ATTR_PARTS     128u /* a header field's name and its parts follow: @hf_value.X[1].uri.host */
#define ATTR_INDEX     1u   /* a number may stand in brackets */
#define ATTR_KEY       2u   /* a name may */
#define ATTR_NEEDS_KEY 4u   /* it must */
#define ATTR_ALL       8u   /* [*] may */
#define ATTR_SLOT      16u  /* the key becomes arg->slot, numbered from 0 for each configuration */
#define ATTR_VARIES    32u  /* the key may be a variable: $avp($var(name)) */
#define ATTR_CLASS \
	64u /* one of SER's attributes, whose key stands behind a dot: $f.name; pv is "f." */

/* --- counters ----------------------------------------------------------------------------------------------------------------- */
struct counter_def {
	const char *name;
	const char *help;
};

struct counter_group {
	const char *name; /* "tcp" */
	const struct counter_def *defs;
	unsigned n;
	unsigned
		base; /* set by counters_register: the only member that changes, before the first fork */
};

/* --- the whole ---------------------------------------------------------------------------------------------------------------- */
#define MODULE_INTERFACE 4

/* Settings in braces outside of routes: word[key] { name = value … } */
struct block_def {
	const char *word; /* one of core/script/words.c with WORD_BLOCK */
	/* The block as the script has it (core/script/setting.h), which stays until settle() has returned. */
	void (*take)(void *section, const struct block *b, struct diag *diag);
	const char *help;
};

struct module_def {
	unsigned interface; /* MODULE_INTERFACE */
	const char *name;
	const char *help;
	const struct param_def *params; /* ends with P_END; NULL: none */
	/* Parameters of the module that are written as the core's: name = value. NULL: none. */
	const struct param_def *core_params;
	const struct block_def *blocks; /* ends with word NULL; NULL: none */
	size_t section_size; /* of the module's part of the configuration, in the configuration's arena */
	const struct func_def *functions; /* ends with name NULL */
	const struct attr_def *attrs;	  /* ends with get NULL */
	struct counter_group *counters;	  /* NULL: none */
	unsigned *index; /* set when the module is loaded: its section's place in struct conf */
	/* What other modules may call: a constant table of functions, whose type stands in modules/NAME/api.h; NULL: nothing. */
	const void *api;
	/* The modules whose tables this one uses, ended by NULL; their loadmodule lines stand above this one's, and their init() runs before. NULL: none. */
	const char *const *needs;
	/* Hooks; each may be NULL. */
	/* Before anything of the script is set: defaults that rows cannot say. Sections of the builtins may be changed. */
	void (*begin)(const struct conf *conf, void *section);
	/* Everything is set, by the script and the command line, and no single value was wrong: makes of it what needs more than one value, in conf's
	 * arena. What is wrong goes to diag with its place; at is where the module is loaded. Before check(). */
	void (*settle)(const struct conf *conf, void *section, const struct pos *at,
		       struct diag *diag);
	/* --dump: what settle() made, in the script's language. */
	void (*dump)(const struct conf *conf, const void *section, FILE *out);
	const char *(*check)(const struct conf *conf, void *section,
			     struct arena *arena); /* parameters together: NULL or what is wrong */
	/* The n-th route[name] that the module runs by itself, without a message (core/msg/event.h), as a parameter has named it; null: there are no more. The script
	 * must have it. */
	struct str (*runs_route)(const void *section, unsigned n);
	int (*init)(struct run *run,
		    const struct conf *conf);	/* in main, before the first fork: 0 or -errno */
	int (*process_start)(struct worker *w); /* in each worker and successor */
	/* In each worker and successor, behind process_start and whenever another configuration is published: makes what the worker keeps for
	 * conf. 0, or -errno: the worker goes on with the configuration that it has, and tries again. */
	int (*new_generation)(struct worker *w, const struct conf *conf);
	/* Nothing in this worker uses conf any more. */
	void (*end_generation)(struct worker *w, const struct conf *conf);
	void (*process_stop)(struct worker *w);
	/* In main, when the router is ready: lines of the start summary. */
	void (*summary)(const struct conf *conf);
	/* In one worker, when the status is asked for: its lines. */
	void (*status)(struct worker *w);
	/* For serac -V: a line about what this machine has for it. Without configuration or shared memory. */
	void (*about)(FILE *out);
};

#define CONFS_MAX 64u

/* What a configuration consists of at run time; lies in its arena, constant once published. */
struct conf {
	uint64_t generation;
	unsigned place; /* among those in use: 0 to CONFS_MAX - 1 */
	struct arena *arena;
	struct shvs *shvs; /* core/msg: the variables that outlive it */
	unsigned sections_n;
	void **sections; /* by *module_def.index */
	const struct module_def **modules;
	const struct program *program; /* core/script */
	struct str file;
};

/* The table of a loaded module, for another one's check() and init(), which keeps it. NULL: it is not loaded, or offers none; never of one that is
 * needed. */
const void *module_api(const struct conf *conf, const char *name_z);

#define CONF_SECTION(conf, module, type) ((const type *)(conf)->sections[*(module)->index])

#endif

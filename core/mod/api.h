/* SPDX-License-Identifier: BSD-2-Clause */
/* All that a module sees of the router. A module is one shared object that exports one constant value:
 *
 *	const struct module_def serac_module MODULE_EXPORT = { .interface = MODULE_INTERFACE, .name = "maxfwd", ... };
 *
 * core/mod/README.md tells how to write one. */
#ifndef MOD_API_H
#define MOD_API_H

#include "core/base/addr.h"
#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/base/list.h"
#include "core/base/mac.h"
#include "core/base/must.h"
#include "core/base/str.h"
#include "core/mem/arena.h"
#include "core/mem/epoch.h"
#include "core/mem/fault.h"
#include "core/mem/pool.h"
#include "core/mem/shm.h"
#include "core/mem/slab.h"
#include "core/msg/api.h"
#include "core/msg/apply.h"
#include "core/msg/avps.h"
#include "core/msg/body.h"
#include "core/msg/branches.h"
#include "core/msg/capabilities.h"
#include "core/msg/ctx.h"
#include "core/msg/drop.h"
#include "core/msg/edit.h"
#include "core/msg/emit.h"
#include "core/msg/event.h"
#include "core/msg/hop.h"
#include "core/msg/kept.h"
#include "core/msg/nexthop.h"
#include "core/msg/onsend.h"
#include "core/msg/ownvia.h"
#include "core/msg/park.h"
#include "core/msg/reply.h"
#include "core/msg/route.h"
#include "core/msg/secure.h"
#include "core/msg/sentby.h"
#include "core/msg/shv.h"
#include "core/msg/soundness.h"
#include "core/msg/stateful.h"
#include "core/msg/waiting.h"
#include "core/net/blocklist.h"
#include "core/net/conf.h"
#include "core/net/net.h"
#include "core/run/conf.h"
#include "core/run/counter.h"
#include "core/run/generation.h"
#include "core/run/log.h"
#include "core/run/networks.h"
#include "core/run/privileges.h"
#include "core/run/rows.h"
#include "core/run/timer.h"
#include "core/run/value.h"
#include "core/run/worker.h"
#include "core/script/diag.h"
#include "core/script/format.h"
#include "core/script/regex.h"
#include "core/script/script.h"
#include "core/script/setting.h"
#include "core/script/subst.h"
#include "core/script/use.h"
#include "parser/hdr.h"
#include "parser/msg.h"
#include "parser/nameaddr.h"
#include "parser/param.h"
#include "parser/uri.h"
#include "parser/via.h"

/* fn_NAME, a function of scripts, and its row. It may stand in routes of some kinds (ROW); in all of them if it does something that is not the
 * message's, or if it is a question, whose answer should not be lost; in those where the message is not written yet if it changes the message. */
#define MODULE_FN(NAME) int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc)
#define MODULE_ROW(NAME, ARGS, KINDS, CHECK, HELP)         \
	{                                                  \
#NAME, ARGS, KINDS, fn_##NAME, HELP, CHECK \
	}
#define MODULE_DOES(NAME, ARGS, CHECK, HELP)	MODULE_ROW(NAME, ARGS, IN_ANY, CHECK, HELP)
#define MODULE_ASKS(NAME, ARGS, CHECK, HELP)	MODULE_ROW(NAME, ARGS, IN_ANY | FN_PURE, CHECK, HELP)
#define MODULE_CHANGES(NAME, ARGS, CHECK, HELP) MODULE_ROW(NAME, ARGS, IN_UNSENT, CHECK, HELP)

/* A function of the family that cannot be here: its row has the check, which says at load what to write instead, so that it never runs. */
#define MODULE_REFUSES(NAME, ADVICE)                                          \
	static const char *no_##NAME(const struct value *argv, unsigned argc) \
	{                                                                     \
		(void)argv;                                                   \
		(void)argc;                                                   \
		return ADVICE;                                                \
	}
#define MODULE_REFUSED(NAME, ARGS)                                                                 \
	{                                                                                          \
#NAME, ARGS, IN_ANY, module_refused, "is refused: the message says what to write", \
			no_##NAME                                                                  \
	}
static inline int module_refused(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argv;
	(void)argc;
	return FN_FALSE;
}

/* For the check of a function's constants: whether a text of letter s, f, h or t is what the function will get, there being no attribute in it. */
static inline bool module_text_is_known(const struct value *v)
{
	return v->type == VALUE_STR && str_chr(v->s, '$') < 0 && str_chr(v->s, '%') < 0;
}

/* Everything else in a module is hidden. */
#define MODULE_EXPORT __attribute__((visibility("default")))

#endif

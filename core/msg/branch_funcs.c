/* SPDX-License-Identifier: BSD-2-Clause */
/* append_branch() and its kin, and the flags of targets. */
#include "core/msg/branches.h"
#include "core/msg/funcs.h"
#include "core/run/log.h"

#include <errno.h>

static int failed(struct ctx *ctx, struct str uri, int err)
{
	log_limited(LOG_WARN, "script", "could not add a target",
		    KV_STR("uri", uri.n ? uri : ctx_uri_text(ctx)),
		    KV_STR("why", err == -ENOSPC    ? STR("there are max_branches already")
				  : err == -EBADMSG ? STR("it is not a URI")
				  : err == -EINVAL  ? STR("q is a number from 0 to 1")
						    : STR("no memory left for this message")));
	return FN_FALSE;
}

int fn_append_branch(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct branch b = branch_main(ctx);
	struct str uri = argc ? argv[0].s : STR_NULL;
	int q = BRANCH_Q_NONE, err = 0;

	if (argc > 1 && argv[1].s.n)
		err = q_parse(argv[1].s, &q);
	if (!err && !uri.n)
		err = branch_add_main(ctx, q);
	if (!err && uri.n) {
		/* another address of the same person: it is reached by $du and path, but was registered on its own */
		b.uri = uri;
		b.q = q;
		b.ruid = b.instance = STR_NULL;
		err = branch_add(ctx, &b);
	}
	return err ? failed(ctx, uri, err) : FN_TRUE;
}

const char *check_append_branch(const struct value *argv, unsigned argc)
{
	struct sip_uri u;
	int q;

	if (argc && argv[0].type == VALUE_STR && argv[0].s.n && uri_parse(argv[0].s, &u, NULL))
		return "the first argument is a URI: \"sip:user@host\"";
	if (argc > 1 && argv[1].type == VALUE_STR && argv[1].s.n && q_parse(argv[1].s, &q))
		return "q is a number from 0 to 1: \"0.5\"";
	return NULL;
}

int fn_clear_branches(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	branches_clear(ctx);
	return FN_TRUE;
}

int fn_remove_branch(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return branch_remove(ctx, argc ? argv[0].i : 0) ? FN_TRUE : FN_FALSE;
}

/* The word that the flag is in. NULL: there is no such target; it was logged. */
static uint32_t *flags_of(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t n = 0;
	uint32_t *flags;

	if (argc > 1 && arg_int(&argv[1], &n))
		n = -1;
	flags = branch_flags(ctx, n);
	if (!flags)
		log_limited(LOG_WARN, "script", "there is no such branch", KV_INT("branch", n));
	return flags;
}

int fn_setbflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit, *flags = flags_of(ctx, argv, argc);

	if (!flags || flag_bit(&argv[0], &bit))
		return FN_FALSE;
	*flags |= bit;
	return FN_TRUE;
}

int fn_resetbflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit, *flags = flags_of(ctx, argv, argc);

	if (!flags || flag_bit(&argv[0], &bit))
		return FN_FALSE;
	*flags &= ~bit;
	return FN_TRUE;
}

int fn_isbflagset(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit, *flags = flags_of(ctx, argv, argc);

	return flags && !flag_bit(&argv[0], &bit) && (*flags & bit) ? FN_TRUE : FN_FALSE;
}

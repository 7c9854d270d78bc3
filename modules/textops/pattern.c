/* SPDX-License-Identifier: BSD-2-Clause */
/* The patterns of this process, compiled with the flags of textops once and kept: they come from scripts, so there are few. */
#include "modules/textops/textops.h"

#include <errno.h>

#define PATTERNS_MAX 1024u /* a script with more compiles the others each time */
#define PATTERN_POOL (64 * 1024)

/* Sorted by hash of pattern and flags. In private memory of each process. */
struct kept {
	struct str pattern;
	unsigned flags;
	struct pool *pool;
	const struct regex *re;
};
static struct kept kept[PATTERNS_MAX];
static unsigned kept_n;

static struct kept *slot_of(struct str pattern, unsigned flags)
{
	static const struct mac_key key = { "textops" };
	uint64_t at = mac_of(&key, pattern) + flags;

	/* at most three quarters full, so that an empty place is met */
	for (;; at++) {
		struct kept *k = &kept[at % PATTERNS_MAX];

		if (!k->pool || (k->flags == flags && str_eq(k->pattern, pattern)))
			return k;
	}
}

static const struct regex *compiled(struct pool *p, struct str pattern, unsigned flags)
{
	const struct regex *re;
	struct regex_error e;
	int err = regex_new(p, pattern, flags, &re, &e);

	if (!err)
		return re;
	log_limited(LOG_WARN, "textops", "cannot use a text as a regular expression",
		    KV_STR("pattern", pattern),
		    KV_STR("why", str_z(err == -EINVAL ? e.text : "no memory")));
	return NULL;
}

/* constant: the pattern stands in a script. */
static const struct regex *pattern_get(struct ctx *ctx, struct str pattern, unsigned flags,
				       bool constant)
{
	struct kept *k;
	struct pool *p;

	if (!constant)
		return compiled(ctx->pool, pattern, flags);
	k = slot_of(pattern, flags);
	if (k->pool)
		return k->re;
	p = kept_n < PATTERNS_MAX / 4 * 3 ? pool_new(1024, PATTERN_POOL) : NULL;
	if (!p)
		return compiled(ctx->pool, pattern, flags);
	*k = (struct kept){ .pattern = pool_str(p, pattern), .flags = flags, .pool = p };
	k->re = k->pattern.p ? compiled(p, k->pattern, flags) : NULL;
	kept_n++;
	return k->re;
}

const struct regex *lines_regex(struct ctx *ctx, const struct regex *re)
{
	return pattern_get(ctx, re->pattern, re->flags | REGEX_MULTILINE, re->set != 0);
}

const struct regex *subst_regex(struct ctx *ctx, const struct subst *s)
{
	/* what was put together at run time lies in the message's memory: kept, it would be as many as senders can think of */
	bool constant = shm_has(ctx->worker->run->shm, s->pattern.p);

	return pattern_get(ctx, s->pattern, s->regex_flags, constant);
}

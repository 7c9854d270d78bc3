/* SPDX-License-Identifier: BSD-2-Clause */
/* get_redirects(): the Contacts of a transaction's redirections become its next targets. */
#include "modules/uac_redirect/uac_redirect.h"

#include <errno.h>
#include <limits.h>

#define LIMIT_MAX 255u

static bool limit_parse(struct str text, unsigned *n_r)
{
	uint64_t n = 0;

	if (!str_eq(text, STR("*")) && str_uint(text, LIMIT_MAX, &n))
		return false;
	*n_r = n ? (unsigned)n : UINT_MAX;
	return true;
}

bool redirects_limits(struct str text, unsigned *all_r, unsigned *each_r)
{
	ssize_t colon = str_chr(text, ':');
	unsigned all, each = UINT_MAX;

	if (colon >= 0 && !limit_parse(str_skip(text, (size_t)colon + 1), &each))
		return false;
	if (!limit_parse(colon >= 0 ? str_head(text, (size_t)colon) : text, &all))
		return false;
	*all_r = all;
	*each_r = each;
	return true;
}

/* Where the request went before, or will go: a redirection to there would go round for ever. */
struct tried {
	const struct sip_uri **rows;
	unsigned n, cap;
};

/* What is no URI is not noted. False: no memory. */
static bool tried_note(struct ctx *ctx, struct tried *t, struct str uri)
{
	unsigned cap = t->cap ? t->cap * 2 : 16;
	const struct sip_uri **larger;

	if (t->n == t->cap) {
		larger = pool_alloc(ctx->pool, cap * sizeof(*larger));
		if (!larger)
			return false;
		if (t->n)
			memcpy(larger, t->rows, t->n * sizeof(*larger));
		t->rows = larger;
		t->cap = cap;
	}
	t->rows[t->n] = ctx_uri_parse(ctx, uri);
	t->n += t->rows[t->n] != NULL;
	return true;
}

static bool tried_gather(struct ctx *ctx, struct tried *t)
{
	bool ok = tried_note(ctx, t, ctx->msg->ruri);
	struct tm_branch sent;
	struct branch next;
	unsigned at = 0;

	while (ok && uac_redirect_conf_of(ctx)->tm->branch_next(ctx, &at, &sent))
		ok = tried_note(ctx, t, sent.uri);
	at = 0;
	while (ok && branch_next(ctx, &at, &next))
		ok = tried_note(ctx, t, next.uri);
	return ok;
}

static bool was_tried(const struct tried *t, const struct sip_uri *u)
{
	for (unsigned i = 0; i < t->n; i++)
		if (uri_eq(t->rows[i], u))
			return true;
	return false;
}

/* One get_redirects(). */
struct following {
	struct ctx *ctx;
	const struct uac_redirect_conf *conf;
	unsigned all, each; /* how many may be added */
	struct str reason;  /* of the lines that acc writes; null: none */
	struct tried tried;
	unsigned added;
	bool full; /* no more targets */
};

static void add(struct following *f, const struct tm_branch *from, const struct contact *c)
{
	struct branch b = { .uri = c->uri, .q = c->q, .flags = (uint32_t)f->conf->bflags };
	const struct sip_uri *u = ctx_uri_parse(f->ctx, b.uri);
	int err;

	if (!u || was_tried(&f->tried, u)) {
		log_debug("uac_redirect", "a Contact was tried before", KV_STR("contact", b.uri));
		return;
	}
	err = tried_note(f->ctx, &f->tried, b.uri) ? branch_add(f->ctx, &b) : -ENOMEM;
	if (err) {
		log_limited(LOG_WARN, "uac_redirect", "could not add a Contact as a target",
			    KV_STR("contact", b.uri),
			    KV_STR("why", err == -ENOSPC ? STR("there are max_branches")
							 : str_z(log_errno_z(err))));
		f->full = true;
		return;
	}
	f->added++;
	if (!str_is_null(f->reason))
		f->conf->acc->log_request(f->ctx, from->status, f->reason, b.uri);
}

/* Adds the best Contacts of one response. -ENOMEM. */
static int follow(struct following *f, const struct tm_branch *from, const struct filters *filters)
{
	unsigned before = f->added;
	struct contacts c;
	int err = contacts_read(f->ctx, from->response, from->uri, filters, (int)f->conf->q_value,
				&c);

	for (unsigned i = 0; !err && !f->full && i < c.n; i++) {
		if (f->added == f->all || f->added - before == f->each)
			break;
		add(f, from, &c.rows[i]);
	}
	return err == -ENOMEM ? err : 0;
}

/* The filters that the script set are for one call. */
static int follow_all(struct following *f, struct filters *filters)
{
	int err = tried_gather(f->ctx, &f->tried) ? 0 : -ENOMEM;
	struct tm_branch b;
	unsigned at = 0;

	while (!err && !f->full && f->added < f->all && f->conf->tm->branch_next(f->ctx, &at, &b))
		if (b.is_current && b.status / 100 == 3 && !str_is_null(b.response))
			err = follow(f, &b, filters);
	*filters = f->conf->filters;
	return err;
}

MODULE_FN(get_redirects)
{
	struct following f = { .ctx = ctx, .conf = uac_redirect_conf_of(ctx) };
	struct filters *filters = filters_of(ctx);
	int err;

	if (!redirects_limits(argv[0].s, &f.all, &f.each)) {
		log_limited(LOG_WARN, "uac_redirect",
			    "cannot follow redirections: this says not how many",
			    KV_STR("max", argv[0].s));
		return FN_FALSE;
	}
	if (argc > 1 && f.conf->acc)
		f.reason = argv[1].s;
	else if (argc > 1)
		log_limited(LOG_WARN, "uac_redirect",
			    "redirections are not written down: module acc is not loaded");
	err = filters ? follow_all(&f, filters) : -ENOMEM;
	if (err)
		log_limited(LOG_WARN, "uac_redirect", "could not follow redirections",
			    KV_ERRNO(err));
	return f.added ? FN_TRUE : FN_FALSE;
}

const char *check_limits(const struct value *argv, unsigned argc)
{
	unsigned all, each;

	(void)argc;
	return module_text_is_known(&argv[0]) && !redirects_limits(argv[0].s, &all, &each)
		       ? "how many Contacts in all, and of each response: \"6\", \"6:2\", \"*:2\"; "
			 "at most 255"
		       : NULL;
}

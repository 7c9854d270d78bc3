/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is told what becomes of transactions: modules that said so before the first fork. */
#include "modules/tm/watch.h"

#include "modules/tm/relay.h"
#include "modules/tm/route.h"
#include "modules/tm/run.h"

#include <errno.h>

#define WATCHERS_MAX 4u

/* Constant from the first fork on. */
static const struct tm_watcher *watchers[WATCHERS_MAX];
static unsigned watchers_n;

int watch_add(const struct tm_watcher *watcher)
{
	if (watchers_n == WATCHERS_MAX)
		return -ENOSPC;
	watchers[watchers_n++] = watcher;
	return 0;
}

/* --- branches ---------------------------------------------------------------------------------------------------------------------------- */

static struct tm_branch branch_of(const struct body *b, const struct client *c)
{
	return (struct tm_branch){ .uri = c->uri,
				   .dst_uri = c->dst_uri,
				   .to = c->target.transport ? &c->target : NULL,
				   .status = c->status,
				   .response = c->final,
				   .is_current = c->number >= b->round && !c->is_dropped,
				   .has_won = c == b->winner };
}

bool watch_branch_next(struct ctx *ctx, unsigned *at, struct tm_branch *b_r)
{
	const struct body *b = ctx->trans ? trans_body(ctx->trans) : NULL;
	unsigned n = 0;

	if (!b)
		return false;
	clients_each (c, b) {
		if (n++ != *at)
			continue;
		++*at;
		*b_r = branch_of(b, c);
		return true;
	}
	return false;
}

/* --- telling ----------------------------------------------------------------------------------------------------------------------------- */

static unsigned wanted(struct ctx *ctx)
{
	unsigned events = 0;

	for (unsigned i = 0; i < watchers_n; i++)
		events |= watchers[i]->wants(ctx);
	return events;
}

static void tell(struct ctx *ctx, const struct tm_note *note)
{
	for (unsigned i = 0; i < watchers_n; i++)
		watchers[i]->told(ctx, note);
}

/* Tells of a transaction: with the branch's answer, if it can be read. */
static void tell_of(struct turn *x, struct ctx *ctx, enum tm_event event, unsigned status,
		    struct str answer, const struct client *c)
{
	struct tm_branch branch;
	struct tm_note note = { .event = event, .status = status, .born = x->b->born };
	struct sip_msg msg;
	struct sip_error e;

	if (c) {
		branch = branch_of(x->b, c);
		note.branch = &branch;
	}
	if (!str_is_null(answer) && !sip_msg_parse(&msg, ctx->pool, answer, false, &e))
		note.answer = &msg;
	tell(ctx, &note);
}

void watch_begin(struct body *b, struct ctx *ctx)
{
	b->watched = wanted(ctx);
}

static bool has_body(struct str text)
{
	return text.n >= 4 && !str_eq(str_skip(text, text.n - 4), STR("\r\n\r\n"));
}

void watch_answered(struct turn *x, struct ctx *script)
{
	struct ctx *ctx = script;

	if (!watchers_n || (x->status < 200 && !has_body(x->text)))
		return;
	if (!((script ? wanted(script) : x->b->watched) & TM_ANSWERED))
		return;
	if (x->answers && x->status >= 200) {
		if (x->answers->is_told)
			return;
		x->answers->is_told = true;
	}
	if (!ctx)
		ctx = request_watched(x);
	if (!ctx)
		return;
	tell_of(x, ctx, TM_ANSWERED, x->status, x->text, x->answers);
	if (!script)
		x->b->flags = ctx->flags;
}

void watch_failed(struct turn *x, struct ctx *ctx)
{
	const struct client *c = x->b->winner;

	if (c && x->b->watched & TM_FAILED)
		tell_of(x, ctx, TM_FAILED, c->status, c->final, c);
}

void watch_stateless(struct ctx *ctx, enum tm_event event)
{
	const struct tm_note note = { .event = event, .status = 200, .born = ctx->worker->now };

	if (wanted(ctx) & event)
		tell(ctx, &note);
}

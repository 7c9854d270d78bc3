/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows and bodies of transactions: made, run by one worker at a time, ended, and given back when nobody looks any more. */
#include "modules/tm/trans.h"

#include "modules/tm/table.h"

#include <errno.h>

#define SPARES ((unsigned)(sizeof(tmw.spare) / sizeof(tmw.spare[0])))
/* What one branch and the answers need beside the request, twice its text, and the body: most transactions fit into one chunk. */
#define ARENA_MORE  1200u
#define ARENA_HEAD  128u /* of struct arena, or more */
#define ARENA_CHUNK 4096u

static uint32_t me(void)
{
	return tmw.w->n + 1;
}

/* --- life -------------------------------------------------------------------------------------------------------------------------- */

static struct trans *row_take(void)
{
	struct trans *t;

	if (tmw.spare_n)
		return tmw.spare[--tmw.spare_n];
	t = (struct trans *)slab_alloc(tm->rows);
	if (t)
		t->index = slab_index(tm->rows, &t->row);
	return t;
}

/* A building or dying row of this worker's whose arena is gone. */
static void row_give(struct trans *t)
{
	if (atomic_load(&t->row.state) == MEM_DYING)
		slab_renew(&t->row);
	if (tmw.spare_n < SPARES) {
		tmw.spare[tmw.spare_n++] = t;
		return;
	}
	FAULT("tm.row.free");
	slab_free(tm->rows, &t->row);
}

static struct body *body_new(struct trans *t, struct ctx *ctx)
{
	size_t need = sizeof(struct body) + 2 * ctx->msg->buf.n + ARENA_MORE;
	struct body *b;

	if (need < ARENA_CHUNK - ARENA_HEAD)
		need = ARENA_CHUNK - ARENA_HEAD;
	t->arena = arena_new(tm->shm, trans_id(t), need, TRANS_BODY_MAX);
	if (!t->arena)
		return NULL;
	b = arena_zalloc(t->arena, sizeof(*b));
	if (!b)
		return NULL;
	b->arena = t->arena;
	b->request = arena_str(b->arena, ctx->msg->buf);
	return b->request.p ? b : NULL;
}

struct trans *trans_new(struct ctx *ctx)
{
	struct trans *t = row_take();
	struct body *b;

	if (!t)
		return NULL;
	atomic_store(&t->next, 0);
	atomic_store(&t->listed, 0);
	atomic_store(&t->asked, 0);
	atomic_store(&t->mail, NULL);
	atomic_store(&t->mails, 0);
	atomic_store(&t->suspended, 0);
	atomic_store(&t->deadline, 0);
	atomic_store(&t->owner, tmw.w->n);
	atomic_store(&t->runner, me());
	atomic_store(&t->script, me());
	t->arena = NULL;
	b = body_new(t, ctx);
	atomic_store(&t->body, b);
	if (!b) {
		trans_unmake(t);
		return NULL;
	}
	b->from = ctx->from;
	b->method = ctx->msg->method;
	b->born = tmw.w->now;
	return t;
}

void trans_unmake(struct trans *t)
{
	atomic_store(&t->body, NULL);
	arena_drop(&t->arena);
	row_give(t);
}

/* Everybody has begun another turn since it was unlinked. */
static void release(void *obj, void *arg)
{
	(void)arg;
	FAULT("tm.release");
	trans_unmake(obj);
}

#define BURY_AGAIN_MS 100

static void bury_fire(struct timer *timer)
{
	(void)timer;
	for (unsigned i = 0; i < slab_top(tm->rows); i++) {
		struct trans *t = (struct trans *)slab_at(tm->rows, i);

		if (atomic_load(&t->row.state) == MEM_DYING && t->row.slot == tmw.w->n &&
		    atomic_fetch_and(&t->asked, ~TRANS_UNBURIED) & TRANS_UNBURIED)
			trans_bury(t);
	}
}

void trans_bury(struct trans *t)
{
	if (!limbo_add(tmw.w->limbo, release, t, NULL))
		return;
	atomic_fetch_or(&t->asked, TRANS_UNBURIED);
	if (!timer_runs(&tmw.bury))
		timer_init(&tmw.bury, tmw.w->timers, bury_fire);
	timer_start(&tmw.bury, BURY_AGAIN_MS);
}

void trans_end(struct trans *t)
{
	table_out(t);
	FAULT("tm.unlinked");
	slab_dying(&t->row);
	FAULT("tm.dying");
	tm_count(TM_ENDED);
	trans_bury(t);
}

struct trans *trans_find(uint64_t id)
{
	return (struct trans *)slab_find(tm->rows, id);
}

/* --- who runs it ------------------------------------------------------------------------------------------------------------------- */

bool trans_take(struct trans *t)
{
	uint32_t nobody = 0;

	return atomic_compare_exchange_strong(&t->runner, &nobody, me());
}

bool trans_is_mine(const struct trans *t)
{
	return (atomic_load(&t->runner) & ~RUNNER_MAIL) == me();
}

bool trans_leave(struct trans *t)
{
	uint32_t mine = me();

	if (atomic_compare_exchange_strong(&t->runner, &mine, 0))
		return true;
	atomic_fetch_and(&t->runner, ~RUNNER_MAIL);
	return false;
}

/* Something was put where the runner looks: tells it, or becomes it. */
static bool ring(struct trans *t)
{
	uint32_t r = atomic_load(&t->runner);

	for (;;) {
		uint32_t to = r ? r | RUNNER_MAIL : me();

		if (atomic_compare_exchange_weak(&t->runner, &r, to))
			return r == 0;
	}
}

bool trans_ask(struct trans *t, uint32_t bits)
{
	atomic_fetch_or(&t->asked, bits);
	FAULT("tm.asked");
	return ring(t);
}

bool trans_post(struct trans *t, struct mail *m)
{
	FAULT("tm.posting");
	atomic_fetch_add(&t->mails, 1);
	m->next = atomic_load(&t->mail);
	while (!atomic_compare_exchange_weak(&t->mail, &m->next, m))
		;
	FAULT("tm.posted");
	tm_count(TM_POSTED);
	return ring(t);
}

struct mail *mail_new(struct trans *t, enum mail_kind kind, size_t n)
{
	struct mail *m = NULL;

	if (atomic_load(&t->mails) < MAILS_MAX)
		m = arena_block_alloc(t->arena, sizeof(*m) + n);
	if (!m)
		return NULL;
	m->next = NULL;
	m->kind = kind;
	m->n = n;
	return m;
}

void mail_drop(struct trans *t, struct mail *m)
{
	FAULT("tm.mail.drop");
	arena_block_free(t->arena, m);
}

/* Others put theirs before the first, so that the last one is the runner's alone unless it is the first, too. What a worker dies of is out of the box, and is
 * not run again. */
struct mail *trans_mail_take(struct trans *t)
{
	struct mail *m, *newer, *first;

	do {
		first = m = atomic_load(&t->mail);
		if (!m)
			return NULL;
		for (newer = NULL; m->next; m = m->next)
			newer = m;
		if (newer)
			newer->next = NULL;
	} while (!newer && !atomic_compare_exchange_strong(&t->mail, &first, NULL));
	atomic_fetch_sub(&t->mails, 1);
	FAULT("tm.mail.taken");
	return m;
}

/* --- clients ----------------------------------------------------------------------------------------------------------------------- */

struct client *client_new(struct body *b)
{
	struct client *_Atomic *end = &b->first;
	struct client *c;

	if (b->clients_n >= CLIENTS_MAX)
		return NULL;
	c = arena_zalloc(b->arena, sizeof(*c));
	if (!c)
		return NULL;
	c->number = (uint8_t)b->clients_n;
	c->is_invite = b->method == METHOD_INVITE;
	while (atomic_load(end))
		end = &atomic_load(end)->next;
	atomic_store(end, c);
	FAULT("tm.client");
	b->clients_n++;
	return c;
}

struct client *client_find(struct body *b, unsigned number)
{
	clients_each (c, b)
		if (c->number == number)
			return c;
	return NULL;
}

int room_make(struct body *b, struct room *r, size_t n)
{
	size_t cap = n > 2 * r->cap ? n : 2 * r->cap;
	char *p;

	if (n <= r->cap)
		return 0;
	p = arena_alloc(b->arena, cap);
	if (!p && cap > n)
		p = arena_alloc(b->arena, cap = n);
	if (!p)
		return -ENOMEM;
	*r = (struct room){ p, cap };
	return 0;
}

/* False: no memory. */
static bool text_keep(struct body *b, struct str kept, struct str *s)
{
	if (str_is_null(*s))
		return true;
	*s = str_eq(kept, *s) ? kept : arena_str(b->arena, *s);
	return !str_is_null(*s);
}

int target_keep(struct body *b, struct target *kept, const struct target *to)
{
	struct target own = *to;

	if (!text_keep(b, kept->identity, &own.identity) ||
	    !text_keep(b, kept->domain, &own.domain))
		return -ENOMEM;
	*kept = own;
	return 0;
}

struct name {
	struct name *next;
	struct str text;
};

struct str body_name(struct body *b, struct str name)
{
	struct name *n = b->names;

	while (n && !str_eq(n->text, name))
		n = n->next;
	if (n)
		return n->text;
	n = arena_alloc(b->arena, sizeof(*n));
	if (!n)
		return STR_NULL;
	*n = (struct name){ b->names, arena_str(b->arena, name) };
	if (!str_is_null(n->text))
		b->names = n;
	return n->text;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Buckets, their lists and the stripes of locks. */
#include "modules/tm/table.h"

#include <errno.h>

#define BUCKETS 65536u /* powers of two */
#define STRIPES 256u

struct table {
	struct lock locks[STRIPES];
	_Atomic uint32_t heads[BUCKETS]; /* index + 1 */
};

struct table *table_new(struct shm *s)
{
	unsigned pages = (sizeof(struct table) + SHM_PAGE - 1) / SHM_PAGE;
	struct table *tb = pages_alloc(s, pages, ID_MAKE(ID_CORE, 0, 0));

	if (!tb)
		return NULL;
	memset(tb, 0, sizeof(*tb));
	for (unsigned i = 0; i < STRIPES; i++)
		lock_init(&tb->locks[i], LOCK_TRANS);
	pages_publish(s, tb);
	return tb;
}

static uint32_t hash_more(uint32_t h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)char_lower(p[i])) * 16777619u;
	return h;
}

uint32_t trans_kind(const struct ctx *ctx, struct str method)
{
	const struct sip_via *via = ctx->via;
	uint32_t h = hash_more(2166136261u, method.p, method.n);

	h = hash_more(h, via->host.p, via->host.n);
	/* such a branch says nothing: what differs in its Request-URI is another request */
	if (!via_has_cookie(via->branch))
		h = hash_more(h, ctx->msg->ruri.p, ctx->msg->ruri.n);
	return (h ^ via->port) * 16777619u;
}

static uint64_t key_of(struct ctx *ctx)
{
	if (!ctx->trans_mac)
		ctx->trans_mac = via_mac(msg_key(ctx), 't', ctx->msg, ctx->via);
	return ctx->trans_mac;
}

static struct trans *at(uint32_t link)
{
	return link ? (struct trans *)slab_at(tm->rows, link - 1) : NULL;
}

static struct trans *find(uint64_t key, uint32_t kind)
{
	struct trans *t = at(
		atomic_load_explicit(&tm->table->heads[key & (BUCKETS - 1)], memory_order_acquire));

	while (t && (t->key != key || t->kind != kind))
		t = at(atomic_load_explicit(&t->next, memory_order_acquire));
	return t;
}

struct trans *table_find(struct ctx *ctx, struct str method)
{
	uint64_t key = key_of(ctx);

	if (!atomic_load_explicit(&tm->table->heads[key & (BUCKETS - 1)], memory_order_acquire))
		return NULL;
	return find(key, trans_kind(ctx, method));
}

static struct lock *lock_of(uint64_t key)
{
	return &tm->table->locks[key & (STRIPES - 1)];
}

int table_in(struct trans *t, struct ctx *ctx)
{
	uint64_t key = key_of(ctx);
	_Atomic uint32_t *head = &tm->table->heads[key & (BUCKETS - 1)];
	int err = 0;

	t->key = key;
	t->kind = trans_kind(ctx, ctx->msg->method_text);
	lock_take(lock_of(key));
	if (find(key, t->kind)) {
		err = -EEXIST;
	} else {
		atomic_store(&t->next, atomic_load(head));
		atomic_store(&t->listed, 1);
		FAULT("tm.link");
		atomic_store(head, t->index + 1);
		FAULT("tm.linked");
	}
	lock_drop(lock_of(key));
	return err;
}

void table_out(struct trans *t)
{
	_Atomic uint32_t *link = &tm->table->heads[t->key & (BUCKETS - 1)];

	if (!atomic_load(&t->listed))
		return;
	lock_take(lock_of(t->key));
	/* a worker may have died before or behind the store that put it in or took it out */
	while (atomic_load(link) && atomic_load(link) != t->index + 1)
		link = &at(atomic_load(link))->next;
	if (atomic_load(link)) {
		FAULT("tm.unlink");
		atomic_store(link, atomic_load(&t->next));
	}
	atomic_store(&t->listed, 0);
	lock_drop(lock_of(t->key));
}

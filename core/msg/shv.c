/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of shared script variables, and how a value is read while another worker sets it. */
#include "core/msg/shv.h"

#include "core/mem/fault.h"
#include "core/mem/slab.h"
#include "core/msg/ctx.h"

#include <errno.h>
#include <stdatomic.h>

#define READS_UNLOCKED 16u /* then a reader takes its turn with the writers */

struct shv_value {
	int64_t i;
	uint32_t n;
	bool is_text;
	char text[SHV_TEXT_MAX];
};

struct shv_row {
	struct slab_row row;
	struct lock lock;
	/* A bit for the place of each configuration that names the variable; 0: the row is nobody's, and may be made another variable's. */
	_Atomic uint64_t used;
	/* values[version & 1] counts; a writer fills the other one and then makes it count. */
	_Atomic uint64_t version;
	uint32_t name_n;
	char name[SHV_NAME_MAX];
	struct shv_value values[2];
};

struct shvs {
	struct shm *shm;
	struct slab *rows;
};

static void row_fresh(struct slab_row *row)
{
	struct shv_row *r = (struct shv_row *)row;

	lock_init(&r->lock, LOCK_SHV);
}

struct shvs *shvs_new(struct shm *s)
{
	struct shvs *all = chunk_alloc(s, sizeof(*all), ID_MAKE(ID_CORE, 0, 0));

	if (!all)
		return NULL;
	all->shm = s;
	all->rows = slab_new(s, ID_SHV, sizeof(struct shv_row), SHV_MAX, row_fresh);
	if (!all->rows) {
		chunk_free(s, all);
		return NULL;
	}
	chunk_publish(s, all);
	return all;
}

/* --- names -------------------------------------------------------------------------------------------------------------------------------- */

/* The row of that name; *spare_r is one that is nobody's, NULL: there is none. */
static struct shv_row *find(struct shvs *all, struct str name, struct shv_row **spare_r)
{
	unsigned top = slab_top(all->rows);

	*spare_r = NULL;
	for (unsigned i = 0; i < top; i++) {
		struct shv_row *r = (struct shv_row *)slab_at(all->rows, i);

		if (!r || atomic_load(&r->row.state) != MEM_LIVE)
			continue;
		if (!atomic_load(&r->used))
			*spare_r = r;
		else if (str_eq(name, str_of(r->name, r->name_n)))
			return r;
	}
	return NULL;
}

static void value_store(struct shv_value *to, const struct value *v)
{
	struct str text = v->type == VALUE_STR ? v->s : STR_NULL;

	to->is_text = v->type == VALUE_STR;
	to->i = v->type == VALUE_INT ? v->i : 0;
	to->n = (uint32_t)text.n;
	if (text.n)
		memcpy(to->text, text.p, text.n);
}

static bool fits(const struct value *v)
{
	return v->type != VALUE_STR || v->s.n <= SHV_TEXT_MAX;
}

static void value_replace(struct shv_row *r, const struct value *v)
{
	uint64_t version;

	lock_take(&r->lock);
	version = atomic_load_explicit(&r->version, memory_order_relaxed);
	/* a reader that still copies this one sees that the version is another */
	atomic_thread_fence(memory_order_seq_cst);
	value_store(&r->values[(version + 1) & 1], v);
	FAULT("shv.stored");
	atomic_store_explicit(&r->version, version + 1, memory_order_release);
	FAULT("shv.set");
	lock_drop(&r->lock);
}

/* Nobody looks into the row before the bit of a configuration is set. */
static int row_name(struct shvs *all, struct shv_row *r, struct str name)
{
	static const struct value zero_value = { .type = VALUE_INT };

	if (!r) {
		r = (struct shv_row *)slab_alloc(all->rows);
		if (!r)
			return slab_top(all->rows) < SHV_MAX ? -ENOMEM : -ENOSPC;
		FAULT("shv.row");
		atomic_store(&r->used, 0);
		slab_publish(&r->row);
	}
	memcpy(r->name, name.p, name.n);
	r->name_n = (uint32_t)name.n;
	value_replace(r, &zero_value);
	FAULT("shv.named");
	return (int)slab_index(all->rows, &r->row);
}

int shv_declare(const struct conf *conf, struct str name, const struct value *initial,
		unsigned *index_r)
{
	struct shvs *all = conf->shvs;
	uint64_t bit = 1ull << conf->place, others;
	struct shv_row *spare, *r;

	if (!name.n || name.n > SHV_NAME_MAX)
		return -EINVAL;
	if (!all)
		return -ENOSPC;
	if (initial && !fits(initial))
		return -EMSGSIZE;
	r = find(all, name, &spare);
	if (!r) {
		int at = row_name(all, spare, name);

		if (at < 0)
			return at;
		r = (struct shv_row *)slab_at(all->rows, (unsigned)at);
	}
	others = atomic_load(&r->used) & ~bit;
	if (initial && !others)
		value_replace(r, initial);
	atomic_fetch_or(&r->used, bit);
	*index_r = slab_index(all->rows, &r->row);
	return 0;
}

const char *shv_initial_parse(struct str text, struct str *name_r, struct value *value_r)
{
	ssize_t eq = str_chr(text, '=');
	struct str rest;
	int64_t n;

	if (eq <= 0)
		return "it is written \"name=i:5\" or \"name=s:text\"";
	if (eq > (ssize_t)SHV_NAME_MAX)
		return "the name is too long";
	rest = str_skip(text, (size_t)eq + 1);
	*name_r = str_head(text, (size_t)eq);
	if (rest.n < 2 || rest.p[1] != ':' ||
	    (char_lower(rest.p[0]) != 'i' && char_lower(rest.p[0]) != 's'))
		return "behind \"=\" comes i: and a number, or s: and text";
	text = str_skip(rest, 2);
	if (char_lower(rest.p[0]) == 's') {
		*value_r = value_str(text.n ? text : STR(""));
		return text.n <= SHV_TEXT_MAX ? NULL : "the text is too long";
	}
	if (str_int(text, &n))
		return "behind i: comes a number";
	*value_r = value_int(n);
	return NULL;
}

void shvs_release(struct shvs *all, unsigned place)
{
	unsigned top = slab_top(all->rows);

	for (unsigned i = 0; i < top; i++) {
		struct shv_row *r = (struct shv_row *)slab_at(all->rows, i);

		if (r)
			atomic_fetch_and(&r->used, ~(1ull << place));
	}
}

void shvs_recover(struct shvs *all, unsigned slot)
{
	slab_recover(all->rows, slot, NULL, NULL);
}

/* --- values -------------------------------------------------------------------------------------------------------------------------------- */

static void copy(const struct shv_row *r, uint64_t version, struct shv_value *to)
{
	const struct shv_value *from = &r->values[version & 1];

	to->i = from->i;
	to->is_text = from->is_text;
	/* it may be changed at this moment; then the copy is made again */
	to->n = __atomic_load_n(&from->n, __ATOMIC_RELAXED);
	if (to->n > SHV_TEXT_MAX)
		to->n = SHV_TEXT_MAX;
	memcpy(to->text, from->text, to->n);
}

static bool copy_unlocked(struct shv_row *r, struct shv_value *to)
{
	for (unsigned i = 0; i < READS_UNLOCKED; i++) {
		uint64_t version = atomic_load_explicit(&r->version, memory_order_acquire);

		copy(r, version, to);
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&r->version, memory_order_relaxed) == version)
			return true;
	}
	return false;
}

static struct shv_row *row_at(const struct ctx *ctx, unsigned index)
{
	return (struct shv_row *)slab_at(ctx->conf->shvs->rows, index);
}

int shv_get(struct ctx *ctx, unsigned index, struct value *value_r)
{
	struct shv_row *r = row_at(ctx, index);
	struct shv_value v;
	struct str text;

	if (!copy_unlocked(r, &v)) {
		lock_take(&r->lock);
		copy(r, atomic_load_explicit(&r->version, memory_order_relaxed), &v);
		lock_drop(&r->lock);
	}
	if (!v.is_text) {
		*value_r = value_int(v.i);
		return 0;
	}
	text = v.n ? pool_str(ctx->pool, str_of(v.text, v.n)) : STR("");
	if (!text.p)
		return -ENOMEM;
	*value_r = value_str(text);
	return 0;
}

int shv_set(struct ctx *ctx, unsigned index, const struct value *value)
{
	if (!fits(value))
		return -EMSGSIZE;
	value_replace(row_at(ctx, index), value);
	return 0;
}

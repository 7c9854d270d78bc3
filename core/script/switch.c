/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of switch statements, as they are written and as they are searched. */
#include "core/script/switch.h"

#include "core/base/buf.h"

#include <errno.h>
#include <stdlib.h>

/* By who finds them, then length, then bytes. */
static int cases_order(const struct case_label *a, const struct case_label *b)
{
	if (a->whom != b->whom)
		return a->whom < b->whom ? -1 : 1;
	if (a->text.n != b->text.n)
		return a->text.n < b->text.n ? -1 : 1;
	return a->text.n ? memcmp(a->text.p, b->text.p, a->text.n) : 0;
}

static uint32_t search(const struct cases *cases, enum case_for whom, struct str text)
{
	const struct case_label sought = { whom, text };
	uint32_t from = 0, to = cases->n;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		int order = cases_order(&sought, &cases->labels[middle]);

		if (!order)
			return cases->targets[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return UINT32_MAX;
}

static uint32_t search_number(const struct cases *cases, enum case_for whom, int64_t n)
{
	char digits[24];
	struct buf b = BUF_ON(digits);

	buf_int(&b, n);
	return search(cases, whom, buf_str(&b));
}

uint32_t cases_find(const struct cases *cases, const struct value *v)
{
	uint32_t found, number;
	int64_t n;

	if (v->type == VALUE_INT)
		return search_number(cases, CASE_FOR_NUMBER, v->i);
	if (v->type != VALUE_STR)
		return search(cases, CASE_FOR_TEXT, STR(""));
	found = search(cases, CASE_FOR_TEXT, v->s);
	if (str_int(v->s, &n) < 0)
		return found;
	number = search_number(cases, CASE_FOR_SPELLED, n);
	/* the code of cases lies in their order */
	return found < number ? found : number;
}

/* --- writing -------------------------------------------------------------------------------------------------------------------------------- */

static bool is_constant(const struct stmt *c)
{
	return c->expr && !c->is_regex;
}

/* A label on its way into a table. */
struct label {
	struct case_label key;
	uint32_t which;
};

static int labels_order(const void *a, const void *b)
{
	const struct label *x = a, *y = b;
	int order = cases_order(&x->key, &y->key);

	return order ? order : x->which < y->which ? -1 : 1;
}

/* What finds one case: one or two at *l. How many. */
static uint32_t label_put(struct emitter *em, const struct expr *e, uint32_t which, struct label *l)
{
	char digits[24];
	struct buf b = BUF_ON(digits);
	int64_t n = e->number;
	bool is_text = e->kind != EXPR_INT, is_number = !is_text || str_int(e->text, &n) == 0;
	struct str spelled = STR_NULL;

	if (is_number) {
		buf_int(&b, n);
		spelled = arena_str(em->arena, buf_str(&b));
		if (!spelled.p)
			em->err = -ENOMEM;
		*l++ = (struct label){ { CASE_FOR_NUMBER, spelled }, which };
	}
	*l = (struct label){ { CASE_FOR_SPELLED, spelled }, which };
	if (is_text) {
		l->key = (struct case_label){ CASE_FOR_TEXT, arena_str(em->arena, e->text) };
		if (e->text.n && !l->key.text.p)
			em->err = -ENOMEM;
	}
	return 1 + is_number;
}

/* In the order in which they are searched; of equal ones the first counts. */
static void table_fill(struct cases *t, struct case_label *keys, struct label *labels, uint32_t n)
{
	qsort(labels, n, sizeof(*labels), labels_order);
	for (uint32_t i = 0; i < n; i++) {
		if (i && !cases_order(&labels[i - 1].key, &labels[i].key))
			continue;
		keys[t->n] = labels[i].key;
		t->targets[t->n++] = labels[i].which;
	}
}

/* One table for the constants from c on. Until the cases have places, the targets are their numbers. */
static const struct stmt *put_table(struct emitter *em, const struct stmt *c, uint32_t *which)
{
	struct cases t = { .n = 0 };
	struct case_label *keys;
	struct label *labels;
	uint32_t n = 0, filled = 0;

	for (const struct stmt *s = c; s && is_constant(s); s = s->next)
		n += 2;
	keys = arena_zalloc(em->arena, n * sizeof(*keys));
	t.targets = arena_zalloc(em->arena, n * sizeof(*t.targets));
	labels = pool_alloc(em->pool, n * sizeof(*labels));
	if (!em->err && (!keys || !t.targets || !labels))
		em->err = -ENOMEM;
	for (; c && is_constant(c); c = c->next, ++*which) {
		if (!em->err)
			filled += label_put(em, c->expr, *which, &labels[filled]);
	}
	if (!em->err)
		table_fill(&t, keys, labels, filled);
	t.labels = keys;
	emit(em, OP_CASES, 0, emit_row(em, &em->cases, &t), 0);
	return c;
}

void switch_begin(struct emitter *em, const struct stmt *s, struct switching *sw)
{
	uint32_t n = 0, which = 0;

	*sw = (struct switching){ .first_table = em->cases.n };
	for (const struct stmt *c = s->body; c; c = c->next)
		n++;
	sw->to = pool_zalloc(em->pool, n * sizeof(*sw->to) + 1);
	sw->places = pool_zalloc(em->pool, n * sizeof(*sw->places) + 1);
	if (!sw->to || !sw->places) {
		em->err = em->err ? em->err : -ENOMEM;
		return;
	}
	for (const struct stmt *c = s->body; c;) {
		if (is_constant(c)) {
			c = put_table(em, c, &which);
			continue;
		}
		if (c->expr) {
			emit(em, OP_CASE_RE, 0, emit_regex(em, c->expr->text, REGEX_CASE), 0);
			emit_jump(em, OP_JUMP_IF, &sw->to[which]);
		}
		which++;
		c = c->next;
	}
	sw->last_table = em->cases.n; /* cases inside of cases have tables of their own */
	emit_jump(em, OP_JUMP, &sw->otherwise);
}

void switch_case(struct emitter *em, struct switching *sw, const struct stmt *c)
{
	if (em->err)
		return;
	sw->places[sw->n] = emit_here(em);
	emit_jumps_land(em, &sw->to[sw->n++]);
	if (!c->expr)
		emit_jumps_land(em, &sw->otherwise);
}

void switch_end(struct emitter *em, struct switching *sw)
{
	const struct cases *tables = em->cases.rows;

	emit_jumps_land(em, &sw->otherwise);
	for (uint32_t t = sw->first_table; t < sw->last_table && !em->err; t++)
		for (uint32_t i = 0; i < tables[t].n; i++)
			tables[t].targets[i] = sw->places[tables[t].targets[i]];
}

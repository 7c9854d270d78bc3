/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of switch statements, as they are written and as they are searched. */
#include "core/script/switch.h"

#include "core/base/buf.h"

#include <errno.h>

/* Labels are kept as text, numbers in their shortest spelling, so that one search finds numbers and texts. By length, then bytes. */
static int cases_order(struct str a, struct str b)
{
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return a.n ? memcmp(a.p, b.p, a.n) : 0;
}

static struct str spelled(struct buf *b, int64_t n)
{
	buf_int(b, n);
	return buf_str(b);
}

static uint32_t search(const struct cases *cases, struct str text)
{
	uint32_t from = 0, to = cases->n;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;
		int order = cases_order(text, cases->labels[middle].s);

		if (!order)
			return cases->targets[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return UINT32_MAX;
}

uint32_t cases_find(const struct cases *cases, const struct value *v)
{
	char digits[24];
	struct buf b = BUF_ON(digits);
	uint32_t found;
	int64_t n;

	if (v->type == VALUE_INT)
		return search(cases, spelled(&b, v->i));
	if (v->type != VALUE_STR)
		return search(cases, STR(""));
	found = search(cases, v->s);
	/* "05" is 5 */
	if (found == UINT32_MAX && str_int(v->s, &n) == 0)
		found = search(cases, spelled(&b, n));
	return found;
}

/* --- writing -------------------------------------------------------------------------------------------------------------------------------- */

static bool is_constant(const struct stmt *c)
{
	return c->expr && !c->is_regex;
}

static int label_text(struct emitter *em, const struct expr *e, struct str *text_r)
{
	char digits[24];
	struct buf b = BUF_ON(digits);
	int64_t n;

	*text_r = e->text.p ? e->text : STR("");
	if (e->kind == EXPR_INT)
		*text_r = spelled(&b, e->number);
	else if (str_int(*text_r, &n) == 0)
		*text_r = spelled(&b, n);
	if (!text_r->n)
		return 0;
	*text_r = arena_str(em->arena, *text_r);
	return text_r->p ? 0 : -ENOMEM;
}

/* Puts a label where it belongs; of equal ones the first counts. */
static void insert(struct cases *t, struct value *labels, struct str text, uint32_t which)
{
	uint32_t at = t->n;

	for (uint32_t i = 0; i < t->n; i++)
		if (!cases_order(labels[i].s, text))
			return;
	for (; at && cases_order(text, labels[at - 1].s) < 0; at--) {
		labels[at] = labels[at - 1];
		t->targets[at] = t->targets[at - 1];
	}
	labels[at] = value_str(text);
	t->targets[at] = which;
	t->n++;
}

/* One table for the constants from c on. Until the cases have places, the targets are their numbers. */
static const struct stmt *put_table(struct emitter *em, const struct stmt *c, uint32_t *which)
{
	struct cases t = { .n = 0 };
	struct value *labels;
	uint32_t n = 0;

	for (const struct stmt *i = c; i && is_constant(i); i = i->next)
		n++;
	labels = arena_zalloc(em->arena, n * sizeof(*labels));
	t.targets = arena_zalloc(em->arena, n * sizeof(*t.targets));
	for (; c && is_constant(c); c = c->next, ++*which) {
		struct str text;

		if (!labels || !t.targets || label_text(em, c->expr, &text) < 0)
			em->err = em->err ? em->err : -ENOMEM;
		else
			insert(&t, labels, text, *which);
	}
	t.labels = labels;
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

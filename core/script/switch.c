/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of switch statements, as they are written and as they are searched. */
#include "core/script/switch.h"

#include "core/base/buf.h"

#include <errno.h>
#include <stdlib.h>

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

/* A label on its way into a table. */
struct label {
	struct str text;
	uint32_t which;
};

static int labels_order(const void *a, const void *b)
{
	const struct label *x = a, *y = b;
	int order = cases_order(x->text, y->text);

	return order ? order : x->which < y->which ? -1 : 1;
}

/* In the order in which they are searched; of equal ones the first counts. */
static void table_fill(struct cases *t, struct value *texts, struct label *labels, uint32_t n)
{
	qsort(labels, n, sizeof(*labels), labels_order);
	for (uint32_t i = 0; i < n; i++) {
		if (i && !cases_order(labels[i - 1].text, labels[i].text))
			continue;
		texts[t->n] = value_str(labels[i].text);
		t->targets[t->n++] = labels[i].which;
	}
}

/* One table for the constants from c on. Until the cases have places, the targets are their numbers. */
static const struct stmt *put_table(struct emitter *em, const struct stmt *c, uint32_t *which)
{
	struct cases t = { .n = 0 };
	struct value *texts;
	struct label *labels;
	uint32_t n = 0, i = 0;

	for (const struct stmt *s = c; s && is_constant(s); s = s->next)
		n++;
	texts = arena_zalloc(em->arena, n * sizeof(*texts));
	t.targets = arena_zalloc(em->arena, n * sizeof(*t.targets));
	labels = pool_alloc(em->pool, n * sizeof(*labels));
	if (!em->err && (!texts || !t.targets || !labels))
		em->err = -ENOMEM;
	for (; c && is_constant(c); c = c->next, i++, ++*which) {
		if (em->err)
			continue;
		em->err = label_text(em, c->expr, &labels[i].text);
		labels[i].which = *which;
	}
	if (!em->err)
		table_fill(&t, texts, labels, n);
	t.labels = texts;
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

/* SPDX-License-Identifier: BSD-2-Clause */
/* Conditions that are the same for all messages: written so, or by comparing one thing with several others. */
#include "core/script/check.h"

enum truth { TRUTH_OPEN, TRUTH_YES, TRUTH_NO };

#define CHAIN_MAX 64u /* comparisons of one && or || that are looked at together */

static enum truth truth_of(const struct expr *e);

static enum truth inverted(enum truth t)
{
	return t == TRUTH_OPEN ? t : t == TRUTH_YES ? TRUTH_NO : TRUTH_YES;
}

static enum truth as_truth(bool yes)
{
	return yes ? TRUTH_YES : TRUTH_NO;
}

/* A number or text that stands in the script as it is: what #!define puts there is a switch that somebody else may turn. */
static bool is_written(const struct expr *e)
{
	char first = e->pos.src ? e->pos.src->text.p[e->pos.at] : 0;

	if (e->kind == EXPR_INT)
		return char_is_digit(first) || first == '-' || first == '(';
	return e->kind == EXPR_STR && (first == '"' || first == '\'' || first == '(');
}

/* --- comparisons ---------------------------------------------------------------------------------------------------------------------------- */

/* Both as the machine compares them: a number equals a text that spells it. */
static bool are_equal(const struct expr *a, const struct expr *b)
{
	int64_t n;

	if (a->kind == EXPR_INT && b->kind == EXPR_INT)
		return a->number == b->number;
	if (a->kind == EXPR_STR && b->kind == EXPR_STR)
		return str_eq(a->text, b->text);
	if (a->kind == EXPR_STR)
		return str_int(a->text, &n) == 0 && n == b->number;
	return str_int(b->text, &n) == 0 && n == a->number;
}

/* A call that answers 0 ends the script, so that nobody ever compares 0. */
static bool is_never_zero(const struct expr *e)
{
	return e->kind == EXPR_CALL || e->kind == EXPR_ROUTE ||
	       (e->kind == EXPR_KEYWORD && e->keyword == KEYWORD_RETCODE);
}

static bool is_against_zero(const struct expr *e)
{
	return e->kind == EXPR_CMP && e->form == FORM_VALUES && e->b->kind == EXPR_INT &&
	       !e->b->number && is_written(e->b) && is_never_zero(e->a) &&
	       (e->op == CMP_EQ || e->op == CMP_NE);
}

static enum truth truth_of_comparison(const struct expr *e)
{
	if (is_against_zero(e))
		return as_truth(e->op == CMP_NE);
	if (e->form != FORM_VALUES || (e->op != CMP_EQ && e->op != CMP_NE) || !is_written(e->a) ||
	    !is_written(e->b))
		return TRUTH_OPEN;
	return as_truth(are_equal(e->a, e->b) == (e->op == CMP_EQ));
}

/* --- chains: x != "a" || x != "b" ---------------------------------------------------------------------------------------------------------- */

/* The comparisons that a chain of one kind consists of. */
struct chain {
	const struct expr *parts[CHAIN_MAX];
	unsigned n;
};

/* A call in it may change what is compared. */
static bool has_effect(const struct expr *e)
{
	if (!e)
		return false;
	if (e->kind == EXPR_ROUTE ||
	    (e->kind == EXPR_CALL && !(e->func && e->func->contexts & FN_PURE)))
		return true;
	return has_effect(e->a) || has_effect(e->b) || has_effect(e->args) || has_effect(e->next);
}

static void collect(struct chain *chain, const struct expr *e, enum expr_kind kind)
{
	if (e->kind == kind) {
		collect(chain, e->a, kind);
		collect(chain, e->b, kind);
	} else if (has_effect(e)) {
		chain->n = 0;
	} else if (e->kind == EXPR_CMP && !e->bad && chain->n < CHAIN_MAX) {
		chain->parts[chain->n++] = e;
	}
}

static bool is_same_thing(const struct expr *a, const struct expr *b)
{
	if (a->kind == EXPR_KEYWORD && b->kind == EXPR_KEYWORD)
		return a->keyword == b->keyword;
	return a->kind == EXPR_REF && b->kind == EXPR_REF && str_eq(a->text, b->text);
}

/* Whether nothing can be equal to both right sides. */
static bool exclude_each_other(const struct expr *a, const struct expr *b)
{
	const struct expr *x = a->b, *y = b->b;

	if (a->form != b->form)
		return false;
	switch (a->form) {
	case FORM_NETWORK:
		return !network_has(&a->net, &b->net.addr) && !network_has(&b->net, &a->net.addr);
	case FORM_AF:
		return a->number != b->number;
	case FORM_PROTO:
		return !str_eq_nocase(x->text, y->text);
	case FORM_METHOD:
		return !str_eq(x->text, y->text);
	case FORM_VALUES:
		return (x->kind == EXPR_STR || x->kind == EXPR_INT) &&
		       (y->kind == EXPR_STR || y->kind == EXPR_INT) && !are_equal(x, y) &&
		       !(x->kind == EXPR_STR && y->kind == EXPR_STR &&
			 str_eq_nocase(x->text, y->text));
	default:
		return false;
	}
}

/* Two parts of the chain of which one always decides: the second of them; NULL. */
static const struct expr *deciding_part(const struct expr *e)
{
	const enum cmp_op op = e->kind == EXPR_AND ? CMP_EQ : CMP_NE;
	struct chain chain = { .n = 0 };

	collect(&chain, e, e->kind);
	for (unsigned i = 1; i < chain.n; i++)
		for (unsigned k = 0; k < i; k++)
			if (chain.parts[i]->op == op && chain.parts[k]->op == op &&
			    is_same_thing(chain.parts[i]->a, chain.parts[k]->a) &&
			    exclude_each_other(chain.parts[i], chain.parts[k]))
				return chain.parts[i];
	return NULL;
}

/* --- the whole ------------------------------------------------------------------------------------------------------------------------------- */

static enum truth truth_of_pair(const struct expr *e)
{
	const enum truth decides = e->kind == EXPR_AND ? TRUTH_NO : TRUTH_YES;
	enum truth a = truth_of(e->a), b = truth_of(e->b);

	if (a == decides || b == decides)
		return decides;
	return a == TRUTH_OPEN || b == TRUTH_OPEN ? TRUTH_OPEN : inverted(decides);
}

static enum truth truth_of(const struct expr *e)
{
	if (e->bad)
		return TRUTH_OPEN;
	switch (e->kind) {
	case EXPR_INT:
		return is_written(e) ? as_truth(e->number) : TRUTH_OPEN;
	case EXPR_STR:
		return is_written(e) ? as_truth(e->text.n) : TRUTH_OPEN;
	case EXPR_NULL:
		return TRUTH_NO;
	case EXPR_NOT:
		return inverted(truth_of(e->a));
	case EXPR_AND:
	case EXPR_OR:
		return truth_of_pair(e);
	case EXPR_CMP:
		return truth_of_comparison(e);
	default:
		return TRUTH_OPEN;
	}
}

bool condition_is_never(const struct expr *e)
{
	return truth_of(e) == TRUTH_NO;
}

static void say(struct checker *c, const struct expr *e, enum truth t)
{
	const char *hint = NULL;

	if (is_against_zero(e))
		hint = "a call whose value is 0 ends the script; true is above 0, false is below";
	else if (e->kind == EXPR_STR)
		hint = "each text needs a comparison of its own: x == \"a\" || x == \"b\"";
	diag_warn(c->diag, e->pos, hint, "this condition is always %s",
		  t == TRUTH_YES ? "true" : "false");
}

/* Tells the innermost part that is the same for all messages. */
static void check_condition(struct checker *c, const struct expr *e)
{
	const struct expr *part;
	enum truth t;

	if (e->bad)
		return;
	if (e->kind == EXPR_NOT) {
		check_condition(c, e->a);
		return;
	}
	if (e->kind != EXPR_AND && e->kind != EXPR_OR) {
		t = truth_of(e);
		if (t != TRUTH_OPEN)
			say(c, e, t);
		return;
	}
	part = deciding_part(e);
	if (part) {
		diag_warn(c->diag, part->pos,
			  e->kind == EXPR_AND ? "\"one of them\" is written \"||\""
					      : "\"none of them\" is written \"&&\"",
			  e->kind == EXPR_AND ? "this and an earlier comparison are never both true"
					      : "this or an earlier comparison is always true");
		return;
	}
	check_condition(c, e->a);
	check_condition(c, e->b);
}

/* --- comparisons that do not do what they say ------------------------------------------------------------------------------------------------ */

static bool is_certificate(const struct expr *e)
{
	return e->kind == EXPR_REF &&
	       (str_starts(e->text, STR("@tls.")) || str_starts(e->text, STR("$tls_")) ||
		str_starts(e->text, STR("$(tls_")));
}

/* A rule about certificates must know what it does when there is none. */
static void check_certificate(struct checker *c, const struct expr *e)
{
	const bool equal = e->op == CMP_EQ;

	if (e->a->kind != EXPR_REF || e->b->kind != EXPR_REF ||
	    (!is_certificate(e->a) && !is_certificate(e->b)))
		return;
	diag_warn(
		c->diag, e->pos, "test first that both are there: @tls.peer != \"\" && ...",
		"this is %s when either side is null: without a certificate, or without what it is "
		"compared with",
		equal ? "false" : "true");
}

static void check_sides(struct checker *c, struct expr *e)
{
	if (e->kind != EXPR_CMP || e->bad || e->form != FORM_VALUES ||
	    (e->op != CMP_EQ && e->op != CMP_NE))
		return;
	if (is_same_thing(e->a, e->b))
		diag_warn(c->diag, e->pos, NULL, "both sides are the same");
	else
		check_certificate(c, e);
}

static void check_list(struct checker *c, struct stmt *s)
{
	for (; s; s = s->next) {
		/* "while (1)" is left in another way, or told as a loop */
		if (s->expr && (s->kind == STMT_IF ||
				(s->kind == STMT_WHILE && truth_of(s->expr) != TRUTH_YES)))
			check_condition(c, s->expr);
		check_list(c, s->body);
		check_list(c, s->orelse);
	}
}

void check_conditions(struct checker *c)
{
	for (struct ast_route *r = c->ast->routes; r; r = r->next) {
		check_walk(c, r, check_sides);
		check_list(c, r->body);
	}
}

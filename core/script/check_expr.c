/* SPDX-License-Identifier: BSD-2-Clause */
/* Expressions: what each part is, and which comparisons make sense. */
#include "core/base/buf.h"
#include "core/net/net.h"
#include "core/script/check.h"
#include "core/script/regex.h"

#include <errno.h>

#include "parser/msg.h"

static const struct keyword_def *keyword_of(const struct expr *e)
{
	return e->kind == EXPR_KEYWORD ? &keyword_defs[e->keyword] : NULL;
}

static bool is_keyword(const struct expr *e, enum keyword k)
{
	return e->kind == EXPR_KEYWORD && e->keyword == k;
}

static void bad(struct expr *e)
{
	e->bad = true;
}

/* --- single parts -------------------------------------------------------------------------------------------------------------------- */

static void check_ref(struct checker *c, struct expr *e)
{
	char text[256];
	struct buf why = BUF_ON(text);
	int r = names_attribute(&c->names, e->text, &e->attr, &why);

	if (r == -ENOMEM)
		c->nomem = true;
	else if (r < 0)
		diag_error(c->diag, e->pos, NULL, "%s", buf_z(&why));
	if (r < 0)
		bad(e);
}

static void check_route_call(struct checker *c, struct expr *e)
{
	struct nearest near = nearest_to(e->text);

	if (e->a) { /* any may be meant */
		check_expr(c, e->a, USE_VALUE);
		e->bad = e->a->bad;
		for (struct ast_route *r = c->ast->routes; r; r = r->next)
			r->armed = r->armed || r->role == ROUTE_NAMED;
		return;
	}
	if (str_eq(e->text, STR("0"))) {
		diag_error(c->diag, e->pos, NULL, "the main route cannot be called");
		bad(e);
		return;
	}
	e->route = check_find_route(c, ROUTE_NAMED, e->text);
	if (e->route || c->diag->syntax)
		return;
	for (const struct ast_route *r = c->ast->routes; r; r = r->next)
		if (r->role == ROUTE_NAMED)
			nearest_offer(&near, r->name);
	diag_error(c->diag, e->pos,
		   str_chr(e->text, '$') >= 0
			   ? "a name that varies is put together: route(\"X\" + $rU)"
			   : NULL,
		   "there is no route[" STRF "]%s", STRA(e->text), nearest_z(&near, c->pool));
	bad(e);
}

/* A name alone: a function called without parentheses; anything else has no meaning of its own. */
static void check_word(struct checker *c, struct expr *e, enum use use)
{
	const struct func_def *any = NULL;

	if (names_function(&c->names, e->text, 0, &any) || any || use != USE_VALUE) {
		e->kind = EXPR_CALL;
		check_call(c, e);
		return;
	}
	diag_error(c->diag, e->pos, NULL, "text stands in quotes: \"" STRF "\"", STRA(e->text));
	bad(e);
}

static void check_not(struct checker *c, struct expr *e)
{
	check_expr(c, e->a, USE_CONDITION);
	if (e->a->bad)
		bad(e);
}

static void check_keyword(struct checker *c, struct expr *e)
{
	if (e->keyword != KEYWORD_MYSELF)
		return;
	diag_error(c->diag, e->pos, NULL, "\"myself\" stands in a comparison: uri == myself");
	bad(e);
}

static void check_pair(struct checker *c, struct expr *e, enum use use)
{
	check_expr(c, e->a, use);
	check_expr(c, e->b, use);
	if (e->a->bad || e->b->bad)
		bad(e);
}

/* A constant that is not the number that the operator needs. */
static void check_operand(struct checker *c, struct expr *e, struct expr *operand)
{
	int64_t n;

	if (operand->kind != EXPR_STR || str_int(operand->text, &n) == 0)
		return;
	diag_error(c->diag, operand->pos, NULL, "this operator needs numbers, not text");
	bad(e);
}

/* True or false rather than a number. */
static bool is_truth(const struct expr *e)
{
	return e->kind == EXPR_CMP || e->kind == EXPR_CALL || e->kind == EXPR_ROUTE ||
	       e->kind == EXPR_NOT;
}

static void check_arith(struct checker *c, struct expr *e, enum use use)
{
	const bool bits = e->arith == ARITH_AND || e->arith == ARITH_OR;

	if (use == USE_CONDITION && bits && (is_truth(e->a) || is_truth(e->b)))
		diag_warn(c->diag, e->pos,
			  e->arith == ARITH_AND ? "\"and\" is written \"&&\""
						: "\"or\" is written \"||\"",
			  "this computes with bits, and both sides always run");
	check_pair(c, e, USE_VALUE);
	if (e->bad || e->arith == ARITH_ADD)
		return;
	check_operand(c, e, e->a);
	check_operand(c, e, e->b);
	if ((e->arith == ARITH_DIV || e->arith == ARITH_MOD) && e->b->kind == EXPR_INT &&
	    !e->b->number) {
		diag_error(c->diag, e->pos, NULL, "this divides by zero");
		bad(e);
	}
}

void check_expr(struct checker *c, struct expr *e, enum use use)
{
	if (e->bad)
		return;
	switch (e->kind) {
	case EXPR_INT:
	case EXPR_STR:
	case EXPR_NULL:
		break;
	case EXPR_NET:
		e->kind = EXPR_STR;
		break;
	case EXPR_WORD:
		check_word(c, e, use);
		break;
	case EXPR_KEYWORD:
		check_keyword(c, e);
		break;
	case EXPR_REF:
		check_ref(c, e);
		break;
	case EXPR_CALL:
		check_call(c, e);
		break;
	case EXPR_ROUTE:
		check_route_call(c, e);
		break;
	case EXPR_NOT:
		check_not(c, e);
		break;
	case EXPR_UNARY:
		check_expr(c, e->a, USE_VALUE);
		e->bad = e->a->bad;
		break;
	case EXPR_AND:
	case EXPR_OR:
		check_pair(c, e, USE_CONDITION);
		break;
	case EXPR_ARITH:
		check_arith(c, e, use);
		break;
	case EXPR_CMP:
		check_compare(c, e);
		break;
	}
}

void check_target(struct checker *c, struct expr *e)
{
	check_ref(c, e);
	if (e->bad || (e->attr.def->set && !e->attr.transform))
		return;
	if (e->attr.transform) {
		diag_error(c->diag, e->pos, "transformations stand on the right side",
			   "\"" STRF "\" cannot be set through a transformation", STRA(e->text));
		e->bad = true;
		return;
	}
	diag_error(c->diag, e->pos, "a value of your own is kept in $var(name) or $avp(name)",
		   "\"" STRF "\" can be read, but not set", STRA(e->text));
	e->bad = true;
}

void check_assign(struct checker *c, struct stmt *s)
{
	check_target(c, s->target);
	check_expr(c, s->expr, USE_VALUE);
	if (!s->target->bad && s->adds && s->target->attr.def->flags & ATTR_CLASS) {
		/* SER's += gives an attribute one more value, as [] does */
		s->target->attr.arg.all = true;
		s->adds = false;
	}
}

/* --- comparisons ------------------------------------------------------------------------------------------------------------------------ */

/* 10 < status is status > 10 */
static void turn_round(struct expr *e)
{
	static const enum cmp_op turned[] = {
		[CMP_EQ] = CMP_EQ, [CMP_NE] = CMP_NE, [CMP_LT] = CMP_GT,
		[CMP_GT] = CMP_LT, [CMP_LE] = CMP_GE, [CMP_GE] = CMP_LE
	};
	struct expr *a = e->a;

	e->a = e->b;
	e->b = a;
	e->op = turned[e->op];
}

static bool only_equality(struct checker *c, struct expr *e, const char *what)
{
	if (e->op == CMP_EQ || e->op == CMP_NE)
		return true;
	diag_error(c->diag, e->pos, NULL, "%s can only be compared with \"==\" and \"!=\"", what);
	bad(e);
	return false;
}

static void compare_self(struct checker *c, struct expr *e)
{
	const struct keyword_def *k;

	if (is_keyword(e->a, KEYWORD_MYSELF))
		turn_round(e);
	k = keyword_of(e->a);
	if (!k || !(k->flags & (KEYWORD_IS_URI | KEYWORD_IS_IP))) {
		diag_error(c->diag, e->a->pos, NULL,
			   "\"myself\" is compared with uri, from_uri, to_uri, src_ip or dst_ip");
		bad(e);
		return;
	}
	if (!only_equality(c, e, "\"myself\""))
		return;
	e->form = FORM_SELF;
	e->self = e->a->keyword;
}

static bool is_text(const struct expr *e)
{
	return e->kind == EXPR_STR || e->kind == EXPR_WORD;
}

static void compare_method(struct checker *c, struct expr *e)
{
	struct str m = e->b->text;
	char upper[64];

	if (!only_equality(c, e, "a method"))
		return;
	e->form = FORM_METHOD;
	if (str_chr(m, '|') >= 0) {
		diag_warn(c->diag, e->b->pos,
			  "several methods are matched with =~ \"^(INVITE|ACK)$\"",
			  "no method has this name: \"" STRF "\"", STRA(m));
		return;
	}
	if (sip_method_of(m) != METHOD_OTHER || m.n >= sizeof(upper))
		return;
	for (size_t i = 0; i < m.n; i++)
		upper[i] = m.p[i] >= 'a' && m.p[i] <= 'z' ? (char)(m.p[i] - 32) : m.p[i];
	if (sip_method_of(str_of(upper, m.n)) != METHOD_OTHER)
		diag_warn(c->diag, e->b->pos, NULL,
			  "methods are compared exactly: \"" STRF "\" is not \"" STRF "\"", STRA(m),
			  STRA(str_of(upper, m.n)));
}

static void compare_network(struct checker *c, struct expr *e)
{
	if (network_parse(e->b->text, &e->net) < 0) {
		diag_error(c->diag, e->b->pos, "names are not looked up here: write the address",
			   "\"" STRF "\" is not an address or network", STRA(e->b->text));
		bad(e);
		return;
	}
	if (!only_equality(c, e, "an address"))
		return;
	e->form = FORM_NETWORK;
	e->self = e->a->keyword;
}

static bool is_known(struct str s, const char *const *words, struct nearest *near)
{
	for (; *words; words++) {
		if (str_eq_nocase(s, str_z(*words)))
			return true;
		nearest_offer(near, str_z(*words));
	}
	return false;
}

static void compare_proto(struct checker *c, struct expr *e)
{
	static const char *const known[] = {
		"UDP", "TCP", "TLS", "SCTP", "WS", "WSS", "DTLS", NULL
	};
	struct nearest near = nearest_to(e->b->text);

	if (!is_known(e->b->text, known, &near)) {
		diag_error(c->diag, e->b->pos, NULL, "\"" STRF "\" is not a transport%s",
			   STRA(e->b->text), nearest_z(&near, c->pool));
		bad(e);
	} else if (only_equality(c, e, "a transport")) {
		e->form = FORM_PROTO;
		e->self = e->a->keyword;
	}
}

static void compare_af(struct checker *c, struct expr *e)
{
	static const char *const known[] = { "INET", "INET6", "IPv4", "IPv6", NULL };
	struct nearest near = nearest_to(e->b->text);

	if (!is_known(e->b->text, known, &near)) {
		diag_error(c->diag, e->b->pos, NULL,
			   "an address family is INET or INET6, not \"" STRF "\"",
			   STRA(e->b->text));
		bad(e);
	} else if (only_equality(c, e, "an address family")) {
		e->form = FORM_AF;
		e->self = e->a->keyword;
		e->number = str_chr(e->b->text, '6') >= 0 ? AF_INET6 : AF_INET;
	}
}

void check_pattern(struct checker *c, struct expr *e)
{
	struct regex_error why;
	struct pool *scratch;
	struct str out;
	const char *warn = NULL;
	const struct regex *re;
	int r;

	scratch = pool_new(1024, 256 * 1024);
	r = scratch ? regex_translate(scratch, e->text, &out, &warn, &why) : -ENOMEM;
	pool_drop(&scratch);
	if (r == 0)
		r = regex_new(c->pool, e->text, 0, &re, &why);
	if (r == -EINVAL) {
		diag_error(c->diag, pos_inside(e->pos, why.offset + 1, 1), NULL,
			   "cannot use this as a regular expression: %s", why.text);
		bad(e);
	} else if (r < 0) {
		c->nomem = true;
	}
	if (warn)
		diag_warn(c->diag, e->pos, NULL, "%s", warn);
}

static void compare_match(struct checker *c, struct expr *e)
{
	if (e->a->kind == EXPR_WORD || is_keyword(e->a, KEYWORD_MYSELF) ||
	    is_keyword(e->b, KEYWORD_MYSELF)) {
		check_expr(c, e->a, USE_VALUE);
		check_expr(c, e->b, USE_VALUE);
		bad(e);
		return;
	}
	check_expr(c, e->a, USE_VALUE);
	if (e->b->kind == EXPR_WORD) /* method =~ INVITE */
		e->b->kind = EXPR_STR;
	check_expr(c, e->b, USE_VALUE);
	if (e->a->bad || e->b->bad) {
		bad(e);
		return;
	}
	if (e->b->kind != EXPR_STR) {
		e->form = FORM_REGEX_RT;
		return;
	}
	e->form = FORM_REGEX;
	if (!e->b->text.n)
		diag_warn(c->diag, e->b->pos, NULL, "nothing matches an empty pattern");
	else
		check_pattern(c, e->b);
	e->bad = e->b->bad;
}

static void compare_values(struct checker *c, struct expr *e)
{
	const struct keyword_def *ka, *kb;

	check_expr(c, e->a, USE_VALUE);
	check_expr(c, e->b, USE_VALUE);
	if (e->a->bad || e->b->bad) {
		bad(e);
		return;
	}
	e->form = FORM_VALUES;
	ka = keyword_of(e->a);
	kb = keyword_of(e->b);
	if ((ka && ka->type == VALUE_INT && e->b->kind == EXPR_STR) ||
	    (kb && kb->type == VALUE_INT && e->a->kind == EXPR_STR)) {
		const struct expr *s = e->b->kind == EXPR_STR ? e->b : e->a;
		int64_t n;

		if (str_int(s->text, &n) < 0)
			diag_warn(c->diag, s->pos, NULL, "a number never equals \"" STRF "\"",
				  STRA(s->text));
	}
}

static void compare_null(struct checker *c, struct expr *e)
{
	if (e->a->kind == EXPR_NULL)
		turn_round(e);
	check_expr(c, e->a, USE_VALUE);
	if (e->a->bad)
		bad(e);
	else if (only_equality(c, e, "\"$null\""))
		e->form = FORM_NULL;
}

/* "!x == y" negates x alone unless x is a keyword (the tree was built so). */
static void check_negated_left(struct checker *c, const struct expr *e)
{
	if (e->a->kind == EXPR_NOT && !e->a->parens)
		diag_warn(c->diag, e->a->pos, "to negate the comparison, write !(... == ...)",
			  "\"!\" belongs to the left side only, not to the comparison");
}

void check_compare(struct checker *c, struct expr *e)
{
	check_negated_left(c, e);
	if (e->a->bad || e->b->bad) {
		bad(e);
		return;
	}
	if (e->op == CMP_MATCH || e->op == CMP_NMATCH) {
		compare_match(c, e);
		return;
	}
	if (is_keyword(e->a, KEYWORD_MYSELF) || is_keyword(e->b, KEYWORD_MYSELF)) {
		compare_self(c, e);
		return;
	}
	if (e->a->kind == EXPR_NULL || e->b->kind == EXPR_NULL) {
		compare_null(c, e);
		return;
	}
	if (e->b->kind == EXPR_KEYWORD && e->a->kind != EXPR_KEYWORD)
		turn_round(e);
	if (is_keyword(e->a, KEYWORD_METHOD) && is_text(e->b))
		compare_method(c, e);
	else if ((is_keyword(e->a, KEYWORD_PROTO) || is_keyword(e->a, KEYWORD_SND_PROTO)) &&
		 is_text(e->b))
		compare_proto(c, e);
	else if ((is_keyword(e->a, KEYWORD_AF) || is_keyword(e->a, KEYWORD_SND_AF)) &&
		 is_text(e->b))
		compare_af(c, e);
	else if (e->a->kind == EXPR_KEYWORD &&
		 (keyword_defs[e->a->keyword].flags & KEYWORD_IS_IP) &&
		 (is_text(e->b) || e->b->kind == EXPR_NET))
		compare_network(c, e);
	else
		compare_values(c, e);
}

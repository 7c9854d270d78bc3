/* SPDX-License-Identifier: BSD-2-Clause */
/* How tokens are fed to the grammar, and where reading goes on behind a syntax error: at the end of the statement or block that it is in. */
#include "core/script/parse.h"
#include "core/script/gram.tab.h"

int script_yylex(SCRIPT_YYSTYPE *value_r, struct pos *at_r, void *scanner);

struct token {
	int kind;
	SCRIPT_YYSTYPE value;
	struct pos at;
};

struct feeder {
	struct parse *p;
	script_yypstate *state;
	struct token ahead; /* read, but not fed */
	bool has_ahead;
};

static struct token next(struct feeder *f)
{
	struct token t = f->ahead;

	if (f->has_ahead) {
		f->has_ahead = false;
		return t;
	}
	t = (struct token){ 0 };
	t.kind = script_yylex(&t.value, &t.at, f->p->scanner);
	return t;
}

/* A statement that ends while parentheses are open: the missing ones are told and put in, so that what follows is read as it was meant. */
static int close_parens(struct feeder *f, const struct pos *at)
{
	struct parse *p = f->p;
	int r = YYPUSH_MORE;

	if (!p->cut) {
		diag_error(p->diag, p->parens[p->parens_n - 1], NULL,
			   "this \"(\" is not closed by a \")\"");
		p->diag->syntax = true;
	}
	p->paren_put = true;
	while (p->parens_n && r == YYPUSH_MORE) {
		SCRIPT_YYSTYPE value = { 0 };
		struct pos here = *at;

		p->parens_n--;
		r = script_yypush_parse(f->state, ')', &value, &here, p);
	}
	p->paren_put = false;
	p->parens_n = 0;
	return r;
}

/* Keeps count of open parentheses. */
static int count_parens(struct feeder *f, const struct token *t)
{
	struct parse *p = f->p;
	bool ends = t->kind == ';' || t->kind == '{' || t->kind == '}' || t->kind == SCRIPT_YYEOF;

	p->extra_paren = t->kind == ')' && !p->parens_n;
	if ((t->kind == '(' || t->kind == PREFIX) && p->parens_n < PARENS_MAX)
		p->parens[p->parens_n++] = t->at;
	if (t->kind == ')' && p->parens_n)
		p->parens_n--;
	return p->parens_n && ends ? close_parens(f, &t->at) : YYPUSH_MORE;
}

/* Keeps where the statement begins: messages name its first word. */
static void note_head(struct parse *p, const struct token *t)
{
	const bool new_line = !p->depth && (t->at.src != p->last.src || t->at.line != p->last.line);

	if (p->head_next || new_line)
		p->head = t->at;
	p->head_next = t->kind == ';' || t->kind == '{' || t->kind == '}' || t->kind == ELSE;
}

static int put(struct feeder *f, struct token *t)
{
	int r;

	note_head(f->p, t);
	r = count_parens(f, t);

	if (r == YYPUSH_MORE)
		r = script_yypush_parse(f->state, t->kind, &t->value, &t->at, f->p);
	f->p->last = t->at;
	return r;
}

static int put_kind(struct feeder *f, int kind, const struct pos *at)
{
	struct token t = { .kind = kind, .at = *at };

	f->p->head_next = true;
	return script_yypush_parse(f->state, t.kind, &t.value, &t.at, f->p);
}

/* Inside of braces: to the ";" of the statement, or behind its block with what follows as "else". */
static int leave_statement(struct feeder *f, unsigned depth)
{
	for (;;) {
		struct token t = next(f);
		bool here = f->p->depth == depth;

		if (t.kind == SCRIPT_YYEOF || f->p->depth < depth || (here && t.kind == ';'))
			return put(f, &t);
		if (!here || t.kind != '}')
			continue;
		f->ahead = next(f);
		f->has_ahead = f->ahead.kind != ELSE;
		if (f->has_ahead)
			return put_kind(f, ';', &t.at);
	}
}

/* Outside of braces: to the next line, or behind a block. */
static int leave_item(struct feeder *f, uint32_t line)
{
	for (;;) {
		struct token t = next(f);
		bool ends = t.kind == SCRIPT_YYEOF || t.kind == ';' || t.kind == '}';

		if (t.kind != SCRIPT_YYEOF && (f->p->depth > 0 || (!ends && t.at.line <= line)))
			continue;
		if (t.kind != '}' || f->p->extra_brace) {
			f->ahead = t;
			f->has_ahead = true;
		}
		return put_kind(f, LOST, &t.at);
	}
}

/* What the grammar goes on with by itself. */
static bool is_taken_up(const struct parse *p, const struct token *t)
{
	switch (t->kind) {
	case ';':
	case '}':
	case SCRIPT_YYEOF:
		return true;
	case ')':
		return !p->extra_paren;
	case ROUTE:
	case REQUEST_ROUTE:
	case REPLY_ROUTE:
	case ONREPLY_ROUTE:
	case BRANCH_ROUTE:
	case FAILURE_ROUTE:
	case EVENT_ROUTE:
	case ONSEND_ROUTE:
	case LOADMODULE:
	case MODPARAM:
	case LISTEN:
		return p->depth == 0;
	default:
		return p->parens_n > 0 && t->kind != '(';
	}
}

int parse_feed(struct parse *p, void *state)
{
	struct feeder f = { .p = p, .state = state };
	int r = YYPUSH_MORE;

	while (r == YYPUSH_MORE) {
		struct token t = next(&f);
		unsigned depth;

		p->failed = false;
		r = put(&f, &t);
		if (r != YYPUSH_MORE || !p->failed || p->cut || is_taken_up(p, &t))
			continue;
		p->parens_n = 0;
		depth = t.kind == '{' && p->depth ? p->depth - 1 : p->depth;
		if (depth)
			r = leave_statement(&f, depth);
		else
			r = leave_item(&f, t.at.line);
	}
	return r;
}

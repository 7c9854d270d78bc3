/* SPDX-License-Identifier: BSD-2-Clause */
/* What the grammar's actions do, and how tokens are fed to it. */
#include "core/script/parse.h"
#include "core/script/gram.tab.h"
#include "core/base/buf.h"

#include <errno.h>

int script_yylex_init_extra(struct parse *extra, void **scanner_r);

/* --- the parts of the tree -------------------------------------------------------------------------------------------------------- */

void parse_setting(struct parse *p, const struct setting *s)
{
	struct setting *copy = parse_alloc(p, sizeof(*copy));

	*copy = *s;
	*p->setting_tail = copy;
	p->setting_tail = &copy->next;
}

void parse_settings_add(struct parse *p, struct setting_list *l, const struct setting *s)
{
	struct setting *copy = parse_alloc(p, sizeof(*copy));

	*copy = *s;
	if (l->last)
		l->last->next = copy;
	else
		l->first = copy;
	l->last = copy;
}

void parse_settings_block(struct parse *p, const struct block *b)
{
	struct block *copy = parse_alloc(p, sizeof(*copy));

	*copy = *b;
	*p->block_tail = copy;
	p->block_tail = &copy->next;
}

void parse_loadmodule(struct parse *p, struct str path, struct pos at)
{
	struct loadmodule *m = parse_alloc(p, sizeof(*m));

	if (!path.p)
		return;
	m->path = path;
	m->pos = at;
	m->mpath = p->mpath;
	m->mpath_pos = p->mpath_pos;
	*p->module_tail = m;
	p->module_tail = &m->next;
}

void parse_flag(struct parse *p, struct str name, struct pos at, int64_t number)
{
	struct flag_name *f = parse_alloc(p, sizeof(*f));

	for (const struct flag_name *o = p->ast->flags; o; o = o->next)
		if (str_eq(o->name, name))
			diag_error(p->diag, at, NULL, "flag \"" STRF "\" stands twice", STRA(name));
	if (number > 31)
		diag_error(p->diag, at, NULL, "a flag has a number from 0 to 31");
	f->name = name;
	f->pos = at;
	f->number = number;
	*p->flag_tail = f;
	p->flag_tail = &f->next;
}

struct expr *parse_compare_numbers(struct parse *p, enum cmp_op op, struct expr *a, struct expr *b)
{
	struct expr *x = expr_unary(p->pool, UNARY_INT, a->pos, a);
	struct expr *y = expr_unary(p->pool, UNARY_INT, b->pos, b);

	return x && y ? expr_binary(p->pool, EXPR_CMP, op, x, y) : NULL;
}

void parse_mpath(struct parse *p, struct str path, struct pos at)
{
	p->mpath = path;
	p->mpath_pos = at;
}

/* Between colons: udp:MY_ADDRESS:5060. */
struct str parse_address(struct parse *p, struct str text)
{
	char *out = parse_alloc(p, text.n + 1024);
	struct buf b = buf_over(out, text.n + 1024);
	struct str rest = text, part;
	bool first = true;

	while (str_split(&rest, ':', &part)) {
		const struct define *d = p->ast->defines;

		while (d && !(str_eq(d->name, part) && d->text.n))
			d = d->next;
		if (!first)
			buf_char(&b, ':');
		first = false;
		buf_str_put(&b, d ? d->text : part);
	}
	return buf_ok(&b) ? buf_str(&b) : pool_str(p->pool, text);
}

static struct listen_item *add_listen(struct parse *p, struct str text, struct pos at,
				      bool is_alias)
{
	struct listen_item *l = parse_alloc(p, sizeof(*l));

	l->text = parse_address(p, text);
	l->pos = at;
	l->is_alias = is_alias;
	*p->listen_tail = l;
	p->listen_tail = &l->next;
	return l;
}

void parse_listen(struct parse *p, struct str text, struct pos at)
{
	add_listen(p, text, at, false);
}

void parse_alias(struct parse *p, struct str text, struct pos at)
{
	add_listen(p, text, at, true);
}

void parse_listen_around(struct parse *p, struct str before, struct str behind)
{
	for (struct listen_item *l = *p->listen_from; l; l = l->next) {
		size_t n = before.n + l->text.n + behind.n;
		char *joined = parse_alloc(p, n + 1);
		struct buf b = buf_over(joined, n);

		buf_str_put(&b, before);
		buf_str_put(&b, l->text);
		buf_str_put(&b, behind);
		l->text = buf_str(&b);
	}
}

void parse_listen_advertise(struct parse *p, struct str address, struct pos at)
{
	for (struct listen_item *l = *p->listen_from; l; l = l->next) {
		l->advertise = parse_address(p, address);
		l->advertise_pos = at;
	}
}

void parse_listen_name(struct parse *p, struct str name)
{
	for (struct listen_item *l = *p->listen_from; l; l = l->next)
		l->name = name;
}

void parse_listen_flag(struct parse *p, bool is_virtual)
{
	for (struct listen_item *l = *p->listen_from; l; l = l->next) {
		if (is_virtual)
			l->is_virtual = true;
		else
			l->ip_free_bind = true;
	}
}

void parse_route(struct parse *p, enum route_role role, struct str name, struct pos at,
		 struct stmt *body)
{
	struct ast_route *r = parse_alloc(p, sizeof(*r));

	/* the old number of the one without a name */
	if (str_eq(name, STR("0")))
		name = STR("");
	if (role == ROUTE_NAMED && !name.n)
		role = ROUTE_MAIN;
	if (role == ROUTE_ONREPLY && !name.n)
		role = ROUTE_REPLY;
	if (role == ROUTE_ONSEND && name.n)
		diag_error(p->diag, at, "write onsend_route { }",
			   "there is one onsend_route; it has no name");
	r->role = role;
	r->name = name;
	r->pos = at;
	r->body = body;
	r->index = p->ast->routes_n++;
	*p->route_tail = r;
	p->route_tail = &r->next;
}

struct str parse_decimal(struct parse *p, int64_t n)
{
	char digits[24];
	struct buf b = BUF_ON(digits);

	buf_int(&b, n);
	return pool_str(p->pool, buf_str(&b));
}

/* Trees that are too deep are said once and cut off, so that what walks them has stack enough. */
static bool too_deep(struct parse *p, struct pos at, unsigned depth)
{
	if (depth <= AST_DEPTH_MAX)
		return false;
	diag_error(p->diag, at, NULL, "this is nested too deeply");
	p->diag->syntax = true;
	return true;
}

static unsigned body_depth(const struct stmt *s)
{
	unsigned depth = 0;

	for (; s; s = s->next)
		if (s->depth > depth)
			depth = s->depth;
	return depth;
}

struct stmt *parse_block(struct parse *p, struct stmt *first, struct pos at)
{
	struct stmt *s = stmt_new(p->pool, STMT_BLOCK, at);

	if (!s)
		return NULL;
	s->depth = body_depth(first) + 1;
	s->body = too_deep(p, at, s->depth) ? NULL : first;
	if (!s->body)
		s->depth = 1;
	return s;
}

struct stmt *parse_stmt(struct parse *p, enum stmt_kind kind, struct pos at, struct expr *e)
{
	struct stmt *s = stmt_new(p->pool, kind, at);

	if (s && e && too_deep(p, at, e->depth))
		e = expr_bad(p->pool, at);
	if (!s)
		return NULL;
	s->expr = e;
	return s;
}

struct stmt *parse_assign(struct parse *p, struct pos at, struct str target, struct expr *value,
			  bool adds)
{
	struct stmt *s = parse_stmt(p, STMT_ASSIGN, pos_join(at, value->pos), value);

	if (!s)
		return NULL;
	s->target = expr_text(p->pool, EXPR_REF, at, target);
	s->adds = adds;
	return s->target ? s : NULL;
}

struct stmt *parse_compound(struct parse *p, enum stmt_kind kind, struct pos at, struct expr *e,
			    struct stmt *body)
{
	struct stmt *s = parse_stmt(p, kind, at, e);

	if (!s)
		return NULL;
	s->depth = body_depth(body) + 1;
	s->body = too_deep(p, at, s->depth) ? NULL : body;
	if (!s->body)
		s->depth = 1;
	return s;
}

struct stmt *parse_case_body(struct parse *p, struct stmt *label, struct stmt *body)
{
	struct stmt *s = parse_compound(p, STMT_CASE, label->pos, label->expr, body);

	if (s)
		s->is_regex = label->is_regex;
	return s;
}

struct stmt *parse_case_regex(struct parse *p, struct pos at, struct str pattern,
			      struct pos pattern_at)
{
	struct expr *e = expr_text(p->pool, EXPR_STR, pattern_at, pattern);
	struct stmt *s = e ? parse_stmt(p, STMT_CASE, at, e) : NULL;

	if (s)
		s->is_regex = true;
	return s;
}

struct stmt *parse_if(struct parse *p, struct pos at, struct expr *cond, struct stmt *body,
		      struct stmt *orelse)
{
	struct stmt *s = parse_stmt(p, STMT_IF, at, cond);
	unsigned a = body_depth(body), b = body_depth(orelse);

	if (!s)
		return NULL;
	s->depth = (a > b ? a : b) + 1;
	if (too_deep(p, at, s->depth)) {
		s->depth = 1;
		return s;
	}
	s->body = body;
	s->orelse = orelse;
	return s;
}

struct expr *parse_call(struct parse *p, struct str name, const struct expr_list *args,
			struct pos at)
{
	struct expr *e = expr_text(p->pool, EXPR_CALL, at, name);

	if (!e)
		return NULL;
	e->has_parens = true;
	e->bad = p->paren_put || (args->first && args->first->bad);
	e->args = args->first;
	e->argc = args->n;
	for (const struct expr *a = args->first; a; a = a->next)
		if (a->depth >= e->depth)
			e->depth = a->depth + 1;
	return e;
}

struct expr *parse_route_call(struct parse *p, struct expr *name, struct pos at)
{
	struct expr *e = expr_new(p->pool, EXPR_ROUTE, at);

	if (!e)
		return NULL;
	e->bad = name->bad;
	e->depth = name->depth + 1;
	switch (name->kind) {
	case EXPR_WORD:
	case EXPR_STR:
		e->text = name->text;
		break;
	case EXPR_KEYWORD:
		e->text = keyword_defs[name->keyword].name;
		break;
	case EXPR_INT:
		e->text = parse_decimal(p, name->number);
		break;
	default:
		e->a = name;
		break;
	}
	return e->a || e->bad || e->text.p ? e : NULL;
}

/* --- the whole -------------------------------------------------------------------------------------------------------------------- */

/* "NAME" or "NAME=text" of the command line. */
static void define_given(struct parse *p, const char *given_z)
{
	struct str name = str_z(given_z), text = STR("");
	ssize_t is = str_chr(name, '=');

	if (is >= 0) {
		text = str_skip(name, (size_t)is + 1);
		name = str_head(name, (size_t)is);
	}
	parse_define(p, name, text, (struct pos){ 0 });
}

int parse_script(struct pool *pool, struct diag *diag, struct source *src,
		 const char *const *defines, unsigned defines_n, struct ast *ast_r)
{
	struct parse *p = pool_zalloc(pool, sizeof(*p));
	script_yypstate *volatile state = NULL;
	int r;

	if (!p)
		return -ENOMEM;
	*ast_r = (struct ast){ 0 };
	p->pool = pool;
	p->diag = diag;
	p->ast = ast_r;
	p->source_tail = &p->sources;
	p->setting_tail = &ast_r->settings;
	p->block_tail = &ast_r->blocks;
	p->module_tail = &ast_r->modules;
	p->listen_tail = p->listen_from = &ast_r->listens;
	p->route_tail = &ast_r->routes;
	p->flag_tail = &ast_r->flags;
	if (setjmp(p->fatal)) {
		if (state)
			script_yypstate_delete(state);
		return -ENOMEM;
	}
	if (script_yylex_init_extra(p, &p->scanner))
		return -ENOMEM;
	for (unsigned i = 0; i < defines_n; i++)
		define_given(p, defines[i]);
	parse_push_file(p, src);
	state = script_yypstate_new();
	if (!state)
		return -ENOMEM;
	r = parse_feed(p, state);
	script_yypstate_delete(state);
	if (r != 0 && !diag->syntax) /* an action found no memory */
		return -ENOMEM;
	for (const struct open_mark *m = p->ifs; m; m = m->below) {
		diag_error(diag, m->at, NULL, "this #!ifdef is not ended by #!endif");
		diag->syntax = true; /* what it left out is not missed */
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the lexer's and the grammar's actions do: the stack of inputs, words, constants, the parts of the tree. */
#include "core/script/parse.h"
#include "core/script/gram.tab.h"
#include "core/base/buf.h"

#include <errno.h>

#define INPUT_DEPTH_MAX 32u
#define BYTES_MAX	(32u * 1024 * 1024) /* of all files and expanded names */

int script_yylex_init_extra(struct parse *extra, void **scanner_r);
int script_yylex(SCRIPT_YYSTYPE *value_r, struct pos *at_r, void *scanner);

/* --- inputs ---------------------------------------------------------------------------------------------------------------------- */

static _Noreturn void no_memory(struct parse *p)
{
	longjmp(p->fatal, 1);
}

static void *must_alloc(struct parse *p, size_t n)
{
	void *m = pool_zalloc(p->pool, n);

	if (!m)
		no_memory(p);
	return m;
}

/* flex writes into what it scans: it gets a copy, in which the last line of a file has its end. */
static void push(struct parse *p, struct input *in, struct str text)
{
	size_t n = in->define ? text.n : text.n + 1;
	char *copy = must_alloc(p, n + 2);

	if (text.n)
		memcpy(copy, text.p, text.n);
	if (n > text.n)
		copy[text.n] = '\n';
	in->buffer = lex_push(p->scanner, copy, n);
	if (!in->buffer)
		no_memory(p);
	in->below = p->input;
	p->input = in;
	p->input_depth++;
	p->bytes += text.n;
}

static void push_file(struct parse *p, struct source *src)
{
	struct input *in = must_alloc(p, sizeof(*in));

	src->index = p->sources_n++;
	*p->source_tail = src;
	p->source_tail = &src->next;
	in->src = src;
	in->at = (struct pos){ .src = src, .line = 1, .col = 1 };
	push(p, in, src->text);
}

void parse_unclosed(struct parse *p, struct pos at, const char *what)
{
	if (p->long_string.src && p->long_string.src == at.src && p->long_string_end == at.line)
		diag_error(p->diag, p->long_string, NULL,
			   "this string is not closed on its line; it goes on to line %u",
			   p->long_string.line + 1);
	else
		diag_error(p->diag, at, NULL, "this %s is not closed", what);
	p->diag->syntax = true;
	p->cut = true;
	while (parse_pop(p))
		;
}

static bool may_push(struct parse *p, struct pos at, size_t n)
{
	if (p->input_depth < INPUT_DEPTH_MAX && p->bytes + n <= BYTES_MAX)
		return true;
	diag_error(p->diag, at, NULL, "files or definitions include each other too deeply");
	p->diag->syntax = true;
	return false;
}

static bool is_open(const struct parse *p, const char *path_z)
{
	for (const struct input *in = p->input; in; in = in->below)
		if (!strcmp(in->src->name_z, path_z))
			return true;
	return false;
}

void parse_include(struct parse *p, struct str path, struct pos at, bool may_be_absent)
{
	struct source *src;
	const char *path_z;
	int r;

	if (!may_push(p, at, 0))
		return;
	path_z = source_path(p->pool, p->input->src->name_z, path);
	if (!path_z)
		no_memory(p);
	if (is_open(p, path_z)) {
		diag_error(p->diag, at, NULL, "\"%s\" includes itself", path_z);
		p->diag->syntax = true;
		return;
	}
	r = source_read_included(p->pool, path_z, &src);
	if (r == -ENOMEM)
		no_memory(p);
	if (r == -ENOENT && may_be_absent)
		return;
	if (r < 0) {
		diag_error(p->diag, at, NULL, "could not read \"%s\": %s", path_z,
			   r == -EINVAL ? "not an ordinary file" : strerror(-r));
		p->diag->syntax = true;
		return;
	}
	push_file(p, src);
}

bool parse_expand(struct parse *p, struct str name, struct pos at)
{
	struct define *d = p->defines;
	struct input *in;

	while (d && !str_eq(d->name, name))
		d = d->next;
	if (!d || d->busy || !d->text.n)
		return false;
	if (!may_push(p, at, d->text.n))
		return false;
	in = must_alloc(p, sizeof(*in));
	in->src = p->input->src;
	in->at = at;
	in->define = d;
	d->busy = true;
	push(p, in, d->text);
	return true;
}

bool parse_pop(struct parse *p)
{
	struct input *in = p->input;

	if (in->define)
		((struct define *)in->define)->busy = false;
	if (!in->below)
		return false;
	p->input = in->below;
	p->input_depth--;
	lex_pop(p->scanner, p->input->buffer);
	return true;
}

void parse_advance(struct parse *p, struct pos *pos_r, const char *text, size_t n)
{
	struct pos *at = &p->input->at;

	*pos_r = *at;
	if (p->input->define)
		return;
	pos_r->len = n ? (uint32_t)n : 1;
	for (size_t i = 0; i < n; i++) {
		at->col++;
		if (text[i] == '\n') {
			at->line++;
			at->col = 1;
		}
	}
	at->at += (uint32_t)n;
}

/* --- words and constants --------------------------------------------------------------------------------------------------------- */

struct word {
	struct str name;
	int token;
	enum keyword keyword;
};

static const struct word words[] = {
	{ STR_INIT("route"), ROUTE, 0 },
	{ STR_INIT("request_route"), REQUEST_ROUTE, 0 },
	{ STR_INIT("reply_route"), REPLY_ROUTE, 0 },
	{ STR_INIT("onreply_route"), ONREPLY_ROUTE, 0 },
	{ STR_INIT("failure_route"), LATER_ROUTE, 0 },
	{ STR_INIT("branch_route"), LATER_ROUTE, 0 },
	{ STR_INIT("event_route"), LATER_ROUTE, 0 },
	{ STR_INIT("onsend_route"), LATER_ROUTE, 0 },
	{ STR_INIT("if"), IF, 0 },
	{ STR_INIT("else"), ELSE, 0 },
	{ STR_INIT("exit"), EXIT, 0 },
	{ STR_INIT("drop"), DROP, 0 },
	{ STR_INIT("return"), RETURN, 0 },
	{ STR_INIT("break"), BREAK, 0 },
	{ STR_INIT("while"), LATER, 0 },
	{ STR_INIT("switch"), LATER, 0 },
	{ STR_INIT("case"), LATER, 0 },
	{ STR_INIT("default"), LATER, 0 },
	{ STR_INIT("loadmodule"), LOADMODULE, 0 },
	{ STR_INIT("loadpath"), LOADPATH, 0 },
	{ STR_INIT("mpath"), LOADPATH, 0 },
	{ STR_INIT("modparam"), MODPARAM, 0 },
	{ STR_INIT("and"), AND, 0 },
	{ STR_INIT("or"), OR, 0 },
	{ STR_INIT("not"), NOT, 0 },
	{ STR_INIT("eq"), EQ, 0 },
	{ STR_INIT("ne"), NE, 0 },
	{ STR_INIT("method"), KEYWORD, KEYWORD_METHOD },
	{ STR_INIT("uri"), KEYWORD, KEYWORD_URI },
	{ STR_INIT("from_uri"), KEYWORD, KEYWORD_FROM_URI },
	{ STR_INIT("to_uri"), KEYWORD, KEYWORD_TO_URI },
	{ STR_INIT("src_ip"), KEYWORD, KEYWORD_SRC_IP },
	{ STR_INIT("dst_ip"), KEYWORD, KEYWORD_DST_IP },
	{ STR_INIT("src_port"), KEYWORD, KEYWORD_SRC_PORT },
	{ STR_INIT("dst_port"), KEYWORD, KEYWORD_DST_PORT },
	{ STR_INIT("proto"), KEYWORD, KEYWORD_PROTO },
	{ STR_INIT("af"), KEYWORD, KEYWORD_AF },
	{ STR_INIT("status"), KEYWORD, KEYWORD_STATUS },
	{ STR_INIT("max_len"), KEYWORD, KEYWORD_MAX_LEN },
	{ STR_INIT("retcode"), KEYWORD, KEYWORD_RETCODE },
	{ STR_INIT("myself"), KEYWORD, KEYWORD_MYSELF },
};

int parse_word(struct parse *p, struct str word, enum keyword *keyword_r)
{
	bool top = !p->braces;

	p->address_next = false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!str_eq(words[i].name, word))
			continue;
		if (words[i].token == KEYWORD)
			*keyword_r = words[i].keyword;
		return words[i].token;
	}
	if (top && (str_eq(word, STR("listen")) || str_eq(word, STR("alias")))) {
		p->address_next = true;
		return word.p[0] == 'l' ? LISTEN : ALIAS;
	}
	return ID;
}

int64_t parse_number(struct parse *p, struct str text, struct pos at)
{
	struct str digits = text;
	uint64_t v = 0;
	unsigned base = 10;
	char mark = text.n > 1 ? char_lower(text.p[1]) : 0;

	if (mark == 'x' || mark == 'o' || mark == 'b') {
		base = mark == 'x' ? 16 : mark == 'o' ? 8 : 2;
		digits = str_skip(text, 2);
	} else if (text.n > 1 && text.p[0] == '0') {
		diag_error(p->diag, at, NULL,
			   "a number does not begin with 0: write 0o" STRF " (octal) or " STRF
			   " (decimal)",
			   STRA(str_skip(text, 1)), STRA(str_skip(text, strspn(text.p, "0"))));
		return 0;
	}
	for (size_t i = 0; i < digits.n; i++) {
		unsigned d = (unsigned)char_hex(digits.p[i]);

		if (v > ((uint64_t)INT64_MAX - d) / base) {
			diag_error(p->diag, at, NULL, "the number " STRF " is too large",
				   STRA(text));
			return 0;
		}
		v = v * base + d;
	}
	return (int64_t)v;
}

/* Single quotes: as it stands. Double quotes: \n \r \t \\ \" are undone, any other backslash stays (patterns need it); a backslash at
 * the end of a line joins the lines. */
struct str parse_string(struct parse *p, struct str text, struct pos at)
{
	char *out = must_alloc(p, text.n);
	struct str in = str_of(text.p + 1, text.n - 2);
	size_t n = 0;

	if (memchr(text.p, '\n', text.n)) {
		if (p->long_string.src != at.src || p->long_string_end != at.line)
			p->long_string = at;
		p->long_string_end = p->input->at.line;
	}
	if (text.p[0] == '\'') {
		memcpy(out, in.p, in.n);
		return str_of(out, in.n);
	}
	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i], e = i + 1 < in.n ? in.p[i + 1] : 0;

		if (c != '\\' || !e) {
			out[n++] = c;
			continue;
		}
		i++;
		if (e == 'n')
			out[n++] = '\n';
		else if (e == 'r')
			out[n++] = '\r';
		else if (e == 't')
			out[n++] = '\t';
		else if (e == '\\' || e == '"')
			out[n++] = e;
		else if (e != '\n') {
			out[n++] = '\\';
			out[n++] = e;
		}
	}
	return str_of(out, n);
}

/* --- braces, for the message about a missing one ----------------------------------------------------------------------------------- */

static uint32_t indent_of(const struct pos *at)
{
	struct str line = pos_line(at);
	uint32_t n = 0;

	for (size_t i = 0; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		n = line.p[i] == '\t' ? (n / 8 + 1) * 8 : n + 1;
	return n;
}

void parse_brace(struct parse *p, bool opens, struct pos at)
{
	struct open_mark *m;
	struct str line;

	p->address_next = false;
	if (opens) {
		m = must_alloc(p, sizeof(*m));
		m->at = at;
		m->indent = indent_of(&at);
		m->below = p->braces;
		p->braces = m;
		return;
	}
	m = p->braces;
	p->extra_brace = !m;
	if (!m)
		return;
	p->braces = m->below;
	line = str_trim(pos_line(&at));
	if (!p->odd_brace.src && line.n && line.p[0] == '}' && m->at.line != at.line &&
	    indent_of(&at) < m->indent)
		p->odd_brace = m->at;
}

/* --- the parts of the tree -------------------------------------------------------------------------------------------------------- */

void parse_setting(struct parse *p, const struct setting *s)
{
	struct setting *copy = must_alloc(p, sizeof(*copy));

	*copy = *s;
	*p->setting_tail = copy;
	p->setting_tail = &copy->next;
}

void parse_loadmodule(struct parse *p, struct str path, struct pos at)
{
	struct loadmodule *m = must_alloc(p, sizeof(*m));

	m->path = path;
	m->pos = at;
	m->mpath = p->mpath;
	m->mpath_pos = p->mpath_pos;
	*p->module_tail = m;
	p->module_tail = &m->next;
}

void parse_mpath(struct parse *p, struct str path, struct pos at)
{
	p->mpath = path;
	p->mpath_pos = at;
}

/* Puts defined names in the place of the parts between colons: udp:MY_ADDRESS:5060. */
static struct str address_defined(struct parse *p, struct str text)
{
	char *out = must_alloc(p, text.n + 1024);
	struct buf b = buf_over(out, text.n + 1024);
	struct str rest = text, part;
	bool first = true;

	while (str_split(&rest, ':', &part)) {
		const struct define *d = p->defines;

		while (d && !(str_eq(d->name, part) && d->text.n))
			d = d->next;
		if (!first)
			buf_char(&b, ':');
		first = false;
		buf_str_put(&b, d ? d->text : part);
	}
	return buf_ok(&b) ? buf_str(&b) : text;
}

static struct listen_item *add_listen(struct parse *p, struct str text, struct pos at,
				      bool is_alias)
{
	struct listen_item *l = must_alloc(p, sizeof(*l));

	l->text = address_defined(p, text);
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
		char *joined = must_alloc(p, n + 1);
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
		l->advertise = address_defined(p, address);
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
	struct ast_route *r = must_alloc(p, sizeof(*r));

	if (role == ROUTE_NAMED && str_eq(name, STR("0")))
		role = ROUTE_MAIN;
	if (role == ROUTE_ONREPLY && str_eq(name, STR("0")))
		role = ROUTE_REPLY;
	r->role = role;
	r->name = role == ROUTE_MAIN || role == ROUTE_REPLY ? STR("") : name;
	r->pos = at;
	r->body = body;
	r->index = p->ast->routes_n++;
	*p->route_tail = r;
	p->route_tail = &r->next;
}

void parse_later(struct parse *p, struct str word, struct pos at)
{
	bool inside = str_eq(word, STR("case")) || str_eq(word, STR("default"));

	if (!inside || !p->diag->syntax)
		diag_error(p->diag, at, NULL, "this version has no \"" STRF "\"", STRA(word));
	p->diag->syntax = true;
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
	e->bad = args->first && args->first->bad;
	e->args = args->first;
	e->argc = args->n;
	for (const struct expr *a = args->first; a; a = a->next)
		if (a->depth >= e->depth)
			e->depth = a->depth + 1;
	return e;
}

/* --- the whole -------------------------------------------------------------------------------------------------------------------- */

/* A statement that ends while parentheses are open: the missing ones are told and put in, so that what follows is read as it was meant. */
static int close_parens(struct parse *p, script_yypstate *state, const struct pos *at)
{
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
		r = script_yypush_parse(state, ')', &value, &here, p);
	}
	p->paren_put = false;
	p->parens_n = 0;
	return r;
}

/* Keeps count of open parentheses. */
static int count_parens(struct parse *p, script_yypstate *state, int token, const struct pos *at)
{
	if ((token == '(' || token == PREFIX) && p->parens_n < PARENS_MAX)
		p->parens[p->parens_n++] = *at;
	if (token == ')' && p->parens_n)
		p->parens_n--;
	if (p->parens_n && (token == ';' || token == '{' || token == '}' || token == SCRIPT_YYEOF))
		return close_parens(p, state, at);
	return YYPUSH_MORE;
}

static int feed(struct parse *p, script_yypstate *state)
{
	int r = YYPUSH_MORE;

	while (r == YYPUSH_MORE) {
		SCRIPT_YYSTYPE value = { 0 };
		struct pos at = { 0 };
		int token = script_yylex(&value, &at, p->scanner);

		r = count_parens(p, state, token, &at);
		if (r == YYPUSH_MORE)
			r = script_yypush_parse(state, token, &value, &at, p);
		p->last = at;
		p->later = token == LATER;
	}
	return r;
}

int parse_script(struct pool *pool, struct diag *diag, struct source *src, struct ast *ast_r)
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
	p->module_tail = &ast_r->modules;
	p->listen_tail = p->listen_from = &ast_r->listens;
	p->route_tail = &ast_r->routes;
	if (setjmp(p->fatal)) {
		if (state)
			script_yypstate_delete(state);
		return -ENOMEM;
	}
	if (script_yylex_init_extra(p, &p->scanner))
		return -ENOMEM;
	push_file(p, src);
	state = script_yypstate_new();
	if (!state)
		return -ENOMEM;
	r = feed(p, state);
	script_yypstate_delete(state);
	if (r != 0 && !diag->syntax) /* an action found no memory */
		return -ENOMEM;
	for (const struct open_mark *m = p->ifs; m; m = m->below)
		diag_error(diag, m->at, NULL, "this #!ifdef is not ended by #!endif");
	return 0;
}

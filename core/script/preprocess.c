/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines that begin with "#!" or "!!": definitions and parts that are read only under a condition. */
#include "core/script/parse.h"
#include "core/base/buf.h"

#include <stdlib.h>

#define EVALUATED_MORE 4096u /* bytes that names may stand for in one text */

bool parse_is_name_char(char c)
{
	return char_is_digit(c) || c == '_' || (char_lower(c) >= 'a' && char_lower(c) <= 'z');
}

static struct str take_word(struct str *rest)
{
	size_t n = 0;
	struct str word;

	*rest = str_trim(*rest);
	while (n < rest->n && parse_is_name_char(rest->p[n]))
		n++;
	word = str_head(*rest, n);
	*rest = str_trim(str_skip(*rest, n));
	return word;
}

static struct define *find(struct parse *p, struct str name)
{
	struct define *d = p->ast->defines;

	while (d && !str_eq(d->name, name))
		d = d->next;
	return d;
}

const struct define *parse_defined(struct parse *p, struct str name)
{
	return find(p, name);
}

/* Where a comment begins behind white space, outside of quotes. */
static size_t comment_at(struct str text)
{
	char quote = 0;

	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool begins = c == '#' || (c == '/' && i + 1 < text.n && text.p[i + 1] == '/');

		if (quote && c == '\\')
			i++;
		else if (quote)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (begins && (i == 0 || text.p[i - 1] == ' ' || text.p[i - 1] == '\t'))
			return i;
	}
	return text.n;
}

/* The text behind the name: continued lines are joined as they stand, a comment behind white space ends it. */
static struct str define_text(struct parse *p, struct str rest)
{
	char *out = parse_alloc(p, rest.n + 1);
	struct str text;
	size_t n = 0;

	for (size_t i = 0; i < rest.n; i++) {
		bool joined = rest.p[i] == '\\' && i + 1 < rest.n && rest.p[i + 1] == '\n';

		if (joined)
			i++;
		else
			out[n++] = rest.p[i];
	}
	text = str_of(out, n);
	return str_trim(str_head(text, comment_at(text)));
}

void parse_define(struct parse *p, struct str name, struct str text, struct pos at)
{
	struct define *d = find(p, name);

	for (size_t i = 0; i < name.n || !i; i++) {
		if (i < name.n && parse_is_name_char(name.p[i]))
			continue;
		diag_error(p->diag, at, NULL,
			   "a defined name has letters, digits and \"_\": \"" STRF "\"",
			   STRA(name));
		return;
	}
	if (!d) {
		d = parse_alloc(p, sizeof(*d));
		d->name = pool_str(p->pool, name);
		if (!d->name.p)
			parse_no_memory(p);
		d->next = p->ast->defines;
		p->ast->defines = d;
	}
	d->text = text;
}

static void define(struct parse *p, struct str verb, struct str rest, struct pos at)
{
	struct str name = take_word(&rest);
	const struct define *d = find(p, name);

	if (!name.n) {
		diag_error(p->diag, at, NULL, "#!" STRF " needs a name", STRA(verb));
	} else if (d && str_starts(verb, STR("def"))) {
		diag_error(p->diag, at, "#!redefine changes it", "\"" STRF "\" is already defined",
			   STRA(name));
	} else if (!d || str_starts(verb, STR("re"))) {
		parse_define(p, name, define_text(p, rest), at);
	}
}

/* What an environment variable says, as it stands or as a text: "defenv NAME", "defenvs NAME=VARIABLE". */
static void define_env(struct parse *p, struct str verb, struct str rest, struct pos at)
{
	bool maybe = str_starts(verb, STR("try")), quoted = verb.p[verb.n - 1] == 's';
	struct str name = take_word(&rest), variable = name, value;
	const char *variable_z;
	struct buf b;

	if (rest.n && rest.p[0] == '=') {
		rest = str_skip(rest, 1);
		variable = take_word(&rest);
	}
	variable_z = pool_str_z(p->pool, variable);
	if (!variable_z)
		parse_no_memory(p);
	value = str_z(getenv(variable_z));
	if (!name.n || !variable.n) {
		diag_error(p->diag, at, NULL, "#!" STRF " needs a name", STRA(verb));
	} else if (!value.p && !maybe) {
		diag_error(p->diag, at, "#!trydefenv goes on without it",
			   "the environment has no \"" STRF "\"", STRA(variable));
	} else if (value.p) {
		b = buf_over(parse_alloc(p, value.n + 3), value.n + 3);
		buf_fmt(&b, quoted ? "\"" STRF "\"" : STRF, STRA(value));
		parse_define(p, name, buf_str(&b), at);
	}
}

/* "defexp NAME expression": its value; "defexps": as a text. */
static void define_expr(struct parse *p, struct str verb, struct str rest, struct pos at)
{
	struct str name = take_word(&rest);
	bool quoted = verb.p[verb.n - 1] == 's';
	struct value v;
	struct buf b;
	size_t cap;

	if (!name.n || !rest.n) {
		diag_error(p->diag, at, NULL, "#!" STRF " needs a name and an expression",
			   STRA(verb));
		return;
	}
	v = parse_define_expr(p, define_text(p, rest), at);
	cap = v.s.n + 32;
	b = buf_over(parse_alloc(p, cap), cap);
	if (quoted)
		buf_char(&b, '"');
	if (v.type == VALUE_INT)
		buf_int(&b, v.i);
	else
		buf_str_put(&b, v.s);
	if (quoted)
		buf_char(&b, '"');
	parse_define(p, name, buf_str(&b), at);
}

static void undefine(struct parse *p, struct str rest)
{
	struct str name = take_word(&rest);
	struct define **at = &p->ast->defines;

	while (*at && !str_eq((*at)->name, name))
		at = &(*at)->next;
	if (*at)
		*at = (*at)->next;
}

static bool begin_if(struct parse *p, struct str verb, struct str rest, struct pos at)
{
	struct open_mark *m = parse_alloc(p, sizeof(*m));
	struct str name = rest;
	struct value v;

	name = take_word(&name);
	m->at = at;
	if (str_eq(verb, STR("ifexp"))) {
		v = parse_define_expr(p, define_text(p, rest), at);
		m->was_true = parse_value_is_true(&v);
	} else {
		if (!name.n)
			diag_error(p->diag, at, NULL, "#!" STRF " needs a name", STRA(verb));
		m->was_true = (find(p, name) != NULL) == str_eq(verb, STR("ifdef"));
	}
	m->below = p->ifs;
	p->ifs = m;
	return !m->was_true;
}

/* #!else: true when what follows is skipped. */
static bool turn_if(struct parse *p, struct pos at)
{
	if (!p->ifs || p->ifs->seen_else) {
		diag_error(p->diag, at, NULL, "this #!else belongs to no #!ifdef");
		return false;
	}
	p->ifs->seen_else = true;
	return p->ifs->was_true;
}

static void end_if(struct parse *p, struct pos at)
{
	if (p->ifs)
		p->ifs = p->ifs->below;
	else
		diag_error(p->diag, at, NULL, "this #!endif belongs to no #!ifdef");
}

/* Words that say which router a script was written for. */
static bool is_banner(struct str word)
{
	static const struct str banners[] = { STR_INIT("KAMAILIO"),  STR_INIT("SER"),
					      STR_INIT("OPENSER"),   STR_INIT("ALL"),
					      STR_INIT("MAXCOMPAT"), STR_INIT("OPENSIPS"),
					      STR_INIT("SERAC") };

	for (size_t i = 0; i < sizeof(banners) / sizeof(*banners); i++)
		if (str_eq_nocase(banners[i], word))
			return true;
	return false;
}

/* The line without its "#!" or "!!". */
static struct str directive(struct str line)
{
	return str_skip(str_trim(line), 2);
}

typedef void directive_cb(struct parse *p, struct str verb, struct str rest, struct pos at);

static void directive_undef(struct parse *p, struct str verb, struct str rest, struct pos at)
{
	(void)verb;
	(void)at;
	undefine(p, rest);
}

static void directive_endif(struct parse *p, struct str verb, struct str rest, struct pos at)
{
	(void)verb;
	(void)rest;
	end_if(p, at);
}

static const struct {
	struct str verb;
	directive_cb *call;
} directives[] = {
	{ STR_INIT("define"), define },
	{ STR_INIT("def"), define },
	{ STR_INIT("redefine"), define },
	{ STR_INIT("redef"), define },
	{ STR_INIT("trydefine"), define },
	{ STR_INIT("trydef"), define },
	{ STR_INIT("undef"), directive_undef },
	{ STR_INIT("undefine"), directive_undef },
	{ STR_INIT("defenv"), define_env },
	{ STR_INIT("defenvs"), define_env },
	{ STR_INIT("trydefenv"), define_env },
	{ STR_INIT("trydefenvs"), define_env },
	{ STR_INIT("defexp"), define_expr },
	{ STR_INIT("defexps"), define_expr },
	{ STR_INIT("subst"), parse_substitute },
	{ STR_INIT("substdef"), parse_substitute },
	{ STR_INIT("substdefs"), parse_substitute },
	{ STR_INIT("endif"), directive_endif },
};

static void unknown_directive(struct parse *p, struct str word, struct pos at)
{
	struct nearest near = nearest_to(word);

	if (is_banner(word) || at.line == 1)
		return;
	for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++)
		nearest_offer(&near, directives[i].verb);
	nearest_offer(&near, STR("ifdef"));
	nearest_offer(&near, STR("ifndef"));
	nearest_offer(&near, STR("ifexp"));
	nearest_offer(&near, STR("else"));
	diag_warn(p->diag, at, "a comment has a blank behind \"#\"",
		  "\"#!" STRF "\" is not known and left out%s", STRA(word),
		  nearest_z(&near, p->pool));
}

bool parse_directive(struct parse *p, struct str line, struct pos at)
{
	struct str rest = directive(line), word = take_word(&rest);

	if (str_eq(word, STR("ifdef")) || str_eq(word, STR("ifndef")) || str_eq(word, STR("ifexp")))
		return begin_if(p, word, rest, at);
	if (str_eq(word, STR("else")))
		return turn_if(p, at);
	for (size_t i = 0; i < sizeof(directives) / sizeof(*directives); i++) {
		if (!str_eq(directives[i].verb, word))
			continue;
		directives[i].call(p, word, rest, at);
		return false;
	}
	unknown_directive(p, word, at);
	return false;
}

bool parse_skipped_directive(struct parse *p, struct str line, struct pos at)
{
	struct str rest = directive(line), word = take_word(&rest);

	if (str_eq(word, STR("ifdef")) || str_eq(word, STR("ifndef")) ||
	    str_eq(word, STR("ifexp"))) {
		p->skip_depth++;
		return true;
	}
	if (p->skip_depth) {
		if (str_eq(word, STR("endif")))
			p->skip_depth--;
		return true;
	}
	if (str_eq(word, STR("else")))
		return turn_if(p, at);
	if (str_eq(word, STR("endif"))) {
		end_if(p, at);
		return false;
	}
	return true;
}

/* --- $def(NAME) and $env(NAME) in texts that are read before there are variables -------------------------------------------------- */

static bool value_of(struct parse *p, bool is_env, struct str name, struct str *value_r)
{
	const struct define *d = find(p, name);
	const char *name_z;

	if (!is_env) {
		*value_r = d ? d->text : STR_NULL;
		return d;
	}
	name_z = pool_str_z(p->pool, name);
	if (!name_z)
		parse_no_memory(p);
	*value_r = str_z(getenv(name_z));
	return value_r->p;
}

struct str parse_evaluated(struct parse *p, struct str text, struct pos at)
{
	char *room = parse_alloc(p, text.n + EVALUATED_MORE);
	unsigned errors = p->diag->errors;
	struct buf out = buf_over(room, text.n + EVALUATED_MORE);

	while (text.n) {
		bool is_env = str_starts(text, STR("$env("));
		ssize_t end = str_chr(text, ')');
		struct str name, value;

		if (end < 0 || (!is_env && !str_starts(text, STR("$def(")))) {
			buf_char(&out, *text.p);
			text = str_skip(text, 1);
			continue;
		}
		name = str_of(text.p + 5, (size_t)end - 5);
		if (value_of(p, is_env, name, &value))
			buf_str_put(&out, value);
		else
			diag_error(p->diag, at, NULL,
				   is_env ? "the environment has no \"" STRF "\""
					  : "there is no #!define " STRF,
				   STRA(name));
		text = str_skip(text, (size_t)end + 1);
	}
	if (!buf_ok(&out))
		diag_error(p->diag, at, NULL, "this text becomes too long");
	return p->diag->errors == errors ? buf_str(&out) : STR_NULL;
}

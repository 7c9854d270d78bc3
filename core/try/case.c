/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of a test file, each known by its first word. */
#include "core/try/case.h"

#include <stdlib.h>

struct reader {
	struct pool *pool;
	struct str rest;
	unsigned line; /* of what was read last */
	struct case_file *f;
	struct test_case *last;
	struct step **end; /* where the next step is put */
	bool stirred;	   /* a message came in this test */
	unsigned errors;
	FILE *out;
};

static void wrong(struct reader *r, unsigned line, const char *what, struct str detail,
		  const char *hint)
{
	fprintf(r->out, "%s:%u: %s", r->f->path_z, line, what);
	if (!str_is_null(detail))
		fprintf(r->out, " \"" STRF "\"", STRA(detail));
	fprintf(r->out, "\n");
	if (hint)
		fprintf(r->out, "  hint: %s\n", hint);
	r->errors++;
}

static bool peek(const struct reader *r, struct str *line_r)
{
	struct str rest = r->rest;

	if (!rest.n || !str_split(&rest, '\n', line_r))
		return false;
	if (line_r->n && line_r->p[line_r->n - 1] == '\r')
		line_r->n--;
	return true;
}

static void advance(struct reader *r)
{
	struct str line;

	str_split(&r->rest, '\n', &line);
	r->line++;
}

static bool is_indented(struct str line)
{
	return line.n && (line.p[0] == ' ' || line.p[0] == '\t') && str_trim(line).n;
}

/* The blanks before a line's text. */
static size_t indentation(struct str line)
{
	size_t n = 0;

	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	return n;
}

/* True when an indented line follows behind the empty ones. */
static bool block_goes_on(const struct reader *r)
{
	struct reader ahead = *r;
	struct str line;

	while (peek(&ahead, &line) && !str_trim(line).n)
		advance(&ahead);
	return peek(&ahead, &line) && is_indented(line);
}

/* The indented lines that follow, each ended by LF, less the indentation of the first. */
static struct str block(struct reader *r)
{
	struct buf b;
	struct str line;
	size_t indent;

	if (!peek(r, &line) || !is_indented(line))
		return STR_NULL;
	indent = indentation(line);
	b = buf_over(pool_alloc(r->pool, r->rest.n + 1), r->rest.n + 1);
	if (!b.p)
		return STR_NULL;
	while (peek(r, &line) && (is_indented(line) || (!str_trim(line).n && block_goes_on(r)))) {
		size_t has = indentation(line);

		buf_str_put(&b, str_skip(line, has < indent ? has : indent));
		buf_char(&b, '\n');
		advance(r);
	}
	return buf_str(&b);
}

/* The first word of *text; *text is what stands behind it. */
static struct str word_take(struct str *text)
{
	struct str t = str_trim(*text), word;
	size_t n = 0;

	while (n < t.n && t.p[n] != ' ' && t.p[n] != '\t')
		n++;
	word = str_head(t, n);
	*text = str_trim(str_skip(t, n));
	return word;
}

static struct str unquoted(struct str s)
{
	if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
		return str_of(s.p + 1, s.n - 2);
	return s;
}

/* --- expectations ---------------------------------------------------------------------------------------------------------------------- */
#define TAKES_NAME 1u
#define TAKES_HOW  2u
#define NEEDS_TEXT 4u
#define NO_TEXT	   8u

static const struct expect_def {
	const char *word;
	enum expect_what what;
	unsigned flags;
} expect_defs[] = {
	{ "reply", EXPECT_REPLY, 0 },
	{ "relayed", EXPECT_RELAYED, 0 },
	{ "nothing", EXPECT_NOTHING, NO_TEXT },
	{ "dropped", EXPECT_NOTHING, NO_TEXT },
	{ "header", EXPECT_HEADER, TAKES_NAME | TAKES_HOW },
	{ "ruri", EXPECT_RURI, TAKES_HOW | NEEDS_TEXT },
	{ "body", EXPECT_BODY, TAKES_HOW },
	{ "first-line", EXPECT_FIRST_LINE, TAKES_HOW | NEEDS_TEXT },
	{ "socket", EXPECT_SOCKET, NEEDS_TEXT },
	{ "route", EXPECT_ROUTE, NEEDS_TEXT },
	{ "log", EXPECT_LOG, TAKES_HOW | NEEDS_TEXT },
};
#define EXPECT_DEFS (sizeof(expect_defs) / sizeof(expect_defs[0]))

static const char expect_hint[] =
	"reply, relayed, nothing, header NAME, ruri, body, first-line, socket, route or log may be "
	"expected, each with \"no\" before it";

static const struct expect_def *expect_find(struct str word)
{
	for (size_t i = 0; i < EXPECT_DEFS; i++)
		if (str_eq(word, str_z(expect_defs[i].word)))
			return &expect_defs[i];
	return NULL;
}

static bool how_take(struct str *text, enum expect_how *how_r)
{
	static const struct {
		const char *word;
		enum expect_how how;
	} hows[] = {
		{ "=", HOW_EQUAL },   { "==", HOW_EQUAL },   { "!=", HOW_DIFFERS },
		{ "~", HOW_MATCHES }, { "=~", HOW_MATCHES }, { "!~", HOW_MATCHES_NOT },
	};
	struct str rest = *text, word = word_take(&rest);

	for (size_t i = 0; i < sizeof(hows) / sizeof(hows[0]); i++) {
		if (!str_eq(word, str_z(hows[i].word)))
			continue;
		*how_r = hows[i].how;
		*text = rest;
		return true;
	}
	return false;
}

static void pattern_make(struct reader *r, struct expect *e)
{
	struct regex_error why;
	int err = regex_new(r->pool, e->text, REGEX_CASE, &e->re, &why);

	if (err)
		wrong(r, r->line, "cannot use this as a regular expression:", e->text,
		      err == -12 ? "no memory" : why.text);
}

static void expect_parse(struct reader *r, struct step *s)
{
	struct str text = s->text, word = word_take(&text);
	struct expect *e = &s->expect;
	const struct expect_def *d;

	if (str_eq(word, STR("no")) || str_eq(word, STR("not"))) {
		e->negated = true;
		word = word_take(&text);
	}
	d = expect_find(word);
	if (!d) {
		wrong(r, s->line, "unknown expectation", word, expect_hint);
		return;
	}
	e->what = d->what;
	if (d->flags & TAKES_NAME) {
		e->name = word_take(&text);
		if (e->name.n && e->name.p[e->name.n - 1] == ':')
			e->name.n--;
		if (!e->name.n)
			wrong(r, s->line, "the name of the header field is missing", STR_NULL,
			      "expect header Max-Forwards = 69");
	}
	if (d->flags & TAKES_HOW && text.n && !how_take(&text, &e->how) && e->what != EXPECT_LOG)
		wrong(r, s->line, "\"=\", \"!=\", \"~\" or \"!~\" is needed before", text,
		      "\"=\" is exact, \"~\" a regular expression");
	e->text = text;
	if (!text.n &&
	    (d->flags & NEEDS_TEXT || e->how == HOW_MATCHES || e->how == HOW_MATCHES_NOT))
		wrong(r, s->line, "what is expected is missing behind", word, NULL);
	if (text.n && d->flags & NO_TEXT)
		wrong(r, s->line, "nothing may follow behind", word, NULL);
	if ((e->how == HOW_MATCHES || e->how == HOW_MATCHES_NOT) && text.n)
		pattern_make(r, e);
}

/* --- lines --------------------------------------------------------------------------------------------------------------------------------- */
static struct step *step_new(struct reader *r, enum step_kind kind, struct str said,
			     struct str text)
{
	struct step *s = pool_zalloc(r->pool, sizeof(*s));

	if (!s) {
		wrong(r, r->line, "no memory", STR_NULL, NULL);
		return NULL;
	}
	s->kind = kind;
	s->line = r->line;
	s->said = said;
	s->text = text;
	*r->end = s;
	r->end = &s->next;
	return s;
}

static bool has_expectation(const struct step *s)
{
	for (; s; s = s->next)
		if (s->kind == STEP_EXPECT)
			return true;
	return false;
}

static void test_ends(struct reader *r)
{
	if (r->last && !has_expectation(r->last->steps))
		wrong(r, r->last->line, "this test expects nothing:", r->last->name,
		      "add a line like \"expect reply 200\"");
}

static void test_begins(struct reader *r, struct str name)
{
	struct test_case *c = pool_zalloc(r->pool, sizeof(*c));

	test_ends(r);
	if (!c) {
		wrong(r, r->line, "no memory", STR_NULL, NULL);
		return;
	}
	if (!name.n)
		wrong(r, r->line, "the test has no name", STR_NULL, "test what it is about");
	c->name = name;
	c->line = r->line;
	if (r->last)
		r->last->next = c;
	else
		r->f->cases = c;
	r->last = c;
	r->end = &c->steps;
	r->stirred = false;
	r->f->cases_n++;
}

static void script_named(struct reader *r, struct str name)
{
	ssize_t slash = str_rchr(str_z(r->f->path_z), '/');
	struct buf b = buf_over(pool_alloc(r->pool, strlen(r->f->path_z) + name.n + 1),
				strlen(r->f->path_z) + name.n + 1);

	name = unquoted(name);
	if (!name.n || !b.p) {
		wrong(r, r->line, "the script's name is missing", STR_NULL, "script serac.cfg");
		return;
	}
	if (r->f->script_z)
		wrong(r, r->line, "a file of tests has one script:", name,
		      "write tests of another script into a file of their own");
	if (name.p[0] == '/')
		slash = -1;
	while (slash > 0 && str_starts(name, STR("../"))) {
		struct str folder = str_of(r->f->path_z, (size_t)slash);
		ssize_t above = str_rchr(folder, '/');

		if (str_eq(str_skip(folder, (size_t)(above + 1)), STR("..")))
			break;
		slash = above;
		name = str_skip(name, 3);
	}
	if (slash >= 0)
		buf_mem(&b, r->f->path_z, (size_t)slash + 1);
	buf_str_put(&b, name);
	r->f->script_z = buf_z(&b);
	r->f->script_line = r->line;
}

static const struct line_def {
	const char *word;
	enum step_kind kind;
	bool in_test;	  /* not before the first test */
	bool takes_lines; /* indented ones may follow */
	const char *example;
} line_defs[] = {
	{ "from", STEP_FROM, false, false, "from udp:192.0.2.1:5060" },
	{ "to", STEP_TO, false, false, "to udp:127.0.0.1:5060" },
	{ "tls-peer", STEP_TLS_PEER, false, false, "tls-peer bob.pem" },
	{ "dns", STEP_DNS, false, false, "dns gw.example.com 192.0.2.7" },
	{ "request", STEP_REQUEST, true, true, "request INVITE sip:bob@example.com" },
	{ "message", STEP_MESSAGE, true, true, "message invite.sip" },
	{ "reply", STEP_REPLY, true, true, "reply 200 OK" },
	{ "expect", STEP_EXPECT, true, false, "expect reply 404" },
};
#define LINE_DEFS (sizeof(line_defs) / sizeof(line_defs[0]))

static void step_check(struct reader *r, const struct line_def *d, struct step *s)
{
	bool whole = d->kind == STEP_MESSAGE;
	struct str text = s->text;

	if (d->in_test && !r->last)
		wrong(r, s->line, "no test has begun before", str_z(d->word),
		      "write a line \"test NAME\" before it");
	if (!text.n && !(whole && !str_is_null(s->lines)))
		wrong(r, s->line, "something is missing behind", str_z(d->word), d->example);
	if (whole && text.n && !str_is_null(s->lines))
		wrong(r, s->line, "a message is in a file or written below, not both", STR_NULL,
		      NULL);
	if (d->kind == STEP_REQUEST && (word_take(&text).n == 0 || !text.n))
		wrong(r, s->line, "a request has a method and a URI, not", s->text, d->example);
	if (d->kind == STEP_REPLY &&
	    (text.n < 3 || str_uint(str_head(text, 3), 699, &(uint64_t){ 0 })))
		wrong(r, s->line, "a reply begins with its code, not with", text, d->example);
	if (d->kind == STEP_EXPECT && !r->stirred)
		wrong(r, s->line, "no message came before this expectation", STR_NULL,
		      "a line with request or message belongs before it");
	if (d->kind == STEP_EXPECT && text.n)
		expect_parse(r, s);
	if (d->takes_lines)
		r->stirred = true;
}

static void line_parse(struct reader *r, struct str line)
{
	struct str said = str_trim(line), text = said, word = word_take(&text);
	unsigned at = r->line;

	if (str_eq(word, STR("script"))) {
		script_named(r, text);
		return;
	}
	if (str_eq(word, STR("test"))) {
		test_begins(r, unquoted(text));
		return;
	}
	for (size_t i = 0; i < LINE_DEFS; i++) {
		const struct line_def *d = &line_defs[i];
		struct step *s;

		if (!str_eq(word, str_z(d->word)))
			continue;
		s = step_new(r, d->kind, said, unquoted(text));
		if (s && d->takes_lines)
			s->lines = block(r);
		if (s)
			step_check(r, d, s);
		return;
	}
	wrong(r, at,
	      "a line begins with script, test, from, to, tls-peer, dns, request, message, "
	      "reply or expect, not with",
	      word,
	      is_indented(line) ? "only request, message and reply have lines below them" : NULL);
}

unsigned case_file_parse(struct pool *p, const char *path_z, struct str text, FILE *out,
			 struct case_file *f_r)
{
	struct reader r = { .pool = p, .rest = text, .out = out, .f = f_r };
	struct str line;

	*f_r = (struct case_file){ .path_z = path_z };
	r.end = &f_r->common;
	while (peek(&r, &line)) {
		advance(&r);
		if (str_trim(line).n && str_trim(line).p[0] != '#')
			line_parse(&r, line);
	}
	test_ends(&r);
	if (!f_r->script_z)
		wrong(&r, 1, "no line names the script", STR_NULL, "script serac.cfg");
	if (!f_r->cases)
		wrong(&r, r.line, "there is no test in this file", STR_NULL, "test NAME");
	return r.errors;
}

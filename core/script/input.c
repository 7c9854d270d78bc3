/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the lexer reads from: files, what they include, and what names are defined as. */
#include "core/script/parse.h"

#include <errno.h>

#define INPUT_DEPTH_MAX 32u
#define BYTES_MAX	(32u * 1024 * 1024) /* of all files and expanded names */

_Noreturn void parse_no_memory(struct parse *p)
{
	longjmp(p->fatal, 1);
}

void *parse_alloc(struct parse *p, size_t n)
{
	void *m = pool_zalloc(p->pool, n);

	if (!m)
		parse_no_memory(p);
	return m;
}

/* flex writes into what it scans: it gets a copy, in which the last line of a file has its end. */
static void push(struct parse *p, struct input *in, struct str text)
{
	size_t n = in->define ? text.n : text.n + 1;
	char *copy = parse_alloc(p, n + 2);

	if (text.n)
		memcpy(copy, text.p, text.n);
	if (n > text.n)
		copy[text.n] = '\n';
	in->buffer = lex_push(p->scanner, copy, n);
	if (!in->buffer)
		parse_no_memory(p);
	in->below = p->input;
	p->input = in;
	p->input_depth++;
	p->bytes += text.n;
}

void parse_push_file(struct parse *p, struct source *src)
{
	struct input *in = parse_alloc(p, sizeof(*in));
	uint32_t mark = str_starts(src->text, STR("\xef\xbb\xbf")) ? 3 : 0; /* of UTF-8 */

	src->index = p->sources_n++;
	*p->source_tail = src;
	p->source_tail = &src->next;
	in->src = src;
	in->at = (struct pos){ .src = src, .line = 1, .col = 1, .at = mark };
	push(p, in, str_skip(src->text, mark));
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

/* What stands behind the word, in quotes or bare. */
static struct str path_in(struct parse *p, struct str statement, struct pos at)
{
	struct str rest = statement;
	ssize_t quote = str_chr(rest, '"');

	if (quote < 0)
		quote = str_chr(rest, '\'');
	if (quote >= 0) {
		ssize_t end = str_rchr(rest, rest.p[quote]);

		return parse_substituted(p, str_between(rest.p + quote + 1, rest.p + end), at);
	}
	while (rest.n && rest.p[0] != ' ' && rest.p[0] != '\t')
		rest = str_skip(rest, 1);
	rest = str_trim(rest);
	if (rest.n && rest.p[rest.n - 1] == ';')
		rest.n--;
	return str_trim(rest);
}

void parse_include(struct parse *p, struct str statement, struct pos at)
{
	ssize_t import = str_find(statement, STR("import_file"));
	bool may_be_absent = import >= 0 && import <= 2;
	struct str path = path_in(p, statement, at);
	struct source *src;
	const char *path_z;
	int r;

	if (!may_push(p, at, 0))
		return;
	path_z = source_path(p->pool, p->input->src->name_z, path);
	if (!path_z)
		parse_no_memory(p);
	if (is_open(p, path_z)) {
		diag_error(p->diag, at, NULL, "\"%s\" includes itself", path_z);
		p->diag->syntax = true;
		return;
	}
	r = source_read_included(p->pool, path_z, &src);
	if (r == -ENOMEM)
		parse_no_memory(p);
	if (r == -ENOENT && may_be_absent)
		return;
	if (r < 0) {
		diag_error(p->diag, at, NULL, "could not read \"%s\": %s", path_z,
			   r == -EINVAL ? "not an ordinary file" : strerror(-r));
		p->diag->syntax = true;
		return;
	}
	parse_push_file(p, src);
}

bool parse_expand(struct parse *p, struct str name, struct pos at)
{
	struct define *d = p->ast->defines;
	struct input *in;

	while (d && !str_eq(d->name, name))
		d = d->next;
	if (!d || d->busy || !d->text.n)
		return false;
	if (!may_push(p, at, d->text.n))
		return false;
	in = parse_alloc(p, sizeof(*in));
	in->src = p->input->src;
	in->at = at;
	in->define = d;
	d->busy = true;
	push(p, in, d->text);
	return true;
}

bool parse_else_if(struct parse *p, struct str word, struct pos at)
{
	static const struct str words[] = { STR_INIT("elseif"), STR_INIT("elsif"),
					    STR_INIT("elif") };
	struct input *in;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!p->braces || !str_eq(words[i], word))
			continue;
		diag_error(p->diag, at, NULL, "\"" STRF "\" is written \"else if\"", STRA(word));
		in = parse_alloc(p, sizeof(*in));
		in->src = p->input->src;
		in->at = at;
		in->define = parse_alloc(p, sizeof(*in->define));
		push(p, in, STR("else if"));
		return true;
	}
	return false;
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

void parse_retreat(struct parse *p, size_t n)
{
	struct pos *at = &p->input->at;

	if (p->input->define)
		return;
	at->col -= (uint32_t)n;
	at->at -= (uint32_t)n;
}

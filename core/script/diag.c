/* SPDX-License-Identifier: BSD-2-Clause */
/* What a message about a script looks like. */
#include "core/script/diag.h"
#include "core/base/buf.h"

#include <stdarg.h>

struct diag_line {
	struct diag_line *next;
	struct pos at;
	bool is_error;
	struct str text;
	const char *hint_z;
};

void diag_init(struct diag *d, struct pool *pool)
{
	*d = (struct diag){ .pool = pool };
}

/* Behind all that stand at the same place or before: messages about one place keep their order. */
static void insert(struct diag *d, struct diag_line *l)
{
	struct diag_line **at = &d->first;

	while (*at && pos_cmp(&(*at)->at, &l->at) <= 0)
		at = &(*at)->next;
	l->next = *at;
	*at = l;
}

static bool is_said(const struct diag *d, const struct diag_line *l)
{
	for (const struct diag_line *o = d->first; o; o = o->next)
		if (pos_cmp(&o->at, &l->at) == 0 && o->is_error == l->is_error &&
		    str_eq(o->text, l->text))
			return true;
	return false;
}

__attribute__((format(printf, 5, 0))) static void add(struct diag *d, struct pos at, bool is_error,
						      const char *hint, const char *format,
						      va_list ap)
{
	char text[1024];
	int n = vsnprintf(text, sizeof(text), format, ap);
	struct diag_line *l = pool_zalloc(d->pool, sizeof(*l));

	if (l) {
		l->at = at;
		l->is_error = is_error;
		l->text = pool_str(d->pool,
				   str_of(text, n < 0			    ? 0
						: (size_t)n >= sizeof(text) ? sizeof(text) - 1
									    : (size_t)n));
		l->hint_z = hint ? pool_str_z(d->pool, str_z(hint)) : NULL;
		if (is_said(d, l))
			return;
	}
	if (is_error)
		d->errors++;
	else
		d->warnings++;
	if (!l || d->errors > DIAG_ERRORS_MAX || d->warnings > DIAG_WARNINGS_MAX)
		return;
	insert(d, l);
}

void diag_error(struct diag *d, struct pos at, const char *hint, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(d, at, true, hint, format, ap);
	va_end(ap);
}

void diag_warn(struct diag *d, struct pos at, const char *hint, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add(d, at, false, hint, format, ap);
	va_end(ap);
}

#define SHOWN_MAX    160u /* bytes of a line that are shown */
#define SHOWN_BEFORE 80u  /* of them before the place, where the line is longer */

static bool is_inside_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Moves to the beginning of a character. */
static uint32_t character_at(struct str line, uint32_t at)
{
	while (at < line.n && at && is_inside_character(line.p[at]))
		at--;
	return at;
}

static void print_text(struct str text, FILE *out)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		fputc((c < ' ' && c != '\t') || c == 127 ? '?' : c, out);
	}
}

/* One sign for each character: a blank or a tab below what stands before the place, tildes below the rest. */
static void print_caret(struct str line, uint32_t first, uint32_t n, FILE *out)
{
	for (uint32_t i = 0; i < first; i++)
		if (!is_inside_character(line.p[i]))
			fputc(line.p[i] == '\t' ? '\t' : ' ', out);
	fputc('^', out);
	for (uint32_t i = first + 1; i < first + n && i < line.n; i++)
		if (!is_inside_character(line.p[i]))
			fputc('~', out);
	fputc('\n', out);
}

/* The line as it stands, or the part of it around the place; control characters shown as '?'. */
static void print_line(const struct pos *at, FILE *out)
{
	struct str line = pos_line(at);
	uint32_t first = at->col - 1, from = 0;
	bool is_cut = false;

	if (!line.n || first > line.n)
		return;
	if (line.n > SHOWN_MAX && first > SHOWN_BEFORE)
		from = character_at(line, first - SHOWN_BEFORE);
	line = str_skip(line, from);
	first -= from;
	if (line.n > SHOWN_MAX) {
		line = str_head(line, character_at(line, SHOWN_MAX));
		is_cut = true;
	}
	fputs(from ? "  ..." : "  ", out);
	print_text(line, out);
	fputs(is_cut ? "...\n" : "\n", out);
	fputs(from ? "     " : "  ", out);
	print_caret(line, first, at->len, out);
}

void diag_print(const struct diag *d, FILE *out)
{
	for (const struct diag_line *l = d->first; l; l = l->next) {
		if (l->at.src)
			fprintf(out, "%s:%u:%u: ", l->at.src->name_z, l->at.line, l->at.col);
		fprintf(out, "%s" STRF "\n", l->is_error ? "" : "warning: ", STRA(l->text));
		if (l->at.src)
			print_line(&l->at, out);
		if (l->hint_z)
			fprintf(out, "  hint: %s\n", l->hint_z);
	}
	if (d->errors > DIAG_ERRORS_MAX)
		fprintf(out, "%u more errors are not shown\n", d->errors - DIAG_ERRORS_MAX);
	if (d->warnings > DIAG_WARNINGS_MAX)
		fprintf(out, "%u more warnings are not shown\n", d->warnings - DIAG_WARNINGS_MAX);
}

struct nearest nearest_to(struct str word)
{
	/* a short word may differ in one letter, a long one in a third of them */
	unsigned far = word.n < 5 ? 2 : word.n > 12 ? 5 : (unsigned)word.n / 4 + 2;

	return (struct nearest){ .word = word, .distance = far };
}

void nearest_offer(struct nearest *n, struct str candidate)
{
	unsigned d;

	if (!candidate.n || candidate.n > n->word.n + n->distance ||
	    n->word.n > candidate.n + n->distance)
		return;
	d = str_distance(n->word, candidate);
	if (d < n->distance) {
		n->distance = d;
		n->best = candidate;
	}
}

const char *nearest_z(const struct nearest *n, struct pool *pool)
{
	struct buf b;
	char *p;

	if (str_is_null(n->best))
		return "";
	p = pool_alloc(pool, n->best.n + 32);
	if (!p)
		return "";
	b = buf_over(p, n->best.n + 32);
	buf_fmt(&b, "; did you mean \"" STRF "\"?", STRA(n->best));
	return buf_z(&b);
}

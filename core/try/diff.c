/* SPDX-License-Identifier: BSD-2-Clause */
/* The longest common subsequence of lines, and hunks around what is not in it. */
#include "core/try/diff.h"

#include <sys/types.h>

#define AROUND 3u

struct lines {
	struct str *line;
	size_t n;
};

/* One line of the result. */
struct change {
	char sign; /* ' ', '-', '+' */
	struct str line;
};

static bool lines_of(struct pool *p, struct str text, struct lines *l_r)
{
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	*l_r = (struct lines){ .line = pool_alloc(p, n * sizeof(struct str)) };
	while (l_r->line && text.n && str_split(&text, '\n', &l_r->line[l_r->n])) {
		struct str *line = &l_r->line[l_r->n++];

		if (line->n && line->p[line->n - 1] == '\r')
			line->n--;
	}
	return l_r->line != NULL;
}

/* length[i][j]: of the longest common subsequence of a from i and b from j on. */
static bool table_make(struct pool *p, const struct lines *a, const struct lines *b,
		       uint16_t **table_r)
{
	size_t w = b->n + 1;
	uint16_t *t = pool_zalloc(p, (a->n + 1) * w * sizeof(*t));

	*table_r = t;
	if (!t)
		return false;
	for (size_t i = a->n; i-- > 0;) {
		for (size_t j = b->n; j-- > 0;) {
			uint16_t down = t[(i + 1) * w + j], right = t[i * w + j + 1];

			if (str_eq(a->line[i], b->line[j]))
				t[i * w + j] = (uint16_t)(t[(i + 1) * w + j + 1] + 1);
			else
				t[i * w + j] = down > right ? down : right;
		}
	}
	return true;
}

static size_t changes_make(const struct lines *a, const struct lines *b, const uint16_t *t,
			   struct change *c)
{
	size_t i = 0, j = 0, n = 0, w = b->n + 1;

	while (i < a->n || j < b->n) {
		if (t && i < a->n && j < b->n && str_eq(a->line[i], b->line[j])) {
			c[n++] = (struct change){ ' ', a->line[i++] };
			j++;
		} else if (i < a->n &&
			   (j == b->n || !t || t[(i + 1) * w + j] >= t[i * w + j + 1])) {
			c[n++] = (struct change){ '-', a->line[i++] };
		} else {
			c[n++] = (struct change){ '+', b->line[j++] };
		}
	}
	return n;
}

/* Where the hunk ends that begins at from: behind it are more than twice AROUND equal lines, or nothing. */
static size_t hunk_end(const struct change *c, size_t n, size_t from)
{
	size_t last = from;

	for (size_t i = from; i < n && i <= last + 2 * AROUND + 1; i++)
		if (c[i].sign != ' ')
			last = i;
	return last + AROUND + 1 < n ? last + AROUND + 1 : n;
}

static void hunk_put(struct buf *out, const struct change *c, size_t from, size_t to, size_t a_at,
		     size_t b_at)
{
	size_t a_n = 0, b_n = 0;

	for (size_t i = from; i < to; i++) {
		a_n += c[i].sign != '+';
		b_n += c[i].sign != '-';
	}
	buf_fmt(out, "@@ -%zu,%zu +%zu,%zu @@\n", a_n ? a_at + 1 : a_at, a_n, b_n ? b_at + 1 : b_at,
		b_n);
	for (size_t i = from; i < to; i++) {
		buf_char(out, c[i].sign);
		buf_str_put(out, c[i].line);
		buf_char(out, '\n');
	}
}

static void hunks_put(struct buf *out, const struct change *c, size_t n)
{
	size_t done = 0, a_at = 0, b_at = 0;

	for (size_t i = 0; i < n; i++) {
		size_t from, to;

		if (c[i].sign == ' ')
			continue;
		from = i > done + AROUND ? i - AROUND : done;
		to = hunk_end(c, n, i);
		a_at += from - done;
		b_at += from - done;
		hunk_put(out, c, from, to, a_at, b_at);
		for (size_t k = from; k < to; k++) {
			a_at += c[k].sign != '+';
			b_at += c[k].sign != '-';
		}
		done = to;
		i = to - 1;
	}
}

struct str diff_unified(struct pool *p, struct str a, struct str b)
{
	struct lines from, to;
	struct change *c;
	uint16_t *table = NULL;
	struct buf out;
	size_t n, room;

	if (!lines_of(p, a, &from) || !lines_of(p, b, &to))
		return STR_NULL;
	if (from.n <= DIFF_LINES_MAX && to.n <= DIFF_LINES_MAX &&
	    !table_make(p, &from, &to, &table))
		return STR_NULL;
	c = pool_alloc(p, (from.n + to.n + 1) * sizeof(*c));
	/* each line once with its sign, and at most one head of a hunk for each */
	room = a.n + b.n + (from.n + to.n) * 90 + 1;
	out = buf_over(pool_alloc(p, room), room);
	if (!c || !out.p)
		return STR_NULL;
	n = changes_make(&from, &to, table, c);
	hunks_put(&out, c, n);
	return buf_ok(&out) ? buf_str(&out) : STR_NULL;
}

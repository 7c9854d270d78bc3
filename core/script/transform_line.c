/* SPDX-License-Identifier: BSD-2-Clause */
/* Transformations of text that consists of lines (class line) and of values that may be missing (class val). */
#include "core/base/buf.h"
#include "core/msg/ctx.h"
#include "core/script/transform.h"

#include <errno.h>

/* Takes the first line off *rest, without its line end; false when nothing is left. */
static bool line_next(struct str *rest, struct str *line_r)
{
	ssize_t end;

	if (!rest->n)
		return false;
	end = str_chr(*rest, '\n');
	*line_r = end < 0 ? *rest : str_head(*rest, (size_t)end);
	*rest = str_skip(*rest, end < 0 ? rest->n : (size_t)end + 1);
	if (line_r->n && line_r->p[line_r->n - 1] == '\r')
		line_r->n--;
	return true;
}

static int64_t lines_of(struct str s)
{
	struct str line;
	int64_t n = 0;

	while (line_next(&s, &line))
		n++;
	return n;
}

static int count(struct transforming *t, struct str s, struct value *v)
{
	(void)t;
	*v = value_int(lines_of(s));
	return 0;
}

static int at(struct transforming *t, struct str s, struct value *v)
{
	int64_t n = t->argv[0].i;
	struct str line;

	if (n < 0)
		n += lines_of(s);
	*v = value_str(STR(""));
	while (n >= 0 && line_next(&s, &line))
		if (n-- == 0)
			*v = value_str(line);
	return 0;
}

static int starts_with(struct transforming *t, struct str s, struct value *v)
{
	struct str line;

	*v = value_str(STR(""));
	while (line_next(&s, &line)) {
		if (str_starts(line, t->argv[0].s)) {
			*v = value_str(line);
			break;
		}
	}
	return 0;
}

/* --- val -------------------------------------------------------------------------------------------------------------------------------------- */

enum { NULL_IS_ZERO, NULL_IS_EMPTY };

static int default_of(struct transforming *t, struct str s, struct value *v)
{
	(void)s;
	*v = *t->value;
	if (v->type == VALUE_NULL)
		*v = t->tag == NULL_IS_ZERO ? value_int(0) : value_str(STR(""));
	return 0;
}

enum { JSON_PLAIN, JSON_QUOTED };

/* Quoted is a number as it stands, text in quotes. */
static int json(struct transforming *t, struct str s, struct value *v)
{
	bool quoted = t->tag == JSON_QUOTED;
	struct buf b;
	int err;

	if (t->value->type == VALUE_INT) {
		*v = *t->value;
		return 0;
	}
	/* a byte becomes six at most */
	err = s.n > TRANSFORM_RESULT_MAX / 6 ? -EINVAL : transform_room(t, s.n * 6 + 2, &b);
	if (err)
		return err;
	if (quoted)
		buf_char(&b, '"');
	buf_json(&b, s);
	if (quoted)
		buf_char(&b, '"');
	*v = value_str(buf_str(&b));
	return buf_ok(&b) ? 0 : -EINVAL;
}

#define LINE(NAME, ARGS, USAGE, RUN, TYPE, HELP)                                                   \
	{                                                                                          \
		.name = NAME, .args = ARGS, .usage = USAGE, .run = RUN, .type = TYPE, .help = HELP \
	}
#define VAL(NAME, RUN, TAG, HELP)                                                                 \
	{                                                                                         \
		.name = NAME, .args = "", .usage = "", .run = RUN, .type = VALUE_STR, .tag = TAG, \
		.flags = TRANSFORM_EMPTY | TRANSFORM_NULL, .help = HELP                           \
	}

const struct transform_def transforms_line[] = {
	LINE("line.count", "", "", count, VALUE_INT, "how many lines it has"),
	LINE("line.at", "i", ",n", at, VALUE_STR,
	     "a line without its end, from 0, or from the last, -1, back; empty if there is none"),
	LINE("line.sw", "s", ",text", starts_with, VALUE_STR,
	     "the first line that starts with the text; empty if none does"),
	VAL("val.n0", default_of, NULL_IS_ZERO, "0 for null"),
	VAL("val.ne", default_of, NULL_IS_EMPTY, "empty text for null"),
	VAL("val.json", json, JSON_PLAIN, "escaped as the inside of a JSON string"),
	VAL("val.jsonqe", json, JSON_QUOTED, "as a JSON value: text in quotes, a number plain"),
	{ .name = NULL },
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* How text with attributes in it is taken apart and put together. */
#include "core/script/format.h"
#include "core/base/buf.h"
#include "core/msg/ctx.h"
#include "core/script/machine.h"
#include "core/script/ref.h"

#include <errno.h>
#include <stdio.h>

#define PIECES_MAX 256u

/* Plain text, or an attribute. */
struct piece {
	struct str text;
	struct attr_use attr; /* def NULL: text; or the last return code */
	bool is_rc;
};

struct format {
	unsigned flags;
	unsigned n;
	size_t fixed; /* bytes of plain text */
	struct piece pieces[];
};

/* A format being read. */
struct reading {
	const struct names *names;
	struct str text;
	size_t at;
	unsigned flags;
	struct piece *pieces;
	unsigned n;
	struct format_error *e;
};

/* SER's codes that are named otherwise than Kamailio's variables; the rest is "%xy" = "$xy". */
static const struct {
	struct str code, pv;
} codes[] = {
	{ STR_INIT("fn"), STR_INIT("$fn") },
	{ STR_INIT("mp"), STR_INIT("$pp") },
	{ STR_INIT("is"), STR_INIT("$si") },
	{ STR_INIT("ip"), STR_INIT("$sp") },
};

static int bad(struct reading *r, size_t n, const char *what)
{
	snprintf(r->e->text, sizeof(r->e->text), "%s", what);
	r->e->offset = r->at;
	r->e->n = n;
	return -EINVAL;
}

static bool is_name_start(char c)
{
	return c == '_' || (char_lower(c) >= 'a' && char_lower(c) <= 'z');
}

static bool is_name_char(char c)
{
	return is_name_start(c) || char_is_digit(c);
}

static size_t select_length(struct str s)
{
	size_t n = 0;

	while (n < s.n) {
		if (is_name_char(s.p[n])) {
			n++;
		} else if (s.p[n] == '.' && n + 1 < s.n && is_name_start(s.p[n + 1])) {
			n++;
		} else if (s.p[n] == '[' && str_chr(str_skip(s, n), ']') > 0) {
			n += (size_t)str_chr(str_skip(s, n), ']') + 1;
		} else {
			break;
		}
	}
	return n;
}

static int put_text(struct reading *r, struct str text)
{
	struct piece *last = r->n ? &r->pieces[r->n - 1] : NULL;

	if (!text.n)
		return 0;
	if (last && !last->attr.def && !last->is_rc && str_end(last->text) == text.p) {
		last->text.n += text.n;
		return 0;
	}
	if (r->n == PIECES_MAX)
		return bad(r, 1, "too many variables in one text");
	r->pieces[r->n++] = (struct piece){ .text = text };
	return 0;
}

static int put_attr(struct reading *r, struct str ref, size_t written)
{
	char text[sizeof(r->e->text)];
	struct buf why = BUF_ON(text);
	struct piece *p = &r->pieces[r->n];
	int err;

	if (r->n == PIECES_MAX)
		return bad(r, 1, "too many variables in one text");
	*p = (struct piece){ 0 };
	if (str_eq(ref, STR("$rc")) || str_eq(ref, STR("$?")) || str_eq(ref, STR("$retcode"))) {
		p->is_rc = true;
	} else {
		err = names_attribute(r->names, ref, &p->attr, &why);
		if (err == -ENOMEM)
			return err;
		if (err < 0)
			return bad(r, written, buf_z(&why));
	}
	r->n++;
	r->at += written;
	return 0;
}

/* How much of "$g.operator rest" is one of SER's attributes with a class: 0 when "$g" is a variable by itself, and the point text. */
static size_t class_length(struct reading *r, struct str s, size_t n)
{
	char ignored[sizeof(r->e->text)];
	struct buf why = BUF_ON(ignored);
	struct attr_use use;

	if (n + 1 >= s.n || s.p[n] != '.' || !is_name_start(s.p[n + 1]) ||
	    names_attribute(r->names, str_head(s, n), &use, &why) == 0)
		return 0;
	for (n += 2; n < s.n && is_name_char(s.p[n]);)
		n++;
	return names_attribute(r->names, str_head(s, n), &use, &why) == 0 ? n : 0;
}

static int dollar(struct reading *r)
{
	struct str s = str_skip(r->text, r->at);
	size_t n, whole;

	if (s.n > 1 && s.p[1] == '$') {
		r->at += 2;
		return put_text(r, str_head(s, 1));
	}
	n = ref_length(s);
	if (!n) {
		r->at++;
		return put_text(r, str_head(s, 1));
	}
	whole = class_length(r, s, n);
	if (whole)
		n = whole;
	return put_attr(r, str_head(s, n), n);
}

/* How much of s is one of SER's attributes, whose way to stand in a log line is "%$f.name". 0: it begins with none. */
static size_t ser_length(struct reading *r, struct str s)
{
	char ignored[sizeof(r->e->text)];
	struct buf why = BUF_ON(ignored);
	struct attr_use use;
	size_t n = s.n > 1 && s.p[0] == '$' ? ref_length(s) : 0;
	size_t whole = n ? class_length(r, s, n) : 0;

	if (whole || !n)
		return whole;
	if (names_attribute(r->names, str_head(s, n), &use, &why) < 0 || !use.def->pv)
		return 0;
	return *use.def->pv ? 0 : n;
}

static int percent(struct reading *r)
{
	struct str s = str_skip(r->text, r->at);
	bool xlog = r->flags & FORMAT_XLOG;
	char pv[4] = "$";
	struct attr_use use;
	char ignored[192];
	struct buf why = BUF_ON(ignored);
	size_t n;

	if (s.n > 2 && s.p[1] == '@' && is_name_start(s.p[2])) {
		n = select_length(str_skip(s, 2)) + 2;
		return put_attr(r, str_of(s.p + 1, n - 1), n);
	}
	if (xlog && s.n > 1 && s.p[1] == '%') {
		r->at += 2;
		return put_text(r, str_head(s, 1));
	}
	n = xlog ? ser_length(r, str_skip(s, 1)) : 0;
	if (n)
		return put_attr(r, str_of(s.p + 1, n), n + 1);
	if (xlog && s.n > 2) {
		struct str name;

		pv[1] = s.p[1];
		pv[2] = s.p[2];
		name = str_of(pv, 3);
		for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
			if (str_eq(codes[i].code, str_of(s.p + 1, 2)))
				name = codes[i].pv;
		if (names_attribute(r->names, name, &use, &why) == 0)
			return put_attr(r, name, 3);
	}
	r->at++;
	return put_text(r, str_head(s, 1));
}

static int read_all(struct reading *r)
{
	while (r->at < r->text.n) {
		size_t n = 0;
		struct str s = str_skip(r->text, r->at);
		int err;

		while (n < s.n && s.p[n] != '$' && s.p[n] != '%')
			n++;
		err = put_text(r, str_head(s, n));
		r->at += n;
		if (!err && r->at < r->text.n)
			err = r->text.p[r->at] == '$' ? dollar(r) : percent(r);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Into the arena, with the text and the keys. */
static int keep(struct reading *r, const struct format **format_r)
{
	struct format *f =
		arena_zalloc(r->names->conf->arena, sizeof(*f) + r->n * sizeof(f->pieces[0]));

	if (!f)
		return -ENOMEM;
	f->flags = r->flags;
	f->n = r->n;
	for (unsigned i = 0; i < r->n; i++) {
		struct piece *p = &f->pieces[i];

		*p = r->pieces[i];
		p->text = arena_str(r->names->conf->arena, p->text);
		if (r->pieces[i].text.p && !p->text.p)
			return -ENOMEM;
		f->fixed += p->text.n;
	}
	*format_r = f;
	return 0;
}

int format_compile(const struct names *names, struct str text, unsigned flags,
		   const struct format **format_r, struct format_error *e)
{
	struct pool *pool = pool_new(4096, 1024 * 1024);
	struct reading r = { .names = names, .text = text, .flags = flags, .e = e };
	int err = -ENOMEM;

	if (!pool)
		return -ENOMEM;
	r.pieces = pool_alloc(pool, PIECES_MAX * sizeof(*r.pieces));
	if (r.pieces)
		err = read_all(&r);
	if (!err)
		err = keep(&r, format_r);
	pool_drop(&pool);
	return err;
}

static bool is_one_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return true;
}

/* What one piece shows, numbers written into the pool. */
static int piece_text(const struct format *f, const struct piece *p, struct ctx *ctx,
		      struct str *text_r)
{
	struct value v = value_null();
	int err = 0;

	*text_r = p->text;
	if (!p->attr.def && !p->is_rc)
		return 0;
	if (p->is_rc)
		v = value_int(machine_rc(ctx));
	else
		err = attr_use_get(ctx, &p->attr, &v);
	if (!err)
		err = value_text(ctx->pool, &v, text_r);
	if (err < 0)
		return err;
	if (str_is_null(*text_r))
		*text_r = f->flags & FORMAT_XLOG ? STR("<null>") : STR("");
	return (f->flags & FORMAT_ONE_LINE) && !is_one_line(*text_r) ? -EBADMSG : 0;
}

int format_run(const struct format *f, struct ctx *ctx, struct str *text_r)
{
	struct str parts[PIECES_MAX];
	struct buf b;
	size_t n = 0;
	char *room;

	if (f->n == 0 || (f->n == 1 && !f->pieces[0].attr.def && !f->pieces[0].is_rc)) {
		*text_r = f->n ? f->pieces[0].text : STR("");
		return 0;
	}
	for (unsigned i = 0; i < f->n; i++) {
		int err = piece_text(f, &f->pieces[i], ctx, &parts[i]);

		if (err < 0)
			return err;
		n += parts[i].n;
		if (n > FORMAT_RESULT_MAX)
			return -E2BIG;
	}
	room = pool_alloc(ctx->pool, n);
	if (!room)
		return -ENOMEM;
	b = buf_over(room, n);
	for (unsigned i = 0; i < f->n; i++)
		buf_str_put(&b, parts[i]);
	*text_r = buf_str(&b);
	return 0;
}

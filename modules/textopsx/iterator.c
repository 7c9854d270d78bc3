/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks over header fields and over the lines of the body: up to four of each kind in one message, told apart by name. */
#include "modules/textopsx/textopsx.h"

#include <errno.h>

#define ITERATORS 4

struct iterator {
	struct str name;	  /* null: free */
	unsigned text;		  /* ctx->texts when it was started */
	bool begun;		  /* it was moved at least once */
	const struct sip_hdr *at; /* header fields; NULL: before the first or behind the last */
	struct str line;	  /* lines; null: none */
	struct str rest;	  /* of the body */
};

enum kind { KIND_HEADERS, KIND_LINES, KINDS };

struct iterators {
	struct iterator rows[KINDS][ITERATORS];
};

static struct iterators *iterators_of(struct ctx *ctx)
{
	static const char key;

	return ctx_data(ctx, &key, sizeof(struct iterators));
}

/* NULL: it was not started, or the message became another text since; logged when loud. */
static struct iterator *iterator_find(struct ctx *ctx, enum kind kind, struct str name, bool loud)
{
	struct iterators *all = iterators_of(ctx);
	const char *why_z = "it was not started";

	for (int i = 0; all && i < ITERATORS; i++) {
		struct iterator *it = &all->rows[kind][i];

		if (str_is_null(it->name) ? !str_is_null(name) : !str_eq(it->name, name))
			continue;
		if (str_is_null(name) || it->text == ctx->texts)
			return it;
		why_z = "the message was changed by msg_apply_changes() since it was started";
	}
	if (loud)
		log_limited(LOG_WARN, "textopsx", "cannot use an iterator", KV_STR("name", name),
			    KV_Z("why", why_z));
	return NULL;
}

/* Also one whose message is no longer there: it would hold its row, and edits_visible, for ever. */
static int end(struct ctx *ctx, enum kind kind, struct str name)
{
	struct iterators *all = iterators_of(ctx);

	for (int i = 0; all && name.n && i < ITERATORS; i++) {
		struct iterator *it = &all->rows[kind][i];

		if (!str_eq(it->name, name))
			continue;
		*it = (struct iterator){ 0 };
		ctx->holds--;
		return FN_TRUE;
	}
	return FN_FALSE;
}

/* A row for a new walk; one of the same name begins again. */
static struct iterator *start(struct ctx *ctx, enum kind kind, struct str name)
{
	struct iterator *it;
	struct str copy = pool_str(ctx->pool, name);

	(void)end(ctx, kind, name);
	it = name.n && copy.p ? iterator_find(ctx, kind, STR_NULL, false) : NULL;
	if (!it) {
		log_limited(LOG_WARN, "textopsx", "could not start an iterator",
			    KV_STR("name", name), KV_Z("hint", "four at a time can be open"));
		return NULL;
	}
	*it = (struct iterator){ .name = copy, .text = ctx->texts, .rest = ctx->msg->body };
	ctx->holds++;
	return it;
}

static int place_replace(struct ctx *ctx, const char *at, size_t n, struct str text)
{
	return message_replace(ctx, (size_t)(at - ctx->msg->buf.p), n, text);
}

/* --- header fields ---------------------------------------------------------------------------------------------------------------------- */
int fn_hf_iterator_start(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return start(ctx, KIND_HEADERS, argv[0].s) ? FN_TRUE : FN_FALSE;
}

int fn_hf_iterator_end(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return end(ctx, KIND_HEADERS, argv[0].s);
}

int fn_hf_iterator_next(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct iterator *it = iterator_find(ctx, KIND_HEADERS, argv[0].s, true);

	(void)argc;
	if (!it || (it->begun && !it->at))
		return FN_FALSE;
	it->at = it->begun ? it->at->next : ctx->msg->hdrs;
	it->begun = true;
	return it->at ? FN_TRUE : FN_FALSE;
}

int fn_hf_iterator_prev(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct iterator *it = iterator_find(ctx, KIND_HEADERS, argv[0].s, true);
	const struct sip_hdr *before = NULL;

	(void)argc;
	if (!it || !it->begun)
		return FN_FALSE;
	for (const struct sip_hdr *h = ctx->msg->hdrs; h != it->at; h = h->next)
		before = h;
	it->at = before;
	it->begun = before != NULL;
	return before ? FN_TRUE : FN_FALSE;
}

/* Where a header iterator stands; NULL: nowhere. */
static const struct sip_hdr *header_at(struct ctx *ctx, struct str name)
{
	struct iterator *it = iterator_find(ctx, KIND_HEADERS, name, true);

	return it ? it->at : NULL;
}

int fn_hf_iterator_rm(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sip_hdr *h = header_at(ctx, argv[0].s);
	int err = h ? header_drop(ctx, h) : -ENOENT;

	(void)argc;
	return err ? textopsx_failed("could not remove a header field", argv[0].s, err) : FN_TRUE;
}

static int header_beside(struct ctx *ctx, const struct value *argv, bool front)
{
	const struct sip_hdr *h = header_at(ctx, argv[0].s);
	int err =
		h ? header_add_at(ctx, argv[1].s, front ? h->whole.p : str_end(h->whole)) : -ENOENT;

	return err ? textopsx_failed("could not add a header field", argv[1].s, err) : FN_TRUE;
}

int fn_hf_iterator_append(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return header_beside(ctx, argv, false);
}

int fn_hf_iterator_insert(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return header_beside(ctx, argv, true);
}

int hf_iterator_name(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct sip_hdr *h = header_at(ctx, arg->key);

	*value_r = h ? value_str(h->name) : value_null();
	return 0;
}

int hf_iterator_body(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct sip_hdr *h = header_at(ctx, arg->key);
	struct str body = h ? sip_unfold(ctx->pool, h->body) : STR_NULL;

	*value_r = h ? value_str(body.p ? body : STR("")) : value_null();
	return h && h->body.p && !body.p ? -ENOMEM : 0;
}

/* --- lines of the body --------------------------------------------------------------------------------------------------------------------- */
int fn_bl_iterator_start(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return start(ctx, KIND_LINES, argv[0].s) ? FN_TRUE : FN_FALSE;
}

int fn_bl_iterator_end(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return end(ctx, KIND_LINES, argv[0].s);
}

int fn_bl_iterator_next(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct iterator *it = iterator_find(ctx, KIND_LINES, argv[0].s, true);
	ssize_t lf;

	(void)argc;
	if (!it)
		return FN_FALSE;
	lf = str_chr(it->rest, '\n');
	it->line = it->rest.n ? str_head(it->rest, lf < 0 ? it->rest.n : (size_t)lf + 1) : STR_NULL;
	it->rest = str_skip(it->rest, it->line.n);
	return it->line.n ? FN_TRUE : FN_FALSE;
}

static struct str line_at(struct ctx *ctx, struct str name)
{
	struct iterator *it = iterator_find(ctx, KIND_LINES, name, true);

	return it ? it->line : STR_NULL;
}

static int line_changed(struct str text, int err)
{
	return err ? textopsx_failed("could not change a line of the body", text, err) : FN_TRUE;
}

int fn_bl_iterator_rm(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str line = line_at(ctx, argv[0].s);

	(void)argc;
	return line_changed(line, line.n ? place_replace(ctx, line.p, line.n, STR_NULL) : -ENOENT);
}

int fn_bl_iterator_append(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str line = line_at(ctx, argv[0].s);

	(void)argc;
	return line_changed(argv[1].s,
			    line.n ? place_replace(ctx, str_end(line), 0, argv[1].s) : -ENOENT);
}

int fn_bl_iterator_insert(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str line = line_at(ctx, argv[0].s);

	(void)argc;
	return line_changed(argv[1].s, line.n ? place_replace(ctx, line.p, 0, argv[1].s) : -ENOENT);
}

int bl_iterator_value(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct str line = line_at(ctx, arg->key);

	*value_r = line.n ? value_str(line) : value_null();
	return 0;
}

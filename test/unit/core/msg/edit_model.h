/* SPDX-License-Identifier: BSD-2-Clause */
/* What edits should come to, found out in the simplest way: for each byte of the message whether it is gone and what was put before it. Random changes are
 * made to a context and to this model of it; what comes out must be the same. Used by a unit test and by a fuzzer. */
#ifndef TEST_EDIT_MODEL_H
#define TEST_EDIT_MODEL_H

#include "core/base/buf.h"
#include "core/msg/apply.h"
#include "core/msg/body.h"
#include "core/msg/header.h"

#include <errno.h>

#define MODEL_BYTES 8192u
#define MODEL_PUTS  1024u

/* Text put before a byte. */
struct model_put {
	struct str text;
	uint32_t instead; /* the removal that it stands for; 0: none */
	int next;	  /* at the same place; -1: none */
};

struct model {
	char text[MODEL_BYTES];
	size_t n, head, head_end, body;
	size_t clen, clen_n;		/* the value of Content-Length; clen_n 0: there is none */
	size_t clen_line, clen_line_n;	/* and its line */
	uint32_t gone[MODEL_BYTES + 1]; /* number of the removal; 0: it stays */
	int first[MODEL_BYTES + 1];	/* of puts; -1: none */
	struct model_put puts[MODEL_PUTS];
	int puts_n;
	uint32_t removals;
	bool body_changed;
	char out[4 * MODEL_BYTES];
};

/* Begins anew with a message that was parsed. False: it is too long. */
static inline bool model_begin(struct model *m, const struct sip_msg *msg)
{
	const struct sip_hdr *h = msg->first[HDR_CONTENT_LENGTH];
	const char *base = msg->buf.p;

	m->n = msg->buf.n;
	if (m->n > MODEL_BYTES)
		return false;
	memcpy(m->text, base, m->n);
	m->head = (size_t)(msg->headers.p - base);
	m->head_end = m->head + msg->headers.n;
	m->body = (size_t)(msg->body.p - base);
	m->clen_n = h ? h->body.n : 0;
	m->clen = h ? (size_t)(h->body.p - base) : 0;
	m->clen_line_n = h ? h->whole.n : 0;
	m->clen_line = h ? (size_t)(h->whole.p - base) : 0;
	memset(m->gone, 0, (m->n + 1) * sizeof(*m->gone));
	memset(m->first, -1, (m->n + 1) * sizeof(*m->first));
	m->puts_n = 0;
	m->removals = 0;
	m->body_changed = false;
	return true;
}

static inline bool model_is_full(const struct model *m)
{
	return m->puts_n + 16 > (int)MODEL_PUTS;
}

/* --- changes -------------------------------------------------------------------------------------------------------------------------------- */
static inline int model_change(struct model *m, size_t at, size_t n, struct str text)
{
	int *link = &m->first[at];

	for (size_t i = at; i < at + n; i++) {
		if (m->gone[i])
			return -EEXIST;
	}
	if (!n && at && m->gone[at] && m->gone[at] == m->gone[at - 1])
		return -EEXIST;
	if (n)
		m->removals++;
	for (size_t i = at; i < at + n; i++)
		m->gone[i] = m->removals;
	while (*link >= 0)
		link = &m->puts[*link].next;
	m->puts[m->puts_n] = (struct model_put){ text, n ? m->removals : 0, -1 };
	*link = m->puts_n++;
	m->body_changed = m->body_changed || at >= m->body;
	return 0;
}

/* Takes back what was changed wholly inside of the range; with the texts put before its first byte only if that went for them. */
static inline void model_forget(struct model *m, size_t at, size_t n)
{
	for (size_t i = at; i < at + n; i++) {
		for (int *link = &m->first[i]; *link >= 0;) {
			uint32_t id = m->puts[*link].instead;
			size_t end = i;

			while (id && end < m->n && m->gone[end] == id)
				end++;
			if (end > at + n || (i == at && !id)) {
				link = &m->puts[*link].next;
				continue;
			}
			for (size_t k = i; k < end; k++)
				m->gone[k] = 0;
			*link = m->puts[*link].next;
		}
	}
}

static inline int model_drop_line(struct model *m, size_t at, size_t n)
{
	bool all = true;

	for (size_t i = at; i < at + n; i++)
		all = all && m->gone[i];
	if (all)
		return 0;
	model_forget(m, at, n);
	return model_change(m, at, n, STR_NULL);
}

/* h and those of its name behind it; *count_r: so many. */
static inline int model_drop(struct model *m, const struct sip_msg *msg, const struct sip_hdr *h,
			     unsigned *count_r)
{
	int err = 0;

	for (*count_r = 0; h && !err; h = sip_hdr_next(h), ++*count_r)
		err = model_drop_line(m, (size_t)(h->whole.p - msg->buf.p), h->whole.n);
	return err;
}

static inline int model_replace(struct model *m, size_t at, size_t n, struct str text)
{
	size_t from = m->clen_line, to = from + m->clen_line_n;

	if (at < m->head || (at + n > m->head_end && at < m->body))
		return -EINVAL;
	if (at + n > from && at < to)
		return at >= from && at + n <= to ? 0 : -EINVAL;
	return model_change(m, at, n, text);
}

/* --- what comes out ----------------------------------------------------------------------------------------------------------------------------- */
static inline size_t model_body_length(const struct model *m)
{
	size_t n = 0;

	for (size_t i = m->body; i <= m->n; i++) {
		for (int p = m->first[i]; p >= 0; p = m->puts[p].next)
			n += m->puts[p].text.n;
		n += i < m->n && !m->gone[i];
	}
	return n;
}

static inline struct str model_text(struct model *m)
{
	struct buf b = BUF_ON(m->out);
	size_t length = model_body_length(m);

	for (size_t i = 0; i <= m->n; i++) {
		for (int p = m->first[i]; p >= 0; p = m->puts[p].next)
			buf_str_put(&b, m->puts[p].text);
		if (m->body_changed && i == m->head_end && (!m->clen_n || m->gone[m->clen]))
			buf_fmt(&b, "Content-Length: %zu\r\n", length);
		if (m->body_changed && m->clen_n && i == m->clen && !m->gone[i]) {
			buf_uint(&b, length);
			i += m->clen_n - 1;
		} else if (i < m->n && !m->gone[i]) {
			buf_char(&b, m->text[i]);
		}
	}
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

static inline unsigned model_headers(struct str text)
{
	unsigned n = 0;
	ssize_t end;

	/* the first line is none, the empty line ends them */
	while ((end = str_find(text, STR("\r\n"))) > 0) {
		text = str_skip(text, (size_t)end + 2);
		n += text.n && text.p[0] != ' ' && text.p[0] != '\t' && text.p[0] != '\r';
	}
	return n;
}

/* --- random changes, to both --------------------------------------------------------------------------------------------------------------------- */
static inline uint32_t model_choice(uint32_t *seed, size_t n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (uint32_t)((*seed >> 8) % n);
}

static const struct str model_texts[] = {
	STR_INIT("x"), STR_INIT(""),  STR_INIT("q w"), STR_INIT("longer than what it stands for"),
	STR_INIT(","), STR_INIT("7"),
};
static const struct str model_lines[] = {
	STR_INIT("X-New: 1\r\n"),
	STR_INIT("X-A: 1\r\nX-B: 2\r\n"),
	STR_INIT("Supported: path\r\n"),
	STR_INIT("X-Fold: 1\r\n 2\r\n"),
	STR_INIT("Content-Type: a/b\r\nX-C: 3\r\n"),
};
#define MODEL_ONE_OF(seed, array) (array)[model_choice(seed, sizeof(array) / sizeof((array)[0]))]

static inline struct sip_hdr *model_header(struct ctx *ctx, uint32_t *seed)
{
	struct sip_hdr *h = ctx->msg->hdrs;

	for (uint32_t n = model_choice(seed, 24); n; n--)
		h = h->next ? h->next : ctx->msg->hdrs;
	return h;
}

static inline size_t model_at(const struct ctx *ctx, const char *p)
{
	return (size_t)(p - ctx->msg->buf.p);
}

/* append_hf, insert_hf, with and without a name */
static inline bool model_adds(struct model *m, struct ctx *ctx, uint32_t *seed)
{
	struct str line = MODEL_ONE_OF(seed, model_lines);
	bool front = model_choice(seed, 2), named = model_choice(seed, 2);
	const struct sip_hdr *h = model_header(ctx, seed), *next = sip_msg_find(ctx->msg, h->name);
	struct str name = named ? h->name : STR_NULL;
	size_t at = front ? m->head : m->head_end;

	for (h = next; !front && (next = sip_hdr_next(h));)
		h = next;
	if (named)
		at = model_at(ctx, front ? h->whole.p : str_end(h->whole));
	return header_add(ctx, line, name, front) == model_change(m, at, 0, line);
}

/* Without it, or with another text in it, a message may be none. */
static inline bool model_is_vital(const struct sip_hdr *h)
{
	return h->id == HDR_VIA || h->id == HDR_FROM || h->id == HDR_TO || h->id == HDR_CALL_ID ||
	       h->id == HDR_CSEQ || h->id == HDR_MAX_FORWARDS;
}

/* remove_hf, but of what no message can be without */
static inline bool model_removes(struct model *m, struct ctx *ctx, uint32_t *seed)
{
	const struct sip_hdr *h = model_header(ctx, seed);
	unsigned n, count;
	int err;

	if (model_is_vital(h))
		return true;
	err = model_drop(m, ctx->msg, sip_msg_find(ctx->msg, h->name), &count);
	return header_remove(ctx, h->name, &n) == err && (err || n == count);
}

/* Where something is replaced: in the body, in a value, sometimes anywhere. */
static inline struct str model_place(struct ctx *ctx, uint32_t *seed)
{
	const struct sip_hdr *h = model_header(ctx, seed);
	uint32_t how = model_choice(seed, 16);

	if (how == 0)
		return ctx->msg->headers;
	if ((how < 6 && ctx->msg->body.n) || model_is_vital(h) || !h->body.n)
		return ctx->msg->body;
	return h->body;
}

/* replace, subst: up to three places in a row */
static inline bool model_replaces(struct model *m, struct ctx *ctx, uint32_t *seed)
{
	struct str where = model_place(ctx, seed);
	size_t at = model_at(ctx, where.p) + model_choice(seed, where.n + 1), n;

	for (uint32_t times = 1 + model_choice(seed, 3); times; times--) {
		struct str text = MODEL_ONE_OF(seed, model_texts);

		n = model_choice(seed, 6);
		if (at + n > model_at(ctx, str_end(where)))
			break;
		if (message_replace(ctx, at, n, text) != model_replace(m, at, n, text))
			return false;
		at += n + model_choice(seed, 20);
	}
	return true;
}

static inline int model_type_set(struct model *m, struct ctx *ctx)
{
	static const struct str line = STR_INIT("Content-Type: t/t\r\n");
	const struct sip_hdr *first = ctx->msg->first[HDR_CONTENT_TYPE];
	unsigned n;
	int err;

	for (size_t i = 0; i <= m->head_end; i++) {
		for (int p = m->first[i]; p >= 0; p = m->puts[p].next)
			if (str_eq(m->puts[p].text, line))
				m->puts[p].text = STR_NULL;
	}
	err = model_drop(m, ctx->msg, first, &n);
	return err ? err
		   : model_change(m, first ? model_at(ctx, str_end(first->whole)) : m->head_end, 0,
				  line);
}

/* set_body, remove_body */
static inline bool model_sets_body(struct model *m, struct ctx *ctx, uint32_t *seed)
{
	struct str text = MODEL_ONE_OF(seed, model_texts);
	uint32_t how = model_choice(seed, 3);
	unsigned n;
	int err = how == 0   ? body_set(ctx, text, STR("t/t"))
		  : how == 1 ? body_set(ctx, text, STR_NULL)
			     : body_remove(ctx);

	int want = how == 0   ? model_type_set(m, ctx)
		   : how == 2 ? model_drop(m, ctx->msg, ctx->msg->first[HDR_CONTENT_TYPE], &n)
			      : 0;

	if (err || want)
		return err == want;
	for (size_t i = m->body; i <= m->n; i++) {
		m->gone[i] = 0;
		m->first[i] = -1;
	}
	return !model_change(m, m->body, m->n - m->body, how == 2 ? STR("") : text);
}

/* msg_apply_changes: the message is what the model says, or that is none. */
static inline bool model_applies(struct model *m, struct ctx *ctx)
{
	struct str text = model_text(m), was = ctx->msg->buf;
	unsigned n = 0;
	int err = message_apply(ctx);

	if (err == -ENOMEM || str_is_null(text))
		return true;
	if (err)
		return str_eq(ctx->msg->buf, was) && message_set(ctx, text) < 0;
	for (const struct sip_hdr *h = ctx->msg->hdrs; h; h = h->next)
		n++;
	return str_eq(ctx->msg->buf, text) && n == model_headers(text);
}

/* Some changes, carried out now and then. Whether the message was what it should be at all times. */
static inline bool model_run(struct model *m, struct ctx *ctx, uint32_t *seed)
{
	bool good = model_begin(m, ctx->msg);

	if (!good || !ctx->msg->hdrs)
		return true;
	for (uint32_t n = 2 + model_choice(seed, 12); n && good && !model_is_full(m); n--) {
		unsigned texts = ctx->texts;

		switch (model_choice(seed, 8)) {
		case 0:
		case 1:
			good = model_adds(m, ctx, seed);
			break;
		case 2:
			good = model_removes(m, ctx, seed);
			break;
		case 3:
			good = model_sets_body(m, ctx, seed);
			break;
		case 4:
			good = model_applies(m, ctx);
			break;
		default:
			good = model_replaces(m, ctx, seed);
		}
		if (ctx->texts != texts && !model_begin(m, ctx->msg))
			return good;
	}
	return good && model_applies(m, ctx);
}

#endif

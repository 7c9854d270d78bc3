/* SPDX-License-Identifier: BSD-2-Clause */
/* The targets of a request as attributes: @branch.uri[1], $branch(uri), $br, $ds, and the branch flags. */
#include "core/msg/attr_pv.h"
#include "core/msg/branches.h"
#include "core/msg/funcs.h"

#include <errno.h>

static const char *const words[] = {
	[BRANCH_URI] = "uri",	  [BRANCH_DST_URI] = "dst_uri", [BRANCH_PATH] = "path",
	[BRANCH_Q] = "q",	  [BRANCH_FLAGS] = "flags",	[BRANCH_SOCKET] = "send_socket",
	[BRANCH_COUNT] = "count", [BRANCH_RUID] = "ruid",	[BRANCH_INSTANCE] = "instance",
	[BRANCH_WORDS] = NULL,
};

const char *attr_branch_prepare(struct attr_arg *arg, const struct conf *conf)
{
	unsigned part = attr_word(words, arg->key);

	(void)conf;
	arg->tag = ATTR_TAG(TAG_BASE(arg->tag), part);
	return part == 0xff
		       ? "what it has is uri dst_uri path q flags send_socket count ruid instance"
		       : NULL;
}

/* The additional target that the number means: 1 is the first, -1 the last. NULL: there is none. */
static struct branch *branch_at(struct ctx *ctx, const struct attr_arg *arg)
{
	int64_t n = ctx->branches.n, at = arg->has_index ? arg->index : 1;

	at = at < 0 ? n + at : at - 1;
	return at >= 0 && at < n ? &ctx->branches.rows[at] : NULL;
}

static int q_text(struct ctx *ctx, int q, struct value *value_r)
{
	char text[8];
	struct buf b = BUF_ON(text);

	if (q == BRANCH_Q_NONE)
		return 0;
	q_put(&b, q);
	return attr_text(ctx, buf_str(&b), value_r);
}

/* "<sip:a@b>;q=0.5", or the URI alone. */
static int uri_q(struct ctx *ctx, const struct branch *br, struct value *value_r)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, br->uri.n + 16), br->uri.n + 16);

	if (!b.p)
		return -ENOMEM;
	buf_char(&b, '<');
	buf_str_put(&b, br->uri);
	buf_char(&b, '>');
	if (br->q != BRANCH_Q_NONE) {
		buf_lit(&b, ";q=");
		q_put(&b, br->q);
	}
	*value_r = value_str(br->q == BRANCH_Q_NONE ? br->uri : buf_str(&b));
	return 0;
}

int attr_branch(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct branch *b = branch_at(ctx, arg);
	unsigned part = TAG_PART(arg->tag);

	*value_r = value_null();
	if (part == BRANCH_COUNT)
		*value_r = value_int(ctx->branches.n);
	if (part == BRANCH_COUNT || !b)
		return 0;
	switch ((enum branch_part)part) {
	case BRANCH_URI:
		*value_r = value_str(b->uri);
		break;
	case BRANCH_DST_URI:
		*value_r = value_str(b->dst_uri);
		break;
	case BRANCH_PATH:
		*value_r = value_str(b->path);
		break;
	case BRANCH_RUID:
		*value_r = value_str(b->ruid);
		break;
	case BRANCH_INSTANCE:
		*value_r = value_str(b->instance);
		break;
	case BRANCH_FLAGS:
		*value_r = value_int(b->flags);
		break;
	case BRANCH_Q:
		return q_text(ctx, b->q, value_r);
	case BRANCH_SOCKET:
		return b->socket ? attr_socket(ctx, b->socket, value_r) : 0;
	case BRANCH_URIQ:
		return uri_q(ctx, b, value_r);
	default:
		break;
	}
	return 0;
}

int attr_branch_uri(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct branch *b = branch_at(ctx, arg);
	struct str text = !b					 ? STR_NULL
			  : TAG_BASE(arg->tag) == BRANCH_DST_URI ? b->dst_uri
								 : b->uri;
	struct sip_uri *u = text.p ? ctx_uri_parse(ctx, text) : NULL;

	*value_r = value_null();
	return u ? attr_uri_part(ctx, u, TAG_PART(arg->tag), arg, value_r) : 0;
}

static int text_set(struct ctx *ctx, struct str text, bool may_be_empty, struct str *text_r)
{
	struct str copy = pool_str(ctx->pool, text);

	if (!text.n && may_be_empty) {
		*text_r = STR_NULL;
		return 0;
	}
	if (!ctx_uri_parse(ctx, text))
		return -EBADMSG;
	*text_r = copy;
	return copy.p ? 0 : -ENOMEM;
}

int attr_branch_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	struct branch *b = branch_at(ctx, arg);
	struct str text = v->type == VALUE_STR ? v->s : STR("");
	int64_t flags = 0;

	if (!b)
		return -ENOENT;
	switch ((enum branch_part)TAG_PART(arg->tag)) {
	case BRANCH_URI:
		return text_set(ctx, text, false, &b->uri);
	case BRANCH_DST_URI:
		return text_set(ctx, text, true, &b->dst_uri);
	case BRANCH_FLAGS:
		if (v->type != VALUE_NULL &&
		    (arg_int(v, &flags) || flags < 0 || flags > UINT32_MAX))
			return -EINVAL;
		b->flags = (uint32_t)flags;
		return 0;
	case BRANCH_Q:
		b->q = BRANCH_Q_NONE;
		return v->type == VALUE_NULL ? 0 : q_parse(text, &b->q);
	default:
		return -EINVAL;
	}
}

/* $br: the first additional target; $bR: all; $ds: all targets as the Contact of a redirection. */
int attr_targets(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct branches *all = &ctx->branches;
	struct str contact;
	size_t room = 0;
	struct buf b;

	*value_r = value_null();
	if (arg->tag == TARGETS_SET) {
		contact = branches_contact(ctx, 0);
		*value_r = value_str(contact.n > 2 ? str_head(contact, contact.n - 2) : STR_NULL);
		return 0;
	}
	if (!all->n)
		return 0;
	if (arg->tag == TARGETS_FIRST) {
		*value_r = value_str(all->rows[0].uri);
		return 0;
	}
	for (unsigned i = 0; i < all->n; i++)
		room += all->rows[i].uri.n + 16;
	b = buf_over(pool_alloc(ctx->pool, room), room);
	if (!b.p)
		return -ENOMEM;
	for (unsigned i = 0; i < all->n; i++) {
		struct value one = value_null();
		int err = uri_q(ctx, &all->rows[i], &one);

		if (err < 0)
			return err;
		if (i)
			buf_lit(&b, ", ");
		buf_str_put(&b, one.s);
	}
	*value_r = value_str(buf_str(&b));
	return 0;
}

int attr_target_id(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	(void)arg;
	*value_r = value_str(ctx->ruid);
	return 0;
}

/* $br = uri appends a target. */
int attr_target_add(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	struct branch b = { .q = BRANCH_Q_NONE, .socket = ctx->send_socket };

	(void)arg;
	if (v->type != VALUE_STR || !v->s.n)
		return -EINVAL;
	b.uri = v->s;
	return branch_add(ctx, &b);
}

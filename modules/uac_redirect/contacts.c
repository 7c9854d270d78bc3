/* SPDX-License-Identifier: BSD-2-Clause */
/* The Contacts of a redirection: which of them may become targets, and in which order they are tried. */
#include "modules/uac_redirect/uac_redirect.h"

#include <errno.h>

/* A Request-URI has neither headers nor method (RFC 3261 19.1.1, table 1). Null: no memory. */
static struct str for_request(struct ctx *ctx, const struct sip_uri *u)
{
	struct str text = u->text;
	struct sip_param method;
	struct buf b;

	if (!str_is_null(u->headers))
		text = str_between(text.p, u->headers.p - 1);
	if (!sip_param_find(u->params, STR("method"), &method))
		return text;
	b = buf_over(pool_alloc(ctx->pool, text.n), text.n);
	if (!b.p)
		return STR_NULL;
	buf_str_put(&b, str_between(text.p, method.whole.p));
	buf_str_put(&b, str_between(str_end(method.whole), str_end(text)));
	return buf_str(&b);
}

/* Behind those that are as good; when all places are taken the last one goes. */
static void insert(struct contacts *c, struct contact new)
{
	unsigned at = c->n;

	if (c->n < CONTACTS_MAX)
		c->n++;
	else if (c->rows[--at].q >= new.q)
		return;
	for (; at && c->rows[at - 1].q < new.q; at--)
		c->rows[at] = c->rows[at - 1];
	c->rows[at] = new;
}

static bool q_of(const struct sip_nameaddr *na, int otherwise, int *q_r)
{
	struct sip_param q;

	if (!sip_param_find(na->params, STR("q"), &q)) {
		*q_r = otherwise;
		return true;
	}
	return q_parse(q.value, q_r) == 0;
}

/* Whether a request that went to uri may go to u. */
static bool may_follow(const struct ctx *ctx, struct str uri, const struct sip_uri *u)
{
	if (u->scheme == URI_SIPS)
		return true;
	return u->scheme == URI_SIP && !str_starts_nocase(uri, STR("sips:")) &&
	       nexthop_may_recurse(ctx, u->text);
}

static void consider(struct ctx *ctx, const struct sip_nameaddr *na, struct str uri,
		     const struct filters *f, int q, struct contacts *out)
{
	struct sip_uri *u = na->is_star ? NULL : ctx_uri_parse(ctx, na->uri);
	struct contact new;

	if (!u || !may_follow(ctx, uri, u)) {
		log_limited(LOG_INFO, "uac_redirect",
			    "a Contact is not followed: it is no SIP URI, or no SIPS URI where "
			    "one was asked for",
			    KV_STR("contact", na->whole), KV_STR("asked", uri));
		return;
	}
	new.uri = for_request(ctx, u);
	if (!new.uri.p || !q_of(na, q, &new.q) || !filters_pass(f, new.uri)) {
		log_debug("uac_redirect", "a Contact is left out", KV_STR("contact", na->whole));
		return;
	}
	insert(out, new);
}

int contacts_read(struct ctx *ctx, struct str response, struct str uri, const struct filters *f,
		  int q, struct contacts *contacts_r)
{
	struct sip_msg *msg = pool_alloc(ctx->pool, sizeof(*msg));
	struct sip_error e;
	int err;

	contacts_r->n = 0;
	if (!msg)
		return -ENOMEM;
	err = sip_msg_parse(msg, ctx->pool, response, false, &e);
	if (err)
		return err;
	if (msg->is_request)
		return -EBADMSG;
	for (struct sip_hdr *h = msg->first[HDR_CONTACT]; h; h = h->next_same) {
		struct str rest = h->body, value;
		struct sip_nameaddr na;
		size_t offset;

		while (sip_list_next(&rest, &value))
			if (!nameaddr_parse(value, &na, &offset))
				consider(ctx, &na, uri, f, q, contacts_r);
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer to an OPTIONS that asks the router itself (RFC 3261 11.2). */
#include "modules/siputils/siputils.h"

#include <errno.h>

int fn_options_reply(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct siputils_conf *c = siputils_conf_of(ctx);
	struct sip_uri *u = ctx_uri(ctx);
	size_t n = c->options_accept.n + c->options_accept_encoding.n +
		   c->options_accept_language.n + c->options_support.n + 96;
	struct buf b = buf_over(pool_alloc(ctx->pool, n), n);
	int err;

	(void)argv;
	(void)argc;
	if (ctx->msg->method != METHOD_OPTIONS || !u || u->user.n)
		return siputils_failed("could not answer: this is no OPTIONS to the router itself",
				       ctx_uri_text(ctx), -EINVAL);
	if (!b.p)
		return FN_FALSE;
	buf_lit(&b, "Accept: ");
	buf_str_put(&b, c->options_accept);
	buf_lit(&b, "\r\nAccept-Encoding: ");
	buf_str_put(&b, c->options_accept_encoding);
	buf_lit(&b, "\r\nAccept-Language: ");
	buf_str_put(&b, c->options_accept_language);
	buf_lit(&b, "\r\nSupported: ");
	buf_str_put(&b, c->options_support);
	buf_lit(&b, "\r\n");
	err = reply_send(ctx, 200, STR_NULL, buf_str(&b));
	return err ? FN_FALSE : FN_END;
}

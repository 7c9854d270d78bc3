/* SPDX-License-Identifier: BSD-2-Clause */
/* The message as a whole: changes carried out, another text, another status, few header fields. */
#include "modules/textopsx/textopsx.h"

#include <errno.h>

int fn_msg_apply_changes(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	return message_apply(ctx) ? FN_FALSE : FN_TRUE;
}

int fn_msg_set_buffer(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return message_set(ctx, argv[0].s) ? FN_FALSE : FN_TRUE;
}

/* Among failures any status may become any other; 1xx and 2xx mean what they mean to the transactions on both sides. */
static bool may_become(unsigned was, int64_t code)
{
	if (code < 100 || code > 699)
		return false;
	return (code >= 300 && was >= 300) || (int64_t)was / 100 == code / 100;
}

/* (status, reason), or (status) with the old reason. */
int fn_change_reply_status(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_msg *msg = ctx->msg;
	struct str reason = argc > 1 ? argv[1].s : msg->reason;
	const char *from = str_end(msg->version) + 1;
	size_t at = (size_t)(from - msg->buf.p), n = (size_t)(str_end(msg->first_line) - from);
	struct buf b = buf_over(pool_alloc(ctx->pool, reason.n + 8), reason.n + 8);
	int err = -ENOMEM;

	if (!may_become(msg->status, argv[0].i)) {
		log_limited(LOG_WARN, "textopsx",
			    "cannot change the status of a response to one of another kind",
			    KV_INT("from", msg->status), KV_INT("to", argv[0].i));
		return FN_FALSE;
	}
	if (b.p) {
		buf_int(&b, argv[0].i);
		buf_char(&b, ' ');
		buf_str_put(&b, reason);
		edits_forget(&ctx->edits, at, n);
		err = edits_add(&ctx->edits, ctx->pool, at, n, buf_str(&b));
	}
	if (err)
		return textopsx_failed("could not change the status", reason, err);
	msg->status = (unsigned)argv[0].i;
	return FN_TRUE;
}

int fn_remove_body(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int err = body_remove(ctx);

	(void)argv;
	(void)argc;
	return err ? textopsx_failed("could not remove the body", STR_NULL, err) : FN_TRUE;
}

/* What a message cannot be routed or read without. */
static bool always_kept(enum hdr_id id)
{
	switch (id) {
	case HDR_VIA:
	case HDR_FROM:
	case HDR_TO:
	case HDR_CALL_ID:
	case HDR_CSEQ:
	case HDR_CONTENT_LENGTH:
	case HDR_CONTENT_TYPE:
	case HDR_MAX_FORWARDS:
	case HDR_CONTACT:
	case HDR_ROUTE:
	case HDR_RECORD_ROUTE:
		return true;
	default:
		return false;
	}
}

int fn_keep_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct regex_budget budget = REGEX_BUDGET;

	for (const struct sip_hdr *h = ctx->msg->hdrs; h; h = h->next) {
		int err = 0;

		if (always_kept(h->id))
			continue;
		if (argc)
			err = regex_exec_within(&budget, argv[0].re, h->name, 0, NULL);
		if (err > 0)
			continue;
		if (!err)
			err = header_drop(ctx, h);
		if (err)
			return textopsx_failed("could not remove a header field", h->name, err);
	}
	return FN_TRUE;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* When something of a transaction is written: its flags, its answer, Kamailio's rules. */
#include "modules/acc/watch.h"

/* The flags may still be set in a later route. */
static bool is_prepared(const struct ctx *ctx, const struct acc_conf *c)
{
	return c->prepare_always || acc_has_flag(ctx, c->prepare_flag);
}

static unsigned wants(struct ctx *ctx)
{
	const struct acc_conf *c = acc_conf_of(ctx);
	bool answer = is_prepared(ctx, c) || acc_has_flag(ctx, c->log_flag);
	bool miss = is_prepared(ctx, c) || acc_has_flag(ctx, c->log_missed_flag);

	switch (ctx->msg->method) {
	case METHOD_ACK:
		return c->report_ack && acc_has_flag(ctx, c->log_flag) ? TM_ACKED : 0;
	case METHOD_CANCEL:
		return answer && c->report_cancels ? TM_ANSWERED : 0;
	case METHOD_INVITE:
		return (answer || miss ? TM_ANSWERED : 0) | (miss ? TM_FAILED : 0);
	default:
		return answer ? TM_ANSWERED : 0;
	}
}

/* --- what is told ------------------------------------------------------------------------------------------------------------------------ */

static struct str reason_of(const struct acc_conf *c, const struct tm_note *note)
{
	const struct sip_hdr *h = note->answer ? note->answer->first[HDR_REASON] : NULL;

	if (c->reason_from_hf && h)
		return h->body;
	return note->answer ? note->answer->reason : reply_reason(note->status);
}

/* Null: the request's own. */
static struct str to_tag_of(const struct tm_note *note)
{
	const struct sip_hdr *h = note->answer ? note->answer->first[HDR_TO] : NULL;
	struct sip_nameaddr to;
	size_t offset;

	return h && !nameaddr_parse(h->body, &to, &offset) ? to.tag : STR_NULL;
}

static void write_about(struct ctx *ctx, const struct tm_note *note, enum acc_event event)
{
	struct acc_about about = { .event = event,
				   .status = note->status,
				   .reason = reason_of(acc_conf_of(ctx), note),
				   .to_tag = to_tag_of(note),
				   .setup_ms = -1 };
	const struct tm_branch *b = note->branch;

	if (b && b->to)
		about.target = acc_place(ctx, b->to->transport, &b->to->addr);
	if (ctx->msg->method == METHOD_INVITE && note->status >= 200)
		about.setup_ms = (int64_t)(clock_ms() - note->born);
	if (b)
		about.uri = b->uri;
	acc_write(ctx, &about);
}

/* The first attempt that fails is the missed call: later ones are not written again. */
static void write_missed(struct ctx *ctx, const struct tm_note *note)
{
	const struct acc_conf *c = acc_conf_of(ctx);

	if (note->status < 300 || !acc_has_flag(ctx, c->log_missed_flag))
		return;
	write_about(ctx, note, ACC_MISSED);
	ctx->flags &= ~(1u << c->log_missed_flag);
}

static bool is_wanted(const struct ctx *ctx, const struct tm_note *note)
{
	const struct acc_conf *c = acc_conf_of(ctx);

	if (!acc_has_flag(ctx, c->log_flag))
		return false;
	if (note->status < 200)
		return c->early_media && note->answer && note->answer->body.n;
	if (note->status < 300)
		return true;
	return acc_has_flag(ctx, c->failed_flag) && !acc_is_filtered(c, note->status);
}

static void told_reply(struct ctx *ctx, const struct tm_note *note)
{
	/* asked before the missed call takes its flag away: it may be the same one */
	bool wanted = is_wanted(ctx, note);

	if (ctx->msg->method == METHOD_INVITE)
		write_missed(ctx, note);
	if (wanted)
		write_about(ctx, note, ACC_ANSWERED);
}

static void told(struct ctx *ctx, const struct tm_note *note)
{
	switch (note->event) {
	case TM_ANSWERED:
		told_reply(ctx, note);
		break;
	case TM_FAILED:
		write_missed(ctx, note);
		break;
	case TM_ACKED:
		write_about(ctx, note, ACC_ACKED);
		break;
	}
}

const struct tm_watcher acc_watcher = { .wants = wants, .told = told };

/* SPDX-License-Identifier: BSD-2-Clause */
/* Silence, errors of the network and 503 as reasons to send no requests to a destination for some time. */
#include "modules/tm/dead.h"

void dead_silent(struct turn *x)
{
	const struct client *c = x->c;

	/* what is no INVITE may be slow on purpose (RFC 4320), and ends before a broken network is mended */
	if (c->is_invite && !c->is_cancel && !c->rang)
		x->w->msg->net->block(x->w, &c->target, BLOCK_TIMEOUT, 0);
}

void dead_returned(struct turn *x)
{
	const struct client *c = x->c;

	/* of connections core/net knows itself why they failed */
	if (!c->target.transport->reliable && c->state <= CLIENT_UNWANTED)
		x->w->msg->net->block(x->w, &c->target, BLOCK_SEND, 0);
}

void dead_answered(struct turn *x)
{
	const struct tm_conf *conf = tm_conf_of(worker_conf(x->w));
	const struct client *c = x->c;
	int64_t seconds = conf->blst_503_def_timeout;
	uint32_t asked;

	if (!conf->blst_503 || c->is_cancel || x->reply->msg->status != 503)
		return;
	if (reply_retry_after(x->reply->msg, &asked)) {
		seconds = asked;
		if (seconds < conf->blst_503_min_timeout)
			seconds = conf->blst_503_min_timeout;
		if (seconds > conf->blst_503_max_timeout)
			seconds = conf->blst_503_max_timeout;
	}
	if (seconds)
		x->w->msg->net->block(x->w, &c->target, BLOCK_503, (uint64_t)seconds * 1000);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of the transaction's values, and what reads them. */
#include "modules/tm/attrs.h"

#include "modules/tm/client.h"
#include "modules/tm/funcs.h"
#include "modules/tm/relay.h"
#include "modules/tm/table.h"

#include <errno.h>

enum part {
	UAC_COUNT,
	UAC_LAST_STATUS,
	UAC_RELAYED,
	UAC_STATUS,
	UAC_URI,
	UAC_REQUEST,
	UAC_RESPONSE,
	UAS_STATUS,
	UAS_REQUEST,
	UAS_RESPONSE,
	UAS_TAG,
	METHOD,
	BRANCH_NUMBER,
	REPLY_CODE,
	REPLY_REASON,
	REPLY_LAST,
	REPLY_RUID,
	ID_INDEX,
	ID_LABEL,
	ID_INDEX_HEX,
	ID_LABEL_HEX,
	REPLY_TYPE,
};

static struct body *body_of(const struct ctx *ctx)
{
	return ctx->trans ? trans_body(ctx->trans) : NULL;
}

/* --- the branch that a route is about -------------------------------------------------------------------------------------------------- */

static struct client *client_at_hand(struct ctx *ctx, const struct body *b)
{
	struct tm_ctx *tc = tm_ctx_of(ctx);

	return b->winner ? b->winner : tc ? tc->client : NULL;
}

static struct value branch_number(struct ctx *ctx, const struct body *b)
{
	const struct client *c = client_at_hand(ctx, b);

	if (c)
		return value_int(c->number);
	return ctx->route_kind == IN_BRANCH ? value_int(b->clients_n) : value_int(-1);
}

/* The first line's of a response. */
static struct str reason_of(struct str response)
{
	ssize_t end = str_chr(response, '\r');
	struct str line = end < 0 ? response : str_head(response, (size_t)end);

	/* "SIP/2.0 486 Busy Here" */
	return str_skip(line, sizeof("SIP/2.0 486 ") - 1);
}

static struct value phrase_value(struct ctx *ctx, const struct body *b)
{
	const struct client *c = client_at_hand(ctx, b);

	if (!ctx->msg->is_request)
		return value_str(ctx->msg->reason);
	if (c && c->final.n)
		return value_str(reason_of(c->final));
	return b->server.last.n ? value_str(reason_of(b->server.last)) : value_null();
}

/* --- ids ---------------------------------------------------------------------------------------------------------------------------------- */

static int hex_text(struct ctx *ctx, uint32_t n, struct value *v_r)
{
	struct buf b = buf_over(pool_alloc(ctx->pool, 8), 8);

	if (!b.p)
		return -ENOMEM;
	buf_fmt(&b, "%x", n);
	*v_r = value_str(buf_str(&b));
	return 0;
}

static uint32_t label_of(const struct ctx *ctx)
{
	return ID_GENERATION(trans_id(ctx->trans));
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------------ */

static struct value last_status(const struct body *b)
{
	unsigned status = 0;

	clients_each (c, b)
		if (c->status)
			status = c->status;
	return status ? value_int(status) : value_null();
}

static struct value status_value(unsigned status)
{
	return status ? value_int(status) : value_null();
}

static struct value tag_value(struct ctx *ctx, const struct body *b)
{
	struct sip_msg *msg = pool_alloc(ctx->pool, sizeof(*msg));
	struct sip_nameaddr *to;
	struct sip_error e;

	if (!msg || !b->server.last.n || sip_msg_parse(msg, ctx->pool, b->server.last, false, &e) ||
	    sip_msg_nameaddr(msg, HDR_TO, &to))
		return value_null();
	return value_str(to->tag);
}

static struct value server_value(struct ctx *ctx, const struct body *b, enum part part)
{
	switch (part) {
	case UAS_STATUS:
		return status_value(b->server.status);
	case UAS_REQUEST:
		return value_str(b->request);
	case UAS_RESPONSE:
		return value_str(b->server.last);
	case UAS_TAG:
		return tag_value(ctx, b);
	default:
		return value_null();
	}
}

static struct value client_value(const struct client *c, enum part part)
{
	switch (part) {
	case UAC_STATUS:
		return status_value(c->status);
	case UAC_URI:
		return value_str(c->uri);
	case UAC_REQUEST:
		return value_str(c->sent);
	case UAC_RESPONSE:
		return value_str(c->final);
	default:
		return value_null();
	}
}

static struct value reply_value(struct ctx *ctx, const struct body *b, enum part part)
{
	const struct client *c = client_at_hand(ctx, b);

	switch (part) {
	case BRANCH_NUMBER:
		return branch_number(ctx, b);
	case REPLY_CODE:
		return status_value(script_status(ctx));
	case REPLY_REASON:
		return phrase_value(ctx, b);
	case REPLY_LAST:
		return value_int(c && !c->timed_out && c->status ? (int64_t)c->status : -1);
	case REPLY_RUID:
		return c ? value_str(c->ruid) : value_null();
	case REPLY_TYPE:
		/* 1: made here */
		return c && b->winner ? value_int(!c->final.n) : value_null();
	default:
		return value_null();
	}
}

static int get_server(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	const struct body *b = body_of(ctx);

	*v_r = b ? server_value(ctx, b, (enum part)arg->tag) : value_null();
	return 0;
}

static int get_client(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	struct body *b = body_of(ctx);
	struct client *c = b && arg->index >= 0 ? client_find(b, (unsigned)arg->index) : NULL;

	*v_r = c ? client_value(c, (enum part)arg->tag) : value_null();
	return 0;
}

static int get_reply(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	const struct body *b = body_of(ctx);

	*v_r = b ? reply_value(ctx, b, (enum part)arg->tag) : value_null();
	return 0;
}

static int get_whole(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	struct body *b = body_of(ctx);

	*v_r = value_null();
	if (!b)
		return 0;
	switch (arg->tag) {
	case UAC_COUNT:
		*v_r = value_int(b->clients_n);
		break;
	case UAC_LAST_STATUS:
		*v_r = last_status(b);
		break;
	case UAC_RELAYED:
		*v_r = b->winner ? value_int(b->winner->number) : value_null();
		break;
	default: /* METHOD */
		*v_r = value_str(ctx->msg->method_text);
		break;
	}
	return 0;
}

/* --- $T(name) ----------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *name_z;
	enum part part;
} words[] = {
	{ "id_index", ID_INDEX_HEX },	   { "id_label", ID_LABEL_HEX },
	{ "id_index_n", ID_INDEX },	   { "id_label_n", ID_LABEL },
	{ "reply_code", REPLY_CODE },	   { "reply_reason", REPLY_REASON },
	{ "reply_type", REPLY_TYPE },	   { "reply_ruid", REPLY_RUID },
	{ "branch_index", BRANCH_NUMBER }, { "reply_last", REPLY_LAST },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static const char *word_prepare(struct attr_arg *arg, const struct conf *conf)
{
	(void)conf;
	for (arg->slot = 0; arg->slot < WORDS; arg->slot++)
		if (str_eq(arg->key, str_z(words[arg->slot].name_z)))
			return NULL;
	return "$T() takes id_index, id_label, id_index_n, id_label_n, reply_code, reply_reason, "
	       "reply_type, reply_ruid, reply_last or branch_index";
}

static int get_word(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	const struct body *b = body_of(ctx);

	*v_r = value_null();
	if (!b)
		return 0;
	switch (words[arg->slot].part) {
	case ID_INDEX:
		*v_r = value_int(ctx->trans->index);
		return 0;
	case ID_LABEL:
		*v_r = value_int(label_of(ctx));
		return 0;
	case ID_INDEX_HEX:
		return hex_text(ctx, ctx->trans->index, v_r);
	case ID_LABEL_HEX:
		return hex_text(ctx, label_of(ctx), v_r);
	default:
		*v_r = reply_value(ctx, b, words[arg->slot].part);
		return 0;
	}
}

/* --- $T_req($x), $T_rpl($x), $T_inv($x): a value of another message ------------------------------------------------------------------------- */

enum other { OTHER_REQUEST, OTHER_REPLY, OTHER_INVITE };

static const char *other_prepare(struct attr_arg *arg, const struct conf *conf)
{
	static char wrong[256];
	const struct names names = { .modules = conf->modules,
				     .modules_n = conf->sections_n,
				     .conf = conf };
	struct attr_use *use = arena_alloc(conf->arena, sizeof(*use));
	struct buf why = BUF_ON(wrong);

	if (!use)
		return "no memory";
	if (names_attribute(&names, arg->key, use, &why))
		return buf_z(&why);
	arg->data = use;
	return NULL;
}

/* The text of the other message, and where it came from. */
static struct str other_text(struct ctx *ctx, enum other other, struct origin *from_r)
{
	struct body *b = body_of(ctx);
	struct trans *t;

	if (other == OTHER_INVITE) {
		t = ctx->msg->method == METHOD_CANCEL ? table_find(ctx, STR("INVITE")) : NULL;
		b = t ? trans_body(t) : NULL;
	}
	if (!b)
		return STR_NULL;
	*from_r = b->from;
	if (other == OTHER_REPLY)
		return b->winner ? b->winner->final : STR_NULL;
	return b->request;
}

static int get_other(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	struct origin from;
	struct str text = other_text(ctx, (enum other)arg->tag, &from);
	struct ctx *other = str_is_null(text) ? NULL : ctx_of_text(ctx->worker, &from, text);
	int err;

	*v_r = value_null();
	if (!other)
		return 0;
	other->route_kind = arg->tag == OTHER_REPLY ? IN_REPLY : IN_REQUEST;
	err = attr_use_get(other, arg->data, v_r);
	if (!err && v_r->type == VALUE_STR)
		*v_r = value_str(pool_str(ctx->pool, v_r->s));
	ctx_give(other);
	return err;
}

#define SELECT(NAME, GET, TYPE, TAG, HELP)                                       \
	{                                                                        \
		.name = NAME, .get = GET, .type = TYPE, .tag = TAG, .help = HELP \
	}
#define BRANCH_SELECT(NAME, TYPE, TAG, HELP)                               \
	{                                                                  \
		.name = NAME, .get = get_client, .type = TYPE, .tag = TAG, \
		.flags = ATTR_INDEX | ATTR_FROM_ZERO, .help = HELP         \
	}
#define VARIABLE(PV, GET, TYPE, TAG, HELP)                                   \
	{                                                                    \
		.pv = PV, .get = GET, .type = TYPE, .tag = TAG, .help = HELP \
	}
#define OTHER(PV, TAG, HELP)                                                               \
	{                                                                                  \
		.pv = PV, .get = get_other, .type = VALUE_STR, .tag = TAG,                 \
		.flags = ATTR_KEY | ATTR_NEEDS_KEY, .prepare = other_prepare, .help = HELP \
	}

const struct attr_def tm_attrs[] = {
	SELECT("tm.method", get_whole, VALUE_STR, METHOD, "the transaction's method"),
	SELECT("tm.uac.count", get_whole, VALUE_INT, UAC_COUNT, "how many branches there are"),
	SELECT("tm.uac.last_status", get_whole, VALUE_INT, UAC_LAST_STATUS,
	       "what the last branch answered last"),
	SELECT("tm.uac.relayed", get_whole, VALUE_INT, UAC_RELAYED,
	       "the number of the branch that failed best"),
	BRANCH_SELECT("tm.uac.status", VALUE_INT, UAC_STATUS,
		      "what a branch answered last: @tm.uac[0].status"),
	BRANCH_SELECT("tm.uac.uri", VALUE_STR, UAC_URI, "its Request-URI"),
	BRANCH_SELECT("tm.uac.req", VALUE_STR, UAC_REQUEST, "its request, as sent"),
	BRANCH_SELECT("tm.uac.request", VALUE_STR, UAC_REQUEST, "its request, as sent"),
	BRANCH_SELECT("tm.uac.resp", VALUE_STR, UAC_RESPONSE, "its final response"),
	BRANCH_SELECT("tm.uac.response", VALUE_STR, UAC_RESPONSE, "its final response"),
	SELECT("tm.uas.status", get_server, VALUE_INT, UAS_STATUS, "the last answer's status"),
	SELECT("tm.uas.req", get_server, VALUE_STR, UAS_REQUEST, "the request as it came"),
	SELECT("tm.uas.request", get_server, VALUE_STR, UAS_REQUEST, "the request as it came"),
	SELECT("tm.uas.resp", get_server, VALUE_STR, UAS_RESPONSE, "the last answer"),
	SELECT("tm.uas.response", get_server, VALUE_STR, UAS_RESPONSE, "the last answer"),
	SELECT("tm.uas.local_to_tag", get_server, VALUE_STR, UAS_TAG, "its To tag"),
	VARIABLE("T_branch_idx", get_reply, VALUE_INT, BRANCH_NUMBER,
		 "the number of the branch that the route is about; -1: of none"),
	VARIABLE("T_reply_code", get_reply, VALUE_INT, REPLY_CODE,
		 "the status of the response, or of the branch that failed best"),
	VARIABLE("T_reply_reason", get_reply, VALUE_STR, REPLY_REASON, "its reason phrase"),
	VARIABLE("T_reply_last", get_reply, VALUE_INT, REPLY_LAST,
		 "the status that was received last; -1: none"),
	VARIABLE("T_reply_ruid", get_reply, VALUE_STR, REPLY_RUID,
		 "the registered contact that answered"),
	{ .pv = "T",
	  .get = get_word,
	  .type = VALUE_STR,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY,
	  .prepare = word_prepare,
	  .help = "$T(id_index), $T(id_label), $T(reply_code) and others" },
	OTHER("T_req", OTHER_REQUEST, "a value of the request, in a reply route: $T_req($ua)"),
	OTHER("T_rpl", OTHER_REPLY,
	      "a value of the response that won, in a failure route: $T_rpl($rr)"),
	OTHER("T_inv", OTHER_INVITE, "a value of the INVITE, for its CANCEL: $T_inv($ua)"),
	{ .get = NULL },
};

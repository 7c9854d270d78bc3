/* SPDX-License-Identifier: BSD-2-Clause */
/* Our Record-Route comes back as Route in each request of the dialog, and tells what dialog that is: the caller's tag, and a MAC that nobody else can
 * make. */
#include "modules/rr/rr.h"

#include <errno.h>

#define MAC_DIGITS   16
#define DIALOG_LABEL 'd'

/* What the parts of $rdir() mean. */
#define DOWNSTREAM 1
#define UPSTREAM   2

static const char own_key;

static struct own_routes *own_of(struct ctx *ctx)
{
	return ctx_data(ctx, &own_key, sizeof(struct own_routes));
}

void own_routes_set(struct ctx *ctx, const struct routing *r)
{
	struct own_routes *own = own_of(ctx);

	/* read again, what a strict router had put into the R-URI would be missed */
	if (own && !(own->read && own->first))
		*own = (struct own_routes){ .read = true,
					    .first = r->own_first,
					    .last = r->own_last };
}

/* Our Record-Route that a strict router had put into the R-URI, when loose_route() ran in another context of the same transaction. */
static const struct sip_uri *own_ruri(struct ctx *ctx)
{
	const struct sip_uri *u = ctx->routed ? ctx_uri_parse(ctx, ctx->msg->ruri) : NULL;

	return u && !str_is_null(uri_param(u, STR("lr"))) && ctx_uri_is_own(ctx, u) ? u : NULL;
}

const struct own_routes *own_routes(struct ctx *ctx)
{
	struct own_routes *own = own_of(ctx);
	struct routing r;

	if (!own || own->read)
		return own;
	own->read = true;
	if (!ctx->msg->first[HDR_ROUTE] && !ctx->routed)
		return own;
	if (!routing_read(ctx, ctx_uri_text(ctx), false, &r)) {
		own->first = r.own_first;
		own->last = r.own_last;
	}
	if (!own->first)
		own->first = own->last = own_ruri(ctx);
	return own;
}

struct str rr_tag(struct ctx *ctx, enum hdr_id id)
{
	struct sip_nameaddr *na;

	return sip_msg_nameaddr(ctx->msg, id, &na) || str_is_null(na->tag) ? STR("") : na->tag;
}

/* --- the caller's tag ------------------------------------------------------------------------------------------------------------------- */
/* Few characters of a tag may not stand in a parameter of a URI. */
void rr_ftag_put(struct buf *b, struct str tag)
{
	for (size_t i = 0; i < tag.n; i++) {
		if (tag.p[i] == '%' || tag.p[i] == '`') {
			buf_char(b, '%');
			buf_hex(b, (uint8_t)tag.p[i], 2);
		} else {
			buf_char(b, tag.p[i]);
		}
	}
}

static bool ftag_is(struct ctx *ctx, struct str ftag, struct str tag)
{
	char *plain;

	if (str_chr(ftag, '%') < 0)
		return str_eq(ftag, tag);
	plain = pool_alloc(ctx->pool, ftag.n);
	return plain && str_eq(uri_unescape(ftag, plain), tag);
}

static struct str ftag_of(const struct sip_uri *own)
{
	return own ? uri_param(own, STR("ftag")) : STR_NULL;
}

bool rr_is_upstream(struct ctx *ctx)
{
	const struct own_routes *own = rr_tag(ctx, HDR_TO).n ? own_routes(ctx) : NULL;
	struct str ftag = own ? ftag_of(own->first) : STR_NULL;

	return ftag.n && !ftag_is(ctx, ftag, rr_tag(ctx, HDR_FROM));
}

/* --- the MAC ---------------------------------------------------------------------------------------------------------------------------- */
uint64_t dialog_mac(struct ctx *ctx, struct str caller_tag)
{
	const struct rr_conf *c = rr_conf_of(ctx);
	struct mac m;
	char label = DIALOG_LABEL;

	mac_init(&m, c->secret.n ? &c->key : ctx_mac_key(ctx));
	mac_field(&m, sip_msg_call_id(ctx->msg));
	mac_field(&m, caller_tag);
	mac_add(&m, &label, 1);
	return mac_done(&m);
}

static bool mac_is(struct ctx *ctx, struct str digits, struct str caller_tag)
{
	char want[MAC_DIGITS];

	hex_put(want, dialog_mac(ctx, caller_tag));
	return memcmp(digits.p, want, sizeof(want)) == 0;
}

/* The MAC in this Route is that of the request's dialog: with the tag of one side or of the other as the caller's. */
static bool proves(struct ctx *ctx, const struct sip_uri *own)
{
	struct str digits = own ? uri_param(own, STR("mac")) : STR_NULL, ftag = ftag_of(own);
	static const enum hdr_id sides[] = { HDR_FROM, HDR_TO };

	if (digits.n != MAC_DIGITS)
		return false;
	for (unsigned i = 0; i < 2; i++) {
		struct str tag = rr_tag(ctx, sides[i]);

		if ((!ftag.n || ftag_is(ctx, ftag, tag)) && mac_is(ctx, digits, tag))
			return true;
	}
	return false;
}

int fn_is_dialog_ours(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct own_routes *own;

	(void)argv;
	(void)argc;
	if (!ctx->msg->is_request || !rr_tag(ctx, HDR_TO).n)
		return FN_FALSE;
	own = own_routes(ctx);
	if (!own)
		return FN_FALSE;
	/* a phone may put us on top as its outbound proxy, too */
	return proves(ctx, own->last) || (own->first != own->last && proves(ctx, own->first))
		       ? FN_TRUE
		       : FN_FALSE;
}

/* --- questions -------------------------------------------------------------------------------------------------------------------------- */
static bool is_up(struct str s)
{
	return str_eq_nocase(s, STR("upstream"));
}

const char *check_direction(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[0].type != VALUE_STR || is_up(argv[0].s) ||
	    str_eq_nocase(argv[0].s, STR("downstream")))
		return NULL;
	return "the direction is \"downstream\" (from the caller) or \"upstream\"";
}

int fn_is_direction(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return ctx->msg->is_request && rr_is_upstream(ctx) == is_up(argv[0].s) ? FN_TRUE : FN_FALSE;
}

int fn_check_route_param(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct own_routes *own = ctx->msg->is_request ? own_routes(ctx) : NULL;

	(void)argc;
	if (!own || !own->first || !own->first->params.n || !argv[0].re)
		return FN_FALSE;
	return regex_exec(argv[0].re, own->first->params, 0, NULL) > 0 ? FN_TRUE : FN_FALSE;
}

const char *rr_direction_prepare(struct attr_arg *arg, const struct conf *conf)
{
	(void)conf;
	if (str_eq_nocase(arg->key, STR("id")) || str_eq_nocase(arg->key, STR("name")))
		return NULL;
	return "the direction is $rdir(id) or $rdir(name)";
}

static struct value direction(struct ctx *ctx, struct str as)
{
	bool up = rr_is_upstream(ctx);

	if (str_eq_nocase(as, STR("id")))
		return value_int(up ? UPSTREAM : DOWNSTREAM);
	return value_str(up ? STR("upstream") : STR("downstream"));
}

static struct str route_uri(struct ctx *ctx)
{
	struct sip_nameaddr *route;

	return sip_msg_nameaddr(ctx->msg, HDR_ROUTE, &route) ? STR_NULL : route->uri;
}

/* From and To change sides with the direction. */
static struct str side_tag(struct ctx *ctx, bool caller)
{
	return rr_tag(ctx, caller != rr_is_upstream(ctx) ? HDR_FROM : HDR_TO);
}

int rr_attr(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct str text = STR_NULL;

	*value_r = value_null();
	if (!ctx->msg->is_request)
		return 0;
	switch (arg->tag) {
	case RR_ROUTE_URI:
		text = route_uri(ctx);
		break;
	case RR_CALLER_TAG:
	case RR_CALLEE_TAG:
		text = side_tag(ctx, arg->tag == RR_CALLER_TAG);
		break;
	default:
		*value_r = direction(ctx, arg->key);
		return 0;
	}
	*value_r = text.n ? value_str(text) : value_null();
	return 0;
}

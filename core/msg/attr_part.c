/* SPDX-License-Identifier: BSD-2-Clause */
/* Parts of any header field, taken apart by what the script asks for: @msg.header.X[1].nameaddr.uri.host, @hf_value.X[2].params["p"]. */
#include "core/msg/attr_pv.h"

#include <errno.h>

/* What may stand behind the header field's name. */
static const struct {
	const char *written;
	unsigned part;
} parts[] = {
	{ "name", PART_NAME },		 { "uri", PART_URI },
	{ "uri.type", PART_TYPE },	 { "uri.user", PART_USER },
	{ "uri.pwd", PART_PWD },	 { "uri.host", PART_HOST },
	{ "uri.port", PART_PORT },	 { "uri.hostport", PART_HOSTPORT },
	{ "uri.params", PART_PARAMS },	 { "uri.transport", PART_TRANSPORT },
	{ "uri.rn_user", PART_RN_USER }, { "params", PART_PARAM },
	{ "param", PART_PARAM },	 { "p", PART_PARAM },
};

/* The part by its name; any other single word is the name of a parameter. NULL: nothing is wrong. */
static const char *choose(struct attr_arg *arg, struct str written)
{
	if (str_starts(written, STR("nameaddr.")))
		written = str_skip(written, 9);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (str_eq(str_z(parts[i].written), written)) {
			arg->tag = ATTR_TAG(TAG_BASE(arg->tag), parts[i].part);
			return NULL;
		}
	}
	if (str_chr(written, '.') >= 0 || !str_is_null(arg->param))
		return "its parts are name, uri, uri.host and its kin, params, or a parameter's "
		       "name";
	arg->param = written;
	arg->tag = ATTR_TAG(TAG_BASE(arg->tag), PART_PARAM);
	return NULL;
}

const char *attr_part_prepare(struct attr_arg *arg, const struct conf *conf)
{
	ssize_t dot = str_chr(arg->key, '.');
	struct str written = dot < 0 ? STR_NULL : str_skip(arg->key, (size_t)dot + 1);

	(void)conf;
	arg->tag = ATTR_TAG(TAG_BASE(arg->tag), PART_WHOLE);
	if (dot < 0)
		return NULL;
	arg->key = str_head(arg->key, (size_t)dot);
	return choose(arg, written);
}

/* Counts the values, or the header fields as a whole; *value_r is the one that is wanted, from 1. */
static int64_t values_of(struct ctx *ctx, const struct attr_arg *arg, int64_t wanted,
			 struct str *value_r)
{
	int64_t n = 0;

	for (const struct sip_hdr *h = sip_msg_find(ctx->msg, arg->key); h; h = sip_hdr_next(h)) {
		struct str rest = h->body, value = h->body;
		bool lists = TAG_BASE(arg->tag) == PARTS_OF_VALUE;

		while (!lists || sip_list_next(&rest, &value)) {
			if (++n == wanted)
				*value_r = value;
			if (!lists)
				break;
		}
	}
	return n;
}

int attr_list_count(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct str unused;

	*value_r = value_int(values_of(ctx, arg, 0, &unused));
	return 0;
}

int attr_part(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	int64_t at = arg->has_index ? arg->index : 1;
	struct str value = STR_NULL;
	struct attr_arg named = { .has_key = !str_is_null(arg->param), .key = arg->param };
	struct sip_nameaddr na;

	if (at < 0)
		at += values_of(ctx, arg, 0, &value) + 1;
	if (at > 0)
		values_of(ctx, arg, at, &value);
	*value_r = value_null();
	if (str_is_null(value))
		return 0;
	if (TAG_PART(arg->tag) == PART_WHOLE) {
		value = sip_unfold(ctx->pool, value);
		*value_r = value_str(value);
		return value.p ? 0 : -ENOMEM;
	}
	if (TAG_PART(arg->tag) == PART_PARAM) {
		ssize_t from = str_chr(value, ';');

		na = (struct sip_nameaddr){ .params = from < 0 ? STR_NULL
							       : str_skip(value, (size_t)from) };
		if (nameaddr_parse(value, &na, NULL) < 0)
			na.params = from < 0 ? STR_NULL : str_skip(value, (size_t)from);
	} else if (nameaddr_parse(value, &na, NULL) < 0) {
		return 0;
	}
	return attr_nameaddr_part(ctx, &na, TAG_PART(arg->tag), &named, value_r);
}

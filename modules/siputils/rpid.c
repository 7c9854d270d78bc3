/* SPDX-License-Identifier: BSD-2-Clause */
/* Remote-Party-ID: the identity that a variable of the script holds. */
#include "modules/siputils/siputils.h"

#include <errno.h>
#include <stdio.h>

const char *rpid_check(const struct conf *conf, struct siputils_conf *c)
{
	static char wrong[256];
	const struct names names = { .modules = conf->modules,
				     .modules_n = conf->sections_n,
				     .conf = conf };
	char text[200];
	struct buf why = BUF_ON(text);

	if (str_chr(c->rpid_prefix, '\r') >= 0 || str_chr(c->rpid_prefix, '\n') >= 0 ||
	    str_chr(c->rpid_suffix, '\r') >= 0 || str_chr(c->rpid_suffix, '\n') >= 0)
		return "rpid_prefix and rpid_suffix stand in one header field, without line end";
	if (!c->rpid_avp.n || !names_attribute(&names, c->rpid_avp, &c->rpid, &why))
		return NULL;
	snprintf(wrong, sizeof(wrong), "rpid_avp: %s", buf_z(&why));
	return wrong;
}

/* Empty: there is none, or it is no text. */
static struct str rpid_of(struct ctx *ctx)
{
	const struct attr_use *use = &siputils_conf_of(ctx)->rpid;
	struct value v = value_null();

	if (!use->def || attr_use_get(ctx, use, &v) || v.type != VALUE_STR)
		return STR("");
	return v.s;
}

/* The texts around it are the parameters', or the call's. */
int fn_append_rpid_hf(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct siputils_conf *c = siputils_conf_of(ctx);
	struct str id = rpid_of(ctx), line;
	int err;

	if (!id.n)
		return FN_FALSE;
	if (str_chr(id, '\r') >= 0 || str_chr(id, '\n') >= 0)
		return siputils_failed("could not add Remote-Party-ID", id, -EINVAL);
	line = siputils_join(ctx, STR("Remote-Party-ID: "), argc ? argv[0].s : c->rpid_prefix, id,
			     argc ? argv[1].s : c->rpid_suffix);
	err = line.p ? header_add(ctx, line, STR_NULL, false) : -ENOMEM;
	return err ? siputils_failed("could not add Remote-Party-ID", id, err) : FN_TRUE;
}

int fn_is_rpid_user_e164(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str id = rpid_of(ctx);
	struct sip_nameaddr na;
	struct sip_uri *u;
	size_t offset;

	(void)argv;
	(void)argc;
	if (!id.n || nameaddr_parse(id, &na, &offset))
		return FN_FALSE;
	u = ctx_uri_parse(ctx, na.uri);
	return u && siputils_is_e164(ctx, u->user) ? FN_TRUE : FN_FALSE;
}

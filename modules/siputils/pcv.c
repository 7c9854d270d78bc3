/* SPDX-License-Identifier: BSD-2-Clause */
/* P-Charging-Vector (RFC 7315 4.6): "icid-value=…; icid-generated-at=…; orig-ioi=…; term-ioi=…". */
#include "modules/siputils/siputils.h"

#include <errno.h>

#define NAME "P-Charging-Vector"

/* What was generated for this message, which reads do not see otherwise. */
struct pcv {
	struct str value; /* null: nothing was */
};

static struct pcv *pcv_of(struct ctx *ctx)
{
	static const char key;

	return ctx_data(ctx, &key, sizeof(struct pcv));
}

static int generate(struct ctx *ctx, struct pcv *pcv)
{
	char text[ADDR_TEXT_MAX + 96];
	struct buf b = BUF_ON(text);
	uint64_t icid[2];
	struct str line;
	int err;

	random_bytes(icid, sizeof(icid));
	buf_lit(&b, NAME ": icid-value=");
	buf_hex(&b, icid[0], 16);
	buf_hex(&b, icid[1], 16);
	buf_lit(&b, ";icid-generated-at=");
	addr_host_put(&b, &ctx->from.dst);
	line = pool_str(ctx->pool, buf_str(&b));
	if (!line.p)
		return -ENOMEM;
	err = header_add(ctx, line, STR_NULL, false);
	if (!err)
		pcv->value = str_skip(line, sizeof(NAME ": ") - 1);
	return err;
}

/* r: leaves the one that came out; g: makes one if there is none; f: makes a new one in any case. */
int fn_sip_p_charging_vector(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	bool force = str_find_nocase(argv[0].s, STR("f")) >= 0;
	bool make = force || str_find_nocase(argv[0].s, STR("g")) >= 0;
	bool drop = force || str_find_nocase(argv[0].s, STR("r")) >= 0;
	const struct sip_hdr *h = sip_msg_find(ctx->msg, STR(NAME));
	struct pcv *pcv = pcv_of(ctx);
	unsigned n;
	int err = pcv ? 0 : -ENOMEM;

	(void)argc;
	if (!err && drop && h)
		err = header_remove(ctx, STR(NAME), &n);
	if (!err && make && str_is_null(pcv->value) && (force || !h))
		err = generate(ctx, pcv);
	return err ? siputils_failed("could not set " NAME, argv[0].s, err) : FN_TRUE;
}

enum pcv_part { PCV_ALL, PCV_VALUE, PCV_GENADDR, PCV_ORIG, PCV_TERM, PCV_STATUS, PCV_PARTS };

static const struct {
	struct str key, param;
} parts[PCV_PARTS] = {
	[PCV_ALL] = { STR_INIT("all"), STR_INIT("") },
	[PCV_VALUE] = { STR_INIT("value"), STR_INIT("icid-value") },
	[PCV_GENADDR] = { STR_INIT("genaddr"), STR_INIT("icid-generated-at") },
	[PCV_ORIG] = { STR_INIT("orig"), STR_INIT("orig-ioi") },
	[PCV_TERM] = { STR_INIT("term"), STR_INIT("term-ioi") },
	[PCV_STATUS] = { STR_INIT("status"), STR_INIT("") },
};

static struct str param_of(struct str value, struct str name)
{
	struct str one;

	while (str_split(&value, ';', &one)) {
		ssize_t equals = str_chr(one, '=');
		struct str text;

		if (equals < 0 || !str_eq_nocase(str_trim(str_head(one, (size_t)equals)), name))
			continue;
		text = str_trim(str_skip(one, (size_t)equals + 1));
		return text.n >= 2 && text.p[0] == '"' ? str_of(text.p + 1, text.n - 2) : text;
	}
	return STR_NULL;
}

/* $pcv(all), $pcv(value), $pcv(genaddr), $pcv(orig), $pcv(term); $pcv(status): 0 none, 1 it came, 2 it was made here */
int pcv_attr(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct sip_hdr *h = sip_msg_find(ctx->msg, STR(NAME));
	struct pcv *pcv = pcv_of(ctx);
	struct str value;
	unsigned i = 0;

	*value_r = value_null();
	if (!pcv)
		return -ENOMEM;
	value = !str_is_null(pcv->value) ? pcv->value : h ? h->body : STR_NULL;
	while (i < PCV_PARTS && !str_eq_nocase(arg->key, parts[i].key))
		i++;
	if (i == PCV_STATUS)
		*value_r = value_int(!str_is_null(pcv->value) ? 2 : h ? 1 : 0);
	else if (i == PCV_ALL)
		*value_r = value_str(value);
	else if (i < PCV_PARTS)
		*value_r = value_str(param_of(value, parts[i].param));
	return 0;
}

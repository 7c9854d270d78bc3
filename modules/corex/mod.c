/* SPDX-License-Identifier: BSD-2-Clause */
/* corex: sockets and the source of a message as the script wants them; extended flags. append_branch is in the core. */
#include "core/mod/api.h"

#include <errno.h>

#define XFLAGS 64

/* Of one message, and its transaction. */
struct corex_data {
	uint64_t flags;
};

static struct corex_data *data_of(struct ctx *ctx)
{
	static const char key;

	return ctx_data_kept(ctx, &key, sizeof(struct corex_data));
}

/* --- extended flags ------------------------------------------------------------------------------------------------------------------------------- */
static const char *check_flag(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_INT && (argv[0].i < 0 || argv[0].i >= XFLAGS)
		       ? "an extended flag is a number from 0 to 63"
		       : NULL;
}

/* NULL: no such flag, or no memory. */
static uint64_t *flag_of(struct ctx *ctx, const struct value *v, uint64_t *bit_r)
{
	struct corex_data *d = v->i >= 0 && v->i < XFLAGS ? data_of(ctx) : NULL;

	if (!d) {
		log_limited(LOG_WARN, "corex", "there is no such flag", KV_INT("flag", v->i));
		return NULL;
	}
	*bit_r = (uint64_t)1 << v->i;
	return &d->flags;
}

static int fn_setxflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint64_t bit, *flags = flag_of(ctx, &argv[0], &bit);

	(void)argc;
	if (flags)
		*flags |= bit;
	return flags ? FN_TRUE : FN_FALSE;
}

static int fn_resetxflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint64_t bit, *flags = flag_of(ctx, &argv[0], &bit);

	(void)argc;
	if (flags)
		*flags &= ~bit;
	return flags ? FN_TRUE : FN_FALSE;
}

static int fn_isxflagset(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint64_t bit, *flags = flag_of(ctx, &argv[0], &bit);

	(void)argc;
	return flags && (*flags & bit) ? FN_TRUE : FN_FALSE;
}

/* --- sockets ------------------------------------------------------------------------------------------------------------------------------------------ */
static int fn_set_send_socket(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return ctx_send_socket_set(ctx, argv[0].s) ? FN_FALSE : FN_TRUE;
}

static int refused(const char *text_z, struct str what)
{
	log_limited(LOG_WARN, "corex", text_z, KV_STR("value", what));
	return FN_FALSE;
}

/* Answers leave from there, and so does the request where no other socket is chosen. What came on a connection stays there. */
static int fn_set_recv_socket(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct listener *l = ctx_socket_find(ctx, argv[0].s);

	(void)argc;
	if (!l || l->transport != ctx->from.transport ||
	    l->addr.sa.sa_family != ctx->from.src.sa.sa_family)
		return refused("cannot take what is no socket of this transport and family for the "
			       "receiving one",
			       argv[0].s);
	ctx->from.listener = l;
	ctx->from.dst = l->addr;
	return FN_TRUE;
}

static bool is_name_of_socket(const struct ctx *ctx, struct str name)
{
	const struct listener *l = name.n ? ctx_socket_find(ctx, name) : NULL;

	return l && str_eq(l->name, name);
}

static int fn_is_socket_name(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return is_name_of_socket(ctx, argv[0].s) ? FN_TRUE : FN_FALSE;
}

static int by_name(struct ctx *ctx, const struct value *argv,
		   int (*set)(struct ctx *ctx, const struct value *argv, unsigned argc))
{
	return is_name_of_socket(ctx, argv[0].s) ? set(ctx, argv, 1)
						 : refused("no socket has this name", argv[0].s);
}

static int fn_set_send_socket_name(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return by_name(ctx, argv, fn_set_send_socket);
}

static int fn_set_recv_socket_name(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return by_name(ctx, argv, fn_set_recv_socket);
}

/* "udp:192.0.2.1:5060", "192.0.2.1:5060": $si and $sp, and where answers without rport go. */
static int fn_set_source_address(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str text = argv[0].s;
	ssize_t colon = str_chr(text, ':');
	const struct transport *t =
		colon > 0 ? transport_find(str_head(text, (size_t)colon)) : NULL;
	struct addr a;

	(void)argc;
	if (t)
		text = str_skip(text, (size_t)colon + 1);
	if ((t && t != ctx->from.transport) || addr_port_parse(text, &a) ||
	    a.sa.sa_family != ctx->from.src.sa.sa_family || addr_is_any(&a) ||
	    addr_is_multicast(&a) || !addr_port(&a))
		return refused("cannot take this for the source: an address and port of the same "
			       "transport and family are needed",
			       argv[0].s);
	ctx->from.src = a;
	return FN_TRUE;
}

static int fn_is_faked_msg(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argv;
	(void)argc;
	return FN_FALSE;
}

#define SEND                                                                          \
	"the message would leave without our Via, and nobody could answer it; write " \
	"forward(host, port)"
MODULE_REFUSES(send_udp, SEND)
MODULE_REFUSES(send_tcp, SEND)
MODULE_REFUSES(send_data, SEND)
MODULE_REFUSES(sendx, SEND)
#define FILES                                                                                 \
	"a worker never waits for a disk; use #!define or include_file for what is known at " \
	"start, $shv(x) for what changes"
MODULE_REFUSES(file_read, FILES)
MODULE_REFUSES(file_write, FILES)
#define VIA "our Via carries its own parameters under a MAC, by which responses are known"
MODULE_REFUSES(via_add_srvid, VIA)
MODULE_REFUSES(via_add_xavp_params, VIA)
MODULE_REFUSES(via_use_xavp_fields, VIA)
MODULE_REFUSES(via_reply_add_xavp_params, VIA)
#define FLAGS \
	"these are flags of Kamailio's inside, for which there is nothing here; write setflag(n)"
MODULE_REFUSES(msg_iflag_set, FLAGS)
MODULE_REFUSES(msg_iflag_reset, FLAGS)
MODULE_REFUSES(msg_iflag_is_set, FLAGS)
MODULE_REFUSES(msg_vbflag_set, FLAGS)
MODULE_REFUSES(msg_vbflag_reset, FLAGS)
MODULE_REFUSES(msg_vbflag_is_set, FLAGS)
MODULE_REFUSES(is_incoming,
	       "there is no event_route[network:msg] here; ask is_request() or is_reply()")
#define UAC "this needs a transaction, which this version does not have; write forward()"
MODULE_REFUSES(forward_uac, UAC)
MODULE_REFUSES(forward_uac_uri, UAC)
MODULE_REFUSES(forward_reply, "a response goes on by itself when its route ends; write exit")

static const struct func_def functions[] = {
	MODULE_DOES(setxflag, "i", check_flag, "sets an extended flag, 0 to 63, of the message"),
	MODULE_DOES(resetxflag, "i", check_flag, "clears it"),
	MODULE_ASKS(isxflagset, "i", check_flag, "true when it is set"),
	MODULE_DOES(set_send_socket, "t", NULL, "sends from this socket: \"udp:192.0.2.1:5060\""),
	MODULE_DOES(set_send_socket_name, "t", NULL, "sends from the socket of this name"),
	MODULE_DOES(set_recv_socket, "t", NULL, "answers leave from this socket"),
	MODULE_DOES(set_recv_socket_name, "t", NULL, "answers leave from the socket of this name"),
	MODULE_ASKS(is_socket_name, "t", NULL, "true when a socket has this name"),
	MODULE_DOES(set_source_address, "t", NULL,
		    "where the message came from: \"192.0.2.1:5060\""),
	MODULE_ASKS(is_faked_msg, "", NULL,
		    "true in routes that have no received message: none yet"),
	MODULE_REFUSED(send_udp, "|t"),
	MODULE_REFUSED(send_tcp, "|t"),
	MODULE_REFUSED(send_data, "tt"),
	MODULE_REFUSED(sendx, "ttt"),
	MODULE_REFUSED(file_read, "ta"),
	MODULE_REFUSED(file_write, "tt"),
	MODULE_REFUSED(via_add_srvid, "s"),
	MODULE_REFUSED(via_add_xavp_params, "s"),
	MODULE_REFUSED(via_use_xavp_fields, "s"),
	MODULE_REFUSED(via_reply_add_xavp_params, "s"),
	MODULE_REFUSED(msg_iflag_set, "s"),
	MODULE_REFUSED(msg_iflag_reset, "s"),
	MODULE_REFUSED(msg_iflag_is_set, "s"),
	MODULE_REFUSED(msg_vbflag_set, "s"),
	MODULE_REFUSED(msg_vbflag_reset, "s"),
	MODULE_REFUSED(msg_vbflag_is_set, "s"),
	MODULE_REFUSED(is_incoming, ""),
	MODULE_REFUSED(forward_uac, "|s"),
	MODULE_REFUSED(forward_uac_uri, "s|s"),
	MODULE_REFUSED(forward_reply, ""),
	{ .name = NULL },
};

static const char *alias_subdomains(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	(void)v;
	return "names that end alike are not ours by that; write alias= for each";
}

static const struct param_def params[] = {
	{ .name = "alias_subdomains",
	  .type = P_CALL,
	  .set = alias_subdomains,
	  .live = true,
	  .help = "is refused" },
	{ .name = "dns_cache",
	  .type = P_IGNORE,
	  .help = "answers of DNS are asked for when needed" },
	{ .name = "dns_file",
	  .type = P_IGNORE,
	  .help = "answers of DNS are asked for when needed" },
	{ .name = "nio_intercept", .type = P_IGNORE, .help = "onsend_route sees what leaves" },
	{ .name = "nio_min_msg_len", .type = P_IGNORE, .help = "onsend_route sees what leaves" },
	{ .name = "nio_msg_avp", .type = P_IGNORE, .help = "onsend_route sees what leaves" },
	{ .name = "evcb_reply_out", .type = P_IGNORE, .help = "there are no embedded languages" },
	{ .name = NULL, .type = P_END },
};

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "corex",
	.help = "sockets and source of a message, extended flags",
	.params = params,
	.functions = functions,
	.index = &section_index,
};

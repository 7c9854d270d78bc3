/* SPDX-License-Identifier: BSD-2-Clause */
/* The core's script functions: forwarding, flags, sockets, log; and the table of all. */
#include "core/msg/funcs.h"
#include "core/msg/reply.h"
#include "core/msg/rewrite.h"

#include "core/run/log.h"

#include <errno.h>

/* --- forward ------------------------------------------------------------------------------------------------------------------ */
/* "sip:host" is a URI, everything else a host. */
static bool is_uri(struct str s)
{
	return (s.n >= 4 && s.p[3] == ':' && STR_IS(str_of(s.p, 3), "sip")) ||
	       (s.n >= 5 && s.p[4] == ':' && STR_IS(str_of(s.p, 4), "sips"));
}

static int forward_to(struct ctx *ctx, const struct value *argv, unsigned argc,
		      const struct transport *t)
{
	int64_t port = 0;

	if (argc && str_is_null(argv[0].s))
		return FN_FALSE;
	if (argc > 1 && (arg_int(&argv[1], &port) || port < 0 || port > 65535)) {
		log_limited(LOG_WARN, "script",
			    "cannot forward: the port is not a number up to 65535",
			    KV_STR("host", argv[0].s));
		return FN_FALSE;
	}
	if (!argc)
		return forward_request(ctx, STR_NULL, t);
	if (is_uri(argv[0].s))
		return forward_request(ctx, argv[0].s, t);
	return forward_host(ctx, argv[0].s, (uint16_t)port, t);
}

static int fn_forward(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return forward_to(ctx, argv, argc, NULL);
}

static int fn_forward_udp(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return forward_to(ctx, argv, argc, transport_of(TRANSPORT_UDP));
}

static int fn_forward_tcp(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return forward_to(ctx, argv, argc, transport_of(TRANSPORT_TCP));
}

static int fn_forward_tls(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	return forward_to(ctx, argv, argc, transport_of(TRANSPORT_TLS));
}

static bool is_host(struct str s)
{
	enum uri_host_kind kind;
	struct addr addr;

	return !addr_parse(s, &addr) || uri_is_host(s, &kind);
}

static const char *check_forward(const struct value *argv, unsigned argc)
{
	int64_t port;

	if (argc && argv[0].type == VALUE_STR && !argv[0].s.n)
		return "the host is empty";
	if (argc && argv[0].type == VALUE_STR && !is_uri(argv[0].s) && !is_host(argv[0].s))
		return "this is no host and no sip: URI; a port is the second argument";
	if (argc > 1 && argv[1].type != VALUE_NULL &&
	    (arg_int(&argv[1], &port) || port < 0 || port > 65535))
		return "the port is a number up to 65535";
	return NULL;
}

/* --- parts of the Request-URI, where they are constants ----------------------------------------------------------------------- */
static const char *check_port(const struct value *argv, unsigned argc)
{
	int64_t port;

	(void)argc;
	if (argv[0].type == VALUE_NULL)
		return NULL;
	return arg_int(&argv[0], &port) || port < 1 || port > 65535
		       ? "a port is a number from 1 to 65535"
		       : NULL;
}

static const char *check_alias_port(const struct value *argv, unsigned argc)
{
	return argc ? check_port(argv, argc) : NULL;
}

static const char *check_host(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type != VALUE_STR || is_host(argv[0].s) ? NULL : "this is no host";
}

/* "host:port" with parameters behind it. */
static const char *check_hostport(const struct value *argv, unsigned argc)
{
	struct str s = argv[0].s, port;
	ssize_t end;
	struct value part;

	if (argv[0].type != VALUE_STR)
		return NULL;
	end = str_chr(s, ';');
	host_port_split(end < 0 ? s : str_head(s, (size_t)end), &s, &port);
	part = value_str(s);
	if (!s.n || check_host(&part, argc))
		return "this is no host and port: \"example.com:5060\"";
	part = value_str(port);
	return check_port(&part, argc);
}

static const char *check_uri(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type != VALUE_STR || str_chr(argv[0].s, ':') > 0
		       ? NULL
		       : "this is no URI: it begins with \"sip:\"";
}

/* --- flags -------------------------------------------------------------------------------------------------------------------- */
int flag_bit(const struct value *v, uint32_t *bit_r)
{
	int64_t n;

	if (arg_int(v, &n) || n < 0 || n > 31) {
		log_limited(LOG_WARN, "script", "a flag is a number from 0 to 31");
		return -EINVAL;
	}
	*bit_r = 1u << n;
	return 0;
}

static const char *check_flag(const struct value *argv, unsigned argc)
{
	int64_t n;

	(void)argc;
	if (argv[0].type == VALUE_NULL)
		return NULL;
	return arg_int(&argv[0], &n) || n < 0 || n > 31 ? "a flag is a number from 0 to 31" : NULL;
}

static int fn_setflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit;

	(void)argc;
	if (flag_bit(&argv[0], &bit))
		return FN_FALSE;
	ctx->flags |= bit;
	return FN_TRUE;
}

static int fn_resetflag(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit;

	(void)argc;
	if (flag_bit(&argv[0], &bit))
		return FN_FALSE;
	ctx->flags &= ~bit;
	return FN_TRUE;
}

static int fn_isflagset(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint32_t bit;

	(void)argc;
	return !flag_bit(&argv[0], &bit) && (ctx->flags & bit) ? FN_TRUE : FN_FALSE;
}

static int fn_len_gt(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return (int64_t)ctx->msg->buf.n > argv[0].i ? FN_TRUE : FN_FALSE;
}

/* --- sockets and addresses ------------------------------------------------------------------------------------------------------ */
static int fn_force_rport(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	ctx->force_rport = true;
	return FN_TRUE;
}

static int fn_add_local_rport(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	ctx->add_rport = true;
	return FN_TRUE;
}

static int set_adv_host(struct ctx *ctx, struct str host)
{
	enum uri_host_kind kind;
	struct str copy;

	if (!uri_is_host(host, &kind) || kind == URI_HOST_NONE) {
		log_limited(LOG_WARN, "script", "cannot advertise what is no host",
			    KV_STR("host", host));
		return FN_FALSE;
	}
	copy = pool_str(ctx->pool, host);
	if (!copy.p)
		return FN_FALSE;
	ctx->adv_host = copy;
	return FN_TRUE;
}

static int fn_set_advertised_address(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct str host = argv[0].s;
	char bracketed[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(bracketed);
	struct addr a;

	(void)argc;
	if (host.n && host.p[0] != '[' && !addr_parse(host, &a)) {
		addr_host_put(&b, &a);
		host = buf_str(&b);
	}
	return set_adv_host(ctx, host);
}

static int fn_set_advertised_port(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t port;

	(void)argc;
	if (arg_int(&argv[0], &port) || port < 1 || port > 65535) {
		log_limited(LOG_WARN, "script", "cannot advertise what is no port");
		return FN_FALSE;
	}
	ctx->adv_port = (uint16_t)port;
	return FN_TRUE;
}

/* "udp:192.0.2.1:5060", "192.0.2.1:5060", "tcp:[2001:db8::1]", or a socket's name. */
const struct listener *ctx_socket_find(const struct ctx *ctx, struct str s)
{
	const struct msg_net *net = msg_net_of(ctx);
	struct run *run = ctx->worker->run;
	const struct transport *t = NULL;
	ssize_t colon = str_chr(s, ':');
	const struct listener *l;
	struct addr a;

	for (unsigned i = 0; (l = net->listener_at(run, i)); i++) {
		if (l->name.n && str_eq(l->name, s))
			return l;
	}
	if (colon > 0)
		t = transport_find(str_head(s, (size_t)colon));
	if (t)
		s = str_skip(s, (size_t)colon + 1);
	if (addr_port_parse(s, &a)) {
		if (addr_parse(s, &a))
			return NULL;
		addr_set_port(&a, t ? t->port : 5060);
	}
	return net->listener_find(run, t, &a);
}

int ctx_send_socket_set(struct ctx *ctx, struct str text)
{
	const struct listener *l = text.n ? ctx_socket_find(ctx, text) : NULL;

	if (!l) {
		log_limited(LOG_WARN, "script", "cannot force a socket that is not listened on",
			    KV_STR("socket", text));
		return -ENOENT;
	}
	ctx->send_socket = l;
	return 0;
}

static int fn_force_send_socket(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	return ctx_send_socket_set(ctx, argv[0].s) ? FN_FALSE : FN_TRUE;
}

/* Requests to where the message came from, at the port given or that of its Via, go by its connection. */
static int fn_force_tcp_alias(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t port = via_port(ctx->via, ctx->from.transport);
	int err;

	if (argc && (arg_int(&argv[0], &port) || port < 1 || port > 65535)) {
		log_limited(LOG_WARN, "script",
			    "cannot give a connection an alias that is no port");
		return FN_FALSE;
	}
	if (!ctx->from.conn)
		return FN_FALSE;
	err = msg_net_of(ctx)->conn_alias(ctx->worker, ctx->from.conn, (uint16_t)port, true);
	if (err)
		log_limited(LOG_INFO, "script", "could not give a connection an alias",
			    KV_ADDR("peer", &ctx->from.src), KV_INT("port", port), KV_ERRNO(-err),
			    KV_Z("hint", "a connection that came to us may have one"));
	return err ? FN_FALSE : FN_TRUE;
}

/* --- log ------------------------------------------------------------------------------------------------------------------------- */
static int fn_log(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t level = LOG_ERR;

	(void)ctx;
	if (argc > 1 && arg_int(&argv[0], &level))
		return FN_FALSE;
	/* what a script says on purpose is not limited in rate */
	if (log_wants((enum log_level)level))
		log_write((enum log_level)level, "script", "log",
			  (struct log_kv[]){ KV_TEXT("text", argv[argc - 1].s),
					     { .kind = LOG_END } });
	return FN_TRUE;
}

/* --- the table ------------------------------------------------------------------------------------------------------------------- */
#define REQUEST(NAME, ARGS, CALL, HELP)                   \
	{                                                 \
		NAME, ARGS, IN_REQUESTS, CALL, HELP, NULL \
	}
#define URI_PART(NAME, ARGS, CALL, CHECK, HELP)            \
	{                                                  \
		NAME, ARGS, IN_REQUESTS, CALL, HELP, CHECK \
	}
#define UNSENT(NAME, ARGS, CALL, HELP)                  \
	{                                               \
		NAME, ARGS, IN_UNSENT, CALL, HELP, NULL \
	}
#define ANY(NAME, ARGS, CALL, HELP)                  \
	{                                            \
		NAME, ARGS, IN_ANY, CALL, HELP, NULL \
	}
#define ASKS(NAME, ARGS, CALL, HELP, CHECK)                     \
	{                                                       \
		NAME, ARGS, IN_ANY | FN_PURE, CALL, HELP, CHECK \
	}
#define FORWARD(NAME, CALL)                                                                       \
	{                                                                                         \
		NAME, "|ni", IN_REQUEST, CALL,                                                    \
			"sends the request on statelessly, to a host and port, to a URI's host, " \
			"or to the next hop",                                                     \
			check_forward                                                             \
	}
#define FLAG(NAME, CALL, HELP)                            \
	{                                                 \
		NAME, "i", IN_ANY, CALL, HELP, check_flag \
	}

#define BFLAG(NAME, CALL, HELP)                             \
	{                                                   \
		NAME, "i|i", IN_ANY, CALL, HELP, check_flag \
	}

const struct func_def msg_functions[] = {
	FORWARD("forward", fn_forward),
	FORWARD("forward_udp", fn_forward_udp),
	FORWARD("forward_tcp", fn_forward_tcp),
	FORWARD("forward_tls", fn_forward_tls),

	URI_PART("rewriteuri", "s", fn_seturi, check_uri, "sets the Request-URI"),
	URI_PART("seturi", "s", fn_seturi, check_uri, "sets the Request-URI"),
	REQUEST("revert_uri", "", fn_reverturi, "the Request-URI is again as received"),
	URI_PART("rewritehost", "s", fn_sethost, check_host,
		 "sets the host of the Request-URI; its port stays"),
	URI_PART("sethost", "s", fn_sethost, check_host,
		 "sets the host of the Request-URI; its port stays"),
	URI_PART("seth", "s", fn_sethost, check_host,
		 "sets the host of the Request-URI; its port stays"),
	URI_PART("rewritehostport", "s", fn_sethostport, check_hostport,
		 "sets host and port of the Request-URI"),
	URI_PART("sethostport", "s", fn_sethostport, check_hostport,
		 "sets host and port of the Request-URI"),
	URI_PART("sethp", "s", fn_sethostport, check_hostport,
		 "sets host and port of the Request-URI"),
	URI_PART("rewritehostporttrans", "s", fn_sethostporttrans, check_hostport,
		 "sets host, port and transport of the Request-URI: \"host:port;transport=tcp\""),
	URI_PART("sethostporttrans", "s", fn_sethostporttrans, check_hostport,
		 "sets host, port and transport of the Request-URI"),
	URI_PART("sethpt", "s", fn_sethostporttrans, check_hostport,
		 "sets host, port and transport of the Request-URI"),
	REQUEST("rewriteuser", "s", fn_setuser, "sets the user of the Request-URI"),
	REQUEST("setuser", "s", fn_setuser, "sets the user of the Request-URI"),
	REQUEST("setu", "s", fn_setuser, "sets the user of the Request-URI"),
	REQUEST("rewriteuserpass", "s", fn_setuserpass,
		"sets user and password: \"user:password\""),
	REQUEST("setuserpass", "s", fn_setuserpass, "sets user and password: \"user:password\""),
	REQUEST("setup", "s", fn_setuserpass, "sets user and password: \"user:password\""),
	URI_PART("rewriteport", "i", fn_setport, check_port, "sets the port of the Request-URI"),
	URI_PART("setport", "i", fn_setport, check_port, "sets the port of the Request-URI"),
	URI_PART("setp", "i", fn_setport, check_port, "sets the port of the Request-URI"),
	REQUEST("prefix", "s", fn_prefix, "puts text before the user of the Request-URI"),
	REQUEST("strip", "i", fn_strip, "takes characters off the user's front"),
	REQUEST("strip_tail", "i", fn_strip_tail, "takes characters off the user's end"),
	URI_PART("setdsturi", "s", fn_setdsturi, check_uri,
		 "sets $du, where the request is sent to"),
	REQUEST("resetdsturi", "", fn_resetdsturi, "clears $du"),
	{ "isdsturiset", "", IN_REQUESTS | FN_PURE, fn_isdsturiset, "true when $du is set", NULL },

	FLAG("setflag", fn_setflag, "sets a flag of the message"),
	FLAG("resetflag", fn_resetflag, "clears a flag of the message"),
	ASKS("isflagset", "i", fn_isflagset, "true when a flag of the message is set", check_flag),
	ASKS("len_gt", "i", fn_len_gt, "true when the message is longer: SER's msg:len > n", NULL),

	{ "append_branch", "|ts", IN_ANY, fn_append_branch,
	  "puts a target beside the Request-URI: URI, q; without URI the Request-URI itself",
	  check_append_branch },
	ANY("clear_branches", "", fn_clear_branches, "takes away all targets but the Request-URI"),
	ANY("remove_branch", "|i", fn_remove_branch,
	    "takes away the target that append_branch() added as number n from 0"),
	BFLAG("setbflag", fn_setbflag, "sets a flag of the Request-URI, or of target n from 1"),
	BFLAG("resetbflag", fn_resetbflag, "clears a flag of the Request-URI, or of target n"),
	ASKS("isbflagset", "i|i", fn_isbflagset, "true when a flag of it is set", check_flag),

	REQUEST("force_rport", "", fn_force_rport,
		"answers go to the address and port the request came from (RFC 3581)"),
	REQUEST("add_rport", "", fn_force_rport,
		"answers go to the address and port the request came from (RFC 3581)"),
	REQUEST("add_local_rport", "", fn_add_local_rport,
		"our Via asks for the port that it was seen from (RFC 3581)"),
	REQUEST("userphone", "", fn_userphone, "puts user=phone behind the Request-URI"),
	UNSENT("force_send_socket", "n", fn_force_send_socket,
	       "sends from this socket: \"udp:192.0.2.1:5060\" or a socket's name"),
	UNSENT("set_advertised_address", "s", fn_set_advertised_address,
	       "what stands in our Via instead of the socket's address"),
	{ "set_advertised_port", "i", IN_UNSENT, fn_set_advertised_port,
	  "what stands in our Via instead of the socket's port", check_port },

	{ "force_tcp_alias", "|i", IN_REQUEST | IN_REPLY, fn_force_tcp_alias,
	  "requests to where the message came from, at this port or that of its Via, go by its "
	  "connection as long as that lives; -1: it came by none",
	  check_alias_port },
	{ "add_tcp_alias", "|i", IN_REQUEST | IN_REPLY, fn_force_tcp_alias, "the same",
	  check_alias_port },

	ANY("log", "s", fn_log, "writes a line at level -1 (error)"),
	ANY("log", "is", fn_log, "writes a line at a level from -1 (error) to 3 (debug)"),
	{ .name = NULL },
};

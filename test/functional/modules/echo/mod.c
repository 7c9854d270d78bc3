/* SPDX-License-Identifier: BSD-2-Clause */
/* echo: lines over TLS, as a module with a protocol of its own would speak them: it listens, and it calls. */
#include "core/mod/api.h"

static size_t echo(struct worker *w, const struct origin *from, struct str bytes)
{
	ssize_t end = str_chr(bytes, '\n');
	struct iovec io = { .iov_base = (char *)(uintptr_t)bytes.p, .iov_len = (size_t)(end + 1) };
	struct target back = { .transport = from->transport,
			       .addr = from->src,
			       .from = from->listener,
			       .conn = from->conn,
			       .conn_only = true };

	if (end < 0)
		return bytes.n > 1000 ? STREAM_BAD : 0;
	return net_send(w, &back, &io, 1, 0) ? STREAM_BAD : (size_t)(end + 1);
}
static const struct stream_protocol server = { .name_z = "echo", .bytes = echo };

static size_t answer(struct worker *w, const struct origin *from, struct str bytes)
{
	(void)w;
	log_notice("echo", "was answered", KV_STR("text", bytes), KV_ADDR("by", &from->src));
	return bytes.n;
}
static const struct stream_protocol client = { .name_z = "echo", .bytes = answer };

struct echo_conf {
	int64_t port;
};
static const struct param_def params[] = {
	{ .name = "port",
	  .type = P_INT,
	  .offset = offsetof(struct echo_conf, port),
	  .def = 7,
	  .min = 1,
	  .max = 65535,
	  .help = "where it listens" },
	{ .type = P_END },
};
static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct echo_conf *c = section;

	return net_conf_listen_for(conf->sections[*net_module.index], arena,
				   &(struct listen_def){ .transport = STR("tls"),
							 .host = STR("127.0.0.1"),
							 .port = (uint16_t)c->port },
				   &server);
}

/* echo_call("127.0.0.1", 5099, "name of the certificate", "text") */
static MODULE_FN(echo_call)
{
	struct target t = { .transport = transport_of(TRANSPORT_TLS),
			    .identity = argv[2].s,
			    .protocol = &client };
	struct iovec io = { .iov_base = (char *)(uintptr_t)argv[3].s.p, .iov_len = argv[3].s.n };

	(void)argc;
	if (addr_parse(argv[0].s, &t.addr))
		return FN_FALSE;
	addr_set_port(&t.addr, (uint16_t)argv[1].i);
	t.from = net_listener_for(ctx->worker, t.transport, &t.addr, NULL);
	return t.from && !net_send(ctx->worker, &t, &io, 1, 0) ? FN_TRUE : FN_FALSE;
}
static const struct func_def functions[] = {
	MODULE_DOES(echo_call, "siss", NULL, "sends a text over TLS and logs what is answered"),
	{ .name = NULL },
};

static unsigned module_index;
const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "echo",
	.help = "lines over TLS that come back: a protocol of a module's own",
	.params = params,
	.section_size = sizeof(struct echo_conf),
	.functions = functions,
	.index = &module_index,
	.check = check,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that a script makes. */
#include "modules/tm/funcs.h"

#include "modules/tm/local.h"

/* Of a constant without attributes in it. */
static bool is_no_uri(const struct value *v)
{
	struct sip_uri u;

	return v->type == VALUE_STR && str_chr(v->s, '$') < 0 && str_chr(v->s, '%') < 0 &&
	       uri_parse(v->s, &u, NULL);
}

const char *check_uac_send(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (is_no_uri(&argv[1]))
		return "the Request-URI is not a URI";
	if (argv[2].s.n && is_no_uri(&argv[2]))
		return "the next hop is not a URI; \"\" is none";
	return NULL;
}

/* Empty: none. */
static struct str text_of(const struct value *v)
{
	return v->type == VALUE_STR && v->s.n ? v->s : STR_NULL;
}

MODULE_FN(t_uac_send)
{
	struct tm_request r = { .method = text_of(&argv[0]),
				.ruri = text_of(&argv[1]),
				.next_hop = text_of(&argv[2]),
				.headers = text_of(&argv[4]),
				.body = text_of(&argv[5]) };
	struct str socket = text_of(&argv[3]);
	uint64_t id;

	(void)argc;
	if (!str_is_null(socket)) {
		r.socket = ctx_socket_find(ctx, socket);
		if (!r.socket) {
			log_limited(LOG_WARN, "tm",
				    "cannot send a request from a socket that is not listened on",
				    KV_STR("socket", socket));
			return FN_FALSE;
		}
	}
	return local_send(ctx->worker, &r, &id) ? FN_FALSE : FN_TRUE;
}

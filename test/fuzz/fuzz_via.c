/* SPDX-License-Identifier: BSD-2-Clause */
/* layers: core/base core/mem parser */
/* One value of Via: its parts lie inside it, and what is written from them is read as the same. */
#include "core/base/buf.h"
#include "fuzz.h"
#include "parser/via.h"

static void check_parts(const struct sip_via *v, struct str text)
{
	enum uri_host_kind kind;

	REQUIRE(inside(v->whole, text) && inside(v->params, v->whole));
	REQUIRE(v->protocol.n && v->version.n && v->transport.n);
	REQUIRE(inside(v->protocol, v->whole) && inside(v->version, v->whole));
	REQUIRE(inside(v->transport, v->whole) && inside(v->host, v->whole));
	REQUIRE(uri_is_host(v->host, &kind) && kind == v->host_kind);
	REQUIRE(inside(v->branch, v->params) && inside(v->received, v->params));
	REQUIRE(inside(v->rport, v->params) && inside(v->maddr, v->params));
	REQUIRE(inside(v->ttl, v->params) && inside(v->i, v->params));
	if (!str_is_null(v->rport))
		REQUIRE(v->rport_param.whole.n && inside(v->rport_param.whole, v->params));
	if (!str_is_null(v->received))
		REQUIRE(v->received_param.whole.n && inside(v->received_param.whole, v->params));
	REQUIRE(v->params.n == 0 || v->params.p[0] == ';');
}

static void write_and_read(const struct sip_via *v)
{
	size_t cap = v->whole.n + 64;
	char *room = malloc(cap);
	struct buf b = buf_over(room, cap);
	struct sip_via again;

	REQUIRE(room);
	buf_fmt(&b, STRF "/" STRF "/" STRF " ", STRA(v->protocol), STRA(v->version),
		STRA(v->transport));
	buf_str_put(&b, v->host);
	if (v->port)
		buf_fmt(&b, ":%u", v->port);
	buf_str_put(&b, v->params);
	REQUIRE(buf_ok(&b));
	REQUIRE(via_parse(buf_str(&b), &again, NULL) == 0);
	REQUIRE(str_eq(again.host, v->host) && again.port == v->port);
	REQUIRE(str_eq(again.params, v->params) && str_eq(again.branch, v->branch));
	REQUIRE(str_is_null(again.rport) == str_is_null(v->rport) && str_eq(again.rport, v->rport));
	REQUIRE(str_eq(again.received, v->received) && again.has_alias == v->has_alias);
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = input_text(data, size);
	struct sip_via via;
	size_t offset = 0;

	if (via_parse(text, &via, &offset)) {
		REQUIRE(offset <= size);
	} else {
		check_parts(&via, text);
		write_and_read(&via);
	}
	input_free(text);
	return 0;
}

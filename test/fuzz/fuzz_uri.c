/* SPDX-License-Identifier: BSD-2-Clause */
/* layers: core/base core/mem parser */
/* Two URIs, one on each line: each is put together again from its parts, and they are compared. */
#include "core/base/buf.h"
#include "fuzz.h"
#include "parser/uri.h"

static void put_together(struct buf *b, const struct sip_uri *u)
{
	buf_str_put(b, u->scheme_text);
	buf_char(b, ':');
	if (u->scheme != URI_SIP && u->scheme != URI_SIPS) {
		buf_str_put(b, u->opaque);
		return;
	}
	buf_str_put(b, u->user);
	if (!str_is_null(u->password)) {
		buf_char(b, ':');
		buf_str_put(b, u->password);
	}
	if (!str_is_null(u->user))
		buf_char(b, '@');
	buf_str_put(b, u->host);
	if (!str_is_null(u->port_text)) {
		buf_char(b, ':');
		buf_str_put(b, u->port_text);
	}
	buf_str_put(b, u->params);
	if (!str_is_null(u->headers)) {
		buf_char(b, '?');
		buf_str_put(b, u->headers);
	}
}

static void check_parts(const struct sip_uri *u, char *room)
{
	enum uri_host_kind kind;
	struct buf b = buf_over(room, u->text.n);

	put_together(&b, u);
	REQUIRE(buf_ok(&b) && str_eq(buf_str(&b), u->text));
	for (size_t i = 0; i < u->text.n; i++)
		REQUIRE(u->text.p[i] > ' ' && u->text.p[i] < 0x7f);
	if (u->scheme == URI_SIP || u->scheme == URI_SIPS) {
		REQUIRE(uri_is_host(u->host, &kind) && kind == u->host_kind);
		REQUIRE(str_is_null(u->user) || uri_is_user(u->user));
		REQUIRE((u->port != 0) == !str_is_null(u->port_text));
	} else {
		REQUIRE(str_is_null(u->host) && u->host_kind == URI_HOST_NONE && u->opaque.n);
	}
	REQUIRE(uri_unescape(u->text, room).n <= u->text.n);
	REQUIRE(inside(uri_param(u, STR("transport")), u->params) ||
		uri_param(u, STR("transport")).n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = input_text(data, size), rest = text, line;
	struct sip_uri u[2];
	unsigned n = 0;
	char *room = malloc(size + 1);

	REQUIRE(room);
	while (n < 2 && str_split(&rest, '\n', &line)) {
		struct str alone = input_text((const uint8_t *)line.p, line.n);
		struct sip_uri again;
		size_t offset = 0;

		if (uri_parse(alone, &again, &offset))
			REQUIRE(offset <= alone.n);
		else
			check_parts(&again, room);
		input_free(alone);
		if (uri_parse(line, &u[n], &offset) == 0)
			n++;
	}
	for (unsigned i = 0; i < n; i++)
		REQUIRE(uri_eq(&u[i], &u[i]));
	if (n == 2)
		REQUIRE(uri_eq(&u[0], &u[1]) == uri_eq(&u[1], &u[0]));
	free(room);
	input_free(text);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* layers: core/base core/mem parser */
/* One value of From, Contact and their like: its parts lie inside it, and what is written from them is read as the same. */
#include "core/base/buf.h"
#include "fuzz.h"
#include "parser/nameaddr.h"

static void write_and_read(const struct sip_nameaddr *na)
{
	size_t cap = na->whole.n + 64;
	char *room = malloc(cap);
	struct buf b = buf_over(room, cap);
	struct sip_nameaddr again;

	REQUIRE(room);
	buf_str_put(&b, na->display);
	buf_fmt(&b, na->in_brackets ? " <" STRF ">" : "" STRF "", STRA(na->uri));
	buf_str_put(&b, na->params);
	REQUIRE(buf_ok(&b));
	REQUIRE(nameaddr_parse(buf_str(&b), &again, NULL) == 0);
	REQUIRE(str_eq(again.display, na->display) && str_eq(again.uri, na->uri));
	REQUIRE(again.in_brackets == na->in_brackets && str_eq(again.params, na->params));
	REQUIRE(str_is_null(again.tag) == str_is_null(na->tag) && str_eq(again.tag, na->tag));
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = input_text(data, size);
	struct sip_nameaddr na;
	size_t offset = 0;

	if (nameaddr_parse(text, &na, &offset)) {
		REQUIRE(offset <= size);
	} else if (!na.is_star) {
		REQUIRE(inside(na.whole, text) && inside(na.display, na.whole));
		REQUIRE(inside(na.uri, na.whole) && na.uri.n && inside(na.params, na.whole));
		REQUIRE(inside(na.tag, na.params));
		REQUIRE(na.in_brackets || (str_chr(na.uri, ';') < 0 && str_chr(na.uri, '?') < 0));
		REQUIRE(str_chr(na.uri, ' ') < 0 && str_chr(na.uri, '\n') < 0);
		if (str_chr(na.uri, '\0') < 0)
			write_and_read(&na);
	}
	input_free(text);
	return 0;
}

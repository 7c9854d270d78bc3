/* SPDX-License-Identifier: BSD-2-Clause */
/* layers: core/base core/mem parser */
/* Parameters: each is found by its name, and the rest can be read without it. */
#include "core/base/buf.h"
#include "fuzz.h"
#include "parser/param.h"

static int count(struct str rest)
{
	struct sip_param param;
	int n = 0, more;

	while ((more = sip_param_next(&rest, &param)) > 0)
		n++;
	return more < 0 ? more : n;
}

/* Taking one parameter out leaves the others. */
static void remove_one(struct str text, struct str whole, char *room)
{
	struct buf b = buf_over(room, text.n);
	int before = count(text);

	buf_str_put(&b, str_between(text.p, whole.p));
	buf_str_put(&b, str_between(str_end(whole), str_end(text)));
	REQUIRE(buf_ok(&b));
	REQUIRE(before < 0 || count(buf_str(&b)) == before - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = input_text(data, size), rest = text;
	char *room = malloc(size + 1);
	struct sip_param param, found;
	unsigned n = 0;

	REQUIRE(room);
	while (sip_param_next(&rest, &param) > 0) {
		REQUIRE(inside(param.whole, text) && inside(rest, text));
		REQUIRE(inside(param.name, param.whole) && inside(param.value, param.whole));
		REQUIRE(param.name.n && param.whole.p[0] == ';');
		REQUIRE(str_end(param.whole) <= str_end(text));
		REQUIRE(sip_unquote(param.value, room).n <= param.value.n);
		if (n++ < 64) {
			REQUIRE(sip_param_find(text, param.name, &found));
			REQUIRE(found.name.p <= param.name.p);
			remove_one(text, param.whole, room);
		}
	}
	REQUIRE(inside(rest, text));
	free(room);
	input_free(text);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/chars.h"
#include "parser/param.h"

#include <errno.h>

/* All parameters as "name=value|" ("name|" for a flag), and what the last call returned. */
struct vector {
	const char *in_z, *out_z;
	int result;
};

static const struct vector vectors[] = {
	{ "", "", 0 },
	{ "  \t", "", 0 },
	{ ";lr", "lr|", 0 },
	{ ";a=b", "a=b|", 0 },
	{ ";a=b;c", "a=b|c|", 0 },
	{ " ; a = b ;c ", "a=b|c|", 0 },
	{ "\r\n ;\r\n a\r\n\t=\r\n b\r\n ;c=d\r\n ", "a=b|c=d|", 0 },
	{ ";tag=", "tag=|", 0 },
	{ ";tag= ;x", "tag=|x|", 0 },
	{ ";a=\"\"", "a=\"\"|", 0 },
	{ ";a=\"b;c,d\\\"e\";f", "a=\"b;c,d\\\"e\"|f|", 0 },
	{ ";a = \"b\" ; c", "a=\"b\"|c|", 0 },
	{ ";received=2001:db8::1;maddr=[::1]", "received=2001:db8::1|maddr=[::1]|", 0 },
	{ ";+sip.instance=\"<urn:uuid:0>\";reg-id=1", "+sip.instance=\"<urn:uuid:0>\"|reg-id=1|",
	  0 },
	{ ";fromParam''~+*_!.-%=\"\xd1\x80\";tag=_token~1'+`*%!-.",
	  "fromParam''~+*_!.-%=\"\xd1\x80\"|tag=_token~1'+`*%!-.|", 0 },
	{ ";id=YWJj==;x", "id=YWJj==|x|", 0 },
	{ ";", "", -EBADMSG },
	{ ";;a", "", -EBADMSG },
	{ ";a;;", "a|", -EBADMSG },
	{ ";=b", "", -EBADMSG },
	{ "a=b", "", -EBADMSG },
	{ ";a b", "a|", -EBADMSG },
	{ ";a=b c", "a=b|", -EBADMSG },
	{ ";a=\"b\"c", "a=\"b\"|", -EBADMSG },
	{ ";a=\"b", "", -EBADMSG },
	{ ";a=\"b\\\"", "", -EBADMSG },
	{ ";a=\"b\\", "", -EBADMSG },
	{ ";a=<b>", "a=|", -EBADMSG },
	{ ";a=b,c", "a=b|", -EBADMSG },
	{ ";a@=b", "a|", -EBADMSG },
};

static void vectors_are_read_as_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct str text = text_alone(str_z(vectors[i].in_z)), rest = text;
		struct sip_param param;
		char out[256];
		size_t n = 0;
		int more;

		while ((more = sip_param_next(&rest, &param)) > 0) {
			n += (size_t)snprintf(out + n, sizeof(out) - n, STRF "%s" STRF "|",
					      STRA(param.name), str_is_null(param.value) ? "" : "=",
					      STRA(param.value));
			assert_true(str_starts(param.whole, STR(";")));
			assert_ptr_equal(str_end(param.whole), str_is_null(param.value)
								       ? str_end(param.name)
								       : str_end(param.value));
		}
		assert_str_in(str_of(out, n), vectors[i].out_z, vectors[i].in_z);
		if (more != vectors[i].result)
			fail_msg("%s: %d, expected %d", vectors[i].in_z, more, vectors[i].result);
		if (more == 0)
			assert_int_equal(rest.n, 0);
		text_free(text);
	}
}

static void a_parameter_is_found_in_any_case(void **state)
{
	struct sip_param param;

	(void)state;
	assert_true(sip_param_find(STR(";x=1 ; Branch = z9 ;lr"), STR("branch"), &param));
	assert_str(param.value, "z9");
	assert_str(param.whole, "; Branch = z9");
	assert_true(sip_param_find(STR(";x=1;lr"), STR("LR"), &param));
	assert_str(param.value, NULL);
	assert_str(param.whole, ";lr");
	assert_false(sip_param_find(STR(";x=\"lr;lr\""), STR("lr"), &param));
	assert_false(sip_param_find(STR(";;lr"), STR("lr"), &param));
	assert_false(sip_param_find(STR_NULL, STR("lr"), &param));
}

static void quoted_strings_lose_their_escapes(void **state)
{
	static const struct {
		struct str in;
		const char *out_z;
	} quoted[] = {
		{ STR_INIT("\"\""), "" },
		{ STR_INIT("\"a b\""), "a b" },
		{ STR_INIT("\"\\\"\\\\\""), "\"\\" },
		{ STR_INIT("\"\\a\""), "a" },
		{ STR_INIT("plain\\x"), "plain\\x" },
		{ STR_INIT("\"open"), "open" },
		{ STR_INIT("\"open\\"), "open\\" },
		{ STR_INIT(""), "" },
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < COUNT(quoted); i++)
		assert_str(sip_unquote(quoted[i].in, out), quoted[i].out_z);
	assert_memory_equal(sip_unquote(STR("\"\\\0\""), out).p, "\0", 1);
}

/* An unquoted value ends where the table of characters says, wherever it lies in the text and however long that is. */
static void a_value_ends_at_the_first_byte_that_is_none(void **state)
{
	(void)state;
	for (size_t n = 1; n < 50; n++) {
		for (unsigned c = 0; c < 256 * 4; c++) {
			char text[64];
			size_t at = n * (c / 256) / 4, end;
			struct str alone, rest;
			struct sip_param param;

			memset(text, 'v', sizeof(text));
			memcpy(text, ";n=", 3);
			text[3 + at] = (char)c;
			alone = rest = text_alone(str_of(text, 3 + n));
			end = char_is((char)c, CH_VALUE) ? n : at;
			if (at == 0 && ((char)c == '"' || char_is((char)c, CH_LWS) || end == 0)) {
				text_free(alone);
				continue;
			}
			assert_int_equal(sip_param_next(&rest, &param), 1);
			if (param.value.n != end)
				fail_msg("byte %u at %zu of %zu: %zu", c & 255, at, n,
					 param.value.n);
			text_free(alone);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_are_read_as_expected),
		cmocka_unit_test(a_parameter_is_found_in_any_case),
		cmocka_unit_test(quoted_strings_lose_their_escapes),
		cmocka_unit_test(a_value_ends_at_the_first_byte_that_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

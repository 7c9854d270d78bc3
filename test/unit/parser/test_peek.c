/* SPDX-License-Identifier: BSD-2-Clause */
/* A header field found without an index. */
#include "parser/peek.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define HEAD "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c\r\n"

static void the_call_id_is_found(void **state)
{
	static const struct {
		const char *in_z, *out_z; /* NULL: none */
	} vectors[] = {
		{ HEAD "Call-ID: one\r\n\r\n", "one" },
		{ HEAD "i:two\r\n\r\n", "two" },
		{ HEAD "CALL-id \t:  three \t\r\nTo: x\r\n\r\n", "three" },
		{ HEAD "Call-ID:\r\n four\r\n\r\n", "four" },
		{ HEAD "Call-ID: five\r\nCall-ID: six\r\n\r\n", "five" },
		{ HEAD "Subject: x\r\n Call-ID: folded\r\ni: seven\r\n\r\n", "seven" },
		{ HEAD "Call-ID\r\n\t: eight\r\n\r\n", "eight" },
		{ HEAD "Call-ID:\r\n\r\n", "" },
		{ HEAD "Call-ID: cut", "cut" },
		{ HEAD "Call-IDs: other\r\nCall-I: other\r\n\r\n", NULL },
		{ HEAD "Call-ID without colon\r\n\r\n", NULL },
		{ HEAD "\r\nCall-ID: body\r\n\r\n", NULL },
		{ HEAD, NULL },
		{ "Call-ID: first line\r\n\r\n", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t n = strlen(vectors[i].in_z);
		char *in = malloc(n ? n : 1); /* without an end, so that reading on is seen */
		struct str body = STR("untouched");
		bool found;

		memcpy(in, vectors[i].in_z, n);
		found = hdr_peek(str_of(in, n), HDR_CALL_ID, &body);
		assert_int_equal(found, vectors[i].out_z != NULL);
		assert_true(str_eq(body, found ? str_z(vectors[i].out_z) : STR("untouched")));
		free(in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_call_id_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is mended in messages that people wrote, and what is left alone. */
#include "core/try/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
	const char *in_z, *out_z, *note_z;
} vectors[] = {
	{ "A b SIP/2.0\r\nl: 0\r\n\r\n", "A b SIP/2.0\r\nl: 0\r\n\r\n", "" },
	{ "A b SIP/2.0\nl: 0\n\n", "A b SIP/2.0\r\nl: 0\r\n\r\n", "line ends were made CR LF" },
	{ "A b SIP/2.0\r\nl: 0\r\n", "A b SIP/2.0\r\nl: 0\r\n\r\n",
	  "the empty line behind the header fields was missing" },
	/* a body is what Content-Length counted: with CRs that an editor took away, or without */
	{ "A b SIP/2.0\nl: 6\n\nx\ny\n", "A b SIP/2.0\r\nl: 6\r\n\r\nx\r\ny\r\n",
	  "line ends were made CR LF" },
	{ "A b SIP/2.0\nl: 4\n\nx\ny\n", "A b SIP/2.0\r\nl: 4\r\n\r\nx\ny\n",
	  "line ends were made CR LF" },
	{ "# serac\n# from udp:1.2.3.4:5\n\nA b SIP/2.0\r\n\r\nx\n", "A b SIP/2.0\r\n\r\nx\n", "" },
};

static void line_ends_and_bodies_are_mended(void **state)
{
	struct pool *p = pool_new(4096, 1 << 20);
	struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		char got_z[256];

		assert_int_equal(message_of(p, str_z(vectors[i].in_z), &m), 0);
		snprintf(got_z, sizeof(got_z), STRF, STRA(m.text));
		assert_string_equal(got_z, vectors[i].out_z);
		assert_string_equal(m.note ? m.note : "", vectors[i].note_z);
	}
	assert_true(str_eq(m.from, STR("udp:1.2.3.4:5")));
	assert_true(str_is_null(m.to));
	pool_drop(&p);
}

static void a_request_is_made_sound(void **state)
{
	struct pool *p = pool_new(4096, 1 << 20);
	struct str text = message_request(p, STR("INVITE sip:b@c"), STR("To: <sip:x@y>\n\nhi\n"),
					  STR("tcp:192.0.2.1:5060"), 7);
	struct sip_msg msg;
	struct sip_error e;

	(void)state;
	assert_int_equal(sip_msg_parse(&msg, p, text, true, &e), 0);
	assert_true(str_starts(sip_msg_find(&msg, STR("Via"))->body,
			       STR("SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bKtest7")));
	assert_true(str_eq(sip_msg_find(&msg, STR("To"))->body, STR("<sip:x@y>")));
	assert_null(sip_hdr_next(sip_msg_find(&msg, STR("To"))));
	assert_true(str_eq(msg.body, STR("hi\r\n")));
	assert_true(str_is_null(
		message_request(p, STR("INVITE"), STR_NULL, STR("udp:192.0.2.1:5060"), 7)));
	pool_drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_ends_and_bodies_are_mended),
		cmocka_unit_test(a_request_is_made_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

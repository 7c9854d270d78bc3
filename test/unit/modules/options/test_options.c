/* SPDX-License-Identifier: BSD-2-Clause */
/* The answer to OPTIONS, with each parameter. */
#include "test/unit/modules/module_test.h"

static enum script_result script_options(struct ctx *ctx)
{
	fake.last = TEST_CALL(ctx, "options_reply");
	return SCRIPT_DONE;
}

/* Sets a parameter as a script would. */
static void set(const char *name_z, const char *value_z)
{
	for (const struct param_def *p = serac_module.params; p->name; p++) {
		if (!strcmp(p->name, name_z)) {
			*(struct str *)(void *)(fake.section + p->offset) = str_z(value_z);
			return;
		}
	}
	fail_msg("no parameter %s", name_z);
}

static const char *checked(void)
{
	return serac_module.check(&fake.conf, fake.section, NULL);
}

/* The answer to a request to uri; null: none was sent. */
static struct str ask(const char *method_z, const char *uri_z, unsigned listener)
{
	fake.script = script_options;
	fake.sent_n = 0;
	fake_receive(listener, "127.0.0.5:5062", listener == 1 ? 77 : 0,
		     fake_request(method_z, uri_z, VIA_A, ""));
	return fake.sent_n ? fake_out(0) : STR_NULL;
}

static void what_the_router_can_do_is_answered(void **state)
{
	struct str out;

	(void)state;
	fake_module(&serac_module);
	assert_null(checked());
	out = ask("OPTIONS", "sip:127.0.0.1", 0);
	assert_int_equal(fake.last, FN_TRUE);
	assert_has(out, "SIP/2.0 200 OK\r\n");
	assert_has(
		out,
		"\r\nAccept: */*\r\nAccept-Encoding: \r\nAccept-Language: en\r\nSupported: \r\n");
	assert_has_not(out, "Contact:");
	set("accept", "application/sdp");
	set("accept_encoding", "gzip");
	set("accept_language", "de, en");
	set("support", "path");
	assert_null(checked());
	assert_has(ask("OPTIONS", "sip:127.0.0.1:5060", 0),
		   "\r\nAccept: application/sdp\r\nAccept-Encoding: gzip\r\n"
		   "Accept-Language: de, en\r\nSupported: path\r\n");
}

static void a_contact_names_the_router(void **state)
{
	(void)state;
	fake_module(&serac_module);
	set("contact_param", "ob");
	assert_null(checked());
	assert_has(ask("OPTIONS", "sip:127.0.0.1", 0), "\r\nContact: <sip:127.0.0.1:5060;ob>\r\n");
	assert_has(ask("OPTIONS", "sip:127.0.0.1", 1),
		   "\r\nContact: <sip:127.0.0.1:5060;transport=tcp;ob>\r\n");
	assert_has(ask("OPTIONS", "sip:127.0.0.1", 3),
		   "\r\nContact: <sip:edge.example.net:5070;ob>\r\n");
	set("contact_param", ";a=b");
	set("contact", "RURI");
	assert_null(checked());
	assert_has(ask("OPTIONS", "sip:h.example:5099;x", 0),
		   "\r\nContact: <sip:h.example:5099;a=b>\r\n");
	assert_has(ask("OPTIONS", "sip:h.example", 0), "\r\nContact: <sip:h.example;a=b>\r\n");
	set("contact", "edge.example.com");
	set("contact_param", NULL);
	assert_has(ask("OPTIONS", "sip:h.example", 0), "\r\nContact: <sip:edge.example.com>\r\n");
}

static void what_is_not_for_the_router_is_not_answered(void **state)
{
	static const char *const other[][2] = { { "OPTIONS", "sip:b@127.0.0.1" },
						{ "MESSAGE", "sip:127.0.0.1" },
						{ "OPTIONS", "tel:+4930" } };

	(void)state;
	fake_module(&serac_module);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		assert_true(str_is_null(ask(other[i][0], other[i][1], 0)));
		assert_int_equal(fake.last, FN_FALSE);
	}
}

static void no_parameter_ends_a_line(void **state)
{
	static const char *const names[] = { "accept",	"accept_encoding", "accept_language",
					     "support", "contact",	   "contact_param" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fake_module(&serac_module);
		set(names[i], "a\r\nX: y");
		assert_non_null(strstr(checked(), "without line end"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(what_the_router_can_do_is_answered),
		FAKE_TEST(a_contact_names_the_router),
		FAKE_TEST(what_is_not_for_the_router_is_not_answered),
		FAKE_TEST(no_parameter_ends_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

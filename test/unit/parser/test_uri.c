/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/uri.h"

#include <errno.h>

struct vector {
	const char *in_z;
	enum uri_scheme scheme;
	const char *user_z, *password_z, *host_z;
	enum uri_host_kind kind;
	unsigned port;
	const char *params_z, *headers_z, *opaque_z;
};

static const struct vector good[] = {
	{ "sip:example.com", URI_SIP, NULL, NULL, "example.com", URI_HOST_NAME, 0, "", NULL, NULL },
	{ "SIPS:a@b", URI_SIPS, "a", NULL, "b", URI_HOST_NAME, 0, "", NULL, NULL },
	{ "sip:alice:secretword@atlanta.com;transport=tcp", URI_SIP, "alice", "secretword",
	  "atlanta.com", URI_HOST_NAME, 0, ";transport=tcp", NULL, NULL },
	{ "sip:a:@b", URI_SIP, "a", "", "b", URI_HOST_NAME, 0, "", NULL, NULL },
	{ "sips:1212@gateway.com:5061", URI_SIPS, "1212", NULL, "gateway.com", URI_HOST_NAME, 5061,
	  "", NULL, NULL },
	{ "sip:+1-212-555-1212:1234@gateway.com;user=phone", URI_SIP, "+1-212-555-1212", "1234",
	  "gateway.com", URI_HOST_NAME, 0, ";user=phone", NULL, NULL },
	{ "sip:alice;day=tuesday@atlanta.com", URI_SIP, "alice;day=tuesday", NULL, "atlanta.com",
	  URI_HOST_NAME, 0, "", NULL, NULL },
	{ "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", URI_SIP, NULL, NULL,
	  "atlanta.com", URI_HOST_NAME, 0, ";method=REGISTER", "to=alice%40atlanta.com", NULL },
	{ "sip:a@b?subject=project%20x&priority=urgent&x=", URI_SIP, "a", NULL, "b", URI_HOST_NAME,
	  0, "", "subject=project%20x&priority=urgent&x=", NULL },
	{ "sip:u@192.0.2.4:5060;lr", URI_SIP, "u", NULL, "192.0.2.4", URI_HOST_V4, 5060, ";lr",
	  NULL, NULL },
	{ "sip:u@[2001:db8::1]:65535;lr=on", URI_SIP, "u", NULL, "[2001:db8::1]", URI_HOST_V6,
	  65535, ";lr=on", NULL, NULL },
	{ "sip:[::ffff:192.0.2.1]", URI_SIP, NULL, NULL, "[::ffff:192.0.2.1]", URI_HOST_V6, 0, "",
	  NULL, NULL },
	{ "sip:user;par=u%40example.net@example.com", URI_SIP, "user;par=u%40example.net", NULL,
	  "example.com", URI_HOST_NAME, 0, "", NULL, NULL },
	{ "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/"
	  ";;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-"
	  "it)@example.com",
	  URI_SIP, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
	  "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)", "example.com", URI_HOST_NAME, 0, "", NULL,
	  NULL },
	{ "sip:sips%3Auser%40example.com@example.net", URI_SIP, "sips%3Auser%40example.com", NULL,
	  "example.net", URI_HOST_NAME, 0, "", NULL, NULL },
	{ "sip:%00%00@host5.example.com", URI_SIP, "%00%00", NULL, "host5.example.com",
	  URI_HOST_NAME, 0, "", NULL, NULL },
	{ "sip:*72#@pbx_1.example.com.", URI_SIP, "*72#", NULL, "pbx_1.example.com.", URI_HOST_NAME,
	  0, "", NULL, NULL },
	{ "sip:h;%6C%72;n%61me=v%61lue%25%34%31;a=[x]/:&+$;b=;c=YQ==", URI_SIP, NULL, NULL, "h",
	  URI_HOST_NAME, 0, ";%6C%72;n%61me=v%61lue%25%34%31;a=[x]/:&+$;b=;c=YQ==", NULL, NULL },
	{ "sip:1.2.3.4.example", URI_SIP, NULL, NULL, "1.2.3.4.example", URI_HOST_NAME, 0, "", NULL,
	  NULL },
	{ "sip:3f2a9b", URI_SIP, NULL, NULL, "3f2a9b", URI_HOST_NAME, 0, "", NULL, NULL },
	{ "sip:h:0005060", URI_SIP, NULL, NULL, "h", URI_HOST_NAME, 5060, "", NULL, NULL },
	{ "tel:+1-201-555-0123", URI_TEL, "+1-201-555-0123", NULL, NULL, URI_HOST_NONE, 0, "", NULL,
	  "+1-201-555-0123" },
	{ "tel:7042;phone-context=example.com", URI_TEL, "7042", NULL, NULL, URI_HOST_NONE, 0,
	  ";phone-context=example.com", NULL, "7042;phone-context=example.com" },
	{ "tel:*31#863-1234;phone-context=+1-914-555;ext=12", URI_TEL, "*31#863-1234", NULL, NULL,
	  URI_HOST_NONE, 0, ";phone-context=+1-914-555;ext=12", NULL,
	  "*31#863-1234;phone-context=+1-914-555;ext=12" },
	{ "tel:911", URI_TEL, "911", NULL, NULL, URI_HOST_NONE, 0, "", NULL, "911" },
	{ "urn:service:sos", URI_URN, NULL, NULL, NULL, URI_HOST_NONE, 0, "", NULL, "service:sos" },
	{ "URN:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", URI_URN, NULL, NULL, NULL, URI_HOST_NONE,
	  0, "", NULL, "uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6" },
	{ "soap.beep://192.0.2.103:3002", URI_OTHER, NULL, NULL, NULL, URI_HOST_NONE, 0, "", NULL,
	  "//192.0.2.103:3002" },
	{ "nobodyKnowsThisScheme:totallyopaquecontent", URI_OTHER, NULL, NULL, NULL, URI_HOST_NONE,
	  0, "", NULL, "totallyopaquecontent" },
	{ "http://www.example.com/a?b=c#d", URI_OTHER, NULL, NULL, NULL, URI_HOST_NONE, 0, "", NULL,
	  "//www.example.com/a?b=c#d" },
};

static void good_uris_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		const struct vector *v = &good[i];
		struct str text = text_alone(str_z(v->in_z));
		struct sip_uri u;
		size_t offset = 999;

		if (uri_parse(text, &u, &offset))
			fail_msg("%s: rejected at %zu", v->in_z, offset);
		assert_int_equal(offset, 999);
		assert_int_equal(u.scheme, v->scheme);
		assert_str_in(u.text, v->in_z, v->in_z);
		assert_true(u.scheme_text.p == text.p && u.scheme_text.p[u.scheme_text.n] == ':');
		assert_str_in(u.user, v->user_z, v->in_z);
		assert_str_in(u.password, v->password_z, v->in_z);
		assert_str_in(u.host, v->host_z, v->in_z);
		assert_int_equal(u.host_kind, v->kind);
		assert_int_equal(u.port, v->port);
		assert_int_equal(str_is_null(u.port_text), v->port == 0);
		assert_str_in(u.params, v->params_z, v->in_z);
		assert_str_in(u.headers, v->headers_z, v->in_z);
		assert_str_in(u.opaque, v->opaque_z, v->in_z);
		assert_true(uri_eq(&u, &u));
		text_free(text);
	}
}

static const struct {
	const char *in_z;
	size_t offset;
} bad[] = {
	{ "", 0 },
	{ ":", 0 },
	{ "sip", 0 },
	{ "1sip:a@b", 0 },
	{ "s_p:a@b", 0 },
	{ " sip:a@b", 0 },
	{ "<sip:a@b>", 0 },
	{ "sip:", 4 },
	{ "sip:@b", 4 },
	{ "sip::p@b", 4 },
	{ "sip:a@", 6 },
	{ "sip:a b@c", 5 },
	{ "sip:a@b c", 7 },
	{ "sip:a@b ", 7 },
	{ "sip:a@b@c", 7 },
	{ "sip:a:b:c@d", 7 },
	{ "sip:a:b;c@d", 7 },
	{ "sip:a%4@b", 5 },
	{ "sip:a%zz@b", 5 },
	{ "sip:a\"@b", 5 },
	{ "sip:\xc3\xa9@b", 4 },
	{ "sip:a@-b", 6 },
	{ "sip:a@b-", 6 },
	{ "sip:a@b-.c", 6 },
	{ "sip:a@b..c", 6 },
	{ "sip:a@.b", 6 },
	{ "sip:a@.", 6 },
	{ "sip:a@1.2.3", 6 },
	{ "sip:a@1.2.3.256", 6 },
	{ "sip:a@01.2.3.4", 6 },
	{ "sip:a@1.2.3.4.5", 6 },
	{ "sip:a@123", 6 },
	{ "sip:a@[::1", 6 },
	{ "sip:a@[", 6 },
	{ "sip:a@[]", 6 },
	{ "sip:a@[1.2.3.4]", 6 },
	{ "sip:a@[::g]", 6 },
	{ "sip:a@[::1]x", 11 },
	{ "sip:a@2001:db8::1", 6 },
	{ "sip:a@b:", 8 },
	{ "sip:a@b:0", 8 },
	{ "sip:a@b:65536", 8 },
	{ "sip:a@b:99999999999999999999", 8 },
	{ "sip:a@b:5060x", 12 },
	{ "sip:a@b:+5", 8 },
	{ "sip:a@b;", 8 },
	{ "sip:a@b;;lr", 8 },
	{ "sip:a@b;=x", 8 },
	{ "sip:a@b; lr", 8 },
	{ "sip:a@b;lr ", 10 },
	{ "sip:a@b;?x=y", 8 },
	{ "sip:a@b;lr=%1", 11 },
	{ "sip:a@b?", 8 },
	{ "sip:a@b?x", 9 },
	{ "sip:a@b?=x", 8 },
	{ "sip:a@b?x=y&", 12 },
	{ "sip:a@b?x=y;z=1", 11 },
	{ "sip:a@b?x=<y>", 10 },
	{ "tel:", 4 },
	{ "tel:+", 5 },
	{ "tel:-.()", 8 },
	{ "tel:+12#", 7 },
	{ "tel:+12a", 7 },
	{ "tel:12g", 6 },
	{ "tel:12;", 7 },
	{ "tel:12@b", 6 },
	{ "urn:", 4 },
	{ "urn:x:", 5 },
	{ "urn:x", 5 },
	{ "urn:service:", 11 },
	{ "urn:-ab:c", 7 },
	{ "urn:service:a b", 13 },
	{ "http:", 5 },
	{ "http:a b", 6 },
	{ "http:a%g0", 6 },
	{ "http:a\"", 6 },
};

static void bad_uris_are_rejected_with_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct str text = text_alone(str_z(bad[i].in_z));
		struct sip_uri u = { .port = 77 };
		size_t offset = 999;

		assert_int_equal(uri_parse(text, &u, NULL), -EBADMSG);
		if (uri_parse(text, &u, &offset) != -EBADMSG)
			fail_msg("%s: accepted", bad[i].in_z);
		if (offset != bad[i].offset)
			fail_msg("%s: offset %zu, expected %zu", bad[i].in_z, offset,
				 bad[i].offset);
		assert_int_equal(u.port, 77);
		text_free(text);
	}
}

static void control_bytes_are_nowhere_in_a_uri(void **state)
{
	static const char text[] = "sip:a:p@b:1;c=d?e=f";

	(void)state;
	for (size_t at = 0; at < sizeof(text) - 1; at++) {
		for (unsigned c = 0; c < 256; c++) {
			char copy[sizeof(text)];
			struct sip_uri u;

			if (c > 0x20 && c < 0x7f)
				continue;
			memcpy(copy, text, sizeof(text));
			copy[at] = (char)c;
			assert_int_equal(uri_parse(str_of(copy, sizeof(text) - 1), &u, NULL),
					 -EBADMSG);
		}
	}
}

static void a_parameter_is_found_by_its_meaning(void **state)
{
	struct sip_uri u;

	(void)state;
	assert_int_equal(uri_parse(STR("sip:h;%6C%72;n%61me=v%61lue;x=;transport=TCP"), &u, NULL),
			 0);
	assert_str(uri_param(&u, STR("lr")), "");
	assert_str(uri_param(&u, STR("NAME")), "v%61lue");
	assert_str(uri_param(&u, STR("x")), "");
	assert_str(uri_param(&u, STR("Transport")), "TCP");
	assert_str(uri_param(&u, STR("trans")), NULL);
	assert_str(uri_param(&u, STR("%78")), "");
	/* and where nothing is escaped */
	assert_int_equal(uri_parse(STR("sip:h;ab=1;a=2;LR;x==y;y=;l"), &u, NULL), 0);
	assert_str(uri_param(&u, STR("a")), "2");
	assert_str(uri_param(&u, STR("AB")), "1");
	assert_str(uri_param(&u, STR("lr")), "");
	assert_str(uri_param(&u, STR("x")), "=y");
	assert_str(uri_param(&u, STR("y")), "");
	assert_str(uri_param(&u, STR("l")), "");
	assert_str(uri_param(&u, STR("%6C")), "");
	assert_str(uri_param(&u, STR("b")), NULL);
	assert_str(uri_param(&u, STR("1")), NULL);
	assert_str(uri_param(&u, STR("abc")), NULL);
	assert_str(uri_param(&u, STR("lrx")), NULL);
	assert_str(uri_param(&u, STR("")), NULL);
	assert_int_equal(uri_parse(STR("sip:h"), &u, NULL), 0);
	assert_str(uri_param(&u, STR("lr")), NULL);
	assert_int_equal(uri_parse(STR("tel:1;lr"), &u, NULL), 0);
	assert_str(uri_param(&u, STR("lr")), NULL);
}

static void escapes_are_undone_once(void **state)
{
	char out[64];
	struct str s;

	(void)state;
	assert_str(uri_unescape(STR("v%61lue%25%34%31"), out), "value%41");
	assert_str(uri_unescape(STR("a%"), out), "a%");
	assert_str(uri_unescape(STR("a%4"), out), "a%4");
	assert_str(uri_unescape(STR("%zz%4g"), out), "%zz%4g");
	assert_str(uri_unescape(STR("%%41"), out), "%A");
	s = uri_unescape(STR("null-%00-null"), out);
	assert_int_equal(s.n, 11);
	assert_memory_equal(s.p, "null-\0-null", 11);
}

static void users_and_hosts_alone(void **state)
{
	enum uri_host_kind kind;

	(void)state;
	assert_true(uri_is_user(STR("alice")));
	assert_true(uri_is_user(STR("+49(30)#1;x=y?z")));
	assert_true(uri_is_user(STR("a%20b:pw")));
	assert_false(uri_is_user(STR("")));
	assert_false(uri_is_user(STR("a b")));
	assert_false(uri_is_user(STR("a@b")));
	assert_false(uri_is_user(STR("a%2")));
	assert_true(uri_is_host(STR("a.example"), &kind) && kind == URI_HOST_NAME);
	assert_true(uri_is_host(STR("192.0.2.1"), &kind) && kind == URI_HOST_V4);
	assert_true(uri_is_host(STR("[::]"), &kind) && kind == URI_HOST_V6);
	assert_false(uri_is_host(STR(""), &kind));
	assert_false(uri_is_host(STR("::"), &kind));
	assert_false(uri_is_host(STR("a:5060"), &kind));
	assert_false(uri_is_host(STR("a b"), &kind));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_uris_are_taken_apart),
		cmocka_unit_test(bad_uris_are_rejected_with_the_place),
		cmocka_unit_test(control_bytes_are_nowhere_in_a_uri),
		cmocka_unit_test(a_parameter_is_found_by_its_meaning),
		cmocka_unit_test(escapes_are_undone_once),
		cmocka_unit_test(users_and_hosts_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

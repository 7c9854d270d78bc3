/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/uri.h"

static const struct {
	bool equal;
	const char *a_z, *b_z;
} pairs[] = {
	/* the examples of RFC 3261 19.1.4 */
	{ true, "sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp" },
	{ true, "sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5" },
	{ true, "sip:carol@chicago.com", "sip:carol@chicago.com;security=on" },
	{ true, "sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on" },
	{ true, "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
	  "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com" },
	{ true, "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
	  "sip:alice@atlanta.com?priority=urgent&subject=project%20x" },
	{ false, "SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP" },
	{ false, "sip:bob@biloxi.com", "sip:bob@biloxi.com:5060" },
	{ false, "sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp" },
	{ false, "sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp" },
	{ false, "sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting" },
	{ false, "sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4" },
	{ false, "sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off" },
	/* its rules */
	{ false, "sip:a@b", "sips:a@b" },
	{ false, "sip:b", "sip:a@b" },
	{ false, "sip:a@b", "sip:a:@b" },
	{ false, "sip:a:x@b", "sip:a:X@b" },
	{ true, "sip:a%20b@c", "sip:a%20b@C" },
	{ true, "sip:%7e@c", "sip:~@c" },
	{ false, "sip:a;b@c", "sip:a%3bb@c" },
	{ true, "sip:a%3Bb@c", "sip:a%3bb@c" },
	{ false, "sip:%25%34%31@c", "sip:A@c" },
	{ true, "sip:%25%34%31@c", "sip:%2541@c" },
	{ false, "sip:%00@c", "sip:%00%00@c" },
	{ true, "sip:[2001:DB8::1]", "sip:[2001:db8:0::1]" },
	{ false, "sip:[2001:db8::1]", "sip:[2001:db8::2]" },
	{ false, "sip:b;user=phone", "sip:b" },
	{ false, "sip:b", "sip:b;ttl=1" },
	{ false, "sip:b;method=INVITE", "sip:b" },
	{ false, "sip:b;maddr=1.2.3.4", "sip:b" },
	{ false, "sip:b;%6daddr=1.2.3.4", "sip:b" },
	{ false, "sip:b;x", "sip:b;x=1" },
	{ true, "sip:b;x=aB", "sip:b;X=Ab" },
	{ false, "sip:b?x=a", "sip:b?x=A" },
	{ false, "sip:b?x=a&x=a", "sip:b?x=a" },
	{ false, "sip:b?x=a&y=b", "sip:b?x=a&z=b" },
	/* RFC 3966 */
	{ true, "tel:+1-201-555-0123", "tel:+1(201)5550123" },
	{ true, "tel:7042;ext=1-2;phone-context=Example.com",
	  "tel:70-42;phone-context=example.com;ext=12" },
	{ true, "tel:12ab", "tel:12AB" },
	{ true, "tel:7;phone-context=+1-2", "tel:7;phone-context=+12" },
	{ false, "tel:+12015550123", "tel:2015550123" },
	{ false, "tel:7042", "tel:7042;phone-context=example.com" },
	{ false, "tel:7042;phone-context=a", "tel:7042;phone-context=b" },
	{ false, "tel:7042;a=1", "tel:7042;a=2" },
	/* others: the text */
	{ true, "urn:service:sos", "urn:service:sos" },
	{ false, "urn:service:sos", "urn:service:fire" },
	{ false, "http://a/", "http://A/" },
	{ false, "sip:a@b", "tel:1" },
};

static void pairs_compare_as_expected_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct sip_uri a, b;

		assert_int_equal(uri_parse(str_z(pairs[i].a_z), &a, NULL), 0);
		assert_int_equal(uri_parse(str_z(pairs[i].b_z), &b, NULL), 0);
		if (uri_eq(&a, &b) != pairs[i].equal || uri_eq(&b, &a) != pairs[i].equal)
			fail_msg("%s and %s are %sequal", pairs[i].a_z, pairs[i].b_z,
				 pairs[i].equal ? "not " : "");
	}
}

/* Comparing is quadratic in the number of parts: a peer must not choose that number. */
static void uris_with_very_many_parts_equal_only_the_same_text(void **state)
{
	size_t n = 60000;
	char *p = malloc(n + 1);
	struct sip_uri a, b;

	(void)state;
	assert_non_null(p);
	memcpy(p, "sip:b", 5);
	for (size_t i = 5; i < n; i += 2)
		memcpy(p + i, ";c", 2);
	p[n - 1] = 'd';
	assert_int_equal(uri_parse(str_of(p, n - 1), &a, NULL), 0);
	b = a;
	assert_true(uri_eq(&a, &b));
	assert_int_equal(uri_parse(str_of(p, n - 3), &b, NULL), 0);
	assert_false(uri_eq(&a, &b));
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_compare_as_expected_both_ways),
		cmocka_unit_test(uris_with_very_many_parts_equal_only_the_same_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

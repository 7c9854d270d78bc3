/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/modules/tls/certs.h"

#include "modules/tls/der.h"
#include "modules/tls/name.h"

static const struct tls_domain ordinary = { .role = TLS_CLIENT };

/* Whether a certificate of that wish is one for the name. */
static bool fits(const struct cert_wish *w, struct str name, const struct tls_domain *d)
{
	struct cert made = cert_make(w, NULL);
	struct tls_cert c;
	bool is;

	assert_int_equal(tls_cert_read(cert_der(&made), &c), 0);
	is = tls_name_fits(&c, name, d);
	cert_drop(&made);
	return is;
}

#define FITS(W, NAME) fits(&(W), STR(NAME), &ordinary)

static void dns_names_are_compared_whole_and_in_any_case(void **state)
{
	static const struct cert_wish w = {
		.cn_z = "cn.example.com",
		.sans = { SAN_DNS("sip.Example.com"), SAN_DNS("b.example.com."),
			  SAN_DNS("xn--mller-kva.example"), SAN_EMAIL("a@mail.example.com") },
	};

	(void)state;
	assert_true(FITS(w, "sip.example.com"));
	assert_true(FITS(w, "SIP.EXAMPLE.COM."));
	assert_true(FITS(w, "b.example.com"));
	assert_true(FITS(w, "XN--mller-kva.example"));
	assert_false(FITS(w, "example.com"));
	assert_false(FITS(w, "a.sip.example.com"));
	assert_false(FITS(w, "sip.example.co"));
	assert_false(FITS(w, "sip.example.com.."));
	assert_false(FITS(w, "mail.example.com"));
	assert_false(FITS(w, ""));
	assert_false(FITS(w, "."));
	assert_false(FITS(w, "m\xc3\xbcller.example"));
}

static void sip_uris_come_before_dns_names(void **state)
{
	static const struct cert_wish both = {
		.sans = { SAN_DNS("dns.example.com"), SAN_URI("SIP:uri.example.com"),
			  SAN_URI("sip:port.example.com:5061;transport=tls"),
			  SAN_URI("sip:*.wild.example.com"), SAN_URI("sip:192.0.2.1") },
	};
	static const struct cert_wish users = {
		.sans = { SAN_DNS("dns.example.com"), SAN_URI("sip:bob@user.example.com"),
			  SAN_URI("sips:sips.example.com"), SAN_URI("https://web.example.com") },
	};
	static const struct cert_wish broken = {
		.sans = { SAN_DNS("dns.example.com"),
			  SAN_URI("sip:uri.example.com\0.evil.example") },
	};

	(void)state;
	assert_true(FITS(both, "uri.example.com"));
	assert_true(FITS(both, "port.example.com"));
	assert_false(FITS(both, "dns.example.com"));
	assert_false(FITS(both, "a.wild.example.com"));
	assert_false(FITS(both, "192.0.2.1"));
	assert_true(FITS(users, "dns.example.com"));
	assert_false(FITS(users, "user.example.com"));
	assert_false(FITS(users, "sips.example.com"));
	assert_false(FITS(users, "web.example.com"));
	assert_false(FITS(broken, "uri.example.com"));
	assert_false(FITS(broken, "dns.example.com"));
}

static void a_wildcard_is_one_label(void **state)
{
	static const struct cert_wish w = {
		.sans = { SAN_DNS("*.example.com"), SAN_DNS("f*.example.net"), SAN_DNS("*.com"),
			  SAN_DNS("*.*.example.org"), SAN_DNS("*"), SAN_DNS("*.") },
	};
	static const struct tls_domain no = { .wildcard = TLS_WILDCARD_NO };

	(void)state;
	assert_true(FITS(w, "a.EXAMPLE.com"));
	assert_true(FITS(w, "xn--mller-kva.example.com."));
	assert_false(FITS(w, "a.b.example.com"));
	assert_false(FITS(w, "example.com"));
	assert_false(FITS(w, ".example.com"));
	assert_false(FITS(w, "*.example.com"));
	assert_false(FITS(w, "foo.example.net"));
	assert_false(FITS(w, "example.com"));
	assert_false(FITS(w, "other.com"));
	assert_false(FITS(w, "a.b.example.org"));
	assert_false(FITS(w, "localhost"));
	assert_false(fits(&w, STR("a.example.com"), &no));
}

static void an_address_needs_an_address(void **state)
{
	static const struct cert_wish w = {
		.cn_z = "192.0.2.9",
		.sans = { SAN_IP("\xc0\x00\x02\x01"), SAN_DNS("192.0.2.2"),
			  SAN_IP("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"),
			  SAN_IP("\0\0\0\0\0\0\0\0\0\0\xff\xff\xc0\x00\x02\x03"),
			  SAN_IP("\xc0\x00\x02\x04\xff\xff\xff\xff") },
	};
	static const struct cert_wish cn = { .cn_z = "192.0.2.9" };
	static const struct tls_domain by_cn = { .verify_cn = true };

	(void)state;
	assert_true(FITS(w, "192.0.2.1"));
	assert_true(FITS(w, "[2001:db8::1]"));
	assert_true(FITS(w, "2001:DB8:0::0:1"));
	assert_false(FITS(w, "192.0.2.2"));
	assert_false(FITS(w, "192.0.2.3"));
	assert_false(FITS(w, "192.0.2.4"));
	assert_false(FITS(w, "2001:db8::2"));
	assert_false(fits(&cn, STR("192.0.2.9"), &by_cn));
}

static void the_common_name_counts_only_alone_and_when_asked_for(void **state)
{
	static const struct tls_domain by_cn = { .verify_cn = true };
	static const struct cert_wish alone = { .cn_z = "sip.example.com" };
	static const struct cert_wish wild = { .cn_z = "*.example.com" };
	static const struct cert_wish with_san = {
		.cn_z = "sip.example.com",
		.sans = { SAN_EMAIL("a@b.example") },
	};
	static const struct cert_wish empty_san = {
		.cn_z = "sip.example.com",
		.sans_der = STR_INIT("\x30\x00"),
	};
	static const struct cert_wish two = {
		.values = { { CERT_CN, DER_UTF8, STR_INIT("sip.example.com") },
			    { CERT_CN, DER_UTF8, STR_INIT("evil.example") } },
	};
	static const struct cert_wish nul = {
		.values = { { CERT_CN, DER_UTF8, STR_INIT("sip.example.com\0.evil.example") } },
	};
	static const struct cert_wish newline = {
		.values = { { CERT_CN, DER_UTF8, STR_INIT("sip.example.com\n") } },
	};
	static const struct cert_wish wide = {
		.values = { { CERT_CN, DER_BMP, STR_INIT("\0a\0.\0b") } },
	};
	static const struct cert_wish none = { .cn_z = NULL };
	const struct str name = STR("sip.example.com");

	(void)state;
	assert_false(fits(&alone, name, &ordinary));
	assert_true(fits(&alone, name, &by_cn));
	assert_true(fits(&wild, name, &by_cn));
	assert_false(fits(&with_san, name, &by_cn));
	assert_false(fits(&empty_san, name, &by_cn));
	assert_false(fits(&two, name, &by_cn));
	assert_false(fits(&two, STR("evil.example"), &by_cn));
	assert_false(fits(&nul, name, &by_cn));
	assert_false(fits(&newline, name, &by_cn));
	assert_false(fits(&wide, STR("a.b"), &by_cn));
	assert_false(fits(&none, name, &by_cn));
	assert_false(fits(&none, STR(""), &by_cn));
}

static void bytes_behind_a_nul_count(void **state)
{
	static const struct cert_wish w = {
		.sans = { SAN_DNS("sip.example.com\0.evil.example"), SAN_DNS("sip.example.com\r"),
			  SAN_DNS("") },
	};

	(void)state;
	assert_false(FITS(w, "sip.example.com"));
	assert_false(FITS(w, ""));
}

static void the_names_are_told(void **state)
{
	static const struct cert_wish w = {
		.cn_z = "cn.example.com",
		.sans = { SAN_DNS("a.example.com\n"), SAN_DNS("*.example.net"),
			  SAN_IP("\xc0\x00\x02\x01") },
	};
	struct cert made = cert_make(&w, NULL);
	struct tls_cert c;
	char text[256];
	struct buf b = BUF_ON(text);

	(void)state;
	assert_int_equal(tls_cert_read(cert_der(&made), &c), 0);
	tls_names_put(&b, &c, &ordinary);
	assert_str_is(buf_str(&b), "a.example.com\\0A, *.example.net, 192.0.2.1");
	c.sans = STR_NULL;
	b.n = 0;
	tls_names_put(&b, &c, &ordinary);
	assert_str_is(buf_str(&b), "no name");
	cert_drop(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dns_names_are_compared_whole_and_in_any_case),
		cmocka_unit_test(sip_uris_come_before_dns_names),
		cmocka_unit_test(a_wildcard_is_one_label),
		cmocka_unit_test(an_address_needs_an_address),
		cmocka_unit_test(the_common_name_counts_only_alone_and_when_asked_for),
		cmocka_unit_test(bytes_behind_a_nul_count),
		cmocka_unit_test(the_names_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/core/base/base_test.h"

#include "core/base/addr.h"

#include <arpa/inet.h>

static struct addr parsed(const char *text_z)
{
	struct addr a;

	if (addr_port_parse(str_z(text_z), &a) && addr_parse(str_z(text_z), &a))
		fail_msg("%s is no address", text_z);
	return a;
}

static void addresses_are_parsed_and_printed(void **state)
{
	static const struct {
		const char *in, *text, *host;
	} v[] = {
		{ "192.0.2.1", "192.0.2.1", "192.0.2.1" },
		{ "2001:db8::1", "2001:db8::1", "[2001:db8::1]" },
		{ "[2001:DB8:0:0::1]", "2001:db8::1", "[2001:db8::1]" },
		{ "::", "::", "[::]" },
		{ "::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1" },
		{ "[::ffff:c000:201]", "192.0.2.1", "192.0.2.1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct addr a = parsed(v[i].in);
		char text[ADDR_TEXT_MAX];
		struct buf b = BUF_ON(text);

		addr_put(&b, &a);
		assert_str_is(buf_str(&b), v[i].text);
		b = BUF_ON(text);
		addr_host_put(&b, &a);
		assert_str_is(buf_str(&b), v[i].host);
		assert_int_equal(addr_port(&a), 0);
	}
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const v[] = { "",
					 "192.0.2",
					 "192.0.2.256",
					 "192.0.2.1.1",
					 "192.0.2.01x",
					 "example.org",
					 "[192.0.2.1]",
					 "[::1",
					 "::1]",
					 ":::",
					 "fe80::1%eth0",
					 "1:2:3:4:5:6:7:8:9",
					 " 192.0.2.1",
					 "192.0.2.1 ",
					 "[]",
					 "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa" };
	struct addr a;

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		if (addr_parse(str_z(v[i]), &a) != -EINVAL)
			fail_msg("\"%s\" was taken for an address", v[i]);
	}
	assert_int_equal(addr_parse(str_of("192.0.2.1\0", 10), &a), -EINVAL);
	assert_int_equal(addr_parse(STR_NULL, &a), -EINVAL);
}

static void address_and_port(void **state)
{
	static const char *const bad[] = { "192.0.2.1",	      "192.0.2.1:", "192.0.2.1:65536",
					   "192.0.2.1:x",     "::1:5060",   "[::1]",
					   ":5060",	      "[::1]5060",  "[::1]:-1",
					   "192.0.2.1:5060:1" };
	struct addr a;
	char text[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(text);

	(void)state;
	assert_int_equal(addr_port_parse(STR("[2001:db8::1]:5060"), &a), 0);
	addr_port_put(&b, &a);
	assert_str_is(buf_str(&b), "[2001:db8::1]:5060");
	assert_int_equal(addr_port_parse(STR("192.0.2.1:0"), &a), 0);
	assert_int_equal(addr_port(&a), 0);
	addr_set_port(&a, 65535);
	assert_int_equal(addr_port(&a), 65535);
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (addr_port_parse(str_z(bad[i]), &a) != -EINVAL)
			fail_msg("\"%s\" was taken for an address with port", bad[i]);
	}
}

static void the_longest_address_fits_its_text(void **state)
{
	struct addr a = parsed("[1111:2222:3333:4444:5555:6666:7777:8888]:65535");
	char text[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(text);

	(void)state;
	addr_port_put(&b, &a);
	assert_true(buf_ok(&b));
}

static void a_mapped_address_of_the_kernel_becomes_ipv4(void **state)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(5060) };
	struct addr a, expected = parsed("192.0.2.1:5060");

	(void)state;
	assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.1", &v6.sin6_addr), 1);
	a = addr_from_sockaddr((struct sockaddr *)&v6);
	assert_true(addr_eq(&a, &expected));
	assert_int_equal(a.sa.sa_family, AF_INET);
	assert_int_equal(addr_len(&a), sizeof(struct sockaddr_in));
	a = addr_from_sockaddr(&expected.sa);
	assert_true(addr_eq(&a, &expected));
}

static void equality(void **state)
{
	struct addr a = parsed("192.0.2.1:5060"), b = parsed("192.0.2.1:5061"),
		    c = parsed("[2001:db8::1]:5060"), d = parsed("192.0.2.2:5060");

	(void)state;
	assert_true(addr_eq(&a, &a));
	assert_false(addr_eq(&a, &b));
	assert_true(addr_ip_eq(&a, &b));
	assert_false(addr_ip_eq(&a, &c));
	assert_false(addr_ip_eq(&a, &d));
	assert_false(addr_ip_eq(&c, &a));
}

static void kinds(void **state)
{
	static const struct {
		const char *in;
		bool any, multicast, broadcast, loopback;
	} v[] = {
		{ "0.0.0.0", true, false, false, false },
		{ "::", true, false, false, false },
		{ "224.0.1.75", false, true, false, false },
		{ "239.255.255.255", false, true, false, false },
		{ "ff02::1", false, true, false, false },
		{ "255.255.255.255", false, false, true, false },
		{ "127.255.0.1", false, false, false, true },
		{ "::1", false, false, false, true },
		{ "192.0.2.1", false, false, false, false },
		{ "2001:db8::1", false, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct addr a = parsed(v[i].in);

		assert_int_equal(addr_is_any(&a), v[i].any);
		assert_int_equal(addr_is_multicast(&a), v[i].multicast);
		assert_int_equal(addr_is_broadcast(&a), v[i].broadcast);
		assert_int_equal(addr_is_loopback(&a), v[i].loopback);
	}
}

static void networks(void **state)
{
	static const struct {
		const char *net, *addr;
		int err;
		bool has;
	} v[] = {
		{ "10.0.0.0/8", "10.255.1.2", 0, true },
		{ "10.0.0.0/8", "11.0.0.1", 0, false },
		{ "10.0.0.0/255.0.0.0", "10.9.9.9", 0, true },
		{ "192.0.2.128/25", "192.0.2.127", 0, false },
		{ "192.0.2.128/25", "192.0.2.200", 0, true },
		{ "192.0.2.1", "192.0.2.1", 0, true },
		{ "192.0.2.1", "192.0.2.2", 0, false },
		{ "0.0.0.0/0", "203.0.113.9", 0, true },
		{ "0.0.0.0/0", "2001:db8::1", 0, false },
		{ "2001:db8::/32", "2001:db8:ffff::1", 0, true },
		{ "2001:db8::/33", "2001:db8:8000::1", 0, false },
		{ "[2001:db8::]/ffff:ffff::", "2001:db8::1", 0, true },
		{ "2001:db8::1", "2001:db8::1", 0, true },
		{ "10.0.0.0/33", NULL, -EINVAL, false },
		{ "10.0.0.0/", NULL, -EINVAL, false },
		{ "10.0.0.0/255.0.255.0", NULL, -EINVAL, false },
		{ "10.0.0.0/ffff::", NULL, -EINVAL, false },
		{ "2001:db8::/129", NULL, -EINVAL, false },
		{ "example.org/8", NULL, -EINVAL, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(v); i++) {
		struct network net;

		assert_int_equal(network_parse(str_z(v[i].net), &net), v[i].err);
		if (!v[i].err) {
			struct addr a = parsed(v[i].addr);

			assert_int_equal(network_has(&net, &a), v[i].has);
		}
	}
}

static uint64_t mac_of_addr(const char *text_z)
{
	static const struct mac_key key;
	struct addr a = parsed(text_z);
	struct mac m;

	mac_init(&m, &key);
	addr_mac(&m, &a);
	return mac_done(&m);
}

static void the_mac_covers_address_and_port(void **state)
{
	(void)state;
	assert_true(mac_of_addr("192.0.2.1:5060") == mac_of_addr("192.0.2.1:5060"));
	assert_true(mac_of_addr("192.0.2.1:5060") != mac_of_addr("192.0.2.1:5061"));
	assert_true(mac_of_addr("192.0.2.1:5060") != mac_of_addr("192.0.2.2:5060"));
	assert_true(mac_of_addr("[::1]:5060") != mac_of_addr("[::2]:5060"));
	assert_true(mac_of_addr("[::ffff:192.0.2.1]:5060") == mac_of_addr("192.0.2.1:5060"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_parsed_and_printed),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(address_and_port),
		cmocka_unit_test(the_longest_address_fits_its_text),
		cmocka_unit_test(a_mapped_address_of_the_kernel_becomes_ipv4),
		cmocka_unit_test(equality),
		cmocka_unit_test(kinds),
		cmocka_unit_test(networks),
		cmocka_unit_test(the_mac_covers_address_and_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

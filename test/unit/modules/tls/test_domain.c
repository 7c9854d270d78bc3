/* SPDX-License-Identifier: BSD-2-Clause */
/* Which domain a connection gets. */
#include "modules/tls/domain.h"
#include "test/unit/modules/module_test.h"

static struct addr at(const char *text_z)
{
	struct addr a = { 0 };

	if (text_z && addr_port_parse(str_z(text_z), &a))
		assert_int_equal(addr_parse(str_z(text_z), &a), 0);
	return a;
}

#define SERVER(TEXT, ADDR, NAME, ...)                                                         \
	{                                                                                     \
		.text = STR(TEXT), .role = TLS_SERVER, .addr = at(ADDR), .name = str_z(NAME), \
		##__VA_ARGS__                                                                 \
	}
#define CLIENT(TEXT, ADDR, NAME)                                                             \
	{                                                                                    \
		.text = STR(TEXT), .role = TLS_CLIENT, .addr = at(ADDR), .name = str_z(NAME) \
	}

struct server_case {
	const char *local, *sni, *alpn, *expected;
};

static void servers_are_found_by_socket_name_and_protocol(void **state)
{
	struct tls_domain domains[] = {
		SERVER("default", NULL, NULL),
		CLIENT("client default", NULL, NULL),
		SERVER("socket", "10.0.0.1:5061", NULL),
		SERVER("exact", "10.0.0.1:5061", "a.example.com"),
		SERVER("wildcard", "10.0.0.1:5061", "*.example.com"),
		SERVER("below", "10.0.0.1:5061", "example.net", .name_mode = TLS_NAME_AND_BELOW),
		SERVER("only below", "10.0.0.1:5061", "example.org", .name_mode = TLS_NAME_BELOW),
		SERVER("any address", NULL, "any.example.com"),
		SERVER("any port", "10.0.0.2", NULL),
		SERVER("v6", "[2001:db8::1]:5061", NULL),
		SERVER("protocol", "10.0.0.1:5061", NULL, .alpn = STR("sip/2")),
		CLIENT("peer", "10.0.0.3:5061", NULL),
	};
	const struct tls_conf c = { .domains = domains,
				    .domains_n = sizeof(domains) / sizeof(domains[0]) };
	static const struct server_case cases[] = {
		{ "10.0.0.1:5061", NULL, NULL, "socket" },
		{ "10.0.0.1:5061", "a.example.com", NULL, "exact" },
		{ "10.0.0.1:5061", "A.Example.COM.", NULL, "exact" },
		{ "10.0.0.1:5061", "b.example.com", NULL, "wildcard" },
		{ "10.0.0.1:5061", "B.EXAMPLE.com", NULL, "wildcard" },
		{ "10.0.0.1:5061", "c.b.example.com", NULL, "socket" },
		{ "10.0.0.1:5061", "example.com", NULL, "socket" },
		{ "10.0.0.1:5061", ".example.com", NULL, "socket" },
		{ "10.0.0.1:5061", "unknown", NULL, "socket" },
		{ "10.0.0.1:5061", "10.0.0.1", NULL, "socket" },
		{ "10.0.0.1:5061", "example.net", NULL, "below" },
		{ "10.0.0.1:5061", "x.y.example.net", NULL, "below" },
		{ "10.0.0.1:5061", "notexample.net", NULL, "socket" },
		{ "10.0.0.1:5061", "example.org", NULL, "socket" },
		{ "10.0.0.1:5061", "x.example.org", NULL, "only below" },
		{ "10.0.0.1:5061", "any.example.com", NULL, "any address" },
		{ "10.0.0.9:5061", "any.example.com", NULL, "any address" },
		{ "10.0.0.9:5061", "a.example.com", NULL, "default" },
		{ "10.0.0.1:5062", "a.example.com", NULL, "default" },
		{ "10.0.0.2:5062", NULL, NULL, "any port" },
		{ "[2001:db8::1]:5061", NULL, NULL, "v6" },
		{ "[2001:db8::2]:5061", NULL, NULL, "default" },
		{ "10.0.0.1:5061", NULL, "sip/2", "protocol" },
		{ "10.0.0.1:5061", NULL, "h2", "socket" },
		{ "10.0.0.1:5061", "a.example.com", "sip/2", "exact" },
		{ "10.0.0.3:5061", NULL, NULL, "default" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr local = at(cases[i].local);
		struct str alpn = str_z(cases[i].alpn);
		const struct tls_domain *d =
			tls_find_domain(&c, &local, str_z(cases[i].sni), &alpn, alpn.p ? 1 : 0);

		if (!str_eq(d->text, str_z(cases[i].expected)))
			fail_msg("%s %s: " STRF, cases[i].local, cases[i].sni, STRA(d->text));
	}
}

struct client_case {
	const char *peer, *chosen, *identity, *expected;
};

static void clients_are_found_by_choice_peer_and_name(void **state)
{
	struct tls_domain domains[] = {
		SERVER("default", NULL, NULL),
		CLIENT("client default", NULL, NULL),
		CLIENT("any port", "10.0.0.1", NULL),
		CLIENT("peer", "10.0.0.1:5061", NULL),
		CLIENT("named", NULL, "carrier.example.com"),
		CLIENT("both", "10.0.0.2:5061", "id"),
		SERVER("server", "10.0.0.3:5061", "s.example.com"),
	};
	const struct tls_conf c = { .domains = domains,
				    .domains_n = sizeof(domains) / sizeof(domains[0]) };
	static const struct client_case cases[] = {
		{ "10.0.0.9:5061", NULL, NULL, "client default" },
		{ "10.0.0.1:5061", NULL, NULL, "peer" },
		{ "10.0.0.1:5062", NULL, NULL, "any port" },
		{ "10.0.0.9:5061", NULL, "carrier.example.com", "named" },
		{ "10.0.0.9:5061", NULL, "Carrier.Example.Com.", "named" },
		{ "10.0.0.1:5061", NULL, "carrier.example.com", "peer" },
		{ "10.0.0.1:5061", "id", "carrier.example.com", "both" },
		{ "10.0.0.1:5061", "nobody", NULL, NULL },
		{ "10.0.0.1:5061", "s.example.com", NULL, NULL },
		{ "10.0.0.3:5061", NULL, "s.example.com", "client default" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct addr peer = at(cases[i].peer);
		const struct tls_domain *d = tls_find_client_domain(
			&c, &peer, str_z(cases[i].chosen), str_z(cases[i].identity));

		if (!d && !cases[i].expected)
			continue;
		if (!d || !str_eq(d->text, str_z(cases[i].expected)))
			fail_msg("%s %s: %s", cases[i].peer, cases[i].identity,
				 d ? d->text.p : "none");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_found_by_socket_name_and_protocol),
		cmocka_unit_test(clients_are_found_by_choice_peer_and_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said of domains: places, tls.cfg, which sockets speak TLS, what makes two policies different. */
#include "modules/tls/build.h"
#include "test/unit/modules/module_test.h"

static void places_are_written_in_many_ways(void **state)
{
	static const struct {
		const char *text;
		enum tls_role role;
		bool is_default;
		const char *addr; /* NULL: any */
	} good[] = {
		{ "default", TLS_SERVER, true, NULL },
		{ "client:default", TLS_CLIENT, true, NULL },
		{ " Server: DEF ", TLS_SERVER, true, NULL },
		{ "cli:*", TLS_CLIENT, true, NULL },
		{ "any", TLS_SERVER, false, NULL },
		{ "c:all", TLS_CLIENT, false, NULL },
		{ "10.0.0.1:5061", TLS_SERVER, false, "10.0.0.1:5061" },
		{ "10.0.0.1", TLS_SERVER, false, "10.0.0.1:0" },
		{ "client:[2001:db8::1]:5061", TLS_CLIENT, false, "[2001:db8::1]:5061" },
		{ "srv:2001:db8::1", TLS_SERVER, false, "[2001:db8::1]:0" },
	};
	static const char *const wrong[] = { "",
					     "client:",
					     "x",
					     "10.0.0.1:",
					     "10.0.0.1:99999",
					     "example.com:5061",
					     "client:server:any",
					     "[::1" };
	struct tls_place place;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char room[ADDR_TEXT_MAX];
		struct buf b = BUF_ON(room);

		assert_null(tls_place_parse(str_z(good[i].text), TLS_SERVER, &place));
		assert_int_equal(place.role, good[i].role);
		assert_int_equal(place.is_default, good[i].is_default);
		assert_int_equal(place.addr.sa.sa_family != AF_UNSPEC, good[i].addr != NULL);
		if (!good[i].addr)
			continue;
		addr_port_put(&b, &place.addr);
		assert_string_equal(buf_z(&b), good[i].addr);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_non_null(tls_place_parse(str_z(wrong[i]), TLS_SERVER, &place));
}

static void every_name_has_a_word_and_roles(void **state)
{
	static const char *const names[] = { "certificate", "tls_certificate", "cert_file" };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(tls_name_find(str_z(names[i]))->word, TLS_CERTIFICATE);
	assert_false(tls_name_find(STR("tls_verify"))->roles[TLS_CLIENT]);
	assert_false(tls_name_find(STR("tls_verify_server"))->roles[TLS_SERVER]);
	assert_true(tls_name_find(STR("tls_verify_server"))->roles[TLS_CLIENT]);
	assert_true(tls_name_find(STR("ca_list"))->roles[TLS_CLIENT]);
	assert_null(tls_name_find(STR("certificat")));
}

/* tls.cfg with a pool that ends after so many bytes. */
static unsigned file_errors(const char *text, size_t max)
{
	struct pool *pool = pool_new(1024, max);
	struct tls_settings *t = tls_settings_new(pool);
	struct source *src = t ? source_text(pool, "tls.cfg", str_z(text)) : NULL;
	unsigned errors = 1;
	struct diag diag;

	diag_init(&diag, pool);
	if (src) {
		tls_file_parse(t, src, &diag);
		assert_int_equal(t->broken, diag.errors > 0);
		errors = diag.errors;
	}
	pool_drop(&pool);
	return errors;
}

static void a_file_without_memory_for_it_is_an_error(void **state)
{
	const char *text = "[server:default]\nmethod=TLSv1.2\n[client:10.0.0.1:5061]\n"
			   "server_id = x # a\n[server:any]\nverify_depth='3'\n";
	size_t enough = 1024;

	(void)state;
	assert_int_equal(file_errors(text, 1 << 20), 0);
	while (file_errors(text, enough) && enough < 1 << 20)
		enough += 256;
	assert_in_range(enough, 1025, 1 << 18);
}

static struct net_conf listening(struct conf_listen *l, const char *transport, const char *host,
				 unsigned port)
{
	*l = (struct conf_listen){ .def = { .transport = str_z(transport),
					    .host = str_z(host),
					    .port = (uint16_t)port } };
	return (struct net_conf){ .listens = l, .tls = true };
}

static bool listens_at(const struct net_conf *net, const char *text)
{
	struct tls_place place;

	assert_null(tls_place_parse(str_z(text), TLS_SERVER, &place));
	return tls_listens_at(net, &place.addr);
}

static void sockets_are_known_as_far_as_they_can_be(void **state)
{
	static const struct {
		const char *transport, *host;
		unsigned port;
		const char *domain;
		bool expected;
	} cases[] = {
		{ "tls", "10.0.0.1", 5061, "10.0.0.1:5061", true },
		{ "tls", "10.0.0.1", 0, "10.0.0.1:5061", true },
		{ "tls", "10.0.0.1", 0, "10.0.0.1", true },
		{ "tls", "10.0.0.1", 5070, "10.0.0.1:5061", false },
		{ "tls", "10.0.0.1", 5061, "10.0.0.2:5061", false },
		{ "tls", "10.0.0.1", 5061, "any", true },
		{ "udp", "10.0.0.1", 5061, "10.0.0.1:5061", false },
		{ "udp", "10.0.0.1", 5061, "any", false },
		{ NULL, "10.0.0.1", 0, "10.0.0.1:5061", true },
		{ NULL, "10.0.0.1", 5070, "10.0.0.1:5071", true },
		{ "tls", "*", 5061, "10.0.0.1:5061", true },
		{ "tls", "0.0.0.0", 5061, "10.0.0.1:5061", true },
		{ "tls", "0.0.0.0", 5061, "[::1]:5061", false },
		{ "tls", "eth0", 5061, "[::1]:5061", true },
	};
	const struct net_conf none = { .tls = true };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conf_listen l;
		struct net_conf net =
			listening(&l, cases[i].transport, cases[i].host, cases[i].port);

		if (listens_at(&net, cases[i].domain) != cases[i].expected)
			fail_msg("%s:%s:%u %s", cases[i].transport, cases[i].host, cases[i].port,
				 cases[i].domain);
	}
	assert_true(listens_at(&none, "10.0.0.1:5061"));
	assert_false(listens_at(&none, "10.0.0.1:5062"));
}

static void the_default_is_needed_where_no_domain_takes_all(void **state)
{
	struct tls_domain d = { .role = TLS_SERVER };
	struct conf_listen l;
	struct net_conf net = listening(&l, "tls", "10.0.0.1", 5061);

	(void)state;
	assert_true(tls_default_is_needed(&net, NULL, 0));
	assert_false(tls_default_is_needed(&net, &d, 1));
	assert_int_equal(addr_port_parse(STR("10.0.0.1:5061"), &d.addr), 0);
	assert_false(tls_default_is_needed(&net, &d, 1));
	d.name = STR("a.test");
	assert_true(tls_default_is_needed(&net, &d, 1));
	d.name = STR_NULL;
	d.role = TLS_CLIENT;
	assert_true(tls_default_is_needed(&net, &d, 1));
	net = listening(&l, "udp", "10.0.0.1", 5061);
	assert_false(tls_default_is_needed(&net, NULL, 0));
}

static bool differs(struct tls_domain changed)
{
	struct tls_domain plain = { .ca_pem = STR("a"), .crl_pem = STR("b") };

	tls_policy_digest(&plain);
	tls_policy_digest(&changed);
	return memcmp(plain.policy, changed.policy, sizeof(plain.policy)) != 0;
}

#define PLAIN .ca_pem = STR("a"), .crl_pem = STR("b")
static void a_policy_is_all_that_decides_about_a_peer(void **state)
{
	(void)state;
	assert_false(differs((struct tls_domain){ PLAIN, .index = 7, .text = STR("x") }));
	assert_true(differs((struct tls_domain){ PLAIN, .role = TLS_CLIENT }));
	assert_true(differs((struct tls_domain){ PLAIN, .verify = true }));
	assert_true(differs((struct tls_domain){ PLAIN, .require = true }));
	assert_true(differs((struct tls_domain){ PLAIN, .verify_depth = 1 }));
	assert_true(differs((struct tls_domain){ PLAIN, .verify_cn = true }));
	assert_true(differs((struct tls_domain){ PLAIN, .allow_weak = true }));
	assert_true(differs((struct tls_domain){ PLAIN, .wildcard = TLS_WILDCARD_NO }));
	assert_true(differs((struct tls_domain){ PLAIN, .purpose = TLS_PURPOSE_STRICT }));
	assert_true(differs((struct tls_domain){ PLAIN, .priority_text = STR("NORMAL") }));
	assert_true(differs((struct tls_domain){ PLAIN, .server_name = STR("x") }));
	assert_true(differs((struct tls_domain){ .ca_pem = STR("ab"), .crl_pem = STR("") }));
	assert_true(differs((struct tls_domain){ .ca_pem = STR("a"), .crl_pem = STR("c") }));
}

/* A server's own may be renewed: who resumes has seen the one before. A client that shows another is known as another. */
static void what_a_client_shows_is_part_of_it(void **state)
{
	struct tls_domain d = { .role = TLS_CLIENT, .keys_n = 1 };
	uint8_t before[sizeof(d.policy)];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		d.role = i ? TLS_SERVER : TLS_CLIENT;
		d.keys[0].chain_pem = STR("one");
		tls_policy_digest(&d);
		memcpy(before, d.policy, sizeof(before));
		d.keys[0].chain_pem = STR("another");
		tls_policy_digest(&d);
		assert_int_equal(memcmp(before, d.policy, sizeof(before)) != 0, i == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_written_in_many_ways),
		cmocka_unit_test(every_name_has_a_word_and_roles),
		cmocka_unit_test(a_file_without_memory_for_it_is_an_error),
		cmocka_unit_test(sockets_are_known_as_far_as_they_can_be),
		cmocka_unit_test(the_default_is_needed_where_no_domain_takes_all),
		cmocka_unit_test(a_policy_is_all_that_decides_about_a_peer),
		cmocka_unit_test(what_a_client_shows_is_part_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

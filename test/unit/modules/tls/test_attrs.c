/* SPDX-License-Identifier: BSD-2-Clause */
#include "test/unit/modules/tls/certs.h"

#include "core/script/known.h"
#include "modules/tls/attrs.h"
#include "modules/tls/der.h"
#include "modules/tls/facts.h"

#include <stdlib.h>

static void *alloc(void *arg, size_t n)
{
	(void)arg;
	return malloc(n);
}

static const struct tls_memory memory = { .alloc = alloc };

/* The connection: a peer with all that a certificate can have, our own with little. */
static struct tls_facts facts;
static struct ctx ctx;
static char peer_pem[4096];

static int connect_peer(void **state)
{
	static const struct cert_wish peer = {
		.values = { { CERT_C, DER_PRINTABLE, STR_INIT("DE") },
			    { CERT_ST, DER_UTF8, STR_INIT("Bayern") },
			    { CERT_L, DER_UTF8, STR_INIT("Hof") },
			    { CERT_O, DER_UTF8, STR_INIT("a/b") },
			    { CERT_OU, DER_UTF8, STR_INIT("first") },
			    { CERT_OU, DER_UTF8, STR_INIT("second") },
			    { CERT_CN, DER_UTF8, STR_INIT("Bob") },
			    { CERT_UID, DER_UTF8, STR_INIT("bob17") } },
		.sans = { SAN_DNS("one.example.com"), SAN_URI("sip:example.com"),
			  SAN_DNS("two\nexample.com"), SAN_IP("\xc0\x00\x02\x01"),
			  SAN_EMAIL("bob@example.com"), SAN_DNS("three.example.com") },
	};
	struct cert issuer = cert_make(&(struct cert_wish){ .cn_z = "Root", .is_ca = true }, NULL);
	struct cert made = cert_make(&peer, &issuer);
	struct cert own = cert_make(&(struct cert_wish){ .cn_z = "us" }, NULL);
	size_t n = sizeof(peer_pem);

	(void)state;
	facts = (struct tls_facts){
		.peer = tls_cert_make(cert_der(&made), &memory),
		.my = tls_cert_make(cert_der(&own), &memory),
		.version = STR_INIT("TLSv1.3"),
		.cipher = STR_INIT("TLS_AES_256_GCM_SHA384"),
		.desc = STR_INIT("(TLS1.3)"),
		.server_name = STR_INIT("sip.example.com"),
		.bits = 256,
		.verified = true,
	};
	assert_int_equal(gnutls_x509_crt_export(made.crt, GNUTLS_X509_FMT_PEM, peer_pem, &n), 0);
	cert_drop(&made);
	cert_drop(&own);
	cert_drop(&issuer);
	ctx = (struct ctx){ .pool = pool_new(4096, 1 << 20), .session = &facts };
	return facts.peer && facts.my && ctx.pool ? 0 : -1;
}

static int disconnect_peer(void **state)
{
	(void)state;
	free((void *)(uintptr_t)facts.peer);
	free((void *)(uintptr_t)facts.my);
	pool_drop(&ctx.pool);
	return 0;
}

/* --- reading ----------------------------------------------------------------------------------------------------------------------------- */
static const struct attr_def *row_of(const char *written_z)
{
	bool is_pv = written_z[0] == '$';

	for (const struct attr_def *a = tls_attrs; a->get; a++) {
		const char *name_z = is_pv ? a->pv : a->name;

		if (name_z && !strcmp(name_z, written_z + 1))
			return a;
	}
	return NULL;
}

/* "@tls.peer.host" or "$tls_peer_san_hostname", with an index (0: none). */
static struct value value_at(const char *written_z, int64_t index)
{
	const struct attr_def *a = row_of(written_z);
	struct attr_arg arg = { .has_index = index != 0, .index = index };
	struct value v;

	if (!a)
		fail_msg("there is no %s", written_z);
	arg.tag = a->tag;
	assert_int_equal(a->get(&ctx, &arg, &v), 0);
	if (v.type != VALUE_NULL)
		assert_int_equal(v.type, a->type);
	return v;
}

static struct value value_of(const char *written_z)
{
	return value_at(written_z, 0);
}

static void assert_text(struct value v, const char *expected_z)
{
	if (!expected_z) {
		assert_int_equal(v.type, VALUE_NULL);
		return;
	}
	assert_int_equal(v.type, VALUE_STR);
	assert_str_is(v.s, expected_z);
}

/* --- tests ------------------------------------------------------------------------------------------------------------------------------- */
static void texts_are_what_the_certificate_says(void **state)
{
	static const struct {
		const char *written_z, *text_z; /* NULL: null */
	} vectors[] = {
		{ "@tls", "(TLS1.3)" },
		{ "@tls.description", "(TLS1.3)" },
		{ "$tls_description", "(TLS1.3)" },
		{ "@tls.version", "TLSv1.3" },
		{ "$tls_cipher_info", "TLS_AES_256_GCM_SHA384" },
		{ "@tls.serverName", "sip.example.com" },
		{ "$tls_peer_server_name", "sip.example.com" },
		{ "@tls.peer", "Bob" },
		{ "@tls.peer.subject", "Bob" },
		{ "@tls.peer.subj.cn", "Bob" },
		{ "@tls.peer.subject.name", "Bob" },
		{ "@tls.peer.subject.st", "Bayern" },
		{ "@tls.peer.subject.locality_name", "Hof" },
		{ "@tls.peer.subject.country", "DE" },
		{ "@tls.peer.subject.organization", "a/b" },
		{ "@tls.peer.subject.unit", "first" },
		{ "@tls.peer.subject.uid", "bob17" },
		{ "@tls.peer.subject.dn",
		  "UID=bob17,CN=Bob,OU=second,OU=first,O=a/b,L=Hof,ST=Bayern,C=DE" },
		{ "@tls.peer.subject.line",
		  "/C=DE/ST=Bayern/L=Hof/O=a\\/b/OU=first/OU=second/CN=Bob/UID=bob17" },
		{ "$tls_peer_subject",
		  "/C=DE/ST=Bayern/L=Hof/O=a\\/b/OU=first/OU=second/CN=Bob/UID=bob17" },
		{ "$tls_peer_subject_uid", "bob17" },
		{ "$tls_peer_subject_organization", "a/b" },
		{ "@tls.peer.issuer", "Root" },
		{ "@tls.peer.issuer.c", NULL },
		{ "$tls_peer_issuer", "/CN=Root" },
		{ "$tls_peer_issuer_cn", "Root" },
		{ "@tls.peer.sn", "257" },
		{ "$tls_peer_serial", "257" },
		{ "@tls.peer.email", "bob@example.com" },
		{ "@tls.peer.uri", "sip:example.com" },
		{ "@tls.peer.ip", "192.0.2.1" },
		{ "$tls_peer_san_ip", "192.0.2.1" },
		{ "@tls.my", "us" },
		{ "@tls.me.subject", "us" },
		{ "@tls.myself.issuer.cn", "us" },
		{ "$tls_my_subject_cn", "us" },
		{ "@tls.my.uri", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++)
		assert_text(value_of(vectors[i].written_z), vectors[i].text_z);
	assert_text(value_of("@tls.peer.raw_cert"), peer_pem);
	assert_int_equal(value_of("@tls.peer.fingerprint").s.n, 64);
	assert_true(str_starts(value_of("$tls_peer_urlencoded_cert").s,
			       STR("-----BEGIN%20CERTIFICATE-----%0aMII")));
	assert_int_equal(str_chr(value_of("@tls.peer.urlencoded_cert").s, '\n'), -1);
	assert_true(str_find(value_of("@tls.peer.not_after").s, STR(" GMT")) > 0);
}

static void names_have_numbers(void **state)
{
	(void)state;
	assert_text(value_at("@tls.peer.host", 1), "one.example.com");
	assert_text(value_at("@tls.peer.host", 2), "two\\0Aexample.com");
	assert_text(value_at("@tls.peer.dns", -1), "three.example.com");
	assert_text(value_at("$tls_peer_san_hostname", -3), "one.example.com");
	assert_text(value_at("@tls.peer.hostname", 4), NULL);
	assert_text(value_at("@tls.peer.hostname", -4), NULL);
	assert_text(value_at("@tls.peer.hostname", INT64_MIN), NULL);
	assert_int_equal(value_of("@tls.peer.host.count").i, 3);
	assert_int_equal(value_of("@tls.my.host.count").i, 0);
}

static void judgements_are_numbers(void **state)
{
	(void)state;
	assert_int_equal(value_of("@tls.cipher.bits").i, 256);
	assert_int_equal(value_of("@tls.peer.version").i, 3);
	assert_int_equal(value_of("@tls.peer.verified").i, 1);
	assert_int_equal(value_of("$tls_peer_expired").i, 0);
	assert_int_equal(value_of("@tls.peer.self_signed").i, 0);
	assert_int_equal(value_of("@tls.my.self_signed").i, 1);
	assert_int_equal(value_of("@tls.my.expired").i, 0);
	assert_text(value_of("@tls.my.verified"), NULL);
	assert_text(value_of("@tls.my.revoked"), NULL);
	facts.revoked = facts.expired = true;
	assert_int_equal(value_of("@tls.peer.revoked").i, 1);
	assert_int_equal(value_of("@tls.peer.expired").i, 1);
	facts.revoked = facts.expired = false;
}

static void a_peer_without_certificate_is_nobody_and_not_verified(void **state)
{
	const struct tls_cert *peer = facts.peer;

	(void)state;
	facts.peer = NULL;
	facts.verified = false;
	assert_text(value_of("@tls.peer"), NULL);
	assert_text(value_of("@tls.peer.raw_cert"), NULL);
	assert_text(value_of("@tls.peer.host"), NULL);
	assert_text(value_of("@tls.peer.host.count"), NULL);
	assert_int_equal(value_of("@tls.peer.verified").i, 0);
	assert_int_equal(value_of("@tls.peer.self_signed").i, 0);
	assert_text(value_of("@tls.desc"), "(TLS1.3)");
	assert_int_equal(fn_is_peer_verified(&ctx, NULL, 0), FN_FALSE);
	facts.peer = peer;
	facts.verified = true;
	assert_int_equal(fn_is_peer_verified(&ctx, NULL, 0), FN_TRUE);
}

static void all_are_null_without_tls(void **state)
{
	(void)state;
	ctx.session = NULL;
	for (const struct attr_def *a = tls_attrs; a->get; a++) {
		struct attr_arg arg = { .tag = a->tag, .key = STR("p_subject_line") };
		struct value v = value_int(1);

		if (a->prepare)
			assert_null(a->prepare(&arg, NULL));
		assert_int_equal(a->get(&ctx, &arg, &v), 0);
		assert_int_equal(v.type, VALUE_NULL);
	}
	assert_int_equal(fn_is_peer_verified(&ctx, NULL, 0), FN_FALSE);
	ctx.session = &facts;
}

static void lines_have_names(void **state)
{
	const struct attr_def *a = row_of("$tls");
	struct attr_arg arg = { .has_key = true, .key = STR("m_subject_line") };
	struct value v;

	(void)state;
	assert_null(a->prepare(&arg, NULL));
	assert_int_equal(a->get(&ctx, &arg, &v), 0);
	assert_text(v, "/CN=us");
	arg = (struct attr_arg){ .has_key = true, .key = STR("x_subject_line") };
	assert_non_null(a->prepare(&arg, NULL));
}

static void no_memory_is_an_error(void **state)
{
	struct pool *pool = ctx.pool;

	(void)state;
	ctx.pool = pool_new(1024, 1024);
	while (pool_alloc(ctx.pool, 16))
		;
	for (const struct attr_def *a = tls_attrs; a->get; a++) {
		struct attr_arg arg = { .tag = a->tag, .key = STR("p_subject_line") };
		struct value v;
		int err;

		if (a->prepare)
			assert_null(a->prepare(&arg, NULL));
		err = a->get(&ctx, &arg, &v);
		assert_true(err == -ENOMEM ||
			    (!err && (v.type == VALUE_NULL || a->type == VALUE_INT)));
	}
	pool_drop(&ctx.pool);
	ctx.pool = pool;
}

/* selects.txt has one for each line; known_functions.c one for each word. */
static void all_names_of_the_family_are_there(void **state)
{
	FILE *f = fopen("test/unit/core/script/selects.txt", "r");
	char line[256];
	unsigned seen = 0;

	(void)state;
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "@tls", 4) != 0)
			continue;
		seen++;
		if (!row_of(line))
			fail_msg("there is no %s", line);
	}
	fclose(f);
	assert_in_range(seen, 400, 500);
	for (unsigned i = 0; i < known_rows_n; i++) {
		struct str words = str_z(known_rows[i].variables), word;

		while (!strcmp(known_rows[i].module, "tls") && str_split(&words, ' ', &word)) {
			snprintf(line, sizeof(line), "$" STRF, STRA(word));
			if (!row_of(line))
				fail_msg("there is no %s", line);
			seen++;
		}
	}
	assert_in_range(seen, 450, 550);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_what_the_certificate_says),
		cmocka_unit_test(names_have_numbers),
		cmocka_unit_test(judgements_are_numbers),
		cmocka_unit_test(a_peer_without_certificate_is_nobody_and_not_verified),
		cmocka_unit_test(all_are_null_without_tls),
		cmocka_unit_test(lines_have_names),
		cmocka_unit_test(no_memory_is_an_error),
		cmocka_unit_test(all_names_of_the_family_are_there),
	};

	return cmocka_run_group_tests(tests, connect_peer, disconnect_peer);
}

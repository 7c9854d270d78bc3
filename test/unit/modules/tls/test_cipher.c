/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenSSL's words become GnuTLS' priorities: the same suites as `openssl ciphers` says, whatever is refused is told with its reason. */
#include "test/unit/core/mem/mem_test.h"

#include "modules/tls/cipher.h"

#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <sys/socket.h>

static struct shm *s;
static struct arena *arena;

static int setup(void **state)
{
	(void)state;
	s = shm_new(64 * MIB, 16 * MIB, 2);
	shm_slot_set(1);
	arena = arena_new(s, ID_MAKE(ID_TEST, 1, 1), 4096, 8 * MIB);
	return !arena;
}

static int teardown(void **state)
{
	(void)state;
	arena_drop(&arena);
	shm_slot_set(SHM_MAIN);
	shm_drop(&s);
	return 0;
}

static const char *wish(const char *method_z, const char *ciphers_z, const char *priority_z,
			bool insecure, struct str *text_r, const char **warning_r)
{
	struct tls_wish w = { str_z(method_z), str_z(ciphers_z), str_z(priority_z), insecure };

	return tls_priority_make(arena, &w, text_r, warning_r);
}

/* --- sets of suites -------------------------------------------------------------------------------------------------------------------- */
struct suites {
	bool has[65536];
	unsigned n;
};

static void suites_add(struct suites *set, unsigned id)
{
	set->n += !set->has[id];
	set->has[id] = true;
}

/* Those of a priority text, TLS 1.3 apart; GnuTLS also lists those of versions that are not spoken. */
static void suites_of_gnutls(const char *text_z, struct suites *old_r, struct suites *new_r)
{
	gnutls_priority_t p;
	const char *at;
	unsigned id;

	assert_int_equal(gnutls_priority_init(&p, text_z, &at), 0);
	for (unsigned i = 0; gnutls_priority_get_cipher_suite_index(p, i, &id) !=
			     GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
	     i++) {
		unsigned char cs[2];
		gnutls_protocol_t from;

		if (!gnutls_cipher_suite_info(id, cs, NULL, NULL, NULL, &from))
			continue;
		if (from == GNUTLS_TLS1_3 && !strstr(text_z, "+VERS-TLS1.3"))
			continue;
		suites_add(from == GNUTLS_TLS1_3 ? new_r : old_r, cs[0] << 8 | cs[1]);
	}
	gnutls_priority_deinit(p);
}

/* What OpenSSL would speak in TLS 1.2, without what nobody speaks here. */
static void suites_of_openssl(const char *list_z, struct suites *set)
{
	static const char *const not_here[] = {
		"ARIA", "DSS", "ADH", "AECDH", "NULL", "PSK", "SRP"
	};
	char command[1024], line[512];
	FILE *f;

	snprintf(command, sizeof(command), "openssl ciphers -s -V -tls1_2 '%s'", list_z);
	f = popen(command, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned a, b;
		char name[64];
		bool here = true;

		assert_int_equal(sscanf(line, " 0x%x,0x%x - %63s", &a, &b, name), 3);
		for (size_t i = 0; i < sizeof(not_here) / sizeof(not_here[0]); i++)
			here &= !strstr(name, not_here[i]);
		if (here)
			suites_add(set, a << 8 | b);
	}
	if (pclose(f))
		fail_msg("OpenSSL does not take %s", list_z);
}

static const struct {
	const char *list, *extra; /* what comes in besides, as a list */
} known[] = {
	{ "HIGH", NULL },
	{ "ALL", NULL },
	{ "DEFAULT", NULL },
	{ "DEFAULT:!kRSA", NULL },
	{ "DEFAULT@SECLEVEL=2", NULL },
	{ "HIGH:!aNULL:!MD5", NULL },
	{ "HIGH:MEDIUM:!aNULL:!eNULL:!EXPORT:!DES:!3DES:!MD5:!PSK:!RC4", NULL },
	{ "ALL:!ADH:!LOW:!EXP:!MD5:@STRENGTH", NULL },
	{ "ALL:!aNULL:!ADH:!eNULL:!LOW:!EXP:RSA+AES:+HIGH:+MEDIUM", NULL },
	{ "ECDHE", NULL },
	{ "kEECDH", NULL },
	{ "EECDH+AESGCM:EDH+AESGCM", NULL },
	{ "ECDHE+AESGCM", NULL },
	{ "ECDHE+AESGCM:ECDHE+CHACHA20", NULL },
	{ "ECDHE+AESGCM:DHE+AESGCM:ECDHE+CHACHA20:DHE+CHACHA20:!aNULL", NULL },
	{ "aRSA", NULL },
	{ "aECDSA", NULL },
	{ "ECDSA+AES128", NULL },
	{ "kRSA", NULL },
	{ "RSA+AES", NULL },
	{ "kEDH", NULL },
	{ "AES", NULL },
	{ "AES128", NULL },
	{ "AES256:-AESCCM:-AESCCM8", NULL },
	{ "AESGCM", NULL },
	{ "AESCCM8", NULL },
	{ "CHACHA20", NULL },
	{ "CAMELLIA", NULL },
	{ "CAMELLIA128:CAMELLIA256", NULL },
	{ "CBC", NULL },
	{ "SHA384", NULL },
	{ "SHA", NULL },
	{ "AES256-SHA", NULL },
	{ "ECDHE-RSA-AES128-GCM-SHA256", NULL },
	{ "ECDHE-RSA-AES128-GCM-SHA256 ECDHE-RSA-AES256-GCM-SHA384", NULL },
	{ "HIGH:!SHA1", NULL },
	{ "HIGH:!SSLv3:!TLSv1.0", NULL },
	{ "TLSv1.2:!kRSA", NULL },
	{ "ALL:-aRSA:-CAMELLIA", NULL },
	{ "ALL:-AES:AES256+CBC", NULL },
	{ "ALL:!aNULL@SECLEVEL=3", NULL },
	{ "ALL:!aNULL@SECLEVEL=4", NULL },
	{ "HIGH:!aNULL:!kRSA:!CAMELLIA:!ARIA:!AESCCM:!SHA1", NULL },
	/* no combination of the three: what comes nearest */
	{ "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA", "ECDHE-RSA-AES256-SHA:AES128-GCM-SHA256" },
	{ "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
	  "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
	  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
	  "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384",
	  "DHE-RSA-CHACHA20-POLY1305" },
};

static void a_list_means_what_openssl_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		static struct suites ours, theirs, new;
		struct str text;
		const char *warning, *why;

		memset(&ours, 0, sizeof(ours));
		memset(&theirs, 0, sizeof(theirs));
		memset(&new, 0, sizeof(new));
		why = wish("TLSv1.2", known[i].list, NULL, false, &text, &warning);
		if (why)
			fail_msg("%s: %s", known[i].list, why);
		suites_of_gnutls(text.p, &ours, &new);
		suites_of_openssl(known[i].list, &theirs);
		if (known[i].extra)
			suites_of_openssl(known[i].extra, &theirs);
		assert_int_equal(new.n, 0);
		if (ours.n != theirs.n || memcmp(ours.has, theirs.has, sizeof(ours.has)))
			fail_msg("%s: %u suites by %s, OpenSSL has %u", known[i].list, ours.n,
				 text.p, theirs.n);
		assert_true(!!warning == !!known[i].extra);
		if (warning)
			assert_non_null(strstr(warning, "comes in, too: "));
	}
}

static void what_a_list_takes_away_never_comes_in(void **state)
{
	static const struct {
		const char *list, *banned, *left_out;
	} lists[] = {
		{ "HIGH:!ECDHE-RSA-AES256-SHA", "ECDHE-RSA-AES256-SHA", "left out, too: " },
		{ "ECDHE-RSA-AES128-GCM-SHA256:AES256-SHA:!ECDHE-RSA-AES256-SHA",
		  "ECDHE-RSA-AES256-SHA", "left out, too: AES256-SHA" },
		{ "ECDHE+AESGCM:DHE+AESGCM:-DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256",
		  "left out, too: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		static struct suites ours, banned, new;
		struct str text;
		const char *warning;

		memset(&ours, 0, sizeof(ours));
		memset(&banned, 0, sizeof(banned));
		assert_null(wish("TLSv1.2", lists[i].list, NULL, false, &text, &warning));
		suites_of_gnutls(text.p, &ours, &new);
		suites_of_openssl(lists[i].banned, &banned);
		assert_true(ours.n > 0);
		for (unsigned id = 0; id < 65536; id++)
			assert_false(ours.has[id] && banned.has[id]);
		assert_non_null(warning);
		assert_non_null(strstr(warning, lists[i].left_out));
	}
}

static void names_of_the_rfcs_are_names_too(void **state)
{
	static const char *const same[][2] = {
		{ "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384" },
		{ "TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA" },
		{ "TLS_DHE_RSA_WITH_AES_128_CCM_8", "DHE-RSA-AES128-CCM8" },
		{ "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
		  "ECDHE-ECDSA-CHACHA20-POLY1305" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		struct str a, b;
		const char *warning;

		assert_null(wish(NULL, same[i][0], NULL, false, &a, &warning));
		assert_null(wish(NULL, same[i][1], NULL, false, &b, &warning));
		assert_true(str_eq(a, b));
	}
}

static void suites_of_tls_1_3_follow_the_list(void **state)
{
	static const struct {
		const char *list;
		unsigned ids[4];
		const char *warning; /* a part of it; NULL: none */
	} lists[] = {
		{ "ECDHE+AESGCM", { 0x1301, 0x1302 }, NULL },
		{ "ECDHE+AESGCM:ECDHE+CHACHA20", { 0x1301, 0x1302, 0x1303 }, NULL },
		{ "ECDHE+AESGCM:ECDHE+CHACHA20:!CHACHA20", { 0x1301, 0x1302 }, NULL },
		{ "ECDHE-RSA-AES128-GCM-SHA256", { 0x1301 }, NULL },
		{ "AES:-AES:ECDHE+AES256+AESGCM", { 0x1302 }, NULL },
		{ "ECDHE+AESGCM:!TLS_AES_128_GCM_SHA256", { 0x1302 }, "left out, too: ECDHE-" },
		{ "ECDHE+AESGCM:TLS_AES_256_GCM_SHA384",
		  { 0x1302, 0x1301 },
		  "comes in, too: TLS_AES_128" },
		{ "TLS_AES_256_GCM_SHA384", { 0x1302 }, "TLS 1.2, which is not spoken" },
		{ "AES256-SHA", { 0 }, "TLS 1.3, which is not spoken" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		static struct suites old, new;
		struct str text;
		const char *warning, *why;
		unsigned n = 0;

		memset(&new, 0, sizeof(new));
		why = wish(NULL, lists[i].list, NULL, false, &text, &warning);
		if (why)
			fail_msg("%s: %s", lists[i].list, why);
		suites_of_gnutls(text.p, &old, &new);
		for (; n < 4 && lists[i].ids[n]; n++)
			assert_true(new.has[lists[i].ids[n]]);
		if (new.n != n)
			fail_msg("%s: %u suites of TLS 1.3 by %s", lists[i].list, new.n, text.p);
		if (!!warning != !!lists[i].warning ||
		    (warning && !strstr(warning, lists[i].warning)))
			fail_msg("%s: %s", lists[i].list, warning ? warning : "no warning");
	}
}

static void nothing_said_is_strong(void **state)
{
	static const unsigned old_ids[] = { 0xc02b, 0xc02c, 0xc02f, 0xc030, 0xcca8, 0xcca9 };
	static struct suites old, new;
	struct str text;
	const char *warning;

	(void)state;
	assert_null(wish(NULL, NULL, NULL, false, &text, &warning));
	assert_null(warning);
	suites_of_gnutls(text.p, &old, &new);
	assert_int_equal(old.n, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_true(old.has[old_ids[i]]);
	assert_int_equal(new.n, 3);
	assert_null(strstr(text.p, "TLS1.1"));
	assert_null(strstr(text.p, "TLS1.0"));
	assert_null(strstr(text.p, "SHA1"));
	/* it may be asked for, but was not */
	assert_null(wish(NULL, NULL, NULL, true, &text, &warning));
	assert_null(strstr(text.p, "TLS1.1"));
}

static const struct {
	const char *method;
	bool insecure;
	const char *versions; /* the last digits; NULL: refused */
	const char *said;     /* a part of the warning, or of the error */
} versions[] = {
	{ "", false, "32", NULL },
	{ "SSLv23", false, "32", NULL },
	{ "sslv23", true, "3210", NULL },
	{ "TLSany", false, "32", NULL },
	{ "any", false, "32", NULL },
	{ "TLSv1", false, "32", "means TLS 1.2 or newer here" },
	{ "tlsv1", false, "32", "means TLS 1.2 or newer here" },
	{ "TLSv1", true, "0", NULL },
	{ "TLSv1+", false, "32", "means TLS 1.2 or newer here" },
	{ "TLSv1.0+", false, "32", "means TLS 1.2 or newer here" },
	{ "TLSv1+", true, "3210", NULL },
	{ "TLSv1.1+", true, "321", NULL },
	{ "TLSv1_1", true, "1", NULL },
	{ "TLSv1_1", false, NULL, "allow_insecure=yes" },
	{ "TLSv1.0", false, NULL, "write \"TLSv1.2+\"" },
	{ "TLSv1-TLSv1_1", false, NULL, "allow_insecure=yes" },
	{ "TLSv1_2", false, "2", NULL },
	{ "TLSv1.2", false, "2", NULL },
	{ "tlsv1.2+", false, "32", NULL },
	{ "TLSv1_2-TLSv1_3", false, "32", NULL },
	{ "TLSv1_2-", false, "32", NULL },
	{ "TLSv1-TLSv1_2", false, "2", "means TLS 1.2 or newer here" },
	{ "TLSv1.3", false, "3", NULL },
	{ "TLSv1.3+", false, "3", NULL },
	{ "sslv2", false, NULL, "SSL 2.0 and 3.0 can be broken" },
	{ "SSLv3", true, NULL, "SSL 2.0 and 3.0 can be broken" },
	{ "TLSv1.4", false, NULL, "unknown method \"TLSv1.4\"" },
	{ "TLSv1.3-TLSv1.2", false, NULL, "unknown method" },
	{ "TLSv2", false, NULL, "there are TLSv1.2" },
	{ "+", false, NULL, "unknown method" },
	{ "-", false, NULL, "unknown method" },
	{ "TLSv1.2-x", false, NULL, "unknown method" },
};

static void methods(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		char digits[8];
		unsigned n = 0;
		struct str text;
		const char *warning = NULL, *said;

		said = wish(versions[i].method, NULL, NULL, versions[i].insecure, &text, &warning);
		if (!versions[i].versions != !!said)
			fail_msg("%s: %s", versions[i].method, said ? said : text.p);
		said = said ? said : warning;
		if (!versions[i].said != !said || (said && !strstr(said, versions[i].said)))
			fail_msg("%s: said %s", versions[i].method, said ? said : "nothing");
		if (!versions[i].versions)
			continue;
		for (const char *at = text.p; (at = strstr(at, "+VERS-TLS1.")); at++)
			digits[n++] = at[strlen("+VERS-TLS1.")];
		digits[n] = '\0';
		assert_string_equal(digits, versions[i].versions);
	}
}

static void what_is_refused_says_why(void **state)
{
	static const struct {
		const char *list, *said;
	} rows[] = {
		{ "HIHG", "unknown cipher \"HIHG\"; did you mean \"HIGH\"?" },
		{ "HIGH:!aNUL", "unknown cipher \"aNUL\"; did you mean \"aNULL\"?" },
		{ "ECDHE-RSA-AES128-GCM-SHA265", "did you mean \"ECDHE-RSA-AES128-GCM-SHA256\"?" },
		{ "zzzzzzzzzzzz", "\"openssl ciphers -v ALL\" lists suites" },
		{ "a\n\"b", "unknown cipher \"a\\x0a\\\"b\"" },
		{ "ECDHE+", "unknown cipher \"\"" },
		{ "eNULL", "cipher \"eNULL\" is refused: it encrypts nothing" },
		{ "NULL-SHA256", "\"NULL-SHA256\" is refused: it encrypts nothing" },
		{ "HIGH:aNULL", "cipher \"aNULL\" is refused: it would not tell who the peer is" },
		{ "ADH-AES256-SHA", "it would not tell who the peer is" },
		{ "EXPORT", "\"EXPORT\" is refused: it can be broken" },
		{ "EXP-RC4-MD5", "is refused: it can be broken" },
		{ "HIGH:RC4-SHA", "write \"!RC4-SHA\"" },
		{ "HIGH:kRSA+3DES", "cipher \"3DES\" is refused" },
		{ "ECDHE-RSA-DES-CBC3-SHA", "is refused: it can be broken" },
		{ "HIGH:@SECLEVEL=9", "unknown command \"@SECLEVEL=9\"" },
		{ "HIGH@STRENGHT", "there are @STRENGTH and @SECLEVEL=0 to @SECLEVEL=5" },
		{ "HIGH:!HIGH", "the cipher list leaves no cipher" },
		{ "PSK", "the cipher list leaves no cipher" },
		{ ":", "the cipher list leaves no cipher" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text;
		const char *warning, *said = wish(NULL, rows[i].list, NULL, false, &text, &warning);

		if (!said || !strstr(said, rows[i].said))
			fail_msg("%s: said %s", rows[i].list, said ? said : "nothing");
	}
}

static void what_is_left_out_is_told(void **state)
{
	struct str text;
	const char *warning;

	(void)state;
	assert_null(wish(NULL, "DHE-DSS-AES128-SHA:ECDHE+AESGCM", NULL, false, &text, &warning));
	assert_string_equal(warning, "cipher \"DHE-DSS-AES128-SHA\" is left out: there are no such "
				     "certificates here");
	assert_null(wish(NULL, "ECDHE+AESGCM@SECLEVEL=1", NULL, false, &text, &warning));
	assert_string_equal(warning, "@SECLEVEL=0 and 1 accept weak keys");
	assert_non_null(strstr(text.p, "%PROFILE_LOW"));
	assert_non_null(wish("TLSv1.3", "AES256-SHA", NULL, false, &text, &warning));
}

static void words_of_gnutls(void **state)
{
	static const struct {
		const char *method, *priority;
		bool insecure;
		const char *text; /* NULL: refused */
		const char *said;
	} rows[] = {
		{ NULL, "NORMAL", false, "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1", NULL },
		{ NULL, "SECURE256", true, "SECURE256", NULL },
		{ "TLSv1.3", "NORMAL", false, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL },
		{ NULL, "NORMAL:+VERS-TLS1.0", false, NULL, "allow_insecure=yes" },
		{ NULL, "NORMAL:+VERS-TLS1.0", true, "NORMAL:+VERS-TLS1.0", NULL },
		{ NULL, "NORMAL:+VERS-SSL3.0", true, NULL, "+VERS-SSL3.0\" is refused" },
		{ NULL, "NORMAL:+NONSENSE", false, NULL, "not understood by GnuTLS at \"" },
		{ NULL, "NORMAL:+NULL", false, NULL, "priority with NULL is refused" },
		{ NULL, "NORMAL:+ANON-ECDH", false, NULL, "priority with ANON-ECDH is refused" },
		{ NULL, "NORMAL:+ARCFOUR-128", false, NULL, "add \":-ARCFOUR-128\"" },
	};
	struct str text;
	const char *warning;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *said = wish(rows[i].method, NULL, rows[i].priority, rows[i].insecure,
					&text, &warning);

		if (!rows[i].text != !!said || (said && !strstr(said, rows[i].said)))
			fail_msg("%s: said %s", rows[i].priority, said ? said : "nothing");
		if (!said)
			assert_string_equal(text.p, rows[i].text);
	}
	assert_non_null(
		strstr(wish(NULL, "HIGH", "NORMAL", false, &text, &warning), "write one of them"));
}

/* --- handshakes ------------------------------------------------------------------------------------------------------------------------ */
static gnutls_certificate_credentials_t server_creds(gnutls_pk_algorithm_t kind)
{
	gnutls_certificate_credentials_t creds;
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t crt;
	unsigned bits =
		kind == GNUTLS_PK_RSA ? 2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, kind, bits, 0), 0);
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\1", 1);
	gnutls_x509_crt_set_activation_time(crt, time(NULL) - 60);
	gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 3600);
	gnutls_x509_crt_set_dn(crt, "CN=test", NULL);
	gnutls_x509_crt_set_key(crt, key);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_certificate_allocate_credentials(&creds), 0);
	assert_int_equal(gnutls_certificate_set_x509_key(creds, &crt, 1, key), 0);
	gnutls_certificate_set_known_dh_params(creds, GNUTLS_SEC_PARAM_MEDIUM);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
	return creds;
}

/* The name of the suite that both agree upon; "" when they do not. */
static void agree(const char *server_z, const char *client_z,
		  gnutls_certificate_credentials_t creds, char *name, size_t size)
{
	gnutls_session_t side[2];
	gnutls_certificate_credentials_t none;
	int fd[2], done[2] = { -1, -1 };

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	gnutls_certificate_allocate_credentials(&none);
	for (int i = 0; i < 2; i++) {
		gnutls_init(&side[i], (i ? GNUTLS_CLIENT : GNUTLS_SERVER) | GNUTLS_NONBLOCK);
		assert_int_equal(gnutls_priority_set_direct(side[i], i ? client_z : server_z, NULL),
				 0);
		gnutls_credentials_set(side[i], GNUTLS_CRD_CERTIFICATE, i ? none : creds);
		gnutls_transport_set_int(side[i], fd[i]);
	}
	for (int n = 0; n < 100 && (done[0] || done[1]); n++) {
		if (done[n & 1])
			done[n & 1] = gnutls_handshake(side[n & 1]);
		if (done[n & 1] && gnutls_error_is_fatal(done[n & 1]))
			break;
	}
	name[0] = '\0';
	if (!done[0] && !done[1]) {
		struct str a = tls_cipher_name(side[0]), b = tls_cipher_name(side[1]);

		assert_true(str_eq(a, b));
		snprintf(name, size, STRF, STRA(a));
	}
	for (int i = 0; i < 2; i++) {
		gnutls_deinit(side[i]);
		close(fd[i]);
	}
	gnutls_certificate_free_credentials(none);
}

static void peers_agree_on_what_the_text_says(void **state)
{
	static const struct {
		const char *method, *list, *client;
		bool ecdsa, insecure;
		const char *name;
	} rows[] = {
		{ NULL, NULL, "NORMAL", true, false, "TLS_AES_128_GCM_SHA256" },
		{ NULL, NULL, "NORMAL", false, false, "TLS_AES_128_GCM_SHA256" },
		{ NULL, "AES128", "NORMAL", false, false, "TLS_AES_128_GCM_SHA256" },
		{ "TLSv1.3", NULL, "NORMAL", true, false, "TLS_AES_128_GCM_SHA256" },
		{ "TLSv1.3", NULL, "NORMAL:-VERS-TLS1.3", true, false, "" },
		{ NULL, "TLS_CHACHA20_POLY1305_SHA256", "NORMAL", false, false,
		  "TLS_CHACHA20_POLY1305_SHA256" },
		{ "TLSv1.2", NULL, "NORMAL", true, false, "ECDHE-ECDSA-AES128-GCM-SHA256" },
		{ "TLSv1.2", NULL, "NORMAL", false, false, "ECDHE-RSA-AES128-GCM-SHA256" },
		{ "TLSv1.2", "AES256-SHA", "NORMAL", false, false, "AES256-SHA" },
		{ "TLSv1.2", "DHE-RSA-AES128-SHA256", "NORMAL:+SHA256", false, false,
		  "DHE-RSA-AES128-SHA256" },
		{ "TLSv1.2", "DHE+CHACHA20", "NORMAL", false, false, "DHE-RSA-CHACHA20-POLY1305" },
		{ "TLSv1.2", "CAMELLIA256-SHA", "NORMAL:+CAMELLIA-256-CBC", false, false,
		  "CAMELLIA256-SHA" },
		{ NULL, NULL, "NORMAL:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0", false, false, "" },
		{ NULL, NULL, "NORMAL:-AEAD", false, false, "" },
		{ "TLSv1+", NULL, "NORMAL:-VERS-ALL:+VERS-TLS1.0", false, true,
		  "ECDHE-RSA-AES256-SHA" },
		{ "TLSv1.1", NULL, "NORMAL:-VERS-ALL:+VERS-TLS1.1", true, true,
		  "ECDHE-ECDSA-AES256-SHA" },
	};
	gnutls_certificate_credentials_t creds[2] = { server_creds(GNUTLS_PK_RSA),
						      server_creds(GNUTLS_PK_ECDSA) };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text;
		const char *warning;
		char name[64];

		assert_null(wish(rows[i].method, rows[i].list, NULL, rows[i].insecure, &text,
				 &warning));
		agree(text.p, rows[i].client, creds[rows[i].ecdsa], name, sizeof(name));
		if (strcmp(name, rows[i].name))
			fail_msg("row %zu: %s: %s", i, text.p, name);
	}
	gnutls_certificate_free_credentials(creds[0]);
	gnutls_certificate_free_credentials(creds[1]);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_list_means_what_openssl_says),
		TEST(what_a_list_takes_away_never_comes_in),
		TEST(names_of_the_rfcs_are_names_too),
		TEST(suites_of_tls_1_3_follow_the_list),
		TEST(nothing_said_is_strong),
		TEST(methods),
		TEST(what_is_refused_says_why),
		TEST(what_is_left_out_is_told),
		TEST(words_of_gnutls),
		TEST(peers_agree_on_what_the_text_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A script with TLS domains while memory runs out at every place in turn: loading ends with an error that says so, and leaves nothing. */
#include "test/unit/core/script/fake.h"

#include "core/mem/fault.h"
#include "modules/tls/domain.h"

#include <gnutls/x509.h>
#include <sys/stat.h>
#include <time.h>

static char folder[64];

static void file_write(const char *name_z, const void *p, size_t n)
{
	char path_z[128];
	FILE *f;

	snprintf(path_z, sizeof(path_z), "%s/%s", folder, name_z);
	f = fopen(path_z, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
	chmod(path_z, 0600);
}

/* own.pem and own.key: a certificate that signed itself. */
static void certificate_write(void)
{
	gnutls_x509_privkey_t key;
	gnutls_datum_t d = { 0 };
	gnutls_x509_crt_t crt;

	gnutls_x509_privkey_init(&key);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
				     GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(&crt);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, "\1", 1);
	gnutls_x509_crt_set_activation_time(crt, time(NULL) - 10);
	gnutls_x509_crt_set_expiration_time(crt, time(NULL) + 90 * 86400);
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, "a.test", 6);
	gnutls_x509_crt_set_key(crt, key);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &d);
	file_write("own.pem", d.data, d.size);
	gnutls_free(d.data);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &d);
	file_write("own.key", d.data, d.size);
	gnutls_free(d.data);
	gnutls_x509_crt_deinit(crt);
	gnutls_x509_privkey_deinit(key);
}

static int load_tls(struct str mpath, struct str name, const struct module_def **def_r, char *why_z,
		    size_t why_size)
{
	if (!str_eq(name, STR("tls")))
		return fake_load_module(mpath, name, def_r, why_z, why_size);
	*def_r = &serac_module;
	return 0;
}

static int load(const struct conf **conf_r)
{
	static const struct module_def *const builtins[] = { &run_module, &net_module, NULL };
	char path_z[128];
	struct script_options o = { .path_z = path_z,
				    .builtins = builtins,
				    .load_module = load_tls,
				    .mpath = STR("modules") };
	size_t n;
	FILE *out;
	int r;

	free(fake_said);
	fake_said = NULL;
	snprintf(path_z, sizeof(path_z), "%s/serac.cfg", folder);
	out = open_memstream(&fake_said, &n);
	r = script_load(fake_shm, &o, out, conf_r, &fake_errors, &fake_warnings);
	fclose(out);
	return r;
}

static int setup(void **state)
{
	static const char script[] =
		"loadmodule \"tls\"\nlisten=tls:127.0.0.1:5061\n"
		"tls_certificate = \"own.pem\"\nmodparam(\"tls\", \"private_key\", \"own.key\")\n"
		"tls_domain[default] { ca_list = \"own.pem\" verify_certificate = require }\n"
		"tls_domain[127.0.0.1:5061] { server_name = \"a.test\" alpn = \"sip/2\" "
		"advertise = \"a.test:5061\" }\n"
		"tls_client_domain[\"b.test\"] { server_name = \"c.test\" }\n"
		"modparam(\"tls\", \"config\", \"tls.cfg\")\nroute { exit; }\n";
	static const char cfg[] = "[client:10.0.0.1:5061]\nserver_id = x\nverify_depth = 3\n";

	strcpy(folder, "/tmp/serac-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	file_write("serac.cfg", script, strlen(script));
	file_write("tls.cfg", cfg, strlen(cfg));
	certificate_write();
	return fake_setup_quiet(state);
}

static int teardown(void **state)
{
	static const char *const files[] = { "serac.cfg", "tls.cfg", "own.pem", "own.key" };
	struct shm_stats stats;
	char path_z[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path_z, sizeof(path_z), "%s/%s", folder, files[i]);
		unlink(path_z);
	}
	rmdir(folder);
	(void)state;
	/* priorities stay in shared memory, which GnuTLS' own end may look at */
	free(fake_said);
	shm_stats(fake_shm, &stats);
	assert_int_equal(stats.chunks_live, 0);
	return 0;
}

static void all_domains_are_made(void **state)
{
	const struct conf *conf = NULL;
	const struct tls_conf *c;

	(void)state;
	if (load(&conf))
		fail_msg("%s", fake_said);
	c = tls_conf_of(conf);
	assert_int_equal(c->domains_n, 5);
	for (unsigned i = 0; i < c->domains_n; i++) {
		const struct tls_domain *d = &c->domains[i];

		assert_int_equal(d->index, i);
		assert_int_equal(d->keys_n, 1);
		assert_non_null(d->keys[0].cert);
		assert_non_null(d->priority);
		/* the same files are the same bytes */
		assert_ptr_equal(d->keys[0].chain_pem.p, c->domains[0].keys[0].chain_pem.p);
		assert_true(d->ca_pem.n > 0);
	}
	assert_ptr_equal(c->domains[3].ca_pem.p, c->domains[1].ca_pem.p);
	assert_true(str_eq(c->domains[3].name, STR("b.test")));
	assert_true(str_eq(c->domains[4].name, STR("x")));
	assert_memory_not_equal(c->domains[0].policy, c->domains[2].policy, 32);
	script_drop(&conf);
}

#ifdef SERAC_FAULT
static void loading_survives_every_failed_allocation(void **state)
{
	const struct conf *conf;
	struct shm_stats before, after;
	unsigned failed = 0, last = 0;

	(void)state;
	shm_stats(fake_shm, &before);
	for (unsigned n = 1; n < last + 200; n++) {
		int r;

		fault_alloc_fail(n);
		r = load(&conf);
		fault_alloc_fail(0);
		if (r < 0 && r != -ENOMEM && !strstr(fake_said, "memory"))
			fail_msg("allocation %u: %d\n%s", n, r, fake_said);
		if (r == 0) {
			script_drop(&conf);
		} else {
			failed++;
			last = n;
		}
		shm_stats(fake_shm, &after);
		assert_int_equal(after.chunks_live, before.chunks_live);
	}
	assert_true(failed > 100);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_domains_are_made),
#ifdef SERAC_FAULT
		cmocka_unit_test(loading_survives_every_failed_allocation),
#endif
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

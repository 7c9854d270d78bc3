/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in the files of a domain, and whether it can be used. */
#include "modules/tls/material.h"

#include <gnutls/ocsp.h>
#include <sys/stat.h>

#define DAY	  86400
#define WARN_DAYS 30

/* --- keys ------------------------------------------------------------------------------------------------------------------------- */

static bool has_key(struct str text)
{
	return str_find(text, STR(" PRIVATE KEY-----")) >= 0;
}

static void warn_if_public(struct tls_reader *r, const struct setting *by, const char *path_z)
{
	struct stat st;

	if (!stat(path_z, &st) && (st.st_mode & S_IROTH))
		diag_warn(r->diag, by->value_pos, "chmod o-r makes it private",
			  "everybody on this machine can read the private key \"%s\"", path_z);
}

static bool key_import(struct tls_reader *r, const struct tls_key_said *said,
		       const struct setting *by, const char *path_z, struct str text,
		       gnutls_x509_privkey_t key)
{
	gnutls_datum_t d = tls_datum(text);
	bool locked = str_find(text, STR("ENCRYPTED")) >= 0;
	const char *password_z = NULL;
	int err;

	if (locked && !said->password) {
		diag_error(r->diag, by->value_pos, "private_key_password has it",
			   "could not load private key \"%s\": it needs its passphrase", path_z);
		return false;
	}
	if (locked) {
		password_z = pool_str_z(r->diag->pool, setting_text(said->password, r->diag->pool));
		if (!password_z)
			return tls_no_memory(r, by);
	}
	err = gnutls_x509_privkey_import2(key, &d, tls_format(text), password_z, 0);
	if (err >= 0)
		return true;
	if (locked)
		by = said->password;
	diag_error(r->diag, by->value_pos,
		   has_key(text) ? NULL : "private_key names the file that the key is in",
		   "could not load private key \"%s\": %s", path_z,
		   err == GNUTLS_E_DECRYPTION_FAILED ? "its passphrase is another one"
		   : has_key(text)		     ? gnutls_strerror(err)
						     : "there is no private key in it");
	return false;
}

/* The certificate of that key becomes the first. */
static bool key_find(struct tls_certs *c, gnutls_x509_privkey_t key)
{
	unsigned char want[64], is[64];
	size_t want_n = sizeof(want);

	if (gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, want, &want_n) < 0)
		return false;
	for (unsigned i = 0; i < c->n; i++) {
		size_t is_n = sizeof(is);
		gnutls_x509_crt_t first = c->list[0];

		if (gnutls_x509_crt_get_key_id(c->list[i], GNUTLS_KEYID_USE_SHA256, is, &is_n) <
			    0 ||
		    is_n != want_n || memcmp(is, want, is_n) != 0)
			continue;
		c->list[0] = c->list[i];
		c->list[i] = first;
		return true;
	}
	return false;
}

/* --- dates and OCSP ------------------------------------------------------------------------------------------------------------------ */

static bool dates_check(struct tls_reader *r, const struct setting *by, const char *path_z,
			gnutls_x509_crt_t crt, int64_t *not_after_r)
{
	int64_t end = gnutls_x509_crt_get_expiration_time(crt);
	int64_t start = gnutls_x509_crt_get_activation_time(crt);
	char date[TLS_DATE_MAX];

	*not_after_r = end;
	if (end < r->now) {
		diag_error(r->diag, by->value_pos,
			   "get a new one from its authority, and put it in this one's place",
			   "certificate \"%s\" expired on %s", path_z, tls_date_z(end, date));
		return false;
	}
	if (start > r->now)
		diag_warn(r->diag, by->value_pos, NULL, "certificate \"%s\" is not valid before %s",
			  path_z, tls_date_z(start, date));
	if (end - r->now < WARN_DAYS * DAY)
		diag_warn(r->diag, by->value_pos, NULL,
			  "certificate \"%s\" expires in %lld days, on %s", path_z,
			  (long long)((end - r->now) / DAY), tls_date_z(end, date));
	return true;
}

/* By the measure that peers' certificates have to meet, too (prio.h). */
static void warn_if_weak(struct tls_reader *r, const struct setting *by, const char *path_z,
			 gnutls_x509_crt_t crt)
{
	unsigned bits = 0;
	int kind = gnutls_x509_crt_get_pk_algorithm(crt, &bits);

	if (kind > 0 && gnutls_pk_bits_to_sec_param((gnutls_pk_algorithm_t)kind, bits) <
				GNUTLS_SEC_PARAM_MEDIUM)
		diag_warn(r->diag, by->value_pos, "make a new key: RSA of 2048 bits, ECDSA of 256",
			  "peers may refuse certificate \"%s\": its key has %u bits only", path_z,
			  bits);
}

/* GNUTLS_E_…, and what is wrong in words. */
static const char *ocsp_wrong(struct tls_reader *r, struct str text, gnutls_x509_crt_t crt,
			      bool *is_old_r, gnutls_datum_t *der_r)
{
	gnutls_datum_t d = tls_datum(text);
	gnutls_ocsp_resp_t resp;
	const char *wrong = NULL;
	time_t next = -1;

	*is_old_r = false;
	if (gnutls_ocsp_resp_init(&resp) < 0)
		return "not enough memory";
	if (gnutls_ocsp_resp_import2(resp, &d, tls_format(text)) < 0)
		wrong = "it is no OCSP response";
	else if (gnutls_ocsp_resp_check_crt(resp, 0, crt) < 0)
		wrong = "it is about another certificate";
	else if (gnutls_ocsp_resp_get_single(resp, 0, NULL, NULL, NULL, NULL, NULL, NULL, &next,
					     NULL, NULL) < 0)
		wrong = "it tells nothing of the certificate";
	else if (gnutls_ocsp_resp_export2(resp, der_r, GNUTLS_X509_FMT_DER) < 0)
		wrong = "not enough memory";
	else
		*is_old_r = next != (time_t)-1 && next < r->now;
	gnutls_ocsp_resp_deinit(resp);
	return wrong;
}

/* What is too old is not stapled: it would be worse than none. */
static bool ocsp_read(struct tls_reader *r, const struct setting *by, gnutls_x509_crt_t crt,
		      struct str *der_r)
{
	const char *path_z, *wrong;
	gnutls_datum_t der = { 0 };
	struct str text;
	bool is_old;

	if (!tls_file_path(r, by, &path_z) || !tls_file_text(r, by, path_z, "OCSP response", &text))
		return false;
	wrong = ocsp_wrong(r, text, crt, &is_old, &der);
	if (wrong) {
		diag_error(r->diag, by->value_pos, NULL, "could not load OCSP response \"%s\": %s",
			   path_z, wrong);
		return false;
	}
	if (!is_old)
		return tls_datum_keep(r, by, &der, der_r);
	gnutls_free(der.data);
	diag_warn(r->diag, by->value_pos, NULL,
		  "OCSP response \"%s\" is too old and will not be sent", path_z);
	return true;
}

/* --- a certificate with its key -------------------------------------------------------------------------------------------------- */

static bool chain_keep(struct tls_reader *r, const struct setting *by,
		       const struct tls_certs *chain, struct str *pem_r)
{
	struct tls_text pem = { 0 };

	return tls_certs_add(r, by, chain, &pem) && tls_text_keep(r, by, &pem, pem_r);
}

static void *arena_give(void *arg, size_t n)
{
	return arena_alloc(arg, n);
}

/* What @tls.my tells. */
static bool cert_keep(struct tls_reader *r, const struct setting *by, const char *path_z,
		      gnutls_x509_crt_t crt, const struct tls_cert **cert_r)
{
	const struct tls_memory m = { arena_give, r->arena };
	gnutls_datum_t der;
	struct tls_cert unused;
	bool readable;

	if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) < 0)
		return tls_no_memory(r, by);
	readable = !tls_cert_read(str_of((const char *)der.data, der.size), &unused);
	*cert_r = readable ? tls_cert_make(str_of((const char *)der.data, der.size), &m) : NULL;
	gnutls_free(der.data);
	if (!readable)
		diag_error(r->diag, by->value_pos, NULL,
			   "certificate \"%s\" cannot be read: it is not in strict DER", path_z);
	return *cert_r || (readable && tls_no_memory(r, by));
}

static bool key_keep(struct tls_reader *r, const struct setting *by, gnutls_x509_privkey_t key,
		     struct str *pem_r)
{
	gnutls_datum_t d = { 0 };

	if (gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
					      &d) < 0)
		return tls_no_memory(r, by);
	return tls_datum_keep(r, by, &d, pem_r);
}

/* Fills *key_r, whose files are known, from a chain and the text that has the key. */
static bool pair_read(struct tls_reader *r, const struct tls_key_said *said,
		      const struct setting *key_by, const char *paths_z[2], struct tls_certs *chain,
		      struct str texts[2], struct tls_key *key_r)
{
	gnutls_x509_privkey_t key;
	bool good;

	if (gnutls_x509_privkey_init(&key) < 0)
		return tls_no_memory(r, key_by);
	good = key_import(r, said, key_by, paths_z[1], texts[1], key);
	if (good)
		warn_if_public(r, key_by, paths_z[1]);
	if (good && !key_find(chain, key)) {
		diag_error(r->diag, key_by->value_pos,
			   "both are replaced together; is one of them still the old one?",
			   "private key \"%s\" does not belong to certificate \"%s\"", paths_z[1],
			   paths_z[0]);
		good = false;
	}
	good = good &&
	       dates_check(r, said->certificate, paths_z[0], chain->list[0], &key_r->not_after) &&
	       chain_keep(r, said->certificate, chain, &key_r->chain_pem) &&
	       cert_keep(r, said->certificate, paths_z[0], chain->list[0], &key_r->cert) &&
	       key_keep(r, key_by, key, &key_r->key_pem) &&
	       (!said->ocsp || ocsp_read(r, said->ocsp, chain->list[0], &key_r->ocsp_der));
	if (good)
		warn_if_weak(r, said->certificate, paths_z[0], chain->list[0]);
	gnutls_x509_privkey_deinit(key);
	return good;
}

bool tls_key_read(struct tls_reader *r, const struct tls_key_said *said, struct tls_key *key_r)
{
	const struct setting *cert_by = said->certificate, *key_by = said->key;
	const char *paths_z[2];
	struct str texts[2];
	struct tls_certs chain;
	const char *wrong;
	bool good;

	*key_r = (struct tls_key){ 0 };
	if (!tls_file_path(r, cert_by, &paths_z[0]) ||
	    !tls_file_text(r, cert_by, paths_z[0], "certificate", &texts[0]))
		return false;
	if (!key_by && said->fallback_key && !has_key(texts[0]))
		key_by = said->fallback_key;
	texts[1] = texts[0];
	paths_z[1] = paths_z[0];
	if (key_by && (!tls_file_path(r, key_by, &paths_z[1]) ||
		       !tls_file_text(r, key_by, paths_z[1], "private key", &texts[1])))
		return false;
	if (!key_by)
		key_by = cert_by;
	wrong = tls_certs_parse(texts[0], &chain);
	if (wrong) {
		diag_error(r->diag, cert_by->value_pos, NULL,
			   "could not load certificate \"%s\": %s", paths_z[0], wrong);
		return false;
	}
	key_r->certificate_file = arena_str(r->arena, str_z(paths_z[0]));
	key_r->key_file = arena_str(r->arena, str_z(paths_z[1]));
	good = (key_r->certificate_file.p && key_r->key_file.p) || tls_no_memory(r, cert_by);
	good = good && pair_read(r, said, key_by, paths_z, &chain, texts, key_r);
	tls_certs_drop(&chain);
	explicit_bzero((char *)(uintptr_t)texts[1].p, texts[1].n);
	return good;
}

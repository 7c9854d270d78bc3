/* SPDX-License-Identifier: BSD-2-Clause */
/* Whom a domain trusts: CA lists, folders of them, CRLs. */
#include "modules/tls/material.h"
#include "modules/tls/der.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define FOLDER_FILES_MAX 4096u

static bool is_folder(const char *path_z)
{
	struct stat st;

	return !stat(path_z, &st) && S_ISDIR(st.st_mode);
}

static bool add_file(struct tls_reader *r, const struct setting *by, const char *path_z,
		     bool may_be_other, struct tls_text *pem)
{
	struct tls_certs certs;
	const char *wrong;
	struct str text;
	bool good;

	if (!tls_file_text(r, by, path_z, "CA list", &text))
		return false;
	wrong = tls_certs_parse(text, &certs);
	if (wrong && may_be_other)
		return true;
	if (wrong) {
		diag_error(r->diag, by->value_pos, NULL, "could not load CA list \"%s\": %s",
			   path_z, wrong);
		return false;
	}
	good = tls_certs_add(r, by, &certs, pem);
	tls_certs_drop(&certs);
	return good;
}

static bool add_list(struct tls_reader *r, const struct setting *s, struct tls_text *pem)
{
	const char *path_z;

	if (!tls_file_path(r, s, &path_z))
		return false;
	if (!is_folder(path_z))
		return add_file(r, s, path_z, false, pem);
	diag_error(r->diag, s->value_pos, "ca_path is for folders",
		   "could not load CA list \"%s\": it is a folder", path_z);
	return false;
}

/* c_rehash's names: eight hexadecimal digits, a dot and a number. */
static bool is_hash(const char *name_z)
{
	struct str name = str_z(name_z);
	uint64_t n;

	for (size_t i = 0; i < 8; i++)
		if (i >= name.n || char_hex(name.p[i]) < 0)
			return false;
	return name.n > 9 && name.p[8] == '.' && !str_uint(str_skip(name, 9), 1000, &n);
}

/* The folder's ordinary files; hashes: only those that c_rehash has named. Returns how many certificates' files there were, or -1. */
static int add_folder(struct tls_reader *r, const struct setting *s, const char *path_z,
		      bool hashes, struct tls_text *pem)
{
	DIR *dir = opendir(path_z);
	const struct dirent *e;
	unsigned n = 0;
	bool good = true;

	if (!dir) {
		diag_error(r->diag, s->value_pos, NULL, "could not open folder \"%s\": %s", path_z,
			   log_errno_z(errno));
		return -1;
	}
	while (good && n < FOLDER_FILES_MAX && (e = readdir(dir))) {
		size_t cap = strlen(path_z) + strlen(e->d_name) + 2;
		char *file_z = pool_alloc(r->diag->pool, cap);

		if (e->d_name[0] == '.' || (hashes && !is_hash(e->d_name)))
			continue;
		if (!file_z) {
			good = tls_no_memory(r, s);
			break;
		}
		snprintf(file_z, cap, "%s/%s", path_z, e->d_name);
		if (is_folder(file_z))
			continue;
		n++;
		good = add_file(r, s, file_z, true, pem);
	}
	closedir(dir);
	return good ? (int)n : -1;
}

static bool add_path(struct tls_reader *r, const struct setting *s, struct tls_text *pem)
{
	size_t before = pem->n;
	const char *path_z;
	int n;

	if (!tls_file_path(r, s, &path_z))
		return false;
	n = add_folder(r, s, path_z, true, pem);
	if (n == 0)
		n = add_folder(r, s, path_z, false, pem);
	if (n >= 0 && pem->n == before) {
		diag_error(r->diag, s->value_pos, NULL,
			   "there is no certificate in any file of the folder \"%s\"", path_z);
		return false;
	}
	return n >= 0;
}

bool tls_ca_read(struct tls_reader *r, const struct setting *list, const struct setting *folder,
		 struct str *pem_r)
{
	const struct setting *by = list ? list : folder;
	struct tls_text pem = { 0 };

	if ((list && !add_list(r, list, &pem)) || (folder && !add_path(r, folder, &pem)))
		return false;
	return tls_text_keep(r, by, &pem, pem_r);
}

/* --- CRLs ------------------------------------------------------------------------------------------------------------------------- */

/* Whose list it is and until when. */
static bool crl_describe(struct tls_reader *r, const struct setting *by, gnutls_x509_crl_t crl,
			 struct tls_crl *crl_r)
{
	int64_t next = gnutls_x509_crl_get_next_update(crl);
	struct str name, contents = STR_NULL;
	gnutls_datum_t d = { 0 };

	if (gnutls_x509_crl_get_raw_issuer_dn(crl, &d) < 0)
		return tls_no_memory(r, by);
	name = str_of((const char *)d.data, d.size);
	(void)der_take(&name, DER_SEQUENCE, &contents);
	crl_r->issuer = arena_str(r->arena, contents);
	crl_r->next_update = next > 0 ? next : 0;
	gnutls_free(d.data);
	return crl_r->issuer.p || str_is_null(contents) || tls_no_memory(r, by);
}

static bool crl_add(struct tls_reader *r, const struct setting *by, const char *path_z,
		    gnutls_x509_crl_t crl, struct tls_text *pem, struct tls_crl *crl_r)
{
	gnutls_datum_t d = { 0 };
	char date[TLS_DATE_MAX];
	bool good;

	if (!crl_describe(r, by, crl, crl_r))
		return false;
	if (crl_r->next_update && crl_r->next_update < r->now) {
		diag_error(r->diag, by->value_pos, "fetch the CA's new one",
			   "CRL \"%s\" should have been replaced before %s", path_z,
			   tls_date_z(crl_r->next_update, date));
		return false;
	}
	if (gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &d) < 0)
		return tls_no_memory(r, by);
	good = tls_text_add(r, by, pem, d.data, d.size);
	gnutls_free(d.data);
	return good;
}

/* All lists of a text, as PEM and what they are. */
static bool crl_parse(struct tls_reader *r, const struct setting *by, const char *path_z,
		      struct str text, struct tls_text *pem, struct tls_domain *domain)
{
	gnutls_datum_t d = tls_datum(text);
	gnutls_x509_crl_t *list = NULL;
	struct tls_crl *crls;
	unsigned n = 0;
	bool good;
	int err = gnutls_x509_crl_list_import2(&list, &n, &d, tls_format(text), 0);

	if (err < 0 || !n) {
		diag_error(r->diag, by->value_pos, NULL, "could not load CRL \"%s\": %s", path_z,
			   "there is no list of revoked certificates in it");
		return false;
	}
	crls = arena_zalloc(r->arena, n * sizeof(*crls));
	good = crls || tls_no_memory(r, by);
	for (unsigned i = 0; i < n; i++) {
		good = good && crl_add(r, by, path_z, list[i], pem, &crls[i]);
		gnutls_x509_crl_deinit(list[i]);
	}
	gnutls_free(list);
	domain->crls = crls;
	domain->crls_n = good ? n : 0;
	return good;
}

bool tls_crl_read(struct tls_reader *r, const struct setting *crl, struct tls_domain *d)
{
	struct tls_text pem = { 0 };
	const char *path_z;
	struct str text;

	return tls_file_path(r, crl, &path_z) && tls_file_text(r, crl, path_z, "CRL", &text) &&
	       crl_parse(r, crl, path_z, text, &pem, d) && tls_text_keep(r, crl, &pem, &d->crl_pem);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of certificates: reading them while a script is loaded. What is wrong is told at the setting that names the file; then functions are false. */
#ifndef TLS_PEM_H
#define TLS_PEM_H

#include "core/mod/api.h"

#include <gnutls/x509.h>

/* A file that was read. */
struct tls_file {
	struct tls_file *next;
	const char *path_z;
	const struct setting *by;
};

struct tls_reader {
	struct diag *diag; /* its pool is used, too */
	struct arena *arena;
	int64_t now; /* seconds since 1970 */
	struct tls_file *files;
};

/* Tells it; false. */
bool tls_no_memory(struct tls_reader *r, const struct setting *by);
/* Relative to the file that names it, then to the working directory. */
bool tls_file_path(struct tls_reader *r, const struct setting *s, const char **path_z_r);
/* The whole file, in the pool; what names the thing in messages: "certificate". */
bool tls_file_text(struct tls_reader *r, const struct setting *by, const char *path_z,
		   const char *what, struct str *text_r);
/* Whether that user, whom the router becomes, can read all files, which a reload needs. Asked only as root. */
bool tls_files_check_user(struct tls_reader *r, struct str user, struct str group);

/* d points to s, which GnuTLS does not change. */
gnutls_datum_t tls_datum(struct str s);
bool tls_is_pem(struct str text);
gnutls_x509_crt_fmt_t tls_format(struct str text);
/* Takes what GnuTLS made over into the arena; *d is freed. */
bool tls_datum_keep(struct tls_reader *r, const struct setting *by, gnutls_datum_t *d,
		    struct str *text_r);

/* Text that grows in the pool. */
struct tls_text {
	char *p;
	size_t n, cap;
};
bool tls_text_add(struct tls_reader *r, const struct setting *by, struct tls_text *t, const void *p,
		  size_t n);

struct tls_certs {
	gnutls_x509_crt_t *list;
	unsigned n;
};
void tls_certs_drop(struct tls_certs *c);
/* All certificates of a text, PEM or DER. NULL, or why there is none in words. */
const char *tls_certs_parse(struct str text, struct tls_certs *c_r);
/* As PEM. */
bool tls_certs_add(struct tls_reader *r, const struct setting *by, const struct tls_certs *c,
		   struct tls_text *pem);
/* A copy in the arena; of nothing: null. */
bool tls_text_keep(struct tls_reader *r, const struct setting *by, const struct tls_text *t,
		   struct str *text_r);

/* "Jun 17 15:03:20 2005 GMT" */
#define TLS_DATE_MAX 32
const char *tls_date_z(int64_t t, char z[TLS_DATE_MAX]);

#endif

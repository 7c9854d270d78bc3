/* SPDX-License-Identifier: BSD-2-Clause */
/* A certificate as slices of its DER (RFC 5280), and what it says as text. Knows nothing of who may be trusted. Whatever bytes it consists of, reading it
 * costs time in proportion to its size, and values with bytes that nobody types are shown so that they are equal to nothing that could be meant. */
#ifndef TLS_CERT_H
#define TLS_CERT_H

#include "core/mod/api.h"

/* Where facts are put. alloc: aligned to 16, NULL: no memory. */
struct tls_memory {
	void *(*alloc)(void *arg, size_t n);
	void *arg;
};

struct tls_cert {
	struct str der;			  /* null: too large to be kept */
	struct str serial;		  /* contents of the INTEGER */
	struct str issuer, subject;	  /* contents of the Names: dn.h */
	struct str not_before, not_after; /* whole elements: UTCTime or GeneralizedTime */
	struct str sans;		  /* contents of subjectAltName; null: there is none */
	unsigned version;		  /* 1 to 3 */
};

/* The certificate that these bytes are, as slices of them. 0; -EBADMSG: they are not one, in strict DER. */
int tls_cert_read(struct str der, struct tls_cert *cert_r);

/* The same in one piece of memory, which is all that it needs: 120 bytes and the certificate. Of one that is larger than TLS_DER_MAX the names alone
 * are kept, as far as they are not larger than that together. NULL: no memory, or it is none. */
#define TLS_DER_MAX 16384u
const struct tls_cert *tls_cert_make(struct str der, const struct tls_memory *m);
/* A copy of what tls_cert_make() made, in another piece of memory. NULL: no memory. */
const struct tls_cert *tls_cert_copy(const struct tls_cert *cert, const struct tls_memory *m);

/* Subject and issuer are the same. */
bool tls_cert_is_self_signed(const struct tls_cert *cert);
/* The end of its validity, seconds since 1970. False: it cannot be read. */
bool tls_cert_not_after(const struct tls_cert *cert, int64_t *time_r);

/* As text. */
void tls_cert_serial_put(struct buf *b, const struct tls_cert *cert); /* decimal */
void tls_time_put(struct buf *b,
		  struct str time); /* Jun 17 15:03:20 2005 GMT; what cannot be read: nothing */
/* Of der: SHA-256 in lower-case hexadecimal digits; PEM. */
void tls_cert_fingerprint_put(struct buf *b, const struct tls_cert *cert);
void tls_cert_pem_put(struct buf *b, const struct tls_cert *cert);
#define TLS_PEM_MAX(der_n) ((der_n)*3 / 2 + 128)

/* --- subject alternative names -------------------------------------------------------------------------------------------------------- */
enum tls_san_kind { TLS_SAN_EMAIL, TLS_SAN_HOST, TLS_SAN_URI, TLS_SAN_IP, TLS_SAN_OTHER };
struct tls_san {
	enum tls_san_kind kind;
	struct str bytes; /* as they stand there; TLS_SAN_IP: 4 or 16 of them */
};
/* Takes the next one off *rest, which is cert->sans first. False: there is no more. */
bool tls_san_next(struct str *rest, struct tls_san *san_r);
/* Of TLS_SAN_IP; port 0. */
struct addr tls_san_addr(const struct tls_san *san);
/* As text: an address as 192.0.2.1 or 2001:db8::1, all others as they are written (dn.h: tls_value_put). */
void tls_san_put(struct buf *b, const struct tls_san *san);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Where in a certificate what stands, and how it is kept. */
#include "modules/tls/cert.h"
#include "modules/tls/der.h"
#include "modules/tls/dn.h"

#include <errno.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <time.h>

#define OID_SAN STR("\x55\x1d\x11")

/* --- reading ----------------------------------------------------------------------------------------------------------------------------- */
static bool is_time(unsigned tag)
{
	return tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME;
}

static bool validity_read(struct str s, struct tls_cert *c)
{
	struct der from, to;

	if (!der_next(&s, &from) || !der_next(&s, &to) || s.n)
		return false;
	c->not_before = from.whole;
	c->not_after = to.whole;
	return is_time(from.tag) && is_time(to.tag);
}

/* An extension: SEQUENCE { OID, BOOLEAN DEFAULT FALSE, OCTET STRING }. The names are looked through once, so that nobody finds half of them later. */
static bool extension_read(struct str s, struct tls_cert *c)
{
	struct str oid, critical, value, rest;
	struct tls_san san;

	if (!der_take(&s, DER_OID, &oid))
		return false;
	(void)der_take(&s, DER_BOOLEAN, &critical);
	if (!der_take(&s, DER_OCTET_STRING, &value) || s.n)
		return false;
	if (!str_eq(oid, OID_SAN))
		return true;
	if (!str_is_null(c->sans) || !der_take(&value, DER_SEQUENCE, &c->sans) || value.n)
		return false;
	rest = c->sans;
	while (tls_san_next(&rest, &san))
		;
	return !rest.n;
}

static bool extensions_read(struct str s, struct tls_cert *c)
{
	struct str list, one;

	if (!der_take(&s, DER_SEQUENCE, &list) || s.n)
		return false;
	while (der_take(&list, DER_SEQUENCE, &one))
		if (!extension_read(one, c))
			return false;
	return !list.n;
}

/* Behind the public key: both unique identifiers, extensions. */
static bool tail_read(struct str s, struct tls_cert *c)
{
	struct str extensions, unused;

	(void)der_take(&s, DER_CONTEXT(1), &unused);
	(void)der_take(&s, DER_CONTEXT(2), &unused);
	if (der_take(&s, DER_CONTEXT_CONSTRUCTED(3), &extensions) &&
	    !extensions_read(extensions, c))
		return false;
	return !s.n;
}

static bool version_read(struct str *s, struct tls_cert *c)
{
	struct str explicit, number;

	c->version = 1;
	if (!der_take(s, DER_CONTEXT_CONSTRUCTED(0), &explicit))
		return true;
	if (!der_take(&explicit, DER_INTEGER, &number) || explicit.n || number.n != 1 ||
	    (unsigned char)number.p[0] > 2)
		return false;
	c->version = (unsigned)number.p[0] + 1;
	return true;
}

int tls_cert_read(struct str der, struct tls_cert *cert_r)
{
	struct tls_cert c = { .der = der };
	struct str whole = der, s, algorithm, signature, tbs, validity, key;

	if (!der_take(&whole, DER_SEQUENCE, &s) || whole.n || !der_take(&s, DER_SEQUENCE, &tbs) ||
	    !der_take(&s, DER_SEQUENCE, &algorithm) || !der_take(&s, DER_BIT_STRING, &signature) ||
	    s.n)
		return -EBADMSG;
	if (!version_read(&tbs, &c) || !der_take(&tbs, DER_INTEGER, &c.serial) ||
	    !der_take(&tbs, DER_SEQUENCE, &algorithm) || !der_take(&tbs, DER_SEQUENCE, &c.issuer) ||
	    !der_take(&tbs, DER_SEQUENCE, &validity) || !der_take(&tbs, DER_SEQUENCE, &c.subject) ||
	    !der_take(&tbs, DER_SEQUENCE, &key) || !validity_read(validity, &c) ||
	    !tail_read(tbs, &c))
		return -EBADMSG;
	*cert_r = c;
	return 0;
}

/* --- keeping ----------------------------------------------------------------------------------------------------------------------------- */
/* All slices but that of the whole; the longest last. */
static const size_t pieces[] = {
	offsetof(struct tls_cert, serial),    offsetof(struct tls_cert, not_before),
	offsetof(struct tls_cert, not_after), offsetof(struct tls_cert, subject),
	offsetof(struct tls_cert, issuer),    offsetof(struct tls_cert, sans),
};
#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

static struct str *piece(struct tls_cert *c, size_t i)
{
	return (struct str *)((char *)c + pieces[i]);
}

/* As many whole names as fit into that many bytes. */
static struct str sans_head(struct str sans, size_t room)
{
	struct str rest = sans, fits = sans;
	struct tls_san san;

	do
		fits = rest;
	while (tls_san_next(&rest, &san) && str_between(sans.p, rest.p).n <= room);
	return str_between(sans.p, fits.p);
}

/* Leaves out what is too much when the whole is not kept. How many bytes the pieces have. */
static size_t pieces_bound(struct tls_cert *c)
{
	size_t room = TLS_DER_MAX;

	for (size_t i = 0; i < PIECES; i++) {
		struct str *s = piece(c, i);

		if (s->n > room && s == &c->sans)
			*s = sans_head(*s, room);
		else if (s->n > room)
			*s = STR_NULL;
		room -= s->n;
	}
	return TLS_DER_MAX - room;
}

const struct tls_cert *tls_cert_copy(const struct tls_cert *cert, const struct tls_memory *m)
{
	struct tls_cert c = *cert, *copy;
	bool whole = !str_is_null(c.der) && c.der.n <= TLS_DER_MAX;
	size_t n = whole ? c.der.n : pieces_bound(&c);
	struct buf b;

	copy = m->alloc(m->arg, sizeof(*copy) + n);
	if (!copy)
		return NULL;
	*copy = c;
	copy->der = whole ? str_of((char *)(copy + 1), n) : STR_NULL;
	b = buf_over(copy + 1, n);
	if (whole)
		buf_str_put(&b, c.der);
	for (size_t i = 0; i < PIECES; i++) {
		struct str *s = piece(copy, i);

		if (str_is_null(*s))
			continue;
		if (whole) {
			s->p = copy->der.p + (s->p - c.der.p);
			continue;
		}
		buf_str_put(&b, *s);
		s->p = b.p + b.n - s->n;
	}
	return copy;
}

const struct tls_cert *tls_cert_make(struct str der, const struct tls_memory *m)
{
	struct tls_cert c;

	return tls_cert_read(der, &c) ? NULL : tls_cert_copy(&c, m);
}

bool tls_cert_is_self_signed(const struct tls_cert *cert)
{
	return str_eq(cert->subject, cert->issuer);
}

/* --- as text ----------------------------------------------------------------------------------------------------------------------------- */
#define SERIAL_MAX 64u /* bytes; RFC 5280 allows 20 */

/* Long division by ten, the last digit first. */
void tls_cert_serial_put(struct buf *b, const struct tls_cert *cert)
{
	unsigned char number[SERIAL_MAX];
	char digits[SERIAL_MAX * 5 / 2 + 1]; /* log10(256) is below 2.5 */
	size_t n = cert->serial.n, at = sizeof(digits);
	bool negative, more = n != 0;

	if (!n || n > SERIAL_MAX)
		return;
	memcpy(number, cert->serial.p, n);
	negative = number[0] & 0x80;
	for (size_t i = n, carry = 1; negative && i-- > 0;) {
		carry += (unsigned char)~number[i];
		number[i] = (unsigned char)carry;
		carry >>= 8;
	}
	while (more) {
		unsigned rest = 0;

		more = false;
		for (size_t i = 0; i < n; i++) {
			rest = rest << 8 | number[i];
			number[i] = (unsigned char)(rest / 10);
			more |= number[i] != 0;
			rest %= 10;
		}
		digits[--at] = (char)('0' + rest);
	}
	if (negative)
		buf_char(b, '-');
	buf_mem(b, digits + at, sizeof(digits) - at);
}

/* Two digits. False: they are none, or not from least to most. */
static bool two_take(struct str *s, int least, int most, int *r)
{
	if (s->n < 2 || !char_is_digit(s->p[0]) || !char_is_digit(s->p[1]))
		return false;
	*r = (s->p[0] - '0') * 10 + (s->p[1] - '0');
	*s = str_skip(*s, 2);
	return *r >= least && *r <= most;
}

/* YYMMDDHHMMSSZ, YYYYMMDDHHMMSSZ: no other forms (RFC 5280 4.1.2.5). */
static bool time_read(struct str element, struct tm *r)
{
	struct tm t = { .tm_isdst = 0 };
	int century = 0, year;
	struct der d;
	struct str s;

	if (!der_next(&element, &d))
		return false;
	s = d.contents;
	if (d.tag == DER_GENERALIZED_TIME && !two_take(&s, 0, 99, &century))
		return false;
	if (!two_take(&s, 0, 99, &year) || !two_take(&s, 1, 12, &t.tm_mon) ||
	    !two_take(&s, 1, 31, &t.tm_mday) || !two_take(&s, 0, 23, &t.tm_hour) ||
	    !two_take(&s, 0, 59, &t.tm_min) || !two_take(&s, 0, 59, &t.tm_sec) ||
	    !str_eq(s, STR("Z")))
		return false;
	if (d.tag == DER_UTC_TIME)
		century = year < 50 ? 20 : 19;
	t.tm_mon--;
	t.tm_year = century * 100 + year - 1900;
	*r = t;
	return true;
}

void tls_time_put(struct buf *b, struct str time)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm t;

	if (time_read(time, &t))
		buf_fmt(b, "%.3s %2d %02d:%02d:%02d %d GMT", months + (ptrdiff_t)3 * t.tm_mon,
			t.tm_mday, t.tm_hour, t.tm_min, t.tm_sec, t.tm_year + 1900);
}

bool tls_cert_not_after(const struct tls_cert *cert, int64_t *time_r)
{
	struct tm t;

	if (!time_read(cert->not_after, &t))
		return false;
	*time_r = timegm(&t);
	return true;
}

void tls_cert_fingerprint_put(struct buf *b, const struct tls_cert *cert)
{
	unsigned char digest[32];

	if (str_is_null(cert->der) ||
	    gnutls_hash_fast(GNUTLS_DIG_SHA256, cert->der.p, cert->der.n, digest))
		return;
	for (size_t i = 0; i < sizeof(digest); i++)
		buf_hex(b, digest[i], 2);
}

void tls_cert_pem_put(struct buf *b, const struct tls_cert *cert)
{
	gnutls_datum_t der = { (unsigned char *)(uintptr_t)cert->der.p, (unsigned)cert->der.n };
	size_t n = b->cap - b->n;

	if (str_is_null(cert->der))
		return;
	if (gnutls_pem_base64_encode("CERTIFICATE", &der, b->p + b->n, &n))
		b->over = true;
	else
		b->n += n;
}

/* --- subject alternative names -------------------------------------------------------------------------------------------------------- */
static enum tls_san_kind san_kind(const struct der *d)
{
	switch (d->tag) {
	case DER_CONTEXT(1):
		return TLS_SAN_EMAIL;
	case DER_CONTEXT(2):
		return TLS_SAN_HOST;
	case DER_CONTEXT(6):
		return TLS_SAN_URI;
	case DER_CONTEXT(7):
		return d->contents.n == 4 || d->contents.n == 16 ? TLS_SAN_IP : TLS_SAN_OTHER;
	default:
		return TLS_SAN_OTHER;
	}
}

bool tls_san_next(struct str *rest, struct tls_san *san_r)
{
	struct der d;

	if (!der_next(rest, &d))
		return false;
	*san_r = (struct tls_san){ .kind = san_kind(&d), .bytes = d.contents };
	return true;
}

struct addr tls_san_addr(const struct tls_san *san)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (san->bytes.n == 4) {
		a.v4.sin_family = AF_INET;
		memcpy(&a.v4.sin_addr, san->bytes.p, 4);
	} else {
		a.v6.sin6_family = AF_INET6;
		memcpy(&a.v6.sin6_addr, san->bytes.p, 16);
	}
	return a;
}

void tls_san_put(struct buf *b, const struct tls_san *san)
{
	struct addr a;

	if (san->kind != TLS_SAN_IP) {
		tls_value_put(b, san->bytes);
		return;
	}
	a = tls_san_addr(san);
	addr_put(b, &a);
}

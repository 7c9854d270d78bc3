/* SPDX-License-Identifier: BSD-2-Clause */
/* layers: core/base core/mem parser */
/* parts: modules/tls/cert modules/tls/der modules/tls/dn modules/tls/name */
/* A certificate in DER: what is read lies in it, is the same as GnuTLS reads, shows nothing that could break a line, and is for no name that does not stand
 * in it. */
#include "fuzz.h"
#include "modules/tls/dn.h"
#include "modules/tls/name.h"

#include <gnutls/x509.h>

#define NAME "sip.example.com"

static void *give(void *arg, size_t n)
{
	(void)arg;
	return malloc(n);
}

/* What may be written into a log line or a header field. */
static void is_shown(const struct buf *b)
{
	struct str rest = buf_str(b);

	while (rest.n) {
		unsigned char c = (unsigned char)rest.p[0];
		size_t n = utf8_length(rest);

		REQUIRE(n && c >= 0x20 && c != 0x7f);
		REQUIRE(n != 2 || c != 0xc2 || (unsigned char)rest.p[1] >= 0xa0);
		rest = str_skip(rest, n);
	}
}

static void texts_are_shown(const struct tls_cert *c)
{
	static char room[65536];
	struct str rest = c->sans;
	struct tls_san san;

	for (int part = 0; part < TLS_DN_PARTS; part++) {
		struct buf b = BUF_ON(room);

		tls_dn_part_put(&b, c->subject, (enum tls_dn_part)part);
		is_shown(&b);
	}
	for (int way = 0; way < 5; way++) {
		struct buf b = BUF_ON(room);

		if (way == 0)
			tls_dn_slashes_put(&b, c->subject);
		else if (way == 1)
			tls_dn_text_put(&b, c->issuer);
		else if (way == 2)
			tls_cert_serial_put(&b, c);
		else if (way == 3)
			tls_time_put(&b, c->not_before);
		else
			tls_cert_pem_put(&b, c);
		if (way < 4)
			is_shown(&b);
	}
	while (tls_san_next(&rest, &san)) {
		struct buf b = BUF_ON(room);

		tls_san_put(&b, &san);
		is_shown(&b);
	}
	REQUIRE(!rest.n);
}

/* A name that the certificate is for stands in it. */
static void names_stand_in_it(const struct tls_cert *c, struct str der)
{
	static const struct tls_domain d = { .verify_cn = true };

	if (tls_name_fits(c, STR(NAME), &d))
		REQUIRE(str_find_nocase(der, STR(NAME)) >= 0 ||
			str_find_nocase(der, STR("*.example.com")) >= 0);
	if (tls_name_fits(c, STR("192.0.2.1"), &d))
		REQUIRE(str_find(der, STR("\x87\x04\xc0\x00\x02\x01")) >= 0);
	REQUIRE(!tls_name_fits(c, STR(""), &d));
}

static bool ends_with(gnutls_datum_t whole, struct str contents)
{
	return whole.size >= contents.n &&
	       !memcmp(whole.data + whole.size - contents.n, contents.p, contents.n);
}

/* Where GnuTLS reads a certificate, too, it is the same one. */
static void is_what_gnutls_reads(const struct tls_cert *c, struct str der)
{
	gnutls_datum_t data = { (unsigned char *)(uintptr_t)der.p, (unsigned)der.n }, raw;
	gnutls_x509_crt_t crt;
	unsigned critical;

	REQUIRE(!gnutls_x509_crt_init(&crt));
	if (!gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_DER)) {
		REQUIRE(!gnutls_x509_crt_get_raw_dn(crt, &raw) && ends_with(raw, c->subject));
		gnutls_free(raw.data);
		REQUIRE(!gnutls_x509_crt_get_raw_issuer_dn(crt, &raw) && ends_with(raw, c->issuer));
		gnutls_free(raw.data);
		if (!gnutls_x509_crt_get_extension_by_oid2(crt, "2.5.29.17", 0, &raw, &critical)) {
			REQUIRE(!str_is_null(c->sans) && ends_with(raw, c->sans));
			gnutls_free(raw.data);
		} else {
			REQUIRE(str_is_null(c->sans));
		}
	}
	gnutls_x509_crt_deinit(crt);
}

static void copies_are_the_same(const struct tls_cert *c)
{
	const struct tls_memory m = { .alloc = give };
	const struct tls_cert *copy = tls_cert_make(c->der, &m), *again;

	REQUIRE(copy && str_eq(copy->subject, c->subject) && str_eq(copy->issuer, c->issuer) &&
		str_eq(copy->sans, c->sans) && str_eq(copy->serial, c->serial));
	again = tls_cert_copy(copy, &m);
	free((void *)(uintptr_t)copy);
	REQUIRE(again && str_eq(again->der, c->der) && str_eq(again->not_after, c->not_after));
	texts_are_shown(again);
	free((void *)(uintptr_t)again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str der = input_text(data, size);
	struct tls_cert c;

	if (!tls_cert_read(der, &c)) {
		REQUIRE(inside(c.subject, der) && inside(c.issuer, der) && inside(c.serial, der) &&
			inside(c.sans, der) && inside(c.not_before, der) &&
			inside(c.not_after, der));
		copies_are_the_same(&c);
		names_stand_in_it(&c, der);
		is_what_gnutls_reads(&c, der);
	}
	input_free(der);
	return 0;
}

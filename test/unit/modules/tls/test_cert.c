/* SPDX-License-Identifier: BSD-2-Clause */
#include "modules/tls/cert.h"
#include "modules/tls/der.h"
#include "modules/tls/dn.h"
#include "test/unit/modules/tls/certs.h"

#include <stdlib.h>

/* --- memory: one block, counted ----------------------------------------------------------------------------------------------------------- */
static unsigned allocs;
static size_t allocated;
static bool no_memory;

static void *counting_alloc(void *arg, size_t n)
{
	(void)arg;
	allocs++;
	allocated = n;
	return no_memory ? NULL : malloc(n);
}

static const struct tls_memory memory = { .alloc = counting_alloc };

static void forget(const struct tls_cert *c)
{
	free((void *)(uintptr_t)c);
}

static const struct tls_cert *kept(const struct cert_wish *w)
{
	struct cert c = cert_make(w, NULL);
	const struct tls_cert *r = tls_cert_make(cert_der(&c), &memory);

	assert_non_null(r);
	cert_drop(&c);
	return r;
}

static char room[65536];
static struct str shown(const struct buf *b)
{
	assert_true(buf_ok(b));
	return buf_str(b);
}

/* --- what stands in an ordinary one ------------------------------------------------------------------------------------------------------- */
static const struct cert_wish bob = {
	.values = { { CERT_C, DER_PRINTABLE, STR_INIT("DE") },
		    { CERT_O, DER_UTF8, STR_INIT("T\xc3\xa4st/1") },
		    { CERT_CN, DER_UTF8, STR_INIT("Bob") } },
	.sans = { SAN_DNS("sip.example.com"),
		  SAN_URI("sip:example.com"),
		  SAN_IP("\xc0\x00\x02\x01"),
		  SAN_IP("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"),
		  SAN_EMAIL("bob@example.com"),
		  { 0xa0, STR_INIT("\x06\x01\x2a\xa0\x03\x0c\x01x") } },
};

static void a_certificate_is_kept_in_one_block(void **state)
{
	const struct tls_cert *c, *copy;

	(void)state;
	allocs = 0;
	c = kept(&bob);
	assert_int_equal(allocs, 1);
	assert_int_equal(allocated, sizeof(*c) + c->der.n);
	assert_in_range(allocated, 256, 1024);
	assert_int_equal(c->version, 3);
	copy = tls_cert_copy(c, &memory);
	forget(c);
	assert_int_equal(allocs, 2);
	assert_true(copy->subject.p > copy->der.p && str_end(copy->sans) < str_end(copy->der));
	assert_true(tls_cert_is_self_signed(copy));
	no_memory = true;
	assert_null(tls_cert_copy(copy, &memory));
	no_memory = false;
	forget(copy);
}

static void names_are_shown_in_all_forms(void **state)
{
	const struct tls_cert *c = kept(&bob);
	struct buf b = BUF_ON(room);

	(void)state;
	assert_true(tls_dn_part_put(&b, c->subject, TLS_DN_O));
	assert_str_is(shown(&b), "T\xc3\xa4st/1");
	assert_false(tls_dn_part_put(&b, c->subject, TLS_DN_OU));
	b.n = 0;
	tls_dn_slashes_put(&b, c->subject);
	assert_str_is(shown(&b), "/C=DE/O=T\xc3\xa4st\\/1/CN=Bob");
	b.n = 0;
	tls_dn_text_put(&b, c->subject);
	assert_str_is(shown(&b), "CN=Bob,O=T\xc3\xa4st/1,C=DE");
	forget(c);
}

static void alternative_names_are_taken_in_their_order(void **state)
{
	static const struct {
		enum tls_san_kind kind;
		const char *text_z;
	} expected[] = {
		{ TLS_SAN_HOST, "sip.example.com" },  { TLS_SAN_URI, "sip:example.com" },
		{ TLS_SAN_IP, "192.0.2.1" },	      { TLS_SAN_IP, "2001:db8::1" },
		{ TLS_SAN_EMAIL, "bob@example.com" },
	};
	const struct tls_cert *c = kept(&bob);
	struct str rest = c->sans;
	struct tls_san san;

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++) {
		struct buf b = BUF_ON(room);

		assert_true(tls_san_next(&rest, &san));
		assert_int_equal(san.kind, expected[i].kind);
		tls_san_put(&b, &san);
		assert_str_is(shown(&b), expected[i].text_z);
	}
	assert_true(tls_san_next(&rest, &san));
	assert_int_equal(san.kind, TLS_SAN_OTHER);
	assert_false(tls_san_next(&rest, &san));
	forget(c);
}

static void serials_are_decimal(void **state)
{
	static const struct {
		struct str bytes;
		const char *text_z;
	} vectors[] = {
		{ STR_INIT("\x01\x01"), "257" },
		{ STR_INIT("\x00"), "0" },
		{ STR_INIT("\x00\xff"), "255" },
		{ STR_INIT("\xff"), "-1" },
		{ STR_INIT("\x80"), "-128" },
		{ STR_INIT("\xff\x00"), "-256" },
		{ STR_INIT("\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
			   "\xff\xff\xff"),
		  "730750818665451459101842416358141509827966271487" },
		{ { NULL, 0 }, "" },
	};
	char big[65];

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct tls_cert c = { .serial = vectors[i].bytes };
		struct buf b = BUF_ON(room);

		tls_cert_serial_put(&b, &c);
		assert_str_is(shown(&b), vectors[i].text_z);
	}
	memset(big, 0x7f, sizeof(big));
	for (size_t n = 64; n <= 65; n++) {
		struct tls_cert c = { .serial = str_of(big, n) };
		struct buf b = BUF_ON(room);

		tls_cert_serial_put(&b, &c);
		assert_int_equal(shown(&b).n, n == 64 ? 154 : 0);
	}
}

static void times_are_shown_as_openssl_does(void **state)
{
	static const struct {
		struct str element;
		const char *text_z;
		int64_t seconds; /* -1: none */
	} vectors[] = {
		{ STR_INIT("\x17\x0d"
			   "050617150320Z"),
		  "Jun 17 15:03:20 2005 GMT", 1119020600 },
		{ STR_INIT("\x17\x0d"
			   "491201000000Z"),
		  "Dec  1 00:00:00 2049 GMT", 2521929600 },
		{ STR_INIT("\x17\x0d"
			   "500101000000Z"),
		  "Jan  1 00:00:00 1950 GMT", -631152000 },
		{ STR_INIT("\x18\x0f"
			   "20500101000000Z"),
		  "Jan  1 00:00:00 2050 GMT", 2524608000 },
		{ STR_INIT("\x18\x0f"
			   "99991231235959Z"),
		  "Dec 31 23:59:59 9999 GMT", 253402300799 },
		{ STR_INIT("\x17\x0d"
			   "051317150320Z"),
		  "", -1 },
		{ STR_INIT("\x17\x0d"
			   "05061715032-Z"),
		  "", -1 },
		{ STR_INIT("\x17\x0b"
			   "0506171503Z"),
		  "", -1 },
		{ STR_INIT("\x17\x11"
			   "050617150320+0100"),
		  "", -1 },
		{ STR_INIT("\x18\x11"
			   "20500101000000.1Z"),
		  "", -1 },
		{ STR_INIT("\x17\x00"), "", -1 },
		{ { NULL, 0 }, "", -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct tls_cert c = { .not_after = vectors[i].element };
		struct buf b = BUF_ON(room);
		int64_t at = -1;

		tls_time_put(&b, vectors[i].element);
		assert_str_is(shown(&b), vectors[i].text_z);
		assert_int_equal(tls_cert_not_after(&c, &at), vectors[i].text_z[0] != '\0');
		assert_int_equal(at, vectors[i].seconds);
	}
}

static void fingerprint_and_pem_are_those_of_the_bytes(void **state)
{
	struct cert made = cert_make(&bob, NULL);
	const struct tls_cert *c = tls_cert_make(cert_der(&made), &memory);
	char expected[TLS_PEM_MAX(1024)];
	unsigned char digest[32];
	size_t n = sizeof(digest);
	struct buf b = BUF_ON(room);

	(void)state;
	assert_int_equal(gnutls_x509_crt_get_fingerprint(made.crt, GNUTLS_DIG_SHA256, digest, &n),
			 0);
	tls_cert_fingerprint_put(&b, c);
	assert_int_equal(shown(&b).n, 64);
	for (size_t i = 0; i < 32; i++)
		assert_int_equal(char_hex(room[2 * i]) << 4 | char_hex(room[2 * i + 1]), digest[i]);
	n = sizeof(expected);
	assert_int_equal(gnutls_x509_crt_export(made.crt, GNUTLS_X509_FMT_PEM, expected, &n), 0);
	b = buf_over(room, TLS_PEM_MAX(c->der.n));
	tls_cert_pem_put(&b, c);
	assert_str_is(shown(&b), expected);
	b = buf_over(room, 100);
	tls_cert_pem_put(&b, c);
	assert_false(buf_ok(&b));
	forget(c);
	cert_drop(&made);
}

/* --- hostile ones -------------------------------------------------------------------------------------------------------------------------- */
#define CN(TAG, BYTES)                                \
	{                                             \
		{                                     \
			CERT_CN, TAG, STR_INIT(BYTES) \
		}                                     \
	}
static void bytes_that_nobody_types_are_escaped(void **state)
{
	static const struct {
		struct cert_value values[1];
		const char *plain_z, *slashes_z, *rfc4514_z;
	} vectors[] = {
		{ CN(DER_UTF8, "Bob\0.evil"), "Bob\\00.evil", "/CN=Bob\\00.evil",
		  "CN=Bob\\00.evil" },
		{ CN(DER_UTF8, "Bob\r\nX: y"), "Bob\\0D\\0AX: y", "/CN=Bob\\0D\\0AX: y",
		  "CN=Bob\\0D\\0AX: y" },
		{ CN(DER_UTF8, "Bob\\00"), "Bob\\5C00", "/CN=Bob\\\\00", "CN=Bob\\\\00" },
		{ CN(DER_UTF8, "DOM\\bob"), "DOM\\bob", "/CN=DOM\\\\bob", "CN=DOM\\\\bob" },
		{ CN(DER_UTF8, "B\xff\xc0\x80"), "B\\FF\\C0\\80", "/CN=B\\FF\\C0\\80",
		  "CN=B\\FF\\C0\\80" },
		{ CN(DER_UTF8, "B\xc2\x85"
			       "b\x7f"),
		  "B\\C2\\85b\\7F", "/CN=B\\C2\\85b\\7F", "CN=B\\C2\\85b\\7F" },
		{ CN(DER_UTF8, "/CN=Bob"), "/CN=Bob", "/CN=\\/CN\\=Bob", "CN=/CN=Bob" },
		{ CN(DER_UTF8, "Bob,CN=Ann "), "Bob,CN=Ann ", "/CN=Bob,CN\\=Ann ",
		  "CN=Bob\\,CN=Ann\\ " },
		{ CN(DER_UTF8, "#1"), "#1", "/CN=#1", "CN=\\#1" },
		{ CN(DER_T61, "M\xfcller"), "M\xc3\xbcller", "/CN=M\xc3\xbcller",
		  "CN=M\xc3\xbcller" },
		{ CN(DER_BMP, "\0B\0o\0b"), "Bob", "/CN=Bob", "CN=Bob" },
		{ CN(DER_BMP, "\0B\xd8\x00"), "B\\ED\\A0\\80", "/CN=B\\ED\\A0\\80",
		  "CN=B\\ED\\A0\\80" },
		{ CN(DER_BMP, "\0B\0\0"), "B\\00", "/CN=B\\00", "CN=B\\00" },
		{ CN(DER_UNIVERSAL, "\0\x01\xf6\0"), "\xf0\x9f\x98\x80", "/CN=\xf0\x9f\x98\x80",
		  "CN=\xf0\x9f\x98\x80" },
		{ CN(DER_UNIVERSAL, "\x7f\xff\xff\xff"), "\\FF\\BF\\BF\\BF", "/CN=\\FF\\BF\\BF\\BF",
		  "CN=\\FF\\BF\\BF\\BF" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct cert_wish w = { .cn_z = NULL };
		const struct tls_cert *c;
		struct buf b = BUF_ON(room);

		w.values[0] = vectors[i].values[0];
		c = kept(&w);
		assert_true(tls_dn_part_put(&b, c->subject, TLS_DN_CN));
		assert_str_is(shown(&b), vectors[i].plain_z);
		b.n = 0;
		tls_dn_slashes_put(&b, c->subject);
		assert_str_is(shown(&b), vectors[i].slashes_z);
		b.n = 0;
		tls_dn_text_put(&b, c->subject);
		assert_str_is(shown(&b), vectors[i].rfc4514_z);
		forget(c);
	}
}

static void what_is_no_text_is_shown_in_hexadecimal(void **state)
{
	static const struct cert_wish w = {
		.values = { { "1.2.3.4", DER_UTF8, STR_INIT("x") },
			    { CERT_CN, DER_BIT_STRING, STR_INIT("\0\x01") } },
	};
	const struct tls_cert *c = kept(&w);
	struct buf b = BUF_ON(room);

	(void)state;
	assert_false(tls_dn_part_put(&b, c->subject, TLS_DN_CN));
	tls_dn_slashes_put(&b, c->subject);
	assert_str_is(shown(&b), "/1.2.3.4=x/CN=#03020001");
	b.n = 0;
	tls_dn_text_put(&b, c->subject);
	assert_str_is(shown(&b), "CN=#03020001,1.2.3.4=#0c0178");
	forget(c);
}

static void a_part_that_is_too_long_is_as_if_it_was_not_there(void **state)
{
	static char text[TLS_TEXT_MAX + 1];
	struct cert_wish w = { .values = { { CERT_CN, DER_UTF8, { text, TLS_TEXT_MAX } } } };
	struct buf b = BUF_ON(room);
	const struct tls_cert *c;

	(void)state;
	memset(text, 'x', sizeof(text));
	c = kept(&w);
	assert_true(tls_dn_part_put(&b, c->subject, TLS_DN_CN));
	assert_int_equal(b.n, TLS_TEXT_MAX);
	forget(c);
	w.values[0].bytes.n++;
	c = kept(&w);
	assert_false(tls_dn_part_put(&b, c->subject, TLS_DN_CN));
	forget(c);
}

static void an_empty_subject_is_none(void **state)
{
	static const struct cert_wish w = { .cn_z = NULL };
	const struct tls_cert *c = kept(&w);
	struct buf b = BUF_ON(room);
	struct str cn;

	(void)state;
	assert_false(tls_dn_part_put(&b, c->subject, TLS_DN_CN));
	assert_false(tls_dn_cn(c->subject, &cn));
	tls_dn_slashes_put(&b, c->subject);
	tls_dn_text_put(&b, c->subject);
	assert_int_equal(b.n, 0);
	assert_true(str_is_null(c->sans));
	forget(c);
}

static void of_a_huge_one_the_names_are_kept(void **state)
{
	static char names[65600], der[65700];
	struct cert_wish w = bob;
	struct buf all = BUF_ON(names), b = BUF_ON(der), shown_b = BUF_ON(room);
	const struct tls_cert *c, *copy;
	struct str rest;
	struct tls_san san;
	unsigned n = 0;

	(void)state;
	while (all.n < 65000)
		cert_element_put(&all, 0x82, STR("a-name-of-some-length.example.com"));
	cert_element_put(&b, 0x30, buf_str(&all));
	w.sans_der = buf_str(&b);
	c = kept(&w);
	assert_true(str_is_null(c->der));
	assert_in_range(allocated, TLS_DER_MAX / 2, TLS_DER_MAX + sizeof(*c));
	copy = tls_cert_copy(c, &memory);
	forget(c);
	for (rest = copy->sans; tls_san_next(&rest, &san); n++)
		assert_str_is(san.bytes, "a-name-of-some-length.example.com");
	assert_int_equal(rest.n, 0);
	assert_in_range(n, 400, 470);
	assert_true(tls_dn_part_put(&shown_b, copy->subject, TLS_DN_CN));
	assert_str_is(shown(&shown_b), "Bob");
	tls_cert_fingerprint_put(&shown_b, copy);
	tls_cert_pem_put(&shown_b, copy);
	assert_str_is(shown(&shown_b), "Bob");
	forget(copy);
}

/* --- what is none -------------------------------------------------------------------------------------------------------------------------- */
static void a_cut_one_is_none(void **state)
{
	struct cert made = cert_make(&bob, NULL);
	struct str der = cert_der(&made);
	struct tls_cert c;
	char *p;

	(void)state;
	for (size_t n = 0; n < der.n; n++) {
		p = malloc(n ? n : 1);
		memcpy(p, der.p, n);
		assert_int_equal(tls_cert_read(str_of(p, n), &c), -EBADMSG);
		free(p);
	}
	p = malloc(der.n + 1);
	memcpy(p, der.p, der.n);
	p[der.n] = 0;
	assert_int_equal(tls_cert_read(str_of(p, der.n + 1), &c), -EBADMSG);
	assert_null(tls_cert_make(str_of(p, der.n + 1), &memory));
	free(p);
	cert_drop(&made);
}

static void broken_alternative_names_make_it_none(void **state)
{
	static const struct cert_wish w = { .sans = { SAN_DNS("ab"), SAN_DNS("cd") } };
	struct cert made = cert_make(&w, NULL);
	ssize_t at = str_find(cert_der(&made), STR("\x82\x02"
						   "cd"));
	struct tls_cert c;

	(void)state;
	assert_int_equal(tls_cert_read(cert_der(&made), &c), 0);
	/* the last name is longer than there is room */
	assert_true(at > 0);
	made.der.data[at + 1]++;
	assert_int_equal(tls_cert_read(cert_der(&made), &c), -EBADMSG);
	cert_drop(&made);
}

static void lengths_are_strict(void **state)
{
	/* 2^64 + 128 bytes */
	static const char wrapped[11 + 128] = "\x04\x89\x01\0\0\0\0\0\0\0\x80";
	static const struct {
		struct str bytes;
		ssize_t n; /* of the contents; -1: it is no element */
	} vectors[] = {
		{ STR_INIT("\x04\x01x"), 1 },
		{ STR_INIT("\x04\x00"), 0 },
		{ STR_INIT("\x04\x81\x01x"), -1 },     /* longer than needed */
		{ STR_INIT("\x04\x82\x00\x01x"), -1 }, /* the same */
		{ STR_INIT("\x04\x80x\0\0"), -1 },     /* indefinite */
		{ STR_INIT("\x04\x02x"), -1 },
		{ STR_INIT("\x04\x84\xff\xff\xff\xff"), -1 },
		{ STR_INIT("\x04\x85\x01\0\0\0\0"), -1 },
		{ STR_INIT("\x1f\x81\x01\x01x"), -1 }, /* a tag above 30 */
		{ { wrapped, sizeof(wrapped) }, -1 },
		{ STR_INIT("\x04"), -1 },
		{ STR_INIT(""), -1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct str rest = vectors[i].bytes;
		struct der d = { 0 };
		bool is = der_next(&rest, &d);

		assert_int_equal(is, vectors[i].n >= 0);
		if (is)
			assert_int_equal(d.contents.n, vectors[i].n);
		else
			assert_ptr_equal(rest.p, vectors[i].bytes.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_is_kept_in_one_block),
		cmocka_unit_test(names_are_shown_in_all_forms),
		cmocka_unit_test(alternative_names_are_taken_in_their_order),
		cmocka_unit_test(serials_are_decimal),
		cmocka_unit_test(times_are_shown_as_openssl_does),
		cmocka_unit_test(fingerprint_and_pem_are_those_of_the_bytes),
		cmocka_unit_test(bytes_that_nobody_types_are_escaped),
		cmocka_unit_test(what_is_no_text_is_shown_in_hexadecimal),
		cmocka_unit_test(a_part_that_is_too_long_is_as_if_it_was_not_there),
		cmocka_unit_test(an_empty_subject_is_none),
		cmocka_unit_test(of_a_huge_one_the_names_are_kept),
		cmocka_unit_test(a_cut_one_is_none),
		cmocka_unit_test(broken_alternative_names_make_it_none),
		cmocka_unit_test(lengths_are_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

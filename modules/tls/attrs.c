/* SPDX-License-Identifier: BSD-2-Clause */
/* Selects and variables about certificates. All are null when the message did not come over TLS; those of a certificate, when none was shown. */
#include "modules/tls/attrs.h"
#include "modules/tls/dn.h"
#include "modules/tls/facts.h"

#include <errno.h>
#include <time.h>

/* What is longer is null. */
#define SHOWN_MAX 4096u

/* --- tags: whose certificate, which of its names, what of it ---------------------------------------------------------------------------- */
enum whose { PEER, MY };
enum where { SUBJECT, ISSUER };
enum what {
	/* enum tls_dn_part comes first */
	LINE = TLS_DN_PARTS, /* /C=DE/CN=Bob */
	DN,		     /* CN=Bob,C=DE */
	SERIAL,
	NOT_BEFORE,
	NOT_AFTER,
	FINGERPRINT,
	/* of another length or type */
	RAW,
	URLENCODED,
	VERSION,
	VERIFIED,
	EXPIRED,
	REVOKED,
	SELF_SIGNED,
};
#define TAG(WHOSE, WHERE, WHAT) ((WHOSE) | (WHERE) << 1 | (int)(WHAT) << 2)

static enum whose tag_whose(int tag)
{
	return tag & 1 ? MY : PEER;
}

static enum where tag_where(int tag)
{
	return tag & 2 ? ISSUER : SUBJECT;
}

static int tag_what(int tag)
{
	return tag >> 2;
}

/* What the row is about; NULL: there is none. */
static const struct tls_cert *cert_of(const struct tls_facts *f, int tag)
{
	if (!f)
		return NULL;
	return tag_whose(tag) == MY ? f->my : f->peer;
}

/* Text in the context's pool; none is null. */
static int give(struct ctx *ctx, const struct buf *b, struct value *value_r)
{
	struct str s = buf_ok(b) && b->n ? pool_str(ctx->pool, buf_str(b)) : STR_NULL;

	*value_r = value_str(s);
	return buf_ok(b) && b->n && !s.p ? -ENOMEM : 0;
}

/* --- one certificate ------------------------------------------------------------------------------------------------------------------- */
static void text_put(struct buf *b, const struct tls_cert *cert, int tag)
{
	struct str dn = tag_where(tag) == ISSUER ? cert->issuer : cert->subject;

	switch (tag_what(tag)) {
	case LINE:
		tls_dn_slashes_put(b, dn);
		break;
	case DN:
		tls_dn_text_put(b, dn);
		break;
	case SERIAL:
		tls_cert_serial_put(b, cert);
		break;
	case NOT_BEFORE:
		tls_time_put(b, cert->not_before);
		break;
	case NOT_AFTER:
		tls_time_put(b, cert->not_after);
		break;
	case FINGERPRINT:
		tls_cert_fingerprint_put(b, cert);
		break;
	default:
		tls_dn_part_put(b, dn, (enum tls_dn_part)tag_what(tag));
	}
}

static int text_of(struct ctx *ctx, int tag, struct value *value_r)
{
	const struct tls_cert *cert = cert_of(tls_facts_of(ctx), tag);
	char text[SHOWN_MAX];
	struct buf b = BUF_ON(text);

	if (cert)
		text_put(&b, cert, tag);
	return give(ctx, &b, value_r);
}

static int get_text(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	return text_of(ctx, arg->tag, value_r);
}

/* As Kamailio's urlencode(). */
static void urlencoded_put(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i], lower = char_lower(c);

		if (char_is_digit(c) || (lower >= 'a' && lower <= 'z') || memchr("-_.~", c, 4)) {
			buf_char(b, c);
		} else {
			buf_char(b, '%');
			buf_hex(b, (unsigned char)c, 2);
		}
	}
}

static int get_pem(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct tls_cert *cert = cert_of(tls_facts_of(ctx), arg->tag);
	size_t max = cert ? TLS_PEM_MAX(cert->der.n) : 0;
	bool urlencoded = tag_what(arg->tag) == URLENCODED;
	struct buf pem, b;

	*value_r = value_null();
	if (!cert || str_is_null(cert->der))
		return 0;
	pem = buf_over(pool_alloc(ctx->pool, max), max);
	b = buf_over(urlencoded ? pool_alloc(ctx->pool, 3 * max) : NULL, 3 * max);
	if (!pem.p || (urlencoded && !b.p))
		return -ENOMEM;
	tls_cert_pem_put(&pem, cert);
	if (urlencoded)
		urlencoded_put(&b, buf_str(&pem));
	*value_r = value_str(buf_str(urlencoded ? &b : &pem));
	return 0;
}

/* Null for what cannot be told of ours: nobody verified it. */
static struct value number_of(const struct tls_facts *f, const struct tls_cert *cert, int tag)
{
	bool my = tag_whose(tag) == MY;
	int64_t until;

	switch (tag_what(tag)) {
	case VERSION:
		return cert ? value_int(cert->version) : value_null();
	case VERIFIED:
		return my ? value_null() : value_int(f->verified);
	case REVOKED:
		return my ? value_null() : value_int(f->revoked);
	case EXPIRED:
		if (!my)
			return value_int(f->expired);
		return cert && tls_cert_not_after(cert, &until) ? value_int(until < time(NULL))
								: value_null();
	default:
		if (!cert && my)
			return value_null();
		return value_int(cert && tls_cert_is_self_signed(cert));
	}
}

static int get_number(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct tls_facts *f = tls_facts_of(ctx);

	*value_r = f ? number_of(f, cert_of(f, arg->tag), arg->tag) : value_null();
	return 0;
}

/* --- alternative names ------------------------------------------------------------------------------------------------------------------ */
/* Their tags have the kind in place of what. False: there are not so many; nth counts from 1. */
static bool san_find(const struct tls_cert *cert, int tag, int64_t nth, struct tls_san *san_r)
{
	struct str rest = cert->sans;

	while (tls_san_next(&rest, san_r))
		if ((int)san_r->kind == tag_what(tag) && --nth == 0)
			return true;
	return false;
}

static int64_t sans_count(const struct tls_cert *cert, int tag)
{
	struct str rest = cert->sans;
	struct tls_san san;
	int64_t n = 0;

	while (tls_san_next(&rest, &san))
		n += (int)san.kind == tag_what(tag);
	return n;
}

static int get_count(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct tls_cert *cert = cert_of(tls_facts_of(ctx), arg->tag);

	*value_r = cert ? value_int(sans_count(cert, arg->tag)) : value_null();
	return 0;
}

static int get_san(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct tls_cert *cert = cert_of(tls_facts_of(ctx), arg->tag);
	int64_t nth = arg->has_index ? arg->index : 1;
	char text[SHOWN_MAX];
	struct buf b = BUF_ON(text);
	struct tls_san san;

	if (arg->counts)
		return get_count(ctx, arg, value_r);
	if (cert && nth < 0)
		nth += sans_count(cert, arg->tag) + 1;
	if (cert && nth > 0 && san_find(cert, arg->tag, nth, &san))
		tls_san_put(&b, &san);
	return give(ctx, &b, value_r);
}

/* --- the connection --------------------------------------------------------------------------------------------------------------------- */
static int get_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct tls_facts *f = tls_facts_of(ctx);
	struct str s = STR_NULL;

	if (f)
		s = pool_str(ctx->pool, *(const struct str *)((const char *)f + arg->tag));
	*value_r = value_str(s);
	return s.n && !s.p ? -ENOMEM : 0;
}

static int get_bits(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct tls_facts *f = tls_facts_of(ctx);

	(void)arg;
	*value_r = f ? value_int(f->bits) : value_null();
	return 0;
}

int fn_is_peer_verified(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct tls_facts *f = tls_facts_of(ctx);

	(void)argv;
	(void)argc;
	return f && f->peer && f->verified ? FN_TRUE : FN_FALSE;
}

/* --- $tls(p_subject_line) ---------------------------------------------------------------------------------------------------------------- */
static const struct line {
	const char *name_z;
	int tag;
} lines[] = {
	{ "p_subject_line", TAG(PEER, SUBJECT, LINE) },
	{ "p_issuer_line", TAG(PEER, ISSUER, LINE) },
	{ "m_subject_line", TAG(MY, SUBJECT, LINE) },
	{ "m_issuer_line", TAG(MY, ISSUER, LINE) },
};

static const char *line_prepare(struct attr_arg *arg, const struct conf *conf)
{
	(void)conf;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (str_eq(arg->key, str_z(lines[i].name_z)))
			arg->data = &lines[i];
	return arg->data
		       ? NULL
		       : "what it has is p_subject_line p_issuer_line m_subject_line m_issuer_line";
}

static int get_line(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct line *line = arg->data;

	return text_of(ctx, line->tag, value_r);
}

/* --- rows ------------------------------------------------------------------------------------------------------------------------------- */
#define ROW(NAME, PV, GET, TYPE, TAG_, FLAGS, HELP)                                              \
	{                                                                                        \
		.name = NAME, .pv = PV, .get = GET, .type = TYPE, .tag = TAG_, .flags = (FLAGS), \
		.help = HELP                                                                     \
	}
#define WORD(NAME, PV, MEMBER, HELP) \
	ROW(NAME, PV, get_word, VALUE_STR, (int)offsetof(struct tls_facts, MEMBER), 0, HELP)
#define TEXT(NAME, WHOSE, WHERE, WHAT, HELP) \
	ROW(NAME, NULL, get_text, VALUE_STR, TAG(WHOSE, WHERE, WHAT), 0, HELP)
#define NUMBER(NAME, WHOSE, WHAT, HELP) \
	ROW(NAME, NULL, get_number, VALUE_INT, TAG(WHOSE, 0, WHAT), 0, HELP)
#define PEM(NAME, WHOSE, WHAT, HELP) \
	ROW(NAME, NULL, get_pem, VALUE_STR, TAG(WHOSE, 0, WHAT), 0, HELP)
#define SAN(NAME, WHOSE, KIND, HELP)                                                \
	ROW(NAME, NULL, get_san, VALUE_STR, TAG(WHOSE, 0, KIND), ATTR_INDEX, HELP), \
		ROW(NAME ".count", NULL, get_count, VALUE_INT, TAG(WHOSE, 0, KIND), 0, "how many")

/* The parts of one of a certificate's names, each with its long names. */
#define PART(N, WHOSE, WHERE, PART_, HELP) TEXT(N, WHOSE, WHERE, TLS_DN_##PART_, HELP)
#define NAME_ROWS(N, WHOSE, WHERE)                                                                \
	PART(N, WHOSE, WHERE, CN, "the common name"),                                             \
		PART(N ".cn", WHOSE, WHERE, CN, "the common name"),                               \
		PART(N ".commonName", WHOSE, WHERE, CN, "the common name"),                       \
		PART(N ".common_name", WHOSE, WHERE, CN, "the common name"),                      \
		PART(N ".name", WHOSE, WHERE, CN, "the common name"),                             \
		PART(N ".l", WHOSE, WHERE, L, "the locality"),                                    \
		PART(N ".localityName", WHOSE, WHERE, L, "the locality"),                         \
		PART(N ".locality_name", WHOSE, WHERE, L, "the locality"),                        \
		PART(N ".locality", WHOSE, WHERE, L, "the locality"),                             \
		PART(N ".c", WHOSE, WHERE, C, "the country"),                                     \
		PART(N ".countryName", WHOSE, WHERE, C, "the country"),                           \
		PART(N ".country_name", WHOSE, WHERE, C, "the country"),                          \
		PART(N ".country", WHOSE, WHERE, C, "the country"),                               \
		PART(N ".st", WHOSE, WHERE, ST, "the state or province"),                         \
		PART(N ".stateOrProvinceName", WHOSE, WHERE, ST, "the state or province"),        \
		PART(N ".state_or_province_name", WHOSE, WHERE, ST, "the state or province"),     \
		PART(N ".state", WHOSE, WHERE, ST, "the state or province"),                      \
		PART(N ".o", WHOSE, WHERE, O, "the organization"),                                \
		PART(N ".organizationName", WHOSE, WHERE, O, "the organization"),                 \
		PART(N ".organization_name", WHOSE, WHERE, O, "the organization"),                \
		PART(N ".organization", WHOSE, WHERE, O, "the organization"),                     \
		PART(N ".ou", WHOSE, WHERE, OU, "the organizational unit"),                       \
		PART(N ".organizationalUnitName", WHOSE, WHERE, OU, "the organizational unit"),   \
		PART(N ".organizational_unit_name", WHOSE, WHERE, OU, "the organizational unit"), \
		PART(N ".unit", WHOSE, WHERE, OU, "the organizational unit"),                     \
		PART(N ".uid", WHOSE, WHERE, UID, "the user's identity"),                         \
		PART(N ".uniqueIdentifier", WHOSE, WHERE, UID, "the user's identity"),            \
		PART(N ".unique_identifier", WHOSE, WHERE, UID, "the user's identity"),           \
		TEXT(N ".line", WHOSE, WHERE, LINE, "the whole name: /C=DE/CN=Bob"),              \
		TEXT(N ".dn", WHOSE, WHERE, DN, "the whole name: CN=Bob,C=DE (RFC 4514)")

/* All about one certificate. */
#define CERT_ROWS(N, WHOSE)                                                                        \
	PART(N, WHOSE, SUBJECT, CN, "the common name of its subject"),                             \
		NAME_ROWS(N ".subject", WHOSE, SUBJECT), NAME_ROWS(N ".subj", WHOSE, SUBJECT),     \
		NAME_ROWS(N ".issuer", WHOSE, ISSUER),                                             \
		TEXT(N ".sn", WHOSE, 0, SERIAL, "its serial number, decimal"),                     \
		TEXT(N ".serialNumber", WHOSE, 0, SERIAL, "its serial number, decimal"),           \
		TEXT(N ".serial_number", WHOSE, 0, SERIAL, "its serial number, decimal"),          \
		TEXT(N ".notBefore", WHOSE, 0, NOT_BEFORE,                                         \
		     "valid from: Jun 17 15:03:20 2005 GMT"),                                      \
		TEXT(N ".not_before", WHOSE, 0, NOT_BEFORE,                                        \
		     "valid from: Jun 17 15:03:20 2005 GMT"),                                      \
		TEXT(N ".notAfter", WHOSE, 0, NOT_AFTER, "valid until"),                           \
		TEXT(N ".not_after", WHOSE, 0, NOT_AFTER, "valid until"),                          \
		TEXT(N ".fingerprint", WHOSE, 0, FINGERPRINT, "SHA-256 of it, in hexadecimal"),    \
		NUMBER(N ".version", WHOSE, VERSION, "3 for version 3"),                           \
		NUMBER(N ".verified", WHOSE, VERIFIED,                                             \
		       "1: its chain is good, and the name where we called; 0"),                   \
		NUMBER(N ".revoked", WHOSE, REVOKED, "1: a CRL names it or its issuer; 0"),        \
		NUMBER(N ".expired", WHOSE, EXPIRED, "1: it or its issuer has expired; 0"),        \
		NUMBER(N ".self_signed", WHOSE, SELF_SIGNED, "1: it is its own issuer; 0"),        \
		PEM(N ".rawCert", WHOSE, RAW, "all of it, PEM"),                                   \
		PEM(N ".raw_cert", WHOSE, RAW, "all of it, PEM"),                                  \
		PEM(N ".URLEncodedCert", WHOSE, URLENCODED, "PEM, with %2d for a dash ..."),       \
		PEM(N ".urlencoded_cert", WHOSE, URLENCODED, "PEM, with %2d for a dash ..."),      \
		SAN(N ".email", WHOSE, TLS_SAN_EMAIL, "an address of mail that it is for"),        \
		SAN(N ".emailAddress", WHOSE, TLS_SAN_EMAIL, "an address of mail that it is for"), \
		SAN(N ".email_address", WHOSE, TLS_SAN_EMAIL,                                      \
		    "an address of mail that it is for"),                                          \
		SAN(N ".host", WHOSE, TLS_SAN_HOST, "a DNS name that it is for"),                  \
		SAN(N ".hostname", WHOSE, TLS_SAN_HOST, "a DNS name that it is for"),              \
		SAN(N ".dns", WHOSE, TLS_SAN_HOST, "a DNS name that it is for"),                   \
		SAN(N ".uri", WHOSE, TLS_SAN_URI, "a URI that it is for"),                         \
		SAN(N ".url", WHOSE, TLS_SAN_URI, "a URI that it is for"),                         \
		SAN(N ".urn", WHOSE, TLS_SAN_URI, "a URI that it is for"),                         \
		SAN(N ".ip", WHOSE, TLS_SAN_IP, "an IP address that it is for"),                   \
		SAN(N ".IPAddress", WHOSE, TLS_SAN_IP, "an IP address that it is for"),            \
		SAN(N ".ip_address", WHOSE, TLS_SAN_IP, "an IP address that it is for")

/* Kamailio's variables. */
#define PV_TEXT(PV, WHOSE, WHERE, WHAT, HELP) \
	ROW(NULL, PV, get_text, VALUE_STR, TAG(WHOSE, WHERE, WHAT), 0, HELP)
#define PV_NUMBER(PV, WHOSE, WHAT, HELP) \
	ROW(NULL, PV, get_number, VALUE_INT, TAG(WHOSE, 0, WHAT), 0, HELP)
#define PV_PEM(PV, WHOSE, WHAT, HELP) \
	ROW(NULL, PV, get_pem, VALUE_STR, TAG(WHOSE, 0, WHAT), 0, HELP)
#define PV_SAN(PV, WHOSE, KIND, HELP) \
	ROW(NULL, PV, get_san, VALUE_STR, TAG(WHOSE, 0, KIND), ATTR_INDEX | ATTR_COUNTS, HELP)
#define PV_NAME_ROWS(P, WHOSE, WHERE)                                                   \
	PV_TEXT(P, WHOSE, WHERE, LINE, "the whole name: /C=DE/CN=Bob"),                 \
		PV_TEXT(P "_cn", WHOSE, WHERE, TLS_DN_CN, "its common name"),           \
		PV_TEXT(P "_locality", WHOSE, WHERE, TLS_DN_L, "its locality"),         \
		PV_TEXT(P "_country", WHOSE, WHERE, TLS_DN_C, "its country"),           \
		PV_TEXT(P "_state", WHOSE, WHERE, TLS_DN_ST, "its state or province"),  \
		PV_TEXT(P "_organization", WHOSE, WHERE, TLS_DN_O, "its organization"), \
		PV_TEXT(P "_unit", WHOSE, WHERE, TLS_DN_OU, "its organizational unit")
#define PV_CERT_ROWS(P, WHOSE)                                                                     \
	PV_NAME_ROWS(P "_subject", WHOSE, SUBJECT), PV_NAME_ROWS(P "_issuer", WHOSE, ISSUER),      \
		PV_TEXT(P "_subject_uid", WHOSE, SUBJECT, TLS_DN_UID, "the user's identity"),      \
		PV_TEXT(P "_serial", WHOSE, 0, SERIAL, "its serial number, decimal"),              \
		PV_NUMBER(P "_version", WHOSE, VERSION, "3 for version 3"),                        \
		PV_PEM(P "_raw_cert", WHOSE, RAW, "all of it, PEM"),                               \
		PV_PEM(P "_urlencoded_cert", WHOSE, URLENCODED, "PEM, with %2d for a dash ..."),   \
		PV_SAN(P "_san_email", WHOSE, TLS_SAN_EMAIL, "an address of mail that it is for"), \
		PV_SAN(P "_san_hostname", WHOSE, TLS_SAN_HOST, "a DNS name that it is for"),       \
		PV_SAN(P "_san_uri", WHOSE, TLS_SAN_URI, "a URI that it is for"),                  \
		PV_SAN(P "_san_ip", WHOSE, TLS_SAN_IP, "an IP address that it is for")

const struct attr_def tls_attrs[] = {
	WORD("tls", NULL, desc, "the connection in one line: version, key exchange, cipher"),
	WORD("tls.desc", "tls_description", desc, "the connection in one line"),
	WORD("tls.description", NULL, desc, "the connection in one line"),
	WORD("tls.version", "tls_version", version, "TLSv1.3"),
	WORD("tls.cipher", "tls_cipher_info", cipher, "the cipher suite, as OpenSSL calls it"),
	ROW("tls.cipher.bits", "tls_cipher_bits", get_bits, VALUE_INT, 0, 0, "bits of its key"),
	WORD("tls.server_name", "tls_peer_server_name", server_name,
	     "the name that the client asked for (SNI)"),
	WORD("tls.serverName", NULL, server_name, "the name that the client asked for (SNI)"),
	CERT_ROWS("tls.peer", PEER),
	CERT_ROWS("tls.my", MY),
	CERT_ROWS("tls.me", MY),
	CERT_ROWS("tls.myself", MY),
	PV_CERT_ROWS("tls_peer", PEER),
	PV_CERT_ROWS("tls_my", MY),
	PV_NUMBER("tls_peer_verified", PEER, VERIFIED, "1: its chain is good; 0"),
	PV_NUMBER("tls_peer_revoked", PEER, REVOKED, "1: a CRL names it or its issuer; 0"),
	PV_NUMBER("tls_peer_expired", PEER, EXPIRED, "1: it or its issuer has expired; 0"),
	PV_NUMBER("tls_peer_selfsigned", PEER, SELF_SIGNED, "1: it is its own issuer; 0"),
	PV_TEXT("tls_peer_notBefore", PEER, 0, NOT_BEFORE, "valid from"),
	PV_TEXT("tls_peer_notAfter", PEER, 0, NOT_AFTER, "valid until"),
	{ .pv = "tls",
	  .get = get_line,
	  .type = VALUE_STR,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY,
	  .prepare = line_prepare,
	  .help = "$tls(p_subject_line), $tls(m_issuer_line): the whole names of the "
		  "certificates" },
	{ .get = NULL },
};

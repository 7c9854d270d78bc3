/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of OpenSSL's cipher lists: which suites each means, which of them are refused, and why. */
#include "modules/tls/suites.h"

#include <errno.h>

#define ROW(name, kx, enc, mac)                                           \
	{                                                                 \
		STR_INIT(name), TLS_KX_##kx, TLS_ENC_##enc, TLS_MAC_##mac \
	}
static const struct tls_suite suites[] = {
	ROW("TLS_AES_128_GCM_SHA256", 13, AES128_GCM, AEAD),
	ROW("TLS_AES_256_GCM_SHA384", 13, AES256_GCM, AEAD),
	ROW("TLS_CHACHA20_POLY1305_SHA256", 13, CHACHA20, AEAD),
	ROW("TLS_AES_128_CCM_SHA256", 13, AES128_CCM, AEAD),
	ROW("TLS_AES_128_CCM_8_SHA256", 13, AES128_CCM8, AEAD),
	ROW("ECDHE-ECDSA-AES256-GCM-SHA384", ECDHE_ECDSA, AES256_GCM, AEAD),
	ROW("ECDHE-RSA-AES256-GCM-SHA384", ECDHE_RSA, AES256_GCM, AEAD),
	ROW("DHE-RSA-AES256-GCM-SHA384", DHE_RSA, AES256_GCM, AEAD),
	ROW("ECDHE-ECDSA-CHACHA20-POLY1305", ECDHE_ECDSA, CHACHA20, AEAD),
	ROW("ECDHE-RSA-CHACHA20-POLY1305", ECDHE_RSA, CHACHA20, AEAD),
	ROW("DHE-RSA-CHACHA20-POLY1305", DHE_RSA, CHACHA20, AEAD),
	ROW("ECDHE-ECDSA-AES256-CCM8", ECDHE_ECDSA, AES256_CCM8, AEAD),
	ROW("ECDHE-ECDSA-AES256-CCM", ECDHE_ECDSA, AES256_CCM, AEAD),
	ROW("DHE-RSA-AES256-CCM8", DHE_RSA, AES256_CCM8, AEAD),
	ROW("DHE-RSA-AES256-CCM", DHE_RSA, AES256_CCM, AEAD),
	ROW("ECDHE-ECDSA-AES128-GCM-SHA256", ECDHE_ECDSA, AES128_GCM, AEAD),
	ROW("ECDHE-RSA-AES128-GCM-SHA256", ECDHE_RSA, AES128_GCM, AEAD),
	ROW("DHE-RSA-AES128-GCM-SHA256", DHE_RSA, AES128_GCM, AEAD),
	ROW("ECDHE-ECDSA-AES128-CCM8", ECDHE_ECDSA, AES128_CCM8, AEAD),
	ROW("ECDHE-ECDSA-AES128-CCM", ECDHE_ECDSA, AES128_CCM, AEAD),
	ROW("DHE-RSA-AES128-CCM8", DHE_RSA, AES128_CCM8, AEAD),
	ROW("DHE-RSA-AES128-CCM", DHE_RSA, AES128_CCM, AEAD),
	ROW("ECDHE-ECDSA-AES256-SHA384", ECDHE_ECDSA, AES256_CBC, SHA384),
	ROW("ECDHE-RSA-AES256-SHA384", ECDHE_RSA, AES256_CBC, SHA384),
	ROW("DHE-RSA-AES256-SHA256", DHE_RSA, AES256_CBC, SHA256),
	ROW("ECDHE-ECDSA-CAMELLIA256-SHA384", ECDHE_ECDSA, CAMELLIA256, SHA384),
	ROW("ECDHE-RSA-CAMELLIA256-SHA384", ECDHE_RSA, CAMELLIA256, SHA384),
	ROW("DHE-RSA-CAMELLIA256-SHA256", DHE_RSA, CAMELLIA256, SHA256),
	ROW("ECDHE-ECDSA-AES128-SHA256", ECDHE_ECDSA, AES128_CBC, SHA256),
	ROW("ECDHE-RSA-AES128-SHA256", ECDHE_RSA, AES128_CBC, SHA256),
	ROW("DHE-RSA-AES128-SHA256", DHE_RSA, AES128_CBC, SHA256),
	ROW("ECDHE-ECDSA-CAMELLIA128-SHA256", ECDHE_ECDSA, CAMELLIA128, SHA256),
	ROW("ECDHE-RSA-CAMELLIA128-SHA256", ECDHE_RSA, CAMELLIA128, SHA256),
	ROW("DHE-RSA-CAMELLIA128-SHA256", DHE_RSA, CAMELLIA128, SHA256),
	ROW("ECDHE-ECDSA-AES256-SHA", ECDHE_ECDSA, AES256_CBC, SHA1),
	ROW("ECDHE-RSA-AES256-SHA", ECDHE_RSA, AES256_CBC, SHA1),
	ROW("DHE-RSA-AES256-SHA", DHE_RSA, AES256_CBC, SHA1),
	ROW("DHE-RSA-CAMELLIA256-SHA", DHE_RSA, CAMELLIA256, SHA1),
	ROW("ECDHE-ECDSA-AES128-SHA", ECDHE_ECDSA, AES128_CBC, SHA1),
	ROW("ECDHE-RSA-AES128-SHA", ECDHE_RSA, AES128_CBC, SHA1),
	ROW("DHE-RSA-AES128-SHA", DHE_RSA, AES128_CBC, SHA1),
	ROW("DHE-RSA-CAMELLIA128-SHA", DHE_RSA, CAMELLIA128, SHA1),
	ROW("AES256-GCM-SHA384", RSA, AES256_GCM, AEAD),
	ROW("AES256-CCM8", RSA, AES256_CCM8, AEAD),
	ROW("AES256-CCM", RSA, AES256_CCM, AEAD),
	ROW("AES128-GCM-SHA256", RSA, AES128_GCM, AEAD),
	ROW("AES128-CCM8", RSA, AES128_CCM8, AEAD),
	ROW("AES128-CCM", RSA, AES128_CCM, AEAD),
	ROW("AES256-SHA256", RSA, AES256_CBC, SHA256),
	ROW("CAMELLIA256-SHA256", RSA, CAMELLIA256, SHA256),
	ROW("AES128-SHA256", RSA, AES128_CBC, SHA256),
	ROW("CAMELLIA128-SHA256", RSA, CAMELLIA128, SHA256),
	ROW("AES256-SHA", RSA, AES256_CBC, SHA1),
	ROW("CAMELLIA256-SHA", RSA, CAMELLIA256, SHA1),
	ROW("AES128-SHA", RSA, AES128_CBC, SHA1),
	ROW("CAMELLIA128-SHA", RSA, CAMELLIA128, SHA1),
};
#undef ROW
#define SUITES (sizeof(suites) / sizeof(suites[0]))
_Static_assert(SUITES <= TLS_SUITES_MAX, "more suites than a list has room for");

const struct tls_suite *tls_suites(unsigned *n_r)
{
	*n_r = SUITES;
	return suites;
}

/* --- words ---------------------------------------------------------------------------------------------------------------------- */
/* Which suites: bits of the enums; in a word 0: all. */
struct choice {
	unsigned kx, enc, mac;
};

#define KX(x)	 (1u << TLS_KX_##x)
#define ENC(x)	 (1u << TLS_ENC_##x)
#define MAC(x)	 (1u << TLS_MAC_##x)
#define ECDHE	 (KX(ECDHE_ECDSA) | KX(ECDHE_RSA))
#define NOT_13	 (ECDHE | KX(DHE_RSA) | KX(RSA))
#define CCM8	 (ENC(AES256_CCM8) | ENC(AES128_CCM8))
#define CCM	 (ENC(AES256_CCM) | ENC(AES128_CCM) | CCM8)
#define GCM	 (ENC(AES256_GCM) | ENC(AES128_GCM))
#define AES256	 (ENC(AES256_GCM) | ENC(AES256_CCM) | ENC(AES256_CCM8) | ENC(AES256_CBC))
#define AES128	 (ENC(AES128_GCM) | ENC(AES128_CCM) | ENC(AES128_CCM8) | ENC(AES128_CBC))
#define CAMELLIA (ENC(CAMELLIA256) | ENC(CAMELLIA128))
#define CBC	 (ENC(AES256_CBC) | ENC(AES128_CBC) | CAMELLIA)
#define SHA2	 (MAC(SHA384) | MAC(SHA256))

static const struct word {
	struct str name;
	struct choice means;
} words[] = {
	{ STR_INIT("ALL"), { .kx = NOT_13 } },
	{ STR_INIT("HIGH"), { .kx = NOT_13 } },
	{ STR_INIT("COMPLEMENTOFDEFAULT"), { .kx = NOT_13, .enc = CCM | CAMELLIA } },
	{ STR_INIT("kRSA"), { .kx = KX(RSA) } },
	{ STR_INIT("RSA"), { .kx = KX(RSA) } },
	{ STR_INIT("aRSA"), { .kx = KX(ECDHE_RSA) | KX(DHE_RSA) | KX(RSA) } },
	{ STR_INIT("aECDSA"), { .kx = KX(ECDHE_ECDSA) } },
	{ STR_INIT("ECDSA"), { .kx = KX(ECDHE_ECDSA) } },
	{ STR_INIT("kEECDH"), { .kx = ECDHE } },
	{ STR_INIT("kECDHE"), { .kx = ECDHE } },
	{ STR_INIT("EECDH"), { .kx = ECDHE } },
	{ STR_INIT("ECDHE"), { .kx = ECDHE } },
	{ STR_INIT("ECDH"), { .kx = ECDHE } },
	{ STR_INIT("kEDH"), { .kx = KX(DHE_RSA) } },
	{ STR_INIT("kDHE"), { .kx = KX(DHE_RSA) } },
	{ STR_INIT("EDH"), { .kx = KX(DHE_RSA) } },
	{ STR_INIT("DHE"), { .kx = KX(DHE_RSA) } },
	{ STR_INIT("DH"), { .kx = KX(DHE_RSA) } },
	{ STR_INIT("AES"), { .enc = AES256 | AES128 } },
	{ STR_INIT("AES256"), { .enc = AES256 } },
	{ STR_INIT("AES128"), { .enc = AES128 } },
	{ STR_INIT("AESGCM"), { .enc = GCM } },
	{ STR_INIT("AESCCM"), { .enc = CCM } },
	{ STR_INIT("AESCCM8"), { .enc = CCM8 } },
	{ STR_INIT("CHACHA20"), { .enc = ENC(CHACHA20) } },
	{ STR_INIT("CAMELLIA"), { .enc = CAMELLIA } },
	{ STR_INIT("CAMELLIA256"), { .enc = ENC(CAMELLIA256) } },
	{ STR_INIT("CAMELLIA128"), { .enc = ENC(CAMELLIA128) } },
	{ STR_INIT("CBC"), { .enc = CBC } },
	{ STR_INIT("SHA"), { .mac = MAC(SHA1) } },
	{ STR_INIT("SHA1"), { .mac = MAC(SHA1) } },
	{ STR_INIT("SHA256"), { .mac = MAC(SHA256) } },
	{ STR_INIT("SHA384"), { .mac = MAC(SHA384) } },
	/* the version that a suite came with */
	{ STR_INIT("TLSv1.2"), { .kx = NOT_13, .mac = MAC(AEAD) | SHA2 } },
	{ STR_INIT("TLSv1.0"), { .kx = ECDHE, .mac = MAC(SHA1) } },
	{ STR_INIT("TLSv1"), { .kx = ECDHE, .mac = MAC(SHA1) } },
	{ STR_INIT("SSLv3"), { .kx = KX(DHE_RSA) | KX(RSA), .mac = MAC(SHA1) } },
};
#define WORDS (sizeof(words) / sizeof(words[0]))

static const char anonymous_z[] = "it would not tell who the peer is",
		  plain_z[] = "it encrypts nothing", weak_z[] = "it can be broken",
		  no_keys_z[] = "there are no pre-shared keys and passwords here",
		  no_certs_z[] = "there are no such certificates here",
		  no_code_z[] = "GnuTLS does not have it";

/* Words for suites that are not in the table, alone or as parts of a suite's name; to exclude them changes nothing. */
static const struct foreign {
	struct str name;
	const char *why_z;
	bool refused; /* who asks for it is told no; else that it is left out */
} foreigns[] = {
	{ STR_INIT("eNULL"), plain_z, true },
	{ STR_INIT("NULL"), plain_z, true },
	{ STR_INIT("COMPLEMENTOFALL"), plain_z, true },
	{ STR_INIT("aNULL"), anonymous_z, true },
	{ STR_INIT("ADH"), anonymous_z, true },
	{ STR_INIT("AECDH"), anonymous_z, true },
	{ STR_INIT("EXPORT"), weak_z, true },
	{ STR_INIT("EXPORT40"), weak_z, true },
	{ STR_INIT("EXPORT56"), weak_z, true },
	{ STR_INIT("EXP"), weak_z, true },
	{ STR_INIT("LOW"), weak_z, true },
	{ STR_INIT("DES"), weak_z, true },
	{ STR_INIT("CBC3"), weak_z, true },
	{ STR_INIT("3DES"), weak_z, true },
	{ STR_INIT("RC2"), weak_z, true },
	{ STR_INIT("RC4"), weak_z, true },
	{ STR_INIT("MD5"), weak_z, true },
	{ STR_INIT("SSLv2"), weak_z, true },
	{ STR_INIT("MEDIUM"), NULL, false },
	{ STR_INIT("IDEA"), no_code_z, false },
	{ STR_INIT("SEED"), no_code_z, false },
	{ STR_INIT("ARIA"), no_code_z, false },
	{ STR_INIT("ARIA128"), no_code_z, false },
	{ STR_INIT("ARIA256"), no_code_z, false },
	{ STR_INIT("ARIAGCM"), no_code_z, false },
	{ STR_INIT("PSK"), no_keys_z, false },
	{ STR_INIT("kPSK"), no_keys_z, false },
	{ STR_INIT("kRSAPSK"), no_keys_z, false },
	{ STR_INIT("kDHEPSK"), no_keys_z, false },
	{ STR_INIT("kECDHEPSK"), no_keys_z, false },
	{ STR_INIT("aPSK"), no_keys_z, false },
	{ STR_INIT("SRP"), no_keys_z, false },
	{ STR_INIT("kSRP"), no_keys_z, false },
	{ STR_INIT("aSRP"), no_keys_z, false },
	{ STR_INIT("DSS"), no_certs_z, false },
	{ STR_INIT("aDSS"), no_certs_z, false },
	{ STR_INIT("aDH"), no_certs_z, false },
	{ STR_INIT("kDHr"), no_certs_z, false },
	{ STR_INIT("kDHd"), no_certs_z, false },
	{ STR_INIT("kDH"), no_certs_z, false },
	{ STR_INIT("aECDH"), no_certs_z, false },
	{ STR_INIT("kECDHr"), no_certs_z, false },
	{ STR_INIT("kECDHe"), no_certs_z, false },
	{ STR_INIT("kECDH"), no_certs_z, false },
	{ STR_INIT("aGOST"), no_certs_z, false },
	{ STR_INIT("kGOST"), no_certs_z, false },
	{ STR_INIT("GOST"), no_certs_z, false },
	{ STR_INIT("aGOST01"), no_certs_z, false },
	{ STR_INIT("aGOST12"), no_certs_z, false },
	{ STR_INIT("GOST89"), no_certs_z, false },
	{ STR_INIT("GOST94"), no_certs_z, false },
};

static const struct foreign *foreign_find(struct str word)
{
	for (size_t i = 0; i < sizeof(foreigns) / sizeof(foreigns[0]); i++)
		if (str_eq(foreigns[i].name, word))
			return &foreigns[i];
	return NULL;
}

/* A suite's name with such a word between its dashes: DES-CBC3-SHA, ECDHE-PSK-AES128-CBC-SHA. */
static const struct foreign *foreign_suite(struct str name)
{
	const struct foreign *found = NULL;
	struct str part;

	if (str_chr(name, '-') < 0)
		return NULL;
	if (str_starts(name, STR("ECDH-")) || str_starts(name, STR("DH-")))
		found = foreign_find(STR("kDH"));
	while (str_split(&name, '-', &part)) {
		const struct foreign *f = foreign_find(part);

		if (f && (!found || f->refused))
			found = f;
	}
	return found;
}

/* The RFCs' name: TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256. */
static void rfc_name(const struct tls_suite *s, struct buf *out)
{
	static const char *const kx_z[TLS_KXS] = { "", "ECDHE_ECDSA_WITH_", "ECDHE_RSA_WITH_",
						   "DHE_RSA_WITH_", "RSA_WITH_" };
	static const char *const enc_z[TLS_ENCS] = {
		"AES_256_GCM_SHA384", "AES_128_GCM_SHA256", "CHACHA20_POLY1305_SHA256",
		"AES_256_CCM",	      "AES_128_CCM",	    "AES_256_CCM_8",
		"AES_128_CCM_8",      "AES_256_CBC",	    "AES_128_CBC",
		"CAMELLIA_256_CBC",   "CAMELLIA_128_CBC"
	};
	static const char *const mac_z[TLS_MACS] = { "", "_SHA384", "_SHA256", "_SHA" };

	if (s->kx == TLS_KX_13)
		buf_str_put(out, s->name);
	else
		buf_fmt(out, "TLS_%s%s%s", kx_z[s->kx], enc_z[s->enc], mac_z[s->mac]);
}

static const struct tls_suite *suite_find(struct str word)
{
	for (size_t i = 0; i < SUITES; i++) {
		char room[64];
		struct buf rfc = BUF_ON(room);

		rfc_name(&suites[i], &rfc);
		if (str_eq(suites[i].name, word) || str_eq(buf_str(&rfc), word))
			return &suites[i];
	}
	return NULL;
}

static const struct word *word_find(struct str name)
{
	for (size_t i = 0; i < WORDS; i++)
		if (str_eq(words[i].name, name))
			return &words[i];
	return NULL;
}

static void nearer(struct str word, struct str candidate, struct str *best, unsigned *distance)
{
	unsigned d = str_distance(word, candidate);

	if (d >= *distance)
		return;
	*distance = d;
	*best = candidate;
}

static int unknown_word(struct str word, struct buf *why)
{
	unsigned distance = (unsigned)(word.n / 3) + 2;
	struct str best = STR_NULL;

	for (size_t i = 0; i < WORDS; i++)
		nearer(word, words[i].name, &best, &distance);
	for (size_t i = 0; i < sizeof(foreigns) / sizeof(foreigns[0]); i++)
		nearer(word, foreigns[i].name, &best, &distance);
	for (size_t i = 0; i < SUITES; i++)
		nearer(word, suites[i].name, &best, &distance);
	buf_fmt(why, "unknown cipher \"");
	buf_escaped(why, word, 64);
	if (best.n)
		buf_fmt(why, "\"; did you mean \"" STRF "\"?", STRA(best));
	else
		buf_fmt(why, "\"; \"openssl ciphers -v ALL\" lists suites, ciphers(1) the words "
			     "for groups");
	return -EINVAL;
}

/* --- a list ----------------------------------------------------------------------------------------------------------------------- */
enum state { OUT, IN, REMOVED, KILLED };

struct choosing {
	enum state state[SUITES];
	uint8_t order[SUITES]; /* those that are IN */
	unsigned n;
	bool names_13; /* a suite of TLS 1.3 was named */
	struct tls_suite_list *result;
	struct buf *why;
};

/* Words joined by +. */
struct item {
	char op; /* + - !, or 0: add */
	struct choice means;
	const struct tls_suite *suite; /* named; NULL: a group */
	const struct foreign *foreign; /* one of the words means suites that are not here */
	struct str foreign_word;
};

static bool item_takes(const struct item *item, const struct tls_suite *s)
{
	if (item->foreign)
		return false;
	if (item->suite && item->suite != s)
		return false;
	/* what a group adds or moves is TLS 1.2's; what it forbids is forbidden in TLS 1.3, too */
	if (!item->suite && s->kx == TLS_KX_13 && item->op != '!')
		return false;
	return item->means.kx & 1u << s->kx && item->means.enc & 1u << s->enc &&
	       item->means.mac & 1u << s->mac;
}

static void list_put(struct choosing *l, unsigned i)
{
	l->state[i] = IN;
	l->order[l->n++] = (uint8_t)i;
}

static void list_take(struct choosing *l, unsigned i, enum state state)
{
	unsigned n = 0;

	for (unsigned k = 0; k < l->n; k++)
		if (l->order[k] != i)
			l->order[n++] = l->order[k];
	l->n = n;
	l->state[i] = state;
}

static void item_apply(struct choosing *l, const struct item *item)
{
	uint8_t before[SUITES];
	unsigned before_n = l->n;

	memcpy(before, l->order, sizeof(before));
	if (item->op == '+') { /* those that are in go to the end, in the order that they have */
		for (unsigned k = 0; k < before_n; k++)
			if (item_takes(item, &suites[before[k]])) {
				list_take(l, before[k], OUT);
				list_put(l, before[k]);
			}
		return;
	}
	for (unsigned i = 0; i < SUITES; i++) {
		if (!item_takes(item, &suites[i]))
			continue;
		if (item->op == '!')
			list_take(l, i, KILLED);
		else if (item->op == '-' && l->state[i] == IN)
			list_take(l, i, REMOVED);
		else if (!item->op && (l->state[i] == OUT || l->state[i] == REMOVED))
			list_put(l, i);
	}
}

static int item_word(struct item *item, struct str name, struct buf *why)
{
	const struct tls_suite *suite = suite_find(name);
	const struct word *w = suite ? NULL : word_find(name);
	const struct foreign *f = suite || w ? NULL : foreign_find(name);

	if (suite) {
		item->suite = suite;
		return 0;
	}
	if (w) {
		item->means.kx &= w->means.kx ? w->means.kx : ~0u;
		item->means.enc &= w->means.enc ? w->means.enc : ~0u;
		item->means.mac &= w->means.mac ? w->means.mac : ~0u;
		return 0;
	}
	if (!f)
		f = foreign_suite(name);
	if (!f)
		return unknown_word(name, why);
	if (!item->foreign || f->refused) {
		item->foreign = f;
		item->foreign_word = name;
	}
	return 0;
}

/* What stands between two separators. */
static int list_item(struct choosing *l, struct str text)
{
	struct item item = { .means = { ~0u, ~0u, ~0u } };
	struct str word;

	if (*text.p == '!' || *text.p == '-' || *text.p == '+') {
		item.op = *text.p;
		text = str_skip(text, 1);
	}
	while (str_split(&text, '+', &word)) {
		int err = item_word(&item, word, l->why);

		if (err)
			return err;
	}
	if (item.foreign && !item.op && item.foreign->refused) {
		buf_fmt(l->why,
			"cipher \"" STRF "\" is refused: %s; take it out, or write \"!" STRF "\"",
			STRA(item.foreign_word), item.foreign->why_z, STRA(item.foreign_word));
		return -EINVAL;
	}
	if (item.foreign && !item.op && item.foreign->why_z && str_is_null(l->result->absent)) {
		l->result->absent = item.foreign_word;
		l->result->absent_why_z = item.foreign->why_z;
	}
	l->names_13 |= item.suite && item.suite->kx == TLS_KX_13 && !item.op;
	item_apply(l, &item);
	return 0;
}

static bool is_strong(const struct tls_suite *s)
{
	return !((AES128 | ENC(CAMELLIA128)) & 1u << s->enc);
}

/* @STRENGTH: 256 bits before 128. */
static void list_sort(struct choosing *l)
{
	uint8_t sorted[SUITES];
	unsigned n = 0;

	for (int pass = 0; pass < 2; pass++)
		for (unsigned k = 0; k < l->n; k++)
			if (is_strong(&suites[l->order[k]]) == !pass)
				sorted[n++] = l->order[k];
	memcpy(l->order, sorted, n);
}

static int list_command(struct choosing *l, struct str command)
{
	if (str_eq(command, STR("@STRENGTH"))) {
		list_sort(l);
		return 0;
	}
	if (str_starts(command, STR("@SECLEVEL=")) && command.n == 11 && command.p[10] >= '0' &&
	    command.p[10] <= '5') {
		l->result->level = (unsigned)(command.p[10] - '0');
		return 0;
	}
	buf_fmt(l->why, "unknown command \"");
	buf_escaped(l->why, command, 64);
	buf_fmt(l->why, "\" in a cipher list; there are @STRENGTH and @SECLEVEL=0 to @SECLEVEL=5");
	return -EINVAL;
}

/* The next item of a list; null: no more. A command needs no separator before it. */
static struct str item_next(struct str *rest)
{
	struct str item;

	while (rest->n && memchr(":, ;\t", *rest->p, 5))
		*rest = str_skip(*rest, 1);
	if (!rest->n)
		return STR_NULL;
	item = str_head(*rest, 1);
	while (item.n < rest->n && !memchr(":, ;\t@", item.p[item.n], 6))
		item.n++;
	*rest = str_skip(*rest, item.n);
	return item;
}

static int list_items(struct choosing *l, struct str text)
{
	struct str item;
	int err = 0;

	while (!err && (item = item_next(&text)).n) {
		if (*item.p == '@')
			err = list_command(l, item);
		else if (str_eq(item, STR("DEFAULT")))
			err = list_items(l, STR("ALL:!COMPLEMENTOFDEFAULT"));
		else
			err = list_item(l, item);
	}
	return err;
}

/* OpenSSL's levels 3 to 5 forbid suites; what a level asks of keys is not the list's. */
static bool level_takes(unsigned level, const struct tls_suite *s)
{
	return (level < 3 || s->kx != TLS_KX_RSA) &&
	       (level < 4 || (is_strong(s) && s->mac != TLS_MAC_SHA1));
}

static void list_finish(struct choosing *l)
{
	unsigned enc = 0;

	for (unsigned i = 0; i < SUITES; i++)
		if (!level_takes(l->result->level, &suites[i]))
			list_take(l, i, KILLED);
	for (unsigned k = 0; k < l->n; k++)
		enc |= 1u << suites[l->order[k]].enc;
	for (unsigned i = 0; i < SUITES; i++) {
		if (!l->names_13 && suites[i].kx == TLS_KX_13 && l->state[i] == OUT &&
		    enc & 1u << suites[i].enc)
			list_put(l, i);
		l->result->banned[i] = l->state[i] == REMOVED || l->state[i] == KILLED;
	}
	memcpy(l->result->order, l->order, l->n);
	l->result->n = l->n;
}

int tls_suite_list_parse(struct str text, struct tls_suite_list *list_r, struct buf *why_r)
{
	struct tls_suite_list result = { .level = TLS_LEVEL_DEFAULT };
	struct choosing l = { .result = &result, .why = why_r };
	int err = list_items(&l, text);

	if (err)
		return err;
	list_finish(&l);
	if (!result.n) {
		buf_fmt(why_r, "the cipher list leaves no cipher");
		return -EINVAL;
	}
	*list_r = result;
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What OpenSSL's words for versions and ciphers are in GnuTLS' language. GnuTLS knows no single suites: it speaks every combination of the key exchanges,
 * ciphers and MACs that it is given, so a list becomes the combination that comes nearest to it. */
#include "modules/tls/cipher.h"
#include "modules/tls/suites.h"

#include <errno.h>

#define TEXT_MAX 2048

static const gnutls_kx_algorithm_t kx_ids[TLS_KXS] = { GNUTLS_KX_UNKNOWN, GNUTLS_KX_ECDHE_ECDSA,
						       GNUTLS_KX_ECDHE_RSA, GNUTLS_KX_DHE_RSA,
						       GNUTLS_KX_RSA };
static const gnutls_cipher_algorithm_t enc_ids[TLS_ENCS] = {
	[TLS_ENC_AES256_GCM] = GNUTLS_CIPHER_AES_256_GCM,
	[TLS_ENC_AES128_GCM] = GNUTLS_CIPHER_AES_128_GCM,
	[TLS_ENC_CHACHA20] = GNUTLS_CIPHER_CHACHA20_POLY1305,
	[TLS_ENC_AES256_CCM] = GNUTLS_CIPHER_AES_256_CCM,
	[TLS_ENC_AES128_CCM] = GNUTLS_CIPHER_AES_128_CCM,
	[TLS_ENC_AES256_CCM8] = GNUTLS_CIPHER_AES_256_CCM_8,
	[TLS_ENC_AES128_CCM8] = GNUTLS_CIPHER_AES_128_CCM_8,
	[TLS_ENC_AES256_CBC] = GNUTLS_CIPHER_AES_256_CBC,
	[TLS_ENC_AES128_CBC] = GNUTLS_CIPHER_AES_128_CBC,
	[TLS_ENC_CAMELLIA256] = GNUTLS_CIPHER_CAMELLIA_256_CBC,
	[TLS_ENC_CAMELLIA128] = GNUTLS_CIPHER_CAMELLIA_128_CBC,
};
static const gnutls_mac_algorithm_t mac_ids[TLS_MACS] = { GNUTLS_MAC_AEAD, GNUTLS_MAC_SHA384,
							  GNUTLS_MAC_SHA256, GNUTLS_MAC_SHA1 };

/* What is being made of a wish. */
struct making {
	const struct tls_wish *wish;
	struct buf out, why, warning; /* the priority; an error; what somebody should know */
	bool v[4];		      /* TLS 1.0 to 1.3 */
	struct tls_suite_list list;
	unsigned kx, enc, mac; /* the combination: bits of the enums of suites.h */
};

static void warn(struct making *m, const char *text_z)
{
	buf_fmt(&m->warning, "%s%s", m->warning.n ? "; " : "", text_z);
}

/* --- versions ---------------------------------------------------------------------------------------------------------------------------- */
enum { V10, V11, V12, V13 };

/* "tlsv1.2", "TLSv1_2", "TLSv1": the version, or -1. */
static int version_of(struct str word)
{
	if (!str_starts_nocase(word, STR("TLSv1")))
		return -1;
	word = str_skip(word, 5);
	if (!word.n)
		return V10;
	if (word.n != 2 || (word.p[0] != '.' && word.p[0] != '_') || word.p[1] < '0' ||
	    word.p[1] > '3')
		return -1;
	return word.p[1] - '0';
}

static bool is_any(struct str word)
{
	static const struct str all[] = { STR_INIT("SSLv23"), STR_INIT("TLSany"), STR_INIT("ANY"),
					  STR_INIT("ALL"), STR_INIT("TLS") };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (str_eq_nocase(all[i], word))
			return true;
	return false;
}

static int version_unknown(struct making *m, struct str method)
{
	if (str_starts_nocase(method, STR("SSLv2")) || str_starts_nocase(method, STR("SSLv3"))) {
		buf_fmt(&m->why,
			"method \"" STRF
			"\" is refused: SSL 2.0 and 3.0 can be broken; write \"TLSv1.2+\"",
			STRA(str_head(method, 16)));
		return -EINVAL;
	}
	buf_fmt(&m->why, "unknown method \"");
	buf_escaped(&m->why, method, 64);
	buf_fmt(&m->why, "\"; there are TLSv1.2, TLSv1.2+ (or newer), TLSv1.3, TLSv1.2-TLSv1.3 and "
			 "SSLv23 (all that are allowed)");
	return -EINVAL;
}

/* from..to is wanted, and 1.0 and 1.1 are not allowed. */
static int version_raise(struct making *m, struct str method, int *from, int to)
{
	if (*from >= V12)
		return 0;
	if (to < V12 && !str_eq_nocase(method, STR("TLSv1"))) {
		buf_fmt(&m->why,
			"method \"" STRF "\" is refused: TLS 1.0 and 1.1 are not safe any more; "
			"write \"TLSv1.2+\", or allow_insecure=yes for a peer that knows nothing "
			"newer",
			STRA(method));
		return -EINVAL;
	}
	*from = V12;
	buf_fmt(&m->warning,
		"method \"" STRF "\" means TLS 1.2 or newer here; write \"TLSv1.2+\", or "
		"allow_insecure=yes for TLS 1.0 and 1.1, too",
		STRA(method));
	return 0;
}

static int versions_make(struct making *m)
{
	struct str method = str_trim(m->wish->method), first = method, last = STR_NULL;
	ssize_t dash = str_chr(method, '-');
	int from = V12, to = V13, err = 0;

	if (is_any(method)) {
		from = m->wish->allow_insecure ? V10 : V12;
	} else if (method.n) {
		bool plus = method.p[method.n - 1] == '+';

		if (dash >= 0) {
			first = str_head(method, (size_t)dash);
			last = str_skip(method, (size_t)dash + 1);
		} else if (plus) {
			first = str_head(method, method.n - 1);
		}
		from = version_of(first);
		to = plus || (dash >= 0 && !last.n) ? V13 : last.n ? version_of(last) : from;
		if (from < 0 || to < from)
			return version_unknown(m, method);
		if (!m->wish->allow_insecure) {
			err = version_raise(m, method, &from, to);
			to = to < V12 ? V13 : to;
		}
	}
	for (int v = from; v <= to; v++)
		m->v[v] = true;
	return err;
}

/* --- suites ------------------------------------------------------------------------------------------------------------------------------ */
/* The versions that are wanted and have it. */
static bool suite_usable(const struct making *m, const struct tls_suite *s)
{
	if (s->kx == TLS_KX_13)
		return m->v[V13];
	return m->v[V12] || (s->mac == TLS_MAC_SHA1 && (m->v[V10] || m->v[V11]));
}

static bool suite_in(const struct tls_suite *s, unsigned kx, unsigned enc, unsigned mac)
{
	return kx & 1u << s->kx && enc & 1u << s->enc && mac & 1u << s->mac;
}

/* How well a combination fits. */
struct fit {
	unsigned kx, enc, mac;
	unsigned good;	/* more for many suites of the list, a little more for preferred ones */
	unsigned extra; /* suites that the list does not have */
	bool banned;	/* one is among them that must not be */
};

static void fit_count(const struct making *m, const unsigned rank[TLS_SUITES_MAX], struct fit *f)
{
	unsigned n;
	const struct tls_suite *s = tls_suites(&n);

	f->good = f->extra = 0;
	f->banned = false;
	for (unsigned i = 0; i < n; i++) {
		if (!suite_usable(m, &s[i]) || !suite_in(&s[i], f->kx, f->enc, f->mac))
			continue;
		f->good += rank[i] ? 1000 + rank[i] : 0;
		f->extra += !rank[i];
		f->banned |= m->list.banned[i];
	}
}

/* The ciphers that go with these key exchanges and MACs. */
static struct fit fit_for(const struct making *m, const unsigned rank[TLS_SUITES_MAX], unsigned kx,
			  unsigned mac)
{
	struct fit all = { .kx = kx, .mac = mac };

	for (unsigned e = 0; e < TLS_ENCS; e++) {
		struct fit one = { .kx = kx, .enc = 1u << e, .mac = mac };

		fit_count(m, rank, &one);
		if (one.good && !one.banned)
			all.enc |= one.enc;
	}
	fit_count(m, rank, &all);
	return all;
}

/* The combination with most of the list's suites and nothing that was taken away from it; among those the one with least besides. */
static int combine(struct making *m)
{
	unsigned rank[TLS_SUITES_MAX] = { 0 };
	struct fit best = { 0 };
	unsigned n;
	const struct tls_suite *s = tls_suites(&n);

	for (unsigned k = 0; k < m->list.n; k++)
		if (suite_usable(m, &s[m->list.order[k]]))
			rank[m->list.order[k]] = TLS_SUITES_MAX - k;
	for (unsigned kx = 0; kx < 1u << TLS_KXS; kx++)
		for (unsigned mac = 1; mac < 1u << TLS_MACS; mac++) {
			struct fit f;

			/* TLS 1.3 is there when its version is */
			if (!(kx & 1u << TLS_KX_13) == m->v[V13])
				continue;
			f = fit_for(m, rank, kx, mac);
			if (f.good > best.good || (f.good == best.good && f.extra < best.extra))
				best = f;
		}
	if (!best.good) {
		buf_fmt(&m->why,
			"no cipher of the list can be spoken in a version that is allowed; "
			"SHA1 suites alone need TLS 1.2 or older, TLS_ ones TLS 1.3");
		return -EINVAL;
	}
	m->kx = best.kx;
	m->enc = best.enc;
	m->mac = best.mac;
	return 0;
}

/* Names up to three of the suites that are in the list and not in the combination, or the other way round. */
static void warn_difference(struct making *m, bool wanted, const char *what_z)
{
	bool in_list[TLS_SUITES_MAX] = { false };
	unsigned n, found = 0;
	const struct tls_suite *s = tls_suites(&n);

	for (unsigned k = 0; k < m->list.n; k++)
		in_list[m->list.order[k]] = true;
	for (unsigned i = 0; i < n; i++) {
		if (!suite_usable(m, &s[i]) || in_list[i] != wanted ||
		    suite_in(&s[i], m->kx, m->enc, m->mac) == wanted)
			continue;
		if (!found)
			warn(m, what_z);
		if (found++ < 3)
			buf_fmt(&m->warning, "%s" STRF, found > 1 ? ", " : " ", STRA(s[i].name));
	}
	if (found > 3)
		buf_fmt(&m->warning, " and %u more", found - 3);
}

/* A version without a suite is not offered. */
static void versions_drop(struct making *m)
{
	unsigned n;
	const struct tls_suite *s = tls_suites(&n);
	bool old = false, mid = false, new = false;

	for (unsigned i = 0; i < n; i++) {
		if (!suite_usable(m, &s[i]) || !suite_in(&s[i], m->kx, m->enc, m->mac))
			continue;
		new |= s[i].kx == TLS_KX_13;
		mid |= s[i].kx != TLS_KX_13;
		old |= s[i].kx != TLS_KX_13 && s[i].mac == TLS_MAC_SHA1;
	}
	if (m->v[V13] && !new)
		warn(m, "no cipher of the list goes with TLS 1.3, which is not spoken; add "
			"TLS_AES_256_GCM_SHA384 for it");
	if (m->v[V12] && !mid)
		warn(m, "no cipher of the list goes with TLS 1.2, which is not spoken; add "
			"ECDHE+AESGCM "
			"for it");
	m->v[V10] &= old;
	m->v[V11] &= old;
	m->v[V12] &= mid;
	m->v[V13] &= new;
}

/* --- text -------------------------------------------------------------------------------------------------------------------------------- */
static void put_versions(struct making *m)
{
	for (int v = V13; v >= V10; v--)
		if (m->v[v])
			buf_fmt(&m->out, ":+VERS-TLS1.%d", v);
}

/* Each once, in the order in which the list first has it. */
static void put_suites(struct making *m)
{
	unsigned kx = 0, enc = 0, mac = 0, n;
	const struct tls_suite *s = tls_suites(&n);

	for (unsigned k = 0; k < m->list.n; k++) {
		const struct tls_suite *x = &s[m->list.order[k]];

		if (!suite_usable(m, x) || !suite_in(x, m->kx, m->enc, m->mac))
			continue;
		if (x->kx != TLS_KX_13 && !(kx & 1u << x->kx))
			buf_fmt(&m->out, ":+%s", gnutls_kx_get_name(kx_ids[x->kx]));
		if (!(enc & 1u << x->enc))
			buf_fmt(&m->out, ":+%s", gnutls_cipher_get_name(enc_ids[x->enc]));
		if (!(mac & 1u << x->mac))
			buf_fmt(&m->out, ":+%s", gnutls_mac_get_name(mac_ids[x->mac]));
		kx |= 1u << x->kx;
		enc |= 1u << x->enc;
		mac |= 1u << x->mac;
	}
	/* TLS 1.3 asks for no key exchange, but GnuTLS has its groups only with one */
	if (!(kx & ~(1u << TLS_KX_13)))
		buf_fmt(&m->out, ":+ECDHE-ECDSA:+ECDHE-RSA");
	buf_fmt(&m->out, ":+COMP-NULL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1"
			 ":+GROUP-SECP521R1:+GROUP-X448");
	if (kx & 1u << TLS_KX_DHE_RSA)
		buf_fmt(&m->out, ":+GROUP-FFDHE2048:+GROUP-FFDHE3072:+GROUP-FFDHE4096");
}

/* Signatures of at least SHA-256; what keys must have at least, as OpenSSL's levels say. */
static void put_level(struct making *m)
{
	static const char *const profiles[] = { "VERY_WEAK", "LOW",   "MEDIUM",
						"HIGH",	     "ULTRA", "FUTURE" };

	buf_fmt(&m->out, ":+SIGN-ECDSA-SHA256:+SIGN-ECDSA-SECP256R1-SHA256:+SIGN-EDDSA-ED25519"
			 ":+SIGN-RSA-PSS-SHA256:+SIGN-RSA-PSS-RSAE-SHA256:+SIGN-RSA-SHA256"
			 ":+SIGN-ECDSA-SHA384:+SIGN-ECDSA-SECP384R1-SHA384:+SIGN-EDDSA-ED448"
			 ":+SIGN-RSA-PSS-SHA384:+SIGN-RSA-PSS-RSAE-SHA384:+SIGN-RSA-SHA384"
			 ":+SIGN-ECDSA-SHA512:+SIGN-ECDSA-SECP521R1-SHA512"
			 ":+SIGN-RSA-PSS-SHA512:+SIGN-RSA-PSS-RSAE-SHA512:+SIGN-RSA-SHA512");
	if (!m->list.level || m->v[V10] || m->v[V11])
		buf_fmt(&m->out, ":+SIGN-RSA-SHA1:+SIGN-ECDSA-SHA1");
	buf_fmt(&m->out, ":%%PROFILE_%s:%%SERVER_PRECEDENCE", profiles[m->list.level]);
	if (m->list.level < TLS_LEVEL_DEFAULT)
		warn(m, "@SECLEVEL=0 and 1 accept weak keys");
}

static int from_list(struct making *m)
{
	struct str list = m->wish->ciphers;
	int err;

	/* strong ones only, when nothing is asked for, the cheapest handshake (SHA-256) first; those whom TLS 1.0 is for know no others than these */
	if (!list.n)
		list = m->v[V10] || m->v[V11]
			       ? STR("ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES+SHA1:"
				     "AES256-SHA:AES128-SHA")
			       : STR("ECDHE+AESGCM+AES128:ECDHE+AESGCM:ECDHE+CHACHA20");
	err = tls_suite_list_parse(list, &m->list, &m->why);
	if (!err)
		err = combine(m);
	if (err)
		return err;
	if (m->wish->ciphers.n) {
		if (!str_is_null(m->list.absent))
			buf_fmt(&m->warning, "%scipher \"" STRF "\" is left out: %s",
				m->warning.n ? "; " : "", STRA(m->list.absent),
				m->list.absent_why_z);
		warn_difference(m, true, "GnuTLS cannot leave out single suites; left out, too:");
		warn_difference(m, false, "GnuTLS combines what the list has; comes in, too:");
		versions_drop(m);
	}
	buf_fmt(&m->out, "NONE");
	put_versions(m);
	put_suites(m);
	put_level(m);
	return 0;
}

/* --- GnuTLS' own words ------------------------------------------------------------------------------------------------------------------- */
/* What must not be spoken whatever was asked for. NULL: nothing of it. */
static const char *forbidden(gnutls_priority_t p)
{
	const unsigned *list;
	int n = gnutls_priority_kx_list(p, &list);

	for (int i = 0; i < n; i++)
		if (list[i] == GNUTLS_KX_ANON_DH || list[i] == GNUTLS_KX_ANON_ECDH ||
		    list[i] == GNUTLS_KX_RSA_EXPORT)
			return gnutls_kx_get_name(list[i]);
	n = gnutls_priority_cipher_list(p, &list);
	for (int i = 0; i < n; i++)
		if (list[i] == GNUTLS_CIPHER_NULL || list[i] == GNUTLS_CIPHER_ARCFOUR_128 ||
		    list[i] == GNUTLS_CIPHER_3DES_CBC)
			return gnutls_cipher_get_name(list[i]);
	n = gnutls_priority_mac_list(p, &list);
	for (int i = 0; i < n; i++)
		if (list[i] == GNUTLS_MAC_MD5)
			return "MD5";
	return NULL;
}

static int from_priority(struct making *m)
{
	static const struct str old[] = { STR_INIT("+VERS-TLS1.0"), STR_INIT("+VERS-TLS1.1"),
					  STR_INIT("+VERS-SSL3.0") };
	struct str text = m->wish->priority;

	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		if (str_find_nocase(text, old[i]) >= 0 && (i == 2 || !m->wish->allow_insecure)) {
			buf_fmt(&m->why, "\"" STRF "\" is refused: it is not safe any more%s",
				STRA(old[i]),
				i == 2 ? "" : "; allow_insecure=yes allows TLS 1.0 and 1.1");
			return -EINVAL;
		}
	buf_str_put(&m->out, text);
	if (m->wish->method.n) {
		buf_fmt(&m->out, ":-VERS-ALL");
		put_versions(m);
	} else if (!m->wish->allow_insecure) {
		buf_fmt(&m->out, ":-VERS-TLS1.0:-VERS-TLS1.1");
	}
	return 0;
}

/* --- both -------------------------------------------------------------------------------------------------------------------------------- */
/* GnuTLS' opinion of the text. */
static int priority_try(struct making *m)
{
	const char *text_z = buf_z(&m->out), *at_z = text_z, *bad_z;
	gnutls_priority_t p;
	int err;

	if (!buf_ok(&m->out)) {
		buf_fmt(&m->why, "the priority is longer than %d bytes", TEXT_MAX - 1);
		return -EINVAL;
	}
	err = gnutls_priority_init(&p, text_z, &at_z);
	if (err) {
		buf_fmt(&m->why, "priority is not understood by GnuTLS at \"");
		buf_escaped(&m->why, str_z(at_z), 40);
		buf_fmt(&m->why, "\": %s; \"gnutls-cli --list\" shows the words",
			gnutls_strerror(err));
		return -EINVAL;
	}
	bad_z = forbidden(p);
	if (bad_z)
		buf_fmt(&m->why, "priority with %s is refused: it can be broken; add \":-%s\"",
			bad_z, bad_z);
	gnutls_priority_deinit(p);
	return bad_z ? -EINVAL : 0;
}

static int make(struct making *m)
{
	int err;

	if (m->wish->ciphers.n && m->wish->priority.n) {
		buf_fmt(&m->why, "there is a cipher list and a priority; write one of them");
		return -EINVAL;
	}
	err = versions_make(m);
	if (!err)
		err = m->wish->priority.n ? from_priority(m) : from_list(m);
	return err ? err : priority_try(m);
}

/* NULL: no memory. */
static const char *arena_text_z(struct arena *arena, struct buf *b)
{
	buf_z(b);
	return arena_str(arena, str_of(b->p, b->n < b->cap ? b->n + 1 : b->cap)).p;
}

const char *tls_priority_make(struct arena *arena, const struct tls_wish *wish,
			      struct str *priority_r, const char **warning_r)
{
	char out[TEXT_MAX], why[512], warning[1024];
	struct making m = {
		.wish = wish, .out = BUF_ON(out), .why = BUF_ON(why), .warning = BUF_ON(warning)
	};
	const char *text_z, *warning_z = NULL;

	if (make(&m)) {
		text_z = arena_text_z(arena, &m.why);
		return text_z ? text_z : "no memory";
	}
	text_z = arena_text_z(arena, &m.out);
	if (m.warning.n)
		warning_z = arena_text_z(arena, &m.warning);
	if (!text_z || (m.warning.n && !warning_z))
		return "no memory";
	*priority_r = str_of(text_z, m.out.n);
	*warning_r = warning_z;
	return NULL;
}

struct str tls_cipher_name(gnutls_session_t session)
{
	gnutls_kx_algorithm_t kx = gnutls_kx_get(session);
	gnutls_cipher_algorithm_t enc = gnutls_cipher_get(session);
	gnutls_mac_algorithm_t mac = gnutls_mac_get(session);
	bool is_13 = gnutls_protocol_get_version(session) == GNUTLS_TLS1_3;
	unsigned n;
	const struct tls_suite *s = tls_suites(&n);

	for (unsigned i = 0; i < n; i++)
		if (enc_ids[s[i].enc] == enc && mac_ids[s[i].mac] == mac &&
		    (s[i].kx == TLS_KX_13 ? is_13 : !is_13 && kx_ids[s[i].kx] == kx))
			return s[i].name;
	/* what only priority= can ask for */
	return str_z(gnutls_cipher_suite_get_name(kx, enc, mac));
}

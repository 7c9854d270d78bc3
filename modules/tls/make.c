/* SPDX-License-Identifier: BSD-2-Clause */
/* How a domain comes to its values: from itself, from the default of its role, from what was said of none. */
#include "modules/tls/make.h"

#include <unistd.h>

#define DEPTH_DEFAULT	  9
#define HANDSHAKE_DEFAULT 10000
#define SYSTEM_CA	  "/etc/ssl/certs/ca-certificates.crt"

/* A value's distance from the domain. */
enum level { LEVEL_OWN, LEVEL_DEFAULT, LEVEL_PLAIN, LEVELS };

/* The domain that is being made. */
struct making {
	struct tls_builder *b;
	const struct tls_said *levels[LEVELS];
	struct tls_domain *d;
	struct tls_sources *src;
};

/* The nearest that was said, no farther than upto; NULL. */
static const struct setting *said_upto(const struct making *m, enum tls_word w, int upto,
				       int *level_r)
{
	for (int i = 0; i <= upto && i < LEVELS; i++) {
		if (!m->levels[i]->words[w])
			continue;
		if (level_r)
			*level_r = i;
		return m->levels[i]->words[w];
	}
	if (level_r)
		*level_r = LEVELS;
	return NULL;
}

static const struct setting *said(const struct making *m, enum tls_word w)
{
	return said_upto(m, w, LEVELS, NULL);
}

static int64_t number(const struct making *m, enum tls_word w, int64_t otherwise)
{
	const struct setting *s = said(m, w);

	return s ? tls_word_number(w, s) : otherwise;
}

/* Empty texts are none. */
static void keep(struct tls_builder *b, struct str text, struct str *text_r)
{
	*text_r = text.n ? arena_str(b->r.arena, text) : STR_NULL;
	if (text.n && !text_r->p)
		diag_error(b->r.diag, *b->at, NULL, "not enough memory");
}

static void text(const struct making *m, enum tls_word w, int upto, struct str *text_r)
{
	const struct setting *s = said_upto(m, w, upto, NULL);
	struct str t = s ? setting_text(s, m->b->r.diag->pool) : STR_NULL;

	if (s && !t.p)
		tls_no_memory(&m->b->r, s);
	keep(m->b, t, text_r);
}

/* --- names and addresses ------------------------------------------------------------------------------------------------------------ */

/* What tells domains apart is never another's. */
static void take_names(struct making *m)
{
	const struct tls_place *place = &m->levels[LEVEL_OWN]->place;
	const int upto = place->is_default ? LEVELS : LEVEL_OWN;
	const struct setting *mode = said_upto(m, TLS_SERVER_NAME_MODE, LEVEL_OWN, NULL);
	struct tls_domain *d = m->d;

	d->addr = place->addr;
	keep(m->b, m->levels[LEVEL_OWN]->text, &d->text);
	if (d->role == TLS_CLIENT) {
		text(m, TLS_ALPN, LEVELS, &d->alpn);
		text(m, TLS_SERVER_NAME, upto, &d->server_name);
		text(m, TLS_SERVER_ID, LEVEL_OWN, &d->name);
		if (place->name.n)
			keep(m->b, place->name, &d->name);
	} else if (!place->is_default) {
		text(m, TLS_ALPN, LEVEL_OWN, &d->alpn);
		text(m, TLS_SERVER_NAME, LEVEL_OWN, &d->name);
		if (mode)
			d->name_mode =
				(enum tls_name_mode)tls_word_number(TLS_SERVER_NAME_MODE, mode);
	}
}

/* "host", "host:port", "[v6]:port". */
static bool host_port(struct str s, struct str *host_r, uint16_t *port_r)
{
	ssize_t colon = str_rchr(s, ':');
	enum uri_host_kind kind;
	struct addr a;
	uint64_t port = 0;

	if (colon >= 0 && addr_parse(s, &a)) {
		if (str_uint(str_skip(s, (size_t)colon + 1), 65535, &port) || !port)
			return false;
		s = str_head(s, (size_t)colon);
	}
	*host_r = s;
	*port_r = (uint16_t)port;
	return s.n && (!addr_parse(s, &a) || uri_is_host(s, &kind));
}

static void take_advertise(struct making *m)
{
	const struct setting *s = said(m, TLS_ADVERTISE);
	struct tls_domain *d = m->d;
	struct str all, host;

	if (!s)
		return;
	text(m, TLS_ADVERTISE, LEVELS, &all);
	if (host_port(all, &host, &d->advertise_port))
		d->advertise_host = host;
	else
		diag_error(m->b->r.diag, s->value_pos, NULL,
			   "cannot advertise \"" STRF "\": it is no host:port", STRA(all));
}

/* --- our certificates ------------------------------------------------------------------------------------------------------------------ */

static bool key_said(const struct making *m, unsigned second, int upto, struct tls_key_said *k_r,
		     int *level_r)
{
	const unsigned more = second ? TLS_CERTIFICATE2 - TLS_CERTIFICATE : 0;
	int level;

	*k_r = (struct tls_key_said){
		.certificate = said_upto(m, TLS_CERTIFICATE + more, upto, &level),
		.fallback_key = said(m, TLS_PRIVATE_KEY + more),
		.password = said(m, TLS_PASSWORD + more),
	};
	*level_r = level;
	/* what was said of less stands back behind what lies in the certificate's own file */
	k_r->key = said_upto(m, TLS_PRIVATE_KEY + more, level, NULL);
	k_r->ocsp = said_upto(m, TLS_OCSP + more, level, NULL);
	return k_r->certificate;
}

static bool standard_is_there(const struct tls_builder *b)
{
	return !access(b->standard.text.p, F_OK);
}

static bool same_key(const struct tls_key_said *a, const struct tls_key_said *b)
{
	return a->certificate == b->certificate && a->key == b->key &&
	       a->fallback_key == b->fallback_key && a->password == b->password &&
	       a->ocsp == b->ocsp;
}

static void add_key(struct making *m, const struct tls_key_said *k)
{
	struct tls_domain *d = m->d;

	m->src->keys[d->keys_n] = *k;
	for (const struct tls_domain *o = m->b->c->domains; o < d; o++) {
		const struct tls_sources *src = &m->b->sources[o->index];

		for (unsigned i = 0; i < o->keys_n; i++) {
			if (!same_key(&src->keys[i], k))
				continue;
			d->keys[d->keys_n++] = o->keys[i];
			return;
		}
	}
	if (tls_key_read(&m->b->r, k, &d->keys[d->keys_n]))
		d->keys_n++;
}

static void take_keys(struct making *m)
{
	struct tls_key_said k;
	int level, level2;

	if (!key_said(m, 0, LEVELS, &k, &level) && standard_is_there(m->b))
		k.certificate = &m->b->standard;
	if (k.certificate)
		add_key(m, &k);
	else
		m->src->lacks_key = true;
	/* a second certificate belongs to a first that was said no nearer */
	if (key_said(m, 1, level, &k, &level2))
		add_key(m, &k);
}

/* --- whom we trust --------------------------------------------------------------------------------------------------------------------- */

static void take_trust(struct making *m)
{
	struct tls_sources *src = m->src;
	struct tls_domain *d = m->d;
	int list_level, path_level;

	src->ca_list = said_upto(m, TLS_CA_LIST, LEVELS, &list_level);
	src->ca_path = said_upto(m, TLS_CA_PATH, list_level, &path_level);
	if (path_level < list_level)
		src->ca_list = NULL;
	src->crl = said(m, TLS_CRL);
	for (const struct tls_domain *o = m->b->c->domains; o < d; o++) {
		const struct tls_sources *other = &m->b->sources[o->index];

		if (other->ca_list == src->ca_list && other->ca_path == src->ca_path)
			d->ca_pem = o->ca_pem;
		if (other->crl != src->crl)
			continue;
		d->crl_pem = o->crl_pem;
		d->crls = o->crls;
		d->crls_n = o->crls_n;
	}
	if ((src->ca_list || src->ca_path) && !d->ca_pem.p)
		tls_ca_read(&m->b->r, src->ca_list, src->ca_path, &d->ca_pem);
	if (src->crl && !d->crl_pem.p)
		tls_crl_read(&m->b->r, src->crl, d);
}

/* A client that was told of no CA trusts the system's. */
static void take_system_ca(struct making *m)
{
	struct tls_builder *b = m->b;
	struct setting by = { .value_pos = *b->at };
	struct str text;

	if (m->src->ca_list || m->src->ca_path || m->d->role == TLS_SERVER)
		return;
	if (!b->system_ca.p && !access(SYSTEM_CA, R_OK)) {
		if (!tls_file_text(&b->r, &by, SYSTEM_CA, "CA list", &text))
			return;
		keep(b, text, &b->system_ca);
	}
	m->d->ca_pem = b->system_ca;
}

/* --- what we demand -------------------------------------------------------------------------------------------------------------------- */

/* Whether certificates are verified and required is said by the domain itself or of no domain, as in Kamailio: a default that demands much is one for those whom
 * no domain is for. */
static const struct setting *demanded(const struct making *m, enum tls_word w, int *level_r)
{
	int level = m->levels[LEVEL_OWN]->words[w]     ? LEVEL_OWN
		    : m->levels[LEVEL_PLAIN]->words[w] ? LEVEL_PLAIN
						       : LEVELS;

	if (level_r)
		*level_r = level;
	return level == LEVELS ? NULL : m->levels[level]->words[w];
}

static int64_t demand(const struct making *m, enum tls_word w, int64_t otherwise)
{
	const struct setting *s = demanded(m, w, NULL);

	return s ? tls_word_number(w, s) : otherwise;
}

static void take_verify_client(struct making *m)
{
	enum { OFF, OPTIONAL, ON, OPTIONAL_NO_CA };
	int level, others;

	if (!demanded(m, TLS_VERIFY_CLIENT, &level) || m->d->role == TLS_CLIENT)
		return;
	demanded(m, TLS_VERIFY, &others);
	if (others < level)
		return;
	switch (demand(m, TLS_VERIFY_CLIENT, OFF)) {
	case ON:
		m->d->verify = m->d->require = true;
		break;
	case OPTIONAL:
		m->d->verify = true;
		m->d->require = false;
		break;
	default:
		m->d->verify = m->d->require = false;
		break;
	}
}

static void remark_on_verify(struct making *m)
{
	const struct setting *verify = demanded(m, TLS_VERIFY, NULL);
	const struct setting *require = demanded(m, TLS_REQUIRE, NULL);
	struct tls_domain *d = m->d;

	if (d->require && !d->verify) {
		d->verify = true;
		if (verify)
			diag_warn(m->b->r.diag, verify->value_pos, NULL,
				  "a certificate that is required is verified, too");
	}
	if (d->role == TLS_SERVER && d->verify && !d->ca_pem.n && !m->src->ca_list &&
	    !m->src->ca_path)
		diag_warn(m->b->r.diag,
			  d->require && require ? require->value_pos
			  : verify		? verify->value_pos
						: *m->b->at,
			  "ca_list names the certificates that clients' are signed by",
			  STRF ": no client's certificate can be good without a CA list",
			  STRA(d->text));
}

static void take_demands(struct making *m)
{
	struct tls_domain *d = m->d;
	int64_t verify = demand(m, TLS_VERIFY, d->role == TLS_CLIENT);

	d->verify = verify != 0;
	if (d->role == TLS_SERVER)
		d->require = verify == TLS_REQUIRED || demand(m, TLS_REQUIRE, 0);
	take_verify_client(m);
	remark_on_verify(m);
	d->verify_depth = (unsigned)number(m, TLS_DEPTH, DEPTH_DEFAULT);
	d->verify_cn = number(m, TLS_VERIFY_CN, true);
	d->wildcard = (enum tls_wildcard)number(m, TLS_VERIFY_WILDCARD, TLS_WILDCARD_LEFTMOST);
	d->purpose = (enum tls_purpose)number(m, TLS_VERIFY_PURPOSE, TLS_PURPOSE_SIP);
	d->allow_weak = number(m, TLS_ALLOW_INSECURE, 0);
	d->handshake_timeout = number(m, TLS_HANDSHAKE_TIMEOUT, HANDSHAKE_DEFAULT);
}

/* Of a cipher list and a priority the nearer one counts. */
static void take_priority(struct making *m)
{
	struct tls_spoken s = { .at = m->b->at, .method = said(m, TLS_METHOD) };
	int ciphers, priority;

	said_upto(m, TLS_CIPHERS, LEVELS, &ciphers);
	said_upto(m, TLS_PRIORITY, LEVELS, &priority);
	s.wish.allow_insecure = m->d->allow_weak;
	text(m, TLS_METHOD, LEVELS, &s.wish.method);
	text(m, TLS_CIPHERS, priority, &s.wish.ciphers);
	text(m, TLS_PRIORITY, ciphers, &s.wish.priority);
	s.list = said(m, s.wish.priority.n ? TLS_PRIORITY : TLS_CIPHERS);
	tls_speak(&s, m->d, m->b->r.arena, m->b->r.diag);
}

/* --- one domain ------------------------------------------------------------------------------------------------------------------------- */

static void check_place(struct making *m)
{
	const struct tls_said *own = m->levels[LEVEL_OWN];
	const struct tls_domain *d = m->d;

	if (own->place.is_default)
		return;
	if (d->role == TLS_CLIENT && d->addr.sa.sa_family == AF_UNSPEC && !d->name.n)
		diag_error(m->b->r.diag, own->at, "write tls_domain[client:default]",
			   "a client domain needs an address or a name");
	if (d->role == TLS_SERVER && !tls_listens_at(m->b->net, &d->addr))
		diag_error(m->b->r.diag, own->at, "a listen=tls: of that address is missing",
			   STRF ": nobody listens there with TLS", STRA(d->text));
}

void tls_new_domain(struct tls_builder *b, unsigned i, const struct tls_said *own)
{
	struct making m = { .b = b, .d = &b->c->domains[i], .src = &b->sources[i] };
	enum tls_role role = own->place.role;

	m.levels[LEVEL_OWN] = own;
	m.levels[LEVEL_DEFAULT] = &b->t->defaults[role];
	m.levels[LEVEL_PLAIN] = &b->t->plain[role];
	b->saids[i] = own;
	m.d->index = i;
	m.d->role = role;
	take_names(&m);
	take_advertise(&m);
	check_place(&m);
	take_keys(&m);
	take_trust(&m);
	take_system_ca(&m);
	take_demands(&m);
	take_priority(&m);
	tls_policy_digest(m.d);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How a domain comes to its values: from itself, from the default of its role, from what was said of none. */
#include "modules/tls/build.h"
#include "modules/tls/tickets.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define DEPTH_DEFAULT	  9
#define HANDSHAKE_DEFAULT 10000
#define SYSTEM_CA	  "/etc/ssl/certs/ca-certificates.crt"

/* A value's distance from the domain. */
enum level { LEVEL_OWN, LEVEL_DEFAULT, LEVEL_PLAIN, LEVELS };

/* The settings that a domain's files come from: those with the same need not be read again. */
struct sources {
	struct tls_key_said keys[2];
	unsigned keys_n;
	const struct setting *ca_list, *ca_path, *crl;
	bool lacks_key; /* no certificate was named, and the standard one is not there */
};

struct builder {
	const struct conf *conf;
	const struct net_conf *net;
	const struct pos *at;
	struct tls_conf *c;
	struct tls_settings *t;
	struct tls_reader r;
	struct sources *sources; /* of each domain */
	const struct tls_said **saids;
	struct str system_ca;	 /* all clients have the same bytes */
	struct setting standard; /* as if somebody had said cert.pem */
};

/* The domain that is being made. */
struct making {
	struct builder *b;
	const struct tls_said *levels[LEVELS];
	struct tls_domain *d;
	struct sources *src;
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
static void keep(struct builder *b, struct str text, struct str *text_r)
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

/* cert.pem beside the configuration: as if its name had been said where the module is loaded. */
static bool standard_set(struct builder *b)
{
	char *file_z = pool_str_z(b->r.diag->pool, b->conf->file);
	const char *path_z = file_z ? source_path(b->r.diag->pool, file_z, STR("cert.pem")) : NULL;

	if (!path_z) {
		diag_error(b->r.diag, *b->at, NULL, "not enough memory");
		return false;
	}
	b->standard = (struct setting){ .name = STR("certificate"),
					.name_pos = *b->at,
					.kind = SETTING_STR,
					.text = str_z(path_z),
					.value_pos = *b->at };
	return true;
}

static void certificate_lacks(struct builder *b)
{
	diag_error(b->r.diag, *b->at,
		   "modparam(\"tls\", \"certificate\", \"...\") names it; serac-cert makes one",
		   "TLS needs a certificate: none is named, and there is no \"" STRF "\"",
		   STRA(b->standard.text));
}

static bool standard_is_there(const struct builder *b)
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
		const struct sources *src = &m->b->sources[o->index];

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
	struct sources *src = m->src;
	struct tls_domain *d = m->d;
	int list_level, path_level;

	src->ca_list = said_upto(m, TLS_CA_LIST, LEVELS, &list_level);
	src->ca_path = said_upto(m, TLS_CA_PATH, list_level, &path_level);
	if (path_level < list_level)
		src->ca_list = NULL;
	src->crl = said(m, TLS_CRL);
	for (const struct tls_domain *o = m->b->c->domains; o < d; o++) {
		const struct sources *other = &m->b->sources[o->index];

		if (other->ca_list == src->ca_list && other->ca_path == src->ca_path)
			d->ca_pem = o->ca_pem;
		if (other->crl != src->crl)
			continue;
		d->crl_pem = o->crl_pem;
		d->crl_next_update = o->crl_next_update;
	}
	if ((src->ca_list || src->ca_path) && !d->ca_pem.p)
		tls_ca_read(&m->b->r, src->ca_list, src->ca_path, &d->ca_pem);
	if (src->crl && !d->crl_pem.p)
		tls_crl_read(&m->b->r, src->crl, &d->crl_pem, &d->crl_next_update);
}

/* A client that was told of no CA trusts the system's. */
static void take_system_ca(struct making *m)
{
	struct builder *b = m->b;
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

static void take_verify_client(struct making *m)
{
	enum { OFF, OPTIONAL, ON, OPTIONAL_NO_CA };
	int level, others;

	if (!said_upto(m, TLS_VERIFY_CLIENT, LEVELS, &level) || m->d->role == TLS_CLIENT)
		return;
	said_upto(m, TLS_VERIFY, LEVELS, &others);
	if (others < level)
		return;
	switch (number(m, TLS_VERIFY_CLIENT, OFF)) {
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
	const struct setting *verify = said(m, TLS_VERIFY), *require = said(m, TLS_REQUIRE);
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
	int64_t verify = number(m, TLS_VERIFY, d->role == TLS_CLIENT);

	d->verify = verify != 0;
	if (d->role == TLS_SERVER)
		d->require = verify == TLS_REQUIRED || number(m, TLS_REQUIRE, 0);
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

static void make_domain(struct builder *b, unsigned i, const struct tls_said *own)
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

/* --- all of them ------------------------------------------------------------------------------------------------------------------------- */

/* What "ip:port=value" says goes to the domains of that socket, which may have said otherwise; without any it is one itself. */
static void spread_sockets(struct tls_settings *t)
{
	struct tls_said *next, *socket = t->sockets;

	for (; socket; socket = next) {
		bool found = false;

		next = socket->next;
		socket->next = NULL;
		for (struct tls_said *d = t->domains; d; d = d->next) {
			struct tls_place nameless = d->place;

			nameless.name = STR_NULL;
			if (d == socket || !tls_place_eq(&nameless, &socket->place))
				continue;
			found = true;
			for (unsigned w = 0; w < TLS_WORDS; w++)
				if (!d->words[w])
					d->words[w] = socket->words[w];
		}
		if (found)
			continue;
		*t->domains_tail = socket;
		t->domains_tail = &socket->next;
	}
}

static bool are_one(const struct tls_domain *a, const struct tls_domain *b)
{
	bool same_addr = a->addr.sa.sa_family == b->addr.sa.sa_family &&
			 (!a->addr.sa.sa_family || addr_eq(&a->addr, &b->addr));

	if (a->role != b->role)
		return false;
	if (a->role == TLS_CLIENT)
		return (same_addr && a->addr.sa.sa_family) ||
		       (a->name.n && str_eq_nocase(a->name, b->name));
	return same_addr && str_eq_nocase(a->name, b->name) && a->name_mode == b->name_mode &&
	       str_eq(a->alpn, b->alpn);
}

static void check_twins(struct builder *b)
{
	for (unsigned i = TLS_DEFAULTS; i < b->c->domains_n; i++) {
		for (unsigned j = TLS_DEFAULTS; j < i; j++) {
			const struct tls_domain *d = &b->c->domains[i];
			const struct pos *other = &b->saids[j]->at;

			if (!are_one(d, &b->c->domains[j]))
				continue;
			diag_error(b->r.diag, b->saids[i]->at,
				   d->role == TLS_SERVER ? "server_name tells them apart" : NULL,
				   STRF " is there already, with the same name (%s:%u)",
				   STRA(d->text), other->src ? other->src->name_z : "",
				   other->line);
			break;
		}
	}
}

static unsigned count(const struct tls_settings *t)
{
	unsigned n = TLS_DEFAULTS;

	for (const struct tls_said *d = t->domains; d; d = d->next)
		n++;
	return n;
}

static bool rooms_make(struct builder *b, unsigned n)
{
	struct pool *pool = b->r.diag->pool;

	b->c->domains = arena_zalloc(b->r.arena, n * sizeof(*b->c->domains));
	b->sources = pool_zalloc(pool, n * sizeof(*b->sources));
	b->saids = pool_zalloc(pool, n * sizeof(*b->saids));
	b->c->domains_n = n;
	if (b->c->domains && b->sources && b->saids)
		return true;
	diag_error(b->r.diag, *b->at, NULL, "not enough memory");
	return false;
}

/* Servers have one; the default only where it is for somebody. */
static void check_certificates(struct builder *b)
{
	bool needed = tls_default_is_needed(b->net, b->c->domains + TLS_DEFAULTS,
					    b->c->domains_n - TLS_DEFAULTS);

	for (unsigned i = 0; i < b->c->domains_n; i++)
		if (b->c->domains[i].role == TLS_SERVER && b->sources[i].lacks_key &&
		    (needed || i != TLS_SERVER))
			certificate_lacks(b);
}

static void domains_make(struct builder *b)
{
	unsigned i = TLS_DEFAULTS;

	if (!b->c->enabled) {
		if (rooms_make(b, TLS_DEFAULTS))
			b->c->domains[TLS_CLIENT].role = TLS_CLIENT;
		return;
	}
	spread_sockets(b->t);
	if (!standard_set(b) || !rooms_make(b, count(b->t)))
		return;
	make_domain(b, TLS_SERVER, &b->t->defaults[TLS_SERVER]);
	make_domain(b, TLS_CLIENT, &b->t->defaults[TLS_CLIENT]);
	for (const struct tls_said *d = b->t->domains; d; d = d->next)
		make_domain(b, i++, d);
	check_certificates(b);
	check_twins(b);
}

static void take_ticket_key(struct builder *b)
{
	const struct setting *s = b->t->ticket_file;
	const char *path_z, *wrong;
	struct str bytes;

	if (!s || !tls_file_path(&b->r, s, &path_z) ||
	    !tls_file_text(&b->r, s, path_z, "key of tickets", &bytes))
		return;
	wrong = tls_ticket_file_fault(bytes);
	b->c->session_ticket_key_file = arena_str(b->r.arena, str_z(path_z));
	b->c->session_ticket_key = arena_str(b->r.arena, bytes);
	explicit_bzero((char *)(uintptr_t)bytes.p, bytes.n);
	if (wrong)
		diag_error(b->r.diag, s->value_pos, NULL,
			   "could not load key of tickets \"%s\": %s", path_z, wrong);
	else if (!b->c->session_ticket_key.p || !b->c->session_ticket_key_file.p)
		tls_no_memory(&b->r, s);
}

void tls_build(const struct conf *conf, struct tls_conf *c, const struct pos *at, struct diag *diag)
{
	const struct run_conf *run = CONF_SECTION(conf, &run_module, struct run_conf);
	struct builder b = { .conf = conf,
			     .net = NET_CONF(conf),
			     .at = at,
			     .c = c,
			     .t = c->settings,
			     .r = { .diag = diag, .arena = conf->arena, .now = time(NULL) } };

	if (b.t->file)
		tls_file_read(b.t, b.t->file, diag);
	/* values that are wrong would only be complained of again */
	if (b.t->broken)
		return;
	domains_make(&b);
	take_ticket_key(&b);
	tls_files_check_user(&b.r, run->user, run->group);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* All domains of what was said: how many there are, that no two are the same, that each has what it needs. */
#include "modules/tls/make.h"
#include "modules/tls/tickets.h"

#include <time.h>

/* cert.pem beside the configuration: as if its name had been said where the module is loaded. */
static bool standard_set(struct tls_builder *b)
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

static void certificate_lacks(struct tls_builder *b)
{
	diag_error(b->r.diag, *b->at,
		   "modparam(\"tls\", \"certificate\", \"...\") names it; serac-cert makes one",
		   "TLS needs a certificate: none is named, and there is no \"" STRF "\"",
		   STRA(b->standard.text));
}

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

static void check_twins(struct tls_builder *b)
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

static bool rooms_make(struct tls_builder *b, unsigned n)
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
static void check_certificates(struct tls_builder *b)
{
	bool needed = tls_default_is_needed(b->net, b->c->domains + TLS_DEFAULTS,
					    b->c->domains_n - TLS_DEFAULTS);

	for (unsigned i = 0; i < b->c->domains_n; i++)
		if (b->c->domains[i].role == TLS_SERVER && b->sources[i].lacks_key &&
		    (needed || i != TLS_SERVER))
			certificate_lacks(b);
}

static void domains_make(struct tls_builder *b)
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
	tls_new_domain(b, TLS_SERVER, &b->t->defaults[TLS_SERVER]);
	tls_new_domain(b, TLS_CLIENT, &b->t->defaults[TLS_CLIENT]);
	for (const struct tls_said *d = b->t->domains; d; d = d->next)
		tls_new_domain(b, i++, d);
	check_certificates(b);
	check_twins(b);
}

static void take_ticket_key(struct tls_builder *b)
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
	struct tls_builder b = { .conf = conf,
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

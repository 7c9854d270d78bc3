/* SPDX-License-Identifier: BSD-2-Clause */
/* How a client domain is chosen by the script, and what of domains is seen in messages. */
#include "modules/tls/client.h"

#include "core/mod/stream.h"
#include "modules/tls/name.h"
#include "modules/tls/session.h"

/* --- who is chosen ------------------------------------------------------------------------------------------------------------------ */

static bool is_client_domain(const struct tls_conf *c, struct str name)
{
	struct addr nowhere = { .sa = { .sa_family = AF_UNSPEC } };

	return tls_find_client_domain(c, &nowhere, name, STR_NULL) != NULL;
}

static bool refused(struct str name)
{
	log_limited(LOG_WARN, "tls", "there is no such client domain", KV_STR("domain", name),
		    KV_Z("hint", "tls_client_domain[\"name\"] { ... } makes one"));
	return false;
}

/* "": none is chosen any more. */
MODULE_FN(tls_set_client_domain)
{
	struct str name = argv[0].s;

	(void)argc;
	if (!name.n) {
		ctx->tls_domain = STR_NULL;
		return FN_TRUE;
	}
	if (!is_client_domain(tls_conf_of(ctx->conf), name) && !refused(name))
		return FN_FALSE;
	ctx->tls_domain = pool_str(ctx->pool, name);
	return ctx->tls_domain.p ? FN_TRUE : FN_FALSE;
}

/* The text, or the number as text (OpenSER's domains may be numbers), of what use names, if it has a value. */
static struct str attr_read(struct ctx *ctx, const struct attr_use *use)
{
	char digits[24];
	struct buf b = BUF_ON(digits);
	struct value v;

	if (!use->def || attr_use_get(ctx, use, &v))
		return STR_NULL;
	if (v.type == VALUE_STR)
		return v.s.n ? v.s : STR_NULL;
	if (v.type != VALUE_INT)
		return STR_NULL;
	buf_int(&b, v.i);
	return pool_str(ctx->pool, buf_str(&b));
}

static bool choose(struct ctx *ctx, struct secure_choice *choice)
{
	const struct tls_conf *c = tls_conf_of(ctx->conf);

	if (str_is_null(choice->domain))
		choice->domain = attr_read(ctx, &c->client_domain);
	if (str_is_null(choice->domain))
		choice->domain = attr_read(ctx, &c->xavp_domain);
	if (str_is_null(choice->name))
		choice->name = attr_read(ctx, &c->xavp_name);
	return str_is_null(choice->domain) || is_client_domain(c, choice->domain) ||
	       refused(choice->domain);
}

/* --- what is advertised --------------------------------------------------------------------------------------------------------------- */

static void advertised_by(const struct tls_domain *d, struct str *host_r, uint16_t *port_r)
{
	if (!d || !d->advertise_host.n)
		return;
	*host_r = d->advertise_host;
	*port_r = d->advertise_port;
}

/* The domain of a connection that is up, as the configuration has it now. NULL: none has that text any more, or the connection is gone. */
static const struct tls_domain *domain_of_conn(const struct ctx *ctx, uint64_t conn,
					       const struct transport *t)
{
	const struct tls_conf *c = tls_conf_of(ctx->conf);
	const struct tls_session *s = net_conn_session(ctx->worker->run, conn, t);

	for (unsigned i = 0; s && i < c->domains_n; i++)
		if (str_eq(c->domains[i].text, s->facts.domain))
			return &c->domains[i];
	return NULL;
}

static void advertise(const struct ctx *ctx, const struct target *t, struct str *host_r,
		      uint16_t *port_r)
{
	const struct tls_conf *c = tls_conf_of(ctx->conf);

	if (!c->any_advertise)
		return;
	advertised_by(t->conn ? domain_of_conn(ctx, t->conn, t->transport)
			      : tls_find_client_domain(c, &t->addr, t->domain, t->identity),
		      host_r, port_r);
}

static void advertise_back(const struct ctx *ctx, struct str *host_r, uint16_t *port_r)
{
	if (tls_conf_of(ctx->conf)->any_advertise)
		advertised_by(domain_of_conn(ctx, ctx->from.conn, ctx->from.transport), host_r,
			      port_r);
}

void tls_client_open(void)
{
	static const struct secure_hooks hooks = {
		.choose = choose,
		.advertise = advertise,
		.advertise_back = advertise_back,
	};

	secure_hooks_set(&hooks);
}

/* --- the configuration ------------------------------------------------------------------------------------------------------------------ */

struct naming {
	const struct conf *conf;
	const struct pos *at;
	struct diag *diag;
};

/* form: "$avp(%)" with the name in the place of the percent sign. */
static void attr_name(const struct naming *n, const char *param_z, const char *form_z,
		      struct str name, struct attr_use *use_r)
{
	const struct names names = { .modules = n->conf->modules,
				     .modules_n = n->conf->sections_n,
				     .conf = n->conf };
	char text[200], reason[200];
	struct buf b = BUF_ON(text), why = BUF_ON(reason);

	for (; *form_z; form_z++) {
		if (*form_z == '%')
			buf_str_put(&b, name);
		else
			buf_char(&b, *form_z);
	}
	if (!buf_ok(&b))
		diag_error(n->diag, *n->at, NULL, "%s: the name is too long", param_z);
	else if (names_attribute(&names, buf_str(&b), use_r, &why))
		diag_error(n->diag, *n->at, NULL, "%s: %s", param_z, buf_z(&why));
}

void tls_client_settle(const struct conf *conf, struct tls_conf *c, const struct pos *at,
		       struct diag *diag)
{
	const struct naming n = { conf, at, diag };
	struct net_conf *net = conf->sections[*net_module.index];

	if (c->client_domain_avp.n)
		attr_name(&n, "client_domain_avp",
			  c->client_domain_avp.p[0] == '$' ? "%" : "$avp(%)", c->client_domain_avp,
			  &c->client_domain);
	if (c->xavp_cfg.n) {
		attr_name(&n, "xavp_cfg", "$xavp(%=>server_id)", c->xavp_cfg, &c->xavp_domain);
		attr_name(&n, "xavp_cfg", "$xavp(%=>server_name)", c->xavp_cfg, &c->xavp_name);
	}
	for (unsigned i = 0; i < c->domains_n; i++) {
		const struct tls_domain *d = &c->domains[i];
		const char *wrong;

		if (!d->advertise_host.n)
			continue;
		c->any_advertise = true;
		wrong = net_conf_alias(net, conf->arena, STR("tls"), d->advertise_host,
				       d->advertise_port);
		if (wrong)
			diag_error(diag, *at, NULL, "cannot advertise \"" STRF "\": %s",
				   STRA(d->advertise_host), wrong);
	}
}

/* --- whose requests ------------------------------------------------------------------------------------------------------------------------ */

bool tls_conn_proves(const struct conn *c, struct str name)
{
	/* RFC 5923 8.2: names as they stand in the certificate's subjectAltName */
	static const struct tls_domain plain = { .wildcard = TLS_WILDCARD_NO };
	const struct tls_facts *f = tls_conn_facts(c);

	return f && f->verified && f->peer &&
	       (str_is_null(name) || tls_name_fits(f->peer, name, &plain));
}

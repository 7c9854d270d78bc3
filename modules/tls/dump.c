/* SPDX-License-Identifier: BSD-2-Clause */
/* --dump: the domains as they were understood, with all that they inherited, as blocks of the script's language. */
#include "modules/tls/build.h"

static void text_put(FILE *out, const char *name_z, struct str s)
{
	char room[2048];
	struct buf b = BUF_ON(room);

	if (!s.n)
		return;
	buf_escaped(&b, s, s.n);
	fprintf(out, "\t%s = \"%s\"\n", name_z, buf_z(&b));
}

static void flag_put(FILE *out, const char *name_z, bool flag)
{
	fprintf(out, "\t%s = %s\n", name_z, flag ? "yes" : "no");
}

static void head_put(FILE *out, const struct tls_domain *d)
{
	char room[ADDR_TEXT_MAX];
	struct buf b = BUF_ON(room);
	const char *role = d->role == TLS_CLIENT ? "client:" : "";

	if (d->index < TLS_DEFAULTS) {
		fprintf(out, "tls_domain[%sdefault] {\n", role);
		return;
	}
	if (d->addr.sa.sa_family == AF_UNSPEC && d->role == TLS_CLIENT) {
		fprintf(out, "tls_client_domain[\"" STRF "\"] {\n", STRA(d->name));
		return;
	}
	if (d->addr.sa.sa_family == AF_UNSPEC)
		buf_lit(&b, "any");
	else if (addr_port(&d->addr))
		addr_port_put(&b, &d->addr);
	else
		addr_host_put(&b, &d->addr);
	fprintf(out, "tls_domain[%s%s] {\n", role, buf_z(&b));
}

static unsigned certificates_in(struct str pem)
{
	const struct str mark = STR("-----BEGIN ");
	unsigned n = 0;

	for (ssize_t at; (at = str_find(pem, mark)) >= 0; n++)
		pem = str_skip(pem, (size_t)at + mark.n);
	return n;
}

static void names_put(FILE *out, const struct tls_domain *d)
{
	bool is_client = d->role == TLS_CLIENT;

	text_put(out, "server_name", is_client ? d->server_name : d->name);
	if (d->name_mode)
		fprintf(out, "\tserver_name_mode = %d\n", (int)d->name_mode);
	if (is_client && d->addr.sa.sa_family)
		text_put(out, "server_id", d->name);
	text_put(out, "alpn", d->alpn);
	if (d->advertise_host.n && d->advertise_port)
		fprintf(out, "\tadvertise = \"" STRF ":%u\"\n", STRA(d->advertise_host),
			d->advertise_port);
	else
		text_put(out, "advertise", d->advertise_host);
}

static void keys_put(FILE *out, const struct tls_domain *d)
{
	char date[TLS_DATE_MAX];

	for (unsigned i = 0; i < d->keys_n; i++) {
		text_put(out, i ? "certificate2" : "certificate", d->keys[i].certificate_file);
		text_put(out, i ? "private_key2" : "private_key", d->keys[i].key_file);
		fprintf(out, "\t# it expires on %s\n", tls_date_z(d->keys[i].not_after, date));
	}
}

static void domain_put(FILE *out, const struct tls_domain *d)
{
	static const char *const wildcards[] = { "leftmost", "no" };
	static const char *const purposes[] = { "sip", "strict" };

	head_put(out, d);
	names_put(out, d);
	keys_put(out, d);
	fprintf(out, "\t# trusted certificates: %u, lists of revoked ones: %u\n",
		certificates_in(d->ca_pem), certificates_in(d->crl_pem));
	flag_put(out, "verify_certificate", d->verify);
	if (d->role == TLS_SERVER)
		flag_put(out, "require_certificate", d->require);
	fprintf(out, "\tverify_depth = %u\n", d->verify_depth);
	flag_put(out, "verify_cn", d->verify_cn);
	fprintf(out, "\tverify_wildcard = %s\n", wildcards[d->wildcard]);
	fprintf(out, "\tverify_purpose = %s\n", purposes[d->purpose]);
	flag_put(out, "allow_insecure", d->allow_weak);
	text_put(out, "priority", d->priority_text);
	fprintf(out, "\thandshake_timeout = %lldms\n}\n", (long long)d->handshake_timeout);
}

void tls_dump(const struct conf *conf, const void *section, FILE *out)
{
	const struct tls_conf *c = section;

	(void)conf;
	if (!c->enabled)
		fputs("enable_tls = no\n", out);
	for (unsigned i = 0; i < c->domains_n && c->enabled; i++)
		domain_put(out, &c->domains[i]);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* --dump: a configuration as it was understood, in its own language. */
#include "core/net/conf.h"
#include "core/script/program.h"
#include "core/script/script.h"

static void dump_text(FILE *out, struct str s)
{
	fputc('"', out);
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < ' ' || c == 127)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void dump_param(FILE *out, const struct module_def *m, const void *section,
		       const struct param_def *p, bool builtin)
{
	const char *at = (const char *)section + p->offset;
	struct str text;
	int64_t n;
	bool flag;

	if (!param_is_stored(p))
		return;
	fprintf(out, builtin ? "%s%s = " : "%s.%s = ", builtin ? "" : m->name, p->name);
	if (p->type == P_STR) {
		memcpy(&text, at, sizeof(text));
		dump_text(out, text);
	} else if (p->type == P_BOOL) {
		memcpy(&flag, at, sizeof(flag));
		fputs(flag ? "yes" : "no", out);
	} else {
		memcpy(&n, at, sizeof(n));
		fprintf(out, "%lld%s", (long long)n, p->type == P_MS ? "ms" : "");
	}
	fputc('\n', out);
}

static void dump_address(FILE *out, struct str transport, struct str host, uint16_t port)
{
	if (transport.n)
		fprintf(out, STRF ":", STRA(transport));
	fprintf(out, STRF, STRA(host));
	if (port)
		fprintf(out, ":%u", port);
}

static void dump_addresses(FILE *out, const struct net_conf *c)
{
	for (const struct conf_listen *l = c->listens; l; l = l->next) {
		const struct listen_def *d = &l->def;

		fputs("listen = ", out);
		dump_address(out, d->transport, d->host, d->port);
		if (d->adv_host.n) {
			fputs(" advertise ", out);
			dump_address(out, STR(""), d->adv_host, d->adv_port);
		}
		if (d->name.n) {
			fputs(" name ", out);
			dump_text(out, d->name);
		}
		fprintf(out, "%s%s\n", d->is_virtual ? " virtual" : "",
			d->ip_free_bind ? " ip_free_bind" : "");
	}
	for (const struct conf_alias *a = c->aliases; a; a = a->next) {
		fputs("alias = ", out);
		dump_address(out, str_z(a->transport ? a->transport->name : NULL), a->host,
			     a->port);
		fputc('\n', out);
	}
}

void script_dump(const struct conf *conf, FILE *out)
{
	const struct program *p = conf->program;
	bool builtin = true;

	fprintf(out, "# " STRF "\n", STRA(conf->file));
	for (unsigned i = 0; i < conf->sections_n; i++) {
		const struct module_def *m = conf->modules[i];

		if (builtin && i >= p->builtins_n)
			builtin = false;
		if (!builtin)
			fprintf(out, "loadmodule \"%s\"\n", m->name);
		for (const struct param_def *d = m->params; d && d->type != P_END; d++)
			dump_param(out, m, conf->sections[i], d, builtin);
		if (m->dump)
			m->dump(conf, conf->sections[i], out);
		if (m == &net_module)
			dump_addresses(out, conf->sections[i]);
	}
	for (uint32_t i = 0; i < p->routes_n; i++)
		fprintf(out, "# " STRF ": %u values deep\n", STRA(p->routes[i].name),
			p->routes[i].stack);
	fprintf(out, "# %u operations, %u calls, %u regular expressions\n", p->code_n, p->calls_n,
		p->regexes_n);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reload cannot change: modules, listen= and the parameters whose rows are not live. Each is named, with what it was and what it would be. */
#include "core/script/changes.h"

#include "core/base/buf.h"
#include "core/net/conf.h"

/* --- modules -------------------------------------------------------------------------------------------------------------------------------- */

const struct module_def *changes_module(const struct conf *like, struct str name)
{
	for (unsigned i = 0; i < like->sections_n; i++)
		if (str_eq(str_z(like->modules[i]->name), name))
			return like->modules[i];
	return NULL;
}

static bool has(const struct names *n, const struct module_def *m)
{
	for (unsigned i = 0; i < n->modules_n; i++)
		if (n->modules[i] == m)
			return true;
	return false;
}

void changes_modules(struct checker *c, const struct conf *like)
{
	for (unsigned i = 0; i < like->sections_n; i++)
		if (!has(&c->names, like->modules[i]))
			diag_error(c->diag, c->start, NULL,
				   "module \"%s\" is no longer loaded: this needs a restart",
				   like->modules[i]->name);
}

/* --- parameters ------------------------------------------------------------------------------------------------------------------------------- */

static bool equal(const struct param_def *p, const void *a, const void *b)
{
	struct str sa, sb;
	int64_t na, nb;

	if (p->type == P_STR) {
		memcpy(&sa, a, sizeof(sa));
		memcpy(&sb, b, sizeof(sb));
		return str_eq(sa, sb);
	}
	if (p->type == P_BOOL)
		return *(const bool *)a == *(const bool *)b;
	memcpy(&na, a, sizeof(na));
	memcpy(&nb, b, sizeof(nb));
	return na == nb;
}

static void value_put(struct buf *b, const struct param_def *p, const void *at)
{
	struct str s;
	int64_t n;

	if (p->type == P_STR) {
		memcpy(&s, at, sizeof(s));
		if (s.n)
			buf_fmt(b, "\"" STRF "\"", STRA(s));
		else
			buf_lit(b, "not set");
		return;
	}
	if (p->type == P_BOOL) {
		buf_str_put(b, *(const bool *)at ? STR("yes") : STR("no"));
		return;
	}
	memcpy(&n, at, sizeof(n));
	buf_int(b, n);
	if (p->type == P_MS)
		buf_lit(b, " ms");
}

/* Several names may stand for one value: the first row speaks for all. */
static bool is_first(const struct param_def *rows, const struct param_def *p)
{
	for (const struct param_def *q = rows; q != p; q++)
		if (q->type == p->type && q->offset == p->offset)
			return false;
	return true;
}

/* Where the script sets it, last, by whatever name. */
static struct pos place_of(const struct checker *c, const struct param_def *rows, bool is_core,
			   const struct param_def *p)
{
	struct pos at = c->start;

	for (const struct setting *s = c->ast->settings; s; s = s->next)
		for (const struct param_def *q = rows; q->type != P_END; q++)
			if (is_core == str_is_null(s->module) && q->type == p->type &&
			    q->offset == p->offset && str_eq(s->name, str_z(q->name)))
				at = s->name_pos;
	return at;
}

/* is_core: the rows are set by "name = value". */
static void rows_compare(struct checker *c, const struct param_def *rows, bool is_core,
			 const char *now, const char *was)
{
	for (const struct param_def *p = rows; p && p->type != P_END; p++) {
		char text[512];
		struct buf b = BUF_ON(text);

		if (p->live || !param_is_stored(p) || !is_first(rows, p) ||
		    equal(p, now + p->offset, was + p->offset))
			continue;
		buf_fmt(&b, "\"%s\" would be ", p->name);
		value_put(&b, p, now + p->offset);
		buf_lit(&b, " and is ");
		value_put(&b, p, was + p->offset);
		buf_z(&b);
		diag_error(c->diag, place_of(c, rows, is_core, p), NULL, "%s: this needs a restart",
			   text);
	}
}

/* --- listen= ---------------------------------------------------------------------------------------------------------------------------------- */

static bool listen_eq(const struct listen_def *a, const struct listen_def *b)
{
	return str_eq_nocase(a->transport, b->transport) && str_eq_nocase(a->host, b->host) &&
	       a->port == b->port && str_eq(a->adv_host, b->adv_host) &&
	       a->adv_port == b->adv_port && str_eq(a->name, b->name) &&
	       a->is_virtual == b->is_virtual && a->ip_free_bind == b->ip_free_bind;
}

/* As somebody would write it. */
static const char *listen_z(const struct listen_def *d, char *z, size_t size)
{
	struct buf b = buf_over(z, size);

	if (d->transport.n)
		buf_fmt(&b, STRF ":", STRA(d->transport));
	buf_str_put(&b, d->host);
	if (d->port)
		buf_fmt(&b, ":%u", d->port);
	if (d->adv_host.n)
		buf_fmt(&b, " advertise " STRF ":%u", STRA(d->adv_host), d->adv_port);
	if (d->name.n)
		buf_fmt(&b, " name \"" STRF "\"", STRA(d->name));
	return buf_z(&b);
}

/* Where the n-th listen= of the script stands; the command line's come behind them. */
static struct pos listen_pos(const struct checker *c, unsigned n)
{
	const struct listen_item *l = c->ast->listens;

	while (l && (l->is_alias || n-- > 0))
		l = l->next;
	return l ? l->pos : c->start;
}

/* Those of a that are not in b; the script's are a's where is_new. Returns how many. */
static unsigned listens_only_in(struct checker *c, const struct net_conf *a,
				const struct net_conf *b, bool is_new)
{
	unsigned n = 0, at = 0;

	for (const struct conf_listen *l = a->listens; l; l = l->next, at++) {
		const struct conf_listen *o = b->listens;
		char z[400];

		while (o && !listen_eq(&l->def, &o->def))
			o = o->next;
		if (o)
			continue;
		n++;
		diag_error(c->diag, is_new ? listen_pos(c, at) : c->start, NULL,
			   "listen=%s is %s: this needs a restart", listen_z(&l->def, z, sizeof(z)),
			   is_new ? "new" : "gone");
	}
	return n;
}

static void listens_compare(struct checker *c, const struct net_conf *now,
			    const struct net_conf *was)
{
	const struct conf_listen *a = now->listens, *b = was->listens;
	unsigned n = listens_only_in(c, now, was, true) + listens_only_in(c, was, now, false);

	if (now->tls != was->tls)
		diag_error(c->diag, c->start, NULL,
			   "TLS would be %s and is %s: this needs a restart",
			   now->tls ? "on" : "off", was->tls ? "on" : "off");
	while (a && b && listen_eq(&a->def, &b->def)) {
		a = a->next;
		b = b->next;
	}
	if (!n && (a || b))
		diag_error(c->diag, c->start, NULL,
			   "the listen= lines stand in another order: this needs a restart");
}

void changes_check(struct checker *c, const struct conf *conf, const struct conf *like)
{
	for (unsigned i = 0; i < conf->sections_n; i++) {
		rows_compare(c, conf->modules[i]->params, i < c->names.builtins_n,
			     conf->sections[i], like->sections[i]);
		rows_compare(c, conf->modules[i]->core_params, true, conf->sections[i],
			     like->sections[i]);
		if (conf->modules[i] == &net_module)
			listens_compare(c, conf->sections[i], like->sections[i]);
	}
}

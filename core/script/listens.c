/* SPDX-License-Identifier: BSD-2-Clause */
/* listen= and alias=: how an address is written. */
#include "core/base/buf.h"
#include "core/net/net.h"
#include "core/script/settings.h"
#include "parser/uri.h"

/* "udp:1.2.3.4:5060", "[::1]", "eth0:5060", "udp:*", "2001:db8::1" taken apart. */
struct address {
	struct str transport, host;
	uint16_t port;
};

static bool is_transport(struct str s)
{
	static const struct str known[] = { STR_INIT("udp"),  STR_INIT("tcp"), STR_INIT("tls"),
					    STR_INIT("sctp"), STR_INIT("ws"),  STR_INIT("wss"),
					    STR_INIT("dtls"), STR_INIT("any") };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (str_eq_nocase(known[i], s))
			return true;
	return false;
}

/* NULL, or what is wrong. */
static const char *take_apart(struct str text, struct address *a_r)
{
	ssize_t colon = str_chr(text, ':');
	struct addr v6;
	uint64_t port;

	*a_r = (struct address){ 0 };
	if (colon > 0 && is_transport(str_head(text, (size_t)colon))) {
		a_r->transport = str_head(text, (size_t)colon);
		if (str_eq_nocase(a_r->transport, STR("any")))
			a_r->transport = STR_NULL;
		text = str_skip(text, (size_t)colon + 1);
	}
	a_r->host = text;
	if (text.n && text.p[0] == '[') {
		ssize_t end = str_chr(text, ']');

		if (end < 0)
			return "\"[\" is not closed";
		a_r->host = str_head(text, (size_t)end + 1);
		text = str_skip(text, (size_t)end + 1);
		colon = text.n ? 0 : -1;
		if (text.n && text.p[0] != ':')
			return "behind \"]\" comes a colon and the port";
	} else {
		colon = str_rchr(text, ':');
		/* more than one colon: an IPv6 address without brackets, and no port */
		if (colon >= 0 && str_chr(text, ':') != colon) {
			if (addr_parse(text, &v6) < 0)
				return "that is no transport and no address";
			colon = -1;
		}
		if (colon >= 0)
			a_r->host = str_head(text, (size_t)colon);
	}
	if (!a_r->host.n)
		return "there is no address in it";
	if (colon < 0)
		return NULL;
	if (str_uint(str_skip(text, (size_t)colon + 1), 65535, &port) < 0 || port == 0)
		return "a port is a number from 1 to 65535";
	a_r->port = (uint16_t)port;
	return NULL;
}

/* What other machines are told, or call us by, may stand in a URI. */
static const char *check_host(struct str host)
{
	enum uri_host_kind kind;
	struct addr addr;

	if (addr_parse(host, &addr) < 0 && !uri_is_host(host, &kind))
		return "that is no host name and no address";
	return NULL;
}

static struct net_conf *net_section(const struct checker *c, const struct conf *conf)
{
	for (unsigned i = 0; i < c->names.modules_n; i++)
		if (c->names.modules[i] == &net_module)
			return conf->sections[i];
	return NULL;
}

static const char *listen_apply(struct checker *c, struct net_conf *nc, struct listen_item *l)
{
	struct listen_def def = { .is_virtual = l->is_virtual, .ip_free_bind = l->ip_free_bind };
	struct address a, adv = { 0 };
	const char *wrong = take_apart(l->text, &a);

	if (!wrong && l->advertise.p) {
		wrong = take_apart(l->advertise, &adv);
		if (!wrong)
			wrong = check_host(adv.host);
		if (wrong) {
			l->pos = l->advertise_pos;
			l->text = l->advertise;
		}
	}
	if (wrong)
		return wrong;
	def.transport = a.transport;
	def.host = a.host;
	def.port = a.port;
	def.adv_host = adv.host;
	def.adv_port = adv.port;
	def.name = l->name;
	return net_conf_listen(nc, c->arena, &def);
}

static const char *alias_apply(struct checker *c, struct net_conf *nc, const struct listen_item *l)
{
	struct address a;
	const char *wrong = take_apart(l->text, &a);

	if (!wrong)
		wrong = check_host(a.host);
	return wrong ? wrong : net_conf_alias(nc, c->arena, a.transport, a.host, a.port);
}

void settings_listens(struct checker *c, struct conf *conf)
{
	struct net_conf *nc = net_section(c, conf);

	for (struct listen_item *l = c->ast->listens; l && nc; l = l->next) {
		const char *wrong = l->is_alias ? alias_apply(c, nc, l) : listen_apply(c, nc, l);

		if (wrong)
			diag_error(c->diag, l->pos, NULL, "%s \"" STRF "\": %s",
				   l->is_alias ? "cannot take the alias" : "cannot listen on",
				   STRA(l->text), wrong);
	}
}

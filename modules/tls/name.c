/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that a certificate is for, one at a time, and how each is compared. */
#include "modules/tls/name.h"
#include "modules/tls/dn.h"

/* The host of a sip: URI that is a domain's, not a user's: it has no '@'. Null: it is no such URI. Empty: it is one, but of no host that can be read. */
static struct str domain_uri_host(struct str uri)
{
	struct sip_uri u;
	size_t offset;

	if (!str_starts_nocase(uri, STR("sip:")) || str_chr(uri, '@') >= 0)
		return STR_NULL;
	if (uri_parse(uri, &u, &offset) || u.host_kind != URI_HOST_NAME)
		return STR("");
	return u.host;
}

static bool has_domain_uri(const struct tls_cert *cert)
{
	struct str rest = cert->sans;
	struct tls_san san;

	while (tls_san_next(&rest, &san))
		if (san.kind == TLS_SAN_URI && !str_is_null(domain_uri_host(san.bytes)))
			return true;
	return false;
}

static struct str undotted(struct str name)
{
	return name.n && name.p[name.n - 1] == '.' ? str_head(name, name.n - 1) : name;
}

static bool host_eq(struct str shown, struct str name)
{
	shown = undotted(shown);
	return shown.n && str_eq_nocase(shown, name);
}

/* "*.example.com" for "a.example.com", not for "a.b.example.com"; "*.com" for nothing. */
static bool wildcard_fits(struct str shown, struct str name, enum tls_wildcard wildcard)
{
	struct str base = str_skip(undotted(shown), 2);
	ssize_t dot = str_chr(name, '.');

	return wildcard == TLS_WILDCARD_LEFTMOST && str_starts(shown, STR("*.")) &&
	       str_chr(base, '.') > 0 && dot > 0 &&
	       str_eq_nocase(base, str_skip(name, (size_t)dot + 1));
}

static bool dns_fits(struct str shown, struct str name, const struct tls_domain *d)
{
	return host_eq(shown, name) || wildcard_fits(shown, name, d->wildcard);
}

static bool address_fits(const struct tls_cert *cert, const struct addr *a)
{
	struct str rest = cert->sans;
	struct tls_san san;

	while (tls_san_next(&rest, &san)) {
		struct addr shown;

		if (san.kind != TLS_SAN_IP)
			continue;
		shown = tls_san_addr(&san);
		if (addr_ip_eq(&shown, a))
			return true;
	}
	return false;
}

bool tls_name_fits(const struct tls_cert *cert, struct str name, const struct tls_domain *d)
{
	struct str rest = cert->sans, cn;
	bool by_uri = has_domain_uri(cert);
	struct tls_san san;
	struct addr a;

	if (!addr_parse(name, &a))
		return address_fits(cert, &a);
	name = undotted(name);
	if (!name.n || str_chr(name, '*') >= 0)
		return false;
	if (str_is_null(cert->sans))
		return d->verify_cn && tls_dn_cn(cert->subject, &cn) && dns_fits(cn, name, d);
	while (tls_san_next(&rest, &san)) {
		if (by_uri && san.kind == TLS_SAN_URI && host_eq(domain_uri_host(san.bytes), name))
			return true;
		if (!by_uri && san.kind == TLS_SAN_HOST && dns_fits(san.bytes, name, d))
			return true;
	}
	return false;
}

/* --- for messages ------------------------------------------------------------------------------------------------------------------------ */
static void put_one(struct buf *b, const struct tls_san *san, size_t start)
{
	if (b->n > start)
		buf_lit(b, ", ");
	tls_san_put(b, san);
}

void tls_names_put(struct buf *b, const struct tls_cert *cert, const struct tls_domain *d)
{
	struct str rest = cert->sans, cn;
	bool by_uri = has_domain_uri(cert);
	size_t start = b->n;
	struct tls_san san;

	if (str_is_null(rest) && d->verify_cn && tls_dn_cn(cert->subject, &cn))
		tls_value_put(b, cn);
	while (buf_ok(b) && tls_san_next(&rest, &san)) {
		bool counts =
			by_uri ? san.kind == TLS_SAN_URI && !str_is_null(domain_uri_host(san.bytes))
			       : san.kind == TLS_SAN_HOST;

		if (counts || san.kind == TLS_SAN_IP)
			put_one(b, &san, start);
	}
	if (b->n == start)
		buf_lit(b, "no name");
}

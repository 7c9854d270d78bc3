/* SPDX-License-Identifier: BSD-2-Clause */
/* What each check of a request looks at (RFC 3261 8.1.1, 8.2, 16.3; RFC 4475 for what goes wrong). */
#include "modules/sanity/checks.h"

#include <errno.h>

bool refuse(struct verdict *v, unsigned status, struct str reason)
{
	v->status = status;
	v->reason = reason;
	return false;
}

static bool bad(struct verdict *v, struct str reason)
{
	return refuse(v, 400, reason);
}

bool check_version(struct ctx *ctx, struct verdict *v)
{
	if (!str_eq_nocase(ctx->msg->version, STR("SIP/2.0")))
		return refuse(v, 505, STR("Version Not Supported"));
	return true;
}

bool check_ruri_scheme(struct ctx *ctx, struct verdict *v)
{
	const struct sip_uri *u = ctx_uri(ctx);

	if (!u)
		return bad(v, STR("Bad Request-URI"));
	if (u->scheme != URI_SIP && u->scheme != URI_SIPS && u->scheme != URI_TEL)
		return refuse(v, 416, STR("Unsupported URI Scheme"));
	return true;
}

bool check_required_headers(struct ctx *ctx, struct verdict *v)
{
	static const struct {
		enum hdr_id id;
		struct str reason;
	} required[] = {
		{ HDR_FROM, STR_INIT("Missing From Header") },
		{ HDR_TO, STR_INIT("Missing To Header") },
		{ HDR_CALL_ID, STR_INIT("Missing Call-ID Header") },
		{ HDR_CSEQ, STR_INIT("Missing CSeq Header") },
		{ HDR_VIA, STR_INIT("Missing Via Header") },
	};

	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		const struct sip_hdr *h = ctx->msg->first[required[i].id];

		if (!h || !h->body.n)
			return bad(v, required[i].reason);
	}
	return true;
}

bool check_via_version(struct ctx *ctx, struct verdict *v)
{
	if (!str_eq(ctx->via->version, STR("2.0")) ||
	    !str_eq_nocase(ctx->via->protocol, STR("SIP")))
		return refuse(v, 505, STR("Version Not Supported In Via"));
	return true;
}

bool check_via_protocol(struct ctx *ctx, struct verdict *v)
{
	if (!str_eq_nocase(ctx->via->transport, str_z(ctx->from.transport->via)))
		return bad(v, STR("Transport Mismatch In Via"));
	return true;
}

bool check_cseq_method(struct ctx *ctx, struct verdict *v)
{
	struct sip_cseq cseq;

	if (sip_msg_cseq(ctx->msg, &cseq))
		return bad(v, STR("Bad CSeq Header"));
	if (!str_eq(cseq.method_text, ctx->msg->method_text))
		return bad(v, STR("CSeq Method Does Not Match Request Method"));
	return true;
}

bool check_cseq_value(struct ctx *ctx, struct verdict *v)
{
	struct sip_cseq cseq;

	return !sip_msg_cseq(ctx->msg, &cseq) || bad(v, STR("Bad CSeq Number"));
}

/* Ranges, repetition and what is really there were looked at before the script (400 by the core); what is left is its absence on a stream. */
bool check_content_length(struct ctx *ctx, struct verdict *v)
{
	if (ctx->from.transport->reliable && !ctx->msg->has_clen)
		return bad(v, STR("Missing Content-Length Header"));
	return true;
}

bool check_expires(struct ctx *ctx, struct verdict *v)
{
	uint32_t seconds;
	int err = sip_msg_uint(ctx->msg, HDR_EXPIRES, &seconds);

	return !err || err == -ENOENT || bad(v, STR("Bad Expires Value"));
}

static bool is_supported(struct str tag, struct str supported)
{
	struct str one;

	while (sip_list_next(&supported, &one)) {
		if (str_eq_nocase(one, tag))
			return true;
	}
	return false;
}

/* Writes what is not supported; false when everything is. */
static bool unsupported_put(struct ctx *ctx, struct str supported, struct buf *b)
{
	bool any = false;

	for (const struct sip_hdr *h = ctx->msg->first[HDR_PROXY_REQUIRE]; h; h = h->next_same) {
		struct str rest = h->body, tag;

		while (sip_list_next(&rest, &tag)) {
			if (!tag.n || is_supported(tag, supported))
				continue;
			buf_str_put(b, any ? STR(", ") : STR("Unsupported: "));
			buf_str_put(b, tag);
			any = true;
		}
	}
	buf_lit(b, "\r\n");
	return any;
}

/* RFC 3261 16.3 item 5. */
bool check_proxy_require(struct ctx *ctx, struct verdict *v)
{
	size_t size = 64;
	struct buf b;

	if (!ctx->msg->first[HDR_PROXY_REQUIRE])
		return true;
	for (const struct sip_hdr *h = ctx->msg->first[HDR_PROXY_REQUIRE]; h; h = h->next_same)
		size += 2 * h->body.n + 2;
	b = buf_over(pool_alloc(ctx->pool, size), size);
	if (!b.p)
		return refuse(v, 500, STR("Out Of Memory"));
	if (!unsupported_put(ctx, v->supported, &b))
		return true;
	v->headers = buf_str(&b);
	return refuse(v, 420, STR("Bad Extension"));
}

/* The value of a header field with an address, and its URI. */
static bool address_ok(struct ctx *ctx, enum hdr_id id)
{
	struct sip_nameaddr *na;
	struct sip_uri *u;
	int err = sip_msg_nameaddr(ctx->msg, id, &na);

	for (; !err; err = sip_msg_nameaddr_next(ctx->msg, na, &na)) {
		if (!na->is_star && nameaddr_uri(ctx->msg, na, &u))
			return false;
	}
	return err == -ENOENT;
}

bool check_uris(struct ctx *ctx, struct verdict *v)
{
	if ((v->uri_checks & URI_CHECK_RURI) && !ctx_uri(ctx))
		return bad(v, STR("Bad Request-URI"));
	if ((v->uri_checks & URI_CHECK_FROM) && !address_ok(ctx, HDR_FROM))
		return bad(v, STR("Bad From Header"));
	if ((v->uri_checks & URI_CHECK_TO) && !address_ok(ctx, HDR_TO))
		return bad(v, STR("Bad To Header"));
	if ((v->uri_checks & URI_CHECK_CONTACT) && !address_ok(ctx, HDR_CONTACT))
		return bad(v, STR("Bad Contact Header"));
	return true;
}

#define DIGEST_PARAMS 5u

static bool is_quoted(struct str s)
{
	return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"';
}

/* RFC 3261 25.1 digest-response: each of the five is there once, and the quoted ones are quoted. */
static bool digest_ok(struct str params)
{
	static const struct str needed[DIGEST_PARAMS] = { STR_INIT("username"), STR_INIT("realm"),
							  STR_INIT("nonce"), STR_INIT("uri"),
							  STR_INIT("response") };
	unsigned seen[DIGEST_PARAMS] = { 0 }, n = 0;
	struct str one;

	while (sip_list_next(&params, &one)) {
		ssize_t equals = str_chr(one, '=');
		struct str name;

		if (equals <= 0 || (size_t)equals + 1 == one.n)
			return false;
		name = str_trim(str_head(one, (size_t)equals));
		for (unsigned i = 0; i < DIGEST_PARAMS; i++) {
			if (!str_eq_nocase(name, needed[i]))
				continue;
			seen[i]++;
			if (!is_quoted(str_trim(str_skip(one, (size_t)equals + 1))))
				return false;
		}
	}
	for (unsigned i = 0; i < DIGEST_PARAMS; i++)
		n += seen[i] == 1;
	return n == DIGEST_PARAMS;
}

static bool credentials_ok(const struct sip_hdr *h)
{
	for (; h; h = h->next_same) {
		if (str_starts_nocase(h->body, STR("Digest")) && h->body.n > 6 &&
		    (h->body.p[6] == ' ' || h->body.p[6] == '\t' || h->body.p[6] == '\r') &&
		    !digest_ok(str_trim(str_skip(h->body, 6))))
			return false;
	}
	return true;
}

/* Credentials of other schemes are somebody else's. */
bool check_digest(struct ctx *ctx, struct verdict *v)
{
	if (!credentials_ok(ctx->msg->first[HDR_AUTHORIZATION]))
		return bad(v, STR("Bad Authorization Header"));
	if (!credentials_ok(ctx->msg->first[HDR_PROXY_AUTHORIZATION]))
		return bad(v, STR("Bad Proxy-Authorization Header"));
	return true;
}

static unsigned tags_in(struct ctx *ctx, enum hdr_id id)
{
	struct sip_nameaddr *na;
	struct sip_param p;
	struct str rest;
	unsigned n = 0;

	if (sip_msg_nameaddr(ctx->msg, id, &na))
		return 0;
	rest = na->params;
	while (sip_param_next(&rest, &p) == 1)
		n += str_eq_nocase(p.name, STR("tag"));
	return n;
}

bool check_tags(struct ctx *ctx, struct verdict *v)
{
	if (tags_in(ctx, HDR_FROM) > 1)
		return bad(v, STR("Repeated Tag In From"));
	if (tags_in(ctx, HDR_TO) > 1)
		return bad(v, STR("Repeated Tag In To"));
	return true;
}

/* RFC 3261 16.3 item 3, 20.22. */
bool check_max_forwards(struct ctx *ctx, struct verdict *v)
{
	uint32_t hops;
	int err = sip_msg_uint(ctx->msg, HDR_MAX_FORWARDS, &hops);

	if (err == -ENOENT)
		return true;
	if (err || hops > 255)
		return bad(v, STR("Bad Max-Forwards Header"));
	return hops || refuse(v, 483, STR("Too Many Hops"));
}

/* RFC 3261 7.3.1: only values of a list may be spread over several header fields. What routing depends on is the core's to refuse. */
bool check_single(struct ctx *ctx, struct verdict *v)
{
	struct buf b;
	char *text;

	for (unsigned id = 1; id < HDR_IDS; id++) {
		const struct sip_hdr *h = ctx->msg->first[id];

		if (!h || !h->next_same || !(hdr_flags(id) & HDR_SINGLE))
			continue;
		text = pool_alloc(ctx->pool, 64);
		if (!text)
			return bad(v, STR("Repeated Header"));
		b = buf_over(text, 64);
		buf_lit(&b, "Repeated ");
		buf_str_put(&b, hdr_name(id));
		return bad(v, buf_str(&b));
	}
	return true;
}

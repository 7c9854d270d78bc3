/* SPDX-License-Identifier: BSD-2-Clause */
/* Making and recognising our own Via, and marking the one below it with where the request came from. */
#include "core/msg/ownvia.h"

#include <errno.h>

#define MAC_DIGITS	16
#define WHERE_DIGITS	4
#define CONN_DIGITS	16
#define WHERE_MAC	12
#define WHERE_MAC_MASK	0xffffffffffffull
#define SENT_BY_SCRIPTS 0x8000u

static void mac_uint(struct mac *m, uint64_t v)
{
	mac_add(m, &v, sizeof(v));
}

uint64_t via_mac(const struct mac_key *key, char label, struct sip_msg *msg,
		 const struct sip_via *received)
{
	struct sip_nameaddr *from;
	struct sip_cseq cseq;
	struct mac m;

	mac_init(&m, key);
	if (received->branch.n > sizeof(BRANCH_COOKIE) - 1 &&
	    str_starts_nocase(received->branch, STR(BRANCH_COOKIE))) {
		mac_uint(&m, (uint64_t)(uint8_t)label | 1 << 8);
		mac_add(&m, received->branch.p, received->branch.n);
		return mac_done(&m);
	}
	mac_uint(&m, (uint8_t)label);
	mac_field(&m, received->host);
	mac_uint(&m, received->port);
	mac_field(&m, sip_msg_call_id(msg));
	mac_field(&m, sip_msg_nameaddr(msg, HDR_FROM, &from) ? STR_NULL : from->tag);
	mac_uint(&m, sip_msg_cseq(msg, &cseq) ? 0 : cseq.number);
	return mac_done(&m);
}

struct str via_branch(struct ctx *ctx, char letter, uint64_t loop)
{
	char *p = pool_alloc(ctx->pool, BRANCH_MAX);
	struct buf b = buf_over(p, BRANCH_MAX);

	if (!p)
		return STR_NULL;
	buf_lit(&b, BRANCH_COOKIE);
	buf_char(&b, letter);
	buf_hex(&b, via_mac(msg_key(ctx), letter, ctx->msg, ctx->via), MAC_DIGITS);
	if (loop) {
		buf_char(&b, '.');
		buf_hex(&b, loop, 16);
	}
	return buf_str(&b);
}

/* where: as in the text, with its flag. A sent-by that the script gave stands in no list of ours: its MAC is what proves it. */
static uint64_t where_mac(const struct mac_key *key, struct str branch, unsigned where,
			  uint64_t conn, struct str host, uint16_t port)
{
	struct mac m;

	mac_init(&m, key);
	/* whole words first: they cost least */
	mac_uint(&m, 'i' | (uint64_t)where << 8 | (uint64_t)branch.n << 32);
	mac_uint(&m, conn);
	mac_add(&m, branch.p, branch.n);
	if (where & SENT_BY_SCRIPTS) {
		mac_field(&m, host);
		mac_uint(&m, port);
	}
	return mac_done(&m) & WHERE_MAC_MASK;
}

void via_own_put(struct ctx *ctx, const struct target *t, struct str branch, struct buf *b)
{
	const struct listener *l = t->from;
	struct str host = str_is_null(ctx->adv_host) ? l->host : ctx->adv_host;
	uint16_t port = ctx->adv_port ? ctx->adv_port : l->port;
	bool by_script = !str_is_null(ctx->adv_host) || ctx->adv_port;
	unsigned where = ctx->from.listener->index | (by_script ? SENT_BY_SCRIPTS : 0);

	buf_lit(b, "Via: SIP/2.0/");
	buf_str_put(b, str_z(t->transport->via));
	buf_char(b, ' ');
	buf_str_put(b, host);
	buf_char(b, ':');
	buf_uint(b, port);
	buf_lit(b, ";branch=");
	buf_str_put(b, branch);
	buf_lit(b, ";i=");
	buf_hex(b, where, WHERE_DIGITS);
	if (ctx->from.conn)
		buf_hex(b, ctx->from.conn, CONN_DIGITS);
	buf_hex(b, where_mac(msg_key(ctx), branch, where, ctx->from.conn, host, port), WHERE_MAC);
	buf_lit(b, "\r\n");
}

/* digits lower-case hexadecimal digits at the start of *s are taken off. */
static bool hex_take(struct str *s, unsigned digits, uint64_t *v_r)
{
	uint64_t v = 0;

	if (s->n < digits)
		return false;
	for (unsigned i = 0; i < digits; i++) {
		char c = s->p[i];
		int d = char_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

		if (d < 0) /* capitals too: only what we wrote is ours */
			return false;
		v = v << 4 | (unsigned)d;
	}
	*s = str_skip(*s, digits);
	*v_r = v;
	return true;
}

/* The letter and MAC of a branch in our form; false: it has another. */
static bool branch_read(struct str branch, char *letter_r, uint64_t *mac_r, uint64_t *loop_r)
{
	struct str s = branch;

	*loop_r = 0;
	if (!str_starts(s, STR(BRANCH_COOKIE)))
		return false;
	s = str_skip(s, sizeof(BRANCH_COOKIE) - 1);
	if (!s.n || (s.p[0] != 's' && s.p[0] != 't'))
		return false;
	*letter_r = s.p[0];
	s = str_skip(s, 1);
	if (!hex_take(&s, MAC_DIGITS, mac_r))
		return false;
	if (s.n && s.p[0] == '.') {
		s = str_skip(s, 1);
		if (!hex_take(&s, 16, loop_r))
			return false;
	}
	/* a transaction may put a part of its own behind */
	return !s.n || (*letter_r == 't' && s.p[0] == '.');
}

enum via_verdict via_own_check(struct ctx *ctx, const struct sip_via *via,
			       const struct sip_via *received, struct via_where *where_r)
{
	const struct mac_key *key = msg_key(ctx);
	uint64_t mac, loop, where = 0, conn = 0, where_seen;
	struct str i = via->i;
	bool own, readable;
	char letter;

	readable = branch_read(via->branch, &letter, &mac, &loop) &&
		   hex_take(&i, WHERE_DIGITS, &where) &&
		   (i.n == WHERE_MAC || hex_take(&i, CONN_DIGITS, &conn)) && i.n == WHERE_MAC &&
		   hex_take(&i, WHERE_MAC, &where_seen);
	own = (readable && (where & SENT_BY_SCRIPTS)) ||
	      msg_net_of(ctx)->is_own(ctx->worker->run, transport_find(via->transport), via->host,
				      via->port);
	if (!own)
		return VIA_NOT_OURS;
	if (!readable)
		return VIA_FORGED;
	if (where_mac(key, via->branch, (unsigned)where, conn, via->host, via->port) != where_seen)
		return where & SENT_BY_SCRIPTS ? VIA_NOT_OURS : VIA_FORGED;
	if (received && via_mac(key, letter, ctx->msg, received) != mac)
		return VIA_FORGED;
	where_r->letter = letter;
	where_r->listener = (unsigned)where & ~SENT_BY_SCRIPTS;
	where_r->conn = conn;
	return VIA_OURS;
}

static bool host_is(const struct sip_via *via, const struct addr *a)
{
	struct addr sent_by;

	return via->host_kind != URI_HOST_NAME && !addr_parse(via->host, &sent_by) &&
	       addr_ip_eq(&sent_by, a);
}

static bool is_stamp(struct str name)
{
	return str_eq_nocase(name, STR("received")) || str_eq_nocase(name, STR("rport"));
}

static void stamp_put(struct buf *b, const struct origin *from, bool rport)
{
	if (rport) {
		buf_lit(b, ";rport=");
		buf_uint(b, addr_port(&from->src));
	}
	buf_lit(b, ";received=");
	addr_put(b, &from->src);
}

bool via_stamp(struct ctx *ctx, struct edit *e_r, int *err_r)
{
	const struct sip_via *via = ctx->via;
	const char *base = ctx->msg->buf.p;
	bool rport = !str_is_null(via->rport) || ctx->force_rport;
	bool simple = str_is_null(via->received) && (str_is_null(via->rport) || !via->rport.n);
	struct str rest = via->params, at;
	struct sip_param param;
	struct buf b;

	*err_r = 0;
	if (!rport && str_is_null(via->received) && host_is(via, &ctx->from.src))
		return false;
	b = buf_over(pool_alloc(ctx->pool, via->params.n + 64 + ADDR_TEXT_MAX),
		     via->params.n + 64 + ADDR_TEXT_MAX);
	if (!b.p) {
		*err_r = -ENOMEM;
		return false;
	}
	if (simple) {
		at = str_is_null(via->rport) ? str_of(str_end(via->whole), 0)
					     : via->rport_param.whole;
	} else {
		/* what the sender claims about itself is left out, however often it stands there */
		at = via->params;
		while (sip_param_next(&rest, &param) == 1) {
			if (!is_stamp(param.name))
				buf_str_put(&b, param.whole);
		}
	}
	stamp_put(&b, &ctx->from, rport);
	*e_r = (struct edit){ .at = (uint32_t)(at.p - base),
			      .drop = (uint32_t)at.n,
			      .text = buf_str(&b) };
	return true;
}

uint64_t via_loop_hash(struct ctx *ctx)
{
	struct mac m;
	uint64_t hash;

	mac_init(&m, msg_key(ctx));
	mac_add(&m, "l", 1);
	mac_field(&m, ctx->msg->ruri);
	for (struct sip_hdr *h = ctx->msg->first[HDR_ROUTE]; h; h = h->next_same)
		mac_field(&m, h->body);
	addr_mac(&m, &ctx->from.src);
	mac_uint(&m, ctx->from.listener->index);
	mac_field(&m, sip_msg_call_id(ctx->msg));
	hash = mac_done(&m);
	return hash ? hash : 1;
}

bool via_loop_found(struct ctx *ctx, uint64_t hash)
{
	struct sip_via *via = ctx->via;
	uint64_t mac, loop;
	char letter;

	do {
		if (branch_read(via->branch, &letter, &mac, &loop) && loop == hash)
			return true;
	} while (!sip_msg_via_next(ctx->msg, via, &via));
	return false;
}

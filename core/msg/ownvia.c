/* SPDX-License-Identifier: BSD-2-Clause */
/* Making and recognising our own Via, and marking the one below it with where the request came from. */
#include "core/msg/ownvia.h"

#include "core/msg/sentby.h"

#include <errno.h>

#define MAC_DIGITS	 16
#define TRANS_DIGITS	 16
#define LOOP_DIGITS	 16
#define WHERE_DIGITS	 4
#define CONN_DIGITS	 16
#define WHERE_MAC	 12
#define WHERE_MAC_MASK	 0xffffffffffffull
#define SENT_BY_OTHERS	 0x8000u
#define LETTER_STATELESS 's'
#define LETTER_TRANS	 't'
#define LETTER_LOCAL	 'u'
/* Cookie, letter and MAC of a branch. */
#define BRANCH_FIXED (sizeof(BRANCH_COOKIE) - 1 + 1 + MAC_DIGITS)

/* Whatever a MAC is made of ends in a label, by which the uses of one key are told apart: a branch's letter as it is, or with the highest bit where the
 * received branch has no cookie, and these. */
#define LABEL_WHERE	   'i'
#define LABEL_WHERE_CONN   'c'
#define LABEL_WHERE_SCRIPT 'h'
#define LABEL_LOOP	   'l'
#define LABEL_NO_COOKIE	   0x80

static void mac_uint(struct mac *m, uint64_t v)
{
	mac_add(m, &v, sizeof(v));
}

static uint64_t mac_end(struct mac *m, char label)
{
	mac_add(m, &label, 1);
	return mac_done(m);
}

bool via_has_cookie(struct str branch)
{
	const size_t n = sizeof(BRANCH_COOKIE) - 1;

	return branch.n > n && (!memcmp(branch.p, BRANCH_COOKIE, n) ||
				str_starts_nocase(branch, STR(BRANCH_COOKIE)));
}

uint64_t via_mac(const struct mac_key *key, char label, struct sip_msg *msg,
		 const struct sip_via *received)
{
	struct sip_nameaddr *from;
	struct sip_cseq cseq;
	struct mac m;

	if (via_has_cookie(received->branch))
		return mac_of_both(key, received->branch, (uint8_t)label, 1);
	mac_init(&m, key);
	mac_field(&m, received->host);
	mac_uint(&m, received->port);
	mac_field(&m, sip_msg_call_id(msg));
	mac_field(&m, sip_msg_nameaddr(msg, HDR_FROM, &from) ? STR_NULL : from->tag);
	mac_uint(&m, sip_msg_cseq(msg, &cseq) ? 0 : cseq.number);
	return mac_end(&m, (char)(label | LABEL_NO_COOKIE));
}

/* trans: what stands in the text; loop: 0, none. */
static struct str branch_make(struct ctx *ctx, char letter, uint64_t trans, uint64_t loop)
{
	char *p = pool_alloc(ctx->pool, BRANCH_MAX), *at = p + BRANCH_FIXED;

	if (!p)
		return STR_NULL;
	memcpy(p, BRANCH_COOKIE, sizeof(BRANCH_COOKIE) - 1);
	p[sizeof(BRANCH_COOKIE) - 1] = letter;
	hex_put(at - MAC_DIGITS, via_mac(msg_key(ctx), letter, ctx->msg, ctx->via));
	if (letter == LETTER_TRANS) {
		*at++ = '.';
		hex_put(at, trans);
		at += TRANS_DIGITS;
	}
	if (loop) {
		*at++ = '.';
		hex_put(at, loop);
		at += LOOP_DIGITS;
	}
	return str_between(p, at);
}

struct str via_branch(struct ctx *ctx, uint64_t loop)
{
	return branch_make(ctx, LETTER_STATELESS, 0, loop);
}

/* The kind of the id makes room for the number. */
struct str via_branch_trans(struct ctx *ctx, uint64_t trans, unsigned number, uint64_t loop)
{
	return branch_make(ctx, LETTER_TRANS, trans << 8 | (number & 0xff), loop);
}

static uint64_t local_mac(const struct mac_key *key, struct str digits)
{
	return mac_of_both(key, digits, LETTER_LOCAL, 1);
}

void via_branch_local(const struct mac_key *key, uint64_t trans, unsigned number, struct buf *b)
{
	char digits[TRANS_DIGITS];

	hex_put(digits, trans << 8 | (number & 0xff));
	buf_lit(b, BRANCH_COOKIE);
	buf_char(b, LETTER_LOCAL);
	buf_hex(b, local_mac(key, str_of(digits, TRANS_DIGITS)), MAC_DIGITS);
	buf_char(b, '.');
	buf_mem(b, digits, TRANS_DIGITS);
}

/* where: as in the text, with its flag. A sent-by that the script or a TLS domain gave stands in no list of ours: its MAC is what proves it. */
static uint64_t where_mac(const struct mac_key *key, struct str branch, unsigned where,
			  uint64_t conn, struct str host, uint16_t port)
{
	uint64_t tail = where & 0xffff;
	struct mac m;

	if (!conn && !(where & SENT_BY_OTHERS))
		return mac_of_both(key, branch, tail | (uint64_t)LABEL_WHERE << 16, 3);
	mac_init(&m, key);
	if (!(where & SENT_BY_OTHERS)) {
		mac_add(&m, branch.p, branch.n);
		mac_uint(&m, conn);
		mac_add(&m, &tail, 2);
		return mac_end(&m, LABEL_WHERE_CONN);
	}
	mac_field(&m, branch);
	mac_uint(&m, conn);
	mac_field(&m, host);
	mac_uint(&m, port);
	mac_uint(&m, where);
	return mac_end(&m, LABEL_WHERE_SCRIPT);
}

/* Whether the text is the low digits of v. */
static inline bool is_hex_of(const char *p, uint64_t v, unsigned digits)
{
	char text[16];

	hex_put(text, v);
	return memcmp(p, text + sizeof(text) - digits, digits) == 0;
}

/* On what the request came, and that it was we who wrote it. */
static void where_put(struct ctx *ctx, struct str branch, const struct sent_by *by, struct buf *b)
{
	unsigned where = ctx->from.listener->index | (by->is_sockets ? 0 : SENT_BY_OTHERS);
	uint64_t mac = where_mac(msg_key(ctx), branch, where, ctx->from.conn, by->host, by->port);
	char digits[WHERE_DIGITS + WHERE_MAC];

	buf_lit(b, ";i=");
	hex_put(digits, (uint64_t)where << 4 * WHERE_MAC | (mac & WHERE_MAC_MASK));
	buf_mem(b, digits, WHERE_DIGITS);
	if (ctx->from.conn)
		buf_hex(b, ctx->from.conn, CONN_DIGITS);
	buf_mem(b, digits + WHERE_DIGITS, WHERE_MAC);
}

void via_own_put(struct ctx *ctx, const struct target *t, struct str branch, struct buf *b)
{
	struct sent_by by = sent_by_toward(ctx, t);

	buf_lit(b, "Via: SIP/2.0/");
	buf_str_put(b, str_z(t->transport->via));
	buf_char(b, ' ');
	buf_str_put(b, by.host);
	buf_char(b, ':');
	buf_uint(b, by.port);
	buf_lit(b, ";branch=");
	buf_str_put(b, branch);
	if (!ctx->made_here)
		where_put(ctx, branch, &by, b);
	if (ctx->add_rport || msg_conf_of(ctx->conf)->local_rport)
		buf_lit(b, ";rport");
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

/* The same behind a dot. */
static bool part_take(struct str *s, unsigned digits, uint64_t *v_r)
{
	if (!s->n || s->p[0] != '.')
		return false;
	*s = str_skip(*s, 1);
	return hex_take(s, digits, v_r);
}

/* What a branch of our form says. Its MAC is behind the letter. */
struct own_branch {
	char letter;
	uint64_t trans; /* as in the text; 0: none */
	uint64_t loop;	/* 0: none */
};

static bool branch_read(struct str branch, struct own_branch *b_r)
{
	struct str s = branch;

	b_r->trans = b_r->loop = 0;
	if (branch.n < BRANCH_FIXED || !str_starts(branch, STR(BRANCH_COOKIE)))
		return false;
	b_r->letter = branch.p[sizeof(BRANCH_COOKIE) - 1];
	s = str_skip(branch, BRANCH_FIXED);
	if (b_r->letter == LETTER_TRANS || b_r->letter == LETTER_LOCAL) {
		if (!part_take(&s, TRANS_DIGITS, &b_r->trans))
			return false;
	} else if (b_r->letter != LETTER_STATELESS) {
		return false;
	}
	return !s.n || (part_take(&s, LOOP_DIGITS, &b_r->loop) && !s.n);
}

static bool branch_is_of(const struct mac_key *key, struct str branch, char letter,
			 struct sip_msg *msg, const struct sip_via *received)
{
	return is_hex_of(branch.p + BRANCH_FIXED - MAC_DIGITS, via_mac(key, letter, msg, received),
			 MAC_DIGITS);
}

static bool branch_is_local(const struct mac_key *key, struct str branch)
{
	return is_hex_of(branch.p + BRANCH_FIXED - MAC_DIGITS,
			 local_mac(key, str_skip(branch, BRANCH_FIXED + 1)), MAC_DIGITS);
}

/* Reads i= up to its MAC, which is left in *i. */
static bool where_read(struct str *i, uint64_t *where_r, uint64_t *conn_r)
{
	*conn_r = 0;
	return hex_take(i, WHERE_DIGITS, where_r) &&
	       (i->n == WHERE_MAC || hex_take(i, CONN_DIGITS, conn_r)) && i->n == WHERE_MAC;
}

/* Whether mac is that of what stands before it in i=. */
static bool where_is(const struct mac_key *key, const struct sip_via *via, struct str mac,
		     uint64_t where, uint64_t conn)
{
	return is_hex_of(mac.p,
			 where_mac(key, via->branch, (unsigned)where, conn, via->host, via->port),
			 WHERE_MAC);
}

/* Whether sent-by names us: nearly always it is what the socket puts there that the response came to. */
static bool is_own(struct ctx *ctx, const struct sip_via *via)
{
	const struct listener *l = ctx->from.listener;

	if (l && via->port == l->port && str_eq(via->host, l->host) &&
	    str_eq(via->transport, str_z(l->transport->via)))
		return true;
	return msg_net_of(ctx)->is_own(ctx->worker->run, ctx->conf, transport_find(via->transport),
				       via->host, via->port);
}

static struct via_where where_of(const struct own_branch *own)
{
	return (struct via_where){
		.letter = own->letter,
		.trans = own->trans ? own->trans >> 8 | (uint64_t)ID_TRANSACTION << 56 : 0,
		.number = (unsigned)own->trans & 0xff,
	};
}

/* Of a request that was made here: its branch says all, whatever sent-by the script gave it. */
static enum via_verdict local_check(struct ctx *ctx, const struct sip_via *via,
				    const struct own_branch *own, struct via_where *where_r)
{
	if (!branch_is_local(msg_key(ctx), via->branch))
		return is_own(ctx, via) ? VIA_FORGED : VIA_NOT_OURS;
	*where_r = where_of(own);
	return VIA_OURS;
}

enum via_verdict via_own_check(struct ctx *ctx, const struct sip_via *via,
			       const struct sip_via *received, struct via_where *where_r)
{
	const struct mac_key *key = msg_key(ctx);
	uint64_t where = 0, conn = 0;
	struct own_branch own;
	struct str i = via->i;
	bool readable;

	readable = branch_read(via->branch, &own);
	if (readable && own.letter == LETTER_LOCAL)
		return local_check(ctx, via, &own, where_r);
	readable = readable && where_read(&i, &where, &conn);
	if (!(readable && (where & SENT_BY_OTHERS)) && !is_own(ctx, via))
		return VIA_NOT_OURS;
	if (!readable)
		return VIA_FORGED;
	if (!where_is(key, via, i, where, conn))
		return where & SENT_BY_OTHERS ? VIA_NOT_OURS : VIA_FORGED;
	if (received && !branch_is_of(key, via->branch, own.letter, ctx->msg, received))
		return VIA_FORGED;
	*where_r = where_of(&own);
	where_r->listener = (unsigned)where & ~SENT_BY_OTHERS;
	where_r->conn = conn;
	return VIA_OURS;
}

bool via_own_token(const struct mac_key *key, const struct sip_via *via, uint64_t *token_r)
{
	uint64_t where, conn;
	struct own_branch own;
	struct str i = via->i;
	bool ours;

	if (!branch_read(via->branch, &own))
		return false;
	if (own.letter == LETTER_LOCAL)
		ours = branch_is_local(key, via->branch);
	else
		ours = where_read(&i, &where, &conn) && where_is(key, via, i, where, conn);
	if (ours)
		*token_r = own.trans;
	return ours;
}

static bool host_is(const struct sip_via *via, const struct addr *a)
{
	struct addr sent_by;

	return via_addr(via, &sent_by) && addr_ip_eq(&sent_by, a);
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
	mac_field(&m, ctx->msg->ruri);
	for (struct sip_hdr *h = ctx->msg->first[HDR_ROUTE]; h; h = h->next_same)
		mac_field(&m, h->body);
	addr_mac(&m, &ctx->from.src);
	mac_uint(&m, ctx->from.listener->index);
	mac_field(&m, sip_msg_call_id(ctx->msg));
	hash = mac_end(&m, LABEL_LOOP);
	return hash ? hash : 1;
}

bool via_loop_found(struct ctx *ctx, uint64_t hash)
{
	struct sip_via *via = ctx->via;
	struct own_branch own;

	do {
		if (branch_read(via->branch, &own) && own.loop == hash)
			return true;
	} while (!sip_msg_via_next(ctx->msg, via, &via));
	return false;
}

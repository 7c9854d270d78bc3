/* SPDX-License-Identifier: BSD-2-Clause */
/* The text of Record-Route: which socket's address stands in it is known when the message leaves to a target, for each anew. */
#include "modules/rr/rr.h"

#include <errno.h>

/* What a line has beside the texts of the record: names of parameters, MAC, port. */
#define LINE_FIXED 192

/* One side of the router, as a URI names it. */
struct side {
	const struct listener *socket;
	struct sent_by by; /* port 0: it is in host */
};

struct line {
	struct ctx *ctx;
	const struct rr_conf *conf;
	struct record rec;
	struct str flow, user, host, host2, params, tag;
	bool sips; /* where the side is one for TLS */
	struct side in, out;
	struct buf b;
};

/* Takes n bytes off the texts behind the record. */
static struct str take(struct str *texts, uint32_t n)
{
	struct str s = str_head(*texts, n);

	*texts = str_skip(*texts, n);
	return s;
}

static void line_read(struct line *l, const void *data, size_t data_n)
{
	struct str texts = str_skip(str_of(data, data_n), sizeof(l->rec));
	struct sip_uri *ruri = ctx_uri(l->ctx);

	memcpy(&l->rec, data, sizeof(l->rec));
	l->flow = take(&texts, l->rec.flow_n);
	l->user = take(&texts, l->rec.user_n);
	l->host = take(&texts, l->rec.host_n);
	l->host2 = take(&texts, l->rec.host2_n);
	l->params = take(&texts, l->rec.params_n);
	l->tag = rr_tag(l->ctx, l->rec.by_callee ? HDR_TO : HDR_FROM);
	l->sips = ((ruri && ruri->scheme == URI_SIPS) || l->ctx->leaves_sips) &&
		  !l->conf->ignore_sips;
}

/* The user toward the side that the request came from. */
static struct str user_in(const struct line *l)
{
	return l->flow.n ? l->flow : l->user;
}

/* "Record-Route: <sip:user@" */
static void begin(struct line *l, bool sips, struct str user)
{
	buf_lit(&l->b, "Record-Route: <sip");
	if (sips)
		buf_char(&l->b, 's');
	buf_char(&l->b, ':');
	buf_str_put(&l->b, user);
	if (user.n)
		buf_char(&l->b, '@');
}

/* ";lr;ftag=…;mac=…" and the script's, to the end of the line. */
static void end(struct line *l, bool has_lr)
{
	struct buf *b = &l->b;

	if (!has_lr)
		buf_str_put(b, l->conf->full_lr ? STR(";lr=on") : STR(";lr"));
	if (l->conf->fromtag && l->tag.n) {
		buf_lit(b, ";ftag=");
		rr_ftag_put(b, l->tag);
	}
	buf_lit(b, ";mac=");
	buf_hex(b, l->rec.mac, 16);
	buf_str_put(b, l->params);
	buf_lit(b, ">\r\n");
}

static void side_put(struct line *l, const struct side *side, bool pair, struct str user)
{
	const struct transport *t = side->socket->transport;
	bool sips = l->sips && t->secure;
	struct buf *b = &l->b;

	begin(l, sips, user);
	buf_str_put(b, side->by.host);
	if (side->by.port) {
		buf_char(b, ':');
		buf_uint(b, side->by.port);
	}
	/* a sips URI says enough */
	if (!sips && t->id != TRANSPORT_UDP) {
		buf_lit(b, ";transport=");
		buf_str_put(b, str_z(t->name));
	}
	if (l->conf->sockname && side->socket->name.n) {
		buf_lit(b, ";sn=");
		buf_str_put(b, side->socket->name);
	}
	if (pair)
		buf_lit(b, ";r2=on");
	end(l, false);
}

/* The sides that the request came in and leaves by, each as it is called there. What the script advertises is for both of one socket. */
static void sides_find(struct line *l, const struct target *t)
{
	const struct listener *from = l->ctx->from.listener;
	bool by_script = !str_is_null(l->ctx->adv_host) || l->ctx->adv_port;

	l->out = (struct side){ .socket = t->from, .by = sent_by_toward(l->ctx, t) };
	l->in = l->out;
	if (from && (from != t->from || (from->transport->secure && !by_script)))
		l->in = (struct side){ .socket = from, .by = sent_by_back(l->ctx) };
	if (l->rec.kind == RECORD_ADVERTISED)
		l->in.by = l->out.by = (struct sent_by){ .host = l->host };
}

static bool differ(const struct line *l)
{
	const struct listener *in = l->in.socket, *out = l->out.socket;

	if (l->rec.kind == RECORD_ADVERTISED)
		return in->transport != out->transport;
	/* in address, port, transport or network; one socket may have the names of two TLS domains */
	return in != out || l->in.by.port != l->out.by.port ||
	       !str_eq(l->in.by.host, l->out.by.host);
}

static void sides_put(struct line *l)
{
	bool is_double =
		l->conf->double_rr == RR_ALWAYS_DOUBLE || (l->conf->double_rr && differ(l));
	/* a sips request has a sips Record-Route, be it the only one (RFC 3261 16.6 item 4) */
	bool out_alone = !is_double && l->sips && !l->in.socket->transport->secure;

	if (is_double)
		side_put(l, &l->out, true, l->user);
	side_put(l, out_alone ? &l->out : &l->in, is_double, user_in(l));
}

static bool has_lr(struct str preset)
{
	ssize_t at = str_chr(preset, ';');
	struct sip_param p;

	return at >= 0 && sip_param_find(str_skip(preset, (size_t)at), STR("lr"), &p);
}

static void preset_put(struct line *l, struct str preset, struct str user)
{
	begin(l, l->sips, user);
	buf_str_put(&l->b, preset);
	end(l, has_lr(preset));
}

static int make(struct ctx *ctx, const struct target *t, const void *data, size_t data_n,
		struct str *text_r)
{
	struct line l = { .ctx = ctx, .conf = rr_conf_of(ctx) };
	size_t size;

	line_read(&l, data, data_n);
	if (l.rec.kind == RECORD_PENDING)
		return 0;
	/* either line may have every text; a tag may be escaped, a name is the listener's */
	sides_find(&l, t);
	size = 2 * (LINE_FIXED + data_n + 3 * l.tag.n) + l.out.by.host.n + l.out.socket->name.n +
	       l.in.by.host.n + l.in.socket->name.n;
	l.b = buf_over(pool_alloc(ctx->pool, size), size);
	if (!l.b.p)
		return -ENOMEM;
	if (l.rec.kind != RECORD_PRESET) {
		sides_put(&l);
	} else {
		preset_put(&l, l.host, l.host2.n ? l.user : user_in(&l));
		if (l.host2.n)
			preset_put(&l, l.host2, user_in(&l));
	}
	*text_r = buf_str(&l.b);
	return buf_ok(&l.b) ? 0 : -EMSGSIZE;
}

const struct edit_late record_late = { .make = make };

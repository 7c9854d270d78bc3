/* SPDX-License-Identifier: BSD-2-Clause */
/* From a target to the bytes that leave (RFC 3261 16.3 to 16.6). */
#include "core/msg/nexthop.h"

#include "core/msg/drop.h"
#include "core/msg/emit.h"
#include "core/msg/onsend.h"
#include "core/msg/ownvia.h"
#include "core/msg/secure.h"

#include "core/run/log.h"

#include <errno.h>

static bool is_sips(struct str uri)
{
	return str_starts_nocase(uri, STR("sips:"));
}

bool nexthop_may_recurse(const struct ctx *ctx, struct str uri)
{
	return is_sips(uri) || !(is_sips(ctx->msg->ruri) || is_sips(ctx_uri_text(ctx)));
}

int nexthop_fail(struct ctx *ctx, unsigned status, const char *reason_z)
{
	msg_count(MSG_FORWARD_FAILED);
	log_limited(LOG_INFO, "core", "could not forward a request", KV_Z("why", reason_z),
		    KV_STR("method", ctx->msg->method_text), KV_STR("uri", ctx_uri_text(ctx)),
		    KV_ADDR("src", &ctx->from.src));
	return ctx_fail(ctx, status, str_z(reason_z));
}

int nexthop_fail_errno(struct ctx *ctx, int err)
{
	if (err == -EAFNOSUPPORT)
		return nexthop_fail(ctx, 500, "No Socket For The Next Hop");
	if (err == -ELOOP)
		return nexthop_fail(ctx, 482, "Loop Detected");
	if (err == -EHOSTDOWN)
		return nexthop_fail(ctx, 500, "Next Hop Is Blocklisted");
	if (err == -EMSGSIZE)
		return nexthop_fail(ctx, 513, "Message Too Large");
	if (err == -ENOTCONN)
		return nexthop_fail(ctx, 430, "Flow Failed");
	return nexthop_fail(ctx, 500, "Next Hop Cannot Be Reached");
}

int nexthop_allowed(struct ctx *ctx, bool forked, uint64_t *loop_r)
{
	int64_t detection = msg_conf_of(ctx->conf)->loop_detection;
	uint32_t maxfwd = 1;
	int err = emit_maxfwd(ctx, &maxfwd);

	*loop_r = 0;
	if (!ctx->msg->is_request || ctx->cancelled)
		return FN_FALSE;
	if (ctx->is_event)
		return nexthop_fail(ctx, 500, "An Event Is No Request");
	if (err && err != -ENOENT)
		return nexthop_fail(ctx, 400, "Bad Max-Forwards");
	if (maxfwd == 0 && ctx->maxfwd == CTX_MAXFWD_NONE)
		return nexthop_fail(ctx, 483, "Too Many Hops");
	if (detection == LOOP_NO || (detection == LOOP_FORKED && !forked))
		return FN_TRUE;
	*loop_r = via_loop_hash(ctx);
	return via_loop_found(ctx, *loop_r) ? nexthop_fail(ctx, 482, "Loop Detected") : FN_TRUE;
}

int nexthop_breadth(struct ctx *ctx, uint32_t used, unsigned n, uint32_t *left_r)
{
	const struct sip_hdr *h = ctx->msg->first[HDR_MAX_BREADTH];
	uint32_t most = (uint32_t)msg_conf_of(ctx->conf)->max_breadth, value = most;
	int err = h ? sip_msg_uint(ctx->msg, HDR_MAX_BREADTH, &value) : 0;

	*left_r = 0;
	if (!most)
		return FN_TRUE;
	if ((err && err != -ERANGE) || !value || (h && h->next_same))
		return nexthop_fail(ctx, 400, "Bad Max-Breadth");
	if (value > most)
		value = most;
	if (value < used || value - used < n)
		return nexthop_fail(ctx, 440, "Max-Breadth Exceeded");
	*left_r = value - used;
	return FN_TRUE;
}

/* --- the target ----------------------------------------------------------------------------------------------------------------------- */
/* The URI of the first value of a path; null: there is none. */
static struct str path_first(struct str path)
{
	ssize_t from = str_chr(path, '<'), to = str_chr(path, '>');

	return from >= 0 && to > from ? str_between(path.p + from + 1, path.p + to) : STR_NULL;
}

/* Whose URI leads. */
static struct str lead(const struct branch *b, const struct routing *r, bool follows)
{
	struct str uri = b->dst_uri;

	if (str_is_null(uri))
		uri = path_first(b->path);
	if (str_is_null(uri) && follows)
		uri = r->next;
	return str_is_null(uri) ? r->ruri : uri;
}

/* A sips request leaves over TLS only, whatever $du says (SIP.md 1). */
static bool wants_tls(const struct branch *b, const struct routing *r)
{
	return is_sips(b->uri) || is_sips(r->ruri) || is_sips(r->next) ||
	       is_sips(path_first(b->path));
}

static int routing_of(struct ctx *ctx, const struct branch *b, bool follows, struct routing *r)
{
	int err = routing_read(ctx, b->uri, follows, r);

	if (!err && b->path.n)
		err = routing_path(ctx, b->path, r);
	if (err == -ENOMEM)
		return nexthop_fail(ctx, 500, "Out Of Memory");
	return err ? nexthop_fail(ctx, 400, "Bad Route") : FN_TRUE;
}

/* The connection alone says where it goes (RFC 5626 5.3). */
static int hop_of_flow(struct ctx *ctx, struct nexthop *n)
{
	struct origin o;

	if (!msg_net_of(ctx)->conn_origin(ctx->worker->run, n->flow, &o))
		return nexthop_fail(ctx, 430, "Flow Failed");
	n->socket = o.listener;
	if (n->sips && !o.transport->secure)
		return nexthop_fail(ctx, 480, "No TLS For A SIPS URI");
	n->hop = (struct hop){
		.transport = o.transport, .literal = true, .addr = o.src, .port = addr_port(&o.src)
	};
	return FN_TRUE;
}

/* The connection's name and keys, where the script says something about them. */
static int secure_choose(struct ctx *ctx, const struct branch *b, const struct instead *to,
			 struct hop *hop)
{
	const struct secure_hooks *hooks = ctx->worker->msg->secure;
	struct secure_choice choice = { .domain = b->tls_domain, .name = b->tls_name };

	if (!hop->transport->secure)
		return FN_TRUE;
	/* of a further address of the same name it was asked when the first was tried */
	if (str_is_null(to->identity) && hooks && !hooks->choose(ctx, &choice))
		return nexthop_fail(ctx, 500, "No Such TLS Client Domain");
	hop->domain = choice.domain;
	if (!str_is_null(to->identity))
		hop->identity = to->identity;
	else if (choice.name.n)
		hop->identity = hop_identity(ctx->pool, choice.name);
	return str_is_null(hop->identity) ? nexthop_fail(ctx, 500, "Out Of Memory") : FN_TRUE;
}

int nexthop_of(struct ctx *ctx, const struct branch *b, const struct instead *to,
	       struct nexthop *n_r)
{
	static const struct instead nowhere;
	bool elsewhere = to && (!str_is_null(to->uri) || !str_is_null(to->host));
	/* RFC 3261 16.6 item 6, only where the request was to go anyway: where the script has chosen the target, a Route that the sender made up is kept, but
	 * does not lead anywhere */
	bool follows = !elsewhere && !ctx->routed && b->uri.p == ctx->msg->ruri.p &&
		       str_is_null(b->dst_uri) && !b->flow && !b->path.n;
	struct hop_wish wish;
	int ok;

	to = to ? to : &nowhere;
	n_r->socket = b->socket;
	n_r->flow = elsewhere ? 0 : b->flow;
	if (nexthop_breadth(ctx, 0, 1, &n_r->breadth) != FN_TRUE)
		return FN_FALSE;
	if (routing_of(ctx, b, follows, &n_r->routing) != FN_TRUE)
		return FN_FALSE;
	n_r->sips = wants_tls(b, &n_r->routing);
	if (n_r->flow)
		return hop_of_flow(ctx, n_r);
	wish = (struct hop_wish){ .transport = to->transport, .secure = n_r->sips };
	if (!str_is_null(to->host))
		ok = hop_of_host(ctx, to->host, to->port, &wish, &n_r->hop);
	else
		ok = hop_of_uri(ctx, elsewhere ? to->uri : lead(b, &n_r->routing, follows), &wish,
				&n_r->hop);
	if (ok != FN_TRUE)
		return nexthop_fail(ctx, ctx->fail_status, ctx->fail_reason.p);
	return secure_choose(ctx, b, to, &n_r->hop);
}

int nexthop_resolve(struct ctx *ctx, const struct nexthop *n, struct resolve *q,
		    uint32_t deadline_ms)
{
	if (!n->hop.literal)
		return msg_net_of(ctx)->resolve_start(ctx->worker, q, n->hop.host, deadline_ms);
	q->addrs[0] = n->hop.addr;
	q->n = 1;
	q->error = 0;
	return 1;
}

/* --- one address ---------------------------------------------------------------------------------------------------------------------- */
/* What ends something goes where that was begun, whatever became of the destination. */
static bool may_be_refused(const struct ctx *ctx, const struct nexthop *n)
{
	enum sip_method m = ctx->msg->method;

	return !n->flow && m != METHOD_ACK && m != METHOD_CANCEL && m != METHOD_BYE;
}

int nexthop_emit(struct ctx *ctx, const struct nexthop *n, const struct addr *addr,
		 struct str branch, struct target *t_r, struct iovec *iov, unsigned *n_r)
{
	/* a name may stand for what is refused when it is written out: 0.0.0.0 would be this machine */
	if (addr_is_any(addr))
		return -EADDRNOTAVAIL;
	if (!hop_target(ctx, &n->hop, n->socket, addr, t_r)) {
		log_limited(
			LOG_NOTICE, "core", "there is no socket for a next hop",
			KV_ADDR("dst", addr), KV_Z("transport", n->hop.transport->name),
			KV_Z("hint", "a listen= of that transport and address family is missing"));
		return -EAFNOSUPPORT;
	}
	t_r->conn = n->flow;
	t_r->conn_only = n->flow != 0;
	t_r->block_ignore = ctx->block_ignore;
	if (may_be_refused(ctx, n) &&
	    msg_net_of(ctx)->refuses(ctx->worker, t_r->transport, &t_r->addr))
		return -EHOSTDOWN;
	/* To ourselves: no answer would find its way back (respond.c drops what our own address is to get), and each round costs as much as the first. */
	if (msg_net_of(ctx)->addr_is_own(ctx->worker->run, t_r->transport, &t_r->addr))
		return -ELOOP;
	ctx->leaves_sips = n->sips;
	return emit_request(ctx, t_r, n, branch, iov, n_r);
}

int nexthop_send(struct ctx *ctx, const struct target *t, const struct iovec *iov, unsigned n,
		 uint64_t token)
{
	int err;

	if (!onsend_lets(ctx, t, iov, n))
		return -ECANCELED;
	err = msg_net_of(ctx)->send(ctx->worker, t, iov, n, token);
	if (!err)
		return 0;
	msg_count(MSG_SEND_FAILED);
	log_limited(LOG_INFO, "core", "could not send a request", KV_ADDR("dst", &t->addr),
		    KV_Z("transport", t->transport->name), KV_ERRNO(-err));
	return err;
}

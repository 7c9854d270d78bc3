/* SPDX-License-Identifier: BSD-2-Clause */
/* net_send: which connection carries a message. */
#include "core/net/own.h"

#include <errno.h>

#define TRIES 3 /* a connection that was found may end before we queue */

static int queue_on(struct worker *w, struct conn *c, const struct iovec *iov, unsigned n,
		    uint64_t token)
{
	int err = conn_queue(w, c, iov, n, token);

	if (!err) {
		atomic_fetch_add(&c->messages_out, 1);
		conn_lives(w, c);
		tcp_count(TCP_MESSAGES_OUT);
	}
	return err;
}

#define ALIASES_MOST 8u /* connections of one alias that are looked at */

/* A connection that was not made for this, but may carry it (SIP.md 1). What is to leave with a client domain's certificate leaves on a connection of our own. */
static struct conn *accepted_for(struct net *net, const struct target *t)
{
	struct conn *rows[ALIASES_MOST], *c;
	struct peer_key key;
	unsigned n;

	if (!str_is_null(t->domain) || t->protocol)
		return NULL;
	key = peers_key_accepted(net, t->transport, &t->addr);
	c = t->literal ? peers_find(net, &key) : NULL;
	if (c)
		return c;
	key = peers_key_alias(net, t->transport, &t->addr);
	n = peers_aliased(net, &key, rows, ALIASES_MOST);
	for (unsigned i = 0; i < n; i++)
		if ((atomic_load(&rows[i]->alias) & ALIAS_TRUSTED) ||
		    (t->identity.n && conn_proves(rows[i], t->identity)))
			return rows[i];
	return NULL;
}

static int send_stream(struct worker *w, const struct target *t, const struct iovec *iov,
		       unsigned n, uint64_t token)
{
	struct net *net = w->net->net;
	struct peer_key key;
	int err = -ENOTCONN;

	if (t->conn) {
		struct conn *c = conn_find(net, t->conn);

		if (c && c->transport == t->transport)
			err = queue_on(w, c, iov, n, token);
		if (err != -ENOTCONN || t->conn_only)
			return err;
	}
	if (net_conf_of(w)->disable_tcp)
		return -EPROTONOSUPPORT;
	if (t->addr.sa.sa_family != t->from->addr.sa.sa_family)
		return -EAFNOSUPPORT;
	key = peers_key(net, t);
	for (int i = 0; i < TRIES && err == -ENOTCONN; i++) {
		struct conn *c = peers_find(net, &key);

		if (!c)
			c = accepted_for(net, t);
		if (!c)
			c = connect_to(w, t, &key, &err);
		if (!c)
			return err;
		err = queue_on(w, c, iov, n, token);
	}
	return err;
}

int net_send(struct worker *w, const struct target *t, const struct iovec *iov, unsigned n,
	     uint64_t token)
{
	int err;

	if (t->transport->reliable)
		return send_stream(w, t, iov, n, token);
	err = udp_send(w, t, iov, n);
	if (err)
		blocklist_blame(w, t, BLOCK_SEND, -err);
	return err;
}

int net_conn_alias(struct worker *w, uint64_t conn, uint16_t port, bool trusted)
{
	struct conn *c = conn_find(w->net->net, conn);

	return c && c->accepted && !c->protocol ? peers_alias(w, c, port, trusted) : -ENOTCONN;
}

void net_conn_close(struct worker *w, uint64_t conn)
{
	struct conn *c = conn_find(w->net->net, conn);
	struct own *o = c ? own_of(w->net, c) : NULL;

	if (!c)
		return;
	if (o && conn_state(c) == CONN_OPEN) {
		own_finish(o);
	} else if (conn_is_usable(c)) {
		atomic_store(&c->close_asked, 1);
		conn_mark(w, c);
	}
}

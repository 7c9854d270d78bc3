/* SPDX-License-Identifier: BSD-2-Clause */
/* What this layer makes before the first fork and in each worker; contexts with their pools, used again. */
#include "core/msg/worker.h"

#include "core/msg/drop.h"
#include "core/msg/park.h"
#include "core/msg/receive.h"
#include "core/msg/secure.h"
#include "core/msg/stateful.h"
#include "core/msg/waiting.h"

#include "core/run/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define POOL_FIRST    16384
#define CONTEXTS_KEPT 32u
#define KEY_FILE_MIN  16
#define KEY_FILE_MAX  4096

static const struct script_hooks *script_set;
static const struct trans_hooks *trans_set;
static const struct secure_hooks *secure_set;

static const struct msg_net real_net = {
	.send = net_send,
	.is_own = net_is_own,
	.addr_is_own = net_addr_is_own,
	.block = blocklist_add,
	.refuses = blocklist_refuses,
	.listener_for = net_listener_for,
	.listener_find = net_listener_find,
	.conn_origin = net_conn_origin,
	.conn_alias = net_conn_alias,
	.conn_proves = net_conn_proves,
	.listener_at = net_listener_at,
	.resolve_start = resolve_start,
	.resolve_cancel = resolve_cancel,
};

void msg_script_set(const struct script_hooks *hooks)
{
	script_set = hooks;
}

void trans_hooks_set(const struct trans_hooks *hooks)
{
	trans_set = hooks;
}

void secure_hooks_set(const struct secure_hooks *hooks)
{
	secure_set = hooks;
}

const struct trans_hooks *trans_hooks(void)
{
	return trans_set;
}

/* The key is made of the file's bytes, whatever they are; two different texts under a constant key give its halves. */
static void key_of_bytes(struct str bytes, struct mac_key *key_r)
{
	static const struct mac_key half[2] = { { "serac via key 1" }, { "serac via key 2" } };

	for (int i = 0; i < 2; i++) {
		uint64_t v = mac_of(&half[i], bytes);

		memcpy(key_r->k + 8 * i, &v, sizeof(v));
	}
}

static int key_read(struct str path, struct mac_key *key_r)
{
	char path_z[1024], bytes[KEY_FILE_MAX];
	struct buf b = BUF_ON(path_z);
	ssize_t n;
	int fd, err;

	buf_str_put(&b, path);
	if (!buf_ok(&b) || b.n == b.cap)
		return -ENAMETOOLONG;
	fd = open(buf_z(&b), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	n = read(fd, bytes, sizeof(bytes));
	err = n < 0 ? -errno : n < KEY_FILE_MIN ? -EINVAL : 0;
	close(fd);
	if (!err)
		key_of_bytes(str_of(bytes, (size_t)n), key_r);
	return err;
}

static int key_make(const struct msg_conf *c, struct mac_key *key_r)
{
	int err;

	random_bytes(key_r, sizeof(*key_r));
	if (str_is_null(c->via_key_file) || !c->via_key_file.n)
		return 0;
	err = key_read(c->via_key_file, key_r);
	if (err)
		log_err("core", "could not read the key of Vias", KV_STR("file", c->via_key_file),
			KV_ERRNO(-err),
			KV_Z("hint", "via_key_file needs at least 16 bytes, readable by root"));
	return err;
}

int msgs_open(struct run *run, const struct conf *conf)
{
	const struct msg_conf *c = msg_conf_of(conf);
	struct msgs *m = chunk_alloc(run->shm, sizeof(*m), ID_MAKE(ID_CORE, 0, 0));
	int err;

	if (!m)
		return -ENOMEM;
	zero(m, sizeof(*m));
	err = key_make(c, &m->key);
	if (!err) {
		m->waits = waits_new(run->shm, (unsigned)c->max_suspended);
		err = m->waits ? 0 : -ENOMEM;
	}
	if (err) {
		chunk_free(run->shm, m);
		return err;
	}
	chunk_publish(run->shm, m);
	run->msgs = m;
	return 0;
}

/* Kept before core/net takes the connection over and reads on into its memory. A request that was being worked on when the worker died is
 * not run again (SIP.md 1, Death of a worker); over UDP the peer repeats it. */
static void hand_keep(struct msg_worker *mw)
{
	const struct slot *s = mw->w->slot;
	char *copy;

	if (atomic_load(&s->hand) != HAND_FRAME || !s->hand_text || !s->hand_size)
		return;
	copy = malloc(s->hand_size);
	if (!copy)
		return;
	memcpy(copy, s->hand_text, s->hand_size);
	mw->inherited = str_of(copy, s->hand_size);
	mw->inherited_conn = s->hand_object;
}

static void hand_forget(struct msg_worker *mw)
{
	free((char *)mw->inherited.p);
	mw->inherited = STR_NULL;
}

static void hand_answer(struct msg_worker *mw)
{
	struct origin from;

	if (mw->inherited.n && mw->net->conn_origin(mw->w->run, mw->inherited_conn, &from))
		orphan_answer(mw->w, &from, mw->inherited, MSG_HAND_ORPHANED);
	hand_forget(mw);
}

/* In the first turn, when the connections are taken over. */
static void recover_fire(struct timer *t)
{
	struct msg_worker *mw = container_of(t, struct msg_worker, recover);

	park_recover(mw->w);
	hand_answer(mw);
}

int msg_worker_start(struct worker *w, bool successor)
{
	struct msg_worker *mw = calloc(1, sizeof(*mw));

	if (!mw)
		return -ENOMEM;
	mw->w = w;
	mw->net = &real_net;
	mw->script = script_set;
	mw->trans = trans_set;
	mw->secure = secure_set;
	list_init(&mw->free);
	list_init(&mw->parked);
	timer_init(&mw->recover, w->timers, recover_fire);
	w->msg = mw;
	overload_start(w);
	if (successor) {
		hand_keep(mw);
		waits_recover(w);
		atomic_store(&w->slot->work, 0);
		timer_start(&mw->recover, 0);
	}
	return 0;
}

bool msg_worker_turn(struct worker *w)
{
	return park_turn(w->msg);
}

unsigned msg_worker_waiting(const struct worker *w)
{
	return w->msg->parked_n;
}

unsigned msg_worker_unfinished(struct worker *w)
{
	const struct trans_hooks *trans = w->msg->trans;

	return w->msg->parked_n + (trans ? trans->unfinished(w) : 0);
}

static void ctx_free(struct ctx *ctx)
{
	pool_drop(&ctx->pool);
	free(ctx);
}

void msg_worker_stop(struct worker *w)
{
	struct msg_worker *mw = w->msg;
	struct list *l;

	if (!mw)
		return;
	park_stop(mw);
	timer_stop(&mw->recover);
	overload_stop(w);
	hand_forget(mw);
	while ((l = list_take_first(&mw->free)))
		ctx_free(container_of(l, struct ctx, link));
	w->msg = NULL;
	free(mw);
}

static struct ctx *ctx_new(void)
{
	struct ctx *ctx = calloc(1, sizeof(*ctx));

	if (!ctx)
		return NULL;
	list_init(&ctx->link);
	ctx->pool = pool_new(POOL_FIRST, CTX_POOL_MAX);
	if (!ctx->pool) {
		free(ctx);
		return NULL;
	}
	return ctx;
}

static struct ctx *ctx_cached(struct msg_worker *mw)
{
	struct list *l = list_take_first(&mw->free);

	if (!l)
		return ctx_new();
	mw->free_n--;
	return container_of(l, struct ctx, link);
}

struct ctx *ctx_take(struct worker *w, const struct origin *from, struct str bytes,
		     struct str *text_r)
{
	struct ctx *ctx = ctx_cached(w->msg);
	struct pool *pool;

	if (!ctx)
		return NULL;
	pool = ctx->pool;
	zero(ctx, sizeof(*ctx));
	ctx->worker = w;
	ctx->conf = worker_conf(w);
	ctx->pool = pool;
	ctx->from = *from;
	ctx->maxfwd = CTX_MAXFWD_NONE;
	ctx->q = BRANCH_Q_NONE;
	ctx->number = ++w->msg->messages;
	list_init(&ctx->link);
	ctx->msg = pool_alloc(ctx->pool, sizeof(*ctx->msg));
	*text_r = pool_str(ctx->pool, bytes);
	if (ctx->msg && text_r->p)
		return ctx;
	ctx_give(ctx);
	return NULL;
}

struct ctx *ctx_of_text(struct worker *w, const struct origin *from, struct str text)
{
	struct sip_error error;
	struct str copy;
	struct ctx *ctx = ctx_take(w, from, text, &copy);

	if (!ctx)
		return NULL;
	if (!sip_msg_parse(ctx->msg, ctx->pool, copy, from->transport->reliable, &error) &&
	    !sip_msg_via(ctx->msg, &ctx->via))
		return ctx;
	ctx_give(ctx);
	return NULL;
}

void ctx_give(struct ctx *ctx)
{
	struct msg_worker *mw = ctx->worker->msg;

	if (mw->free_n >= CONTEXTS_KEPT) {
		ctx_free(ctx);
		return;
	}
	pool_reset(ctx->pool);
	mw->free_n++;
	/* the warm one is taken next */
	list_prepend(&mw->free, &ctx->link);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows and buckets of the requests that wait, and what of them outlives a worker. */
#include "core/msg/waiting.h"

#include "core/mem/fault.h"
#include "core/mem/slab.h"
#include "core/msg/ownvia.h"

#include <errno.h>

#define BUCKETS 1024u /* a power of two */

struct wait_row {
	struct slab_row row;
	_Atomic uint32_t next; /* in the bucket: index + 1 */
	uint32_t bucket;
	uint64_t key;
	uint16_t owner; /* the slot whose worker has the context */
	uint16_t transport;
	uint32_t listener;
	_Atomic uint32_t is_listed;
	_Atomic uint32_t cancelled;
	_Atomic uint32_t answered;
	uint64_t conn;
	struct addr src, dst;
	char *_Atomic text; /* a chunk that names this row as its owner */
	uint32_t text_n;
	bool may_answer; /* a request other than ACK */
};

struct bucket {
	struct lock lock;
	_Atomic uint32_t head; /* index + 1 */
};

struct waits {
	struct shm *shm;
	struct slab *rows;
	/* Not 0 while anything is listed: counted up before a row goes in, down after it is out. A death in between leaves it too high for good, which costs a look into
	 * a bucket. */
	_Atomic uint32_t listed;
	_Atomic uint32_t posted[SHM_SLOTS_MAX];
	struct bucket buckets[BUCKETS];
};

struct waits *waits_new(struct shm *s, unsigned max)
{
	unsigned pages = (sizeof(struct waits) + SHM_PAGE - 1) / SHM_PAGE;
	struct waits *ws = pages_alloc(s, pages, ID_MAKE(ID_CORE, 0, 0));

	if (!ws)
		return NULL;
	memset(ws, 0, sizeof(*ws));
	ws->shm = s;
	ws->rows = slab_new(s, ID_WAITING, sizeof(struct wait_row), max, NULL);
	if (!ws->rows) {
		pages_free(s, ws);
		return NULL;
	}
	for (unsigned i = 0; i < BUCKETS; i++)
		lock_init(&ws->buckets[i].lock, LOCK_WAITING);
	pages_publish(s, ws);
	return ws;
}

static struct waits *waits_of(const struct ctx *ctx)
{
	return ctx->worker->run->msgs->waits;
}

/* What tells this use of the key apart from the others is the last byte, as in ownvia.c. */
static uint64_t key_end(struct mac *m)
{
	mac_add(m, "w", 1);
	return mac_done(m);
}

/* RFC 3261 17.2.3: branch, sent-by, method; for a branch without the cookie what 2543 has instead. */
static uint64_t key_of(struct ctx *ctx, struct str method)
{
	const struct sip_via *via = ctx->via;
	struct sip_nameaddr *na;
	struct sip_cseq cseq;
	char host[64];
	struct mac m;

	mac_init(&m, msg_key(ctx));
	mac_field(&m, method);
	if (via->branch.n > sizeof(BRANCH_COOKIE) - 1 &&
	    str_starts_nocase(via->branch, STR(BRANCH_COOKIE)) && via->host.n <= sizeof(host)) {
		for (size_t i = 0; i < via->host.n; i++)
			host[i] = char_lower(via->host.p[i]);
		mac_field(&m, via->branch);
		mac_field(&m, str_of(host, via->host.n));
		mac_add(&m, &via->port, sizeof(via->port));
		return key_end(&m);
	}
	mac_field(&m, via->whole);
	mac_field(&m, ctx->msg->ruri);
	mac_field(&m, sip_msg_call_id(ctx->msg));
	mac_field(&m, sip_msg_nameaddr(ctx->msg, HDR_FROM, &na) ? STR_NULL : na->tag);
	mac_field(&m, sip_msg_nameaddr(ctx->msg, HDR_TO, &na) ? STR_NULL : na->tag);
	cseq.number = 0;
	(void)sip_msg_cseq(ctx->msg, &cseq);
	mac_add(&m, &cseq.number, sizeof(cseq.number));
	return key_end(&m);
}

static struct bucket *bucket_of(struct waits *ws, uint64_t key)
{
	return &ws->buckets[key & (BUCKETS - 1)];
}

static struct wait_row *row_at(struct waits *ws, uint32_t link)
{
	return link ? (struct wait_row *)slab_at(ws->rows, link - 1) : NULL;
}

static struct wait_row *find_locked(struct waits *ws, struct bucket *b, uint64_t key)
{
	struct wait_row *r = row_at(ws, atomic_load(&b->head));

	while (r && r->key != key)
		r = row_at(ws, atomic_load(&r->next));
	return r;
}

enum wait_meet waits_meet(struct ctx *ctx)
{
	struct waits *ws = waits_of(ctx);
	bool is_cancel = ctx->msg->method == METHOD_CANCEL;
	struct wait_row *r;
	struct bucket *b;
	enum wait_meet retransmission = MEET_RETRANSMISSION;
	unsigned owner = 0;
	uint64_t key;

	/* what was taken out and handed over is seen by who asks for it there next */
	if (!atomic_load_explicit(&ws->listed, memory_order_acquire))
		return MEET_NOTHING;
	key = key_of(ctx, is_cancel ? STR("INVITE") : ctx->msg->method_text);
	b = bucket_of(ws, key);
	if (!atomic_load(&b->head))
		return MEET_NOTHING;
	lock_take(&b->lock);
	r = find_locked(ws, b, key);
	if (r && is_cancel) {
		owner = r->owner;
		atomic_store(&r->cancelled, 1);
	} else if (r && atomic_load(&r->cancelled)) {
		retransmission = MEET_CANCELLED;
	}
	lock_drop(&b->lock);
	if (!r)
		return MEET_NOTHING;
	if (!is_cancel)
		return retransmission;
	FAULT("msg.cancel");
	atomic_store(&ws->posted[owner], 1);
	slot_wake(&ctx->worker->run->slots[owner]);
	return MEET_CANCEL;
}

/* Puts the row into its bucket, if no other has its key. */
static int list_in(struct waits *ws, struct wait_row *r)
{
	struct bucket *b = bucket_of(ws, r->key);
	int err = 0;

	atomic_fetch_add(&ws->listed, 1);
	lock_take(&b->lock);
	if (find_locked(ws, b, r->key)) {
		err = -EEXIST;
		atomic_fetch_sub(&ws->listed, 1);
	} else {
		atomic_store(&r->next, atomic_load(&b->head));
		atomic_store(&r->is_listed, 1);
		FAULT("msg.wait.link");
		atomic_store(&b->head, slab_index(ws->rows, &r->row) + 1);
		FAULT("msg.wait.linked");
	}
	lock_drop(&b->lock);
	return err;
}

/* Takes it out, if it is there: a worker may have died before or behind the store that put it in. */
static void list_out(struct waits *ws, struct wait_row *r)
{
	struct bucket *b = bucket_of(ws, r->key);
	uint32_t self = slab_index(ws->rows, &r->row) + 1;
	_Atomic uint32_t *link = &b->head;

	if (!atomic_load(&r->is_listed))
		return;
	lock_take(&b->lock);
	while (atomic_load(link) && atomic_load(link) != self)
		link = &row_at(ws, atomic_load(link))->next;
	if (atomic_load(link)) {
		FAULT("msg.wait.unlink");
		atomic_store(link, atomic_load(&r->next));
		FAULT("msg.wait.unlinked");
		atomic_fetch_sub(&ws->listed, 1);
	}
	atomic_store(&r->is_listed, 0);
	lock_drop(&b->lock);
}

static void origin_store(struct wait_row *r, const struct origin *from)
{
	r->listener = from->listener->index;
	r->transport = (uint16_t)from->transport->id;
	r->conn = from->conn;
	r->src = from->src;
	r->dst = from->dst;
}

/* The message in a chunk of the row's. It says live only once the row names it, and the row's id is its owner: so a successor can tell whether the
 * chunk that a row names is still the row's. */
static int text_store(struct waits *ws, struct wait_row *r, struct str text)
{
	char *chunk = chunk_alloc(ws->shm, text.n, slab_id(ws->rows, &r->row));

	if (!chunk)
		return -ENOMEM;
	memcpy(chunk, text.p, text.n);
	r->text_n = (uint32_t)text.n;
	atomic_store(&r->text, chunk);
	FAULT("msg.wait.text");
	chunk_publish(ws->shm, chunk);
	return 0;
}

static bool text_is_here(struct waits *ws, struct wait_row *r)
{
	char *chunk = atomic_load(&r->text);

	return chunk && chunk_state(ws->shm, chunk) == MEM_LIVE &&
	       chunk_owner(ws->shm, chunk) == slab_id(ws->rows, &r->row);
}

static void row_free(struct waits *ws, struct wait_row *r)
{
	list_out(ws, r);
	if (text_is_here(ws, r)) {
		char *chunk = atomic_load(&r->text);

		chunk_dying(ws->shm, chunk);
		FAULT("msg.wait.dying");
		chunk_free(ws->shm, chunk);
	}
	atomic_store(&r->text, NULL);
	slab_dying(&r->row);
	FAULT("msg.wait.free");
	slab_free(ws->rows, &r->row);
}

static struct wait_row *row_new(struct waits *ws, struct ctx *ctx)
{
	struct wait_row *r = (struct wait_row *)slab_alloc(ws->rows);

	if (!r)
		return NULL;
	atomic_store(&r->next, 0);
	atomic_store(&r->is_listed, 0);
	atomic_store(&r->cancelled, 0);
	atomic_store(&r->answered, 0);
	atomic_store(&r->text, NULL);
	r->key = 0;
	r->owner = (uint16_t)ctx->worker->n;
	r->may_answer = !ctx->trans && ctx->msg->is_request && ctx->msg->method != METHOD_ACK;
	origin_store(r, &ctx->from);
	slab_publish(&r->row);
	FAULT("msg.wait.row");
	return r;
}

int wait_enter(struct ctx *ctx)
{
	struct waits *ws = waits_of(ctx);
	struct wait_row *r = row_new(ws, ctx);
	int err;

	if (!r)
		return -ENOSPC;
	err = ctx->trans ? 0 : text_store(ws, r, ctx->msg->buf);
	if (!err && r->may_answer) {
		r->key = key_of(ctx, ctx->msg->method_text);
		err = list_in(ws, r);
	}
	if (err) {
		row_free(ws, r);
		return err;
	}
	ctx->park = r;
	return 0;
}

void wait_leave(struct ctx *ctx)
{
	struct wait_row *r = ctx->park;

	ctx->park = NULL;
	if (r)
		row_free(waits_of(ctx), r);
}

bool wait_hand_over(struct ctx *ctx)
{
	struct wait_row *r = ctx->park;

	if (!r)
		return false;
	atomic_store(&r->answered, 1);
	FAULT("msg.wait.hand");
	list_out(waits_of(ctx), r);
	return atomic_load(&r->cancelled);
}

bool wait_is_cancelled(const struct ctx *ctx)
{
	const struct wait_row *r = ctx->park;

	return r && atomic_load(&r->cancelled);
}

void wait_answered(struct ctx *ctx)
{
	struct wait_row *r = ctx->park;

	if (r)
		atomic_store(&r->answered, 1);
}

uint64_t wait_id(const struct ctx *ctx)
{
	const struct wait_row *r = ctx->park;

	return r ? slab_id(waits_of(ctx)->rows, &r->row) : 0;
}

struct str wait_text(const struct ctx *ctx)
{
	struct wait_row *r = ctx->park;

	if (ctx->trans)
		return ctx->trans_text;
	return r ? str_of(atomic_load(&r->text), r->text_n) : STR_NULL;
}

bool waits_posted(struct worker *w)
{
	_Atomic uint32_t *posted = &w->run->msgs->waits->posted[w->n];

	if (!atomic_load_explicit(posted, memory_order_relaxed))
		return false;
	return atomic_exchange(posted, 0) != 0;
}

void waits_recover(struct worker *w)
{
	/* such rows are in no bucket and hold no text */
	slab_recover(w->run->msgs->waits->rows, w->n, NULL, NULL);
}

bool waits_orphan_next(struct worker *w, unsigned *at, struct orphan *o_r)
{
	struct waits *ws = w->run->msgs->waits;
	unsigned top = slab_top(ws->rows);

	for (; *at < top; ++*at) {
		struct wait_row *r = (struct wait_row *)slab_at(ws->rows, *at);
		unsigned state = r ? atomic_load(&r->row.state) : MEM_FREE;

		if (state != MEM_LIVE || r->owner != w->n)
			continue;
		*o_r = (struct orphan){ .row = r };
		o_r->from = (struct origin){
			.listener = w->msg->net->listener_at(w->run, r->listener),
			.transport = transport_of((enum transport_id)r->transport),
			.src = r->src,
			.dst = r->dst,
			.conn = r->conn,
		};
		if (r->may_answer && !atomic_load(&r->answered) && text_is_here(ws, r))
			o_r->text = str_of(atomic_load(&r->text), r->text_n);
		++*at;
		return true;
	}
	return false;
}

void waits_orphan_done(struct worker *w, struct orphan *o)
{
	row_free(w->run->msgs->waits, o->row);
	o->row = NULL;
}

unsigned waits_used(const struct waits *ws)
{
	return slab_used(ws->rows);
}

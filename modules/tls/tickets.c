/* SPDX-License-Identifier: BSD-2-Clause */
/* How keys of tickets are derived, and the table of sessions that may be taken up again: buckets of ids of rows, each row with its bytes in a chunk. */
#include "modules/tls/tickets.h"

#include "modules/tls/counters.h"

#include <errno.h>
#include <gnutls/crypto.h>

#define CELLS	16u /* of a bucket: one that is full loses its oldest session */
#define BUCKETS (TLS_SESSIONS_MAX / CELLS)
#define MASTER	64u

/* A session. Rows are live only while a cell has their id, and change under the bucket's lock. */
struct kept_session {
	struct slab_row row;
	struct tls_resume_id id;
	uint64_t until; /* clock_ms */
	size_t n;
	void *data; /* a chunk whose owner is the row */
};

struct bucket {
	struct lock lock;
	uint64_t ids[CELLS]; /* of rows; what leads to no live row is an empty cell */
};

struct tickets {
	struct shm *shm;
	struct slab *sessions;
	uint8_t master[MASTER]; /* without session_ticket_key_file */
	struct bucket buckets[BUCKETS];
};

static struct tickets *tickets; /* shared, made before the first fork */

/* --- server: keys --------------------------------------------------------------------------------------------------------------------- */

const char *tls_ticket_file_fault(struct str bytes)
{
	return bytes.n < TLS_TICKET_FILE_MIN
		       ? "it has less than 32 random bytes: make it with head -c 64 /dev/urandom"
		       : NULL;
}

static int hmac_field(gnutls_hmac_hd_t h, struct str s)
{
	uint32_t n = (uint32_t)s.n;
	int err = gnutls_hmac(h, &n, sizeof(n));

	return err || !s.n ? err : gnutls_hmac(h, s.p, s.n);
}

static int hmac_domain(gnutls_hmac_hd_t h, const struct tls_domain *d)
{
	int err = hmac_field(h, STR("serac session tickets"));

	if (!err)
		err = hmac_field(h, d->text);
	if (!err)
		err = hmac_field(h, d->name);
	if (!err)
		err = hmac_field(h, str_of((const char *)d->policy, sizeof(d->policy)));
	return err;
}

bool tls_ticket_key(const struct tls_conf *conf, const struct tls_domain *d,
		    uint8_t key_r[TLS_TICKET_KEY])
{
	struct str master = conf->session_ticket_key;
	gnutls_hmac_hd_t h;
	int err;

	if (!conf->tickets)
		return false;
	if (!master.n)
		master = str_of((const char *)tickets->master, MASTER);
	if (gnutls_hmac_init(&h, GNUTLS_MAC_SHA512, master.p, master.n))
		return false;
	err = hmac_domain(h, d);
	gnutls_hmac_deinit(h, key_r);
	return !err;
}

/* --- client: what a session is kept under ----------------------------------------------------------------------------------------------- */

static int hash_field(gnutls_hash_hd_t h, struct str s)
{
	uint32_t n = (uint32_t)s.n;
	int err = gnutls_hash(h, &n, sizeof(n));

	return err || !s.n ? err : gnutls_hash(h, s.p, s.n);
}

/* A name with the port; else the address with it. */
static struct str place_text(struct str identity, const struct addr *peer, struct buf *b)
{
	if (str_is_null(identity)) {
		addr_port_put(b, peer);
	} else {
		buf_lit(b, "name ");
		for (size_t i = 0; i < identity.n; i++)
			buf_char(b, char_lower(identity.p[i]));
		buf_char(b, ':');
		buf_uint(b, addr_port(peer));
	}
	return buf_str(b);
}

bool tls_resume_id(const struct tls_domain *d, struct str identity, const struct addr *peer,
		   struct tls_resume_id *id_r)
{
	char text[512];
	struct buf b = BUF_ON(text);
	struct str place = place_text(identity, peer, &b);
	gnutls_hash_hd_t h;
	int err;

	if (!buf_ok(&b) || gnutls_hash_init(&h, GNUTLS_DIG_SHA256))
		return false;
	err = hash_field(h, place);
	if (!err)
		err = hash_field(h, d->text);
	if (!err)
		err = hash_field(h, d->name);
	if (!err)
		err = hash_field(h, str_of((const char *)d->policy, sizeof(d->policy)));
	gnutls_hash_deinit(h, id_r->digest);
	return !err;
}

/* --- client: the table -------------------------------------------------------------------------------------------------------------------- */

static struct bucket *bucket_of(const struct tls_resume_id *id)
{
	return &tickets->buckets[id->digest[0] % BUCKETS];
}

static struct kept_session *session_at(const struct bucket *b, unsigned cell)
{
	return (struct kept_session *)slab_find(tickets->sessions, b->ids[cell]);
}

static bool is_of(const struct kept_session *k, const struct tls_resume_id *id)
{
	return !memcmp(k->id.digest, id->digest, sizeof(id->digest));
}

/* Under the lock. The cell with that id; else, to put one there, the best to lose: an empty one, else the oldest. */
static unsigned cell_of(const struct bucket *b, const struct tls_resume_id *id)
{
	uint64_t oldest = UINT64_MAX;
	unsigned best = 0;

	for (unsigned i = 0; i < CELLS; i++) {
		const struct kept_session *k = session_at(b, i);
		uint64_t until = k ? k->until : 0;

		if (k && is_of(k, id))
			return i;
		if (until < oldest) {
			oldest = until;
			best = i;
		}
	}
	return best;
}

/* Under the lock, of a dying row: nobody finds it any more. */
static void session_free(struct kept_session *k)
{
	void *data = k->data;

	chunk_dying(tickets->shm, data);
	FAULT("tls.session.dying");
	k->data = NULL;
	chunk_free(tickets->shm, data);
	FAULT("tls.session.freed");
	slab_free(tickets->sessions, &k->row);
}

/* A row with a copy of the session; both are building. NULL: no memory. */
static struct kept_session *session_make(const struct tls_resume_id *id, const gnutls_datum_t *data,
					 uint64_t now)
{
	struct kept_session *k = (struct kept_session *)slab_alloc(tickets->sessions);

	if (!k)
		return NULL;
	FAULT("tls.session.row");
	k->id = *id;
	k->until = now + TLS_SESSION_MS;
	k->n = data->size;
	k->data = chunk_alloc(tickets->shm, data->size, slab_id(tickets->sessions, &k->row));
	FAULT("tls.session.chunk");
	if (!k->data) {
		slab_free(tickets->sessions, &k->row);
		return NULL;
	}
	memcpy(k->data, data->data, data->size);
	return k;
}

void tls_resume_keep(struct worker *w, const struct tls_resume_id *id, const gnutls_datum_t *data)
{
	struct kept_session *k = NULL, *old;
	struct bucket *b = bucket_of(id);
	unsigned cell;

	if (data->size && data->size <= TLS_SESSION_SIZE_MAX)
		k = session_make(id, data, w->now);
	if (!k)
		return;
	lock_take(&b->lock);
	cell = cell_of(b, id);
	old = session_at(b, cell);
	if (old)
		slab_dying(&old->row);
	FAULT("tls.session.old");
	chunk_publish(tickets->shm, k->data);
	FAULT("tls.session.data");
	b->ids[cell] = slab_id(tickets->sessions, &k->row);
	FAULT("tls.session.cell");
	slab_publish(&k->row);
	FAULT("tls.session.live");
	tls_count(TLS_COUNT_SESSIONS_KEPT);
	if (old)
		session_free(old);
	lock_drop(&b->lock);
}

gnutls_datum_t tls_resume_take(struct worker *w, const struct tls_resume_id *id)
{
	static unsigned char bytes[TLS_SESSION_SIZE_MAX]; /* this process's */
	gnutls_datum_t found = { .data = bytes };
	struct bucket *b = bucket_of(id);
	struct kept_session *k;

	lock_take(&b->lock);
	k = session_at(b, cell_of(b, id));
	if (k && is_of(k, id)) {
		if (k->until > w->now) {
			memcpy(bytes, k->data, k->n);
			found.size = (unsigned)k->n;
		}
		slab_dying(&k->row);
		FAULT("tls.session.taken");
		session_free(k);
	}
	lock_drop(&b->lock);
	if (found.size)
		tls_count(TLS_COUNT_SESSIONS_OFFERED);
	return found;
}

/* --- begin and death ---------------------------------------------------------------------------------------------------------------------- */

int tls_tickets_open(struct run *run)
{
	uint64_t owner = ID_MAKE(ID_CORE, 0, 0);
	struct tickets *t = chunk_alloc(run->shm, sizeof(*t), owner);

	if (!t)
		return -ENOMEM;
	*t = (struct tickets){ .shm = run->shm };
	/* a new one is made before it takes the place of another */
	t->sessions = slab_new(run->shm, ID_TLS_SESSION, sizeof(struct kept_session),
			       TLS_SESSIONS_MAX + SHM_SLOTS_MAX, NULL);
	if (!t->sessions) {
		chunk_free(run->shm, t);
		return -ENOMEM;
	}
	random_bytes(t->master, MASTER);
	for (unsigned i = 0; i < BUCKETS; i++)
		lock_init(&t->buckets[i].lock, LOCK_TABLE);
	chunk_publish(run->shm, t);
	tickets = t;
	return 0;
}

/* What was building or dying in the dead worker's name was given back before this, maybe the chunk too: then it is not the row's any more. */
static void recover(struct slab_row *row, void *arg)
{
	struct kept_session *k = (struct kept_session *)row;
	struct shm *shm = tickets->shm;

	(void)arg;
	FAULT("tls.session.recover");
	if (!k->data || chunk_state(shm, k->data) != MEM_LIVE ||
	    chunk_owner(shm, k->data) != slab_id(tickets->sessions, row))
		return;
	chunk_dying(shm, k->data);
	chunk_free(shm, k->data);
}

void tls_tickets_start(struct worker *w)
{
	slab_recover(tickets->sessions, w->n, recover, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* One message, and the answers to it, through a script. */
#include "core/try/message.h"
#include "core/try/report.h"
#include "core/try/router.h"
#include "core/try/try.h"

#include "core/run/log.h"

#include <errno.h>
#include <stdlib.h>

#define PLACE_UNKNOWN "udp:192.0.2.1:5060" /* RFC 5737 */
#define PLACE_OF_PEER "tls:192.0.2.1:5061"
#define POOL_MAX      (256u << 20)

struct tryout {
	const struct options *o;
	struct router *router;
	struct pool *pool;
	const struct record *records[1 + OPTIONS_REPLIES_MAX];
	unsigned n;
	const struct sent *request; /* that was sent last */
	const char *note;
};

static int complain(const char *what_z, const char *object_z, const char *why_z, const char *hint_z)
{
	fprintf(stderr, "serac: %s %s: %s\n", what_z, object_z, why_z);
	if (hint_z && *hint_z)
		fprintf(stderr, "  hint: %s\n", hint_z);
	return -EINVAL;
}

static int receive(struct tryout *t, const struct origin *from, struct str text)
{
	struct record *r = router_receive(t->router, t->pool, from, text);

	if (!r)
		return complain("could not try", "the message", "not enough memory", NULL);
	t->records[t->n++] = r;
	for (const struct sent *s = r->sent; s; s = s->next)
		if (s->msg && s->msg->is_request)
			t->request = s;
	return 0;
}

static int message_load(struct tryout *t, const char *path_z, struct message *m_r)
{
	struct str bytes;
	int err = message_read(t->pool, path_z, MESSAGE_FILE_MAX, &bytes);

	if (!err)
		err = message_of(t->pool, bytes, m_r);
	if (err)
		return complain("could not read the message", path_z, log_errno_z(err), NULL);
	if (!bytes.n)
		return complain("cannot try", path_z, "the file is empty", NULL);
	return 0;
}

/* The command line's word, else a crash file's, else what the Via says. */
static struct str place_of(struct tryout *t, const struct message *m)
{
	struct str via;

	if (t->o->from_z)
		return str_z(t->o->from_z);
	if (!str_is_null(m->from))
		return m->from;
	if (t->o->tls_peer_z)
		return STR(PLACE_OF_PEER);
	via = message_place(t->pool, m->text);
	return str_is_null(via) ? STR(PLACE_UNKNOWN) : via;
}

static void note_add(struct tryout *t, struct str note)
{
	size_t n = note.n + (t->note ? strlen(t->note) : 0) + 3;
	struct buf b = buf_over(pool_alloc(t->pool, n), n);

	if (!b.p)
		return;
	if (t->note)
		buf_fmt(&b, "%s; ", t->note);
	buf_str_put(&b, note);
	t->note = buf_z(&b);
}

/* With --tls-peer: the certificates that whoever is at from shows. */
static int peer_connect(struct tryout *t, const struct origin *from)
{
	const char *path_z = t->o->tls_peer_z, *why;
	struct str bytes = STR_NULL, note;
	int err = path_z ? message_read(t->pool, path_z, MESSAGE_FILE_MAX, &bytes) : 0;

	if (err)
		return complain("could not read the certificate", path_z, log_errno_z(err), NULL);
	why = router_peer(t->router, t->pool, from, bytes, &note);
	if (why)
		return complain(
			"cannot use", path_z ? path_z : "the connection", why,
			from->transport->secure
				? NULL
				: "--from tls:192.0.2.1:5061 says where the message comes from");
	if (!str_is_null(note))
		note_add(t, note);
	return 0;
}

static int request_run(struct tryout *t)
{
	struct origin from;
	struct message m;
	char hint_z[512], place_z[256];
	struct str place, to;
	const char *why;
	int err = message_load(t, t->o->try_z, &m);

	if (err)
		return err;
	t->note = m.note;
	place = place_of(t, &m);
	to = t->o->to_z ? str_z(t->o->to_z) : t->o->from_z ? STR_NULL : m.to;
	why = router_origin(t->router, place, to, &from, hint_z, sizeof(hint_z));
	snprintf(place_z, sizeof(place_z), STRF, STRA(place));
	if (why)
		return complain("cannot let the message come from", place_z, why, hint_z);
	err = peer_connect(t, &from);
	return err ? err : receive(t, &from, m.text);
}

static int reply_run(struct tryout *t, const char *path_z)
{
	struct origin from;
	struct message m;
	struct str text;
	int err = message_load(t, path_z, &m);

	if (err)
		return err;
	if (!t->request)
		return complain("cannot answer with", path_z, "no request was sent on", NULL);
	text = message_answer_of(t->pool, t->request, m.text);
	if (str_is_null(text))
		return complain("cannot answer with", path_z, "it is not a response", NULL);
	from = router_origin_back(t->request);
	return receive(t, &from, text);
}

static int names_add(struct router *r, const struct options *o)
{
	for (unsigned i = 0; i < o->dns_n; i++) {
		struct str text = str_z(o->dns_z[i]), name;
		const char *why = "--dns is written NAME=ADDRESS";

		if (str_chr(text, '=') > 0 && str_split(&text, '=', &name))
			why = router_name_add(r, str_trim(name), text);
		if (why)
			return complain("cannot use", o->dns_z[i], why, NULL);
	}
	return 0;
}

static int run_all(struct tryout *t)
{
	int err = names_add(t->router, t->o);

	if (!err)
		err = request_run(t);
	for (unsigned i = 0; i < t->o->replies_n && !err; i++)
		err = reply_run(t, t->o->replies_z[i]);
	return err;
}

static int print(struct tryout *t)
{
	struct listing *s = listing_new(t->pool);

	if (!s)
		return -ENOMEM;
	if (t->o->json)
		return report_json(t->records, t->n, t->note, s, stdout);
	if (t->note)
		printf("note: %s\n", t->note);
	for (unsigned i = 0; i < t->n; i++) {
		if (i)
			printf("\n");
		report_text(t->records[i], s, stdout);
	}
	return 0;
}

int try_message(struct run *run, const struct options *o, const struct try_ops *ops)
{
	struct tryout t = { .o = o };
	const struct conf *conf = NULL;
	int err;

	t.pool = pool_new(65536, POOL_MAX);
	t.router = calloc(1, sizeof(*t.router));
	err = t.pool && t.router ? ops->memory_start(run) : -ENOMEM;
	if (!err)
		err = ops->load(run, o, stderr, &conf);
	if (!err)
		err = router_start(t.router, run, conf, ops->modules_start);
	if (!err) {
		err = run_all(&t);
		if (!err || t.n)
			err = print(&t) || err ? -EINVAL : 0;
		router_stop(t.router);
	}
	free(t.router);
	pool_drop(&t.pool);
	return err ? 1 : 0;
}

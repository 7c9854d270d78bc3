/* SPDX-License-Identifier: BSD-2-Clause */
/* The steps of a test, one after the other, and what is wrong with what came of them. */
#include "core/try/runner.h"

#include "core/base/clock.h"
#include "core/run/log.h"
#include "core/try/judge.h"
#include "core/try/message.h"
#include "core/try/report.h"
#include "core/try/router.h"

#include <errno.h>
#include <stdlib.h>

#define PLACE_DEFAULT "udp:192.0.2.1:5060" /* RFC 5737 */
#define PLACE_OF_PEER "tls:192.0.2.1:5061"
#define POOL_MAX      (64u << 20)
#define WHY_MAX	      4096u

struct runner {
	struct results *results;
	struct outcome *outcome; /* of the running test */
	struct router *router;
	struct listing *sources;
	bool trace;
	unsigned number; /* of messages in this file */

	struct pool *pool;	    /* of the running test */
	struct str from, to;	    /* null: the default */
	struct str peer;	    /* the certificates that it shows; null: none */
	struct record *record;	    /* of the last message */
	const struct sent *request; /* that was sent last */
	const struct sent *found;   /* by an expectation */
	bool failed;
};

static void tell(struct runner *r, const struct step *s, const char *what, struct str detail)
{
	char text[WHY_MAX + 1024];
	struct buf b = BUF_ON(text);

	buf_fmt(&b, "%s:%u: " STRF "\n    %s" STRF "\n", r->results->path_z, s->line, STRA(s->said),
		what, STRA(detail));
	results_tell(r->results, r->outcome, buf_str(&b));
	r->failed = true;
}

static void tell_trace(struct runner *r)
{
	char *text_z = NULL;
	size_t n = 0;
	FILE *out = r->record ? open_memstream(&text_z, &n) : NULL;

	if (!out)
		return;
	report_text(r->record, r->sources, out);
	fclose(out);
	results_tell(r->results, r->outcome, str_of(text_z, n));
	free(text_z);
}

/* --- messages ------------------------------------------------------------------------------------------------------------------------------- */
static void receive(struct runner *r, const struct step *s, const struct origin *from,
		    struct str text)
{
	r->found = NULL;
	r->record = router_receive(r->router, r->pool, from, text);
	if (!r->record) {
		tell(r, s, "not enough memory", STR_NULL);
		return;
	}
	for (const struct sent *m = r->record->sent; m; m = m->next)
		if (m->msg && m->msg->is_request)
			r->request = m;
}

static void receive_from(struct runner *r, const struct step *s, struct str place, struct str to,
			 struct str text)
{
	char hint_z[512];
	struct origin from;
	const char *why = router_origin(r->router, place, to, &from, hint_z, sizeof(hint_z));
	struct str note;
	char told_z[1024];

	if (!why)
		why = router_peer(r->router, r->pool, &from, r->peer, &note);
	if (!why) {
		receive(r, s, &from, text);
		return;
	}
	snprintf(told_z, sizeof(told_z), "%s%s%s", why, *hint_z ? "; " : "", hint_z);
	tell(r, s, told_z, STR_NULL);
}

static struct str place_default(const struct runner *r)
{
	return str_is_null(r->peer) ? STR(PLACE_DEFAULT) : STR(PLACE_OF_PEER);
}

static void run_request(struct runner *r, const struct step *s)
{
	struct str place = str_is_null(r->from) ? place_default(r) : r->from;
	struct str text = message_request(r->pool, s->text, s->lines, place, ++r->number);

	if (str_is_null(text))
		tell(r, s, "not enough memory", STR_NULL);
	else
		receive_from(r, s, place, r->to, text);
}

/* A file beside the test file. */
static int file_beside(struct runner *r, struct str name, struct str *text_r)
{
	const char *path_z = r->results->path_z;
	ssize_t slash = str_rchr(str_z(path_z), '/');
	char full_z[4096];

	if (slash < 0 || name.p[0] == '/')
		slash = -1;
	snprintf(full_z, sizeof(full_z), "%.*s" STRF, (int)slash + 1, path_z, STRA(name));
	return message_read(r->pool, full_z, MESSAGE_FILE_MAX, text_r);
}

static void run_message(struct runner *r, const struct step *s)
{
	struct str bytes = s->lines, place = r->from, to = r->to;
	struct message m;
	int err = s->text.n ? file_beside(r, s->text, &bytes) : 0;

	if (!err)
		err = message_of(r->pool, bytes, &m);
	if (err) {
		tell(r, s, "could not read the message: ", str_z(log_errno_z(err)));
		return;
	}
	if (str_is_null(place))
		place = m.from;
	if (str_is_null(to) && str_is_null(r->from))
		to = m.to;
	if (str_is_null(place) && str_is_null(r->peer))
		place = message_place(r->pool, m.text);
	receive_from(r, s, str_is_null(place) ? place_default(r) : place, to, m.text);
}

static void run_reply(struct runner *r, const struct step *s)
{
	struct origin from;
	struct str text;

	if (!r->request) {
		tell(r, s, "no request was sent on that could be answered", STR_NULL);
		return;
	}
	text = message_answer(r->pool, r->request, s->text, s->lines);
	from = router_origin_back(r->request);
	if (str_is_null(text))
		tell(r, s, "not enough memory", STR_NULL);
	else
		receive(r, s, &from, text);
}

static void run_tls_peer(struct runner *r, const struct step *s)
{
	int err = 0;

	r->peer = STR_NULL;
	if (!str_eq(s->text, STR("none")))
		err = file_beside(r, s->text, &r->peer);
	if (err)
		tell(r, s, "could not read the certificate: ", str_z(log_errno_z(err)));
}

static void run_dns(struct runner *r, const struct step *s)
{
	struct str text = s->text, name;
	const char *why = "a name and an address are needed";

	if (str_split(&text, ' ', &name) && str_trim(text).n)
		why = router_name_add(r->router, name, text);
	if (why)
		tell(r, s, why, STR_NULL);
}

static void run_expect(struct runner *r, const struct step *s)
{
	char text[WHY_MAX];
	struct buf why = BUF_ON(text);

	if (!r->record || judge(&s->expect, r->record, &r->found, &why))
		return;
	tell(r, s, "came: ", buf_str(&why));
}

/* --- tests ------------------------------------------------------------------------------------------------------------------------------------ */
static void step_run(struct runner *r, const struct step *s)
{
	switch (s->kind) {
	case STEP_FROM:
		r->from = s->text;
		break;
	case STEP_TO:
		r->to = s->text;
		break;
	case STEP_TLS_PEER:
		run_tls_peer(r, s);
		break;
	case STEP_DNS:
		run_dns(r, s);
		break;
	case STEP_REQUEST:
		run_request(r, s);
		break;
	case STEP_MESSAGE:
		run_message(r, s);
		break;
	case STEP_REPLY:
		run_reply(r, s);
		break;
	case STEP_EXPECT:
		run_expect(r, s);
		break;
	}
}

/* Once something is wrong, only what else was expected of the same message is looked at. */
static void steps_run(struct runner *r, const struct step *s)
{
	for (; s; s = s->next) {
		if (r->failed && s->kind != STEP_EXPECT)
			break;
		step_run(r, s);
	}
}

static void case_run(struct runner *r, const struct test_case *c)
{
	uint64_t since = clock_us();

	r->pool = pool_new(65536, POOL_MAX);
	r->from = r->to = r->peer = STR_NULL;
	r->record = NULL;
	r->request = r->found = NULL;
	r->failed = !r->pool;
	r->outcome->state = OUTCOME_RUNS;
	router_names_forget(r->router);
	if (r->pool) {
		steps_run(r, r->results->file.common);
		steps_run(r, c->steps);
	}
	if (r->failed && r->trace)
		tell_trace(r);
	pool_drop(&r->pool);
	r->outcome->us = clock_us() - since;
	r->outcome->state = r->failed ? OUTCOME_FAILED : OUTCOME_PASSED;
}

static void cases_run(struct runner *r)
{
	unsigned i = 0;

	for (const struct test_case *c = r->results->file.cases; c; c = c->next) {
		r->outcome = &r->results->cases[i++];
		case_run(r, c);
	}
}

static void cannot(struct results *r, struct str why)
{
	results_tell(r, &r->whole, why);
	r->whole.state = OUTCOME_FAILED;
}

/* True when the script is good; its diagnostics are told when it is not. */
static bool script_read(struct results *r, struct run *run, const struct options *o,
			const struct try_ops *ops, const struct conf **conf_r)
{
	struct options with = *o;
	char *told_z = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&told_z, &n);
	int err = out ? ops->memory_start(run) : -ENOMEM;

	with.path_z = r->file.script_z;
	if (!err)
		err = ops->load(run, &with, out, conf_r);
	if (out)
		fclose(out);
	if (err)
		cannot(r, n ? str_of(told_z, n) : STR("not enough memory\n"));
	free(told_z);
	return !err;
}

void runner_run(struct results *r, struct run *run, const struct options *o,
		const struct try_ops *ops)
{
	struct pool *pool = pool_new(65536, POOL_MAX);
	struct runner runner = { .results = r, .trace = o->trace };
	const struct conf *conf = NULL;

	runner.router = calloc(1, sizeof(*runner.router));
	runner.sources = pool ? listing_new(pool) : NULL;
	if (!runner.router || !runner.sources)
		cannot(r, STR("not enough memory\n"));
	else if (script_read(r, run, o, ops, &conf)) {
		if (router_start(runner.router, run, conf, ops->modules_start)) {
			cannot(r, STR("the script's router could not be made; see above\n"));
		} else {
			cases_run(&runner);
			router_stop(runner.router);
		}
	}
	free(runner.router);
	pool_drop(&pool);
}

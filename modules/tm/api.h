/* SPDX-License-Identifier: BSD-2-Clause */
/* What other modules may do with transactions: module_api(conf, "tm") is a struct tm_api. */
#ifndef TM_API_H
#define TM_API_H

#include "core/mod/api.h"

/* --- requests that are made here ------------------------------------------------------------------------------------------------- */
/* What became of one. */
struct tm_answer {
	uint64_t id;
	unsigned
		status; /* also one made here: 408, nobody answered; 500, 503, it could not be sent, or a worker died; 487 */
	struct str reason;	  /* its phrase */
	struct sip_msg *response; /* NULL: made here */
};

/* Who wants to know: a constant of its module. */
struct tm_maker {
	/* The final answer, once, in the worker that runs the transaction, perhaps before send() has returned; data as given to send(). Of an INVITE that forked
	 * further down only the first 2xx. NULL: nobody wants to know. */
	void (*answered)(struct worker *w, const struct tm_answer *a, const void *data,
			 size_t data_n);
	/* The ACK of a 2xx is the maker's; else it is sent here, each time the 2xx comes. */
	bool acks;
};

/* Null texts and 0 are made up or left out. Nothing of it is needed behind send(). */
struct tm_request {
	struct str method, ruri;
	struct str from,
		to; /* values of these header fields, which may stand in headers instead; a tag is added to From; To is the Request-URI */
	struct str call_id;
	uint32_t cseq;
	struct str headers;  /* whole lines with CRLF */
	struct str body;     /* whose Content-Type stands in headers */
	struct str next_hop; /* a URI to send it to; null: the first Route, or the Request-URI */
	const struct listener *socket; /* NULL: whichever fits */
	const struct tm_maker *maker;  /* NULL: nobody wants to know what becomes of it */
	const void *data;	       /* plain bytes without pointers, which are copied */
	size_t data_n;
};

/* --- transactions of other requests ------------------------------------------------------------------------------------------------ */
/* A branch of a transaction. Its texts live as long as the context through which they were asked for has the transaction. */
struct tm_branch {
	struct str uri;	    /* the Request-URI that was sent */
	struct str dst_uri; /* $du; null: none */
	const struct target *
		to; /* where it was sent; NULL: nowhere, it stands for a request that nobody went on with */
	unsigned
		status; /* of its last response, or what stands for it (408, 503); 0: nothing came yet */
	struct str
		response; /* the final one, whole, without our Via; null: there is none, or it has gone up */
	bool is_current; /* of the last t_relay(): what a failure route is about */
	bool has_won;	 /* in a failure route: the best one */
};

/* What is told of a transaction, as bits. */
enum tm_event {
	TM_ANSWERED =
		1, /* a final answer went up, also one made here, also a late 2xx; or a provisional one with a body */
	TM_FAILED = 2, /* all branches have failed, and a failure route is about to run */
	TM_ACKED = 4,  /* t_relay() sends an ACK on; there is no transaction */
};

struct tm_note {
	enum tm_event event;
	unsigned status;		/* of an ACK: 200 */
	const struct sip_msg *answer;	/* what went up, or was the best; NULL: nobody answered */
	const struct tm_branch *branch; /* whose answer it is; NULL: made here without one */
	uint64_t born;			/* clock_ms() when the request came */
};

struct tm_watcher {
	/* Which events of ctx's request are to be told, as the script leaves it: it has been sent on, answered, or is just about to be. 0: none; the transaction is
	 * no dearer for it. */
	unsigned (*wants)(struct ctx *ctx);
	/* ctx: the request with its flags and attributes, in the worker that runs the transaction. The flags may be changed; nothing may wait, nor be sent. */
	void (*told)(struct ctx *ctx, const struct tm_note *note);
};

struct tm_api {
	/* Sends a request with a transaction of its own, behind event_route[tm:local-request]. 0 and its id: it is on its way, its maker hears of its end; -EINVAL:
	 * it is none (logged with why); -ECANCELED: the route said drop; -ENOMEM. */
	int (*send)(struct worker *w, const struct tm_request *r, uint64_t *id_r);
	/* Nobody wants an answer to this INVITE any more: CANCEL, as soon as that is allowed; its maker hears what comes of that. False: it has ended. */
	bool (*cancel)(struct worker *w, uint64_t id);
	/* Every branch of ctx's transaction in order: start with *at = 0. False: that was all, or there is no transaction. */
	bool (*branch_next)(struct ctx *ctx, unsigned *at, struct tm_branch *b_r);
	/* In init: watcher stays as it is. -ENOSPC. */
	int (*watch)(const struct tm_watcher *watcher);
	/* A function of a request or failure route that answers with what this answers when it is not FN_TRUE: once the script has ended, the request has no answer,
	 * and *id_r is what resume() is called with. FN_TRUE; FN_END: a retransmission; FN_FALSE: it cannot be (logged why). */
	int (*suspend)(struct ctx *ctx, uint64_t *id_r);
	/* In whatever worker: route[NAME] runs for the request as the script left it, here and now or in the worker that has it. 0; -ESRCH: it is not suspended (any
	 * more): answered, cancelled, timed out, gone on with; -ENOENT: there is no such route that may run as a request's; -ENOMEM. */
	int (*resume)(struct worker *w, uint64_t id, struct str route);
};

#endif

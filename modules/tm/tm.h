/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this module share: configuration, the state that all processes see, this worker's part, counters. */
#ifndef TM_TM_H
#define TM_TM_H

#include "core/mod/api.h"

#include <stdatomic.h>

/* RFC 3261 17.1.1.1: T4, how long a message stays in the network. */
#define TM_T4 5000u
/* RFC 3261 17.1.1.2: 64 * T1, by which most timers are told. */
#define TM_T1_TIMES 64u

struct tm_conf {
	int64_t fr_timer, fr_inv_timer;		       /* ms */
	int64_t max_inv_lifetime, max_noninv_lifetime; /* ms */
	int64_t wt_timer;			       /* ms; 0: as RFC 3261 says */
	int64_t retr_timer1, retr_timer2;	       /* ms: T1, T2 */
	bool auto_inv_100;
	struct str auto_inv_100_reason;
	bool aggregate_challenges;
	bool local_cancel_reason, e2e_cancel_reason;
	bool remap_503_500;
	bool disable_6xx_block;
	bool pass_provisional_replies;
	int64_t unmatched_cancel; /* 0 stateless, 1 stateless, 2 dropped */
	struct str ac_extra_hdrs;
	int64_t default_code;
	struct str default_reason;
	int64_t reply_408_code;
	struct str reply_408_reason;
	bool failure_exec_mode;
	int64_t rich_redirect; /* CONTACT_ bits */
	bool blst_503;
	int64_t blst_503_def_timeout, blst_503_min_timeout, blst_503_max_timeout; /* seconds */
};

extern unsigned tm_section;
static inline const struct tm_conf *tm_conf_of(const struct conf *conf)
{
	return conf->sections[tm_section];
}

struct table;

struct tm_shared {
	struct shm *shm;
	struct slab *rows;
	struct table *table;
};
extern struct tm_shared *tm; /* made by init, before the first fork */

struct node;
struct trans;

/* What was told before this worker had begun. */
struct early {
	uint64_t token;
	int reason;
};

/* This worker's. */
struct tm_worker {
	struct worker *w;
	struct trans *inside; /* who runs it here lets go of it; a context that parks does not */
	bool in_local_request; /* event_route[tm:local-request] runs: what it sends itself does not run it */
	struct trans *spare[64]; /* rows of transactions that ended here, building */
	unsigned spare_n;
	struct node **nodes; /* alarms by row index */
	unsigned nodes_n;
	struct early *early;
	unsigned early_n;
	struct timer recover;
	struct timer bury; /* what there was no memory for */
};
extern struct tm_worker tmw;

#define TM_COUNTER_TABLE(X)                                                                   \
	X(CREATED, "created", "transactions made")                                            \
	X(LOCAL, "local", "of these, for requests made here")                                 \
	X(ENDED, "ended", "transactions that have ended")                                     \
	X(REFUSED, "refused", "transactions that there was no room for")                      \
	X(RETRANSMISSIONS, "retransmissions", "requests that had come before")                \
	X(RESENT_REQUESTS, "resent_requests", "requests sent again")                          \
	X(RESENT_REPLIES, "resent_replies", "answers sent again")                             \
	X(RESPONSES, "rpl_received", "responses received")                                    \
	X(RELAYED, "rpl_relayed", "responses sent on")                                        \
	X(GENERATED, "rpl_generated", "answers made here")                                    \
	X(FINAL_2XX, "2xx", "transactions answered 2xx")                                      \
	X(FINAL_3XX, "3xx", "transactions answered 3xx")                                      \
	X(FINAL_4XX, "4xx", "transactions answered 4xx")                                      \
	X(FINAL_5XX, "5xx", "transactions answered 5xx")                                      \
	X(FINAL_6XX, "6xx", "transactions answered 6xx")                                      \
	X(TIMEOUTS, "timeouts", "branches that did not answer")                               \
	X(UNSENT, "unsent", "branches whose request could not be sent")                       \
	X(FAILED_OVER, "failed_over", "branches tried again at the next address of a name")   \
	X(CANCELS, "cancels", "CANCELs sent")                                                 \
	X(SUSPENDED, "suspended", "requests that scripts left unanswered, to be continued")   \
	X(CONTINUED, "continued", "of these, gone on with")                                   \
	X(POSTED, "posted", "events that were given to the worker which had the transaction") \
	X(ORPHANED, "orphaned", "transactions ended because a worker died in their script")   \
	X(RECOVERED, "recovered", "transactions that went on after the death of their worker")

enum tm_counter {
#define X(id, name, help) TM_##id,
	TM_COUNTER_TABLE(X)
#undef X
		TM_COUNTERS,
};
extern struct counter_group tm_counters;
static inline void tm_count(enum tm_counter what)
{
	counter_inc(&tm_counters, what);
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A transaction in shared memory: its row, which stays at its place, and its body in an arena that is freed whole.
 *
 * Who may touch it: the row's words by anybody, the body only by the worker that runs it (trans_take). Who finds it taken leaves a mail, which the runner
 * takes out before it lets go. A transaction that ended is unlinked first; its memory is used again when every worker has begun another turn, so
 * that a pointer found in a turn is good for that turn. Locks: LOCK_TRANS of a table's stripe, for linking only. */
#ifndef TM_TRANS_H
#define TM_TRANS_H

#include "modules/tm/tm.h"

#define TRANS_BODY_MAX ((size_t)1024 * 1024) /* of one transaction */
#define CLIENTS_MAX    255u		     /* branches of one transaction */

/* Memory of the arena that is used again. */
struct room {
	char *p;
	size_t cap;
};

/* Timers of one state machine; clock_ms, 0: does not run. */
struct alarm {
	uint64_t resend_at; /* A, E, G */
	uint64_t end_at;    /* B, C, D, F, H, I, J, K, L, M */
	uint32_t interval;  /* of resend_at, ms */
};

enum server_state {
	SERVER_TRYING,
	SERVER_PROCEEDING,
	SERVER_COMPLETED,
	SERVER_CONFIRMED,
	SERVER_ACCEPTED,
	SERVER_DONE
};

/* RFC 3261 17.2 */
struct server {
	enum server_state state;
	struct alarm alarm;
	struct target up; /* where answers go */
	unsigned status;  /* the last answer's; 0: none */
	struct str
		last; /* what a retransmission is answered with, where that can happen; null: nothing */
	struct room room; /* for texts that are not kept elsewhere */
};

enum client_state {
	CLIENT_TRYING,	 /* Calling of figure 5 */
	CLIENT_UNWANTED, /* the same, and a CANCEL will be sent as soon as that is allowed */
	CLIENT_PROCEEDING,
	CLIENT_CANCELLING, /* a CANCEL is out: the final response is waited for */
	CLIENT_COMPLETED,
	CLIENT_ACCEPTED,
	CLIENT_DONE
};

/* A route that the script armed. The name, because the transaction may outlive the configuration: body_name(). */
struct armed {
	bool is_set;
	struct str name;
};

struct failover;
struct tm_maker;
struct name;

/* One branch: RFC 3261 17.1, or the CANCEL of one. */
struct client {
	struct client *_Atomic next;
	struct client *cancel; /* NULL: none was sent */
	enum client_state state;
	uint8_t number;
	bool is_invite;
	bool is_cancel;
	bool rang;	 /* had a provisional response */
	bool timed_out;	 /* its final status is ours: it did not answer */
	bool replaced;	 /* the next address of its name was tried instead */
	bool is_dropped; /* t_drop_replies(): it is no candidate any more */
	bool is_told;	 /* those who watch know its final answer: a 2xx comes again and again */
	struct alarm alarm;
	struct target target;
	struct str sent; /* the request as sent; null: it is never needed again */
	unsigned status; /* of its last response; final in COMPLETED, ACCEPTED and DONE */
	struct str
		final; /* the final response without our Via, fit to go up; null: made here, or gone up at once */
	struct str uri, dst_uri, ruid, instance, path;
	uint32_t flags;
	uint32_t breadth;		/* Max-Breadth that it was sent with (RFC 5393) */
	struct armed on_reply;		/* armed in its branch route; else the transaction's */
	struct armed on_branch_failure; /* not run yet */
	struct failover *failover;	/* more addresses of the same name; NULL: none */
};

struct body {
	struct arena *arena;
	struct str request; /* as received */
	struct origin from;
	enum sip_method method;
	uint64_t born;
	uint64_t dies_at; /* max_inv_lifetime, max_noninv_lifetime */
	uint32_t t1, t2, fr, fr_inv;
	struct server server;
	struct client *_Atomic first;
	unsigned clients_n;
	bool is_local; /* a request made here: nobody is upstream, but ... */
	bool is_told;
	const struct tm_maker *maker; /* ... who wants to know what becomes of it; NULL: nobody */
	struct str maker_data;
	bool cancelled;
	struct str cancel_reason; /* Reason lines of the CANCEL that came, with CRLF */
	bool no_6xx_block, no_failover, no_internal_reply, no_e2e_reason;
	bool is_released;   /* t_release() */
	uint32_t suspended; /* the row's word when t_suspend() was called; 0: it is not suspended */
	uint64_t suspended_until;
	bool continued;	       /* behind t_suspend(): what the script leaves is kept anew */
	unsigned clients_seen; /* branches that there were when the failure route began */
	unsigned round;	       /* the number of the first branch of the last t_relay() */
	unsigned watched;      /* enum tm_event bits: what other modules want to be told */
	struct armed on_failure, on_branch, on_reply, on_branch_failure;
	struct armed on_continue;    /* t_continue() came, while a script ran */
	const struct ctx_kept *kept; /* the request as the script left it; NULL: as received */
	const struct avps *avps;     /* NULL: none */
	struct room avps_room[2];    /* where they lie, and where the next ones will */
	struct name *names;	     /* of all routes that were ever armed */
	uint32_t flags, script_flags;
	struct client *
		winner; /* of the branches that failed, while a failure route runs; NULL: none does */
	struct client *failing;	 /* while the route for its failure runs; NULL: none does */
	bool is_deciding;	 /* ... and it has not waited yet */
	struct trans_data *data; /* other modules' */
};

#define TRANS_ASK_CANCEL  1u /* a CANCEL came */
#define TRANS_ASK_REQUEST 2u /* the request came again */
#define TRANS_ASK_ACK	  4u /* the ACK of a refusal came */
#define TRANS_UNBURIED	  8u /* it has ended, and waits for memory to be given back */

struct trans {
	struct slab_row row;
	_Atomic uint32_t next; /* in its bucket: index + 1 */
	_Atomic uint32_t listed;
	uint32_t index;
	uint32_t kind; /* hash of method and sent-by */
	uint64_t key;
	_Atomic uint32_t runner; /* slot + 1, RUNNER_MAIL */
	_Atomic uint32_t asked;	 /* TRANS_ASK_ bits, with RUNNER_MAIL */
	_Atomic uint32_t
		script; /* slot + 1 whose worker has a context with it: runs or waits; SCRIPT_LOST: it died */
	_Atomic uint32_t owner; /* the slot in whose wheel it is */
	_Atomic uint32_t
		suspended; /* odd: somebody may go on with it; one more each time that this changes */
	_Atomic uint64_t deadline; /* clock_ms; 0: none */
	struct mail *_Atomic mail; /* newest first */
	_Atomic uint32_t mails;	   /* how many there are, or a few more when workers died */
	struct arena *arena;
	struct body *_Atomic body;
};

#define RUNNER_MAIL 0x10000u
#define SCRIPT_LOST 0x10000u

enum mail_kind { MAIL_RESPONSE, MAIL_UNSENT, MAIL_CONTINUE, MAIL_CANCEL /* text: Reason lines */ };

#define MAILS_MAX 64u /* of one transaction: more come only while its runner hangs */

/* An event for the runner: a block of the transaction's arena. */
struct mail {
	struct mail *next;
	enum mail_kind kind;
	unsigned
		number; /* of the branch; MAIL_CONTINUE: of the suspension, whose route is the text */
	int reason;	/* MAIL_UNSENT: positive errno */
	struct origin from;
	size_t n;
	char text[];
};

/* --- life ------------------------------------------------------------------------------------------------------------------------- */
/* A new row with an arena that has a body for ctx's request; nobody sees it yet, this worker runs it. NULL: no memory or too many. */
struct trans *trans_new(struct ctx *ctx);
/* Unlinks it: nobody finds it any more. Its memory is given back when nobody looks at it. */
void trans_end(struct trans *t);
/* What was being made and is not published after all; or nobody looks at any more. */
void trans_unmake(struct trans *t);
/* A dying one is given back when nobody looks at it: the second half of trans_end. */
void trans_bury(struct trans *t);

static inline uint64_t trans_id(const struct trans *t)
{
	return ID_MAKE(ID_TRANSACTION, t->index, atomic_load(&t->row.generation));
}
/* NULL: it has ended. */
struct trans *trans_find(uint64_t id);
static inline struct body *trans_body(struct trans *t)
{
	return atomic_load_explicit(&t->body, memory_order_acquire);
}

/* A CANCEL came, whether the runner has seen to it or not. */
static inline bool trans_is_cancelled(struct trans *t)
{
	return trans_body(t)->cancelled || (atomic_load(&t->asked) & TRANS_ASK_CANCEL);
}

/* --- tokens and branch ids: row index 24 bits, generation 32, branch 8; never 0 ------------------------------------------------------ */
static inline uint64_t trans_token(const struct trans *t, unsigned number)
{
	return (uint64_t)t->index << 40 | (uint64_t)atomic_load(&t->row.generation) << 8 | number;
}
static inline uint64_t trans_id_of_token(uint64_t token)
{
	return ID_MAKE(ID_TRANSACTION, (uint32_t)(token >> 40), (uint32_t)(token >> 8));
}

/* --- who runs it ----------------------------------------------------------------------------------------------------------------- */
/* This worker runs it from now on. False: another one does. */
bool trans_take(struct trans *t);
bool trans_is_mine(const struct trans *t);
/* Lets go, if there is nothing to do; false: something came meanwhile, take it out and try again. */
bool trans_leave(struct trans *t);
/* Puts m into the mailbox. True: this worker runs the transaction now, the mail is there to be taken out. */
bool trans_post(struct trans *t, struct mail *m);
/* Asks for what the bits say, with the same answer. */
bool trans_ask(struct trans *t, uint32_t bits);
/* A mail with n bytes behind it. NULL: no memory, or MAILS_MAX are there. What is neither posted nor dropped goes with the transaction. */
struct mail *mail_new(struct trans *t, enum mail_kind kind, size_t n);
void mail_drop(struct trans *t, struct mail *m);
/* The runner's: the oldest one, out of the box. NULL: there is none. */
struct mail *trans_mail_take(struct trans *t);

/* 64 * T1, by which most timers are told. */
static inline uint32_t body_t1_times(const struct body *b)
{
	return b->t1 * TM_T1_TIMES;
}

/* --- clients -------------------------------------------------------------------------------------------------------------------- */
/* A client behind the others, not sent yet. NULL: no memory, or CLIENTS_MAX are there. */
struct client *client_new(struct body *b);
struct client *client_find(struct body *b, unsigned number);
/* avps_alloc of an arena. */
static inline void *from_arena(void *arena, size_t n)
{
	return arena_alloc(arena, n);
}

#define clients_each(c, b) \
	for (struct client *c = atomic_load(&(b)->first); c; c = atomic_load(&c->next))

/* Makes room for n bytes, and for more to come: what peers make us keep again and again does not use up the arena. -ENOMEM. */
int room_make(struct body *b, struct room *r, size_t n);
/* A target with its texts: those that are in *kept already stay where they are. -ENOMEM: *kept is as it was. */
int target_keep(struct body *b, struct target *kept, const struct target *to);
/* A route's name, once for each route however often it is armed. Null: no memory. */
struct str body_name(struct body *b, struct str name);

#endif

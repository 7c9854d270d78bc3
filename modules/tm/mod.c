/* SPDX-License-Identifier: BSD-2-Clause */
/* tm: transactions, by which requests are sent again, answered once, forked, and tried elsewhere when that fails. */
#include "modules/tm/alarm.h"
#include "modules/tm/attrs.h"
#include "modules/tm/funcs.h"
#include "modules/tm/hooks.h"
#include "modules/tm/local.h"
#include "modules/tm/run.h"
#include "modules/tm/suspend.h"
#include "modules/tm/table.h"
#include "modules/tm/watch.h"

#include <errno.h>

#define ROWS_MAX (1u << 22)
#define FR_LEAST 400 /* ms: less is meant as seconds */

unsigned tm_section;
struct tm_shared *tm;
struct tm_worker tmw;

#define AT(member) offsetof(struct tm_conf, member)

/* Seconds of a destination on the list of dead ones. */
#define SECONDS(NAME, DEFAULT, HELP)                                                            \
	{                                                                                       \
		.name = #NAME, .type = P_INT, .offset = AT(NAME), .def = DEFAULT, .max = 86400, \
		.live = true, .help = HELP                                                      \
	}

static const struct param_def params[] = {
	{ .name = "fr_timer",
	  .type = P_MS,
	  .offset = AT(fr_timer),
	  .def = 30000,
	  .min = 0,
	  .max = 3600000,
	  .unit = 1,
	  .live = true,
	  .help = "how long a branch may say nothing at all" },
	{ .name = "fr_inv_timer",
	  .type = P_MS,
	  .offset = AT(fr_inv_timer),
	  .def = 120000,
	  .min = 0,
	  .max = 86400000,
	  .unit = 1,
	  .live = true,
	  .help = "how long it may ring (timer C of RFC 3261)" },
	{ .name = "max_inv_lifetime",
	  .type = P_MS,
	  .offset = AT(max_inv_lifetime),
	  .def = 180000,
	  .min = 0,
	  .max = 86400000,
	  .unit = 1,
	  .live = true,
	  .help = "how long an INVITE may take in all" },
	{ .name = "max_noninv_lifetime",
	  .type = P_MS,
	  .offset = AT(max_noninv_lifetime),
	  .def = 32000,
	  .min = 0,
	  .max = 86400000,
	  .unit = 1,
	  .live = true,
	  .help = "the same of other requests" },
	{ .name = "wt_timer",
	  .type = P_MS,
	  .offset = AT(wt_timer),
	  .def = 0,
	  .min = 0,
	  .max = 60000,
	  .unit = 1,
	  .live = true,
	  .help = "how long what is answered is kept against retransmissions, in the place of "
		  "timers D, I, J and K; 0: as RFC 3261 says" },
	{ .name = "retr_timer1",
	  .type = P_MS,
	  .offset = AT(retr_timer1),
	  .def = 500,
	  .min = 10,
	  .max = 10000,
	  .unit = 1,
	  .live = true,
	  .help = "T1 of RFC 3261: what is not answered is sent again after that" },
	{ .name = "retr_timer2",
	  .type = P_MS,
	  .offset = AT(retr_timer2),
	  .def = 4000,
	  .min = 10,
	  .max = 60000,
	  .unit = 1,
	  .live = true,
	  .help = "T2: and at most so long apart" },
	{ .name = "auto_inv_100",
	  .type = P_BOOL,
	  .offset = AT(auto_inv_100),
	  .def = 1,
	  .live = true,
	  .help = "answer an INVITE with 100 when its transaction is made" },
	{ .name = "auto_inv_100_reason",
	  .type = P_STR,
	  .offset = AT(auto_inv_100_reason),
	  .def_z = "trying -- your call is important to us",
	  .live = true,
	  .help = "its reason phrase" },
	{ .name = "aggregate_challenges",
	  .type = P_BOOL,
	  .offset = AT(aggregate_challenges),
	  .def = 1,
	  .live = true,
	  .help = "a 401 or 407 carries the challenges of all branches" },
	{ .name = "local_cancel_reason",
	  .type = P_BOOL,
	  .offset = AT(local_cancel_reason),
	  .def = 1,
	  .live = true,
	  .help = "Reason in CANCELs that are made here (RFC 3326)" },
	{ .name = "e2e_cancel_reason",
	  .type = P_BOOL,
	  .offset = AT(e2e_cancel_reason),
	  .def = 1,
	  .live = true,
	  .help = "the Reason of a CANCEL that came goes on" },
	{ .name = "remap_503_500",
	  .type = P_BOOL,
	  .offset = AT(remap_503_500),
	  .def = 1,
	  .live = true,
	  .help = "a 503 from downstream goes up as 500 (RFC 3261 16.7)" },
	{ .name = "disable_6xx_block",
	  .type = P_BOOL,
	  .offset = AT(disable_6xx_block),
	  .live = true,
	  .help = "a 6xx is like any other failure: other branches go on" },
	{ .name = "unmatched_cancel",
	  .type = P_INT,
	  .offset = AT(unmatched_cancel),
	  .def = 0,
	  .min = 0,
	  .max = 2,
	  .live = true,
	  .help = "t_relay() of a CANCEL without its INVITE: 0, 1 sends it on statelessly, 2 does "
		  "not" },
	{ .name = "ac_extra_hdrs",
	  .type = P_STR,
	  .offset = AT(ac_extra_hdrs),
	  .def_z = "",
	  .live = true,
	  .help = "whole header lines for CANCELs that are made here" },
	{ .name = "default_code",
	  .type = P_INT,
	  .offset = AT(default_code),
	  .def = 500,
	  .min = 400,
	  .max = 699,
	  .live = true,
	  .help = "the answer to a request with a transaction that the script did nothing with" },
	{ .name = "default_reason",
	  .type = P_STR,
	  .offset = AT(default_reason),
	  .def_z = "Server Internal Error",
	  .live = true,
	  .help = "its reason phrase" },
	{ .name = "reply_408_code",
	  .type = P_INT,
	  .offset = AT(reply_408_code),
	  .def = 408,
	  .min = 400,
	  .max = 699,
	  .live = true,
	  .help = "the answer to an INVITE when no branch has answered" },
	{ .name = "reply_408_reason",
	  .type = P_STR,
	  .offset = AT(reply_408_reason),
	  .def_z = "Request Timeout",
	  .live = true,
	  .help = "its reason phrase" },
	{ .name = "blst_503",
	  .type = P_BOOL,
	  .offset = AT(blst_503),
	  .live = true,
	  .help = "a 503 lists where it came from (use_dst_blocklist) for its Retry-After" },
	SECONDS(blst_503_def_timeout, 0, "for how long if it has none; 0: not at all"),
	SECONDS(blst_503_min_timeout, 0, "at least so long"),
	SECONDS(blst_503_max_timeout, 3600, "at most so long"),
	{ .name = "blst_methods_add",
	  .type = P_IGNORE,
	  .help = "an INVITE without any response lists where it was sent to" },
	{ .name = "blst_methods_lookup",
	  .type = P_IGNORE,
	  .help = "all but ACK, BYE and CANCEL stay away from listed destinations" },
	{ .name = "noisy_ctimer",
	  .type = P_IGNORE,
	  .help = "timer C cancels a branch that rings too long, and says so" },
	{ .name = "restart_fr_on_each_reply",
	  .type = P_IGNORE,
	  .help = "each 101 to 199 sets timer C anew (RFC 3261 16.7)" },
	{ .name = "unix_tx_timeout", .type = P_IGNORE, .help = "there is no such socket" },
	{ .name = "reparse_invite",
	  .type = P_IGNORE,
	  .help = "CANCEL and ACK are made of the INVITE as it was sent" },
	{ .name = "reparse_on_dns_failover",
	  .type = P_IGNORE,
	  .help = "each address gets a message of its own" },
	{ .name = "ruri_matching",
	  .type = P_IGNORE,
	  .help = "what has no cookie is told apart by its Request-URI, too (RFC 3261 17.2.3)" },
	{ .name = "via1_matching",
	  .type = P_IGNORE,
	  .help = "sent-by is compared always (RFC 3261 17.2.3)" },
	{ .name = "reply_matching", .type = P_IGNORE, .help = "a response is known by its branch" },
	{ .name = "callid_matching",
	  .type = P_IGNORE,
	  .help = "a response is known by its branch" },
	{ .name = "callid_cseq_matching",
	  .type = P_IGNORE,
	  .help = "a response is known by its branch" },
	{ .name = "pass_provisional_replies",
	  .type = P_IGNORE,
	  .help = "acc and others are told of all that goes up" },
	{ .name = "cancel_b_method",
	  .type = P_IGNORE,
	  .help = "a branch that has not answered is cancelled when it does (RFC 3261 9.1)" },
	{ .name = "local_ack_mode",
	  .type = P_IGNORE,
	  .help = "the ACK of a refusal goes where its INVITE went" },
	{ .name = "faked_reply_prio",
	  .type = P_IGNORE,
	  .help = "a branch that did not answer counts as 408" },
	{ .name = "e2e_cancel_hop_by_hop",
	  .type = P_IGNORE,
	  .help = "a CANCEL is answered here (RFC 3261 16.10)" },
	{ .name = "headers_mode", .type = P_IGNORE, .help = "the request is kept as it came" },
	{ .name = "failure_exec_mode",
	  .type = P_IGNORE,
	  .help = "a branch that could not be sent is a failure at once" },
	{ .name = "dns_reuse_rcv_socket",
	  .type = P_IGNORE,
	  .help = "the socket is chosen for each address" },
	{ .name = "exec_time_check", .type = P_IGNORE, .help = "the time of a script is bounded" },
	{ .name = "delayed_reply", .type = P_IGNORE, .help = "a reply is sent at once" },
	{ .name = "relay_100", .type = P_IGNORE, .help = "100 is hop by hop (RFC 3261 16.7)" },
	{ .name = "reply_relay_mode",
	  .type = P_IGNORE,
	  .help = "every response that may go up does" },
	{ .name = "enable_uac_fr",
	  .type = P_IGNORE,
	  .help = "fr_timer holds for requests made here, too" },
	{ .name = "failure_reply_mode",
	  .type = P_IGNORE,
	  .help = "the best of all branches' responses goes up; t_drop_replies() leaves some out" },
	{ .name = NULL, .type = P_END },
};

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct tm_conf *c = section;

	(void)conf;
	(void)arena;
	if (c->fr_timer < FR_LEAST)
		return "fr_timer is below 400 milliseconds; seconds are written \"30s\"";
	if (c->fr_inv_timer < FR_LEAST)
		return "fr_inv_timer is below 400 milliseconds; seconds are written \"120s\"";
	if (c->retr_timer2 < c->retr_timer1)
		return "retr_timer2 is the longest interval: it cannot be below retr_timer1";
	return NULL;
}

static int init(struct run *run, const struct conf *conf)
{
	struct shm *s = run->shm;
	unsigned pages = (sizeof(*tm) + SHM_PAGE - 1) / SHM_PAGE;
	struct tm_shared *made = pages_alloc(s, pages, ID_MAKE(ID_CORE, 0, 0));

	(void)conf;
	if (!made)
		return -ENOMEM;
	memset(made, 0, sizeof(*made));
	made->shm = s;
	made->table = table_new(s);
	made->rows = slab_new(s, ID_TRANSACTION, sizeof(struct trans), ROWS_MAX, NULL);
	if (!made->table || !made->rows)
		return -ENOMEM;
	pages_publish(s, made);
	tm = made;
	trans_hooks_set(&tm_hooks);
	return 0;
}

static void due(struct trans *t)
{
	turn_serve(tmw.w, t);
}

static int process_start(struct worker *w)
{
	tmw = (struct tm_worker){ .w = w, .early = tmw.early, .early_n = tmw.early_n };
	timer_init(&tmw.bury, w->timers, NULL);
	alarms_start(due);
	tm_recover_start(w);
	return 0;
}

static void process_stop(struct worker *w)
{
	(void)w;
	timer_stop(&tmw.recover);
	timer_stop(&tmw.bury);
	alarms_stop();
	while (tmw.spare_n)
		slab_free(tm->rows, &tmw.spare[--tmw.spare_n]->row);
}

static const struct counter_def counter_defs[] = {
#define X(id, name, help) { name, help },
	TM_COUNTER_TABLE(X)
#undef X
};
struct counter_group tm_counters = { .name = "tm", .defs = counter_defs, .n = TM_COUNTERS };

static const struct tm_api api = {
	.send = local_send,
	.cancel = local_cancel,
	.branch_next = watch_branch_next,
	.watch = watch_add,
	.suspend = trans_suspend,
	.resume = trans_continue,
};

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "tm",
	.help = "transactions",
	.params = params,
	.section_size = sizeof(struct tm_conf),
	.functions = tm_functions,
	.attrs = tm_attrs,
	.counters = &tm_counters,
	.index = &tm_section,
	.check = check,
	.init = init,
	.process_start = process_start,
	.process_stop = process_stop,
	.api = &api,
};

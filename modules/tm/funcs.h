/* SPDX-License-Identifier: BSD-2-Clause */
/* The script's functions, in three families: what acts (funcs.c), what sets something for one transaction (set.c), what asks (ask.c). The rows stand in
 * funcs.c. */
#ifndef TM_FUNCS_H
#define TM_FUNCS_H

#include "modules/tm/tm.h"

extern const struct func_def tm_functions[];

/* set.c */
MODULE_FN(t_on_failure);
MODULE_FN(t_on_branch);
MODULE_FN(t_on_reply);
MODULE_FN(t_on_branch_failure);
MODULE_FN(t_set_fr);
MODULE_FN(t_reset_fr);
MODULE_FN(t_set_retr);
MODULE_FN(t_reset_retr);
MODULE_FN(t_set_max_lifetime);
MODULE_FN(t_reset_max_lifetime);
MODULE_FN(t_set_auto_inv_100);
MODULE_FN(t_set_disable_6xx);
MODULE_FN(t_set_disable_failover);
MODULE_FN(t_set_disable_internal_reply);
MODULE_FN(t_set_no_e2e_cancel_reason);
MODULE_FN(t_drop_replies);
MODULE_FN(t_save_lumps);

/* ask.c */
MODULE_FN(t_check_trans);
MODULE_FN(t_precheck_trans);
MODULE_FN(t_lookup_request);
MODULE_FN(t_lookup_cancel);
MODULE_FN(t_check_status);
MODULE_FN(t_get_status_code);
MODULE_FN(t_branch_timeout);
MODULE_FN(t_branch_replied);
MODULE_FN(t_any_timeout);
MODULE_FN(t_any_replied);
MODULE_FN(t_grep_status);
MODULE_FN(t_is_canceled);
MODULE_FN(t_is_expired);
MODULE_FN(t_is_set);
MODULE_FN(t_is_failure_route);
MODULE_FN(t_is_branch_route);
MODULE_FN(t_is_reply_route);
MODULE_FN(t_is_request_route);
const char *check_is_set(const struct value *argv, unsigned argc);

/* contacts.c */
MODULE_FN(t_load_contacts);
MODULE_FN(t_next_contacts);

/* uac.c */
MODULE_FN(t_uac_send);
const char *check_uac_send(const struct value *argv, unsigned argc);

/* The status that the script sees: of the response in a reply route, of the branch that won in a failure route, else of the last answer; 0: none. */
unsigned script_status(struct ctx *ctx);

#endif

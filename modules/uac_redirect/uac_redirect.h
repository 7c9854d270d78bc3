/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of uac_redirect. */
#ifndef UAC_REDIRECT_H
#define UAC_REDIRECT_H

#include "modules/acc/api.h"
#include "modules/tm/api.h"

/* --- filters: which Contacts are let through --------------------------------------------------------------------------------------- */
#define FILTERS_MAX 6u /* of a kind: the parameter's and what the script sets */

enum filter_kind { FILTER_ACCEPT, FILTER_DENY, FILTER_KINDS };

/* Those of one message. */
struct filters {
	const struct regex *own[FILTER_KINDS]; /* of the parameters; NULL: none, or reset */
	const struct regex *added[FILTER_KINDS][FILTERS_MAX - 1];
	unsigned added_n[FILTER_KINDS];
	bool deny; /* what no filter matches is refused */
};

/* What a filter's second argument says: "", "reset_default", "reset_added", "reset_all". False: none of them. */
bool filter_reset_parse(struct str text, bool *own_r, bool *added_r);
/* Adds an expression; an empty one only resets what else is said. -ENOSPC: there are FILTERS_MAX. */
int filters_add(struct filters *f, enum filter_kind kind, const struct regex *re, struct str reset);
/* One that accepts wins; then one that denies; then the rule. An expression that needs too many steps refuses. */
bool filters_pass(const struct filters *f, struct str uri);

/* --- the Contacts of a response ---------------------------------------------------------------------------------------------------- */
#define CONTACTS_MAX 16u /* of one response; the best are kept */

struct contacts {
	struct contact {
		struct str
			uri; /* as it may stand in a Request-URI; in the response or the context's pool */
		int q;
	} rows[CONTACTS_MAX]; /* the best first, equal ones in their order */
	unsigned n;
};

/* Reads the SIP and SIPS URIs of a response to a request that had been sent to uri, those that pass the filters: after a SIPS URI no others than SIPS
 * ones (RFC 5630 5.3). q: of those that have none. What is malformed is passed over. 0; -EBADMSG: this is no response; -ENOMEM. */
int contacts_read(struct ctx *ctx, struct str response, struct str uri, const struct filters *f,
		  int q, struct contacts *contacts_r);

/* --- get_redirects() ---------------------------------------------------------------------------------------------------------------- */
struct uac_redirect_conf {
	struct str default_filter, deny_filter, accept_filter;
	struct str acc_function;
	int64_t bflags;
	int64_t q_value; /* thousandths */
	/* made of them when the configuration is checked */
	struct filters filters;
	uint64_t regex_set;
	const struct tm_api *tm;
	const struct acc_api *acc; /* NULL: not loaded */
};
extern unsigned uac_redirect_section;
static inline const struct uac_redirect_conf *uac_redirect_conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[uac_redirect_section];
}

/* The filters of this context, to be added to. NULL: no memory. */
struct filters *filters_of(struct ctx *ctx);
/* "3", "3:1", "*:2": how many Contacts in all and of each response; 0 and "*" are no limit, UINT_MAX. False: it is none of that. */
bool redirects_limits(struct str text, unsigned *all_r, unsigned *each_r);
MODULE_FN(get_redirects);
const char *check_limits(const struct value *argv, unsigned argc);

#endif

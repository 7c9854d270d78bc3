/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script made of a request, kept outside of its context: with a transaction, for the routes that run on the same request later, in whatever
 * worker; or within the context, for the targets of a fork, each of which begins with the same. The lists of what is kept stand here alone: what is added to struct
 * ctx for scripts to set is added to one of them. */
#ifndef MSG_KEPT_H
#define MSG_KEPT_H

#include "core/msg/avps.h"
#include "core/msg/branches.h"
#include "core/msg/ctx.h"

/* Of one target: a branch_route may give each another. */
#define KEPT_TARGET_TEXTS(X) \
	X(uri) X(dst_uri) X(path) X(ruid) X(instance) X(tls_domain) X(tls_name) X(adv_host)
#define KEPT_TARGET_VALUES(X)                   \
	X(bool, uri_used)                       \
	X(int, q)                               \
	X(uint32_t, branch_flags)               \
	X(const struct listener *, send_socket) \
	X(uint64_t, flow)                       \
	X(uint16_t, adv_port)                   \
	X(bool, force_rport)                    \
	X(bool, add_rport)                      \
	X(bool, maxfwd_checked)                 \
	X(uint32_t, maxfwd)                     \
	X(size_t, edits_refused)
/* Of the whole request. */
#define KEPT_TEXTS(X) X(reply_headers) X(reply_body) X(reply_type)
#define KEPT_VALUES(X)                  \
	X(uint32_t, number)             \
	X(uint32_t, flags)              \
	X(uint32_t, script_flags)       \
	X(unsigned, block_ignore)       \
	X(unsigned, block_ignore_reply) \
	X(bool, made_here)              \
	X(enum ctx_routed, routed)

#define KEPT_TEXT(name)	       struct str name;
#define KEPT_VALUE(type, name) type name;

struct ctx_kept {
	struct str
		text; /* what the request became (message_apply and its like); null: it is as received */
	size_t text_n; /* how long the text is that the edits belong to */
	struct edits edits;
	struct branches branches; /* none, unless they were asked for */
	struct ctx_data *data;	  /* ctx_data_kept() */
	KEPT_TARGET_TEXTS(KEPT_TEXT)
	KEPT_TARGET_VALUES(KEPT_VALUE)
	KEPT_TEXTS(KEPT_TEXT)
	KEPT_VALUES(KEPT_VALUE)
};

#define KEEP_BRANCHES 1u /* the targets beside the Request-URI, too */

/* Copies what the script made of ctx's request, with all texts, into memory of alloc(arg, n), which answers with n bytes aligned to 16, or NULL. It points to
 * nothing but that memory, listeners and constants of modules. 0 or -ENOMEM. */
int ctx_keep(const struct ctx *ctx, unsigned what, avps_alloc *alloc, void *arg,
	     const struct ctx_kept **kept_r);
/* Gives it to a context that was made of the same text (ctx_of_text: kept->text if it is not null, else what was received) and that no script has seen.
 * Texts stay where they are: kept outlives ctx. 0; -EBADMSG: it is of another text; -ENOMEM: ctx is to be given back. */
int ctx_restore(struct ctx *ctx, const struct ctx_kept *kept);

/* Its attributes in the same way ($avp and its like), which are copied both ways: they change in later routes. *kept_r is NULL when there are none. */
int ctx_keep_avps(const struct ctx *ctx, avps_alloc *alloc, void *arg, const struct avps **kept_r);
int ctx_restore_avps(struct ctx *ctx, const struct avps *kept);

/* Those bytes of modules that are kept. -ENOMEM: *to_r is unusable. */
int ctx_data_copy(const struct ctx_data *from, avps_alloc *alloc, void *arg,
		  struct ctx_data **to_r);

/* --- the targets of a fork -------------------------------------------------------------------------------------------------------- */
/* The request as it is now, whose texts and edits stay where they are. */
struct ctx_mark {
	struct ctx_kept kept;
	struct sip_msg msg;
	struct sip_via *via;
	struct sip_uri *uri_parsed;
	unsigned texts;
};

void ctx_mark(const struct ctx *ctx, struct ctx_mark *mark_r);
/* The request is again as it was then: what concerns one target, edits, text. Flags, attributes and what the answers get stay as they are. As often as
 * wanted. -ENOMEM: nothing is changed. */
int ctx_back(struct ctx *ctx, const struct ctx_mark *mark);

#endif

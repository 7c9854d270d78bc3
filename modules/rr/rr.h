/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of rr. */
#ifndef RR_RR_H
#define RR_RR_H

#include "core/mod/api.h"

/* enable_double_rr */
enum rr_double { RR_SINGLE, RR_WHERE_SIDES_DIFFER, RR_ALWAYS_DOUBLE };

struct rr_conf {
	int64_t double_rr; /* enum rr_double */
	int64_t mode;	   /* loose_route_mode: RR_LOOSE_ONLY */
	bool full_lr, fromtag, username, mismatch_warning, force_send_socket, ignore_sips, sockname;
	struct str preloaded, user_avp, secret;
	bool follows_preloaded; /* what preloaded says */
	struct attr_use user;	/* user_avp; def NULL: none */
	struct mac_key key;	/* made of secret, if there is one */
};
#define RR_LOOSE_ONLY 1

const struct rr_conf *rr_conf_of(const struct ctx *ctx);
/* Logs that something could not be done to what, because of -errno. FN_FALSE. */
int rr_failed(const char *text_z, struct str what, int err);

/* --- record.c: what scripts say of Record-Route ------------------------------------------------------------------------------------------ */
MODULE_FN(record_route);
MODULE_FN(record_route_preset);
MODULE_FN(record_route_advertised_address);
MODULE_FN(remove_record_route);
MODULE_FN(add_rr_param);
/* ";name=value" as constants. NULL, or what is wrong. */
const char *check_rr_param(const struct value *argv, unsigned argc);

/* --- header.c: the header field, made for each target ------------------------------------------------------------------------------------- */
enum record_kind {
	RECORD_PENDING,	   /* nothing yet: parameters wait for the route to be recorded */
	RECORD_OWN,	   /* the sockets' own addresses */
	RECORD_ADVERTISED, /* host is that of both sides */
	RECORD_PRESET,	   /* host and host2 are all of it */
};

#define RECORD_TEXT_MAX 2048u /* of all its texts */

/* The data of the late edit: this, and behind it the texts in this order. */
struct record {
	uint64_t mac;	 /* of the dialog */
	uint32_t flow_n; /* a flow token: the user toward the side that the request came from */
	uint32_t user_n, host_n, host2_n, params_n;
	uint8_t kind;	   /* enum record_kind */
	uint8_t by_callee; /* the request goes the other way than the first of its dialog did */
};
extern const struct edit_late record_late;

/* --- loose.c: the way by Routes ------------------------------------------------------------------------------------------------------------ */
MODULE_FN(loose_route);
MODULE_FN(loose_route_preloaded);
MODULE_FN(loose_route_mode);
MODULE_FN(rr_next_hop_route);

/* --- dialog.c: what our Route says of the dialog ------------------------------------------------------------------------------------------ */
/* Our own Routes at the top of the request, NULL: there is none. They stay known when loose_route() has changed the message. */
struct own_routes {
	bool read;
	const struct sip_uri *first, *last;
};
/* NULL: no memory. */
const struct own_routes *own_routes(struct ctx *ctx);
void own_routes_set(struct ctx *ctx, const struct routing *r);

/* The tag of From or To; empty: there is none. */
struct str rr_tag(struct ctx *ctx, enum hdr_id id);
/* Whether the request goes from the callee to the caller, as the tag of the caller in our Route tells. */
bool rr_is_upstream(struct ctx *ctx);
/* Over Call-ID and the tag of the caller. */
uint64_t dialog_mac(struct ctx *ctx, struct str caller_tag);
/* A parameter's value as the caller's tag is written. */
void rr_ftag_put(struct buf *b, struct str tag);

MODULE_FN(is_dialog_ours);
MODULE_FN(is_direction);
MODULE_FN(check_route_param);
const char *check_direction(const struct value *argv, unsigned argc);
int rr_attr(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* The key of $rdir. */
const char *rr_direction_prepare(struct attr_arg *arg, const struct conf *conf);
enum rr_part { RR_ROUTE_URI, RR_CALLER_TAG, RR_CALLEE_TAG, RR_DIRECTION };

/* --- flow.c: flow tokens (RFC 5626 5.2) --------------------------------------------------------------------------------------------------- */
/* How somebody is reached. */
struct flow {
	uint64_t conn;		       /* by this connection; 0: by datagrams */
	const struct listener *socket; /* from there; NULL: chosen as for others */
	struct addr peer;	       /* to there */
};
#define FLOW_TEXT_MAX 64
/* Whether the request's sender wants to be reached by the way that it came. */
bool flow_wanted(struct ctx *ctx);
/* That way as the user of a URI of ours. */
void flow_put(struct ctx *ctx, struct buf *b);
/* 1: user is a token of ours; 0: it is no token; -EBADMSG: a token that we have not made. */
int flow_read(struct ctx *ctx, struct str user, struct flow *f_r);
bool flow_is_from(const struct flow *f, const struct origin *from);
/* The request goes there. 0 or -ENOMEM. */
int flow_take(struct ctx *ctx, const struct flow *f);

#endif

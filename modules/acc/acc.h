/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of acc: its part of the configuration, and what is told of a request. */
#ifndef ACC_ACC_H
#define ACC_ACC_H

#include "modules/acc/extra.h"

#define ACC_NO_FLAG (-1)

enum acc_time_mode {
	ACC_TIME_NONE,
	ACC_TIME_MICROSECONDS,
	ACC_TIME_SECONDS,
	ACC_TIME_LOCAL,
	ACC_TIME_UTC
};

struct acc_conf {
	int64_t log_flag, log_missed_flag, failed_flag, prepare_flag; /* ACC_NO_FLAG: none */
	bool prepare_always;
	bool early_media, report_ack, report_cancels, reason_from_hf, detect_direction;
	int64_t log_level; /* enum log_level */
	bool log_json, log_places;
	struct str failed_filter;
	struct str log_extra, multi_leg_info;
	int64_t time_mode;
	struct str time_attr, time_exten, time_format;
	/* made of them when the configuration is checked */
	uint64_t filtered[7]; /* a bit for each status from 300 on */
	struct acc_extra *extra;
	struct acc_leg_field *legs;
	struct attr_use direction; /* of requests, by rr: $rdir(id); def NULL: not asked for */
};

extern unsigned acc_section;
static inline const struct acc_conf *acc_conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[acc_section];
}

/* Fills filtered from "404,487". NULL, or what is wrong. */
const char *acc_filter_parse(struct acc_conf *c);
bool acc_is_filtered(const struct acc_conf *c, unsigned status);

static inline bool acc_has_flag(const struct ctx *ctx, int64_t flag)
{
	return flag >= 0 && ctx->flags & 1u << flag;
}

/* What is told beside the message of a context. */
struct acc_about {
	enum acc_event event;
	unsigned status;   /* 0: none */
	struct str reason; /* null: none */
	struct str to_tag; /* null: the message's own */
	struct str uri;	   /* the Request-URI while fields are read; null: the message's own */
	struct str target; /* where it was sent, as text ("udp:192.0.2.1:5060"); null: nowhere */
	int64_t setup_ms;  /* from the request to its answer; -1: not known */
};

/* "udp:192.0.2.1:5060", in the context's pool; null: no memory. */
struct str acc_place(struct ctx *ctx, const struct transport *t, const struct addr *a);
/* Writes a record of ctx's message, at this moment, into the log. */
void acc_write(struct ctx *ctx, const struct acc_about *about);

#endif

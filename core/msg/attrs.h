/* SPDX-License-Identifier: BSD-2-Clause */
/* The attributes of the core: selects and pseudo-variables of messages, one table from several files. */
#ifndef MSG_ATTRS_H
#define MSG_ATTRS_H

#include "core/msg/worker.h"

extern const struct attr_def msg_attrs[];

/* A row's tag: whose (enum attr_base) and which part. */
#define ATTR_TAG(base, part) ((base) << 8 | (part))
#define TAG_BASE(tag)	     ((unsigned)(tag) >> 8)
#define TAG_PART(tag)	     ((unsigned)(tag)&0xff)

/* Parts of a URI. */
enum uri_part {
	PART_URI,
	PART_TYPE,
	PART_USER,
	PART_PWD,
	PART_HOST,
	PART_PORT,
	PART_HOSTPORT,
	PART_PARAMS,
	PART_TRANSPORT,
	PART_RN_USER,
	PART_PORT_NUMBER,
	PART_USER_LEN,
	PART_PROTO, /* the transport parameter, or the default */
	/* of a name-addr, beside those of its URI */
	PART_WHOLE,
	PART_NAME,
	PART_DISPLAY, /* with its quotes */
	PART_TAG,
	PART_PARAM, /* header parameters, or the one named */
	PART_EXPIRES,
	PART_Q,
	PART_METHODS,
	PART_RECEIVED,
	PART_INSTANCE,
	PART_REASON,
	PART_PRIVACY,
	PART_COUNTER,
};

enum attr_base {
	BASE_RURI,
	BASE_DST_URI,
	BASE_NEXT_HOP,
	BASE_ORIGINAL_URI,
	BASE_FROM,
	BASE_TO,
	BASE_CONTACT,
	BASE_ROUTE,
	BASE_RECORD_ROUTE,
	BASE_REFER_TO,
	BASE_RPID,
	BASE_PAI,
	BASE_PPI,
	BASE_DIVERSION,
	BASE_PATH,
};

/* core/msg/attr_uri.c */
int attr_uri_part(struct ctx *ctx, const struct sip_uri *u, unsigned part,
		  const struct attr_arg *arg, struct value *value_r);
int attr_uri(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_ruri_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);
int attr_dst_uri_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);

/* core/msg/attr_hdr.c: what stands in header fields */
/* Part of one; arg's key names a parameter. */
int attr_nameaddr_part(struct ctx *ctx, struct sip_nameaddr *na, unsigned part,
		       const struct attr_arg *arg, struct value *value_r);
int attr_nameaddr(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_via(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_cseq(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_header(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* Header fields that the parser has no number for. */
enum rare_header { RARE_IDENTITY_INFO, RARE_ORGANIZATION, RARE_PRIORITY, RARE_SIP_IF_MATCH };
int attr_rare_header(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_named_header(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

/* core/msg/attr_msg.c: the message as such and where it came from */
int attr_msg(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* Numbers that the family gives to messages and methods. */
enum msg_number { MSG_NUMBER, MSG_NUMBER_HEX, MSG_NUMBER_OF_METHOD };
int attr_msg_number(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* $rb */
int attr_body_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);
int attr_origin(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_send_socket_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);

/* core/msg/attr_send.c: what is being sent, for onsend_route */
enum { SEND_TO, SEND_FROM };
int attr_send(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

enum via_part {
	VIA_WHOLE,
	VIA_NAME,
	VIA_VERSION,
	VIA_TRANSPORT,
	VIA_HOST,
	VIA_PORT,
	VIA_PARAMS,
	VIA_BRANCH,
	VIA_RECEIVED,
	VIA_RPORT,
	VIA_I,
	VIA_ALIAS,
	VIA_COMMENT,
};

enum cseq_part { CSEQ_WHOLE, CSEQ_NUMBER, CSEQ_METHOD };

enum msg_part {
	MSG_PART_ALL,
	MSG_PART_LENGTH,
	MSG_PART_BODY,
	MSG_PART_BODY_LENGTH,
	MSG_PART_FIRST_LINE,
	MSG_PART_TYPE,
	MSG_PART_HEADERS,
	MSG_PART_METHOD,
	MSG_PART_VERSION,
	MSG_PART_STATUS,
	MSG_PART_REASON,
	MSG_PART_FLAGS,
	MSG_PART_TYPE_NUMBER,
	MSG_PART_TYPE_WORD,
	MSG_PART_STATUS_OR_0,
};

enum origin_part {
	ORIGIN_SRC_IP,
	ORIGIN_SRC_PORT,
	ORIGIN_SRC_IP_PORT,
	ORIGIN_DST_IP,
	ORIGIN_DST_PORT,
	ORIGIN_DST_IP_PORT,
	ORIGIN_PROTO,
	ORIGIN_PROTO_IP_PORT,
	ORIGIN_AF,
	ORIGIN_CONN,
	ORIGIN_SEND_SOCKET,
};

/* "udp:192.0.2.1:5060". -ENOMEM. */
int attr_socket(struct ctx *ctx, const struct listener *l, struct value *value_r);
/* An array of n bytes in the pool as value, or -ENOMEM. */
int attr_text(struct ctx *ctx, struct str text, struct value *value_r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of $avp, SER's attributes and $xavp, for core/msg/attrs.c, and what reads and sets them. */
#ifndef MSG_ATTR_AVP_H
#define MSG_ATTR_AVP_H

#include "core/msg/attrs.h"
#include "core/msg/avps.h"

/* A row's tag: the lists that are read, in this order (bits by enum avp_list), and the list that is set. */
#define AVP_REPLACES 0x80u /* setting replaces what there was; and the first is number 1 */

/* Null for NULL; of one with fields a text that says so. */
struct value avp_value(const struct avp *a);
/* All values of that name, the newest first, with ", " between them; null if there are none. -ENOMEM. */
int avp_join(struct ctx *ctx, const struct avp *first, const struct avp_name *name,
	     struct value *value_r);

const char *avp_prepare(struct attr_arg *arg, const struct conf *conf);
int avp_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* -ENOENT: there is no value of this number; -ENOSPC: the store is full; -ENOMEM. */
int avp_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);

/* core/msg/attr_xavp.c; tag: the list */
const char *xavp_prepare(struct attr_arg *arg, const struct conf *conf);
int xavp_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* Also -EINVAL: what has a value has no fields. */
int xavp_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);

#define AVP_ROW(PV, READ, LIST, FLAGS, HELP)                                                       \
	{                                                                                          \
		.pv = PV, .get = avp_get, .set = avp_set, .type = VALUE_STR,                       \
		.tag = ATTR_TAG(READ, LIST), .prepare = avp_prepare,                               \
		.flags =                                                                           \
			ATTR_INDEX | ATTR_KEY | ATTR_NEEDS_KEY | ATTR_ALL | ATTR_COUNTS | (FLAGS), \
		.help = HELP                                                                       \
	}
#define AVP_SER(PV, READ, LIST, HELP) AVP_ROW(PV, READ, (LIST) | AVP_REPLACES, ATTR_CLASS, HELP)
#define XAVP_ROW(PV, LIST, HELP)                                                            \
	{                                                                                   \
		.pv = PV, .get = xavp_get, .set = xavp_set, .type = VALUE_STR, .tag = LIST, \
		.prepare = xavp_prepare, .flags = ATTR_KEY | ATTR_NEEDS_KEY | ATTR_COUNTS,  \
		.help = HELP                                                                \
	}
#define AVP_OF_CALLER (1u << AVP_FROM_URI | 1u << AVP_FROM_USER | 1u << AVP_FROM_DOMAIN)
#define AVP_OF_CALLED (1u << AVP_TO_URI | 1u << AVP_TO_USER | 1u << AVP_TO_DOMAIN)
#define AVP_ROWS                                                                                  \
	AVP_ROW("avp", 1u << AVP_FROM_URI, AVP_FROM_URI, ATTR_VARIES,                             \
		"values of this message and its transaction; each assignment adds one"),          \
		AVP_SER("", AVP_OF_CALLER | AVP_OF_CALLED | 1u << AVP_GLOBAL, AVP_FROM_URI,       \
			"an attribute of SER"),                                                   \
		AVP_SER("f.", AVP_OF_CALLER | 1u << AVP_GLOBAL, AVP_FROM_URI,                     \
			"an attribute of the caller"),                                            \
		AVP_SER("t.", AVP_OF_CALLED | 1u << AVP_GLOBAL, AVP_TO_URI,                       \
			"an attribute of the called"),                                            \
		AVP_SER("fr.", 1u << AVP_FROM_URI, AVP_FROM_URI, "of the caller's URI"),          \
		AVP_SER("tr.", 1u << AVP_TO_URI, AVP_TO_URI, "of the called URI"),                \
		AVP_SER("fu.", 1u << AVP_FROM_USER, AVP_FROM_USER, "of the calling user"),        \
		AVP_SER("tu.", 1u << AVP_TO_USER, AVP_TO_USER, "of the called user"),             \
		AVP_SER("fd.", 1u << AVP_FROM_DOMAIN, AVP_FROM_DOMAIN, "of the caller's domain"), \
		AVP_SER("td.", 1u << AVP_TO_DOMAIN, AVP_TO_DOMAIN, "of the called domain"),       \
		AVP_SER("g.", 1u << AVP_GLOBAL, AVP_GLOBAL, "of everybody"),                      \
		XAVP_ROW("xavp", AVP_X, "values with fields: $xavp(x=>y), $xavp(x[0]=>y[1])"),    \
		XAVP_ROW("xavu", AVP_XU, "the same with one value for each name"),                \
		XAVP_ROW("xavi", AVP_XI, "the same with names in any case")

#endif

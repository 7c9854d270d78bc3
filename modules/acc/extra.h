/* SPDX-License-Identifier: BSD-2-Clause */
/* Fields that the configuration names: "ua=$hdr(User-Agent);tls=@tls.desc". */
#ifndef ACC_EXTRA_H
#define ACC_EXTRA_H

#include "modules/acc/record.h"

#define ACC_EXTRA_MAX 64u
#define ACC_LEGS_MAX  8u /* of a call, and fields of a leg */

/* One field: either an attribute alone, or text with attributes in it. */
struct acc_extra {
	struct acc_extra *next;
	struct str name;
	struct attr_use attr; /* def NULL: none */
	const struct format *format;
};

/* Per leg and field: the n-th value of a variable. */
struct acc_leg_field {
	struct acc_leg_field *next;
	struct str name;
	struct attr_use attr[ACC_LEGS_MAX];
};

/* Compile a parameter into the configuration's arena. NULL, or what is wrong: text that stays until the next call. */
const char *acc_extra_compile(const struct conf *conf, struct arena *arena, struct str text,
			      struct acc_extra **first_r);
const char *acc_legs_compile(const struct conf *conf, struct arena *arena, struct str text,
			     struct acc_leg_field **first_r);
/* Their values for a context, appended to fields, which has room for ACC_EXTRA_MAX; a value that cannot be had is null. */
void acc_extra_fields(const struct acc_extra *first, struct ctx *ctx, struct acc_fields *fields);
/* The same with room for ACC_LEGS_MAX times ACC_LEGS_MAX. A leg counts when one of its fields has a value, and the one before it counts. How many fields
 * a leg has. */
unsigned acc_legs_fields(const struct acc_leg_field *first, struct ctx *ctx,
			 struct acc_fields *fields);

#endif

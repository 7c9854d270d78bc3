/* SPDX-License-Identifier: BSD-2-Clause */
/* A value of the script: null, an integer or a string; and what compiled arguments may be besides. */
#ifndef RUN_VALUE_H
#define RUN_VALUE_H

#include "core/base/str.h"

struct attr_use;
struct regex;

enum value_type { VALUE_NULL, VALUE_INT, VALUE_STR, VALUE_REGEX, VALUE_ATTR };

struct value {
	enum value_type type;
	int64_t i;
	struct str s; /* lives as long as the context or the configuration */
	union {
		const struct regex *re;
		const struct attr_use *attr; /* to be read and set: core/script/use.h */
	};
};

static inline struct value value_int(int64_t i)
{
	return (struct value){ .type = VALUE_INT, .i = i };
}

static inline struct value value_str(struct str s)
{
	return (struct value){ .type = str_is_null(s) ? VALUE_NULL : VALUE_STR, .s = s };
}

static inline struct value value_null(void)
{
	return (struct value){ .type = VALUE_NULL };
}

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* One accounting record: what happened, when, and fields by name; how it is written as text and as JSON. */
#ifndef ACC_RECORD_H
#define ACC_RECORD_H

#include "core/mod/api.h"

#define ACC_RECORD_MAX LOG_RECORD_MAX
#define ACC_VALUE_MAX  256u /* bytes of a value: what is behind them is cut off */

enum acc_event { ACC_REQUEST, ACC_MISSED, ACC_ANSWERED, ACC_ACKED };

struct acc_field {
	struct str name;
	struct str value; /* null: there is none */
	bool is_number;	  /* in JSON without quotes: value is one */
};

struct acc_fields {
	struct acc_field *rows;
	unsigned n;
};

/* The parts are written in this order; where not all fits, there is room for the places before extra ones. */
struct acc_record {
	enum acc_event event;
	struct timespec at; /* wall-clock time */
	struct acc_field
		time; /* the time once more, as time_mode asks for it; name null: not asked for */
	struct acc_fields core;	 /* Kamailio's */
	struct acc_fields extra; /* what log_extra names */
	struct acc_fields legs;	 /* what multi_leg_info names, for each leg leg_fields of them */
	unsigned leg_fields;
	struct acc_fields places; /* where from, where to, how long */
};

/* "ACC: transaction answered: timestamp=1;method=INVITE;…": a value's control characters, bytes above 126, semicolons and backslashes are \xHH, so
 * that nobody who chooses a value writes a field. b has ACC_RECORD_MAX bytes. */
void acc_text_put(struct buf *b, const struct acc_record *r);
/* {"event":"answered","timestamp":1.234,"method":"INVITE",…,"legs":[{"a":"1"},{"a":"2"}]}. */
void acc_json_put(struct buf *b, const struct acc_record *r);

#endif

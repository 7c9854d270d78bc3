/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters: ";name=value;flag;other=\"quoted\"" of header fields (RFC 3261 25.1 generic-param). */
#ifndef PARSER_PARAM_H
#define PARSER_PARAM_H

#include "core/base/str.h"

struct sip_param {
	struct str name;
	struct str
		value; /* null: no "="; with its quotes if quoted; never with white space around it */
	struct str whole; /* from the ';' to the end of the value, for removing it */
};

/* Takes the first parameter off *rest, which is empty or begins (after white space) with ';'. White space is allowed around ';' and '='.
 * 1: *param_r is filled; 0: nothing is left; -EBADMSG: neither a ';' nor the end, an empty name, an unterminated quote. */
int sip_param_next(struct str *rest, struct sip_param *param_r);
/* Searches params for a name (any case). True if it is there. Malformed text ends the search. */
bool sip_param_find(struct str params, struct str name, struct sip_param *param_r);
/* The inside of a quoted string with its escapes undone into out (at least value.n bytes; the result is never longer); text that is
 * not quoted is copied as it is. */
struct str sip_unquote(struct str value, char *out);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* A select or variable as it is written, taken apart. */
#ifndef SCRIPT_REF_H
#define SCRIPT_REF_H

#include "core/base/buf.h"
#include "core/run/rows.h"

#define REF_NAME_MAX 128u

struct ref {
	bool is_pv;
	char text[REF_NAME_MAX];
	struct buf name; /* over text: "contact.uri.params", without brackets; of SER's $f.x "f." */
	struct attr_arg arg;
	struct str key, index; /* variables that have the key and the index; null: none */
	struct str transforms; /* from the first '{' on; null: none */
};

/* "@contact[2].uri.params["x"]", "$rU", "$(hdr(Subject)[-1])", "$avp($var(n))", "$f.x[1]". What it finds are slices of written. -EINVAL, -ENOTSUP: why is
 * filled, or empty when there is nothing special to say. */
int ref_split(struct str written, struct ref *r, struct buf *why);
/* The length of the variable that s, which begins with '$', begins with: "$ru", "$hdr(To)", "$(ru{s.len})". 0: there is none. */
size_t ref_length(struct str s);

#endif

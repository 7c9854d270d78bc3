/* SPDX-License-Identifier: BSD-2-Clause */
/* ASN.1 in strict DER (X.690 10), an element at a time. */
#ifndef TLS_DER_H
#define TLS_DER_H

#include "core/mod/api.h"

/* Universal types; constructed ones with that bit. */
enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OID = 0x06,
	DER_UTF8 = 0x0c,
	DER_NUMERIC = 0x12,
	DER_PRINTABLE = 0x13,
	DER_T61 = 0x14,
	DER_IA5 = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERALIZED_TIME = 0x18,
	DER_VISIBLE = 0x1a,
	DER_UNIVERSAL = 0x1c,
	DER_BMP = 0x1e,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};
/* Of a choice. */
#define DER_CONTEXT(n)		   (0x80u | (n))
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0u | (n))

struct der {
	unsigned tag;
	struct str whole, contents;
};

/* The first element of *rest, which goes on behind it. False: there is none, or it is not DER: a length that is indefinite, longer than it has to be or
 * than what there is, or a tag above 30. */
bool der_next(struct str *rest, struct der *r);
/* The same for an element of that tag alone; another one stays where it is. */
bool der_take(struct str *rest, unsigned tag, struct str *contents_r);

#endif

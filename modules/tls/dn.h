/* SPDX-License-Identifier: BSD-2-Clause */
/* Distinguished names: their parts, and the two ways in which they are written on one line. */
#ifndef TLS_DN_H
#define TLS_DN_H

#include "core/mod/api.h"

enum tls_dn_part {
	TLS_DN_CN,
	TLS_DN_L,
	TLS_DN_C,
	TLS_DN_ST,
	TLS_DN_O,
	TLS_DN_OU,
	TLS_DN_UID,
	TLS_DN_PARTS
};

/* Text of a part is at most that long; a longer one is as if it was not there. */
#define TLS_TEXT_MAX 1024u

/* A text as it is shown: control characters (NUL, CR, LF, U+0085 ...) and bytes that are not UTF-8 become \00, upper case, and so does a backslash in front
 * of what would look like one of these: two different texts never look the same. */
void tls_value_put(struct buf *b, struct str utf8);

/* dn: the contents of a Name (struct tls_cert). The first part of that kind; false: there is none, or it is no text. */
bool tls_dn_part_put(struct buf *b, struct str dn, enum tls_dn_part part);
/* The bytes of the common name, for comparisons. False: there is none or more than one, or it is not in UTF-8. */
bool tls_dn_cn(struct str dn, struct str *cn_r);
/* /C=DE/O=Test/CN=Bob, in the certificate's order; /, = and \ in values have a backslash before them. */
void tls_dn_slashes_put(struct buf *b, struct str dn);
/* RFC 4514: CN=Bob,O=Test,C=DE. Nothing of a name that is broken or of more than 64 sets. */
void tls_dn_text_put(struct buf *b, struct str dn);

#endif

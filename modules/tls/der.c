/* SPDX-License-Identifier: BSD-2-Clause */
/* Where an element of DER begins and ends. */
#include "modules/tls/der.h"

/* The length at s, which is moved behind it. False: there is none. */
static bool length_take(struct str *s, size_t *n_r)
{
	size_t n, bytes;

	if (!s->n)
		return false;
	n = (unsigned char)s->p[0];
	*s = str_skip(*s, 1);
	if (n < 0x80) {
		*n_r = n;
		return true;
	}
	bytes = n & 0x7f;
	if (!bytes || bytes > 4 || bytes > s->n || !s->p[0])
		return false;
	n = 0;
	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | (unsigned char)s->p[i];
	*s = str_skip(*s, bytes);
	*n_r = n;
	return n >= 0x80;
}

bool der_next(struct str *rest, struct der *r)
{
	struct str s = *rest;
	unsigned tag;
	size_t n;

	if (!s.n)
		return false;
	tag = (unsigned char)s.p[0];
	s = str_skip(s, 1);
	if ((tag & 0x1f) == 0x1f || !length_take(&s, &n) || n > s.n)
		return false;
	r->tag = tag;
	r->contents = str_head(s, n);
	r->whole = str_between(rest->p, s.p + n);
	*rest = str_skip(s, n);
	return true;
}

bool der_take(struct str *rest, unsigned tag, struct str *contents_r)
{
	struct str s = *rest;
	struct der d;

	if (!der_next(&s, &d) || d.tag != tag)
		return false;
	*contents_r = d.contents;
	*rest = s;
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded writer: text is appended to memory of the caller's; what does not fit is remembered, and asked for once at the end. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "core/base/str.h"

struct buf {
	char *p;
	size_t cap; /* bytes at p */
	size_t n;   /* bytes written */
	bool over;  /* something did not fit: what is in p is the part before it */
};

/* A writer over cap bytes at p. */
static inline struct buf buf_over(void *p, size_t cap)
{
	return (struct buf){ .p = p, .cap = cap };
}
#define BUF_ON(array) buf_over((array), sizeof(array))

static inline bool buf_ok(const struct buf *b)
{
	return !b->over;
}

static inline struct str buf_str(const struct buf *b)
{
	return str_of(b->p, b->n);
}

static inline void buf_mem(struct buf *b, const void *p, size_t n)
{
	if (b->over || n > b->cap - b->n) {
		b->over = true;
		return;
	}
	if (n)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

static inline void buf_str_put(struct buf *b, struct str s)
{
	buf_mem(b, s.p, s.n);
}
#define buf_lit(b, literal) buf_mem((b), "" literal, sizeof(literal) - 1)

static inline void buf_char(struct buf *b, char c)
{
	buf_mem(b, &c, 1);
}

void buf_uint(struct buf *b, uint64_t v);
void buf_int(struct buf *b, int64_t v);
/* v in exactly digits lower-case hexadecimal digits (the low ones). */
void buf_hex(struct buf *b, uint64_t v, unsigned digits);
/* All 16 of them, at p. */
void hex_put(char *p, uint64_t v);
void buf_fmt(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* s with control characters, bytes above 126, backslash and quote as \xHH, \\, \"; at most max bytes of s, then "...". For logs. */
void buf_escaped(struct buf *b, struct str s, size_t max);
/* The bytes of the UTF-8 sequence at the start of s, which is not empty; 0: it is none (RFC 3629: shortest form, no surrogates). */
size_t utf8_length(struct str s);
/* s, where each byte that is not UTF-8 becomes U+FFFD: up to three times as many bytes. */
void buf_utf8(struct buf *b, struct str s);
/* s as the inside of a JSON string. Bytes that are not UTF-8 become U+FFFD. */
void buf_json(struct buf *b, struct str s);
/* Ends the text with NUL (not counted in n) and returns it; if there is no room the last byte is overwritten. cap must be > 0. */
const char *buf_z(struct buf *b);

#endif

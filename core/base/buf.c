/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, formats and escapes for the bounded writer. */
#include "core/base/buf.h"

#include <stdarg.h>
#include <stdio.h>

void buf_uint(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof(digits);

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_mem(b, digits + i, sizeof(digits) - i);
}

void buf_int(struct buf *b, int64_t v)
{
	if (v < 0) {
		buf_char(b, '-');
		buf_uint(b, 0 - (uint64_t)v);
		return;
	}
	buf_uint(b, (uint64_t)v);
}

/* The eight hexadecimal digits of v as text, the first in the lowest byte: four bits go to each byte, and to each its digit. */
static uint64_t hex8(uint32_t v)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t x = v;

	x = (x | x << 16) & 0x0000ffff0000ffff;
	x = (x | x << 8) & 0x00ff00ff00ff00ff;
	x = (x | x << 4) & 0x0f0f0f0f0f0f0f0f;
	/* from ten on, 6 more make 16 */
	x += '0' * ones + ((x + 6 * ones) >> 4 & ones) * ('a' - '0' - 10);
	return __builtin_bswap64(x);
}

void hex_put(char *p, uint64_t v)
{
	uint64_t out[2] = { hex8((uint32_t)(v >> 32)), hex8((uint32_t)v) };

	memcpy(p, out, sizeof(out));
}

void buf_hex(struct buf *b, uint64_t v, unsigned digits)
{
	char out[16];

	hex_put(out, v);
	if (digits > 16)
		digits = 16;
	buf_mem(b, out + 16 - digits, digits);
}

void buf_fmt(struct buf *b, const char *format, ...)
{
	size_t room = b->cap - b->n;
	va_list ap;
	int n;

	if (b->over)
		return;
	va_start(ap, format);
	n = vsnprintf(b->p + b->n, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
		b->over = true;
		return;
	}
	b->n += (size_t)n;
}

void buf_escaped(struct buf *b, struct str s, size_t max)
{
	struct str head = str_head(s, max);

	for (size_t i = 0; i < head.n; i++) {
		unsigned char c = (unsigned char)head.p[i];

		if (c == '\\' || c == '"') {
			buf_char(b, '\\');
			buf_char(b, (char)c);
		} else if (c < 32 || c > 126) {
			buf_lit(b, "\\x");
			buf_hex(b, c, 2);
		} else {
			buf_char(b, (char)c);
		}
	}
	if (head.n < s.n)
		buf_lit(b, "...");
}

size_t utf8_length(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t n = p[0] < 0x80	 ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;

	if (n > s.n)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if (n == 3 && ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)))
		return 0;
	if (n == 4 && ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f)))
		return 0;
	return n;
}

void buf_utf8(struct buf *b, struct str s)
{
	while (s.n) {
		size_t n = utf8_length(s);

		if (n)
			buf_mem(b, s.p, n);
		else
			buf_lit(b, "\xef\xbf\xbd");
		s = str_skip(s, n ? n : 1);
	}
}

void buf_json(struct buf *b, struct str s)
{
	while (s.n) {
		unsigned char c = (unsigned char)s.p[0];
		size_t n = utf8_length(s);

		if (c == '"' || c == '\\') {
			buf_char(b, '\\');
			buf_char(b, (char)c);
		} else if (c < 32 || c == 127) {
			buf_lit(b, "\\u00");
			buf_hex(b, c, 2);
		} else {
			buf_utf8(b, str_head(s, n ? n : 1));
		}
		s = str_skip(s, n ? n : 1);
	}
}

const char *buf_z(struct buf *b)
{
	size_t at = b->n < b->cap ? b->n : b->cap - 1;

	b->p[at] = '\0';
	return b->p;
}

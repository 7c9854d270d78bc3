/* SPDX-License-Identifier: BSD-2-Clause */
/* Comparing, searching and cutting slices. */
#include "core/base/str.h"

#include <errno.h>

int char_hex(char c)
{
	if (char_is_digit(c))
		return c - '0';
	c = char_lower(c);
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool str_eq_nocase_n(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (a[i] != b[i] && char_lower(a[i]) != char_lower(b[i]))
			return false;
	}
	return true;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq_nocase(str_head(s, prefix.n), prefix);
}

static int cmp_length(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : cmp_length(a.n, b.n);
}

int str_cmp_nocase(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;

	for (size_t i = 0; i < n; i++) {
		unsigned char x = (unsigned char)char_lower(a.p[i]);
		unsigned char y = (unsigned char)char_lower(b.p[i]);

		if (x != y)
			return x < y ? -1 : 1;
	}
	return cmp_length(a.n, b.n);
}

ssize_t str_chr(struct str s, char c)
{
	const char *p = s.n ? memchr(s.p, c, s.n) : NULL;

	return p ? p - s.p : -1;
}

ssize_t str_rchr(struct str s, char c)
{
	const char *p = s.n ? memrchr(s.p, c, s.n) : NULL;

	return p ? p - s.p : -1;
}

ssize_t str_find(struct str s, struct str needle)
{
	const char *p;

	if (needle.n == 0)
		return 0;
	p = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return p ? p - s.p : -1;
}

ssize_t str_find_nocase(struct str s, struct str needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++) {
		if (str_starts_nocase(str_skip(s, i), needle))
			return (ssize_t)i;
	}
	return -1;
}

void zero(void *p, size_t n)
{
	memset(p, 0, n);
}

struct str str_skip(struct str s, size_t n)
{
	if (n > s.n)
		n = s.n;
	return n ? str_of(s.p + n, s.n - n) : s;
}

struct str str_head(struct str s, size_t n)
{
	return str_of(s.p, n < s.n ? n : s.n);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = str_skip(s, 1);
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_split(struct str *rest, char sep, struct str *piece_r)
{
	ssize_t at;

	if (str_is_null(*rest))
		return false;
	at = str_chr(*rest, sep);
	if (at < 0) {
		*piece_r = *rest;
		*rest = STR_NULL;
		return true;
	}
	*piece_r = str_head(*rest, (size_t)at);
	*rest = str_of(rest->p + at + 1, rest->n - (size_t)at - 1);
	return true;
}

int str_uint(struct str s, uint64_t max, uint64_t *value_r)
{
	uint64_t v = 0;

	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		if (!char_is_digit(s.p[i]))
			return -EINVAL;
	}
	for (size_t i = 0; i < s.n; i++) {
		uint64_t digit = (uint64_t)(s.p[i] - '0');

		if (v > (max - (digit < max ? digit : max)) / 10 || v * 10 + digit > max)
			return -ERANGE;
		v = v * 10 + digit;
	}
	*value_r = v;
	return 0;
}

int str_int(struct str s, int64_t *value_r)
{
	bool minus = s.n && s.p[0] == '-';
	uint64_t v;
	int err;

	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		s = str_skip(s, 1);
	err = str_uint(s, minus ? (uint64_t)INT64_MAX + 1 : INT64_MAX, &v);
	if (err)
		return err;
	*value_r = minus ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

unsigned str_distance(struct str a, struct str b)
{
	unsigned row[65];

	if (a.n > 64 || b.n > 64)
		return 255;
	for (size_t j = 0; j <= b.n; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			unsigned up = row[j];
			unsigned best =
				diagonal + (char_lower(a.p[i - 1]) != char_lower(b.p[j - 1]));

			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			diagonal = up;
			row[j] = best;
		}
	}
	return row[b.n];
}

/* Bytes are signed there. */
static uint32_t words_sum(struct str s)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < s.n;) {
		uint32_t word = 0;

		for (size_t end = i + 4 < s.n ? i + 4 : s.n; i < end; i++)
			word = (word << 8) + (uint32_t)(int8_t)s.p[i];
		sum += word ^ word >> 3;
	}
	return sum;
}

uint32_t str_core_hash(struct str a, struct str b)
{
	uint32_t h = words_sum(a) + words_sum(b);

	return h + (h >> 11) + (h >> 13) + (h >> 23);
}

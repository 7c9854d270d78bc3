/* SPDX-License-Identifier: BSD-2-Clause */
/* Text as a slice: a pointer and a length, passed by value, owned by somebody else. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

/* p may be NULL only when n is 0 ("null", told from "" where a caller cares: str_is_null). Never ends in NUL
 * unless the name of the variable ends in _z. */
struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_INIT(literal)                       \
	{                                       \
		"" literal, sizeof(literal) - 1 \
	}
#define STR_NULL ((struct str){ NULL, 0 })
/* For formats: printf("host " STRF, STRA(host)). */
#define STRF	"%.*s"
#define STRA(s) (int)(s).n, (s).p ? (s).p : ""

static inline struct str str_of(const char *p, size_t n)
{
	return (struct str){ p, n };
}

/* The slice of a NUL-terminated text; NULL gives STR_NULL. */
static inline struct str str_z(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

/* The slice from p up to, not including, end. */
static inline struct str str_between(const char *p, const char *end)
{
	return (struct str){ p, (size_t)(end - p) };
}

static inline bool str_is_null(struct str s)
{
	return !s.p;
}

static inline const char *str_end(struct str s)
{
	return s.p + s.n;
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

/* ASCII letters only, as SIP compares tokens; the locale has no say. */
static inline char char_lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? (char)(c | 0x20) : c;
}

static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of a hexadecimal digit, or -1. */
int char_hex(char c);

/* The lengths are compared first, so that most of what is different costs no call. */
bool str_eq_nocase_n(const char *a, const char *b, size_t n);
static inline bool str_eq_nocase(struct str a, struct str b)
{
	return a.n == b.n && str_eq_nocase_n(a.p, b.p, a.n);
}

/* n bytes from p on as a number, 1 to 16 of them in two words that overlap: two texts of the same length are equal when their words are. */
static inline __attribute__((always_inline)) void str_words(const char *p, size_t n, uint64_t w[2])
{
	w[0] = w[1] = 0;
	if (n >= 8) {
		memcpy(&w[0], p, 8);
		memcpy(&w[1], p + n - 8, 8);
	} else if (n >= 4) {
		memcpy(&w[0], p, 4);
		memcpy(&w[1], p + n - 4, 4);
	} else if (n >= 2) {
		memcpy(&w[0], p, 2);
		memcpy(&w[1], p + n - 2, 2);
	} else {
		memcpy(&w[0], p, 1);
	}
}

/* memcmp() == 0 of 1 to 16 bytes, their number being constant. */
static inline __attribute__((always_inline)) bool str_same(const char *a, const char *b, size_t n)
{
	uint64_t x[2], y[2];

	str_words(a, n, x);
	str_words(b, n, y);
	return !((x[0] ^ y[0]) | (x[1] ^ y[1]));
}

/* Whether s is the word, in any case. The word is a constant of small letters, at most 16: with bit 5 set only a letter and its capital become that
 * letter. For the names that every message has. */
#define STR_IS(s, word) str_is_word((s), "" word, sizeof(word) - 1)
static inline __attribute__((always_inline)) bool str_is_word(struct str s, const char *word,
							      size_t n)
{
	const uint64_t bit5 = 0x2020202020202020;
	uint64_t a[2], b[2];

	if (s.n != n)
		return false;
	str_words(s.p, n, a);
	str_words(word, n, b);
	return !(((a[0] | bit5) ^ (b[0] | bit5)) | ((a[1] | bit5) ^ (b[1] | bit5)));
}

bool str_starts(struct str s, struct str prefix);
bool str_starts_nocase(struct str s, struct str prefix);
/* <0, 0, >0 as memcmp, a prefix being smaller. */
int str_cmp(struct str a, struct str b);
int str_cmp_nocase(struct str a, struct str b);

/* The offset of the first c, or -1. */
ssize_t str_chr(struct str s, char c);
/* The offset of the last c, or -1. */
ssize_t str_rchr(struct str s, char c);
/* The offset of the first occurrence, or -1. An empty needle is found at 0. */
ssize_t str_find(struct str s, struct str needle);
ssize_t str_find_nocase(struct str s, struct str needle);

/* memset(p, 0, n) by a call: for some hundred bytes of a known number a compiler may write instructions that take longer to begin (rep stos) than the
 * library takes for all of them. For what is cleared for every message. */
void zero(void *p, size_t n);

/* s without its first n bytes (all of them if n is larger). */
struct str str_skip(struct str s, size_t n);
/* The first n bytes of s (all of them if n is larger). */
struct str str_head(struct str s, size_t n);
/* Without blanks, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);
/* Takes the text before the first sep off *rest and moves *rest behind sep; false when *rest was null. The last piece leaves
 * *rest null. */
bool str_split(struct str *rest, char sep, struct str *piece_r);

/* A decimal number, digits only, the whole of s. -EINVAL: not a number; -ERANGE: above max. */
int str_uint(struct str s, uint64_t max, uint64_t *value_r);
/* The same with an optional sign. */
int str_int(struct str s, int64_t *value_r);

/* Kamailio's hash of two texts (the second may be empty), by which scripts share out load: the same number as there. Nobody's protection against
 * senders who choose texts that meet. */
uint32_t str_core_hash(struct str a, struct str b);

/* The edit distance of two words (bytes, case ignored), at most 255; for "did you mean". */
unsigned str_distance(struct str a, struct str b);

#endif

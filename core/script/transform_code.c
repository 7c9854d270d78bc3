/* SPDX-License-Identifier: BSD-2-Clause */
/* Transformations of class s that encode, decode, escape and digest. */
#include "core/base/buf.h"
#include "core/msg/ctx.h"
#include "core/script/transform.h"

#include <errno.h>
#include <gnutls/crypto.h>

#include "parser/chars.h"

/* --- digests ---------------------------------------------------------------------------------------------------------------------------------- */

static int hex_text(struct transforming *t, struct str bytes, const char *digits, struct value *v)
{
	struct buf b;
	int err = transform_room(t, bytes.n * 2, &b);

	if (err)
		return err;
	for (size_t i = 0; i < bytes.n; i++) {
		buf_char(&b, digits[(uint8_t)bytes.p[i] >> 4]);
		buf_char(&b, digits[bytes.p[i] & 15]);
	}
	*v = value_str(buf_str(&b));
	return 0;
}

#define LOWER_HEX "0123456789abcdef"
#define UPPER_HEX "0123456789ABCDEF"

static int digest(struct transforming *t, struct str s, struct value *v)
{
	char bytes[64]; /* SHA-512's */
	gnutls_digest_algorithm_t algorithm = (gnutls_digest_algorithm_t)t->tag;

	if (gnutls_hash_fast(algorithm, s.p, s.n, bytes) < 0)
		return -EINVAL;
	return hex_text(t, str_of(bytes, gnutls_hash_get_len(algorithm)), LOWER_HEX, v);
}

/* Kamailio's hash for tables, which scripts use to share out load. */
static int core_hash(struct transforming *t, struct str s, struct value *v)
{
	uint32_t size = t->argv[0].type == VALUE_INT ? (uint32_t)t->argv[0].i : 0;
	uint32_t h = str_core_hash(s, STR(""));
	struct buf b;
	int err = transform_room(t, 10, &b);

	if (err)
		return err;
	buf_uint(&b, size ? h & (size - 1) : h);
	*v = value_str(buf_str(&b));
	return 0;
}

/* --- hexadecimal digits, and seven bits in them -------------------------------------------------------------------------------------- */

static int hex_encode(struct transforming *t, struct str s, struct value *v)
{
	return hex_text(t, s, LOWER_HEX, v);
}

/* A last digit without its fellow is left out. */
static int hex_bytes(struct transforming *t, struct str s, struct buf *b)
{
	int err = transform_room(t, s.n / 2, b);

	for (size_t i = 0; !err && i + 1 < s.n; i += 2) {
		int high = char_hex(s.p[i]), low = char_hex(s.p[i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		buf_char(b, (char)(high << 4 | low));
	}
	return err;
}

static int hex_decode(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	int err = hex_bytes(t, s, &b);

	if (!err)
		*v = value_str(buf_str(&b));
	return err;
}

/* Seven bits of each character, the first in the lowest bits (3GPP TS 23.038), as hexadecimal digits. */
static int septets_encode(struct transforming *t, struct str s, struct value *v)
{
	unsigned held = 0, bits = 0;
	struct buf b;
	int err = transform_room(t, s.n, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i++) {
		held |= (s.p[i] & 0x7fu) << bits;
		bits += 7;
		if (bits >= 8) {
			buf_char(&b, (char)(held & 0xff));
			held >>= 8;
			bits -= 8;
		}
	}
	if (bits)
		buf_char(&b, (char)held);
	return hex_text(t, buf_str(&b), UPPER_HEX, v);
}

static int septets_decode(struct transforming *t, struct str s, struct value *v)
{
	unsigned held = 0, bits = 0;
	struct buf bytes, b;
	int err = hex_bytes(t, s, &bytes);

	if (!err)
		err = transform_room(t, bytes.n * 8 / 7, &b);
	if (err)
		return err;
	for (size_t i = 0; i < bytes.n; i++) {
		held |= (uint8_t)bytes.p[i] * (1u << bits);
		for (bits += 8; bits >= 7; bits -= 7) {
			buf_char(&b, (char)(held & 0x7f));
			held >>= 7;
		}
	}
	*v = value_str(buf_str(&b));
	return 0;
}

/* --- base 64 ---------------------------------------------------------------------------------------------------------------------------------- */

enum { BASE64_URL = 1, BASE64_SHORT = 2 /* without '=' at the end */ };

static const char *base64_digits(int tag)
{
	return tag & BASE64_URL
		       ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		       : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
}

static int base64_encode(struct transforming *t, struct str s, struct value *v)
{
	const char *digits = base64_digits(t->tag);
	struct buf b;
	int err = transform_room(t, (s.n + 2) / 3 * 4, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i += 3) {
		size_t n = s.n - i < 3 ? s.n - i : 3;
		uint32_t word = 0;

		for (size_t j = 0; j < 3; j++)
			word = word << 8 | (j < n ? (uint8_t)s.p[i + j] : 0);
		for (size_t j = 0; j < 4; j++) {
			if (j <= n)
				buf_char(&b, digits[word >> (18 - 6 * j) & 63]);
			else if (!(t->tag & BASE64_SHORT))
				buf_char(&b, '=');
		}
	}
	*v = value_str(buf_str(&b));
	return 0;
}

static int base64_decode(struct transforming *t, struct str s, struct value *v)
{
	const char *digits = base64_digits(t->tag);
	uint32_t held = 0;
	unsigned bits = 0;
	struct buf b;
	int err = transform_room(t, s.n / 4 * 3 + 3, &b);

	if (err)
		return err;
	if (!(t->tag & BASE64_SHORT) && s.n % 4)
		return -EINVAL;
	for (int pad = 0; pad < 2 && s.n && s.p[s.n - 1] == '='; pad++)
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(digits, s.p[i]) : NULL;

		if (!at)
			return -EINVAL;
		held = held << 6 | (uint32_t)(at - digits);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_char(&b, (char)(held >> bits & 0xff));
		}
	}
	*v = value_str(buf_str(&b));
	return bits < 6 ? 0 : -EINVAL;
}

/* --- base 58 ---------------------------------------------------------------------------------------------------------------------------------- */

#define BASE58_DIGITS "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#define BASE58_MAX    1024u /* the time grows with the square */

/* A number of digits in base from becomes one in base to: big-endian, digits at out. How many there are; leading zeros are kept one for one. */
static size_t rebase(const uint8_t *in, size_t n, unsigned from, unsigned to, uint8_t *out,
		     size_t cap)
{
	size_t zeros = 0, used = 0;

	while (zeros < n && !in[zeros])
		zeros++;
	memset(out, 0, cap);
	for (size_t i = zeros; i < n; i++) {
		unsigned carry = in[i];
		size_t j = 0;

		for (; j < used || carry; j++) {
			carry += from * out[cap - 1 - j];
			out[cap - 1 - j] = (uint8_t)(carry % to);
			carry /= to;
		}
		used = j;
	}
	memmove(out + zeros, out + cap - used, used);
	memset(out, 0, zeros);
	return zeros + used;
}

static int base58_encode(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	size_t n;
	int err = s.n > BASE58_MAX ? -EINVAL : transform_room(t, s.n * 138 / 100 + 1, &b);

	if (err)
		return err;
	n = rebase((const uint8_t *)s.p, s.n, 256, 58, (uint8_t *)b.p, b.cap);
	for (size_t i = 0; i < n; i++)
		b.p[i] = BASE58_DIGITS[(uint8_t)b.p[i]];
	*v = value_str(str_of(b.p, n));
	return 0;
}

static int base58_decode(struct transforming *t, struct str s, struct value *v)
{
	uint8_t in[BASE58_MAX];
	struct buf b;
	int err = s.n > BASE58_MAX ? -EINVAL : transform_room(t, s.n + 1, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(BASE58_DIGITS, s.p[i]) : NULL;

		if (!at)
			return -EINVAL;
		in[i] = (uint8_t)(at - BASE58_DIGITS);
	}
	*v = value_str(str_of(b.p, rebase(in, s.n, 58, 256, (uint8_t *)b.p, b.cap)));
	return 0;
}

/* --- escapes ---------------------------------------------------------------------------------------------------------------------------------- */

static int backslashes_put(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	int err = transform_room(t, s.n * 2, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\'' || c == '"' || c == '\\' || c == '\0')
			buf_char(&b, '\\');
		buf_char(&b, c ? c : '0');
	}
	*v = value_str(buf_str(&b));
	return 0;
}

static int backslashes_undo(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	int err = transform_room(t, s.n, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i++) {
		char next = i + 1 < s.n ? s.p[i + 1] : 'x';

		if (s.p[i] == '\\' &&
		    (next == '\'' || next == '"' || next == '\\' || next == '0')) {
			buf_char(&b, next == '0' ? '\0' : next);
			i++;
		} else {
			buf_char(&b, s.p[i]);
		}
	}
	*v = value_str(buf_str(&b));
	return 0;
}

enum { PERCENT_USER, PERCENT_PARAM, PERCENT_URL };

/* What stands unescaped beside letters and digits. */
static const char *const percent_plain[] = {
	[PERCENT_USER] = "-_.!~*'()&=+$,;?",
	[PERCENT_PARAM] = "-_.!~*'()[]/:&+$",
	[PERCENT_URL] = "-_.~",
};

static bool is_alnum(char c)
{
	return char_is_digit(c) || (char_lower(c) >= 'a' && char_lower(c) <= 'z');
}

/* A user or parameter cannot have other than printable ASCII characters. */
static int percent_put(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	int err = transform_room(t, s.n * 3, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (t->tag != PERCENT_URL && (c < 32 || c > 126))
			return -EINVAL;
		if (is_alnum(c) || (c && strchr(percent_plain[t->tag], c))) {
			buf_char(&b, c);
			continue;
		}
		buf_char(&b, '%');
		buf_hex(&b, (uint8_t)c, 2);
	}
	*v = value_str(buf_str(&b));
	return 0;
}

static int percent_undo(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	int err = transform_room(t, s.n, &b);

	if (err)
		return err;
	for (size_t i = 0; i < s.n; i++) {
		int high = i + 2 < s.n ? char_hex(s.p[i + 1]) : -1;
		int low = i + 2 < s.n ? char_hex(s.p[i + 2]) : -1, c = high * 16 + low;

		if (s.p[i] != '%') {
			buf_char(&b, t->tag == PERCENT_URL && s.p[i] == '+' ? ' ' : s.p[i]);
			continue;
		}
		if (high < 0 || low < 0 || (t->tag != PERCENT_URL && (c < 32 || c > 126)))
			return -EINVAL;
		buf_char(&b, (char)c);
		i += 2;
	}
	*v = value_str(buf_str(&b));
	return 0;
}

/* RFC 4180. */
static int csv(struct transforming *t, struct str s, struct value *v)
{
	struct buf b;
	int err = transform_room(t, s.n * 2 + 2, &b);

	if (err)
		return err;
	buf_char(&b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"')
			buf_char(&b, '"');
		buf_char(&b, s.p[i]);
	}
	buf_char(&b, '"');
	*v = value_str(buf_str(&b));
	return 0;
}

/* --- the table -------------------------------------------------------------------------------------------------------------------------------- */

#define ROW(NAME, ARGS, USAGE, RUN, TAG, HELP)                                             \
	{                                                                                  \
		.name = NAME, .args = ARGS, .usage = USAGE, .run = RUN, .type = VALUE_STR, \
		.tag = TAG, .flags = TRANSFORM_EMPTY, .help = HELP                         \
	}
#define PLAIN(NAME, RUN, TAG, HELP) ROW(NAME, "", "", RUN, TAG, HELP)

const struct transform_def transforms_code[] = {
	PLAIN("s.md5", digest, GNUTLS_DIG_MD5, "its MD5 digest in hexadecimal digits"),
	PLAIN("s.sha1", digest, GNUTLS_DIG_SHA1, "its SHA-1 digest"),
	PLAIN("s.sha256", digest, GNUTLS_DIG_SHA256, "its SHA-256 digest"),
	PLAIN("s.sha384", digest, GNUTLS_DIG_SHA384, "its SHA-384 digest"),
	PLAIN("s.sha512", digest, GNUTLS_DIG_SHA512, "its SHA-512 digest"),
	ROW("s.corehash", "|i", ",size", core_hash, 0,
	    "a 32-bit hash as a number, below size, which is a power of 2"),
	PLAIN("s.encode.hexa", hex_encode, 0, "its bytes as hexadecimal digits"),
	PLAIN("s.decode.hexa", hex_decode, 0, "the bytes that hexadecimal digits stand for"),
	PLAIN("s.encode.7bit", septets_encode, 0,
	      "as packed 7-bit characters of an SMS, in hexadecimal"),
	PLAIN("s.decode.7bit", septets_decode, 0, "from packed 7-bit characters of an SMS"),
	PLAIN("s.encode.base58", base58_encode, 0, "in base 58; up to 1024 bytes"),
	PLAIN("s.decode.base58", base58_decode, 0, "from base 58; up to 1024 bytes"),
	PLAIN("s.encode.base64", base64_encode, 0, "in base 64"),
	PLAIN("s.decode.base64", base64_decode, 0, "from base 64"),
	PLAIN("s.encode.base64t", base64_encode, BASE64_SHORT, "in base 64 without '=' at the end"),
	PLAIN("s.decode.base64t", base64_decode, BASE64_SHORT,
	      "from base 64, where '=' may be missing at the end"),
	PLAIN("s.encode.base64url", base64_encode, BASE64_URL, "in base 64 for URLs"),
	PLAIN("s.decode.base64url", base64_decode, BASE64_URL, "from base 64 for URLs"),
	PLAIN("s.encode.base64urlt", base64_encode, BASE64_URL | BASE64_SHORT,
	      "in base 64 for URLs without '=' at the end"),
	PLAIN("s.decode.base64urlt", base64_decode, BASE64_URL | BASE64_SHORT,
	      "from base 64 for URLs, where '=' may be missing at the end"),
	PLAIN("s.escape.common", backslashes_put, 0, "a backslash before quotes and backslashes"),
	PLAIN("s.unescape.common", backslashes_undo, 0, "those backslashes undone"),
	PLAIN("s.escape.user", percent_put, PERCENT_USER, "%hh for what a URI's user cannot have"),
	PLAIN("s.unescape.user", percent_undo, PERCENT_USER, "%hh undone"),
	PLAIN("s.escape.param", percent_put, PERCENT_PARAM,
	      "%hh for what a URI's parameter cannot have"),
	PLAIN("s.unescape.param", percent_undo, PERCENT_PARAM, "%hh undone"),
	PLAIN("s.urlencode.param", percent_put, PERCENT_URL,
	      "%hh for what a URL's query cannot have"),
	PLAIN("s.urldecode.param", percent_undo, PERCENT_URL, "%hh and '+' undone"),
	PLAIN("s.escape.csv", csv, 0, "as a field of a CSV file"),
	{ .name = NULL },
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* The kinds of text in names of certificates, and how the names are written. */
#include "modules/tls/dn.h"
#include "modules/tls/der.h"

/* --- one text ---------------------------------------------------------------------------------------------------------------------------- */
enum style {
	PLAIN,
	SLASHES, /* of OpenSSL and the SER family */
	COMMAS,	 /* RFC 4514 */
};

static bool is_upper_hex(char c)
{
	return char_is_digit(c) || (c >= 'A' && c <= 'F');
}

/* Whether a byte of that value is never shown as it is. C1 controls are two bytes, the first of them C2. */
static bool is_hidden(unsigned char c)
{
	return c < 0x20 || c >= 0x7f || c == '\\';
}

static void hex_put_upper(struct buf *b, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	buf_char(b, '\\');
	buf_char(b, digits[c >> 4]);
	buf_char(b, digits[c & 15]);
}

/* s begins with a backslash: it is followed by what the escape of a byte looks like. */
static bool looks_escaped(struct str s)
{
	return s.n > 2 && is_upper_hex(s.p[1]) && is_upper_hex(s.p[2]) &&
	       is_hidden((unsigned char)(char_hex(s.p[1]) << 4 | char_hex(s.p[2])));
}

static bool is_special(struct str s, size_t at, enum style style)
{
	char c = s.p[at];

	switch (style) {
	case PLAIN:
		return false;
	case SLASHES:
		return c == '/' || c == '=' || c == '\\';
	case COMMAS:
		return memchr("\"+,;<>\\", c, 7) || (c == '#' && !at) ||
		       (c == ' ' && (!at || at + 1 == s.n));
	}
	return false;
}

static void text_put(struct buf *b, struct str s, enum style style)
{
	for (size_t at = 0, n; at < s.n; at += n) {
		struct str rest = str_skip(s, at);
		unsigned char c = (unsigned char)rest.p[0];

		n = utf8_length(rest);
		if (!n || c < 0x20 || c == 0x7f) {
			hex_put_upper(b, c);
			n = 1;
		} else if (n == 2 && c == 0xc2 && (unsigned char)rest.p[1] < 0xa0) {
			hex_put_upper(b, c);
			hex_put_upper(b, (unsigned char)rest.p[1]);
		} else if (style == PLAIN && c == '\\' && looks_escaped(rest)) {
			hex_put_upper(b, c);
		} else {
			if (is_special(s, at, style))
				buf_char(b, '\\');
			buf_mem(b, rest.p, n);
		}
	}
}

void tls_value_put(struct buf *b, struct str utf8)
{
	text_put(b, utf8, PLAIN);
}

/* --- kinds of text ----------------------------------------------------------------------------------------------------------------------- */
/* A character as UTF-8; half a pair of UTF-16 or a number above Unicode's becomes bytes that are not UTF-8. */
static void char_put(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_char(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_char(b, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_char(b, (char)(0xe0 | c >> 12));
		} else {
			buf_char(b, (char)(c < 0x110000 ? 0xf0 | c >> 18 : 0xff));
			buf_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_char(b, (char)(0x80 | (c & 0x3f)));
}

/* Characters of width bytes each. */
static struct str wide(struct str s, size_t width, struct buf *room)
{
	if (s.n % width)
		return STR_NULL;
	for (size_t at = 0; at < s.n; at += width) {
		uint32_t c = 0;

		for (size_t i = 0; i < width; i++)
			c = c << 8 | (unsigned char)s.p[at + i];
		char_put(room, c);
	}
	return buf_ok(room) ? buf_str(room) : STR_NULL;
}

/* The value of an attribute in UTF-8, as far as it is: in room if it has to be made. Null: it is no text, or too long. */
static struct str value_text(const struct der *value, struct buf *room)
{
	switch (value->tag) {
	case DER_UTF8:
	case DER_NUMERIC:
	case DER_PRINTABLE:
	case DER_IA5:
	case DER_VISIBLE:
		return value->contents.n <= TLS_TEXT_MAX ? value->contents : STR_NULL;
	case DER_T61: /* by custom Latin-1 */
		return wide(value->contents, 1, room);
	case DER_BMP:
		return wide(value->contents, 2, room);
	case DER_UNIVERSAL:
		return wide(value->contents, 4, room);
	default:
		return STR_NULL;
	}
}

/* --- attributes -------------------------------------------------------------------------------------------------------------------------- */
struct attribute {
	struct str oid;
	const char *name_z;
};

static const struct attribute attributes[] = {
	[TLS_DN_CN] = { STR_INIT("\x55\x04\x03"), "CN" },
	[TLS_DN_L] = { STR_INIT("\x55\x04\x07"), "L" },
	[TLS_DN_C] = { STR_INIT("\x55\x04\x06"), "C" },
	[TLS_DN_ST] = { STR_INIT("\x55\x04\x08"), "ST" },
	[TLS_DN_O] = { STR_INIT("\x55\x04\x0a"), "O" },
	[TLS_DN_OU] = { STR_INIT("\x55\x04\x0b"), "OU" },
	[TLS_DN_UID] = { STR_INIT("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01"), "UID" },
	{ STR_INIT("\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19"), "DC" },
	{ STR_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"), "emailAddress" },
	{ STR_INIT("\x55\x04\x04"), "SN" },
	{ STR_INIT("\x55\x04\x05"), "serialNumber" },
	{ STR_INIT("\x55\x04\x09"), "street" },
	{ STR_INIT("\x55\x04\x0c"), "title" },
	{ STR_INIT("\x55\x04\x2a"), "GN" },
	{ STR_INIT("\x55\x04\x2b"), "initials" },
	{ STR_INIT("\x55\x04\x2e"), "dnQualifier" },
};
#define ATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

/* One attribute of a set, which *set goes on behind: AttributeTypeAndValue. */
static bool attribute_next(struct str *set, struct str *oid_r, struct der *value_r)
{
	struct str s;

	return der_take(set, DER_SEQUENCE, &s) && der_take(&s, DER_OID, oid_r) &&
	       der_next(&s, value_r) && !s.n;
}

/* 1.2.840.113549; numbers above 64 bits come out shortened, and nobody has them. */
static void oid_put(struct buf *b, struct str oid)
{
	uint64_t n = 0;
	bool first = true;

	for (size_t i = 0; i < oid.n; i++) {
		n = n << 7 | ((unsigned char)oid.p[i] & 0x7f);
		if (oid.p[i] & 0x80)
			continue;
		if (first) {
			uint64_t arc = n < 40 ? 0 : n < 80 ? 1 : 2;

			buf_uint(b, arc);
			n -= arc * 40;
		}
		buf_char(b, '.');
		buf_uint(b, n);
		first = false;
		n = 0;
	}
}

static void attribute_put(struct buf *b, struct str oid, const struct der *value, enum style style)
{
	char converted[TLS_TEXT_MAX];
	struct buf room = BUF_ON(converted);
	struct str text = value_text(value, &room);
	const struct attribute *a = attributes;

	while (a < attributes + ATTRIBUTES && !str_eq(a->oid, oid))
		a++;
	if (a < attributes + ATTRIBUTES)
		buf_str_put(b, str_z(a->name_z));
	else
		oid_put(b, oid);
	buf_char(b, '=');
	if (!str_is_null(text) && (style == SLASHES || a < attributes + ATTRIBUTES)) {
		text_put(b, text, style);
		return;
	}
	buf_char(b, '#');
	for (size_t i = 0; i < value->whole.n && buf_ok(b); i++)
		buf_hex(b, (unsigned char)value->whole.p[i], 2);
}

/* --- names ------------------------------------------------------------------------------------------------------------------------------- */
/* The first value of a part. */
static bool part_find(struct str dn, enum tls_dn_part part, struct der *value_r)
{
	struct str set, oid;

	while (der_take(&dn, DER_SET, &set))
		while (attribute_next(&set, &oid, value_r))
			if (str_eq(oid, attributes[part].oid))
				return true;
	return false;
}

bool tls_dn_part_put(struct buf *b, struct str dn, enum tls_dn_part part)
{
	char converted[TLS_TEXT_MAX];
	struct buf room = BUF_ON(converted);
	struct der value;
	struct str text;

	if (!part_find(dn, part, &value))
		return false;
	text = value_text(&value, &room);
	if (str_is_null(text))
		return false;
	tls_value_put(b, text);
	return true;
}

bool tls_dn_cn(struct str dn, struct str *cn_r)
{
	struct der value;
	unsigned n = 0;
	struct str set, oid;

	while (der_take(&dn, DER_SET, &set)) {
		while (attribute_next(&set, &oid, &value)) {
			if (!str_eq(oid, attributes[TLS_DN_CN].oid))
				continue;
			n++;
			*cn_r = value.contents;
			if (value.tag != DER_UTF8 && value.tag != DER_PRINTABLE &&
			    value.tag != DER_IA5)
				return false;
		}
	}
	return n == 1;
}

void tls_dn_slashes_put(struct buf *b, struct str dn)
{
	struct str set, oid;
	struct der value;

	while (der_take(&dn, DER_SET, &set)) {
		while (attribute_next(&set, &oid, &value)) {
			buf_char(b, '/');
			attribute_put(b, oid, &value, SLASHES);
		}
	}
}

#define SETS_MAX 64u /* a name with more has no such text */

void tls_dn_text_put(struct buf *b, struct str dn)
{
	struct str sets[SETS_MAX], oid;
	struct der value;
	unsigned n = 0;

	while (n < SETS_MAX && der_take(&dn, DER_SET, &sets[n]))
		n++;
	for (unsigned i = dn.n ? 0 : n; i-- > 0;) {
		for (bool first = true; attribute_next(&sets[i], &oid, &value); first = false) {
			if (!first)
				buf_char(b, '+');
			attribute_put(b, oid, &value, COMMAS);
		}
		if (i)
			buf_char(b, ',');
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How a header field's name is recognised in a few word operations: names are folded to three words of lower-case text, and a
 * hash table over these is filled from the table of names before main() begins; nobody writes it afterwards. */
#include "core/base/must.h"
#include "parser/hdr.h"

#define NAME_MAX_FOLDED 24
#define SLOTS		256 /* several times the number of names, so that most are found at the first place */

struct hdr_row {
	struct str name;
	char compact;
	unsigned flags;
};

static const struct hdr_row rows[HDR_IDS] = {
#define X(id, name, compact, flags) [HDR_##id] = { STR_INIT(name), compact, flags },
	HDR_TABLE(X)
#undef X
};

/* A name of at most NAME_MAX_FOLDED bytes in lower case. Two names of the same length fold to the same words if and only if they are
 * equal without regard to case. */
struct folded {
	uint64_t w[3];
};

static struct folded row_folded[HDR_IDS];
static uint8_t slots[SLOTS]; /* ids; 0: empty */
static uint8_t compact_ids[26];

static inline uint64_t load64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t load32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The ASCII capitals among eight bytes become small letters: bit 7 of each byte is made to say "at least 'A'" and "above 'Z'". */
static inline uint64_t lower64(uint64_t v)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t low7 = v & (0x7f * ones);
	uint64_t from_a = low7 + (0x80 - 'A') * ones;
	uint64_t above_z = low7 + (0x7f - 'Z') * ones;
	uint64_t capitals = ~v & (from_a ^ above_z) & (0x80 * ones);

	return v | capitals >> 2;
}

/* The words overlap where the length is not a multiple of eight: no byte outside of the name is read. */
static inline __attribute__((always_inline)) struct folded fold(const char *p, size_t n)
{
	struct folded f = { { 0, 0, 0 } };

	if (n > 16) {
		f.w[0] = lower64(load64(p));
		f.w[1] = lower64(load64(p + n - 8));
		f.w[2] = lower64(load64(p + 8));
	} else if (n >= 8) {
		f.w[0] = lower64(load64(p));
		f.w[1] = lower64(load64(p + n - 8));
	} else if (n >= 4) {
		f.w[0] = lower64(load32(p) | load32(p + n - 4) << 32);
	} else if (n) {
		f.w[0] = lower64((uint64_t)(unsigned char)p[0] |
				 (uint64_t)(unsigned char)p[n / 2] << 8 |
				 (uint64_t)(unsigned char)p[n - 1] << 16);
	}
	return f;
}

static inline unsigned slot_of(const struct folded *f, size_t n)
{
	uint64_t mixed = (f->w[0] ^ f->w[1] << 7 ^ n) * 0x9e3779b97f4a7c15;

	return (unsigned)(mixed >> 56);
}

__attribute__((constructor)) static void hdr_fill(void)
{
	for (unsigned id = 1; id < HDR_IDS; id++) {
		struct str name = rows[id].name;
		unsigned at;

		MUST(name.n > 1 && name.n <= NAME_MAX_FOLDED);
		row_folded[id] = fold(name.p, name.n);
		for (at = slot_of(&row_folded[id], name.n); slots[at]; at = (at + 1) % SLOTS)
			MUST(!str_eq_nocase(rows[slots[at]].name, name));
		slots[at] = (uint8_t)id;
		if (rows[id].compact) {
			MUST(!compact_ids[rows[id].compact - 'a']);
			compact_ids[rows[id].compact - 'a'] = (uint8_t)id;
		}
	}
}

enum hdr_id hdr_id_of(struct str name)
{
	struct folded f;

	if (name.n <= 1) {
		char c = name.n ? char_lower(name.p[0]) : 0;

		return c >= 'a' && c <= 'z' ? (enum hdr_id)compact_ids[c - 'a'] : HDR_OTHER;
	}
	if (name.n > NAME_MAX_FOLDED)
		return HDR_OTHER;
	f = fold(name.p, name.n);
	for (unsigned at = slot_of(&f, name.n); slots[at]; at = (at + 1) % SLOTS) {
		const struct folded *g = &row_folded[slots[at]];

		if (f.w[0] == g->w[0] && f.w[1] == g->w[1] && f.w[2] == g->w[2] &&
		    name.n == rows[slots[at]].name.n)
			return (enum hdr_id)slots[at];
	}
	return HDR_OTHER;
}

struct str hdr_name(enum hdr_id id)
{
	return rows[id].name;
}

unsigned hdr_flags(enum hdr_id id)
{
	return rows[id].flags;
}

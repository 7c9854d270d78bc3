/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding a header field's name without a call: a name is folded to words, which a hash table has the id of. The tables are filled from the table of
 * names before main() begins; nobody writes them afterwards. */
#ifndef PARSER_HDR_FIND_H
#define PARSER_HDR_FIND_H

#include "parser/hdr.h"
#include "parser/scan.h"

#define HDR_NAME_MAX 24
#define HDR_SLOTS \
	256 /* several times the number of names, so that most are found at the first place */

/* A name of at most HDR_NAME_MAX bytes in small letters with zeros behind it, and how long it is. */
struct hdr_folded {
	uint64_t w[HDR_NAME_MAX / 8];
	uint32_t n;
	uint32_t id; /* not of what is sought */
};

extern struct hdr_folded hdr_names[]; /* full names by id, then compact ones */
extern uint8_t hdr_slots[HDR_SLOTS];  /* places in hdr_names; 0: empty */

/* Bit 5 is set in the bytes from '@' on: this makes capitals small, and no other byte becomes a letter or '-', which is all that names of the table
 * have. */
static inline uint64_t hdr_small(uint64_t v)
{
	return v | (v & 0x4040404040404040) >> 1;
}

static inline unsigned hdr_slot(uint64_t w0, uint64_t w1, uint64_t w2)
{
	return (unsigned)((w0 ^ w1 << 7 ^ w2 << 13) * 0x9e3779b97f4a7c15 >> 56);
}

static inline enum hdr_id hdr_find(const struct hdr_folded *f)
{
	unsigned at = hdr_slot(f->w[0], f->w[1], f->w[2]);

	for (; hdr_slots[at]; at = (at + 1) % HDR_SLOTS) {
		const struct hdr_folded *g = &hdr_names[hdr_slots[at]];

		if (!memcmp(f->w, g->w, sizeof(f->w)) && f->n == g->n)
			return (enum hdr_id)g->id;
	}
	return HDR_OTHER;
}

/* Of n bytes as they stand in the text, at most 16, with zeros behind them. */
static inline enum hdr_id hdr_find_short(scan_words in, unsigned n)
{
	const scan_words small = in | (in & 0x4040404040404040) >> 1; /* hdr_small of both */
	unsigned at = hdr_slot(small[0], small[1], 0);

	for (; hdr_slots[at]; at = (at + 1) % HDR_SLOTS) {
		const struct hdr_folded *g = &hdr_names[hdr_slots[at]];
		scan_bytes same = (scan_bytes)((scan_bytes)small == scan_load((const char *)g->w));

		if (scan_mask(same) == 0xffff && n == g->n)
			return (enum hdr_id)g->id;
	}
	return HDR_OTHER;
}

#endif

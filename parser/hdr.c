/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of header fields, and the tables in which a name is found. */
#include "parser/hdr_find.h"

#include "core/base/must.h"

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

struct hdr_folded hdr_names[HDR_IDS + 26];
uint8_t hdr_slots[HDR_SLOTS];

static struct hdr_folded fold(struct str name)
{
	struct hdr_folded f = { .n = (uint32_t)name.n };

	memcpy(f.w, name.p, name.n);
	for (unsigned i = 0; i < HDR_NAME_MAX / 8; i++)
		f.w[i] = hdr_small(f.w[i]);
	return f;
}

static void name_put(unsigned place, enum hdr_id id, struct str name)
{
	struct hdr_folded *f = &hdr_names[place];
	unsigned at;

	MUST(name.n && name.n <= HDR_NAME_MAX);
	*f = fold(name);
	MUST(hdr_find(f) == HDR_OTHER);
	f->id = id;
	for (at = hdr_slot(f->w[0], f->w[1], f->w[2]); hdr_slots[at]; at = (at + 1) % HDR_SLOTS)
		;
	hdr_slots[at] = (uint8_t)place;
}

__attribute__((constructor)) static void hdr_fill(void)
{
	unsigned place = HDR_IDS;

	for (unsigned id = 1; id < HDR_IDS; id++) {
		name_put(id, (enum hdr_id)id, rows[id].name);
		if (rows[id].compact)
			name_put(place++, (enum hdr_id)id, str_of(&rows[id].compact, 1));
	}
}

enum hdr_id hdr_id_of(struct str name)
{
	struct hdr_folded f;

	if (name.n == 0 || name.n > HDR_NAME_MAX)
		return HDR_OTHER;
	f = fold(name);
	return hdr_find(&f);
}

struct str hdr_name(enum hdr_id id)
{
	return rows[id].name;
}

unsigned hdr_flags(enum hdr_id id)
{
	return rows[id].flags;
}

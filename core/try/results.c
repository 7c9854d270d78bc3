/* SPDX-License-Identifier: BSD-2-Clause */
/* Results in memory that outlives the process that wrote them. */
#include "core/try/results.h"

#include <sys/mman.h>

struct results *results_new(const struct case_file *f)
{
	size_t size = sizeof(struct results) + f->cases_n * sizeof(struct outcome);
	struct results *r = mmap(NULL, size, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (r == MAP_FAILED)
		return NULL;
	r->path_z = f->path_z;
	r->file = *f;
	r->size = size;
	r->cases = (struct outcome *)(r + 1);
	return r;
}

void results_drop(struct results **rp)
{
	struct results *r = *rp;

	*rp = NULL;
	if (r)
		munmap(r, r->size);
}

void results_tell(struct results *r, struct outcome *o, struct str text)
{
	size_t room = RESULTS_TEXT_MAX - r->text_n;

	if (!o->n)
		o->at = r->text_n;
	text = str_head(text, room);
	if (text.n)
		memcpy(r->text + r->text_n, text.p, text.n);
	r->text_n += (uint32_t)text.n;
	o->n += (uint32_t)text.n;
}

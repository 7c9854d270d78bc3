/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of script files, looked up by number. */
#include "core/try/message.h"
#include "core/try/report.h"

#define FILES_MAX  64u
#define SOURCE_MAX (4u << 20)

struct source_file {
	const char *name_z; /* the asker's: names of a script stay */
	struct str *lines;
	uint32_t lines_n;
};

struct listing {
	struct pool *pool;
	struct source_file files[FILES_MAX];
	unsigned n;
};

struct listing *listing_new(struct pool *p)
{
	struct listing *s = pool_zalloc(p, sizeof(*s));

	if (s)
		s->pool = p;
	return s;
}

/* A file that cannot be read has no lines. */
static void lines_read(struct listing *s, struct source_file *f)
{
	struct pool *whole = pool_new(65536, SOURCE_MAX + 65536);
	struct str text, line;
	uint32_t n = 1;

	if (whole && strcmp(f->name_z, "-") && !message_read(whole, f->name_z, SOURCE_MAX, &text)) {
		for (size_t i = 0; i < text.n; i++)
			n += text.p[i] == '\n';
		f->lines = pool_alloc(s->pool, n * sizeof(*f->lines));
		text = pool_str(s->pool, text);
		while (f->lines && str_split(&text, '\n', &line))
			f->lines[f->lines_n++] = str_trim(line);
	}
	pool_drop(&whole);
}

struct str listing_line(struct listing *s, const char *file_z, uint32_t line)
{
	struct source_file *f = NULL;

	for (unsigned i = 0; i < s->n && !f; i++)
		if (s->files[i].name_z == file_z)
			f = &s->files[i];
	if (!f && s->n < FILES_MAX) {
		f = &s->files[s->n++];
		f->name_z = file_z;
		lines_read(s, f);
	}
	return f && line && line <= f->lines_n ? f->lines[line - 1] : STR_NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The files a script is made of, and positions in them. */
#ifndef SCRIPT_SOURCE_H
#define SCRIPT_SOURCE_H

#include "core/mem/pool.h"

#define SOURCE_MAX (8u * 1024 * 1024) /* bytes of one file */

/* One file, read whole; lies in a pool. */
struct source {
	const char *name_z; /* as messages show it */
	struct str text;    /* as read; text.p[text.n] is NUL */
	unsigned index;	    /* in the order of first reading */
	struct source *next;
};

/* Where something stands; src NULL: nowhere in particular. */
struct pos {
	const struct source *src;
	uint32_t line, col; /* from 1; columns are bytes */
	uint32_t at;	    /* offset of the first byte */
	uint32_t len;	    /* bytes, at least 1 */
};

/* From the start of a to the end of b, when both are in one file. */
struct pos pos_join(struct pos a, struct pos b);
/* The place right behind a. */
struct pos pos_after(struct pos a);
/* n bytes at offset from the start of a, on the same line. */
struct pos pos_inside(struct pos a, size_t offset, size_t n);
/* <0, 0, >0 in the order of files and lines. */
int pos_cmp(const struct pos *a, const struct pos *b);
/* The whole line that p stands in, without its line end. */
struct str pos_line(const struct pos *p);

/* Reads a file ("-": standard input); path_z is kept. -errno; -EFBIG above SOURCE_MAX; -ENOMEM. */
int source_read(struct pool *pool, const char *path_z, struct source **src_r);
/* The same for a file that a script names: anything but an ordinary file is -EINVAL. */
int source_read_included(struct pool *pool, const char *path_z, struct source **src_r);
/* Text given instead of a file, for tests and command lines. NULL: no memory. */
struct source *source_text(struct pool *pool, const char *name_z, struct str text);
/* The path of a file that `from` names: relative to from's folder if it is there, else as it is. NULL: no memory. */
const char *source_path(struct pool *pool, const char *from_z, struct str path);

#endif

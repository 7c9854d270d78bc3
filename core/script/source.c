/* SPDX-License-Identifier: BSD-2-Clause */
/* How script files are found and read, and what positions in them mean. */
#include "core/script/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct pos pos_join(struct pos a, struct pos b)
{
	if (a.src && a.src == b.src && b.at >= a.at)
		a.len = b.at + b.len - a.at;
	return a;
}

struct pos pos_after(struct pos a)
{
	if (!a.src)
		return a;
	for (uint32_t i = 0; i < a.len && a.at < a.src->text.n; i++, a.at++) {
		a.col++;
		if (a.src->text.p[a.at] == '\n') {
			a.line++;
			a.col = 1;
		}
	}
	a.len = 1;
	return a;
}

struct pos pos_inside(struct pos a, size_t offset, size_t n)
{
	if (offset >= a.len)
		return a;
	for (size_t i = 0; i < offset && a.src && a.at + i < a.src->text.n; i++)
		if (a.src->text.p[a.at + i] == '\n')
			return a;
	a.at += (uint32_t)offset;
	a.col += (uint32_t)offset;
	a.len = n ? (uint32_t)n : 1;
	return a;
}

int pos_cmp(const struct pos *a, const struct pos *b)
{
	unsigned fa = a->src ? a->src->index + 1 : 0, fb = b->src ? b->src->index + 1 : 0;

	if (fa != fb)
		return fa < fb ? -1 : 1;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return a->col < b->col ? -1 : a->col > b->col;
}

struct str pos_line(const struct pos *p)
{
	struct str t;
	size_t start, end;

	if (!p->src)
		return STR_NULL;
	t = p->src->text;
	start = p->at <= t.n ? p->at : t.n;
	while (start && t.p[start - 1] != '\n')
		start--;
	end = start;
	while (end < t.n && t.p[end] != '\n' && t.p[end] != '\r')
		end++;
	return str_of(t.p + start, end - start);
}

/* Reads fd to its end into the pool; the size is not known beforehand for pipes. */
static int read_all(struct pool *pool, int fd, struct str *text_r)
{
	size_t cap = 16384, n = 0;
	char *p = pool_alloc(pool, cap);

	for (;;) {
		ssize_t got;

		if (!p)
			return -ENOMEM;
		got = read(fd, p + n, cap - n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		n += (size_t)got;
		if (got == 0)
			break;
		if (n > SOURCE_MAX)
			return -EFBIG;
		if (cap - n - 1 < cap / 4) {
			char *larger = pool_alloc(pool, cap * 2);

			if (larger)
				memcpy(larger, p, n);
			p = larger;
			cap *= 2;
		}
	}
	p[n] = '\0';
	*text_r = str_of(p, n);
	return 0;
}

static int read_fd(struct pool *pool, int fd, const char *name_z, struct source **src_r)
{
	struct source *s = pool_zalloc(pool, sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	s->name_z = name_z;
	r = read_all(pool, fd, &s->text);
	if (r < 0)
		return r;
	*src_r = s;
	return 0;
}

int source_read(struct pool *pool, const char *path_z, struct source **src_r)
{
	int fd, r;

	if (!strcmp(path_z, "-"))
		return read_fd(pool, STDIN_FILENO, "<stdin>", src_r);
	fd = open(path_z, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = read_fd(pool, fd, path_z, src_r);
	close(fd);
	return r;
}

int source_read_included(struct pool *pool, const char *path_z, struct source **src_r)
{
	/* a pipe or device must not hold us up, not even in open() */
	int fd = open(path_z, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r;
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		r = -errno;
	else
		r = S_ISREG(st.st_mode) ? read_fd(pool, fd, path_z, src_r) : -EINVAL;
	close(fd);
	return r;
}

struct source *source_text(struct pool *pool, const char *name_z, struct str text)
{
	struct source *s = pool_zalloc(pool, sizeof(*s));

	if (!s)
		return NULL;
	s->name_z = name_z;
	s->text = str_of(pool_str_z(pool, text), text.n);
	return s->text.p ? s : NULL;
}

const char *source_path(struct pool *pool, const char *from_z, struct str path)
{
	const char *slash = strrchr(from_z, '/');
	size_t folder = slash ? (size_t)(slash - from_z) + 1 : 0;
	char *joined;

	if (!folder || (path.n && path.p[0] == '/'))
		return pool_str_z(pool, path);
	joined = pool_alloc(pool, folder + path.n + 1);
	if (!joined)
		return NULL;
	memcpy(joined, from_z, folder);
	memcpy(joined + folder, path.p, path.n);
	joined[folder + path.n] = '\0';
	if (access(joined, F_OK) == 0)
		return joined;
	return pool_str_z(pool, path);
}

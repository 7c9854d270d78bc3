/* SPDX-License-Identifier: BSD-2-Clause */
/* How files of certificates are found and read. */
#include "modules/tls/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const char *tls_date_z(int64_t t, char z[TLS_DATE_MAX])
{
	time_t at = (time_t)t;
	struct tm tm;

	if (!gmtime_r(&at, &tm) || !strftime(z, TLS_DATE_MAX, "%b %e %H:%M:%S %Y GMT", &tm))
		strcpy(z, "?");
	return z;
}

/* --- files ------------------------------------------------------------------------------------------------------------------------ */

bool tls_no_memory(struct tls_reader *r, const struct setting *by)
{
	diag_error(r->diag, by->value_pos, NULL, "not enough memory");
	return false;
}

bool tls_file_path(struct tls_reader *r, const struct setting *s, const char **path_z_r)
{
	*path_z_r = source_path(r->diag->pool, s->value_pos.src->name_z, s->text);
	return *path_z_r || tls_no_memory(r, s);
}

static bool note(struct tls_reader *r, const struct setting *by, const char *path_z)
{
	struct tls_file *f = r->files;

	while (f && strcmp(f->path_z, path_z) != 0)
		f = f->next;
	if (f)
		return true;
	f = pool_alloc(r->diag->pool, sizeof(*f));
	if (!f)
		return tls_no_memory(r, by);
	*f = (struct tls_file){ .next = r->files, .path_z = path_z, .by = by };
	r->files = f;
	return true;
}

bool tls_file_text(struct tls_reader *r, const struct setting *by, const char *path_z,
		   const char *what, struct str *text_r)
{
	struct source *src;
	int err = source_read_included(r->diag->pool, path_z, &src);

	if (err == -ENOMEM)
		return tls_no_memory(r, by);
	if (err) {
		diag_error(r->diag, by->value_pos,
			   err == -EACCES   ? "the file must be readable by the router's user"
			   : err == -ENOENT ? "looked for beside the file that names it, then in "
					      "the working directory"
					    : NULL,
			   "could not load %s \"%s\": %s", what, path_z,
			   err == -EINVAL ? "it is no ordinary file" : log_errno_z(-err));
		return false;
	}
	*text_r = src->text;
	return note(r, by, path_z);
}

/* In a child: as that user, writes a byte for each file, in order: its errno. */
static _Noreturn void try_as(const struct tls_reader *r, struct str user, struct str group, int fd)
{
	int err = privileges_drop(user, group);

	for (const struct tls_file *f = r->files; f && !err; f = f->next) {
		int file = open(f->path_z, O_RDONLY | O_CLOEXEC);
		unsigned char why = file < 0 ? (unsigned char)errno : 0;

		if (write(fd, &why, 1) != 1)
			break;
		if (file >= 0)
			close(file);
	}
	_exit(0);
}

static bool hear(struct tls_reader *r, struct str user, int fd)
{
	bool good = true;
	unsigned char why;

	for (const struct tls_file *f = r->files; f && read(fd, &why, 1) == 1; f = f->next) {
		if (!why)
			continue;
		good = false;
		diag_error(
			r->diag, f->by->value_pos,
			"a reload must be able to read it: change its group, or copy it when it is "
			"renewed",
			"user \"" STRF "\" cannot read \"%s\": %s", STRA(user), f->path_z,
			log_errno_z(why));
	}
	return good;
}

bool tls_files_check_user(struct tls_reader *r, struct str user, struct str group)
{
	int fds[2], status;
	bool good;
	pid_t pid;

	if (geteuid() != 0 || !user.n || !r->files || pipe2(fds, O_CLOEXEC))
		return true;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		try_as(r, user, group, fds[1]);
	}
	close(fds[1]);
	good = pid < 0 || hear(r, user, fds[0]);
	close(fds[0]);
	if (pid > 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	return good;
}

/* --- certificates ----------------------------------------------------------------------------------------------------------------- */

gnutls_datum_t tls_datum(struct str s)
{
	return (gnutls_datum_t){ .data = (unsigned char *)(uintptr_t)s.p, .size = (unsigned)s.n };
}

bool tls_is_pem(struct str text)
{
	return str_find(text, STR("-----BEGIN ")) >= 0;
}

gnutls_x509_crt_fmt_t tls_format(struct str text)
{
	return tls_is_pem(text) ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER;
}

bool tls_datum_keep(struct tls_reader *r, const struct setting *by, gnutls_datum_t *d,
		    struct str *text_r)
{
	*text_r = arena_str(r->arena, str_of((char *)d->data, d->size));
	gnutls_memset(d->data, 0, d->size);
	gnutls_free(d->data);
	*d = (gnutls_datum_t){ 0 };
	return text_r->p || tls_no_memory(r, by);
}

void tls_certs_drop(struct tls_certs *c)
{
	for (unsigned i = 0; i < c->n; i++)
		gnutls_x509_crt_deinit(c->list[i]);
	gnutls_free(c->list);
	*c = (struct tls_certs){ 0 };
}

const char *tls_certs_parse(struct str text, struct tls_certs *c_r)
{
	gnutls_datum_t d = tls_datum(text);
	struct tls_certs c = { 0 };
	int err = gnutls_x509_crt_list_import2(&c.list, &c.n, &d, tls_format(text), 0);

	if (err >= 0 && c.n) {
		*c_r = c;
		return NULL;
	}
	if (err >= 0 || !tls_is_pem(text) || str_find(text, STR("CERTIFICATE-----")) < 0)
		return "there is no certificate in it";
	return gnutls_strerror(err);
}

bool tls_text_add(struct tls_reader *r, const struct setting *by, struct tls_text *t, const void *p,
		  size_t n)
{
	if (n > t->cap - t->n) {
		size_t cap = t->cap * 2 + n + 4096;
		char *more = pool_alloc(r->diag->pool, cap);

		if (!more)
			return tls_no_memory(r, by);
		if (t->n)
			memcpy(more, t->p, t->n);
		t->p = more;
		t->cap = cap;
	}
	memcpy(t->p + t->n, p, n);
	t->n += n;
	return true;
}

bool tls_text_keep(struct tls_reader *r, const struct setting *by, const struct tls_text *t,
		   struct str *text_r)
{
	*text_r = arena_str(r->arena, str_of(t->p, t->n));
	return text_r->p || !t->n || tls_no_memory(r, by);
}

bool tls_certs_add(struct tls_reader *r, const struct setting *by, const struct tls_certs *c,
		   struct tls_text *pem)
{
	for (unsigned i = 0; i < c->n; i++) {
		gnutls_datum_t d = { 0 };
		bool good;

		if (gnutls_x509_crt_export2(c->list[i], GNUTLS_X509_FMT_PEM, &d) < 0)
			return tls_no_memory(r, by);
		good = tls_text_add(r, by, pem, d.data, d.size);
		gnutls_free(d.data);
		if (!good)
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Where modules lie and how one is told from any other shared object. */
#include "core/mod/load.h"
#include "core/base/buf.h"
#include "core/mod/elf.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define SYMBOL "serac_module"

/* <folder>/<name>.so or <folder>/<name>/<name>.so into path; false: neither is there. */
static bool file_in(struct str folder, struct str name, struct buf *path)
{
	*path = buf_over(path->p, path->cap);
	buf_fmt(path, STRF "/" STRF ".so", STRA(folder), STRA(name));
	if (buf_ok(path) && access(buf_z(path), F_OK) == 0)
		return true;
	*path = buf_over(path->p, path->cap);
	buf_fmt(path, STRF "/" STRF "/" STRF ".so", STRA(folder), STRA(name), STRA(name));
	return buf_ok(path) && access(buf_z(path), F_OK) == 0;
}

/* The file's name most like the wanted one, for "did you mean". Answers whether there is any module in the folder. */
static bool offer_folder(struct str folder, struct str name, char *best_z, size_t size,
			 unsigned *distance)
{
	char folder_z[PATH_MAX];
	struct buf b = BUF_ON(folder_z);
	struct dirent *e;
	bool any = false;
	DIR *d;

	buf_str_put(&b, folder);
	d = opendir(buf_z(&b));
	while (d && (e = readdir(d))) {
		struct str file = str_z(e->d_name);
		struct buf best = buf_over(best_z, size);
		char path_z[PATH_MAX];
		struct buf path = BUF_ON(path_z);
		unsigned far;

		if (file.n > 3 && str_eq(str_skip(file, file.n - 3), STR(".so")))
			file.n -= 3;
		any = any || file_in(folder, file, &path);
		far = str_distance(file, name);
		if (far >= *distance || file.p[0] == '.')
			continue;
		*distance = far;
		buf_str_put(&best, file);
		buf_z(&best);
	}
	if (d)
		closedir(d);
	return any;
}

static int not_found(struct str mpath, struct str name, struct buf *why)
{
	unsigned distance = name.n < 3 ? 2 : 3;
	char best_z[64] = "";
	struct str rest = mpath, folder;
	bool any = false;

	while (str_split(&rest, ':', &folder))
		any |= offer_folder(folder, name, best_z, sizeof(best_z), &distance);
	if (!any) {
		buf_fmt(why, "there are no modules in " STRF, STRA(mpath));
		return -ENOTDIR;
	}
	buf_fmt(why, "there is no \"" STRF ".so\" in " STRF, STRA(name), STRA(mpath));
	if (best_z[0])
		buf_fmt(why, "; did you mean \"%s\"?", best_z);
	return -ENOENT;
}

/* The program must have been built from the same headers. */
static int check_def(const struct module_def *def, struct str name, struct buf *why)
{
	if (def->interface != MODULE_INTERFACE) {
		buf_fmt(why, "it was made for interface %u, this program has %u: build both again",
			def->interface, MODULE_INTERFACE);
		return -EPROTO;
	}
	if (!def->name || !str_eq(str_z(def->name), name)) {
		buf_fmt(why, "it calls itself \"%s\"", def->name ? def->name : "");
		return -EPROTO;
	}
	return 0;
}

static int open_file(const char *path_z, struct str name, const struct module_def **def_r,
		     struct buf *why)
{
	const struct module_def *def;
	void *handle;
	int r = elf_exports(path_z, STR(SYMBOL));

	if (r == 0) {
		buf_fmt(why, "\"%s\" is not a module of Serac", path_z);
		return -ENOENT;
	}
	if (r < 0) {
		buf_fmt(why,
			r == -ENOEXEC ? "\"%s\" is not a shared object of this machine"
				      : "could not read \"%s\"",
			path_z);
		return r;
	}
	handle = dlopen(path_z, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		buf_fmt(why, "%s", dlerror());
		return -ENOEXEC;
	}
	def = dlsym(handle, SYMBOL);
	if (!def) {
		buf_fmt(why, "%s", dlerror());
		r = -ENOEXEC;
	} else {
		r = check_def(def, name, why);
	}
	if (r < 0) {
		dlclose(handle);
		return r;
	}
	*def_r = def; /* the handle is kept: modules stay for the life of the process */
	return 0;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = char_lower(s.p[i]);

		if (!char_is_digit(c) && !(c >= 'a' && c <= 'z') && c != '_' && c != '-')
			return false;
	}
	return s.n > 0 && s.n < 64;
}

int mod_load(struct str mpath, struct str name, const struct module_def **def_r, char *why_z,
	     size_t why_size)
{
	char path_z[PATH_MAX];
	struct buf path = BUF_ON(path_z), why = buf_over(why_z, why_size);
	struct str rest = mpath, folder;
	bool foreign = false;
	int r;

	if (!is_name(name)) {
		buf_lit(&why, "a module's name has letters, digits, \"_\" and \"-\" only");
		buf_z(&why);
		return -EINVAL;
	}
	while (str_split(&rest, ':', &folder)) {
		if (!folder.n || !file_in(folder, name, &path))
			continue;
		why = buf_over(why_z, why_size);
		r = open_file(path_z, name, def_r, &why);
		buf_z(&why);
		if (r != -ENOENT)
			return r;
		foreign = true; /* another router's: ours may be in the next folder */
	}
	if (foreign)
		return -ENOENT;
	r = not_found(mpath, name, &why);
	buf_z(&why);
	return r;
}

/* --- all of them -------------------------------------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct module_def *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

static bool has(const struct module_def *const *defs, unsigned n, struct str name)
{
	for (unsigned i = 0; i < n; i++)
		if (str_eq(str_z(defs[i]->name), name))
			return true;
	return false;
}

static unsigned load_folder(struct str mpath, struct str folder, const struct module_def **defs,
			    unsigned n, unsigned max)
{
	char folder_z[PATH_MAX], why_z[256];
	struct buf b = BUF_ON(folder_z);
	struct dirent *e;
	DIR *d;

	buf_str_put(&b, folder);
	d = opendir(buf_z(&b));
	while (d && n < max && (e = readdir(d))) {
		struct str file = str_z(e->d_name);
		const struct module_def *def;

		if (file.n > 3 && str_eq(str_skip(file, file.n - 3), STR(".so")))
			file.n -= 3;
		if (is_name(file) && !has(defs, n, file) &&
		    mod_load(mpath, file, &def, why_z, sizeof(why_z)) == 0)
			defs[n++] = def;
	}
	if (d)
		closedir(d);
	return n;
}

unsigned mod_load_all(struct str mpath, const struct module_def **defs_r, unsigned max)
{
	struct str rest = mpath, folder;
	unsigned n = 0;

	while (str_split(&rest, ':', &folder))
		n = load_folder(mpath, folder, defs_r, n, max);
	qsort(defs_r, n, sizeof(*defs_r), by_name);
	return n;
}

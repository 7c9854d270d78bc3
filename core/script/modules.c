/* SPDX-License-Identifier: BSD-2-Clause */
/* loadmodule: which modules a configuration has. */
#include "core/base/buf.h"
#include "core/script/changes.h"
#include "core/script/known.h"
#include "core/script/settings.h"

#include <errno.h>

struct str settings_base_name(struct str path)
{
	ssize_t slash = str_rchr(path, '/');

	if (slash >= 0)
		path = str_skip(path, (size_t)slash + 1);
	if (path.n > 3 && str_eq(str_skip(path, path.n - 3), STR(".so")))
		path.n -= 3;
	return path;
}

/* The parts of mpath, each relative to the file that set it, joined again by colons; our own folder last, for the mpath of an older configuration leads
 * to another router's modules. */
static struct str search_path(struct checker *c, const struct loadmodule *l, struct str standard)
{
	struct str rest = l->mpath, part;
	size_t cap = l->mpath.n + standard.n + 2;
	struct buf b;
	char *room;

	if (str_is_null(l->mpath))
		return standard;
	while (str_split(&rest, ':', &part))
		cap += strlen(l->mpath_pos.src->name_z) + 2;
	room = pool_alloc(c->pool, cap);
	if (!room)
		return STR_NULL;
	b = buf_over(room, cap);
	rest = l->mpath;
	while (str_split(&rest, ':', &part)) {
		const char *path_z = source_path(c->pool, l->mpath_pos.src->name_z, part);

		if (!path_z)
			return STR_NULL;
		if (b.n)
			buf_char(&b, ':');
		buf_str_put(&b, str_z(path_z));
	}
	if (standard.n) {
		buf_char(&b, ':');
		buf_str_put(&b, standard);
	}
	return buf_str(&b);
}

static void not_loaded(struct checker *c, const struct loadmodule *l, struct str base, int err,
		       const char *why)
{
	struct nearest near = nearest_to(base);

	if (err == -ENOENT && known_module(base) && c->names.lenient) {
		diag_warn(c->diag, l->pos, "its functions answer false, its variables are null",
			  "there is no module \"" STRF "\" yet; it is left out", STRA(base));
		return;
	}
	if (err == -ENOENT && known_module(base)) {
		diag_error(c->diag, l->pos, "--lenient goes on without it",
			   "there is no module \"" STRF "\" yet", STRA(base));
		return;
	}
	for (unsigned i = 0; i < known_rows_n; i++)
		nearest_offer(&near, str_z(known_rows[i].module));
	/* a module that is there is the better offer, and the loader made it */
	diag_error(c->diag, l->pos,
		   err == -ENOTDIR ? "-L or mpath names the folder that modules are in" : NULL,
		   "could not load module \"" STRF "\": %s%s", STRA(base), why,
		   err == -ENOENT && !strstr(why, "did you mean") ? nearest_z(&near, c->pool) : "");
}

/* A module whose functions this one calls: it is loaded above, or the script has to be mended. */
static void check_need(struct checker *c, const struct loadmodule *l, struct str base,
		       struct str need)
{
	const struct loadmodule *below = l->next;
	char hint[512];
	struct buf b = BUF_ON(hint);

	if (names_module(&c->names, need))
		return;
	while (below && !str_eq(settings_base_name(below->path), need))
		below = below->next;
	buf_fmt(&b, "%s loadmodule \"" STRF "\"", below ? "move" : "put", STRA(need));
	if (below)
		buf_fmt(&b, " (%s:%u)", below->pos.src->name_z, below->pos.line);
	buf_lit(&b, " above this line");
	diag_error(c->diag, l->pos, buf_z(&b), "module \"" STRF "\" needs module \"" STRF "\"%s",
		   STRA(base), STRA(need), below ? ", which is loaded too late" : "");
}

static int load(struct checker *c, const struct script_options *o, const struct loadmodule *l,
		const struct module_def **modules, struct str *absent)
{
	struct str base = settings_base_name(l->path);
	struct str mpath = search_path(c, l, o->mpath);
	const struct module_def *def = NULL;
	char why[512] = "this program loads no modules";
	int err = -ENOSYS;

	if (str_is_null(mpath) && !str_is_null(l->mpath))
		return -ENOMEM;
	if (c->diag->syntax && str_chr(base, '\n') >= 0)
		return 0; /* the quote that is missing was told */
	if (names_module(&c->names, base)) {
		diag_warn(c->diag, l->pos, NULL, "module \"" STRF "\" is loaded already",
			  STRA(base));
		return 0;
	}
	if (o->like)
		def = changes_module(o->like, base);
	if (def)
		err = 0;
	else if (o->load_module)
		err = o->load_module(mpath, base, &def, why, sizeof(why));
	if (err == 0 && o->like && !changes_module(o->like, base)) {
		diag_error(c->diag, l->pos, NULL,
			   "module \"" STRF "\" is not loaded yet: this needs a restart",
			   STRA(base));
		return 0;
	}
	if (err == 0) {
		for (const char *const *need = def->needs; need && *need; need++)
			check_need(c, l, base, str_z(*need));
		modules[c->names.modules_n++] = def;
		return 0;
	}
	if ((err == -ENOENT || err == -ENOTDIR) && known_module(base))
		absent[c->names.absent_n++] = base;
	not_loaded(c, l, base, err, why);
	return 0;
}

int settings_modules(struct checker *c, const struct script_options *o)
{
	const struct module_def **modules;
	struct str *absent;
	unsigned n = 1, loads = 0;

	for (unsigned i = 0; o->builtins && o->builtins[i]; i++)
		n++;
	for (const struct loadmodule *l = c->ast->modules; l; l = l->next)
		loads++;
	modules = pool_zalloc(c->pool, (n + loads) * sizeof(*modules));
	absent = pool_zalloc(c->pool, (loads + 1) * sizeof(*absent));
	if (!modules || !absent)
		return -ENOMEM;
	c->names = (struct names){ .modules = modules,
				   .absent = absent,
				   .lenient = o->lenient,
				   .conf = c->conf,
				   .regex_set = c->regex_set,
				   .slots = c->slots,
				   .plain = c->plain };
	modules[c->names.modules_n++] = &script_module;
	for (unsigned i = 0; i + 1 < n; i++)
		modules[c->names.modules_n++] = o->builtins[i];
	c->names.builtins_n = c->names.modules_n;
	for (const struct loadmodule *l = c->ast->modules; l; l = l->next) {
		int r = load(c, o, l, modules, absent);

		if (r < 0)
			return r;
	}
	if (o->like)
		changes_modules(c, o->like);
	/* a module finds its part of any configuration at the same place */
	if (o->like && c->names.modules_n == o->like->sections_n)
		memcpy(modules, o->like->modules, c->names.modules_n * sizeof(*modules));
	return 0;
}

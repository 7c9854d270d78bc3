/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters: defaults, what the script says, ranges, and what modules say to all of it together. */
#include "core/script/settings.h"
#include "core/base/buf.h"
#include "core/script/own.h"
#include "core/script/regex.h"
#include "core/script/setting.h"
#include "core/script/words.h"

#include <errno.h>

/* --- one value ------------------------------------------------------------------------------------------------------------------------- */

static void out_of_range(struct checker *c, const struct setting *s, const struct param_def *p)
{
	const char *ms = p->type == P_MS ? " ms" : "";

	diag_error(c->diag, s->value_pos, NULL, "\"%s\" must be between %lld and %lld%s", p->name,
		   (long long)p->min, (long long)p->max, ms);
}

static void remark(struct checker *c, const struct setting *s, const struct param_def *p, int64_t n)
{
	const char *text = p->remark ? p->remark(n) : NULL;

	if (text)
		diag_warn(c->diag, s->value_pos, NULL, "\"%s\": %s", p->name, text);
}

static void set_number(struct checker *c, void *section, const struct setting *s,
		       const struct param_def *p)
{
	int64_t n;
	bool flag;
	bool good = p->type == P_MS ? setting_ms(s, p->unit, &n) : setting_number(s, &n);

	if (p->type == P_INT && !good && setting_bool(s, &flag)) {
		good = true;
		n = flag;
	}
	if (!good) {
		diag_error(c->diag, s->value_pos, NULL,
			   p->type == P_MS
				   ? "\"%s\" is a time: a number, or one with a unit as \"5s\""
				   : "\"%s\" is a number",
			   p->name);
		return;
	}
	if ((p->min || p->max) && (n < p->min || n > p->max)) {
		out_of_range(c, s, p);
		return;
	}
	remark(c, s, p, n);
	memcpy((char *)section + p->offset, &n, sizeof(n));
}

static void set_bool(struct checker *c, void *section, const struct setting *s,
		     const struct param_def *p)
{
	bool v;

	if (!setting_bool(s, &v)) {
		diag_error(c->diag, s->value_pos, NULL, "\"%s\" is yes or no", p->name);
		return;
	}
	remark(c, s, p, v);
	memcpy((char *)section + p->offset, &v, sizeof(v));
}

/* The value as text in the arena. */
static struct str arena_text(struct checker *c, const struct setting *s)
{
	struct str text = setting_text(s, c->pool);

	if (text.p)
		text = text.n ? arena_str(c->arena, text) : STR("");
	if (!text.p)
		c->nomem = true;
	return text;
}

static void call_set(struct checker *c, void *section, const struct setting *s,
		     const struct param_def *p)
{
	struct value v;
	const char *wrong;

	if (s->kind == SETTING_INT)
		v = value_int(s->number);
	else
		v = value_str(arena_text(c, s));
	if (c->nomem)
		return;
	wrong = p->set(section, c->arena, &v);
	if (wrong)
		diag_error(c->diag, s->value_pos, NULL, "\"%s\": %s", p->name, wrong);
}

/* What is not wanted need not be there. */
static void absent_set(struct checker *c, const struct setting *s, const struct param_def *p)
{
	if (s->kind == SETTING_INT && s->number == 0)
		return;
	if (c->names.lenient)
		diag_warn(c->diag, s->name_pos, NULL, "\"%s\" is left out: %s", p->name, p->help);
	else
		diag_error(c->diag, s->name_pos, "--lenient goes on without it",
			   "\"%s\" cannot be set: %s", p->name, p->help);
}

static void set(struct checker *c, void *section, const struct setting *s,
		const struct param_def *p)
{
	struct str text;

	switch (p->type) {
	case P_INT:
	case P_MS:
		set_number(c, section, s, p);
		break;
	case P_BOOL:
		set_bool(c, section, s, p);
		break;
	case P_STR:
		text = arena_text(c, s);
		memcpy((char *)section + p->offset, &text, sizeof(text));
		break;
	case P_CALL:
		call_set(c, section, s, p);
		break;
	case P_SETTING:
		p->take(section, s, c->diag);
		break;
	case P_IGNORE:
		diag_warn(c->diag, s->name_pos, NULL, "\"%s\" is not needed here: %s", p->name,
			  p->help);
		break;
	case P_ABSENT:
		absent_set(c, s, p);
		break;
	case P_END:
		break;
	}
}

/* --- finding the parameter ---------------------------------------------------------------------------------------------------------------- */

static const struct param_def *find(const struct param_def *params, struct str name)
{
	for (const struct param_def *p = params; p && p->type != P_END; p++)
		if (str_eq(str_z(p->name), name))
			return p;
	return NULL;
}

static void offer(const struct param_def *params, struct nearest *near)
{
	for (const struct param_def *p = params; p && p->type != P_END; p++)
		if (param_has_value(p))
			nearest_offer(near, str_z(p->name));
}

/* The rows that are set by "name = value". */
static const struct param_def *core_rows(const struct module_def *m, bool builtin)
{
	return builtin ? m->params : m->core_params;
}

/* A word of the family that has no meaning here. */
static bool other_word(struct checker *c, const struct setting *s)
{
	const struct word_row *w = word_find(s->name, WORD_UNNEEDED | WORD_NO_PARAM);

	if (!w)
		return false;
	if (w->fate == WORD_UNNEEDED)
		diag_warn(c->diag, s->name_pos, NULL, "\"%s\" is not needed here: %s", w->word,
			  w->advice);
	else
		diag_error(c->diag, s->name_pos, NULL, "\"%s\" cannot be set: %s", w->word,
			   w->advice);
	return true;
}

/* "group.name = value": a parameter of the core or of a module, or one of the script's own. */
static void own_setting(struct checker *c, struct conf *conf, const struct setting *s)
{
	size_t dot = (size_t)str_chr(s->name, '.');
	struct str group = str_head(s->name, dot), name = str_skip(s->name, dot + 1);
	int err;

	for (unsigned i = 0; i < c->names.modules_n; i++) {
		const struct module_def *m = c->names.modules[i];
		bool meant = i < c->names.builtins_n ? str_eq(group, STR("core"))
						     : str_eq(group, str_z(m->name));
		const struct param_def *p = meant ? find(m->params, name) : NULL;

		if (p) {
			set(c, conf->sections[i], s, p);
			return;
		}
	}
	err = own_set(conf->sections[*script_module.index], c->arena, s);
	if (err == -EEXIST)
		diag_error(c->diag, s->name_pos, NULL, "\"" STRF "\" is set twice", STRA(s->name));
	else if (err)
		c->nomem = true;
}

static void core_setting(struct checker *c, struct conf *conf, const struct setting *s)
{
	struct nearest near = nearest_to(s->name);

	/* modules first: the core refuses what only they can do */
	for (unsigned i = c->names.modules_n; i-- > 0;) {
		const struct param_def *rows =
			core_rows(c->names.modules[i], i < c->names.builtins_n);
		const struct param_def *p = find(rows, s->name);

		if (p) {
			set(c, conf->sections[i], s, p);
			return;
		}
		offer(rows, &near);
	}
	if (other_word(c, s))
		return;
	if (str_chr(s->name, '.') >= 0) {
		own_setting(c, conf, s);
		return;
	}
	diag_error(c->diag, s->name_pos, NULL, "unknown parameter \"" STRF "\"%s", STRA(s->name),
		   nearest_z(&near, c->pool));
}

/* modparam's first argument: a regular expression that must match the whole name. */
static int module_pattern(struct checker *c, const struct setting *s, const struct regex **re_r)
{
	struct regex_error e;
	size_t cap = s->module.n + 8;
	char *room = pool_alloc(c->pool, cap);
	struct buf b;
	int r;

	if (!room)
		return -ENOMEM;
	b = buf_over(room, cap);
	buf_fmt(&b, "^(" STRF ")$", STRA(s->module));
	r = regex_new(c->pool, buf_str(&b), 0, re_r, &e);
	if (r == -EINVAL)
		diag_error(c->diag, s->module_pos, NULL,
			   "cannot use this as a pattern for modules: %s", e.text);
	return r;
}

static bool matches_absent(const struct checker *c, const struct regex *re)
{
	for (unsigned i = 0; i < c->names.absent_n; i++)
		if (regex_exec(re, c->names.absent[i], 0, NULL) > 0)
			return true;
	return false;
}

static void module_unknown(struct checker *c, const struct setting *s, const struct regex *re)
{
	struct nearest near = nearest_to(s->module);

	if (matches_absent(c, re))
		return; /* said at its loadmodule */
	for (unsigned i = c->names.builtins_n; i < c->names.modules_n; i++)
		nearest_offer(&near, str_z(c->names.modules[i]->name));
	diag_error(c->diag, s->module_pos, NULL, "no module \"" STRF "\" is loaded%s",
		   STRA(s->module), nearest_z(&near, c->pool));
}

static void module_setting(struct checker *c, struct conf *conf, const struct setting *s)
{
	struct nearest near = nearest_to(s->name);
	const struct regex *re;
	unsigned matched = 0;
	int r = module_pattern(c, s, &re);

	if (r == -ENOMEM)
		c->nomem = true;
	if (r < 0)
		return;
	for (unsigned i = c->names.builtins_n; i < c->names.modules_n; i++) {
		const struct module_def *m = c->names.modules[i];
		const struct param_def *p;

		if (regex_exec(re, str_z(m->name), 0, NULL) <= 0)
			continue;
		matched++;
		p = find(m->params, s->name);
		if (p) {
			set(c, conf->sections[i], s, p);
			continue;
		}
		offer(m->params, &near);
		diag_error(c->diag, s->name_pos, NULL,
			   "module \"%s\" has no parameter \"" STRF "\"%s", m->name, STRA(s->name),
			   nearest_z(&near, c->pool));
	}
	if (!matched)
		module_unknown(c, s, re);
}

/* The block of a loaded module, or of one that should be. */
static void block_setting(struct checker *c, struct conf *conf, const struct block *b)
{
	const struct word_row *w = word_find(b->word, WORD_BLOCK);

	for (unsigned i = 0; i < c->names.modules_n; i++) {
		for (const struct block_def *d = c->names.modules[i]->blocks; d && d->word; d++) {
			if (!str_eq(b->word, str_z(d->word)))
				continue;
			d->take(conf->sections[i], b, c->diag);
			return;
		}
	}
	diag_error(c->diag, b->word_pos, NULL, "\"%s\" cannot stand here: %s", w->word, w->advice);
}

/* --- sections ------------------------------------------------------------------------------------------------------------------------------ */

static void fill_defaults(void *section, const struct param_def *p)
{
	for (; p && p->type != P_END; p++) {
		char *at = (char *)section + p->offset;
		bool flag = p->def != 0;
		struct str text = str_z(p->def_z);

		if (p->type == P_INT || p->type == P_MS)
			memcpy(at, &p->def, sizeof(p->def));
		else if (p->type == P_BOOL)
			memcpy(at, &flag, sizeof(flag));
		else if (p->type == P_STR)
			memcpy(at, &text, sizeof(text));
	}
}

static int make_sections(struct checker *c, struct conf *conf)
{
	unsigned n = c->names.modules_n;
	const struct module_def **modules = arena_zalloc(c->arena, n * sizeof(*modules));

	conf->sections = arena_zalloc(c->arena, n * sizeof(void *));
	conf->modules = modules;
	conf->sections_n = n;
	if (!conf->sections || !modules)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		const struct module_def *m = c->names.modules[i];

		modules[i] = m;
		conf->sections[i] = arena_zalloc(c->arena, m->section_size + 1);
		if (!conf->sections[i])
			return -ENOMEM;
		if (m->index)
			*m->index = i;
		fill_defaults(conf->sections[i], m->params);
		fill_defaults(conf->sections[i], m->core_params);
	}
	for (unsigned i = 0; i < n; i++)
		if (modules[i]->begin)
			modules[i]->begin(conf, conf->sections[i]);
	return 0;
}

/* Where a module is loaded. */
static struct pos load_place(const struct checker *c, const struct module_def *m)
{
	for (const struct loadmodule *l = c->ast->modules; l; l = l->next)
		if (str_eq(settings_base_name(l->path), str_z(m->name)))
			return l->pos;
	return (struct pos){ 0 };
}

/* Where a complaint of a module about all its parameters is put: at the last one that was set, or at its loadmodule. */
static struct pos place_of(const struct checker *c, const struct module_def *m, bool builtin)
{
	struct pos at = load_place(c, m);

	for (const struct setting *s = c->ast->settings; s; s = s->next)
		if (find(str_is_null(s->module) ? core_rows(m, builtin) : m->params, s->name) &&
		    (!builtin || str_is_null(s->module)))
			at = s->name_pos;
	return at;
}

static void check_section(struct checker *c, const struct conf *conf, unsigned i)
{
	const struct module_def *m = conf->modules[i];
	struct pos at = load_place(c, m);
	const char *wrong;

	if (m->settle)
		m->settle(conf, conf->sections[i], &at, c->diag);
	wrong = m->check ? m->check(conf, conf->sections[i], c->arena) : NULL;
	if (wrong)
		diag_error(c->diag, place_of(c, m, i < c->names.builtins_n), NULL, "%s: %s",
			   m->name, wrong);
}

void settings_check(struct checker *c, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->sections_n; i++)
		check_section(c, conf, i);
}

void settings_routes(struct checker *c, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->sections_n; i++) {
		const struct module_def *m = conf->modules[i];
		struct str name;

		for (unsigned n = 0; m->runs_route; n++) {
			struct ast_route *r;

			name = m->runs_route(conf->sections[i], n);
			if (str_is_null(name))
				break;
			r = check_find_route(c, ROUTE_NAMED, name);
			if (r)
				r->armed = r->timed = true;
			else if (!c->diag->syntax)
				diag_error(c->diag, place_of(c, m, false), NULL,
					   "%s runs route[" STRF
					   "], which the script does not have",
					   m->name, STRA(name));
		}
	}
}

int settings_apply(struct checker *c, struct conf *conf)
{
	int r = make_sections(c, conf);

	if (r < 0)
		return r;
	for (const struct setting *s = c->ast->settings; s && !c->nomem; s = s->next) {
		if (str_is_null(s->module))
			core_setting(c, conf, s);
		else
			module_setting(c, conf, s);
	}
	for (const struct block *b = c->ast->blocks; b; b = b->next)
		block_setting(c, conf, b);
	if (c->nomem ||
	    own_define(conf->sections[*script_module.index], c->arena, c->ast->defines) < 0)
		return -ENOMEM;
	settings_listens(c, conf);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the values that a script names before it runs are kept, and how they are found when it is loaded. */
#include "core/script/own.h"

#include "core/mem/arena.h"
#include "core/script/params.h"
#include "core/script/script.h"

#include <errno.h>
#include <stdlib.h>

static const struct own_value *find(const struct own_value *list, struct str name)
{
	while (list && !str_eq(list->name, name))
		list = list->next;
	return list;
}

/* Null and empty are not the same: an empty text is one. */
static bool kept(struct arena *arena, struct str text, struct str *kept_r)
{
	*kept_r = text.n ? arena_str(arena, text) : STR("");
	return kept_r->p;
}

static int add(struct own_value **list, struct arena *arena, struct str name, struct value value)
{
	struct own_value *o = arena_zalloc(arena, sizeof(*o));

	if (!o || !kept(arena, name, &o->name))
		return -ENOMEM;
	o->value = value;
	if (value.type == VALUE_STR && !kept(arena, value.s, &o->value.s))
		return -ENOMEM;
	o->next = *list;
	*list = o;
	return 0;
}

int own_set(struct script_conf *section, struct arena *arena, const struct setting *s)
{
	struct value v = s->kind == SETTING_INT ? value_int(s->number)
						: value_str(s->text.p ? s->text : STR(""));

	if (find(section->settings, s->name))
		return -EEXIST;
	return add(&section->settings, arena, s->name, v);
}

int own_define(struct script_conf *section, struct arena *arena, const struct define *defines)
{
	int err = 0;

	for (const struct define *d = defines; d && !err; d = d->next)
		err = add(&section->defines, arena, d->name,
			  value_str(d->text.p ? d->text : STR("")));
	return err;
}

/* --- the values of parameters: @cfg_get.core.debug, @cfg_get.tm.fr_timer ----------------------------------------------------------- */

static const struct value *param_value(const struct conf *conf, unsigned i,
				       const struct param_def *p)
{
	const char *at = (const char *)conf->sections[i] + p->offset;
	struct value *v = arena_zalloc(conf->arena, sizeof(*v));
	bool flag;

	if (!v)
		return NULL;
	*v = value_int(0);
	if (p->type == P_STR) {
		memcpy(&v->s, at, sizeof(v->s));
		*v = value_str(v->s);
	} else if (p->type == P_BOOL) {
		memcpy(&flag, at, sizeof(flag));
		v->i = flag;
	} else {
		memcpy(&v->i, at, sizeof(v->i));
	}
	return v;
}

static const struct value *param(const struct conf *conf, struct str group, struct str name)
{
	for (unsigned i = 0; i < conf->sections_n; i++) {
		const struct module_def *m = conf->modules[i];
		const struct param_def *p = m->params;

		/* the core's own layers come before the script's modules, and have other names than these */
		if (!str_eq(group, STR("core")) && !str_eq(group, str_z(m->name)))
			continue;
		for (; p && p->type != P_END; p++)
			if (str_eq(str_z(p->name), name) && param_is_stored(p))
				return param_value(conf, i, p);
	}
	return NULL;
}

/* --- rows ---------------------------------------------------------------------------------------------------------------------------- */

const char *own_prepare_setting(struct attr_arg *arg, const struct conf *conf)
{
	const struct script_conf *sc = CONF_SECTION(conf, &script_module, struct script_conf);
	const struct own_value *own = find(sc->settings, arg->key);
	ssize_t dot = str_chr(arg->key, '.');

	if (own)
		arg->data = &own->value;
	else if (dot > 0)
		arg->data = param(conf, str_head(arg->key, (size_t)dot),
				  str_skip(arg->key, (size_t)dot + 1));
	return arg->data ? NULL : "there is no setting of this name: group.name = value makes one";
}

const char *own_prepare_define(struct attr_arg *arg, const struct conf *conf)
{
	const struct script_conf *sc = CONF_SECTION(conf, &script_module, struct script_conf);
	const struct own_value *own = find(sc->defines, arg->key);

	if (!own)
		return "there is no #!define of this name";
	arg->data = &own->value;
	return NULL;
}

const char *own_prepare_env(struct attr_arg *arg, const struct conf *conf)
{
	struct value *v = arena_zalloc(conf->arena, sizeof(*v));
	char name_z[256];
	const char *text_z;

	if (!v)
		return "out of memory";
	if (arg->key.n >= sizeof(name_z))
		return "no variable of the environment has such a name";
	memcpy(name_z, arg->key.p, arg->key.n);
	name_z[arg->key.n] = '\0';
	text_z = getenv(name_z);
	*v = value_null();
	if (text_z && !kept(conf->arena, str_z(text_z), &v->s))
		return "out of memory";
	if (text_z)
		v->type = VALUE_STR;
	arg->data = v;
	return NULL;
}

int own_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct value *v = arg->data;

	(void)ctx;
	*value_r = *v;
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How functions and attributes are found by what the script calls them. */
#include "core/script/names.h"
#include "core/base/buf.h"
#include "core/script/known.h"
#include "core/mem/arena.h"
#include "core/script/ref.h"
#include "core/script/transform.h"
#include "core/script/use.h"

#include <errno.h>

void func_arity(const struct func_def *f, unsigned *min_r, unsigned *max_r)
{
	const char *bar = strchr(f->args, '|');

	*max_r = (unsigned)strlen(f->args) - (bar ? 1 : 0);
	*min_r = bar ? (unsigned)(bar - f->args) : *max_r;
}

const struct func_def *names_function(const struct names *n, struct str name, unsigned argc,
				      const struct func_def **any_r)
{
	const struct func_def *any = NULL;

	for (unsigned i = 0; i < n->modules_n; i++) {
		for (const struct func_def *f = n->modules[i]->functions; f && f->name; f++) {
			unsigned min, max;

			if (!str_eq(str_z(f->name), name))
				continue;
			func_arity(f, &min, &max);
			if (argc >= min && argc <= max)
				return f;
			any = any ? any : f;
		}
	}
	if (any_r)
		*any_r = any;
	return NULL;
}

bool names_module(const struct names *n, struct str name)
{
	for (unsigned i = 0; i < n->modules_n; i++)
		if (str_eq(str_z(n->modules[i]->name), name))
			return true;
	return false;
}

bool names_absent(const struct names *n, struct str name)
{
	for (unsigned i = 0; i < n->absent_n; i++)
		if (str_eq(n->absent[i], name))
			return true;
	return false;
}

void names_functions_near(const struct names *n, struct nearest *near)
{
	for (unsigned i = 0; i < n->modules_n; i++)
		for (const struct func_def *f = n->modules[i]->functions; f && f->name; f++)
			nearest_offer(near, str_z(f->name));
}

/* --- attributes ------------------------------------------------------------------------------------------------------------------ */

static const struct attr_def *find(const struct names *n, bool is_pv, struct str name)
{
	for (unsigned i = 0; i < n->modules_n; i++) {
		for (const struct attr_def *a = n->modules[i]->attrs; a && a->get; a++) {
			const char *own = is_pv ? a->pv : a->name;

			if (own && str_eq(str_z(own), name))
				return a;
		}
	}
	return NULL;
}

static void offer_all(const struct names *n, bool is_pv, struct nearest *near)
{
	for (unsigned i = 0; i < n->modules_n; i++) {
		for (const struct attr_def *a = n->modules[i]->attrs; a && a->get; a++) {
			if (is_pv && a->pv && !(a->flags & ATTR_CLASS))
				nearest_offer(near, str_z(a->pv));
			if (!is_pv && a->name)
				nearest_offer(near, str_z(a->name));
		}
	}
}

static const struct slot_name *slot_find(const struct slots *slots, struct str name)
{
	const struct slot_name *s = slots ? slots->first : NULL;

	while (s && !str_eq(s->name, name))
		s = s->next;
	return s;
}

static bool slots_have(const struct slots *slots, struct str name)
{
	return slot_find(slots, name) != NULL;
}

static int slot_of(struct slots *slots, struct str name, uint32_t *slot_r)
{
	const struct slot_name *found = slot_find(slots, name);
	struct slot_name *s;

	if (found) {
		*slot_r = found->slot;
		return 0;
	}
	s = pool_alloc(slots->pool, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct slot_name){ .next = slots->first, .name = name, .slot = slots->n++ };
	slots->first = s;
	*slot_r = s->slot;
	return 0;
}

int names_plain(struct names *n, struct str written)
{
	char ignored[192];
	struct buf why = BUF_ON(ignored);
	struct ref r;
	struct str name;
	uint32_t slot;

	if (ref_split(written, &r, &why) < 0 || !r.is_pv || r.arg.has_key ||
	    find(n, true, buf_str(&r.name)))
		return 0;
	name = pool_str(n->plain->pool, buf_str(&r.name));
	return name.p ? slot_of(n->plain, name, &slot) : -ENOMEM;
}

/* "@msg.header.To.uri.host": the row "msg.header" with the key "To.uri.host". */
static const struct attr_def *resolve_parts(const struct names *n, struct ref *r)
{
	struct str name = buf_str(&r->name);

	for (size_t i = 0; i + 1 < name.n; i++) {
		const struct attr_def *a =
			name.p[i] == '.' ? find(n, false, str_head(name, i)) : NULL;

		if (!a || !(a->flags & ATTR_PARTS))
			continue;
		r->arg.param = r->arg.has_key ? r->arg.key : STR_NULL;
		r->arg.has_key = true;
		r->arg.key = str_skip(name, i + 1);
		/* a select's name cannot have the dash that header fields have */
		for (size_t j = i + 1; j < name.n && name.p[j] != '.'; j++)
			if (r->text[j] == '_')
				r->text[j] = '-';
		return a;
	}
	return NULL;
}

/* Finds the row; "@msg.header.Subject" is the row "msg.header" with the key "Subject" when there is no row of the whole name. */
static const struct attr_def *resolve(const struct names *n, struct ref *r)
{
	struct str name = buf_str(&r->name);
	const struct attr_def *a = find(n, r->is_pv, name);
	ssize_t dot = str_rchr(name, '.');

	if (!a && r->is_pv && !r->arg.has_key && slots_have(n->plain, name)) {
		r->arg.has_key = true;
		r->arg.key = name;
		return find(n, true, STR(""));
	}
	if (!a && !r->is_pv)
		a = resolve_parts(n, r);
	if (a || dot < 0 || r->is_pv || r->arg.has_key)
		return a;
	if (str_starts(name, STR("cfg_get."))) /* @cfg_get.group.name */
		dot = str_chr(name, '.');
	a = find(n, r->is_pv, str_head(name, (size_t)dot));
	if (!a || !(a->flags & ATTR_KEY))
		return NULL;
	r->arg.has_key = true;
	r->arg.key = str_skip(name, (size_t)dot + 1);
	return a;
}

static int absent_get(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	(void)ctx;
	(void)arg;
	*value_r = value_null();
	return 0;
}

static int absent_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	(void)ctx;
	(void)arg;
	(void)v;
	return 0;
}

/* A variable of a module that is left out (--lenient): it is null, whatever is assigned to it. */
static const struct attr_def absent_row = {
	.pv = "absent",
	.get = absent_get,
	.set = absent_set,
	.type = VALUE_STR,
	.flags = ATTR_INDEX | ATTR_KEY | ATTR_VARIES,
};

/* The module that brings a select, by its first word; null: none is known. */
static struct str module_of_select(struct str name)
{
	static const struct str words[] = { STR_INIT("tls"),   STR_INIT("tm"),
					    STR_INIT("timer"), STR_INIT("nathelper"),
					    STR_INIT("cnxcc"), STR_INIT("xmlrpc") };
	ssize_t dot = str_chr(name, '.');
	struct str first = dot < 0 ? name : str_head(name, (size_t)dot);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(words[i], first))
			return words[i];
	return STR_NULL;
}

static int unknown(const struct names *n, const struct ref *r, struct buf *why)
{
	struct nearest near = nearest_to(buf_str(&r->name));
	struct str module =
		r->is_pv ? known_variable(buf_str(&r->name)) : module_of_select(buf_str(&r->name));

	if (module.n && !names_module(n, module)) {
		buf_fmt(why, "\"%c" STRF "\" is in module \"" STRF "\"", r->is_pv ? '$' : '@',
			STRA(buf_str(&r->name)), STRA(module));
		return -ENOENT;
	}
	offer_all(n, r->is_pv, &near);
	for (const struct slot_name *s = r->is_pv && n->plain ? n->plain->first : NULL; s;
	     s = s->next)
		nearest_offer(&near, s->name);
	buf_fmt(why, "unknown %s \"%c" STRF "\"", r->is_pv ? "variable" : "select",
		r->is_pv ? '$' : '@', STRA(buf_str(&r->name)));
	if (near.best.p)
		buf_fmt(why, "; did you mean \"%c" STRF "\"?", r->is_pv ? '$' : '@',
			STRA(near.best));
	return -ENOENT;
}

static int check_use(const struct attr_def *a, const struct ref *r, struct buf *why)
{
	const char *word = r->is_pv ? a->pv : a->name;
	char mark = r->is_pv ? '$' : '@';

	if ((r->arg.has_index || r->index.n) && !(a->flags & ATTR_INDEX))
		buf_fmt(why, "there is only one \"%c%s\": it takes no number", mark, word);
	else if (r->arg.has_index && r->arg.index == 0 && !(a->flags & ATTR_FROM_ZERO))
		buf_lit(why, "the first is number 1, the last number -1");
	else if (r->arg.counts && !(a->flags & ATTR_COUNTS))
		buf_fmt(why, "\"%c%s\" is no list: there is nothing to count", mark, word);
	else if (r->arg.all && !(a->flags & ATTR_ALL))
		buf_fmt(why, "\"%c%s\" is no list: it takes no [*]", mark, word);
	else if (r->arg.has_key && !(a->flags & ATTR_KEY))
		buf_fmt(why, "\"%c%s\" takes no name", mark, word);
	else if (!r->arg.has_key && (a->flags & ATTR_NEEDS_KEY))
		buf_fmt(why,
			r->is_pv ? "\"%c%s\" needs a name: $%s(name)"
				 : "\"%c%s\" needs a name: @%s[\"name\"]",
			mark, word, word);
	else if (r->key.n && !(a->flags & ATTR_VARIES) && !a->prepare)
		buf_fmt(why, "the name in \"%c%s()\" cannot be a variable", mark, word);
	else if (r->arg.has_key && !r->arg.key.n && a->flags & ATTR_NEEDS_KEY)
		buf_fmt(why, "the name in \"%c%s()\" is empty", mark, word);
	else
		return 0;
	return -EINVAL;
}

/* A variable inside of another one. */
static int use_inner(const struct names *n, struct str text, const struct attr_use **use_r,
		     struct buf *why)
{
	struct attr_use *use = arena_zalloc(n->conf->arena, sizeof(*use));

	if (!use)
		return -ENOMEM;
	*use_r = use;
	return names_attribute(n, text, use, why);
}

/* What is constant is made ready now. */
static int make_use(const struct names *n, const struct attr_def *a, struct ref *r,
		    struct attr_use *use_r, struct buf *why)
{
	struct attr_use use = { .def = a, .arg = r->arg };
	const char *wrong;
	int err = 0;

	use.arg.tag = a->tag;
	use.arg.key = arena_str(n->conf->arena, r->arg.key);
	use.arg.param = arena_str(n->conf->arena, r->arg.param);
	if ((r->arg.key.p && !use.arg.key.p) || (r->arg.param.p && !use.arg.param.p))
		return -ENOMEM;
	if (r->index.n)
		err = use_inner(n, r->index, &use.index, why);
	if (!err && r->key.n && a->flags & ATTR_VARIES)
		err = use_inner(n, r->key, &use.key, why);
	if (!err && a->flags & ATTR_SLOT && !n->slots) {
		buf_fmt(why, "\"$%s(" STRF ")\" belongs to routes; put it into an $avp(x)", a->pv,
			STRA(use.arg.key));
		err = -EINVAL;
	}
	if (!err && a->flags & ATTR_SLOT)
		err = slot_of(n->slots, use.arg.key, &use.arg.slot);
	if (!err && !use.key && a->prepare) {
		wrong = a->prepare(&use.arg, n->conf);
		if (wrong)
			buf_str_put(why, str_z(wrong));
		err = wrong ? -EINVAL : 0;
	}
	if (!err && r->transforms.n)
		err = transform_read(n, &r->transforms, &use.transform, why);
	if (!err && r->transforms.n) {
		buf_fmt(why, "behind the transformations stands \"" STRF "\"", STRA(r->transforms));
		err = -EINVAL;
	}
	*use_r = use;
	return err;
}

static int use_ref(const struct names *n, struct ref *r, struct attr_use *use_r, struct buf *why)
{
	const struct attr_def *a = resolve(n, r);
	int err;

	if (!a && r->is_pv && names_absent(n, known_variable(buf_str(&r->name))))
		a = &absent_row;
	if (!a)
		return unknown(n, r, why);
	err = check_use(a, r, why);
	return err < 0 ? err : make_use(n, a, r, use_r, why);
}

/* $sel(contact.uri): a select written as a variable. */
static int use_select(const struct names *n, const struct ref *outer, struct attr_use *use_r,
		      struct buf *why)
{
	struct str text = outer->arg.key;
	char written[REF_NAME_MAX + 2];
	struct buf b = BUF_ON(written);
	struct ref r;

	if (!text.n || text.p[0] != '@')
		buf_char(&b, '@');
	buf_str_put(&b, text);
	if (!buf_ok(&b) || ref_split(buf_str(&b), &r, why) < 0) {
		if (!why->n)
			buf_fmt(why, "cannot understand the select \"" STRF "\"", STRA(text));
		return -EINVAL;
	}
	r.transforms = outer->transforms;
	return use_ref(n, &r, use_r, why);
}

/* $cnt($avp(x)): how many values that has. */
static int use_count(const struct names *n, const struct ref *outer, struct attr_use *use_r,
		     struct buf *why)
{
	struct ref r;

	if (ref_split(outer->arg.key, &r, why) < 0 || !r.is_pv || r.transforms.n) {
		if (!why->n)
			buf_lit(why, "what is counted is a variable: $cnt($avp(x))");
		return -EINVAL;
	}
	r.arg.counts = true;
	r.transforms = outer->transforms;
	return use_ref(n, &r, use_r, why);
}

int names_attribute(const struct names *n, struct str text, struct attr_use *use_r, struct buf *why)
{
	struct ref r;
	int err = ref_split(text, &r, why);

	if (err < 0) {
		if (!why->n)
			buf_fmt(why, "cannot understand this %s", r.is_pv ? "variable" : "select");
		return err;
	}
	if (r.is_pv && r.arg.has_key && str_eq(buf_str(&r.name), STR("sel")))
		err = use_select(n, &r, use_r, why);
	else if (r.is_pv && r.arg.has_key && str_eq(buf_str(&r.name), STR("cnt")))
		err = use_count(n, &r, use_r, why);
	else
		err = use_ref(n, &r, use_r, why);
	if (err < 0)
		return err;
	use_r->written = arena_str(n->conf->arena, text);
	return use_r->written.p ? 0 : -ENOMEM;
}

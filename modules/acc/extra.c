/* SPDX-License-Identifier: BSD-2-Clause */
/* How extra fields are read from parameters, once, and what their values are for a message. */
#include "modules/acc/extra.h"

#include <errno.h>
#include <stdio.h>

static char wrong[320];

static const char *complain(const char *text_z, struct str what)
{
	snprintf(wrong, sizeof(wrong), "%s: \"" STRF "\"", text_z, STRA(what));
	return wrong;
}

/* --- the text of a parameter ------------------------------------------------------------------------------------------------------------ */

/* Where the definition ends: at a semicolon outside of brackets and quotes, or at the end. */
static size_t definition_end(struct str s)
{
	unsigned depth = 0;
	char quote = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quote) {
			quote = c == quote ? 0 : quote;
		} else if (c == '"' || c == '\'') {
			quote = c;
		} else if (c == '(' || c == '[' || c == '{') {
			depth++;
		} else if (c == ')' || c == ']' || c == '}') {
			depth -= depth > 0;
		} else if (c == ';' && !depth) {
			return i;
		}
	}
	return s.n;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = char_lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !char_is_digit(c) && c != '_' && c != '-' &&
		    c != '.')
			return false;
	}
	return s.n > 0;
}

/* Of fields that are there anyway. */
static bool is_own_name(struct str s)
{
	static const struct str own[] = { STR_INIT("event"),	STR_INIT("timestamp"),
					  STR_INIT("method"),	STR_INIT("from_tag"),
					  STR_INIT("to_tag"),	STR_INIT("call_id"),
					  STR_INIT("code"),	STR_INIT("reason"),
					  STR_INIT("left_out"), STR_INIT("legs") };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (str_eq(s, own[i]))
			return true;
	return false;
}

/* Takes "name=value" off *rest. False: nothing is left, or *why_r says what is wrong. */
static bool definition_next(struct str *rest, struct str *name_r, struct str *value_r,
			    const char **why_r)
{
	struct str definition;
	ssize_t eq;

	*why_r = NULL;
	do {
		size_t end = definition_end(*rest);

		if (!rest->n)
			return false;
		definition = str_trim(str_head(*rest, end));
		*rest = str_skip(*rest, end + 1);
	} while (!definition.n);
	eq = str_chr(definition, '=');
	*name_r = eq < 0 ? definition : str_trim(str_head(definition, (size_t)eq));
	*value_r = eq < 0 ? STR_NULL : str_trim(str_skip(definition, (size_t)eq + 1));
	if (value_r->n && is_name(*name_r) && !is_own_name(*name_r))
		return true;
	if (is_own_name(*name_r)) {
		*why_r = complain("each record has a field of this name already", *name_r);
		return false;
	}
	*why_r = complain("a field is written name=$variable or name=@select, not", definition);
	return false;
}

/* --- compiling -------------------------------------------------------------------------------------------------------------------------- */

static struct names names_of(const struct conf *conf)
{
	return (struct names){ .modules = conf->modules,
			       .modules_n = conf->sections_n,
			       .conf = conf };
}

/* All that lives in the arena, the text included. */
static const char *attribute(const struct conf *conf, struct str text, struct attr_use *use_r)
{
	const struct names names = names_of(conf);
	char room[200];
	struct buf why = BUF_ON(room);

	if (!names_attribute(&names, text, use_r, &why))
		return NULL;
	snprintf(wrong, sizeof(wrong), "%s", buf_z(&why));
	return wrong;
}

static const char *value_compile(const struct conf *conf, struct str text, struct acc_extra *x)
{
	const struct names names = names_of(conf);
	struct format_error e;
	int err;

	if (str_find(text, STR("{re.")) >= 0)
		return complain("{re.…} belongs to routes; put what it gives into an $avp(x)",
				text);
	if (text.p[0] == '@')
		return attribute(conf, text, &x->attr);
	err = format_compile(&names, text, 0, &x->format, &e);
	if (!err)
		return NULL;
	snprintf(wrong, sizeof(wrong), "%s", err == -EINVAL ? e.text : "out of memory");
	return wrong;
}

const char *acc_extra_compile(const struct conf *conf, struct arena *arena, struct str text,
			      struct acc_extra **first_r)
{
	struct acc_extra **end = first_r;
	struct str name, value;
	const char *why;
	unsigned n = 0;

	*first_r = NULL;
	while (definition_next(&text, &name, &value, &why)) {
		struct acc_extra *x = arena_zalloc(arena, sizeof(*x));

		if (++n > ACC_EXTRA_MAX)
			return complain("there are more than 64 fields, from here on", name);
		if (!x)
			return "out of memory";
		x->name = name;
		why = value_compile(conf, value, x);
		if (why)
			return why;
		*end = x;
		end = &x->next;
	}
	return why;
}

/* "$avp(x)" as "$(avp(x)[n])". */
static const char *nth(const struct conf *conf, struct str text, unsigned n, struct attr_use *use_r)
{
	char room[128];
	struct buf b = BUF_ON(room);

	buf_fmt(&b, "$(" STRF "[%u])", STRA(str_skip(text, 1)), n);
	if (!buf_ok(&b))
		return complain("this name is too long", text);
	return attribute(conf, buf_str(&b), use_r);
}

const char *acc_legs_compile(const struct conf *conf, struct arena *arena, struct str text,
			     struct acc_leg_field **first_r)
{
	struct acc_leg_field **end = first_r;
	struct str name, value;
	const char *why;
	unsigned fields = 0;

	*first_r = NULL;
	while (definition_next(&text, &name, &value, &why)) {
		struct acc_leg_field *f = arena_zalloc(arena, sizeof(*f));

		if (!f)
			return "out of memory";
		if (++fields > ACC_LEGS_MAX)
			return complain("a leg has more than 8 fields, from here on", name);
		if (!str_starts(value, STR("$avp(")) || value.p[value.n - 1] != ')')
			return complain("a leg's field is name=$avp(x), not", value);
		f->name = name;
		for (unsigned n = 0; n < ACC_LEGS_MAX; n++) {
			why = nth(conf, value, n, &f->attr[n]);
			if (why)
				return why;
		}
		*end = f;
		end = &f->next;
	}
	return why;
}

/* --- values ------------------------------------------------------------------------------------------------------------------------------ */

/* Null: there is none, or it cannot be had. */
static struct acc_field field_of(struct ctx *ctx, struct str name, const struct attr_use *use)
{
	struct acc_field f = { .name = name };
	struct value v = value_null();
	struct buf b;

	if (attr_use_read(ctx, use, &v))
		return f;
	if (v.type == VALUE_STR) {
		f.value = v.s;
	} else if (v.type == VALUE_INT) {
		b = buf_over(pool_alloc(ctx->pool, 24), 24);
		if (b.p) {
			buf_int(&b, v.i);
			f.value = buf_str(&b);
			f.is_number = true;
		}
	}
	return f;
}

void acc_extra_fields(const struct acc_extra *first, struct ctx *ctx, struct acc_fields *fields)
{
	for (const struct acc_extra *x = first; x; x = x->next) {
		struct acc_field f = { .name = x->name };

		if (x->attr.def)
			f = field_of(ctx, x->name, &x->attr);
		else if (format_run(x->format, ctx, &f.value))
			f.value = STR_NULL;
		fields->rows[fields->n++] = f;
	}
}

unsigned acc_legs_fields(const struct acc_leg_field *first, struct ctx *ctx,
			 struct acc_fields *fields)
{
	unsigned width = 0;
	bool any = first != NULL;

	for (unsigned leg = 0; any && leg < ACC_LEGS_MAX; leg++) {
		struct acc_field *row = fields->rows + fields->n;

		any = false;
		width = 0;
		for (const struct acc_leg_field *l = first; l; l = l->next) {
			row[width] = field_of(ctx, l->name, &l->attr[leg]);
			any = any || row[width].value.p;
			width++;
		}
		fields->n += any ? width : 0;
	}
	return width;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* How the rows of functions, attributes and parameters become objects, and these become lines. */
#include "core/script/help.h"
#include "core/script/names.h"
#include "core/script/script.h"
#include "core/script/transform.h"
#include "core/script/words.h"

#include <errno.h>
#include <jansson.h>

#define CORE  "core" /* what has no module to be loaded */
#define BLOCK "settings in braces"

/* --- rows to objects ------------------------------------------------------------------------------------------------------------------------------ */

static const char *argument_type(char letter)
{
	static const struct {
		char letter;
		const char *type;
	} types[] = { { 'i', "number" },	{ 'r', "pattern" },	 { 'n', "name" },
		      { 'a', "variable" },	{ 'B', "branch_route" }, { 'F', "failure_route" },
		      { 'O', "onreply_route" }, { 'R', "route" },	 { 'E', "event_route" },
		      { 'f', "text with $x" },	{ 'h', "text with $x" }, { 't', "text with $x" } };

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (types[i].letter == letter)
			return types[i].type;
	return "text";
}

static json_t *arguments(const struct func_def *f)
{
	json_t *list = json_array();
	unsigned min, max, n = 0;

	func_arity(f, &min, &max);
	for (const char *a = f->args; *a; a++) {
		if (*a == '|')
			continue;
		json_array_append_new(list, json_pack("{s:s, s:b}", "type", argument_type(*a),
						      "optional", n >= min));
		n++;
	}
	return list;
}

/* The kinds of routes that a function may stand in. */
static json_t *routes(unsigned contexts)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ROUTE_KINDS; i++)
		if (contexts & route_kind_defs[i].kind)
			json_array_append_new(list, json_string(route_kind_defs[i].word));
	return list;
}

static void add_functions(json_t *list, const struct module_def *m, const char *module)
{
	for (const struct func_def *f = m->functions; f && f->name; f++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:b, s:s}", "module",
						      module, "name", f->name, "arguments",
						      arguments(f), "routes", routes(f->contexts),
						      "only_asks", (f->contexts & FN_PURE) != 0,
						      "help", f->help ? f->help : ""));
}

/* "contact.uri.params" is written @contact[n].uri.params["name"]. */
static json_t *select_name(const struct attr_def *a)
{
	const bool index = a->flags & ATTR_INDEX && !(a->flags & ATTR_NEEDS_KEY);
	const char *rest = a->name ? strchrnul(a->name, '.') : NULL;

	if (!a->name)
		return json_null();
	return json_sprintf("@%.*s%s%s%s", (int)(rest - a->name), a->name, index ? "[n]" : "", rest,
			    a->flags & ATTR_KEY ? "[\"name\"]" : "");
}

static json_t *variable_name(const struct attr_def *a)
{
	return a->pv ? json_sprintf("$%s%s", a->pv, a->flags & ATTR_NEEDS_KEY ? "(name)" : "")
		     : json_null();
}

static void add_attributes(json_t *list, const struct module_def *m, const char *module)
{
	for (const struct attr_def *a = m->attrs; a && a->get; a++)
		json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s, s:b, s:s}", "module",
						      module, "select", select_name(a), "variable",
						      variable_name(a), "type",
						      a->type == VALUE_INT ? "number" : "text",
						      "can_be_set", a->set != NULL, "help",
						      a->help ? a->help : ""));
}

/* The language's: no module has any. */
static void add_transformations(json_t *list, const struct module_def *m, const char *module)
{
	if (m != &script_module)
		return;
	for (const struct transform_def *const *table = transform_tables; *table; table++)
		for (const struct transform_def *d = *table; d->name; d++)
			json_array_append_new(
				list, json_pack("{s:s, s:o, s:s, s:s}", "module", module, "name",
						json_sprintf("{%s%s}", d->name, d->usage), "type",
						d->type == VALUE_INT ? "number" : "text", "help",
						d->help));
}

static const char *unit_word(const struct param_def *p)
{
	return p->type != P_MS ? NULL : p->unit == 1000 ? "s" : p->unit == 60000 ? "min" : "ms";
}

/* What a parameter takes: type, default, range. */
static json_t *parameter_value(const struct param_def *p)
{
	switch (p->type) {
	case P_INT:
		return json_pack("{s:s, s:I, s:I, s:I}", "type", "number", "default",
				 (json_int_t)p->def, "min", (json_int_t)p->min, "max",
				 (json_int_t)p->max);
	case P_BOOL:
		return json_pack("{s:s, s:b}", "type", "yes or no", "default", p->def != 0);
	case P_MS:
		return json_pack("{s:s, s:I, s:I, s:I, s:s}", "type", "time", "default",
				 (json_int_t)p->def, "min", (json_int_t)p->min, "max",
				 (json_int_t)p->max, "unit", unit_word(p));
	case P_STR:
		return json_pack("{s:s, s:s}", "type", "text", "default", p->def_z ? p->def_z : "");
	default:
		return json_pack("{s:s}", "type", "any, may be repeated");
	}
}

/* as_core: written without modparam. */
static void add_rows(json_t *list, const struct param_def *rows, const char *module, bool as_core)
{
	for (const struct param_def *p = rows; p && p->type != P_END; p++) {
		json_t *o = json_pack("{s:s, s:s, s:b}", "module", module, "name", p->name,
				      "as_core", as_core);
		json_t *value = parameter_value(p);

		/* a P_CALL without help only refuses */
		if (param_has_value(p) && (p->type != P_CALL || p->help)) {
			json_object_update(o, value);
			json_object_set_new(o, "reload", json_boolean(p->live));
			json_object_set_new(o, "help", json_string(p->help ? p->help : ""));
			json_array_append(list, o);
		}
		json_decref(value);
		json_decref(o);
	}
}

static void add_parameters(json_t *list, const struct module_def *m, const char *module)
{
	add_rows(list, m->params, module, !strcmp(module, CORE));
	add_rows(list, m->core_params, module, true);
	for (const struct block_def *b = m->blocks; b && b->word; b++)
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s, s:b, s:s}", "module",
						      module, "name", b->word, "as_core", 1, "type",
						      BLOCK, "reload", 1, "help", b->help));
}

static json_t *all_words(void)
{
	static const struct {
		enum word_fate fate;
		const char *what;
	} fates[] = { { WORD_LEXER, "part of the language" },
		      { WORD_DIRECTIVE, "behind #!" },
		      { WORD_FUNCTION, "function" },
		      { WORD_PARAM, "parameter" },
		      { WORD_VALUE, "value" },
		      { WORD_CLASS, "class of variables" },
		      { WORD_UNNEEDED, "parameter that is accepted and not needed" },
		      { WORD_NO_PARAM, "parameter that is refused" },
		      { WORD_NO_FUNCTION, "function that is refused" },
		      { WORD_UNNEEDED_FUNCTION, "function that is accepted and not needed" },
		      { WORD_MODULE_VALUE, "value of a module's parameter" },
		      { WORD_BLOCK, "block of a module's settings" } };
	json_t *list = json_array();

	for (unsigned i = 0; i < word_rows_n; i++) {
		const struct word_row *w = &word_rows[i];
		const char *what = "";

		for (size_t f = 0; f < sizeof(fates) / sizeof(*fates); f++)
			if (fates[f].fate == w->fate)
				what = fates[f].what;
		json_array_append_new(list, json_pack("{s:s, s:s, s:s?}", "word", w->word, "what",
						      what, "advice", w->advice));
	}
	return list;
}

/* --- objects to lines ---------------------------------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text ? text : "";
}

static bool is_true(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

static void print_function(FILE *out, const json_t *o)
{
	const json_t *args = json_object_get(o, "arguments"), *in = json_object_get(o, "routes");
	bool optional = false;

	fprintf(out, "    %s(", text_of(o, "name"));
	for (size_t i = 0; i < json_array_size(args); i++) {
		const json_t *a = json_array_get(args, i);
		const char *type = text_of(a, "type");
		const bool quoted = !strncmp(type, "text", 4);

		if (!optional && is_true(a, "optional")) {
			optional = true;
			fputs(i ? " [" : "[", out);
		}
		fprintf(out, "%s%s%s%s", i ? ", " : "", quoted ? "\"" : "", type,
			quoted ? "\"" : "");
	}
	fprintf(out, "%s)  in ", optional ? "]" : "");
	if (json_array_size(in) == ROUTE_KINDS)
		fputs("all", out);
	for (size_t i = 0; i < json_array_size(in) && json_array_size(in) < ROUTE_KINDS; i++)
		fprintf(out, "%s%s", i ? ", " : "", json_string_value(json_array_get(in, i)));
	fprintf(out, " routes\n        %s\n", text_of(o, "help"));
}

static void print_attribute(FILE *out, const json_t *o)
{
	const char *name = text_of(o, "select"), *variable = text_of(o, "variable");

	fprintf(out, "    %s%s%s  %s%s\n        %s\n", name, *name && *variable ? "  " : "",
		variable, text_of(o, "type"), is_true(o, "can_be_set") ? ", can be set" : "",
		text_of(o, "help"));
}

static void print_transformation(FILE *out, const json_t *o)
{
	fprintf(out, "    %s  %s\n        %s\n", text_of(o, "name"), text_of(o, "type"),
		text_of(o, "help"));
}

static void print_time(FILE *out, json_int_t ms)
{
	if (ms && ms % 1000 == 0)
		fprintf(out, "%" JSON_INTEGER_FORMAT "s", ms / 1000);
	else
		fprintf(out, "%" JSON_INTEGER_FORMAT "ms", ms);
}

static void print_limit(FILE *out, const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	if (json_object_get(o, "unit"))
		print_time(out, n);
	else
		fprintf(out, "%" JSON_INTEGER_FORMAT, n);
}

static void print_default(FILE *out, const json_t *o)
{
	const json_t *def = json_object_get(o, "default");

	if (json_is_integer(def)) {
		fputs(", default ", out);
		print_limit(out, o, "default");
		fputs(", ", out);
		print_limit(out, o, "min");
		fputs(" to ", out);
		print_limit(out, o, "max");
	} else if (json_is_boolean(def)) {
		fprintf(out, ", default %s", json_is_true(def) ? "yes" : "no");
	} else if (def && *json_string_value(def)) {
		fprintf(out, ", default \"%s\"", json_string_value(def));
	}
	if (json_object_get(o, "unit"))
		fprintf(out, ", a bare number is in %s", text_of(o, "unit"));
}

static void print_parameter(FILE *out, const json_t *o)
{
	if (!strcmp(text_of(o, "type"), BLOCK))
		fprintf(out, "    %s[...] { ... }", text_of(o, "name"));
	else if (is_true(o, "as_core"))
		fprintf(out, "    %s=", text_of(o, "name"));
	else
		fprintf(out, "    modparam(\"%s\", \"%s\", ...)", text_of(o, "module"),
			text_of(o, "name"));
	fprintf(out, "  %s", text_of(o, "type"));
	print_default(out, o);
	fprintf(out, "; %s\n        %s\n",
		is_true(o, "reload") ? "HUP changes it" : "a change needs a restart",
		text_of(o, "help"));
}

static void print_word(FILE *out, const json_t *o)
{
	const char *advice = text_of(o, "advice");

	fprintf(out, "    %s  %s%s%s\n", text_of(o, "word"), text_of(o, "what"),
		*advice ? ": " : "", advice);
}

/* --- tables ------------------------------------------------------------------------------------------------------------------------------------------ */

static const struct table {
	enum help_table table;
	const char *name;
	void (*add)(json_t *list, const struct module_def *m,
		    const char *module); /* NULL: not of modules */
	void (*print)(FILE *out, const json_t *row);
} tables[] = {
	{ HELP_FUNCTIONS, "functions", add_functions, print_function },
	{ HELP_ATTRIBUTES, "attributes", add_attributes, print_attribute },
	{ HELP_ATTRIBUTES, "transformations", add_transformations, print_transformation },
	{ HELP_PARAMS, "parameters", add_parameters, print_parameter },
	{ HELP_WORDS, "words", NULL, print_word },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static json_t *collect(const struct module_def *const *modules, unsigned n, unsigned builtins_n,
		       unsigned wanted)
{
	json_t *all = json_object();

	for (size_t t = 0; t < TABLES; t++) {
		json_t *list;

		if (!(wanted & tables[t].table))
			continue;
		list = tables[t].add ? json_array() : all_words();
		for (unsigned i = 0; i < n && tables[t].add; i++)
			tables[t].add(list, modules[i], i < builtins_n ? CORE : modules[i]->name);
		json_object_set_new(all, tables[t].name, list);
	}
	return all;
}

static void print_table(FILE *out, const struct table *t, const json_t *list)
{
	const char *module = "";
	const json_t *row;
	size_t i;

	json_array_foreach(list, i, row)
	{
		if (strcmp(module, text_of(row, "module"))) {
			module = text_of(row, "module");
			fprintf(out, "%s of %s%s\n", t->name,
				strcmp(module, CORE) ? "module " : "the ", module);
		}
		t->print(out, row);
	}
}

int help_print(const struct module_def *const *modules, unsigned n, unsigned builtins_n,
	       unsigned wanted, bool as_json, FILE *out)
{
	json_t *all = collect(modules, n, builtins_n, wanted);

	if (!all)
		return -ENOMEM;
	for (size_t t = 0; t < TABLES && !as_json; t++)
		print_table(out, &tables[t], json_object_get(all, tables[t].name));
	if (as_json) {
		json_dumpf(all, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
		fputc('\n', out);
	}
	json_decref(all);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

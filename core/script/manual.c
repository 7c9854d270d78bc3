/* SPDX-License-Identifier: BSD-2-Clause */
/* --manual: what a configuration may say, printed from the rows in which it is defined. */
#include "core/script/program.h"
#include "core/script/script.h"

#include <string.h>

static void limits(FILE *out, const struct param_def *p)
{
	if (p->type == P_BOOL)
		fprintf(out, " (%s)", p->def ? "yes" : "no");
	else if (p->type == P_INT)
		fprintf(out, " (%lld; %lld to %lld)", (long long)p->def, (long long)p->min,
			(long long)p->max);
	else if (p->type == P_MS)
		fprintf(out, " (%lldms)", (long long)p->def);
	else if (p->type == P_STR && p->def_z && p->def_z[0])
		fprintf(out, " (\"%s\")", p->def_z);
}

static void parameters(FILE *out, const struct module_def *m, bool builtin)
{
	for (const struct param_def *p = m->params; p && p->type != P_END; p++) {
		if (p->type == P_IGNORE)
			continue;
		if (builtin)
			fprintf(out, "    %s=", p->name);
		else
			fprintf(out, "    modparam(\"%s\", \"%s\", …)", m->name, p->name);
		fprintf(out, "  %s", p->help ? p->help : "");
		limits(out, p);
		fputc('\n', out);
	}
}

static const char *argument(char letter)
{
	switch (letter) {
	case 'i':
		return "number";
	case 'r':
		return "pattern";
	case 'n':
		return "name";
	case 'B':
	case 'F':
	case 'O':
		return "\"route\"";
	case 'a':
		return "$variable";
	case 'f':
	case 'h':
	case 't':
		return "\"text with $x\"";
	default:
		return "\"text\"";
	}
}

static void functions(FILE *out, const struct module_def *m)
{
	for (const struct func_def *f = m->functions; f && f->name; f++) {
		const char *comma = "";
		bool optional = false;

		fprintf(out, "    %s(", f->name);
		for (const char *a = f->args ? f->args : ""; *a; a++) {
			if (*a == '|') {
				optional = true;
				fputs(*comma ? " [" : "[", out);
				continue;
			}
			fprintf(out, "%s%s", comma, argument(*a));
			comma = ", ";
		}
		fprintf(out, "%s)  %s%s\n", optional ? "]" : "", f->help ? f->help : "",
			f->contexts == IN_REPLY	    ? " (responses only)"
			: !(f->contexts & IN_REPLY) ? " (requests only)"
						    : "");
	}
}

/* "contact.uri.params" is written @contact[n].uri.params["name"]. */
static void select_name(FILE *out, const struct attr_def *a)
{
	const bool index = a->flags & ATTR_INDEX && !(a->flags & ATTR_NEEDS_KEY);
	const char *rest = strchrnul(a->name, '.');

	fprintf(out, "@%.*s%s%s%s", (int)(rest - a->name), a->name, index ? "[n]" : "", rest,
		a->flags & ATTR_KEY ? "[\"name\"]" : "");
}

static void attributes(FILE *out, const struct module_def *m)
{
	for (const struct attr_def *a = m->attrs; a && a->get; a++) {
		fputs("    ", out);
		if (a->name)
			select_name(out, a);
		if (a->pv)
			fprintf(out, "%s$%s%s", a->name ? "  " : "", a->pv,
				a->flags & ATTR_NEEDS_KEY ? "(name)" : "");
		fprintf(out, "  %s\n", a->help ? a->help : "");
	}
}

void script_manual(const struct conf *conf, FILE *out)
{
	const unsigned builtins_n = conf->program->builtins_n;

	for (unsigned i = 0; i < conf->sections_n; i++) {
		const struct module_def *m = conf->modules[i];

		fprintf(out, "%s%s%s%s%s\n", i < builtins_n ? "core: " : "module ", m->name,
			m->help ? " (" : "", m->help ? m->help : "", m->help ? ")" : "");
		parameters(out, m, i < builtins_n);
		functions(out, m);
		attributes(out, m);
	}
}

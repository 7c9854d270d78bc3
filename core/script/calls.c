/* SPDX-License-Identifier: BSD-2-Clause */
/* How values become the arguments a function asks for. */
#include "core/script/calls.h"

#include <errno.h>

static int as_regex(struct machine *m, struct value *v)
{
	const struct regex *re;
	struct regex_error e;
	int r;

	if (!v->s.n) {
		machine_error(m, "a regular expression is empty", STR_NULL);
		return -EINVAL;
	}
	m->steps -= m->steps > 1000 ? 1000 : m->steps;
	r = regex_new(m->ctx->pool, v->s, 0, &re, &e);
	if (r < 0) {
		machine_error(m, "cannot use a text as a regular expression",
			      r == -EINVAL ? str_z(e.text)
					   : STR("no memory left for this message"));
		return r;
	}
	*v = (struct value){ .type = VALUE_REGEX, .re = re };
	return 0;
}

static int as_route(struct machine *m, struct value *v, char letter, enum route_role role,
		    struct str text)
{
	struct str name = text;
	uint32_t route = ROUTE_NONE;

	*v = value_int(-1);
	if (!name.n || str_eq(name, STR("0")))
		return 0;
	name = route_letter_name(m->ctx->pool, letter, text);
	if (name.p)
		route = program_route(m->program,
				      role == ROUTE_NAMED ? IN_REQUEST : route_kind_of(role, name),
				      name);
	if (route == ROUTE_NONE) {
		machine_error(m, "there is no route of this name", name);
		return -ENOENT;
	}
	*v = value_int(route);
	return 0;
}

/* letter: as in func_def.args. */
static int convert(struct machine *m, struct value *v, char letter, const char *name)
{
	enum route_role role;
	struct str text;
	int64_t n;

	if (letter == 'i') {
		if (value_number(v, &n)) {
			*v = value_int(n);
			return 0;
		}
		machine_error(m, "an argument is not a number", str_z(name));
		return -EINVAL;
	}
	if (value_text(m->ctx->pool, v, &text) < 0) {
		machine_error(m, "no memory left for this message", str_z(name));
		return -ENOMEM;
	}
	if (route_letter(letter, &role))
		return as_route(m, v, letter, role, text);
	if (letter == 'h' && str_is_null(text)) /* its format failed, and said so */
		return -EINVAL;
	*v = value_str(text);
	return letter == 'r' ? as_regex(m, v) : 0;
}

int call_with_args(struct machine *m, const struct call *c)
{
	struct value argv[CALL_ARGS_MAX];
	const struct value *pushed = m->stack + (m->sp - c->pushed);

	m->sp -= c->pushed;
	for (unsigned i = 0; i < c->argc; i++) {
		if (!c->varies[i]) {
			argv[i] = c->argv[i];
			continue;
		}
		argv[i] = *pushed++;
		if (convert(m, &argv[i], c->letters[i], c->def->name) < 0)
			return FN_FALSE;
	}
	return c->def->call(m->ctx, argv, c->argc);
}

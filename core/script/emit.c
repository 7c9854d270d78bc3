/* SPDX-License-Identifier: BSD-2-Clause */
/* How a program's tables grow, and move into the arena. */
#include "core/script/emit.h"

#include <errno.h>

void emit_init(struct emitter *em, struct pool *pool, struct arena *arena, uint64_t regex_set)
{
	*em = (struct emitter){ .pool = pool, .arena = arena, .regex_set = regex_set };
	em->ops.size = sizeof(struct op);
	em->constants.size = sizeof(struct value);
	em->attrs.size = sizeof(struct attr_use);
	em->formats.size = sizeof(const struct format *);
	em->regexes.size = sizeof(const struct regex *);
	em->networks.size = sizeof(struct network);
	em->calls.size = sizeof(struct call);
	em->cases.size = sizeof(struct cases);
	em->routes.size = sizeof(struct route);
	em->files.size = sizeof(const char *);
}

uint32_t emit_row(struct emitter *em, struct table *t, const void *row)
{
	if (em->err)
		return 0;
	if (t->n == t->cap) {
		uint32_t cap = t->cap ? t->cap * 2 : 64;
		void *larger = pool_alloc(em->pool, cap * t->size);

		if (!larger) {
			em->err = -ENOMEM;
			return 0;
		}
		if (t->n)
			memcpy(larger, t->rows, t->n * t->size);
		t->rows = larger;
		t->cap = cap;
	}
	memcpy((char *)t->rows + t->n * t->size, row, t->size);
	return t->n++;
}

uint32_t emit_here(const struct emitter *em)
{
	return em->ops.n;
}

uint32_t emit(struct emitter *em, enum op_code code, uint32_t a, uint32_t b, int pushes)
{
	struct op op = { .code = (uint8_t)code, .a = (uint16_t)a, .b = b };

	if (a > UINT16_MAX && !em->err)
		em->err = -E2BIG;
	em->depth = (uint32_t)((int)em->depth + pushes);
	if (em->depth > em->deepest)
		em->deepest = em->depth;
	return emit_row(em, &em->ops, &op);
}

void emit_land(struct emitter *em, uint32_t place)
{
	if (!em->err)
		((struct op *)em->ops.rows)[place].b = em->ops.n;
}

void emit_jump(struct emitter *em, enum op_code code, struct jumps *to)
{
	uint32_t place = emit(em, code, 0, to->last, 0);

	to->last = place + 1;
}

void emit_jumps_land(struct emitter *em, struct jumps *from)
{
	while (from->last && !em->err) {
		uint32_t place = from->last - 1;

		from->last = ((struct op *)em->ops.rows)[place].b;
		emit_land(em, place);
	}
	from->last = 0;
}

static uint32_t file_number(struct emitter *em, const struct source *src)
{
	const char *name_z;
	struct str name;

	for (uint32_t i = 0; i < em->files.n && i < 64; i++)
		if (em->file_of[i] == src)
			return i;
	name = arena_str(em->arena, str_of(src->name_z, strlen(src->name_z) + 1));
	if (!name.p) {
		em->err = em->err ? em->err : -ENOMEM;
		return 0;
	}
	if (em->files.n < 64)
		em->file_of[em->files.n] = src;
	name_z = name.p;
	return emit_row(em, &em->files, &name_z);
}

void emit_line(struct emitter *em, struct pos at)
{
	if (em->err || !at.src || (em->line.src == at.src && em->line.line == at.line))
		return;
	em->line = at;
	emit(em, OP_LINE, file_number(em, at.src), at.line, 0);
}

uint32_t emit_constant_str(struct emitter *em, struct str s)
{
	struct value v = value_str(str_of(s.p ? s.p : "", s.n));

	/* null and empty are not the same: an empty constant is text */
	v.s = s.n ? arena_str(em->arena, s) : STR("");
	if (!v.s.p && !em->err)
		em->err = -ENOMEM;
	return emit_row(em, &em->constants, &v);
}

uint32_t emit_regex(struct emitter *em, struct str pattern, unsigned flags)
{
	const struct regex *re = NULL;
	struct regex_error e;
	int r = regex_add(em->regex_set, em->arena, pattern, flags, &re, &e);

	if (r < 0 && !em->err)
		em->err = r;
	return emit_row(em, &em->regexes, &re);
}

static const void *moved(struct emitter *em, const struct table *t)
{
	void *rows = arena_alloc(em->arena, t->n * t->size + 1);

	if (!rows) {
		em->err = -ENOMEM;
		return NULL;
	}
	if (t->n)
		memcpy(rows, t->rows, t->n * t->size);
	return rows;
}

uint32_t program_route(const struct program *p, enum route_kind kind, struct str name)
{
	for (uint32_t i = 0; i < p->routes_n; i++)
		if (p->routes[i].kind == kind && str_eq(p->routes[i].key, name))
			return i;
	return ROUTE_NONE;
}

int emit_finish(struct emitter *em, struct program **program_r)
{
	struct program *p = arena_zalloc(em->arena, sizeof(*p));

	if (!p || em->err)
		return em->err ? em->err : -ENOMEM;
	p->code = moved(em, &em->ops);
	p->constants = moved(em, &em->constants);
	p->attrs = moved(em, &em->attrs);
	p->formats = moved(em, &em->formats);
	p->regexes = moved(em, &em->regexes);
	p->networks = moved(em, &em->networks);
	p->calls = moved(em, &em->calls);
	p->cases = moved(em, &em->cases);
	p->routes = moved(em, &em->routes);
	p->files = moved(em, &em->files);
	p->code_n = em->ops.n;
	p->constants_n = em->constants.n;
	p->attrs_n = em->attrs.n;
	p->formats_n = em->formats.n;
	p->regexes_n = em->regexes.n;
	p->networks_n = em->networks.n;
	p->calls_n = em->calls.n;
	p->cases_n = em->cases.n;
	p->routes_n = em->routes.n;
	p->files_n = em->files.n;
	p->regex_set = em->regex_set;
	*program_r = p;
	return em->err;
}

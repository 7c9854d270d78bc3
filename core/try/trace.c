/* SPDX-License-Identifier: BSD-2-Clause */
/* Operations of the machine as a person would tell them. */
#include "core/try/trace.h"

#include "core/script/switch.h"

#define TEXT_MAX 4096u
#define SHOWN	 200u /* bytes of a text */

static void value_put(struct buf *b, const struct value *v);

static void attr_put(struct buf *b, const struct attr_use *use)
{
	buf_escaped(b, use->written, SHOWN);
}

static void value_put(struct buf *b, const struct value *v)
{
	switch (v->type) {
	case VALUE_INT:
		buf_int(b, v->i);
		break;
	case VALUE_STR:
		buf_char(b, '"');
		buf_escaped(b, v->s, SHOWN);
		buf_char(b, '"');
		break;
	case VALUE_REGEX:
		buf_char(b, '/');
		buf_escaped(b, v->re->pattern, SHOWN);
		buf_char(b, '/');
		break;
	case VALUE_ATTR:
		attr_put(b, v->attr);
		break;
	default:
		buf_lit(b, "null");
	}
}

void trace_place(struct trace *t)
{
	struct event *e = *t->record ? (*t->record)->events_last : NULL;

	if (!e)
		return;
	e->depth = t->depth;
	e->file_z = t->file_z;
	e->line = t->line;
}

static void tell(struct trace *t, enum event_kind kind, struct str text, struct str value)
{
	if (*t->record && record_event(*t->record, kind, text, value))
		trace_place(t);
}

static void where(struct trace *t, const struct machine *m)
{
	t->depth = m->depth;
	t->file_z = m->program->files[m->file];
	t->line = m->line;
}

/* --- values and where they came from --------------------------------------------------------------------------------------------------- */
/* What pushes one value by itself. */
static bool is_simple(const struct op *op)
{
	switch (op->code) {
	case OP_INT:
	case OP_NULL:
	case OP_CONST:
	case OP_ATTR:
	case OP_KEYWORD:
	case OP_RC:
	case OP_FORMAT:
	case OP_COND:
		return true;
	default:
		return false;
	}
}

/* The value, behind the name of what it was read from, when that is one thing. */
static void operand_put(struct buf *b, const struct machine *m, const struct op *from,
			const struct value *v)
{
	bool named = true;

	if (from && from->code == OP_ATTR)
		attr_put(b, &m->program->attrs[from->b]);
	else if (from && from->code == OP_KEYWORD)
		buf_str_put(b, keyword_defs[from->a].name);
	else if (from && from->code == OP_RC)
		buf_lit(b, "$rc");
	else
		named = false;
	if (named)
		buf_lit(b, " = ");
	value_put(b, v);
}

/* What the return code is of: the function or route that was called last. */
static void called_put(struct buf *b, const struct machine *m, const struct op *from)
{
	if (from->code == OP_CALL || from->code == OP_CALL_ARGS)
		buf_fmt(b, "%s()", m->program->calls[from->b].def->name);
	else if (from->code == OP_ROUTE)
		buf_str_put(b, m->program->routes[from->b].name);
	else
		buf_lit(b, "$rc");
}

static const char *cmp_name(enum cmp_op op)
{
	static const char *const names[] = {
		[CMP_EQ] = "==", [CMP_NE] = "!=", [CMP_LT] = "<",
		[CMP_GT] = ">",	 [CMP_LE] = "<=", [CMP_GE] = ">=",
	};

	return op < sizeof(names) / sizeof(names[0]) && names[op] ? names[op] : "~";
}

/* Two values that lay on the stack. */
static void pair_put(struct buf *b, const struct machine *m, const struct op *op,
		     const char *between)
{
	const struct value *a = &m->stack[m->sp];
	const struct op *right = is_simple(op - 1) ? op - 1 : NULL;
	const struct op *left = right && is_simple(op - 2) ? op - 2 : NULL;

	operand_put(b, m, left, &a[0]);
	buf_fmt(b, " %s ", between);
	operand_put(b, m, right, &a[1]);
}

static void single_put(struct buf *b, const struct machine *m, const struct op *op)
{
	operand_put(b, m, is_simple(op - 1) ? op - 1 : NULL, &m->stack[m->sp]);
}

static void keyword_put(struct buf *b, const struct machine *m, enum keyword k)
{
	struct value v;

	buf_str_put(b, keyword_defs[k].name);
	if (keyword_value(m->ctx, k, &v) == 0) {
		buf_lit(b, " = ");
		value_put(b, &v);
	}
}

static void method_put(struct buf *b, const struct machine *m)
{
	struct str text = STR_NULL;

	keyword_method(m->ctx, &text);
	buf_lit(b, "method = ");
	value_put(b, &(struct value){ .type = VALUE_STR, .s = text });
}

static void regex_put(struct buf *b, const struct regex *re)
{
	buf_lit(b, " =~ \"");
	buf_escaped(b, re->pattern, SHOWN);
	buf_char(b, '"');
}

/* Which constant of a switch its value is. */
static void cases(struct trace *t, const struct machine *m, const struct op *op)
{
	const struct value *v = &m->stack[m->sp - 1];
	bool found = cases_find(&m->program->cases[op->b], v) != UINT32_MAX;
	char text[TEXT_MAX], taken[TEXT_MAX];
	struct buf b = BUF_ON(text), c = BUF_ON(taken);

	buf_lit(&b, "switch ");
	operand_put(&b, m, is_simple(op - 1) ? op - 1 : NULL, v);
	if (found) {
		buf_lit(&c, "case ");
		value_put(&c, v);
	} else {
		buf_lit(&c, "none of the constants");
	}
	tell(t, EVENT_CONDITION, buf_str(&b), buf_str(&c));
}

static void condition(struct trace *t, const struct machine *m, const struct op *op)
{
	char text[TEXT_MAX];
	struct buf b = BUF_ON(text);

	switch (op->code) {
	case OP_TRUTH:
	case OP_IS_NULL:
		single_put(&b, m, op);
		if (op->code == OP_IS_NULL)
			buf_lit(&b, " is null or empty");
		break;
	case OP_RC_TRUTH:
		called_put(&b, m, op - 1);
		break;
	case OP_NOT:
		buf_lit(&b, "turned round");
		break;
	case OP_CASE_RE:
		value_put(&b, &m->stack[m->sp - 1]);
		regex_put(&b, m->program->regexes[op->b]);
		break;
	case OP_COMPARE:
		pair_put(&b, m, op, cmp_name(COMPARE_OP(op->a)));
		break;
	case OP_METHOD_IS:
	case OP_METHOD_EQ:
		method_put(&b, m);
		break;
	case OP_MATCH:
		single_put(&b, m, op);
		regex_put(&b, m->program->regexes[op->b]);
		break;
	case OP_MATCH_RT:
		pair_put(&b, m, op, "=~");
		break;
	case OP_SELF:
		keyword_put(&b, m, op->a);
		buf_lit(&b, " is ours");
		break;
	case OP_NETWORK:
	case OP_PROTO_EQ:
	case OP_AF_EQ:
		keyword_put(&b, m, op->a);
		break;
	default:
		return;
	}
	tell(t, EVENT_CONDITION, buf_str(&b), m->cond ? STR("true") : STR("false"));
}

/* --- calls ----------------------------------------------------------------------------------------------------------------------------- */
static void number_tell(struct trace *t, enum event_kind kind, struct str text, int value)
{
	char number[24];
	struct buf n = BUF_ON(number);

	buf_int(&n, value);
	tell(t, kind, text, buf_str(&n));
}

static void call(struct trace *t, const struct machine *m, const struct op *op)
{
	const struct call *c = &m->program->calls[op->b];
	const struct value *pushed = &m->stack[m->sp];
	char text[TEXT_MAX];
	struct buf b = BUF_ON(text);

	buf_fmt(&b, "%s(", c->def->name);
	for (unsigned i = 0; i < c->argc; i++) {
		bool varies = op->code == OP_CALL_ARGS && c->varies[i];

		if (i)
			buf_lit(&b, ", ");
		value_put(&b, varies ? pushed++ : &c->argv[i]);
	}
	buf_char(&b, ')');
	number_tell(t, EVENT_CALL, buf_str(&b), m->rc);
}

static void set(struct trace *t, struct machine *m, const struct op *op)
{
	char name[512], text[TEXT_MAX];
	struct buf n = BUF_ON(name), b = BUF_ON(text);

	attr_put(&n, &m->program->attrs[op->b]);
	value_put(&b, &m->stack[m->sp]);
	if (m->set_failed)
		buf_lit(&b, ", which failed");
	m->set_failed = false;
	tell(t, EVENT_SET, buf_str(&n), buf_str(&b));
}

/* --- what the machine calls ------------------------------------------------------------------------------------------------------------- */
static void entered(struct script_trace *st, const struct machine *m, const struct route *route)
{
	struct trace *t = container_of(st, struct trace, script);

	t->depth = m->depth;
	t->told_line = 0;
	tell(t, EVENT_ROUTE, route->name, STR_NULL);
}

/* A line is told once while the script stays on it, and not when its statement only holds others. */
static void line(struct trace *t, const struct op *op)
{
	if ((op + 1)->code == OP_LINE || (t->told_line == t->line && t->told_file_z == t->file_z))
		return;
	t->told_line = t->line;
	t->told_file_z = t->file_z;
	tell(t, EVENT_LINE, STR_NULL, STR_NULL);
}

static void did(struct script_trace *st, struct machine *m, const struct op *op)
{
	struct trace *t = container_of(st, struct trace, script);

	where(t, m);
	switch (op->code) {
	case OP_LINE:
		line(t, op);
		break;
	case OP_CASES:
		cases(t, m, op);
		break;
	case OP_SET:
		set(t, m, op);
		break;
	case OP_CALL:
	case OP_CALL_ARGS:
		call(t, m, op);
		break;
	case OP_RETURN:
	case OP_RETURN_RC:
	case OP_RETURN_POP:
		t->told_line = 0;
		if (m->depth)
			number_tell(t, EVENT_RETURN,
				    m->program->routes[m->frames[m->depth].route].name, m->rc);
		break;
	default:
		condition(t, m, op);
	}
}

void trace_init(struct trace *t, struct record **record)
{
	*t = (struct trace){ .script = { .entered = entered, .did = did }, .record = record };
}

void trace_log(struct trace *t, struct str line)
{
	tell(t, EVENT_LOG, line, STR_NULL);
}

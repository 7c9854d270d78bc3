/* SPDX-License-Identifier: BSD-2-Clause */
/* What operators make of values: integers of 64 bits, and texts that are joined. */
#include "core/script/machine.h"

static const char not_number[] = "this is not a number";
static const char too_large[] = "the number would be too large";

/* Null counts as 0. */
static bool number_of(const struct value *v, int64_t *n_r)
{
	if (v->type == VALUE_NULL) {
		*n_r = 0;
		return true;
	}
	return value_number(v, n_r);
}

static const char *join(struct pool *p, struct value *a, const struct value *b)
{
	struct str x, y;
	char *joined;

	if (value_text(p, a, &x) < 0 || value_text(p, b, &y) < 0)
		return "no memory left for this message";
	if (x.n + y.n > FORMAT_RESULT_MAX)
		return "the text would be too long";
	joined = pool_alloc(p, x.n + y.n);
	if (!joined)
		return "no memory left for this message";
	if (x.n)
		memcpy(joined, x.p, x.n);
	if (y.n)
		memcpy(joined + x.n, y.p, y.n);
	*a = value_str(str_of(joined, x.n + y.n));
	return NULL;
}

static const char *divide(enum arith_op op, int64_t x, int64_t y, int64_t *n_r)
{
	if (y == 0)
		return "division by zero";
	if (y == -1) { /* the processor stops at the smallest number divided by -1 */
		*n_r = 0;
		return op == ARITH_DIV && __builtin_sub_overflow((int64_t)0, x, n_r) ? too_large
										     : NULL;
	}
	*n_r = op == ARITH_DIV ? x / y : x % y;
	return NULL;
}

static const char *shift(enum arith_op op, int64_t x, int64_t y, int64_t *n_r)
{
	if (y < 0)
		return "bits are not moved by a negative number";
	if (op == ARITH_SHL)
		*n_r = y > 63 ? 0 : (int64_t)((uint64_t)x << y);
	else
		*n_r = x >> (y > 63 ? 63 : y);
	return NULL;
}

static const char *compute(enum arith_op op, int64_t x, int64_t y, int64_t *n_r)
{
	bool over = false;

	switch (op) {
	case ARITH_ADD:
		over = __builtin_add_overflow(x, y, n_r);
		break;
	case ARITH_SUB:
		over = __builtin_sub_overflow(x, y, n_r);
		break;
	case ARITH_MUL:
		over = __builtin_mul_overflow(x, y, n_r);
		break;
	case ARITH_DIV:
	case ARITH_MOD:
		return divide(op, x, y, n_r);
	case ARITH_SHL:
	case ARITH_SHR:
		return shift(op, x, y, n_r);
	case ARITH_AND:
		*n_r = x & y;
		break;
	case ARITH_OR:
		*n_r = x | y;
		break;
	case ARITH_XOR:
		*n_r = x ^ y;
		break;
	}
	return over ? too_large : NULL;
}

const char *value_arith(struct pool *p, enum arith_op op, struct value *a, const struct value *b)
{
	int64_t x, y, n = 0;
	const char *why;

	if (op == ARITH_ADD &&
	    (a->type == VALUE_STR || (a->type == VALUE_NULL && b->type != VALUE_INT)))
		return join(p, a, b);
	if (!number_of(a, &x) || !number_of(b, &y))
		return not_number;
	why = compute(op, x, y, &n);
	if (!why)
		*a = value_int(n);
	return why;
}

static const char *as_text(struct pool *p, struct value *a)
{
	struct str text;

	if (value_text(p, a, &text) < 0)
		return "no memory left for this message";
	*a = value_str(str_is_null(text) ? STR("") : text);
	return NULL;
}

const char *value_unary(struct pool *p, enum unary_op op, struct value *a)
{
	const char *why;
	int64_t n = 0;

	switch (op) {
	case UNARY_NEG:
	case UNARY_INVERT:
		if (!number_of(a, &n))
			return not_number;
		*a = value_int(op == UNARY_NEG ? (int64_t)(0 - (uint64_t)n) : ~n);
		return NULL;
	case UNARY_INT: /* what is no number is 0: that is what the cast is for */
		*a = value_int(number_of(a, &n) ? n : 0);
		return NULL;
	case UNARY_DEFINED:
		*a = value_int(a->type != VALUE_NULL);
		return NULL;
	default:
		break;
	}
	why = as_text(p, a);
	if (why || op == UNARY_STR)
		return why;
	*a = value_int(op == UNARY_STRLEN ? (int64_t)a->s.n : a->s.n == 0);
	return NULL;
}

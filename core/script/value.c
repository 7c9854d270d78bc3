/* SPDX-License-Identifier: BSD-2-Clause */
/* What values are equal, true, numbers and text. */
#include "core/base/buf.h"
#include "core/script/machine.h"

#include <errno.h>

int value_text(struct pool *p, const struct value *v, struct str *text_r)
{
	char digits[24];
	struct buf b = BUF_ON(digits);

	switch (v->type) {
	case VALUE_STR:
		*text_r = v->s;
		return 0;
	case VALUE_INT:
		buf_int(&b, v->i);
		*text_r = pool_str(p, buf_str(&b));
		return text_r->p ? 0 : -ENOMEM;
	default:
		*text_r = STR_NULL;
		return 0;
	}
}

bool value_number(const struct value *v, int64_t *number_r)
{
	if (v->type == VALUE_INT) {
		*number_r = v->i;
		return true;
	}
	return v->type == VALUE_STR && str_int(v->s, number_r) == 0;
}

bool value_is_true(const struct value *v)
{
	if (v->type == VALUE_INT)
		return v->i != 0;
	return v->type == VALUE_STR && v->s.n > 0;
}

static bool in_order(int difference, enum cmp_op op)
{
	switch (op) {
	case CMP_EQ:
		return difference == 0;
	case CMP_NE:
		return difference != 0;
	case CMP_LT:
		return difference < 0;
	case CMP_GT:
		return difference > 0;
	case CMP_LE:
		return difference <= 0;
	default:
		return difference >= 0;
	}
}

bool value_compare(const struct value *a, const struct value *b, unsigned how)
{
	static const struct value empty = { .type = VALUE_STR, .s = { "", 0 } };
	enum cmp_op op = COMPARE_OP(how);
	int64_t x, y;

	if (a->type == VALUE_NULL || b->type == VALUE_NULL) {
		if (!(how & COMPARE_LITERAL))
			return op == CMP_NE;
		a = a->type == VALUE_NULL ? &empty : a;
		b = b->type == VALUE_NULL ? &empty : b;
	}
	if (a->type == VALUE_STR && b->type == VALUE_STR && (op == CMP_EQ || op == CMP_NE)) {
		bool same = how & COMPARE_NOCASE ? str_eq_nocase(a->s, b->s) : str_eq(a->s, b->s);

		return same == (op == CMP_EQ);
	}
	if (value_number(a, &x) && value_number(b, &y))
		return in_order(x < y ? -1 : x > y, op);
	return op == CMP_NE;
}

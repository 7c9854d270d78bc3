/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions about texts, and about method and Privacy of the message. */
#include "modules/textops/textops.h"

static int answer(bool yes)
{
	return yes ? FN_TRUE : FN_FALSE;
}

/* Whether the name stands in a list like "INVITE|ACK". */
static bool method_in(struct str list, struct str method)
{
	struct str one;

	while (str_split(&list, '|', &one)) {
		if (str_eq(str_trim(one), method))
			return true;
	}
	return false;
}

int fn_is_method(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct sip_cseq cseq;

	(void)argc;
	if (ctx->msg->is_request)
		return answer(method_in(argv[0].s, ctx->msg->method_text));
	return answer(!sip_msg_cseq(ctx->msg, &cseq) && method_in(argv[0].s, cseq.method_text));
}

const char *check_method(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_STR && !argv[0].s.n ? "no method is named" : NULL;
}

/* RFC 3323 4.2: "Privacy: id;critical". */
int fn_is_privacy(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	for (const struct sip_hdr *h = ctx->msg->first[HDR_PRIVACY]; h; h = sip_hdr_next(h)) {
		struct str rest = h->body, one;

		while (str_split(&rest, ';', &one)) {
			struct str list = one, value;

			while (str_split(&list, ',', &value)) {
				if (str_eq_nocase(str_trim(value), argv[0].s))
					return FN_TRUE;
			}
		}
	}
	return FN_FALSE;
}

/* --- lists ---------------------------------------------------------------------------------------------------------------------------------- */
static int in_list(const struct value *argv, bool prefix)
{
	struct str subject = str_trim(argv[0].s), list = argv[1].s, one;

	if (argv[2].s.n != 1 || str_is_null(list) || !subject.n)
		return FN_FALSE;
	while (str_split(&list, argv[2].s.p[0], &one)) {
		one = str_trim(one);
		if (prefix ? one.n && str_starts(subject, one) : str_eq(subject, one))
			return FN_TRUE;
	}
	return FN_FALSE;
}

int fn_in_list(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	return in_list(argv, false);
}

int fn_in_list_prefix(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	return in_list(argv, true);
}

const char *check_in_list(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[2].type == VALUE_STR && argv[2].s.n != 1
		       ? "the third argument is one character that separates the items"
		       : NULL;
}

/* --- two texts ------------------------------------------------------------------------------------------------------------------------------ */
static bool ends(struct str s, struct str end)
{
	return s.n >= end.n && str_eq(str_skip(s, s.n - end.n), end);
}

static bool any_in(struct str s, struct str set)
{
	for (size_t i = 0; i < s.n; i++) {
		if (str_chr(set, s.p[i]) >= 0)
			return true;
	}
	return false;
}

static bool all_in(struct str s, struct str set)
{
	for (size_t i = 0; i < s.n; i++) {
		if (str_chr(set, s.p[i]) < 0)
			return false;
	}
	return s.n > 0;
}

#define TWO_TEXTS(NAME, QUESTION)                                               \
	int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc) \
	{                                                                       \
		struct str a = argv[0].s, b = argv[1].s;                        \
                                                                                \
		(void)ctx;                                                      \
		(void)argc;                                                     \
		return answer(QUESTION);                                        \
	}
TWO_TEXTS(cmp_str, str_eq(a, b))
TWO_TEXTS(cmp_istr, str_eq_nocase(a, b))
TWO_TEXTS(starts_with, b.n &&str_starts(a, b))
TWO_TEXTS(ends_with, b.n &&ends(a, b))
TWO_TEXTS(str_find, b.n &&str_find(a, b) >= 0)
TWO_TEXTS(str_ifind, b.n &&str_find_nocase(a, b) >= 0)
TWO_TEXTS(str_any_in, any_in(a, b))
TWO_TEXTS(str_all_in, all_in(a, b))

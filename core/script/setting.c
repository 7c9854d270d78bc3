/* SPDX-License-Identifier: BSD-2-Clause */
/* How values are written: yes and no, numbers, times. */
#include "core/script/setting.h"
#include "core/base/buf.h"

static bool bool_word(struct str s, bool *v_r)
{
	static const struct {
		const char *word;
		bool v;
	} words[] = { { "yes", true },	     { "no", false },	   { "on", true },
		      { "off", false },	     { "true", true },	   { "false", false },
		      { "enable", true },    { "disable", false }, { "enabled", true },
		      { "disabled", false }, { "1", true },	   { "0", false } };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!str_eq_nocase(s, str_z(words[i].word)))
			continue;
		*v_r = words[i].v;
		return true;
	}
	return false;
}

bool setting_bool(const struct setting *s, bool *v_r)
{
	if (s->kind != SETTING_INT)
		return bool_word(s->text, v_r);
	if (s->number != 0 && s->number != 1)
		return false;
	*v_r = s->number;
	return true;
}

bool setting_number(const struct setting *s, int64_t *n_r)
{
	if (s->kind != SETTING_INT)
		return str_int(s->text, n_r) == 0;
	*n_r = s->number;
	return true;
}

bool setting_ms(const struct setting *s, unsigned unit, int64_t *ms_r)
{
	static const struct {
		const char *suffix;
		int64_t ms;
	} units[] = {
		{ "ms", 1 }, { "s", 1000 }, { "m", 60000 }, { "h", 3600000 }, { "d", 86400000 }
	};
	int64_t factor = unit ? unit : 1, n = s->number;
	struct str text = s->text;

	for (size_t i = 0; i < sizeof(units) / sizeof(*units) && s->kind != SETTING_INT; i++) {
		struct str suffix = str_z(units[i].suffix);

		if (text.n <= suffix.n || !str_eq(str_skip(text, text.n - suffix.n), suffix) ||
		    !char_is_digit(text.p[text.n - suffix.n - 1]))
			continue;
		factor = units[i].ms;
		text = str_head(text, text.n - suffix.n);
		break;
	}
	if (s->kind != SETTING_INT && str_int(text, &n))
		return false;
	return !__builtin_mul_overflow(n, factor, ms_r);
}

struct str setting_text(const struct setting *s, struct pool *pool)
{
	char digits[24];
	struct buf b = BUF_ON(digits);

	if (s->kind != SETTING_INT)
		return s->text.n ? s->text : STR("");
	buf_int(&b, s->number);
	return pool_str(pool, buf_str(&b));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of what can be said of a domain, and which values it may have. */
#include "modules/tls/words.h"

#define DAY_MS INT64_C(86400000)

static const char *const verify_clients[] = { "off", "optional", "on", "optional_no_ca", NULL };
static const char *const wildcards[] = {
	[TLS_WILDCARD_LEFTMOST] = "leftmost", [TLS_WILDCARD_NO] = "no", NULL
};
static const char *const purposes[] = {
	[TLS_PURPOSE_SIP] = "sip", [TLS_PURPOSE_STRICT] = "strict", NULL
};

const struct tls_word_def tls_word_defs[TLS_WORDS] = {
	[TLS_CERTIFICATE] = { .kind = TLS_PATH },
	[TLS_PRIVATE_KEY] = { .kind = TLS_PATH },
	[TLS_OCSP] = { .kind = TLS_PATH },
	[TLS_CERTIFICATE2] = { .kind = TLS_PATH },
	[TLS_PRIVATE_KEY2] = { .kind = TLS_PATH },
	[TLS_OCSP2] = { .kind = TLS_PATH },
	[TLS_CA_LIST] = { .kind = TLS_PATH },
	[TLS_CA_PATH] = { .kind = TLS_PATH },
	[TLS_CRL] = { .kind = TLS_PATH },
	[TLS_VERIFY] = { .kind = TLS_VERIFY_WORD },
	[TLS_VERIFY_CLIENT] = { .kind = TLS_CHOICE, .choices = verify_clients },
	[TLS_REQUIRE] = { .kind = TLS_BOOL },
	[TLS_DEPTH] = { .kind = TLS_NUMBER, .min = 0, .max = 64 },
	[TLS_VERIFY_CN] = { .kind = TLS_BOOL },
	[TLS_VERIFY_WILDCARD] = { .kind = TLS_CHOICE, .choices = wildcards },
	[TLS_VERIFY_PURPOSE] = { .kind = TLS_CHOICE, .choices = purposes },
	[TLS_ALLOW_INSECURE] = { .kind = TLS_BOOL },
	[TLS_SERVER_NAME_MODE] = { .kind = TLS_NUMBER, .min = 0, .max = 2 },
	[TLS_HANDSHAKE_TIMEOUT] = { .kind = TLS_SECONDS, .min = 1, .max = DAY_MS },
};

#define ROLES_S                     \
	{                           \
		[TLS_SERVER] = true \
	}
#define ROLES_C                     \
	{                           \
		[TLS_CLIENT] = true \
	}
#define ROLES_B            \
	{                  \
		true, true \
	}
#define ROLES_N              \
	{                    \
		false, false \
	}
#define ROW(NAME, WORD, ROLES, HELP) { .name = NAME, .word = WORD, .roles = ROLES_##ROLES },
static const struct tls_name names[] = { TLS_NAMES(ROW) TLS_ALIASES(ROW) TLS_CORE_NAMES(ROW) };
#define NAMES_N (sizeof(names) / sizeof(names[0]))

const struct tls_name *tls_name_find(struct str name)
{
	for (size_t i = 0; i < NAMES_N; i++)
		if (str_eq(str_z(names[i].name), name))
			return &names[i];
	return NULL;
}

void tls_names_offer(struct nearest *near)
{
	for (size_t i = 0; i < NAMES_N; i++)
		nearest_offer(near, str_z(names[i].name));
}

/* --- values -------------------------------------------------------------------------------------------------------------------- */

static int64_t choice_of(const struct tls_word_def *def, const struct setting *s)
{
	for (unsigned i = 0; s->kind != SETTING_INT && def->choices[i]; i++)
		if (str_eq_nocase(s->text, str_z(def->choices[i])))
			return i;
	return -1;
}

static bool is_require(const struct setting *s)
{
	return s->kind != SETTING_INT && str_eq_nocase(s->text, STR("require"));
}

static bool wrong(const struct setting *s, struct diag *diag, const char *what)
{
	diag_error(diag, s->value_pos, NULL, "\"" STRF "\" is %s", STRA(s->name), what);
	return false;
}

static bool out_of_range(const struct tls_word_def *def, const struct setting *s, struct diag *diag)
{
	diag_error(diag, s->value_pos, NULL, "\"" STRF "\" must be between %lld and %lld%s",
		   STRA(s->name), (long long)def->min, (long long)def->max,
		   def->kind == TLS_SECONDS ? " ms" : "");
	return false;
}

static bool not_a_choice(const struct tls_word_def *def, const struct setting *s, struct diag *diag)
{
	char list[100];
	struct buf b = BUF_ON(list);

	for (unsigned i = 0; def->choices[i]; i++)
		buf_fmt(&b, "%s\"%s\"", i ? ", " : "", def->choices[i]);
	diag_error(diag, s->value_pos, NULL, "\"" STRF "\" is one of %s", STRA(s->name), buf_z(&b));
	return false;
}

bool tls_word_check(enum tls_word word, const struct setting *s, struct diag *diag)
{
	const struct tls_word_def *def = &tls_word_defs[word];
	int64_t n;
	bool flag;

	switch (def->kind) {
	case TLS_BOOL:
		return setting_bool(s, &flag) || wrong(s, diag, "yes or no");
	case TLS_VERIFY_WORD:
		return setting_bool(s, &flag) || is_require(s) ||
		       wrong(s, diag, "yes, no or require");
	case TLS_NUMBER:
		if (!setting_number(s, &n))
			return wrong(s, diag, "a number");
		return (n >= def->min && n <= def->max) || out_of_range(def, s, diag);
	case TLS_SECONDS:
		if (!setting_ms(s, 1000, &n))
			return wrong(s, diag, "a time: a number, or one with a unit as \"5s\"");
		return (n >= def->min && n <= def->max) || out_of_range(def, s, diag);
	case TLS_CHOICE:
		return choice_of(def, s) >= 0 || not_a_choice(def, s, diag);
	case TLS_PATH:
		return (s->kind != SETTING_INT && s->text.n) ||
		       wrong(s, diag, "the name of a file or folder");
	case TLS_TEXT:
		break;
	}
	return true;
}

int64_t tls_word_number(enum tls_word word, const struct setting *s)
{
	const struct tls_word_def *def = &tls_word_defs[word];
	int64_t n = 0;
	bool flag = false;

	if (def->kind == TLS_NUMBER)
		setting_number(s, &n);
	else if (def->kind == TLS_SECONDS)
		setting_ms(s, 1000, &n);
	else if (def->kind == TLS_CHOICE)
		n = choice_of(def, s);
	else if (def->kind == TLS_VERIFY_WORD && is_require(s))
		n = TLS_REQUIRED;
	else
		n = setting_bool(s, &flag) && flag;
	return n;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of the family's words: each is there, accepted as not needed, or refused with what to do instead, as its row says. */
#include "fake.h"

#include "core/run/conf.h"
#include "core/script/parse.h"
#include "core/script/words.h"

static const struct module_def *const layers[] = { &run_module, &net_module, &msg_module,
						   &script_module };

static bool is_param(const char *word_z)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		for (const struct param_def *p = layers[i]->params; p->type != P_END; p++)
			if (!strcmp(p->name, word_z))
				return true;
	return false;
}

static bool is_function(const char *word_z)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++)
		for (const struct func_def *f = layers[i]->functions; f && f->name; f++)
			if (!strcmp(f->name, word_z))
				return true;
	return false;
}

/* What is said about a script with the word in it. */
static const char *said(const char *before_z, const char *word_z, const char *behind_z)
{
	const struct conf *conf;
	char text[512];
	struct buf b = BUF_ON(text);

	buf_fmt(&b, "%s%s%s", before_z, word_z, behind_z);
	(void)fake_load_text(buf_str(&b), false, &conf);
	script_drop(&conf);
	return fake_said;
}

/* Words that only some places have. */
static const struct {
	const char *word, *script;
} in_place[] = {
	{ "advertise", "listen=udp:127.0.0.1:5060 advertise 192.0.2.1:5060\n" },
	{ "name", "listen=udp:127.0.0.1:5060 name \"a\"\n" },
	{ "virtual", "listen=udp:127.0.0.1:5060 virtual\n" },
	{ "ip_free_bind", "listen=udp:127.0.0.1:5060 ip_free_bind\n" },
	{ "listen", "listen=udp:127.0.0.1:5060\n" },
	{ "alias", "alias=example.com\n" },
	{ "flags", "flags A, B:3;\n" },
	{ "bool", "bool A\n" },
	{ "avpflags", "avpflags a, b\n" },
	{ "msg:len", "route[X] { if (msg:len > 1) exit; }\n" },
	{ "uri:host", "route[X] { if (uri:host == 'a') exit; }\n" },
	{ "uri:port", "route[X] { if (uri:port == 5060) exit; }\n" },
};

static bool works_in_its_place(const char *word_z)
{
	for (size_t i = 0; i < sizeof(in_place) / sizeof(in_place[0]); i++) {
		if (strcmp(in_place[i].word, word_z) != 0)
			continue;
		return !strstr(said("", in_place[i].script, "route { exit; }\n"), "unexpected") &&
		       !strstr(fake_said, "unknown");
	}
	return false;
}

static bool is_token(const char *word_z)
{
	struct parse p = { .braces = &(struct open_mark){ 0 } };
	enum keyword k;

	return parse_word(&p, str_z(word_z), &k) != parse_word(&p, STR("no_such_word"), &k);
}

static bool is_directive(const char *word_z)
{
	const char *behind_z = strstr(word_z, "file") ? " \"/no/such\"\nroute { exit; }\n"
						      : " A B\nroute { exit; }\n#!endif\n";

	return !strstr(said("\n#!", word_z, behind_z), "is not known");
}

static bool is_value(const char *word_z)
{
	bool on_off = !strstr(said("use_dns_cache=", word_z, "\nroute { exit; }\n"), "use_dns");
	bool proto = !strstr(said("route { if (proto == ", word_z, ") exit; }\n"), "transport");
	bool family = !strstr(said("route { if (af == ", word_z, ") exit; }\n"), "family");

	return on_off || proto || family;
}

static bool is_class(const char *word_z)
{
	return !strstr(said("route { $", word_z, ".x = 1; }\n"), "unexpected");
}

static bool does(const struct word_row *w)
{
	switch (w->fate) {
	case WORD_LEXER:
		return is_token(w->word) || works_in_its_place(w->word);
	case WORD_DIRECTIVE:
		return is_directive(w->word);
	case WORD_FUNCTION:
		return is_function(w->word);
	case WORD_PARAM:
		return is_param(w->word);
	case WORD_VALUE:
		return is_value(w->word);
	case WORD_CLASS:
		return is_class(w->word);
	case WORD_UNNEEDED:
		return !is_param(w->word) && w->advice &&
		       strstr(said("", w->word, " = 1\nroute { exit; }\n"), w->advice) &&
		       !fake_errors && fake_warnings == 1;
	case WORD_NO_PARAM:
		return !is_param(w->word) && w->advice &&
		       strstr(said("", w->word, " = 1\nroute { exit; }\n"), w->advice) &&
		       fake_errors == 1;
	case WORD_UNNEEDED_FUNCTION:
		return !is_function(w->word) && w->advice &&
		       strstr(said("route { if (", w->word, "('a', 1)) exit; exit; }\n"),
			      w->advice) &&
		       !fake_errors;
	case WORD_NO_FUNCTION:
		return !is_function(w->word) && w->advice &&
		       strstr(said("route { ", w->word, "(); exit; }\n"), w->advice) && fake_errors;
	case WORD_BLOCK:
		return w->advice &&
		       strstr(said("", w->word, "[default] { a = 1 }\nroute { exit; }\n"),
			      w->advice) &&
		       fake_errors == 1;
	case WORD_MODULE_VALUE:
		return w->advice &&
		       strstr(said("tls_method = ", w->word, "\nroute { exit; }\n"),
			      "needs loadmodule \"tls.so\"") &&
		       fake_errors == 1;
	}
	return false;
}

static void every_word_does_what_its_row_says(void **state)
{
	unsigned wrong = 0;

	(void)state;
	assert_true(word_rows_n > 500);
	for (unsigned i = 0; i < word_rows_n; i++) {
		if (does(&word_rows[i]))
			continue;
		wrong++;
		print_error("\"%s\" does not do what its row says; the last script:\n%s\n",
			    word_rows[i].word, fake_said);
	}
	assert_int_equal(wrong, 0);
}

static void no_word_stands_twice(void **state)
{
	(void)state;
	for (unsigned i = 0; i < word_rows_n; i++)
		for (unsigned j = 0; j < i; j++)
			if (!strcmp(word_rows[i].word, word_rows[j].word) &&
			    word_rows[i].fate == word_rows[j].fate)
				fail_msg("\"%s\" stands twice", word_rows[i].word);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_word_does_what_its_row_says),
		cmocka_unit_test(no_word_stands_twice),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

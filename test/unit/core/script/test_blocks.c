/* SPDX-License-Identifier: BSD-2-Clause */
/* What a module gets that takes settings with their places: of modparam, without it, of blocks; and when its hooks are called. */
#include "fake.h"

#include "core/script/diag.h"
#include "core/script/setting.h"

struct taker_conf {
	char seen[2048];
	size_t n;
	int64_t number;
};

static unsigned taker_index;

static void note(struct taker_conf *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void note(struct taker_conf *c, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	c->n += (size_t)vsnprintf(c->seen + c->n, sizeof(c->seen) - c->n, format, ap);
	va_end(ap);
	assert_true(c->n < sizeof(c->seen));
}

static void note_setting(struct taker_conf *c, const struct setting *s)
{
	note(c, " %u:%u/%u ", s->name_pos.line, s->name_pos.col, s->value_pos.col);
	if (s->kind == SETTING_INT)
		note(c, STRF "=%lld", STRA(s->name), (long long)s->number);
	else
		note(c, STRF "='" STRF "'", STRA(s->name), STRA(s->text));
}

static void take(void *section, const struct setting *s, struct diag *diag)
{
	note_setting(section, s);
	if (s->kind == SETTING_STR && str_eq(s->text, STR("bad")))
		diag_error(diag, s->value_pos, NULL, "that is bad");
}

static void take_block(void *section, const struct block *b, struct diag *diag)
{
	const char *quote = b->key_is_quoted ? "\"" : "";

	(void)diag;
	note(section, " " STRF "[%s" STRF "%s]{", STRA(b->word), quote, STRA(b->key), quote);
	for (const struct setting *s = b->settings; s; s = s->next)
		note_setting(section, s);
	note(section, " }");
}

static void begin(const struct conf *conf, void *section)
{
	assert_ptr_equal(conf->sections[taker_index], section);
	note(section, "begin");
}

static void settle(const struct conf *conf, void *section, const struct pos *at, struct diag *diag)
{
	const struct taker_conf *c = section;

	(void)conf;
	note(section, " settle at %u", at->line);
	if (c->number == 13)
		diag_error(diag, *at, "take another", "13 is no number for %s", "anybody");
}

static void dump(const struct conf *conf, const void *section, FILE *out)
{
	const struct taker_conf *c = section;

	(void)conf;
	fprintf(out, "# seen: %s\n", c->seen);
}

static const struct param_def params[] = {
	{ .name = "one", .type = P_SETTING, .take = take, .live = true },
	{ .type = P_END },
};
static const struct param_def core_params[] = {
	{ .name = "taker_one", .type = P_SETTING, .take = take, .live = true },
	/* the fake core has it, too: the module that is loaded comes first */
	{ .name = "debug", .type = P_SETTING, .take = take, .live = true },
	{ .name = "taker_number",
	  .type = P_INT,
	  .offset = offsetof(struct taker_conf, number),
	  .def = 5 },
	{ .type = P_END },
};
static const struct block_def blocks[] = { { "tls_domain", take_block, "takes it" },
					   { NULL, NULL, NULL } };
static const struct module_def taker = {
	.interface = MODULE_INTERFACE,
	.name = "taker",
	.params = params,
	.core_params = core_params,
	.blocks = blocks,
	.section_size = sizeof(struct taker_conf),
	.index = &taker_index,
	.begin = begin,
	.settle = settle,
	.dump = dump,
};

static int load_taker(struct str mpath, struct str name, const struct module_def **def_r,
		      char *why_z, size_t why_size)
{
	if (!str_eq(name, STR("taker")))
		return fake_load_module(mpath, name, def_r, why_z, why_size);
	*def_r = &taker;
	return 0;
}

static char *said;

/* NULL: there were errors. */
static const struct conf *load(const char *text_z, const struct conf *like)
{
	struct script_options o = { .builtins = fake_builtins,
				    .load_module = load_taker,
				    .mpath = STR("modules"),
				    .like = like };
	int fd = memfd_create("script", MFD_CLOEXEC);
	const struct conf *conf = NULL;
	unsigned errors, warnings;
	char path_z[64];
	size_t n;
	FILE *out;

	free(said);
	said = NULL;
	out = open_memstream(&said, &n);
	assert_int_equal(write(fd, text_z, strlen(text_z)), strlen(text_z));
	snprintf(path_z, sizeof(path_z), "/proc/self/fd/%d", fd);
	o.path_z = path_z;
	(void)script_load(fake_shm, &o, out, &conf, &errors, &warnings);
	fclose(out);
	close(fd);
	assert_int_equal(conf == NULL, errors > 0);
	return conf;
}

#define END "\nroute { exit; }\n"

static void settings_come_with_their_places(void **state)
{
	const struct conf *conf =
		load("#!define HERE 10.0.0.1\nloadmodule \"taker\"\n"
		     "modparam(\"taker\", \"one\", 1)\n  taker_one = \"x y\"\n"
		     "debug=3\ntls_domain [ HERE:5061 ] { a = 1; method = TLSv1.2+ c=\"d\" }\n"
		     "tls_domain[\"na me\"] { }\ntls_domain[client:[::1]:5061] { on = off\n}" END,
		     NULL);
	char *text = NULL;
	size_t n;
	FILE *out;

	(void)state;
	if (!conf)
		fail_msg("%s", said);
	assert_string_equal(((struct taker_conf *)conf->sections[taker_index])->seen,
			    "begin 3:19/26 one=1 4:3/15 taker_one='x y' 5:1/7 debug=3"
			    " tls_domain[10.0.0.1:5061]{ 6:28/32 a=1 6:35/44 method='TLSv1.2+'"
			    " 6:53/55 c='d' } tls_domain[\"na me\"]{ }"
			    " tls_domain[client:[::1]:5061]{ 8:33/38 on='off' } settle at 2");
	out = open_memstream(&text, &n);
	script_dump(conf, out);
	fclose(out);
	assert_non_null(strstr(text, "# seen: begin"));
	free(text);
	script_drop(&conf);
}

static void what_is_wrong_is_told_where_it_stands(void **state)
{
	(void)state;
	assert_null(load("loadmodule \"taker\"\ntaker_one = \"bad\"\ntaker_number=13" END, NULL));
	assert_non_null(strstr(said, ":2:13: that is bad"));
	/* single values first: nothing is settled before they are good */
	assert_null(strstr(said, "13 is no"));
	assert_null(load("loadmodule \"taker\"\ntaker_number=13" END, NULL));
	assert_non_null(strstr(said, ":1:12: 13 is no number for anybody"));
	assert_non_null(strstr(said, "hint: take another"));
	assert_null(load("taker_one = 1" END, NULL));
	assert_non_null(strstr(said, "unknown parameter \"taker_one\""));
	assert_null(load("tls_domain[x] { a = 1 }" END, NULL));
	assert_non_null(strstr(said, "\"tls_domain\" cannot stand here: it needs loadmodule"));
}

static void a_reload_compares_what_stands_without_modparam(void **state)
{
	const struct conf *was = load("loadmodule \"taker\"\ntaker_number=7" END, NULL), *now;

	(void)state;
	assert_non_null(was);
	now = load("loadmodule \"taker\"\ntaker_number=7\ntaker_one=\"other\"" END, was);
	assert_non_null(now);
	script_drop(&now);
	assert_null(load("loadmodule \"taker\"\ntaker_number=8" END, was));
	assert_non_null(strstr(said, ":2:1: \"taker_number\" would be 8 and is 7: this needs a "
				     "restart"));
	script_drop(&was);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_come_with_their_places),
		cmocka_unit_test(what_is_wrong_is_told_where_it_stands),
		cmocka_unit_test(a_reload_compares_what_stands_without_modparam),
	};

	return cmocka_run_group_tests(tests, fake_setup, fake_teardown);
}

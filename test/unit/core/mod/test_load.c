/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules are found, recognised in the file, opened once; anything else is told from them without being opened. */
#include "core/mod/elf.h"
#include "core/mod/load.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder_z[] = "/tmp/serac-mod-XXXXXX";
static char why[512];

static void path(char *out, size_t size, const char *name_z)
{
	snprintf(out, size, "%s/%s", folder_z, name_z);
}

static void write_file(const char *name_z, const void *p, size_t n)
{
	char path_z[256];
	FILE *f;

	path(path_z, sizeof(path_z), name_z);
	f = fopen(path_z, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
}

/* Makes NAME.so of one C text with the compiler that made us. */
static void build(const char *name_z, const char *text_z)
{
	char source_z[64], command[1024];

	snprintf(source_z, sizeof(source_z), "%s.c",
		 strrchr(name_z, '/') ? strrchr(name_z, '/') + 1 : name_z);
	write_file(source_z, text_z, strlen(text_z));
	snprintf(command, sizeof(command),
		 "cc -shared -fPIC -I. -D_GNU_SOURCE -fvisibility=hidden -o %s/%s.so %s/%s",
		 folder_z, name_z, folder_z, source_z);
	assert_int_equal(system(command), 0);
}

static const char good_z[] = "#include \"core/mod/api.h\"\n"
			     "const struct module_def serac_module MODULE_EXPORT = { .interface = "
			     "MODULE_INTERFACE, .name = \"good\" };\n";

static int load(const char *name_z, const struct module_def **def_r)
{
	*def_r = NULL;
	why[0] = '\0';
	return mod_load(str_z(folder_z), str_z(name_z), def_r, why, sizeof(why));
}

static void a_module_is_found_in_both_places_and_opened_once(void **state)
{
	const struct module_def *a, *b;

	(void)state;
	build("good", good_z);
	assert_int_equal(load("good", &a), 0);
	assert_string_equal(a->name, "good");
	assert_int_equal(load("good", &b), 0);
	assert_ptr_equal(a, b);
	char sub_z[256];

	path(sub_z, sizeof(sub_z), "deep");
	assert_int_equal(mkdir(sub_z, 0755), 0);
	build("deep/deep", "#include \"core/mod/api.h\"\n"
			   "const struct module_def serac_module MODULE_EXPORT = { .interface = "
			   "MODULE_INTERFACE, .name = \"deep\" };\n");
	assert_int_equal(load("deep", &a), 0);
	assert_string_equal(a->name, "deep");
}

static void several_folders_are_searched_in_order(void **state)
{
	const struct module_def *a;
	char mpath[256];

	(void)state;
	snprintf(mpath, sizeof(mpath), "/nowhere::%s:/tmp", folder_z);
	assert_int_equal(mod_load(str_z(mpath), STR("good"), &a, why, sizeof(why)), 0);
}

static void a_missing_module_is_told_with_what_is_like_it(void **state)
{
	const struct module_def *a;

	(void)state;
	assert_int_equal(load("goof", &a), -ENOENT);
	assert_null(a);
	assert_non_null(strstr(why, "there is no \"goof.so\" in"));
	assert_non_null(strstr(why, "did you mean \"good\"?"));
	assert_int_equal(load("completely_else", &a), -ENOENT);
	assert_null(strstr(why, "did you mean"));
	assert_int_equal(load("../good", &a), -EINVAL);
	assert_int_equal(load("", &a), -EINVAL);
}

/* Its constructor would leave a file: it never runs. */
static void a_foreign_object_is_never_opened(void **state)
{
	const struct module_def *a;
	char text[1024], mark_z[256];

	(void)state;
	path(mark_z, sizeof(mark_z), "opened");
	snprintf(text, sizeof(text),
		 "#include <stdio.h>\nint exports = 1;\n__attribute__((constructor)) static void "
		 "on(void) { fclose(fopen(\"%s\", \"w\")); }\n"
		 "extern int serac_module; __attribute__((visibility(\"default\"))) int "
		 "*foreign(void) { return &serac_module; }\n",
		 mark_z);
	build("foreign", text);
	assert_int_equal(load("foreign", &a), -ENOENT);
	assert_non_null(strstr(why, "is not a module of Serac"));
	assert_int_not_equal(access(mark_z, F_OK), 0);
}

static void another_version_is_refused(void **state)
{
	const struct module_def *a;

	(void)state;
	build("older", "#include \"core/mod/api.h\"\n"
		       "const struct module_def serac_module MODULE_EXPORT = { .interface = 99, "
		       ".name = \"older\" };\n");
	assert_int_equal(load("older", &a), -EPROTO);
	assert_non_null(strstr(why, "interface 99"));
	build("other", good_z);
	assert_int_equal(load("other", &a), -EPROTO);
	assert_non_null(strstr(why, "calls itself \"good\""));
	build("lacks", "#include \"core/mod/api.h\"\nint no_such_function(void);\n"
		       "const struct module_def serac_module MODULE_EXPORT = { .interface = "
		       "MODULE_INTERFACE, .name = \"lacks\", "
		       ".init = (void *)no_such_function };\n");
	assert_int_equal(load("lacks", &a), -ENOEXEC);
	assert_non_null(strstr(why, "no_such_function"));
}

static void files_that_are_no_objects_are_told(void **state)
{
	const struct module_def *a;
	char path_z[256];

	(void)state;
	write_file("text.so", "hello", 5);
	assert_int_equal(load("text", &a), -ENOEXEC);
	write_file("empty.so", "", 0);
	assert_int_equal(load("empty", &a), -ENOEXEC);
	path(path_z, sizeof(path_z), "folder.so");
	mkdir(path_z, 0755);
	assert_int_equal(load("folder", &a), -ENOEXEC);
}

/* Every prefix of a good module, and the module with each of many bytes changed: an answer, never a crash. */
static void damaged_objects_do_no_harm(void **state)
{
	static char bytes[1 << 20];
	char path_z[256];
	size_t n, found = 0;
	FILE *f;

	(void)state;
	path(path_z, sizeof(path_z), "good.so");
	f = fopen(path_z, "re");
	assert_non_null(f);
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	path(path_z, sizeof(path_z), "damaged.so");
	for (size_t cut = 0; cut < n; cut += 1 + n / 200) {
		write_file("damaged.so", bytes, cut);
		assert_true(elf_exports(path_z, STR("serac_module")) <= 0);
	}
	for (size_t at = 0; at < n; at += 1 + n / 1500) {
		char old = bytes[at];

		bytes[at] = (char)~old;
		write_file("damaged.so", bytes, n);
		found += elf_exports(path_z, STR("serac_module")) == 1;
		bytes[at] = old;
	}
	assert_true(found > 0);
	assert_int_equal(elf_exports("/no/such/file", STR("x")), -ENOENT);
}

static int setup(void **state)
{
	(void)state;
	return mkdtemp(folder_z) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[300];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder_z);
	return system(command);
}

/* --- a module that uses another ------------------------------------------------------------------------------------------------------- */
static const char giver_z[] =
	"#include \"core/mod/api.h\"\n"
	"static int twice(int n) { return 2 * n; }\n"
	"static const struct { int (*twice)(int n); } table = { twice };\n"
	"const struct module_def serac_module MODULE_EXPORT = { .interface = MODULE_INTERFACE, "
	".name = \"giver\", .api = &table };\n";
static const char taker_z[] =
	"#include \"core/mod/api.h\"\n"
	"struct giver { int (*twice)(int n); };\n"
	"static int init(struct run *run, const struct conf *conf) {\n"
	"	const struct giver *g = module_api(conf, \"giver\");\n"
	"	(void)run; return g ? g->twice(21) : -1; }\n"
	"static const char *const needs[] = { \"giver\", NULL };\n"
	"const struct module_def serac_module MODULE_EXPORT = { .interface = MODULE_INTERFACE, "
	".name = \"taker\", .init = init, .needs = needs };\n";

static void a_module_calls_another(void **state)
{
	const struct module_def *modules[2];
	struct conf conf = { .modules = modules };

	(void)state;
	build("giver", giver_z);
	build("taker", taker_z);
	assert_int_equal(load("taker", &modules[0]), 0);
	assert_string_equal(modules[0]->needs[0], "giver");
	conf.sections_n = 1;
	assert_int_equal(modules[0]->init(NULL, &conf), -1);
	assert_int_equal(load("giver", &modules[1]), 0);
	conf.sections_n = 2;
	assert_int_equal(modules[0]->init(NULL, &conf), 42);
	/* one that offers nothing */
	assert_null(module_api(&conf, "taker"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_is_found_in_both_places_and_opened_once),
		cmocka_unit_test(several_folders_are_searched_in_order),
		cmocka_unit_test(a_missing_module_is_told_with_what_is_like_it),
		cmocka_unit_test(a_foreign_object_is_never_opened),
		cmocka_unit_test(another_version_is_refused),
		cmocka_unit_test(files_that_are_no_objects_are_told),
		cmocka_unit_test(damaged_objects_do_no_harm),
		cmocka_unit_test(a_module_calls_another),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* xlog: which lines are written. */
#include "test/unit/modules/module_test.h"

static char log_path_z[64];

static struct str log_read(void)
{
	static char text[32768];
	FILE *f = fopen(log_path_z, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return str_of(text, n);
}

static int call(struct ctx *ctx, const char *name_z, const char *first_z, const char *second_z)
{
	struct value argv[2] = { value_str(str_z(first_z)), value_str(str_z(second_z)) };

	return fake_call(ctx, serac_module.functions, name_z, second_z ? 2 : 1, argv);
}

/* Where a parameter's value lies in the section. */
static size_t offset_of(const char *name_z)
{
	const struct param_def *p = serac_module.params;

	while (strcmp(p->name, name_z))
		p++;
	return p->offset;
}

static enum script_result script(struct ctx *ctx)
{
	static char many[1282];

	memset(many, 'a', 640);
	memset(many + 640, 'b', 641);
	((int64_t *)(void *)(fake.section + offset_of("buf_size")))[0] = 1280;
	assert_int_equal(call(ctx, "xnotice", many, NULL), FN_TRUE);
	atomic_store(&ctx->worker->slot->script_file_z, "test.cfg");
	atomic_store(&ctx->worker->slot->script_line, 41);
	assert_int_equal(call(ctx, "xlog", "plain\n", NULL), FN_TRUE);
	assert_int_equal(call(ctx, "xlog", "L_NOTICE", "noticed"), FN_TRUE);
	assert_int_equal(call(ctx, "xlog", "L_DBG", "too deep"), FN_TRUE);
	assert_int_equal(call(ctx, "xlog", "L_NONE", "unknown"), FN_FALSE);
	assert_int_equal(call(ctx, "xlog", "2", "by number"), FN_TRUE);
	assert_int_equal(call(ctx, "xlogl", "L_INFO", "placed"), FN_TRUE);
	assert_int_equal(call(ctx, "xwarn", "warned", NULL), FN_TRUE);
	assert_int_equal(call(ctx, "xdbg", "silent", NULL), FN_TRUE);
	assert_int_equal(call(ctx, "xerr", "line\r\ntwo", NULL), FN_TRUE);
	assert_int_equal(call(ctx, "xlogm", "L_INFO", "whole"), FN_TRUE);
	return SCRIPT_DONE;
}

static void lines_by_level(void **state)
{
	struct str log;

	(void)state;
	fake_module(&serac_module);
	fake.script = script;
	snprintf(log_path_z, sizeof(log_path_z), "/tmp/test_xlog.%d", (int)getpid());
	assert_int_equal(log_file_set(log_path_z), 0);
	log_level_set(LOG_INFO);
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	log = log_read();
	unlink(log_path_z);
	assert_has(log, "error script xlog text=plain\n");
	assert_has(log, "notice script xlog text=noticed\n");
	assert_has(log, "info script xlog text=\"by number\"\n");
	assert_has(log, "info script xlog file=test.cfg line=41 text=placed\n");
	assert_has(log, "warning script xlog text=warned\n");
	assert_has(log, "error script xlog text=\"line\\x0d\\x0atwo\"\n");
	assert_has(log, "info script xlog text=whole\n");
	assert_has(log, "info script xlog message=\"OPTIONS " URI_B);
	assert_has(log, "notice script xlog part=1 text=aaa");
	assert_has(log, "notice script xlog part=2 text=bbb");
	assert_has(log, "bbb left_out=1\n");
	assert_has_not(log, "too deep");
	assert_has_not(log, "silent");
	assert_has_not(log, "text=unknown");
}

static void levels_are_checked(void **state)
{
	struct value argv[2] = { value_str(STR("L_WRONG")), value_str(STR("x")) };

	(void)state;
	assert_non_null(fake_func(serac_module.functions, "xlog", 2)->check(argv, 2));
	argv[0] = value_str(STR("L_INFO"));
	assert_null(fake_func(serac_module.functions, "xlog", 2)->check(argv, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(lines_by_level),
		cmocka_unit_test(levels_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that runs out at every place in turn: loading ends with an error and leaves nothing, running ends the script. */
#include "fake.h"
#include "core/mem/fault.h"

static const char script[] =
	"#!define NAME value\n#!ifdef NAME\n#!endif\n"
	"loadmodule \"sl\"\nmodparam(\"s.\", \"server_name\", \"x\" "
	"\"y\")\nchildren=3\neach=\"text\"\n"
	"listen=udp:127.0.0.1:5060 name \"x\" advertise 1.2.3.4:5\nalias=example.com\n"
	"route {\n"
	"	if (uri =~ '^sip:(a|b)' && method == INVITE || src_ip == 10.0.0.0/8) { route(X); "
	"}\n"
	"	fmt('a $abc %@list.arg[2] $rc'); hdr(\"X: $(arg(k))\\r\\n\");\n"
	"	tt('x' + @a.n42, -5, @list.key.Subject); ti(0x7fffffffff); host(a.b.c);\n"
	"	if (@a.abc =~ $abc || matches($abc, 'abc')) t(src_ip);\n"
	"	wait(3); t(method == FROB);\n"
	"}\n"
	"route[X] { if (proto == UDP) return 2; else drop; }\n"
	"onreply_route { if (status == 200) exit; }\n";

static void loading_survives_a_full_shared_memory(void **state)
{
	const struct conf *conf;
	struct shm_stats stats;
	static char text[200000];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s", script);
	unsigned failures = 0;
	int r = -ENOMEM;

	(void)state;
	for (int i = 0; i < 1000; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "route[R%d] { if (uri =~ '^%d' && @list.key.K%d == 'a') "
					 "fmt('x $abc %d'); }\n",
					 i, i, i, i);
	shm_drop(&fake_shm);
	for (size_t pages = 8; r < 0 && pages < 2000; pages++) {
		fake_shm = shm_new((size_t)64 << 20, pages * SHM_PAGE, 4);
		if (!fake_shm)
			continue;
		r = fake_load_text(str_of(text, used), false, &conf);
		assert_true(r == 0 || r == -ENOMEM ||
			    (r == -EINVAL && strstr(fake_said, "memory")));
		failures += r < 0;
		if (r == 0)
			script_drop(&conf);
		shm_stats(fake_shm, &stats);
		assert_int_equal(stats.chunks_live, 0);
		shm_drop(&fake_shm);
	}
	assert_int_equal(r, 0);
	assert_true(failures > 0);
	fake_setup(NULL);
}

#ifdef SERAC_FAULT
static void loading_survives_every_failed_allocation(void **state)
{
	const struct conf *conf;
	struct shm_stats before, after;
	unsigned failed = 0, last = 0;

	(void)state;
	shm_stats(fake_shm, &before);
	for (unsigned n = 1; n < last + 500; n++) {
		int r;

		fault_alloc_fail(n);
		r = fake_load_text(str_z(script), false, &conf);
		fault_alloc_fail(0);
		if (r < 0 && r != -ENOMEM && !strstr(fake_said, "memory"))
			fail_msg("allocation %u: %d\n%s", n, r, fake_said);
		if (r == 0) {
			script_drop(&conf);
		} else {
			failed++;
			last = n;
		}
		shm_stats(fake_shm, &after);
		assert_int_equal(after.chunks_live, before.chunks_live);
	}
	assert_true(failed > 150);
}

static void running_survives_every_failed_allocation(void **state)
{
	const struct conf *conf;
	char *whole;
	unsigned n;

	(void)state;
	assert_int_equal(fake_load_text(str_z(script), false, &conf), 0);
	fake_run(conf, str_z(fake_invite));
	whole = strdup(fake_traced());
	for (n = 1; n < 10000; n++) {
		enum script_result r;

		fake_ctx_begin(conf, str_z(fake_invite));
		fault_alloc_fail(n);
		r = script_hooks.start(&fake.ctx);
		while (r == SCRIPT_WAITS)
			r = script_hooks.resume(&fake.ctx, fake_wait_value);
		script_hooks.end(&fake.ctx);
		fault_alloc_fail(0);
		assert_null(fake.slot->script_file_z);
		if (!strcmp(fake_traced(), whole))
			break;
	}
	assert_true(n > 5 && n < 10000);
	free(whole);
	script_drop(&conf);
}
#endif

/* A message's pool has a limit: scripts that want more end, or go on with a false value, and say so. */
static void running_survives_a_full_pool(void **state)
{
	const struct conf *conf;
	char text[8192] = "route {\n";
	size_t n = strlen(text);

	(void)state;
	for (int i = 0; i < 40; i++)
		n += (size_t)snprintf(
			text + n, sizeof(text) - n,
			"if (@a.abc =~ $abc) t(@a.abc + @a.abc + src_ip);\nfmt('$abc $n42');\n");
	snprintf(text + n, sizeof(text) - n, "t('end'); }\n");
	assert_int_equal(fake_load_text(str_z(text), false, &conf), 0);
	for (size_t max = 2048; max < 200000; max += 512) {
		pool_drop(&fake.pool);
		fake.pool = pool_new(1024, max);
		assert_non_null(fake.pool);
		fake_ctx_begin(conf, str_z(fake_invite));
		script_hooks.start(&fake.ctx);
		script_hooks.end(&fake.ctx);
		assert_null(fake.slot->script_file_z);
	}
	assert_non_null(strstr(fake_traced(), "end"));
	pool_drop(&fake.pool);
	script_drop(&conf);
}

static int quiet(void **state)
{
	fault_init();
	return fake_setup_quiet(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loading_survives_a_full_shared_memory),
#ifdef SERAC_FAULT
		cmocka_unit_test(loading_survives_every_failed_allocation),
		cmocka_unit_test(running_survives_every_failed_allocation),
#endif
		cmocka_unit_test(running_survives_a_full_pool),
	};

	return cmocka_run_group_tests(tests, quiet, fake_teardown);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared script variables: names over several configurations, values under several processes. */
#include "test/unit/core/mem/mem_test.h"

#include "core/mem/fault.h"
#include "core/msg/ctx.h"
#include "core/msg/shv.h"

#include <errno.h>
#include <string.h>

#define CHILDREN 4
#define ROUNDS	 20000

static struct test {
	struct shm *shm;
	struct conf conf;
	struct ctx ctx;
} t;

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.shm = shm_new(256 * MIB, 64 * MIB, 8);
	shm_slot_set(SHM_MAIN);
	t.conf.shvs = shvs_new(t.shm);
	t.ctx.conf = &t.conf;
	t.ctx.pool = pool_new(4096, MIB);
	return !t.conf.shvs || !t.ctx.pool;
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(verify(t.shm), 0);
	pool_drop(&t.ctx.pool);
	shm_drop(&t.shm);
	return 0;
}

static unsigned declare_at(unsigned place, const char *name_z, const struct value *initial)
{
	struct conf conf = t.conf;
	unsigned index = UINT32_MAX;

	conf.place = place;
	assert_int_equal(shv_declare(&conf, str_z(name_z), initial, &index), 0);
	return index;
}

static struct value get(unsigned index)
{
	struct value v;

	assert_int_equal(shv_get(&t.ctx, index, &v), 0);
	return v;
}

static void a_new_one_is_zero_or_what_is_said(void **state)
{
	const struct value five = value_int(5), six = value_int(6), text = value_str(STR("x"));

	(void)state;
	assert_int_equal(get(declare_at(0, "a", NULL)).type, VALUE_INT);
	assert_int_equal(get(declare_at(0, "a", NULL)).i, 0);
	declare_at(0, "b", &five);
	assert_int_equal(get(declare_at(0, "b", &six)).i, 6);
	assert_int_equal(get(declare_at(0, "b", NULL)).i, 6);
	assert_true(str_eq(get(declare_at(0, "c", &text)).s, STR("x")));
}

static void a_value_outlives_a_reload(void **state)
{
	const struct value five = value_int(5), nine = value_int(9);
	unsigned a = declare_at(0, "a", &five);

	(void)state;
	assert_int_equal(shv_set(&t.ctx, a, &nine), 0);
	assert_int_equal(declare_at(1, "a", &five), a);
	shvs_release(t.conf.shvs, 0);
	assert_int_equal(get(a).i, 9);
	assert_int_equal(declare_at(2, "a", &five), a);
	shvs_release(t.conf.shvs, 1);
	shvs_release(t.conf.shvs, 2);
	/* nobody names it any more: it begins anew, also where a load that failed had named it */
	assert_int_equal(get(declare_at(0, "a", &five)).i, 5);
}

static void rows_of_names_that_are_gone_are_used_again(void **state)
{
	char name_z[16];
	struct conf conf = t.conf;
	unsigned index;

	(void)state;
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < SHV_MAX; i++) {
			snprintf(name_z, sizeof(name_z), "v%u-%u", round, i);
			declare_at(0, name_z, NULL);
		}
		assert_int_equal(shv_declare(&conf, STR("more"), NULL, &index), -ENOSPC);
		shvs_release(t.conf.shvs, 0);
	}
}

static void all_kinds_of_values(void **state)
{
	unsigned a = declare_at(0, "a", NULL);
	char big[SHV_TEXT_MAX + 1];
	struct value v;

	(void)state;
	memset(big, 'b', sizeof(big));
	v = value_str(str_of(big, SHV_TEXT_MAX));
	assert_int_equal(shv_set(&t.ctx, a, &v), 0);
	assert_true(str_eq(get(a).s, v.s));
	v = value_str(str_of(big, sizeof(big)));
	assert_int_equal(shv_set(&t.ctx, a, &v), -EMSGSIZE);
	assert_int_equal(get(a).s.n, SHV_TEXT_MAX);
	v = value_str(STR(""));
	assert_int_equal(shv_set(&t.ctx, a, &v), 0);
	assert_int_equal(get(a).type, VALUE_STR);
	assert_int_equal(get(a).s.n, 0);
	v = value_int(INT64_MIN);
	assert_int_equal(shv_set(&t.ctx, a, &v), 0);
	assert_true(get(a).i == INT64_MIN);
	v = value_null();
	assert_int_equal(shv_set(&t.ctx, a, &v), 0);
	assert_int_equal(get(a).type, VALUE_INT);
	assert_int_equal(get(a).i, 0);
}

static void bad_names_are_refused(void **state)
{
	char long_z[SHV_NAME_MAX + 2];
	unsigned index;

	(void)state;
	memset(long_z, 'n', sizeof(long_z));
	assert_int_equal(shv_declare(&t.conf, STR(""), NULL, &index), -EINVAL);
	assert_int_equal(shv_declare(&t.conf, str_of(long_z, SHV_NAME_MAX + 1), NULL, &index),
			 -EINVAL);
	assert_int_equal(shv_declare(&t.conf, str_of(long_z, SHV_NAME_MAX), NULL, &index), 0);
}

static void initial_values_are_read_as_kamailio_does(void **state)
{
	static const struct {
		const char *text;
		const char *name; /* NULL: an error */
		const char *value;
		int64_t number;
	} vectors[] = {
		{ "a=i:5", "a", NULL, 5 },	  { "a=I:-7", "a", NULL, -7 },
		{ "abc=s:x=y", "abc", "x=y", 0 }, { "a=S:", "a", "", 0 },
		{ "a=i:five", NULL, NULL, 0 },	  { "a=5", NULL, NULL, 0 },
		{ "=i:5", NULL, NULL, 0 },	  { "a", NULL, NULL, 0 },
		{ "a=", NULL, NULL, 0 },	  { "a=x:5", NULL, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		struct str name;
		struct value v;
		const char *wrong = shv_initial_parse(str_z(vectors[i].text), &name, &v);

		assert_int_equal(!wrong, vectors[i].name != NULL);
		if (wrong)
			continue;
		assert_true(str_eq(name, str_z(vectors[i].name)));
		assert_int_equal(v.type, vectors[i].value ? VALUE_STR : VALUE_INT);
		if (vectors[i].value)
			assert_true(str_eq(v.s, str_z(vectors[i].value)));
		else
			assert_int_equal(v.i, vectors[i].number);
	}
}

/* Text of one letter, of a length that the letter says. */
static void write_and_read_once(unsigned index, unsigned round)
{
	char text[SHV_TEXT_MAX], c = (char)('a' + round % 26);
	struct value v;

	memset(text, c, sizeof(text));
	v = value_str(str_of(text, (size_t)(c - 'a' + 1) * 30));
	CHECK(!shv_set(&t.ctx, index, &v));
	CHECK(!shv_get(&t.ctx, index, &v));
	CHECK(v.type == VALUE_STR && v.s.n == (size_t)(v.s.p[0] - 'a' + 1) * 30);
	for (size_t k = 1; k < v.s.n; k++)
		CHECK(v.s.p[k] == v.s.p[0]);
	pool_reset(t.ctx.pool);
}

static void write_and_read(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++)
		write_and_read_once(*(unsigned *)arg, i);
}

static void readers_see_whole_values(void **state)
{
	unsigned index = declare_at(0, "a", NULL);
	pid_t pids[CHILDREN];

	(void)state;
	for (unsigned i = 0; i < CHILDREN; i++)
		pids[i] = start_child(i, write_and_read, &index);
	for (unsigned i = 0; i < CHILDREN; i++)
		assert_true(child_ended(pids[i]));
}

static void a_killed_writer_leaves_a_whole_value(void **state)
{
	unsigned index = declare_at(0, "a", NULL);

	(void)state;
	for (unsigned i = 0; i < 40; i++) {
		pid_t one = start_child(0, write_and_read, &index);
		pid_t other = start_child(1, write_and_read, &index);

		usleep(500 + 100 * i);
		kill(one, SIGKILL);
		kill(other, SIGKILL);
		child_ended(one);
		child_ended(other);
		write_and_read_once(index, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_new_one_is_zero_or_what_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(a_value_outlives_a_reload, setup, teardown),
		cmocka_unit_test_setup_teardown(rows_of_names_that_are_gone_are_used_again, setup,
						teardown),
		cmocka_unit_test_setup_teardown(all_kinds_of_values, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_names_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(initial_values_are_read_as_kamailio_does, setup,
						teardown),
		cmocka_unit_test_setup_teardown(readers_see_whole_values, setup, teardown),
		cmocka_unit_test_setup_teardown(a_killed_writer_leaves_a_whole_value, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

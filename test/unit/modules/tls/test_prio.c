/* SPDX-License-Identifier: BSD-2-Clause */
/* Priorities: each text once, found by all, whoever died while he made one. */
#include "test/unit/core/mem/mem_test.h"

#include "modules/tls/memory.h"
#include "modules/tls/prio.h"

#include <string.h>

static struct shm *shm;
static const char *why_z;

static int begin(void **state)
{
	(void)state;
	shm = shm_new(256 * MIB, 64 * MIB, 4);
	assert_non_null(shm);
	shm_slot_set(SHM_MAIN);
	memory_start(shm);
	return 0;
}

static int end(void **state)
{
	(void)state;
	assert_int_equal(verify(shm), 0);
	memory_start(NULL);
	shm_drop(&shm);
	return 0;
}

static gnutls_priority_t find(const char *text_z)
{
	return tls_prio_find(shm, str_z(text_z), &why_z);
}

static void each_text_is_made_once(void **state)
{
	gnutls_priority_t normal, other;
	size_t in_use;

	(void)state;
	normal = find("NORMAL");
	other = find("NORMAL:-VERS-TLS1.3");
	assert_non_null(normal);
	assert_non_null(other);
	assert_ptr_not_equal(normal, other);
	assert_true(shm_has(shm, normal));
	in_use = used(shm);
	assert_ptr_equal(find("NORMAL"), normal);
	assert_ptr_equal(find("NORMAL:-VERS-TLS1.3"), other);
	assert_int_equal(used(shm), in_use);
}

static void what_is_wrong_with_a_text_is_said(void **state)
{
	char long_z[5000];

	(void)state;
	assert_null(find("NORMAL:+NOTHING-LIKE-THIS:-RSA"));
	assert_non_null(strstr(why_z, "+NOTHING-LIKE-THIS"));
	assert_null(find("NONE"));
	assert_non_null(why_z);
	memset(long_z, 'x', sizeof(long_z));
	long_z[sizeof(long_z) - 1] = '\0';
	assert_null(find(long_z));
	assert_string_equal(why_z, "it is too long");
}

static void there_are_not_too_many(void **state)
{
	char text_z[64];

	(void)state;
	for (unsigned i = 0; i < TLS_PRIOS_MAX; i++) {
		snprintf(text_z, sizeof(text_z), "NORMAL%s%s%s%s%s%s%s", i & 1 ? ":+RSA" : "",
			 i & 2 ? ":-RSA" : "", i & 4 ? ":+PSK" : "", i & 8 ? ":-PSK" : "",
			 i & 16 ? ":+SRP" : "", i & 32 ? ":-SRP" : "",
			 i & 64 ? ":-VERS-TLS1.0" : "");
		assert_non_null(find(text_z));
	}
	assert_null(find("NORMAL:-VERS-TLS1.1"));
	assert_non_null(strstr(why_z, "restarted"));
	assert_non_null(find("NORMAL"));
}

static void a_loader(void *arg)
{
	CHECK(find(arg) != NULL);
}

/* What a loader made is there for those after it. */
static void a_loader_that_ends_leaves_it(void **state)
{
	(void)state;
	assert_non_null(find("NORMAL"));
	assert_true(run_child(SHM_LOADER, a_loader, "SECURE128"));
	shm_recover(shm, SHM_LOADER);
	assert_non_null(find("SECURE128"));
}

#ifdef SERAC_FAULT
static void loaders_may_die_at_any_place(void **state)
{
	static const char *const places[] = { "tls.prio.begun", "tls.prio.made" };
	size_t in_use, row;

	(void)state;
	assert_non_null(find("NORMAL"));
	row = used(shm);
	assert_non_null(find("SECURE256"));
	in_use = used(shm);
	row = in_use - row;
	for (unsigned i = 0; i < 6; i++) {
		fault_kill_at(places[i % 2], 1);
		assert_false(run_child(SHM_LOADER, a_loader, "SECURE128"));
		fault_kill_at(NULL, 0);
		shm_recover(shm, SHM_LOADER);
		assert_int_equal(verify(shm), 0);
	}
	/* the next one takes up what is left, and leaves one row and no more */
	assert_true(run_child(SHM_LOADER, a_loader, "SECURE128"));
	shm_recover(shm, SHM_LOADER);
	assert_int_equal(used(shm), in_use + row);
	assert_non_null(find("SECURE128"));
}

static void without_memory_there_is_none(void **state)
{
	size_t in_use;

	(void)state;
	assert_non_null(find("NORMAL"));
	in_use = used(shm);
	for (unsigned n = 1;; n++) {
		gnutls_priority_t p;

		fault_alloc_fail(n);
		p = find("SECURE256");
		if (!fault_happened()) {
			fault_alloc_fail(0);
			assert_non_null(p);
			break;
		}
		fault_alloc_fail(0);
		assert_null(p);
		assert_int_equal(used(shm), in_use);
	}
}
#endif

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_text_is_made_once),	    TEST(what_is_wrong_with_a_text_is_said),
		TEST(there_are_not_too_many),	    TEST(a_loader_that_ends_leaves_it),
#ifdef SERAC_FAULT
		TEST(loaders_may_die_at_any_place), TEST(without_memory_there_is_none),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

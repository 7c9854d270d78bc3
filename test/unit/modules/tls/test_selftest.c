/* SPDX-License-Identifier: BSD-2-Clause */
/* This machine's GnuTLS is as it must be, and asking it leaves nothing. */
#include "test/unit/modules/tls/tls_test.h"

static void this_library_can_share_and_resume(void **state)
{
	(void)state;
	test_start();
	tls_selftest_run(t.shm);
	assert_true(tls_selftest_result()->sharing);
	assert_true(tls_selftest_result()->tickets);
	assert_null(tls_selftest_result()->why_z);
	test_stop();
}

static void it_says_so_for_people(void **state)
{
	char *text_z = NULL;
	size_t n;
	FILE *out = open_memstream(&text_z, &n);

	(void)state;
	tls_selftest_about(out);
	fclose(out);
	assert_non_null(strstr(text_z, "tls: GnuTLS 3."));
	assert_non_null(strstr(text_z, ", sessions are every worker's, and can be resumed\n"));
	free(text_z);
}

static void the_import_of_free_is_redirected(void **state)
{
	(void)state;
	assert_int_not_equal(memory_redirected(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_library_can_share_and_resume),
		cmocka_unit_test(it_says_so_for_people),
		cmocka_unit_test(the_import_of_free_is_redirected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

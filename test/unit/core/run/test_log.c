/* SPDX-License-Identifier: BSD-2-Clause */
/* Log lines: form, escaping, JSON, limits, and that nobody waits for a reader. */
#include "core/run/log.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static int reader;

/* stderr becomes a pipe that the test reads. */
static int pipe_setup(void **state)
{
	int p[2];

	(void)state;
	if (pipe2(p, O_CLOEXEC) || dup2(p[1], STDERR_FILENO) < 0)
		return -1;
	close(p[1]);
	reader = p[0];
	fcntl(reader, F_SETFL, O_NONBLOCK);
	return log_file_set(NULL);
}

static struct str line_read(char *out, size_t size)
{
	ssize_t n = read(reader, out, size);

	return n > 0 ? str_of(out, (size_t)n) : STR_NULL;
}

static void line_has_level_area_message_and_keys(void **state)
{
	struct addr a;
	char out[4096];
	struct str line;

	(void)state;
	assert_int_equal(addr_port_parse(STR("[2001:db8::1]:5060"), &a), 0);
	log_format_set(LOG_TEXT);
	log_warn("tcp", "could not connect", KV_ADDR("peer", &a), KV_INT("n", -3),
		 KV_ERRNO(ECONNREFUSED), KV_STR("name", STR("a\r\nb\"c")));
	line = line_read(out, sizeof(out));
	assert_true(
		str_eq(line, STR("warning tcp could not connect peer=[2001:db8::1]:5060 n=-3 "
				 "reason=\"Connection refused\" name=\"a\\x0d\\x0ab\\\"c\"\n")));
}

static void json_line_is_one_object(void **state)
{
	char out[4096];
	struct str line;

	(void)state;
	log_format_set(LOG_JSON);
	log_err("script", "no", KV_STR("v", STR("\"\x01\xff")));
	log_format_set(LOG_TEXT);
	line = line_read(out, sizeof(out));
	assert_true(str_starts(line, STR("{\"time\":\"")));
	assert_true(
		str_find(line, STR("\"level\":\"error\",\"area\":\"script\",\"message\":\"no\"")) >
		0);
	assert_true(str_find(line, STR("\"v\":\"\\\"\\u0001\xef\xbf\xbd\"}\n")) > 0);
}

static void a_record_stands_as_it_is(void **state)
{
	char out[4096], big[LOG_RECORD_MAX + 100];
	struct str line;

	(void)state;
	log_process_set("worker", 3);
	log_record(LOG_NOTICE, "acc", STR("ACC: a;b=\"c\""), false);
	assert_true(str_eq(line_read(out, sizeof(out)), STR("notice acc ACC: a;b=\"c\"\n")));
	memset(big, '"', sizeof(big));
	log_record(LOG_NOTICE, "acc", str_of(big, sizeof(big)), false);
	line = line_read(out, sizeof(out));
	assert_int_equal(line.n, strlen("notice acc \n") + LOG_RECORD_MAX);

	log_format_set(LOG_JSON);
	log_record(LOG_NOTICE, "acc", STR("{\"a\":1}"), true);
	line = line_read(out, sizeof(out));
	assert_true(str_find(line, STR("\"level\":\"notice\",\"area\":\"acc\",\"record\":{\"a\":1},"
				       "\"process\":\"worker\",\"worker\":3}\n")) > 0);
	log_record(LOG_NOTICE, "acc", STR("ACC: a;b=\"c\""), false);
	line = line_read(out, sizeof(out));
	assert_true(str_find(line, STR(",\"message\":\"ACC: a;b=\\\"c\\\"\",\"process\"")) > 0);
	log_record(LOG_NOTICE, "acc", str_of(big, sizeof(big)), false);
	line = line_read(out, sizeof(out));
	assert_true(line.n > 3800 && str_find(line, STR("\\\"\",\"process\":\"worker\"")) > 0);
	assert_true(str_eq(str_skip(line, line.n - 2), STR("}\n")));
	log_format_set(LOG_TEXT);
	log_process_set(NULL, -1);
}

static void peer_data_is_cut(void **state)
{
	char out[8192], big[5000];
	struct str line;

	(void)state;
	memset(big, 'A', sizeof(big));
	log_info("x", "big", KV_STR("v", str_of(big, sizeof(big))), KV_INT("after", 1));
	line = line_read(out, sizeof(out));
	assert_true(line.n < 400);
	assert_true(str_find(line, STR("...\" after=1\n")) > 0);
}

static void level_filters(void **state)
{
	char out[256];

	(void)state;
	log_level_set(LOG_WARN);
	log_info("x", "quiet");
	assert_true(str_is_null(line_read(out, sizeof(out))));
	log_level_set(LOG_INFO);
}

static void full_pipe_is_counted_not_waited_for(void **state)
{
	char out[65536];
	struct str got;
	uint64_t before = log_lost();
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 5000; i++)
		log_info("x", "fill the pipe with a line of some length", KV_INT("i", i));
	assert_true(log_lost() > before);
	while (!str_is_null(got = line_read(out, sizeof(out)))) {
		for (size_t i = 0; i < got.n; i++)
			lines += got.p[i] == '\n';
	}
	assert_int_equal(lines + log_lost() - before, 5000);
	log_info("x", "again");
	got = line_read(out, sizeof(out));
	assert_true(str_starts(got, STR("warning log lines were lost, nobody read them lines=")));
}

static void a_site_is_limited(void **state)
{
	char out[65536];
	struct str got;
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 1000; i++)
		log_limited(LOG_WARN, "x", "again and again");
	got = line_read(out, sizeof(out));
	for (size_t i = 0; i < got.n; i++)
		lines += got.p[i] == '\n';
	assert_in_range(lines, 10, 20); /* two seconds at the most */
}

static void log_file_is_opened_again(void **state)
{
	char dir_z[] = "test-log-XXXXXX", old_z[64], new_z[64];

	(void)state;
	assert_non_null(mkdtemp(dir_z));
	snprintf(old_z, sizeof(old_z), "%s/a", dir_z);
	snprintf(new_z, sizeof(new_z), "%s/b", dir_z);
	assert_int_equal(log_file_set(old_z), 0);
	log_info("x", "one");
	assert_int_equal(rename(old_z, new_z), 0);
	log_info("x", "two");
	assert_int_equal(log_reopen(), 0);
	log_info("x", "three");
	assert_int_equal(access(old_z, R_OK), 0);
	assert_int_equal(log_file_set("/nowhere/at/all"), -ENOENT);
	log_info("x", "four");
	assert_int_equal(log_file_set(NULL), 0);
	unlink(old_z);
	unlink(new_z);
	rmdir(dir_z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_has_level_area_message_and_keys),
		cmocka_unit_test(json_line_is_one_object),
		cmocka_unit_test(a_record_stands_as_it_is),
		cmocka_unit_test(peer_data_is_cut),
		cmocka_unit_test(level_filters),
		cmocka_unit_test(full_pipe_is_counted_not_waited_for),
		cmocka_unit_test(a_site_is_limited),
		cmocka_unit_test(log_file_is_opened_again),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors over a channel, and a full one. */
#include "core/run/channel.h"

#include "core/base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <cmocka.h>

static void descriptor_arrives(void **state)
{
	struct channel c;
	struct channel_msg m = { .kind = CHANNEL_CONN_TAKE, .id = 42 }, got;
	int p[2], fd;
	char byte;

	(void)state;
	assert_int_equal(channel_open(&c), 0);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(channel_send(c.main_fd, &m, p[0]), 0);
	assert_int_equal(channel_send(c.main_fd, &m, -1), 0);
	assert_int_equal(channel_recv(c.worker_fd, &got, &fd), 0);
	assert_int_equal(got.id, 42);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
	assert_int_equal(channel_recv(c.worker_fd, &got, &fd), 0);
	assert_int_equal(fd, -1);
	assert_int_equal(channel_recv(c.worker_fd, &got, &fd), -EAGAIN);
	close(p[0]);
	close(p[1]);
	channel_close(&c);
}

static void full_channel_says_so(void **state)
{
	struct channel c;
	struct channel_msg m = { .kind = CHANNEL_CONN_TAKE }, got;
	int n = 0, fd, err;

	(void)state;
	assert_int_equal(channel_open(&c), 0);
	while ((err = channel_send(c.main_fd, &m, STDIN_FILENO)) == 0 && n < 1000000)
		n++;
	assert_int_equal(err, -EAGAIN);
	while (channel_recv(c.worker_fd, &got, &fd) == 0) {
		close(fd);
		n--;
	}
	assert_int_equal(n, 0);
	channel_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptor_arrives),
		cmocka_unit_test(full_channel_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What time it is: the message's, or now. */
#include "fake.h"

/* Some times are the message's, whenever they are read, others are now. */
static enum script_result script_reads_times(struct ctx *ctx)
{
	static const char *const now[][2] = { { "$TS", NULL },
					      { "$TV", "sn" },
					      { "@sys.now", NULL } };

	assert_true(fake_attr_read(ctx, "$Ts", NULL).i > 1700000000);
	assert_int_equal(ctx->time.tv_sec, fake_attr_read(ctx, "$Ts", NULL).i);
	ctx->time = (struct timespec){ .tv_sec = 1000000000, .tv_nsec = 123456789 };
	assert_int_equal(fake_attr_read(ctx, "$Ts", NULL).i, 1000000000);
	assert_int_equal(fake_attr_read(ctx, "$TV", "s").i, 1000000000);
	assert_int_equal(fake_attr_read(ctx, "$TV", "u").i, 123456);
	assert_int_equal(fake_attr_read(ctx, "$utime", "year").i, 2001);
	assert_text(fake_attr_read(ctx, "$utimef", "%H:%M:%S").s, STR("01:46:40"));
	assert_has(fake_attr_read(ctx, "$Tf", NULL).s, "2001");
	for (size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++)
		assert_true(fake_attr_read(ctx, now[i][0], now[i][1]).i > 1700000000);
	assert_has_not(fake_attr_read(ctx, "$TV", "Sn").s, "1000000000.");
	assert_has_not(fake_attr_read(ctx, "$TF", NULL).s, "2001");
	return SCRIPT_DONE;
}

static void times_are_of_the_message_or_now(void **state)
{
	(void)state;
	fake.script = script_reads_times;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.runs, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { FAKE_TEST(times_are_of_the_message_or_now) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

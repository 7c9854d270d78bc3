/* SPDX-License-Identifier: BSD-2-Clause */
/* How a record is written: Kamailio's line, JSON, and what does not fit. */
#include "test/unit/modules/module_test.h"

#include "modules/acc/acc.h"

#include <jansson.h>

static char text[ACC_RECORD_MAX];

static struct str written(const struct acc_record *r, bool is_json)
{
	struct buf b = BUF_ON(text);

	if (is_json)
		acc_json_put(&b, r);
	else
		acc_text_put(&b, r);
	assert_true(buf_ok(&b));
	return buf_str(&b);
}

static struct acc_field core_rows[] = {
	{ STR_INIT("method"), STR_INIT("INVITE"), false },
	{ STR_INIT("to_tag"), { NULL, 0 }, false },
	{ STR_INIT("code"), STR_INIT("200"), true },
	{ STR_INIT("reason"), STR_INIT("a;code=1\\\r\n\x80\"'=z"), false },
};
static struct acc_field extra_rows[] = { { STR_INIT("ua"), STR_INIT("phone"), false } };
static struct acc_field leg_rows[] = { { STR_INIT("a"), STR_INIT("1"), false },
				       { STR_INIT("b"), STR_INIT("2"), false },
				       { STR_INIT("a"), { NULL, 0 }, false },
				       { STR_INIT("b"), STR_INIT("4"), false } };
static struct acc_field place_rows[] = {
	{ STR_INIT("src"), STR_INIT("udp:192.0.2.1:5060"), false },
};

static struct acc_record a_record(void)
{
	return (struct acc_record){ .event = ACC_ANSWERED,
				    .at = { .tv_sec = 1700000000, .tv_nsec = 4999999 },
				    .core = { core_rows, 4 },
				    .extra = { extra_rows, 1 },
				    .legs = { leg_rows, 4 },
				    .leg_fields = 2,
				    .places = { place_rows, 1 } };
}

static void a_line_is_kamailios(void **state)
{
	struct acc_record r = a_record();

	(void)state;
	assert_text(written(&r, false),
		    STR("ACC: transaction answered: timestamp=1700000000;method=INVITE;to_tag=;"
			"code=200;reason=a\\x3bcode=1\\x5c\\x0d\\x0a\\x80\"'=z;ua=phone;"
			"a=1;b=2;a=;b=4;src=udp:192.0.2.1:5060"));
	r.event = ACC_REQUEST;
	assert_has(written(&r, false), "ACC: request accounted: timestamp=");
	r.event = ACC_MISSED;
	assert_has(written(&r, false), "ACC: call missed: timestamp=");
	r.event = ACC_ACKED;
	assert_has(written(&r, false), "ACC: request acknowledged: timestamp=");
}

static void json_is_one_object(void **state)
{
	struct acc_record r = a_record();

	(void)state;
	assert_text(
		written(&r, true),
		STR("{\"event\":\"answered\",\"timestamp\":1700000000.004,"
		    "\"method\":\"INVITE\",\"to_tag\":null,\"code\":200,"
		    "\"reason\":\"a;code=1\\\\\\u000d\\u000a\xef\xbf\xbd\\\"'=z\",\"ua\":\"phone\","
		    "\"legs\":[{\"a\":\"1\",\"b\":\"2\"},{\"a\":null,\"b\":\"4\"}],"
		    "\"src\":\"udp:192.0.2.1:5060\"}"));
}

static void the_time_stands_behind_the_timestamp(void **state)
{
	struct acc_record r = a_record();

	(void)state;
	r.time = (struct acc_field){ STR("t"), STR("5"), true };
	assert_has(written(&r, false), "timestamp=1700000000;t=5;method=");
	assert_has(written(&r, true), "\"timestamp\":1700000000.004,\"t\":5,\"method\":");
}

/* Long values are cut, what does not fit is counted, and who called whom is there always. */
static void what_does_not_fit_is_counted(void **state)
{
	static char big[ACC_VALUE_MAX + 1];
	struct acc_field many[ACC_EXTRA_MAX];
	struct acc_record r = a_record();
	json_error_t e;
	json_t *j;

	(void)state;
	memset(big, ';', sizeof(big));
	for (unsigned i = 0; i < ACC_EXTRA_MAX; i++)
		many[i] = (struct acc_field){ STR("x"), str_of(big, sizeof(big)), false };
	r.extra = (struct acc_fields){ many, ACC_EXTRA_MAX };
	assert_has(written(&r, false), ";src=udp:192.0.2.1:5060;left_out=6");
	j = json_loadb(text, written(&r, true).n, 0, &e);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "src")), "udp:192.0.2.1:5060");
	assert_true(json_integer_value(json_object_get(j, "left_out")) > 40);
	assert_int_equal(json_string_length(json_object_get(j, "x")), ACC_VALUE_MAX);
	json_decref(j);
}

/* Fields of each length, so that the end of the room falls everywhere. */
static void every_length_is_sound_json(void **state)
{
	static char big[ACC_VALUE_MAX];
	struct acc_field many[20];
	struct acc_record r = a_record();

	(void)state;
	memset(big, '"', sizeof(big));
	for (unsigned n = 0; n < sizeof(big); n++) {
		json_error_t e;
		json_t *j;

		for (unsigned i = 0; i < 20; i++)
			many[i] =
				(struct acc_field){ STR("x"), str_of(big, i < 5 ? n : 100), false };
		r.extra = (struct acc_fields){ many, 20 };
		j = json_loadb(text, written(&r, true).n, 0, &e);
		assert_non_null(j);
		json_decref(j);
	}
}

/* A leg is written whole or not at all. */
static void legs_that_do_not_fit_are_left_out(void **state)
{
	static char big[ACC_VALUE_MAX];
	struct acc_field many[64];
	struct acc_record r = a_record();
	json_error_t e;
	json_t *j, *legs;

	(void)state;
	memset(big, 'a', sizeof(big));
	for (unsigned i = 0; i < 64; i++)
		many[i] = (struct acc_field){ i % 2 ? STR("x") : STR("y"), str_of(big, sizeof(big)),
					      false };
	r.legs = (struct acc_fields){ many, 64 };
	j = json_loadb(text, written(&r, true).n, 0, &e);
	legs = json_object_get(j, "legs");
	assert_int_equal(json_array_size(legs), 5);
	for (size_t i = 0; i < json_array_size(legs); i++)
		assert_int_equal(json_object_size(json_array_get(legs, i)), 2);
	assert_int_equal(json_integer_value(json_object_get(j, "left_out")), 64 - 5 * 2);
	json_decref(j);
}

static void failures_are_filtered(void **state)
{
	static const char *const bad[] = { "299", "700", "4x4", "404,,487", "404 487", "," };
	struct acc_conf c = { .failed_filter = STR_INIT("404, 487,699,300") };

	(void)state;
	assert_null(acc_filter_parse(&c));
	for (unsigned status = 100; status < 800; status++)
		assert_int_equal(acc_is_filtered(&c, status),
				 status == 404 || status == 487 || status == 699 || status == 300);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		c.failed_filter = str_z(bad[i]);
		assert_non_null(acc_filter_parse(&c));
	}
	c.failed_filter = STR_NULL;
	assert_null(acc_filter_parse(&c));
	assert_false(acc_is_filtered(&c, 404));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_kamailios),
		cmocka_unit_test(json_is_one_object),
		cmocka_unit_test(the_time_stands_behind_the_timestamp),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(every_length_is_sound_json),
		cmocka_unit_test(legs_that_do_not_fit_are_left_out),
		cmocka_unit_test(failures_are_filtered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

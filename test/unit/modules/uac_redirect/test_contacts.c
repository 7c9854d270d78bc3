/* SPDX-License-Identifier: BSD-2-Clause */
/* Which Contacts of a redirection become targets, in which order. */
#include "test/unit/modules/module_test.h"

#include "modules/uac_redirect/uac_redirect.h"

#include <limits.h>

#define STATUS "SIP/2.0 302 Moved Temporarily\r\nCall-ID: c\r\n"

static const struct regex *re(const char *pattern_z)
{
	static struct pool *pool;
	const struct regex *made;
	struct regex_error e;

	if (!pool)
		pool = pool_new(4096, 1 << 20);
	assert_int_equal(regex_new(pool, str_z(pattern_z), 0, &made, &e), 0);
	return made;
}

/* --- filters --------------------------------------------------------------------------------------------------------------------------- */

static void words_of_a_reset_are_known(void **state)
{
	static const struct {
		const char *text;
		bool good, own, added;
	} words[] = {
		{ "", true, false, false },
		{ "reset_all", true, true, true },
		{ "reset_default", true, true, false },
		{ "RESET_added", true, false, true },
		{ "reset", false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		bool own = false, added = false;

		assert_int_equal(filter_reset_parse(str_z(words[i].text), &own, &added),
				 words[i].good);
		assert_int_equal(own, words[i].own);
		assert_int_equal(added, words[i].added);
	}
}

static void filters_accept_first_then_deny(void **state)
{
	struct filters f = { .own = { [FILTER_DENY] = re("@bad\\.example") } };

	(void)state;
	assert_true(filters_pass(&f, STR("sip:a@good.example")));
	assert_false(filters_pass(&f, STR("sip:a@BAD.example")));
	assert_int_equal(filters_add(&f, FILTER_ACCEPT, re("^sip:vip@"), STR("")), 0);
	assert_true(filters_pass(&f, STR("sip:vip@bad.example")));
	/* a filter that is reset does not count */
	assert_int_equal(filters_add(&f, FILTER_DENY, re("joe"), STR("reset_default")), 0);
	assert_true(filters_pass(&f, STR("sip:a@bad.example")));
	assert_false(filters_pass(&f, STR("sip:joe@good.example")));
	assert_int_equal(filters_add(&f, FILTER_DENY, re(""), STR("reset_added")), 0);
	assert_true(filters_pass(&f, STR("sip:joe@good.example")));
}

static void a_rule_that_denies_asks_no_filter_that_denies(void **state)
{
	struct filters f = { .deny = true, .own = { [FILTER_DENY] = re("x") } };

	(void)state;
	assert_false(filters_pass(&f, STR("sip:a@good.example")));
	assert_int_equal(filters_add(&f, FILTER_ACCEPT, re("@good"), STR("")), 0);
	assert_true(filters_pass(&f, STR("sip:x@good.example")));
	assert_false(filters_pass(&f, STR("sip:x@other.example")));
}

static void filters_are_bounded(void **state)
{
	struct filters f = { .deny = false };

	(void)state;
	for (unsigned i = 1; i < FILTERS_MAX; i++)
		assert_int_equal(filters_add(&f, FILTER_DENY, re("a"), STR("")), 0);
	assert_int_equal(filters_add(&f, FILTER_DENY, re("a"), STR("")), -ENOSPC);
	assert_int_equal(filters_add(&f, FILTER_ACCEPT, re("a"), STR("")), 0);
	assert_int_equal(filters_add(&f, FILTER_DENY, re("a"), STR("reset_added")), 0);
}

/* An expression of many steps refuses, whichever kind it is. */
static void what_cannot_be_found_out_is_refused(void **state)
{
	static char uri[4096];
	struct filters accept = { .own = { [FILTER_ACCEPT] = re("^sip:(a|aa)+[bc]$") } };
	struct filters deny = { .own = { [FILTER_DENY] = accept.own[FILTER_ACCEPT] } };

	(void)state;
	memset(uri, 'a', sizeof(uri));
	memcpy(uri, "sip:", 4);
	assert_false(filters_pass(&accept, str_of(uri, sizeof(uri))));
	assert_false(filters_pass(&deny, str_of(uri, sizeof(uri))));
}

/* --- Contacts --------------------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *asked;
	const char *response;
	const char *want; /* "q uri " of each */
} vectors[] = {
	{ "sip:b@x", STATUS "\r\n", "" },
	{ "sip:b@x", STATUS "Contact: <sip:a@x>\r\n\r\n", "10 sip:a@x " },
	{ "sip:b@x",
	  STATUS "Contact: sip:a@x;q=0.5, \"B\" <sip:b@x>;q=0.7\r\nm: <sip:c@x>;q=1\r\n\r\n",
	  "1000 sip:c@x 700 sip:b@x 500 sip:a@x " },
	/* equal ones stay in their order */
	{ "sip:b@x",
	  STATUS "Contact: <sip:a@x>;q=0.5,<sip:b@x>;q=0.5,<sip:c@x>;q=0.6,<sip:d@x>;q=.5\r\n\r\n",
	  "600 sip:c@x 500 sip:a@x 500 sip:b@x 500 sip:d@x " },
	/* others are passed over: a broken one, one whose q is none, other schemes, "*" */
	{ "sip:b@x",
	  STATUS "Contact: <sip:a@x\r\nContact: <sip:b@x>;q=x, <mailto:c@x>, <sip:d@x>;q=2\r\n"
		 "Contact: *\r\nContact: <tel:+4930>, <sip:e@x>\r\n\r\n",
	  "10 sip:e@x " },
	/* what may not stand in a Request-URI is left out */
	{ "sip:b@x",
	  STATUS "Contact: <sip:a@x;method=BYE;transport=tcp?Route=%3Csip:evil%3E&X=y>\r\n"
		 "Contact: <sip:b@x;lr?X=y>, <sip:c@x;Method=INVITE>\r\n\r\n",
	  "10 sip:a@x;transport=tcp 10 sip:b@x;lr 10 sip:c@x " },
	/* RFC 5630: never from SIPS to SIP */
	{ "sips:b@x", STATUS "Contact: <sip:a@x>, <sips:b@x>, <tel:+1>\r\n\r\n", "10 sips:b@x " },
	{ "sip:b@x", STATUS "Contact: <sip:a@x>, <sips:b@x>\r\n\r\n", "10 sip:a@x 10 sips:b@x " },
	{ "sip:b@x", "OPTIONS sip:a@x SIP/2.0\r\nContact: <sip:a@x>\r\n\r\n", NULL },
	{ "sip:b@x", "nothing", NULL },
};

static struct contacts got;
static int got_err;

static enum script_result script_read(struct ctx *ctx)
{
	const struct filters none = { .deny = false };
	char text[512];

	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct buf b = BUF_ON(text);

		got_err = contacts_read(ctx, str_z(vectors[i].response), str_z(vectors[i].asked),
					&none, 10, &got);
		assert_int_equal(got_err, vectors[i].want ? 0 : -EBADMSG);
		for (unsigned c = 0; c < got.n; c++)
			buf_fmt(&b, "%d " STRF " ", got.rows[c].q, STRA(got.rows[c].uri));
		if (vectors[i].want)
			assert_string_equal(buf_z(&b), vectors[i].want);
	}
	return SCRIPT_DONE;
}

static void contacts_are_read_in_order(void **state)
{
	(void)state;
	test_run(fake_request("INVITE", URI_B, VIA_A, ""), script_read);
}

/* 40 Contacts, the best of them last but one. */
static enum script_result script_many(struct ctx *ctx)
{
	const struct filters f = { .own = { [FILTER_DENY] = re("7@") } };
	static char text[4096];
	struct buf b = BUF_ON(text);

	buf_lit(&b, STATUS "Contact: <sip:0@x>;q=0.1");
	for (unsigned i = 1; i < 40; i++)
		buf_fmt(&b, ", <sip:%u@x>;q=0.%03u", i, i == 38 ? 900 : 100 + i % 16);
	buf_lit(&b, "\r\n\r\n");
	assert_int_equal(contacts_read(ctx, buf_str(&b), STR("sip:b@x"), &f, 10, &got), 0);
	return SCRIPT_DONE;
}

static void of_many_the_best_are_kept(void **state)
{
	(void)state;
	test_run(fake_request("INVITE", URI_B, VIA_A, ""), script_many);
	assert_int_equal(got.n, CONTACTS_MAX);
	assert_text(got.rows[0].uri, STR("sip:38@x"));
	assert_text(got.rows[1].uri, STR("sip:15@x"));
	assert_text(got.rows[2].uri, STR("sip:31@x"));
	for (unsigned i = 1; i < got.n; i++)
		assert_true(got.rows[i - 1].q >= got.rows[i].q);
	for (unsigned i = 0; i < got.n; i++)
		assert_int_equal(str_find(got.rows[i].uri, STR("7@")), -1);
}

static void limits_are_read(void **state)
{
	static const struct {
		const char *text;
		bool good;
		unsigned all, each;
	} limits[] = {
		{ "3:1", true, 3, 1 },
		{ "4", true, 4, UINT_MAX },
		{ "*", true, UINT_MAX, UINT_MAX },
		{ "0:2", true, UINT_MAX, 2 },
		{ "*:2", true, UINT_MAX, 2 },
		{ "6:*", true, 6, UINT_MAX },
		{ "", false, 0, 0 },
		{ "x", false, 0, 0 },
		{ "3:", false, 0, 0 },
		{ "256", false, 0, 0 },
		{ "-1", false, 0, 0 },
		{ "1:2:3", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		unsigned all = 0, each = 0;

		assert_int_equal(redirects_limits(str_z(limits[i].text), &all, &each),
				 limits[i].good);
		assert_int_equal(all, limits[i].all);
		assert_int_equal(each, limits[i].each);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_a_reset_are_known),
		cmocka_unit_test(filters_accept_first_then_deny),
		cmocka_unit_test(a_rule_that_denies_asks_no_filter_that_denies),
		cmocka_unit_test(filters_are_bounded),
		cmocka_unit_test(what_cannot_be_found_out_is_refused),
		FAKE_TEST(contacts_are_read_in_order),
		FAKE_TEST(of_many_the_best_are_kept),
		cmocka_unit_test(limits_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

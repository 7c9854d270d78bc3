/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/nameaddr.h"

#include <errno.h>

struct vector {
	const char *in_z, *display_z, *uri_z;
	bool in_brackets;
	const char *params_z, *tag_z;
};

static const struct vector good[] = {
	{ "sip:a@b", "", "sip:a@b", false, "", NULL },
	{ "<sip:a@b>", "", "sip:a@b", true, "", NULL },
	{ "<sip:a@b>;tag=1", "", "sip:a@b", true, ";tag=1", "1" },
	{ "sip:a@b;tag=1", "", "sip:a@b", false, ";tag=1", "1" },
	{ "\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n", "",
	  "sip:vivekg@chair-dnrc.example.com", false, ";   tag    = 1918181833n", "1918181833n" },
	{ "\"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8",
	  "\"J Rosenberg \\\\\\\"\"", "sip:jdrosen@example.com", true, ";\r\n  tag = 98asjd8",
	  "98asjd8" },
	{ "\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n      newvalue "
	  ";\r\n"
	  "  secondparam ; q = 0.33",
	  "\"Quoted string \\\"\\\"\"", "sip:jdrosen@example.com", true,
	  "; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33", NULL },
	{ "caller<sip:caller@example.com>;tag=323", "caller", "sip:caller@example.com", true,
	  ";tag=323", "323" },
	{ "token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;p=\"x\";tag=_t~1'+`*%!-.",
	  "token1~` token2'+_ token3*%!.-", "sip:mundane@example.com", true,
	  ";p=\"x\";tag=_t~1'+`*%!-.", "_t~1'+`*%!-." },
	{ "A. Bell <sip:a@b>", "A. Bell", "sip:a@b", true, "", NULL },
	{ "J\xc3\xb6rg (home) <sip:a@b>", "J\xc3\xb6rg (home)", "sip:a@b", true, "", NULL },
	{ "\"Watson, Thomas\"<sip:a@b>", "\"Watson, Thomas\"", "sip:a@b", true, "", NULL },
	{ "\"<sip:x@y>\" <sip:a@b>", "\"<sip:x@y>\"", "sip:a@b", true, "", NULL },
	{ "\"\"<sip:a@b>", "\"\"", "sip:a@b", true, "", NULL },
	{ "<sip:a,b;c?d@e;lr?x=y>;lr", "", "sip:a,b;c?d@e;lr?x=y", true, ";lr", NULL },
	{ "sip:+19725552222@gw1.example.net;unknownparam", "", "sip:+19725552222@gw1.example.net",
	  false, ";unknownparam", NULL },
	{ "isbn:2983792873", "", "isbn:2983792873", false, "", NULL },
	{ "<http://www.example.com>;tag=3234233", "", "http://www.example.com", true,
	  ";tag=3234233", "3234233" },
	{ "<sip:a@b>;x=\">\";tag=\"q\"", "", "sip:a@b", true, ";x=\">\";tag=\"q\"", "\"q\"" },
	{ "<sip:a@b>;tag=", "", "sip:a@b", true, ";tag=", "" },
};

static void good_values_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		const struct vector *v = &good[i];
		struct str text = text_alone(str_z(v->in_z));
		struct sip_nameaddr na;
		size_t offset;

		if (nameaddr_parse(text, &na, &offset))
			fail_msg("%s: rejected at %zu", v->in_z, offset);
		assert_str_in(na.display, v->display_z, v->in_z);
		assert_str_in(na.uri, v->uri_z, v->in_z);
		assert_int_equal(na.in_brackets, v->in_brackets);
		assert_str_in(na.params, v->params_z, v->in_z);
		assert_str_in(na.tag, v->tag_z, v->in_z);
		assert_false(na.is_star);
		assert_null(na.parsed_uri);
		assert_true(str_eq(na.whole, str_trim(text)));
		text_free(text);
	}
}

static const struct {
	const char *in_z;
	size_t offset;
} bad[] = {
	{ "", 0 },
	{ "alan@jasomi.com", 15 },
	{ "\"Mr. J. User <sip:j.user@example.com>", 0 },
	{ "Bell, Alexander <sip:a.g.bell@example.com>", 4 },
	{ "\"Watson, Thomas\" < sip:t.watson@example.org >", 18 },
	{ "<sip:a@b", 0 },
	{ "<>", 0 },
	{ "<sip:a@b >", 8 },
	{ "<<sip:a@b>>", 1 },
	{ "<sip:a@b>>", 9 },
	{ "<sip:a@b> x", 10 },
	{ "\"a\" \"b\" <sip:a@b>", 4 },
	{ "\"a\" b <sip:a@b>", 4 },
	{ "\"a\" sip:a@b", 4 },
	{ "sip:a@b <sip:c@d>", 8 },
	{ "sip:a,b@c", 5 },
	{ "sip:user@example.com?Route=%3Csip:sip.example.com%3E", 20 },
	{ "\"Joe\" <sip:joe@example.org>;;;;", 27 },
	{ "<sip:a@b>;", 9 },
	{ "<sip:a@b>;tag=1;tag=2", 16 },
	{ "<sip:a@b>;tag", 10 },
	{ "<sip:a@b>;x=\"", 9 },
	{ "**", 2 },
	{ "*;expires=0", 1 },
};

static void bad_values_are_rejected_with_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct str text = text_alone(str_z(bad[i].in_z));
		struct sip_nameaddr na = { .is_star = true };
		size_t offset = 999;

		if (nameaddr_parse(text, &na, &offset) != -EBADMSG)
			fail_msg("%s: accepted", bad[i].in_z);
		if (offset != bad[i].offset)
			fail_msg("%s: offset %zu, expected %zu", bad[i].in_z, offset,
				 bad[i].offset);
		assert_true(na.is_star);
		text_free(text);
	}
}

static const char message[] =
	"REGISTER sip:r SIP/2.0\r\n"
	"From: \"A, B\" <sip:a@b>;tag=1\r\n"
	"To: <sip:t t@b>\r\n"
	"Contact: <sip:1@b>, \"x,y\" <sip:2,2@b;lr>;q=1 , sip:3@b;expires=5\r\n"
	"m: <sip:4@b>\r\n"
	"Route: <sip:x@@y>\r\n"
	"Path:\r\n"
	"\r\n";

static bool walk(struct pool *p, void *arg)
{
	struct sip_nameaddr *na;
	struct sip_error error;
	struct sip_msg msg;
	struct sip_uri *uri;
	unsigned n = 0;
	int err;

	(void)arg;
	err = sip_msg_parse(&msg, p, str_z(message), false, &error);
	if (!err)
		err = sip_msg_nameaddr(&msg, HDR_CONTACT, &na);
	while (!err) {
		err = nameaddr_uri(&msg, na, &uri);
		if (err)
			break;
		assert_int_equal(uri->user.p[0], (char)('1' + n));
		assert_ptr_equal(uri, na->parsed_uri);
		n++;
		err = sip_msg_nameaddr_next(&msg, na, &na);
	}
	assert_true(err == -ENOMEM || (err == -ENOENT && n == 4));
	return err == -ENOENT;
}

static void all_values_of_all_header_fields_are_walked(void **state)
{
	struct pool *p = pool_test();

	(void)state;
	assert_true(walk(p, NULL));
	pool_drop(&p);
	each_allocation_fails(walk, NULL);
}

static void each_kind_of_failure_is_told(void **state)
{
	struct pool *p = pool_test();
	struct sip_nameaddr *na;
	struct sip_error error;
	struct sip_uri *uri;
	struct sip_msg msg;
	size_t used;

	(void)state;
	assert_int_equal(sip_msg_parse(&msg, p, str_z(message), false, &error), 0);
	assert_int_equal(sip_msg_nameaddr(&msg, HDR_FROM, &na), 0);
	assert_str(na->display, "\"A, B\"");
	assert_str(na->tag, "1");
	assert_int_equal(sip_msg_nameaddr_next(&msg, na, &na), -ENOENT);
	assert_int_equal(sip_msg_nameaddr(&msg, HDR_TO, &na), -EBADMSG);
	error = sip_hdr_error(&msg, msg.first[HDR_TO]);
	assert_int_equal(error.offset, str_find(str_z(message), STR(" t@b")));
	assert_string_equal(error.what, "malformed To");
	assert_int_equal(sip_msg_nameaddr(&msg, HDR_PATH, &na), -EBADMSG);
	assert_int_equal(sip_msg_nameaddr(&msg, HDR_RECORD_ROUTE, &na), -ENOENT);
	assert_int_equal(sip_msg_nameaddr(&msg, HDR_OTHER, &na), -ENOENT);
	assert_int_equal(sip_msg_nameaddr(&msg, HDR_ROUTE, &na), 0);
	used = pool_used(p);
	assert_int_equal(nameaddr_uri(&msg, na, &uri), -EBADMSG);
	assert_int_equal(nameaddr_uri(&msg, na, &uri), -EBADMSG);
	assert_int_equal(pool_used(p), used);
	error = sip_hdr_error(&msg, na->hdr);
	assert_int_equal(error.hdr, HDR_ROUTE);
	assert_int_equal(error.offset, str_find(str_z(message), STR("@y>")));
	pool_drop(&p);
}

static void a_star_is_no_uri(void **state)
{
	struct pool *p = pool_test();
	struct sip_nameaddr *na;
	struct sip_error error;
	struct sip_uri *uri;
	struct sip_msg msg;

	(void)state;
	assert_int_equal(
		sip_msg_parse(&msg, p, STR("A sip:a SIP/2.0\r\nContact: *\r\n\r\n"), false, &error),
		0);
	assert_int_equal(sip_msg_nameaddr(&msg, HDR_CONTACT, &na), 0);
	assert_true(na->is_star);
	assert_int_equal(na->params.n, 0);
	assert_int_equal(nameaddr_uri(&msg, na, &uri), -EBADMSG);
	pool_drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_values_are_taken_apart),
		cmocka_unit_test(bad_values_are_rejected_with_the_place),
		cmocka_unit_test(all_values_of_all_header_fields_are_walked),
		cmocka_unit_test(each_kind_of_failure_is_told),
		cmocka_unit_test(a_star_is_no_uri),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/msg.h"

#include <errno.h>

static const struct {
	const char *in_z, *out_z; /* each value followed by '|' */
} lists[] = {
	{ "", "" },
	{ " \r\n ", "" },
	{ "a", "a|" },
	{ "a,b", "a|b|" },
	{ " a \r\n , b ", "a|b|" },
	{ "a,,b", "a||b|" },
	{ ",a", "|a|" },
	{ "a,", "a|" },
	{ "\"x,y\" <sip:a,b@c>;p=\",\" , <sip:d>", "\"x,y\" <sip:a,b@c>;p=\",\"|<sip:d>|" },
	{ "\"x\\\",\" <sip:a>,b", "\"x\\\",\" <sip:a>|b|" },
	{ "a (x,y (z,) \\),) b,c", "a (x,y (z,) \\),) b|c|" },
	{ "(x,y)a,c", "(x,y)a|c|" },
	{ "sip:a(b@c,sip:d)e@f", "sip:a(b@c|sip:d)e@f|" },
	{ "a \"b,c", "a \"b,c|" },
	{ "a <b,c", "a <b,c|" },
	{ "a (b,c", "a (b,c|" },
	{ "<sip:\"@x>,b", "<sip:\"@x>|b|" },
};

static void lists_are_cut_at_their_commas(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(lists); i++) {
		struct str text = text_alone(str_z(lists[i].in_z)), rest = text, value;
		char out[256];
		size_t n = 0;

		while (sip_list_next(&rest, &value))
			n += (size_t)snprintf(out + n, sizeof(out) - n, STRF "|", STRA(value));
		assert_str_in(str_of(out, n), lists[i].out_z, lists[i].in_z);
		assert_int_equal(rest.n, 0);
		assert_false(sip_list_next(&rest, &value));
		text_free(text);
	}
}

/* A quadratic list would take minutes. */
static void a_hostile_list_takes_linear_time(void **state)
{
	static const char *const units[] = { ",", "(,", " (,", "\",", "<,", "((", "a,(", "\\," };
	size_t n = 1 << 20;
	char *p = malloc(n);

	(void)state;
	assert_non_null(p);
	for (size_t i = 0; i < COUNT(units); i++) {
		struct str rest = str_of(p, n), value;

		for (size_t k = 0, u = strlen(units[i]); k < n; k++)
			p[k] = units[i][k % u];
		while (sip_list_next(&rest, &value))
			;
		assert_int_equal(rest.n, 0);
	}
	free(p);
}

static void folds_become_one_space(void **state)
{
	struct pool *p = pool_test();
	struct str plain = STR("a  b\tc");

	(void)state;
	assert_ptr_equal(sip_unfold(p, plain).p, plain.p);
	assert_str(sip_unfold(p, STR("a \t\r\n\t b  c\r\n d\r\n \r\n e")), "a b  c d e");
	assert_str(sip_unfold(p, STR("a\r\n ")), "a ");
	assert_str(sip_unfold(p, STR("")), "");
	pool_drop(&p);
}

static bool unfold(struct pool *p, void *arg)
{
	struct str s = sip_unfold(p, STR("a\r\n b"));

	(void)arg;
	if (str_is_null(s))
		return false;
	assert_str(s, "a b");
	return true;
}

static void a_fold_without_memory_is_null(void **state)
{
	(void)state;
	each_allocation_fails(unfold, NULL);
}

static struct sip_msg of_header(struct pool *p, const char *line_z)
{
	char *text = pool_alloc(p, 512);
	struct sip_error error;
	struct sip_msg msg;
	int n = snprintf(text, 512, "A sip:a SIP/2.0\r\n%s\r\n\r\n", line_z);

	assert_int_equal(sip_msg_parse(&msg, p, str_of(text, (size_t)n), false, &error), 0);
	return msg;
}

static const struct {
	const char *line_z;
	int err;
	uint32_t number;
	enum sip_method method;
	const char *method_z;
} cseqs[] = {
	{ "CSeq: 1 INVITE", 0, 1, METHOD_INVITE, "INVITE" },
	{ "cseq: 0009\r\n  INVITE", 0, 9, METHOD_INVITE, "INVITE" },
	{ "CSeq: 4294967295 x%y", 0, 4294967295, METHOD_OTHER, "x%y" },
	{ "CSeq: 00000000000000000000000001 ACK", 0, 1, METHOD_ACK, "ACK" },
	{ "CSeq: 4294967296 ACK", -EBADMSG, 0, 0, NULL },
	{ "CSeq: 36893488147419103232 REGISTER", -EBADMSG, 0, 0, NULL },
	{ "CSeq:", -EBADMSG, 0, 0, NULL },
	{ "CSeq: 1", -EBADMSG, 0, 0, NULL },
	{ "CSeq: ACK", -EBADMSG, 0, 0, NULL },
	{ "CSeq: 1ACK", -EBADMSG, 0, 0, NULL },
	{ "CSeq: -1 ACK", -EBADMSG, 0, 0, NULL },
	{ "CSeq: 1 A CK", -EBADMSG, 0, 0, NULL },
	{ "CSeq: 1 A@", -EBADMSG, 0, 0, NULL },
	{ "Z: y", -ENOENT, 0, 0, NULL },
};

static void cseq_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cseqs); i++) {
		struct pool *p = pool_test();
		struct sip_msg msg = of_header(p, cseqs[i].line_z);
		struct sip_cseq cseq = { .number = 77 };

		for (unsigned again = 0; again < 2; again++) {
			if (sip_msg_cseq(&msg, &cseq) != cseqs[i].err)
				fail_msg("%s", cseqs[i].line_z);
		}
		assert_int_equal(cseq.number, cseqs[i].err ? 77 : cseqs[i].number);
		if (!cseqs[i].err) {
			assert_int_equal(cseq.method, cseqs[i].method);
			assert_str(cseq.method_text, cseqs[i].method_z);
		} else if (cseqs[i].err == -EBADMSG) {
			assert_string_equal(sip_hdr_error(&msg, msg.first[HDR_CSEQ]).what,
					    "malformed CSeq");
		}
		pool_drop(&p);
	}
}

static const struct {
	const char *line_z;
	int err;
	uint32_t value;
} numbers[] = {
	{ "Max-Forwards: 70", 0, 70 },
	{ "Max-Forwards: 0068", 0, 68 },
	{ "Max-Forwards: 0", 0, 0 },
	{ "Max-Forwards: 4294967295", 0, 4294967295 },
	{ "Max-Forwards: 4294967296", -ERANGE, 0 },
	{ "Max-Forwards: 100000000000000000000000000000000", -ERANGE, 0 },
	{ "Max-Forwards:", -EBADMSG, 0 },
	{ "Max-Forwards: +1", -EBADMSG, 0 },
	{ "Max-Forwards: -1", -EBADMSG, 0 },
	{ "Max-Forwards: 1 1", -EBADMSG, 0 },
	{ "Max-Forwards: 1x", -EBADMSG, 0 },
	{ "Z: y", -ENOENT, 0 },
};

static void numbers_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct pool *p = pool_test();
		struct sip_msg msg = of_header(p, numbers[i].line_z);
		uint32_t value = 77;

		if (sip_msg_uint(&msg, HDR_MAX_FORWARDS, &value) != numbers[i].err)
			fail_msg("%s", numbers[i].line_z);
		assert_int_equal(value, numbers[i].err ? 77 : numbers[i].value);
		assert_int_equal(sip_msg_uint(&msg, HDR_OTHER, &value), -ENOENT);
		pool_drop(&p);
	}
}

static void call_id_is_the_whole_body(void **state)
{
	struct pool *p = pool_test();
	struct sip_msg msg = of_header(p, "i:  word%ZK-!.*_+'@word`~)(><:\\/\"][?}{ ");

	(void)state;
	assert_str(sip_msg_call_id(&msg), "word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
	msg = of_header(p, "Call-ID: ");
	assert_str(sip_msg_call_id(&msg), NULL);
	msg = of_header(p, "Z: y");
	assert_str(sip_msg_call_id(&msg), NULL);
	pool_drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_cut_at_their_commas),
		cmocka_unit_test(a_hostile_list_takes_linear_time),
		cmocka_unit_test(folds_become_one_space),
		cmocka_unit_test(a_fold_without_memory_is_null),
		cmocka_unit_test(cseq_is_read),
		cmocka_unit_test(numbers_are_read),
		cmocka_unit_test(call_id_is_the_whole_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/via.h"

#include <errno.h>

struct vector {
	const char *in_z, *protocol_z, *version_z, *transport_z, *host_z;
	unsigned port;
	const char *params_z, *branch_z, *received_z, *rport_z, *maddr_z, *ttl_z, *i_z;
	bool has_alias;
};

static const struct vector good[] = {
	{ "SIP/2.0/UDP h", "SIP", "2.0", "UDP", "h", 0, "", NULL, NULL, NULL, NULL, NULL, NULL,
	  false },
	{ "SIP  /   2.0\r\n /UDP\r\n    192.0.2.2;branch=390skdjuw", "SIP", "2.0", "UDP",
	  "192.0.2.2", 0, ";branch=390skdjuw", "390skdjuw", NULL, NULL, NULL, NULL, NULL, false },
	{ "SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8", "SIP",
	  "2.0", "TCP", "spindle.example.com", 0, ";\r\n  branch  =   z9hG4bK9ikj8", "z9hG4bK9ikj8",
	  NULL, NULL, NULL, NULL, NULL, false },
	{ "sip/2.0/tls [2001:db8::9] : 5061 ; rport;Received=[2001:db8::1];Branch=z", "sip", "2.0",
	  "tls", "[2001:db8::9]", 5061, "; rport;Received=[2001:db8::1];Branch=z", "z",
	  "2001:db8::1", "", NULL, NULL, NULL, false },
	{ "SIP/2.0/UDP "
	  "h:5060;rport=1234;received=192.0.2.1;maddr=224.0.1.75;ttl=16;i=3f;alias;x=\"a,b\"",
	  "SIP", "2.0", "UDP", "h", 5060,
	  ";rport=1234;received=192.0.2.1;maddr=224.0.1.75;ttl=16;i=3f;alias;x=\"a,b\"", NULL,
	  "192.0.2.1", "1234", "224.0.1.75", "16", "3f", true },
	{ "SIP/7.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en", "SIP", "7.0", "UNKNOWN",
	  "t4.example.com", 0, ";branch=z9hG4bKasd0f3en", "z9hG4bKasd0f3en", NULL, NULL, NULL, NULL,
	  NULL, false },
	{ "SIP/2.0/UDP h;branch;rport=", "SIP", "2.0", "UDP", "h", 0, ";branch;rport=", NULL, NULL,
	  "", NULL, NULL, NULL, false },
	{ " SIP/2.0/UDP h ; branch=z9hG4bK ", "SIP", "2.0", "UDP", "h", 0, "; branch=z9hG4bK",
	  "z9hG4bK", NULL, NULL, NULL, NULL, NULL, false },
};

static void good_vias_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		const struct vector *v = &good[i];
		struct str text = text_alone(str_z(v->in_z));
		struct sip_via via;
		size_t offset;

		if (via_parse(text, &via, &offset))
			fail_msg("%s: rejected at %zu", v->in_z, offset);
		assert_str_in(via.protocol, v->protocol_z, v->in_z);
		assert_str_in(via.version, v->version_z, v->in_z);
		assert_str_in(via.transport, v->transport_z, v->in_z);
		assert_str_in(via.host, v->host_z, v->in_z);
		assert_int_equal(via.port, v->port);
		assert_str_in(via.params, v->params_z, v->in_z);
		assert_str_in(via.branch, v->branch_z, v->in_z);
		assert_str_in(via.received, v->received_z, v->in_z);
		assert_str_in(via.rport, v->rport_z, v->in_z);
		assert_str_in(via.maddr, v->maddr_z, v->in_z);
		assert_str_in(via.ttl, v->ttl_z, v->in_z);
		assert_str_in(via.i, v->i_z, v->in_z);
		assert_int_equal(via.has_alias, v->has_alias);
		assert_true(str_eq(via.whole, str_trim(text)));
		text_free(text);
	}
}

static const struct {
	const char *in_z;
	size_t offset;
} bad[] = {
	{ "", 0 },
	{ "SIP", 3 },
	{ "SIP/2.0", 7 },
	{ "SIP/2.0/", 8 },
	{ "SIP/2.0/UDP", 11 },
	{ "SIP/2.0/UDP ", 11 },
	{ "SIP/2.0 UDP h", 8 },
	{ "SIP//UDP h", 4 },
	{ "SIP/2.0/UDP[::1]", 11 },
	{ "SIP/2.0/UDP ;branch=x", 12 },
	{ "SIP/2.0/UDP h:", 14 },
	{ "SIP/2.0/UDP h:0", 14 },
	{ "SIP/2.0/UDP h:65536", 14 },
	{ "SIP/2.0/UDP h:x", 14 },
	{ "SIP/2.0/UDP h:5060x", 18 },
	{ "SIP/2.0/UDP 1.2.3.999", 12 },
	{ "SIP/2.0/UDP ::1", 12 },
	{ "SIP/2.0/UDP [::1", 12 },
	{ "SIP/2.0/UDP h h", 13 },
	{ "SIP/2.0/UDP h, x", 13 },
	{ "SIP/2.0/UDP 192.0.2.15;;", 22 },
	{ "SIP/2.0/UDP h;branch=a;branch=b", 23 },
	{ "SIP/2.0/UDP h;rport;x;rport=1", 22 },
	{ "SIP/2.0/UDP h;received=1.2.3.4;Received=4.3.2.1", 31 },
	{ "SIP/2.0/UDP h;maddr=a;maddr=b", 22 },
	{ "SIP/2.0/UDP h;i=a;i=b", 18 },
	{ "SIP/2.0/UDP h;x=\"", 13 },
};

static void bad_vias_are_rejected_with_the_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct str text = text_alone(str_z(bad[i].in_z));
		struct sip_via via = { .port = 77 };
		size_t offset = 999;

		if (via_parse(text, &via, &offset) != -EBADMSG)
			fail_msg("%s: accepted", bad[i].in_z);
		if (offset != bad[i].offset)
			fail_msg("%s: offset %zu, expected %zu", bad[i].in_z, offset,
				 bad[i].offset);
		assert_int_equal(via.port, 77);
		text_free(text);
	}
}

static void rport_and_received_are_told_with_their_places(void **state)
{
	struct sip_via via;

	(void)state;
	assert_int_equal(via_parse(STR("SIP/2.0/UDP h;a ; rport ;received=1.2.3.4;b"), &via, NULL),
			 0);
	assert_str(via.rport_param.whole, "; rport");
	assert_str(via.rport_param.value, NULL);
	assert_str(via.received_param.whole, ";received=1.2.3.4");
}

static const char chain[] = "OPTIONS sip:a SIP/2.0\r\n"
			    "Via: SIP/2.0/UDP a, SIP/2.0/UDP b\r\n"
			    "Z: y\r\n"
			    "v: SIP/2.0/TCP c;x=\",\" , SIP/2.0/TCP d\r\n"
			    "VIA :\r\n SIP/2.0/TCP\r\n\te\r\n"
			    "\r\n";

static bool walk(struct pool *p, void *arg)
{
	struct sip_error error;
	struct sip_via *via, *again;
	struct sip_msg msg;
	unsigned n = 0;
	int err;

	(void)arg;
	err = sip_msg_parse(&msg, p, str_z(chain), false, &error);
	if (!err)
		err = sip_msg_via(&msg, &via);
	while (!err) {
		assert_int_equal(via->host.p[0], (char)('a' + n));
		assert_ptr_equal(via->hdr->parsed, n == 1 || n == 3 ? via->hdr->parsed : via);
		n++;
		assert_true(n == 1 || !sip_msg_via(&msg, &again));
		err = sip_msg_via_next(&msg, via, &again);
		if (!err) {
			assert_ptr_equal(via->next, again);
			via = again;
		}
	}
	assert_true(err == -ENOMEM || err == -ENOENT);
	assert_true(err == -ENOMEM || n == 5);
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

static void parsing_again_needs_no_memory(void **state)
{
	struct pool *p = pool_test();
	struct sip_error error;
	struct sip_via *via, *second;
	struct sip_msg msg;
	size_t used;

	(void)state;
	assert_int_equal(sip_msg_parse(&msg, p, str_z(chain), false, &error), 0);
	assert_int_equal(sip_msg_via(&msg, &via), 0);
	assert_int_equal(sip_msg_via_next(&msg, via, &second), 0);
	used = pool_used(p);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(sip_msg_via(&msg, &via), 0);
		assert_int_equal(sip_msg_via_next(&msg, via, &second), 0);
	}
	assert_int_equal(pool_used(p), used);
	pool_drop(&p);
}

/* The first good values are told, then the error, with its place in the message. */
static void a_bad_value_is_an_error_only_when_it_is_reached(void **state)
{
	static const struct {
		const char *msg_z;
		unsigned good;
		const char *at_z;
	} chains[] = {
		{ "A sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a, SIP/2.0/UDP\r\n\r\n", 1, "\r\n\r\n" },
		{ "A sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a,\r\n\r\n", 1, "\r\n\r\n" },
		{ "A sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a,,SIP/2.0/UDP b\r\n\r\n", 1, ",SIP" },
		{ "A sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nVia: ,SIP/2.0/UDP b\r\n\r\n", 1,
		  ",SIP" },
		{ "A sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nVia:\r\n\r\n", 1, "\r\n\r\n" },
		{ "A sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.15;;,;,,\r\n\r\n", 0, ";;" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(chains); i++) {
		struct pool *p = pool_test();
		struct str text = str_z(chains[i].msg_z);
		struct sip_via *via = NULL;
		struct sip_error error;
		struct sip_msg msg;
		unsigned n = 0;
		size_t used;
		int err;

		assert_int_equal(sip_msg_parse(&msg, p, text, false, &error), 0);
		for (err = sip_msg_via(&msg, &via); !err; n++)
			err = sip_msg_via_next(&msg, via, &via);
		assert_int_equal(err, -EBADMSG);
		assert_int_equal(n, chains[i].good);
		used = pool_used(p);
		assert_int_equal(via ? sip_msg_via_next(&msg, via, &via) : sip_msg_via(&msg, &via),
				 -EBADMSG);
		assert_int_equal(pool_used(p), used);
		error = sip_hdr_error(&msg, via && i != 3 && i != 4 ? via->hdr : msg.hdr_last);
		assert_int_equal(error.status, 400);
		assert_int_equal(error.hdr, HDR_VIA);
		assert_string_equal(error.what, "malformed Via");
		assert_int_equal(error.offset, str_find(text, str_z(chains[i].at_z)));
		pool_drop(&p);
	}
}

static void a_message_without_via_says_so(void **state)
{
	struct pool *p = pool_test();
	struct sip_error error;
	struct sip_via *via;
	struct sip_msg msg;

	(void)state;
	assert_int_equal(sip_msg_parse(&msg, p, STR("A sip:a SIP/2.0\r\n\r\n"), false, &error), 0);
	assert_int_equal(sip_msg_via(&msg, &via), -ENOENT);
	pool_drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_vias_are_taken_apart),
		cmocka_unit_test(bad_vias_are_rejected_with_the_place),
		cmocka_unit_test(rport_and_received_are_told_with_their_places),
		cmocka_unit_test(all_values_of_all_header_fields_are_walked),
		cmocka_unit_test(parsing_again_needs_no_memory),
		cmocka_unit_test(a_bad_value_is_an_error_only_when_it_is_reached),
		cmocka_unit_test(a_message_without_via_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

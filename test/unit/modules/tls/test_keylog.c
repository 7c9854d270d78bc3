/* SPDX-License-Identifier: BSD-2-Clause */
/* Secrets are written for one peer, when that is allowed, and in what form. */
#include "test/unit/core/mem/mem_test.h"

#include "modules/tls/counters.h"
#include "modules/tls/keylog.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static struct run run;
static struct tls_conf conf;
static char path_z[64];

static int setup(void **state)
{
	(void)state;
	snprintf(path_z, sizeof(path_z), "/tmp/serac-keylog-%d", (int)getpid());
	unlink(path_z);
	run = (struct run){ .allow_keylog = true };
	conf = (struct tls_conf){ .keylog_file = str_z(path_z), .keylog_peer = STR("192.0.2.7") };
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path_z);
	return 0;
}

static struct addr peer(const char *z)
{
	struct addr a;

	assert_int_equal(addr_port_parse(str_z(z), &a), 0);
	return a;
}

/* What a secret of that peer's makes of the file. */
static const char *file_after(const char *peer_z)
{
	static char text_z[512];
	unsigned char bytes[4] = { 0x00, 0xab, 0xcd, 0xef };
	gnutls_datum_t secret = { bytes, sizeof(bytes) };
	struct addr a = peer(peer_z);
	gnutls_session_t session;
	FILE *f;

	assert_int_equal(gnutls_init(&session, GNUTLS_SERVER), 0);
	assert_int_equal(tls_keylog_for(&conf, &a)(session, "CLIENT_RANDOM", &secret), 0);
	gnutls_deinit(session);
	memset(text_z, 0, sizeof(text_z));
	f = fopen(path_z, "r");
	if (!f)
		return "none";
	(void)!fread(text_z, 1, sizeof(text_z) - 1, f);
	fclose(f);
	return text_z;
}

/* Runs first: nothing is open yet. */
static void nothing_without_the_option(void **state)
{
	(void)state;
	run.allow_keylog = false;
	assert_int_equal(tls_keylog_open(&run, &conf), 0);
	assert_string_equal(file_after("192.0.2.7:5061"), "none");
}

static void lines_are_those_of_nss(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(tls_keylog_open(&run, &conf), 0);
	assert_int_equal(stat(path_z, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_string_equal(
		file_after("192.0.2.7:5061"),
		"CLIENT_RANDOM 0000000000000000000000000000000000000000000000000000000000000000 "
		"00abcdef\n");
}

static void other_peers_are_nobodys_business(void **state)
{
	(void)state;
	assert_int_equal(tls_keylog_open(&run, &conf), 0);
	assert_string_equal(file_after("192.0.2.8:5061"), "");
	conf.keylog_peer = STR_NULL;
	assert_string_equal(file_after("192.0.2.7:5061"), "");
}

static void a_link_is_not_followed(void **state)
{
	(void)state;
	assert_int_equal(symlink("/tmp/serac-keylog-elsewhere", path_z), 0);
	assert_int_equal(tls_keylog_open(&run, &conf), -ELOOP);
}

static void what_is_wrong_with_the_parameters(void **state)
{
	(void)state;
	assert_null(tls_keylog_fault(&conf));
	conf.keylog_peer = STR("sip.example.com");
	assert_non_null(tls_keylog_fault(&conf));
	conf.keylog_peer = STR_NULL;
	assert_non_null(tls_keylog_fault(&conf));
	conf.keylog_file = STR_NULL;
	assert_null(tls_keylog_fault(&conf));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_without_the_option),	 TEST(lines_are_those_of_nss),
		TEST(other_peers_are_nobodys_business),	 TEST(a_link_is_not_followed),
		TEST(what_is_wrong_with_the_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

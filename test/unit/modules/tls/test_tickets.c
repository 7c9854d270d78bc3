/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of tickets, and the table of sessions that may be taken up again: what is kept under what, bounds, several processes, deaths. */
#include "test/unit/core/mem/mem_test.h"

#include "modules/tls/tickets.h"

#include <string.h>

#define CHILDREN 4
#define ROUNDS	 4000
#define NAMES	 40u
#define SLOTS	 8u

static struct test {
	struct run run;
	struct worker w;
	struct tls_conf conf;
	struct tls_domain domain, other;
	struct addr peer;
} t;

static int setup(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.run.shm = shm_new(256 * MIB, 64 * MIB, SLOTS);
	shm_slot_set(SHM_MAIN);
	t.w = (struct worker){ .run = &t.run, .now = 1000 };
	t.conf.tickets = true;
	t.domain = (struct tls_domain){ .text = STR("tls_domain[10.0.0.1:5061]"), .policy = { 1 } };
	t.other = t.domain;
	assert_int_equal(addr_port_parse(STR("192.0.2.1:5061"), &t.peer), 0);
	return tls_tickets_open(&t.run);
}

static int teardown(void **state)
{
	(void)state;
	assert_int_equal(verify(t.run.shm), 0);
	shm_drop(&t.run.shm);
	return 0;
}

/* --- keys ------------------------------------------------------------------------------------------------------------------------------ */

static bool other_has_the_same_key(void)
{
	uint8_t one[TLS_TICKET_KEY], two[TLS_TICKET_KEY];

	assert_true(tls_ticket_key(&t.conf, &t.domain, one));
	assert_true(tls_ticket_key(&t.conf, &t.other, two));
	return !memcmp(one, two, sizeof(one));
}

static void keys_differ_by_domain_and_policy(void **state)
{
	(void)state;
	assert_true(other_has_the_same_key());
	t.other.policy[31] = 1;
	assert_false(other_has_the_same_key());
	t.other = t.domain;
	t.other.text = STR("tls_domain[10.0.0.1:5062]");
	assert_false(other_has_the_same_key());
	t.other = t.domain;
	t.other.name = STR("example.com");
	assert_false(other_has_the_same_key());
}

/* Where one field ends and the next begins counts. */
static void keys_differ_by_where_texts_end(void **state)
{
	(void)state;
	t.domain.text = STR("ab");
	t.domain.name = STR("c");
	t.other.text = STR("a");
	t.other.name = STR("bc");
	assert_false(other_has_the_same_key());
}

static void keys_come_from_the_file_or_from_this_run(void **state)
{
	uint8_t mine[TLS_TICKET_KEY], file[TLS_TICKET_KEY], again[TLS_TICKET_KEY];

	(void)state;
	assert_true(tls_ticket_key(&t.conf, &t.domain, mine));
	t.conf.session_ticket_key = STR("0123456789abcdef0123456789abcdef");
	assert_true(tls_ticket_key(&t.conf, &t.domain, file));
	assert_int_not_equal(memcmp(mine, file, sizeof(file)), 0);
	/* another node, or this one after a restart */
	assert_int_equal(tls_tickets_open(&t.run), 0);
	assert_true(tls_ticket_key(&t.conf, &t.domain, again));
	assert_int_equal(memcmp(again, file, sizeof(file)), 0);
	t.conf.session_ticket_key = STR_NULL;
	assert_true(tls_ticket_key(&t.conf, &t.domain, again));
	assert_int_not_equal(memcmp(mine, again, sizeof(again)), 0);
	t.conf.tickets = false;
	assert_false(tls_ticket_key(&t.conf, &t.domain, again));
}

static void short_files_are_refused(void **state)
{
	(void)state;
	assert_non_null(tls_ticket_file_fault(STR("")));
	assert_non_null(tls_ticket_file_fault(STR("0123456789abcdef0123456789abcde")));
	assert_null(tls_ticket_file_fault(STR("0123456789abcdef0123456789abcdef")));
}

/* --- what a session is kept under ---------------------------------------------------------------------------------------------------------- */

static struct tls_resume_id id_of(const struct tls_domain *d, const char *name_z,
				  const char *peer_z)
{
	struct tls_resume_id id;
	struct addr peer;

	assert_int_equal(addr_port_parse(str_z(peer_z), &peer), 0);
	assert_true(tls_resume_id(d, name_z ? str_z(name_z) : STR_NULL, &peer, &id));
	return id;
}

static void sessions_are_kept_by_name_port_domain_and_policy(void **state)
{
	static const struct {
		const char *name, *peer;
		bool same;
	} vectors[] = {
		{ "example.com", "192.0.2.1:5061", true },
		{ "EXAMPLE.com", "192.0.2.1:5061", true },
		{ "example.com", "192.0.2.2:5061", true },
		{ "example.com", "192.0.2.1:5062", false },
		{ "example.org", "192.0.2.1:5061", false },
		{ NULL, "192.0.2.1:5061", false },
	};
	struct tls_resume_id first = id_of(&t.domain, "example.com", "192.0.2.1:5061"), id;

	(void)state;
	for (unsigned i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		id = id_of(&t.domain, vectors[i].name, vectors[i].peer);
		assert_int_equal(!memcmp(&id, &first, sizeof(id)), vectors[i].same);
	}
	t.other.policy[5] = 9;
	id = id_of(&t.other, "example.com", "192.0.2.1:5061");
	assert_int_not_equal(memcmp(&id, &first, sizeof(id)), 0);
	t.other = t.domain;
	t.other.text = STR("tls_domain[client:192.0.2.1:5061]");
	id = id_of(&t.other, "example.com", "192.0.2.1:5061");
	assert_int_not_equal(memcmp(&id, &first, sizeof(id)), 0);
	/* a name that was verified is no address that was not */
	first = id_of(&t.domain, NULL, "192.0.2.1:5061");
	id = id_of(&t.domain, "192.0.2.1", "192.0.2.1:5061");
	assert_int_not_equal(memcmp(&id, &first, sizeof(id)), 0);
}

static void names_that_are_too_long_keep_nothing(void **state)
{
	char name[2000];
	struct tls_resume_id id;

	(void)state;
	memset(name, 'n', sizeof(name));
	assert_false(tls_resume_id(&t.domain, str_of(name, sizeof(name)), &t.peer, &id));
}

/* --- the table ------------------------------------------------------------------------------------------------------------------------------ */

/* Of number n: n's own bytes, so that a mixed one is seen. */
static size_t fill(unsigned n, unsigned version, unsigned char *bytes)
{
	size_t size = 100 + (n * 977 + version * 131) % 5000;

	memset(bytes, (int)(n & 0xff), size);
	memcpy(bytes, &n, sizeof(n));
	memcpy(bytes + sizeof(n), &version, sizeof(version));
	return size;
}

static bool is_whole(unsigned n, const gnutls_datum_t *d)
{
	unsigned char want[6000];
	unsigned version;

	if (d->size < 100)
		return false;
	memcpy(&version, d->data + sizeof(n), sizeof(version));
	return fill(n, version, want) == d->size && !memcmp(want, d->data, d->size);
}

static struct tls_resume_id id_n(unsigned n)
{
	struct tls_resume_id id;
	char name_z[32];

	snprintf(name_z, sizeof(name_z), "n%u.example", n);
	(void)tls_resume_id(&t.domain, str_z(name_z), &t.peer, &id);
	return id;
}

static void keep(unsigned n, unsigned version)
{
	unsigned char bytes[6000];
	struct tls_resume_id id = id_n(n);
	gnutls_datum_t d = { bytes, (unsigned)fill(n, version, bytes) };

	tls_resume_keep(&t.w, &id, &d);
}

static gnutls_datum_t take(unsigned n)
{
	struct tls_resume_id id = id_n(n);

	return tls_resume_take(&t.w, &id);
}

static size_t chunks(void)
{
	return stats(t.run.shm).chunks_live;
}

static void the_newest_is_taken_once(void **state)
{
	size_t before = chunks();
	gnutls_datum_t d;
	unsigned version;

	(void)state;
	assert_int_equal(take(1).size, 0);
	keep(1, 1);
	keep(2, 1);
	keep(1, 2);
	d = take(1);
	assert_true(is_whole(1, &d));
	memcpy(&version, d.data + sizeof(unsigned), sizeof(version));
	assert_int_equal(version, 2);
	assert_int_equal(take(1).size, 0);
	d = take(2);
	assert_true(is_whole(2, &d));
	assert_int_equal(chunks(), before);
}

static void sessions_expire(void **state)
{
	size_t before = chunks();

	(void)state;
	keep(1, 1);
	t.w.now += TLS_SESSION_MS;
	assert_int_equal(take(1).size, 0);
	assert_int_equal(chunks(), before);
	keep(1, 1);
	t.w.now += TLS_SESSION_MS - 1;
	assert_int_not_equal(take(1).size, 0);
}

static void long_ones_are_not_kept(void **state)
{
	static unsigned char bytes[TLS_SESSION_SIZE_MAX + 1];
	struct tls_resume_id id = id_n(1);
	gnutls_datum_t d = { bytes, sizeof(bytes) };

	(void)state;
	tls_resume_keep(&t.w, &id, &d);
	assert_int_equal(tls_resume_take(&t.w, &id).size, 0);
	d.size--;
	tls_resume_keep(&t.w, &id, &d);
	assert_int_equal(tls_resume_take(&t.w, &id).size, TLS_SESSION_SIZE_MAX);
	d.size = 0;
	tls_resume_keep(&t.w, &id, &d);
	assert_int_equal(tls_resume_take(&t.w, &id).size, 0);
}

static void a_full_table_loses_the_oldest(void **state)
{
	size_t before = chunks();
	unsigned kept = 0;

	(void)state;
	for (unsigned i = 0; i < 3 * TLS_SESSIONS_MAX; i++) {
		t.w.now++;
		keep(i, 1);
	}
	assert_true(chunks() - before <= TLS_SESSIONS_MAX);
	/* the last ones are all there */
	for (unsigned i = 3 * TLS_SESSIONS_MAX - 64; i < 3 * TLS_SESSIONS_MAX; i++)
		assert_int_not_equal(take(i).size, 0);
	assert_int_equal(take(0).size, 0);
	for (unsigned i = 0; i < 3 * TLS_SESSIONS_MAX; i++)
		kept += take(i).size != 0;
	assert_true(kept > TLS_SESSIONS_MAX / 2);
	assert_int_equal(chunks(), before);
}

static void use(void *arg)
{
	uint32_t seed = 1 + (uint32_t)(uintptr_t)arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned n = draw(&seed) % NAMES;
		gnutls_datum_t d;

		if (draw(&seed) & 1)
			keep(n, i);
		d = take(draw(&seed) % 4 ? n : (n + 1) % NAMES);
		if (!d.size)
			continue;
		memcpy(&n, d.data, sizeof(n));
		CHECK(n < NAMES && is_whole(n, &d));
	}
}

static void take_all(void)
{
	for (unsigned i = 0; i < NAMES; i++) {
		gnutls_datum_t d = take(i);

		assert_true(!d.size || is_whole(i, &d));
	}
}

static void processes_share_the_table(void **state)
{
	size_t before = chunks();
	pid_t pids[CHILDREN];

	(void)state;
	for (uintptr_t i = 0; i < CHILDREN; i++)
		pids[i] = start_child((unsigned)i, use, (void *)i);
	for (unsigned i = 0; i < CHILDREN; i++)
		assert_true(child_ended(pids[i]));
	take_all();
	assert_int_equal(chunks(), before);
}

static void successor(void *arg)
{
	(void)arg;
	t.w.n = 1;
	shm_recover(t.run.shm, 1);
	tls_tickets_start(&t.w);
}

static void killed_processes_leave_it_whole(void **state)
{
	size_t before = chunks();

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		pid_t pid = start_child(1, use, (void *)(uintptr_t)i);

		usleep(300 + 150 * i);
		kill(pid, SIGKILL);
		(void)child_ended(pid);
		assert_true(run_child(1, successor, NULL));
		assert_int_equal(verify(t.run.shm), 0);
	}
	take_all();
	assert_int_equal(chunks(), before);
}

#ifdef SERAC_FAULT
static const char *sites[32];
static unsigned sites_n;

static void site_note(const char *name, const char *file, int line, void *arg)
{
	(void)file;
	(void)line;
	(void)arg;
	for (unsigned i = 0; i < sites_n; i++) {
		if (!strcmp(sites[i], name))
			return;
	}
	if (!strncmp(name, "tls.session.", 12) && sites_n < 32)
		sites[sites_n++] = name;
}

static void work(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < 3; i++) {
		keep(1, i);
		keep(1, i + 100);
		(void)take(1);
		keep(2, i);
	}
}
#endif

/* Killed in the work, and its successor killed in the recovery: the third gets it right. */
static void a_death_at_every_place_costs_nothing(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	size_t before = chunks();
	unsigned killed = 0;

	fault_list(site_note, NULL);
	assert_true(sites_n >= 10);
	for (unsigned i = 0; i < sites_n; i++) {
		for (unsigned n = 1; n <= 3; n++) {
			fault_kill_at(sites[i], n);
			killed += !run_child(1, work, NULL);
			(void)run_child(1, successor, NULL);
			fault_kill_at(NULL, 0);
			assert_true(run_child(1, successor, NULL));
			assert_int_equal(verify(t.run.shm), 0);
			take_all();
			if (chunks() != before)
				print_error("%s %u\n", sites[i], n);
			assert_int_equal(chunks(), before);
		}
	}
	assert_true(killed >= sites_n);
#else
	skip();
#endif
}

static void without_memory_nothing_is_kept(void **state)
{
	(void)state;
#ifdef SERAC_FAULT
	size_t before = chunks();

	for (unsigned i = 1; i < 4; i++) {
		fault_alloc_fail(i);
		keep(1, 1);
		fault_alloc_fail(0);
		(void)take(1);
		assert_int_equal(chunks(), before);
	}
#else
	skip();
#endif
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_differ_by_domain_and_policy),
		TEST(keys_differ_by_where_texts_end),
		TEST(keys_come_from_the_file_or_from_this_run),
		TEST(short_files_are_refused),
		TEST(sessions_are_kept_by_name_port_domain_and_policy),
		TEST(names_that_are_too_long_keep_nothing),
		TEST(the_newest_is_taken_once),
		TEST(sessions_expire),
		TEST(long_ones_are_not_kept),
		TEST(a_full_table_loses_the_oldest),
		TEST(processes_share_the_table),
		TEST(killed_processes_leave_it_whole),
		TEST(a_death_at_every_place_costs_nothing),
		TEST(without_memory_nothing_is_kept),
	};

	fault_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

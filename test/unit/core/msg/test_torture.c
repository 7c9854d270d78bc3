/* SPDX-License-Identifier: BSD-2-Clause */
/* All messages of RFC 4475, whole and damaged, through the layer: what is sent on is equal to what came but for what the router must change. */
#include "fake.h"

#include <dirent.h>

#define FOLDER "test/torture/rfc4475/messages"

static char text[70000];

static struct str message_read(const char *name_z)
{
	char path_z[512];
	FILE *f;
	size_t n;

	snprintf(path_z, sizeof(path_z), FOLDER "/%s", name_z);
	f = fopen(path_z, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	return str_of(text, n);
}

/* Calls each with every message. */
static void messages_each(void (*each)(const char *name_z, struct str message))
{
	DIR *d = opendir(FOLDER);
	struct dirent *e;
	unsigned n = 0;

	if (!d)
		fail_msg("run this from the top of the tree");
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		each(e->d_name, message_read(e->d_name));
		n++;
	}
	closedir(d);
	assert_true(n >= 49);
}

static enum script_result script_anywhere(struct ctx *ctx)
{
	fake.last = forward_host(ctx, STR("127.0.0.6"), 5066, NULL);
	return SCRIPT_DONE;
}

/* A message's lines that may differ are left out: the top Via's parameters, Max-Forwards, our own Via. */
static struct str comparable(struct str message, bool with_own_via, char *out)
{
	struct buf b = buf_over(out, 70000);
	bool own = with_own_via;
	struct str line;

	while (message.n) {
		ssize_t end = str_find(message, STR("\r\n"));

		line = end < 0 ? message : str_head(message, (size_t)end + 2);
		message = str_skip(message, line.n);
		if (own &&
		    str_starts(line, STR("Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKs"))) {
			own = false;
			continue;
		}
		if (str_starts_nocase(line, STR("Max-Forwards")))
			continue;
		if (line.n == 2) { /* the body, as it is */
			buf_str_put(&b, line);
			buf_str_put(&b, message);
			break;
		}
		buf_str_put(&b, line);
	}
	return buf_str(&b);
}

static unsigned copies;

static void forwarded_is_equal(const char *name_z, struct str message)
{
	static const struct str marks[] = { STR_INIT(";received=127.0.0.5"), STR_INIT("=5062") };
	static char a[70000], b[70000];
	struct str got, want;

	fake.sent_n = 0;
	fake_receive(0, "127.0.0.5:5062", 0, message);
	if (!fake.sent_n || str_starts(fake_out(0), STR("SIP/2.0 ")))
		return;
	copies++;
	got = comparable(fake_out(0), true, a);
	want = comparable(message, false, b);
	for (int i = 0; i < 2; i++) {
		ssize_t at = str_find(got, marks[i]);

		assert_true(at > 0 || i);
		if (at < 0)
			continue;
		memmove(a + at, a + at + marks[i].n, got.n - (size_t)at - marks[i].n);
		got.n -= marks[i].n;
	}
	if (!strcmp(name_z, "dblreq.dat"))
		want = str_head(want, got.n); /* what lies behind the body stays here */
	if (!str_eq(got, want))
		print_error("%s\n", name_z);
	assert_text(got, want);
}

static void every_forwarded_copy_is_equal(void **state)
{
	(void)state;
	fake.script = script_anywhere;
	messages_each(forwarded_is_equal);
	assert_true(copies > 20);
}

/* --- damaged ---------------------------------------------------------------------------------------------------------------------- */
static uint32_t seed = 1;

static uint32_t roll(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void damage(char *p, size_t *n)
{
	static const char marks[] = "\r\n:;,<>\"@?= \t\0[]%\\";
	size_t at = *n ? roll((uint32_t)*n) : 0;

	switch (roll(4)) {
	case 0:
		p[at] = marks[roll(sizeof(marks) - 1)];
		break;
	case 1:
		p[at] = (char)roll(256);
		break;
	case 2: { /* a piece is lost */
		size_t lost = roll(20);

		if (at + lost < *n) {
			memmove(p + at, p + at + lost, *n - at - lost);
			*n -= lost;
		}
		break;
	}
	default: { /* a piece comes twice */
		size_t twice = roll(60);

		if (at + twice < *n && *n + twice < 60000) {
			memmove(p + at + twice, p + at, *n - at);
			*n += twice;
		}
	}
	}
}

static void damaged_costs_only_itself(const char *name_z, struct str message)
{
	static char p[70000];

	(void)name_z;
	for (int round = 0; round < 200; round++) {
		size_t n = message.n;

		memcpy(p, message.p, n);
		for (uint32_t i = 0, times = 1 + roll(4); i < times; i++)
			damage(p, &n);
		fake.sent_n = 0;
		fake_receive(roll(2), "127.0.0.5:5062", 0, str_of(p, n));
		assert_true(fake.sent_n <= 1);
		/* a response is never answered, whatever it says */
		if (fake.sent_n && n > 8 && !memcmp(p, "SIP/2.0 ", 8))
			assert_false(str_starts(fake_out(0), STR("SIP/2.0 4")));
	}
}

static void damaged_messages_cost_only_themselves(void **state)
{
	(void)state;
	fake.script = script_anywhere;
	messages_each(damaged_costs_only_itself);
	assert_int_equal(msg_worker_waiting(&fake.w), 0);
	fake.sent_n = 0;
	fake_receive(0, "127.0.0.5:5062", 0, fake_request("OPTIONS", URI_B, VIA_A, ""));
	assert_int_equal(fake.sent_n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(every_forwarded_copy_is_equal),
		FAKE_TEST(damaged_messages_cost_only_themselves),
	};

	log_level_set(LOG_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

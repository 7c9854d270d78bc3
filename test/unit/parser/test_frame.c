/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"
#include "parser/frame.h"

#define MAX 65536u

/* --- streams as text: "kind length|" for each frame, until there is no more ------------------------------------------------------ */

static const char *const kinds[] = {
	[FRAME_MORE] = "more", [FRAME_MESSAGE] = "message", [FRAME_PING] = "ping",
	[FRAME_SKIP] = "skip", [FRAME_HTTP] = "http",	    [FRAME_BAD] = "bad",
};

struct told {
	char text[4096];
	size_t n;
};

/* True when the stream goes on behind the frame. */
static bool tell(struct told *t, const struct frame *f)
{
	t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, "%s %zu", kinds[f->kind],
				 f->length);
	if (f->kind == FRAME_BAD)
		t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n,
					 " %d@%zu hdr %d %s", f->error.status, f->error.offset,
					 f->error.hdr, f->error.what);
	t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, "|");
	assert_true(t->n < sizeof(t->text));
	return f->kind != FRAME_BAD && f->kind != FRAME_HTTP;
}

/* Feeds stream in pieces that end at each of the n cuts and at its end, in memory that holds no byte too many. */
static void feed(struct told *t, struct str stream, const size_t *cuts, size_t n, size_t max)
{
	struct frame_state state = { 0 };
	size_t begin = 0;

	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i <= n; i++) {
		size_t end = i < n ? cuts[i] : stream.n;
		struct frame f;

		do {
			struct str data = text_alone(str_of(stream.p + begin, end - begin));

			f = frame_next(&state, data, max);
			text_free(data);
			assert_true(f.length <= end - begin);
			if (f.kind == FRAME_MORE)
				break;
			if (!tell(t, &f))
				return;
			assert_true(f.length > 0);
			begin += f.length;
		} while (begin < end);
	}
	t->n += (size_t)snprintf(t->text + t->n, sizeof(t->text) - t->n, "left %zu",
				 stream.n - begin);
}

/* Whole, byte by byte, and cut once at each position: all must tell the same. */
static void feed_in_all_ways(struct told *whole, struct str stream, size_t max)
{
	size_t *each = malloc((stream.n + 1) * sizeof(*each));
	struct told other;

	assert_non_null(each);
	for (size_t i = 0; i < stream.n; i++)
		each[i] = i;
	feed(whole, stream, NULL, 0, max);
	feed(&other, stream, each, stream.n, max);
	assert_string_equal(other.text, whole->text);
	for (size_t at = 0; at <= stream.n; at++) {
		feed(&other, stream, &at, 1, max);
		if (strcmp(other.text, whole->text) != 0)
			fail_msg("cut at %zu: %s, whole: %s", at, other.text, whole->text);
	}
	free(each);
}

#define A "A sip:a SIP/2.0\r\n"

static const struct {
	const char *in_z, *told_z;
} streams[] = {
	{ "", "left 0" },
	{ A "l: 0\r\n\r\n", "message 25|left 0" },
	{ A "l: 4\r\n\r\nbody", "message 29|left 0" },
	{ A "l: 4\r\n\r\nbod", "left 28" },
	{ A "Content-Length: 4\r\n\r\nbody" A "L\t : 0\r\n\r\n", "message 42|message 27|left 0" },
	{ A "cONTENT-lENGTH \t:\r\n 0004 \r\n\r\nbody", "message 50|left 0" },
	{ A "Z: y\r\n folded\r\n\tl: 9\r\nl:4\r\n\r\nbodyrest", "message 54|more" },
	{ A "L: 0\r\n \r\n\r\n", "message 28|left 0" },
	{ "SIP/2.0 200 OK\r\nl: 0\r\n\r\n", "message 24|left 0" },
	/* a body is not looked at */
	{ A "l: 12\r\n\r\nB\n\r\n\r\nl: 9\r\n" A, "message 38|left 17" },
	/* keep-alives */
	{ "\r\n\r\n", "ping 4|left 0" },
	{ "\r\n\r\n\r\n\r\n", "ping 4|ping 4|left 0" },
	{ "\r\n", "left 2" },
	{ "\r", "left 1" },
	{ "\r\n\r", "left 3" },
	{ "\r\n" A "l: 0\r\n\r\n", "skip 2|message 25|left 0" },
	{ "\r\n\r\n" A "l: 0\r\n\r\n", "ping 4|message 25|left 0" },
	{ "\r\n\r\n\r\n" A "l: 0\r\n\r\n", "ping 4|skip 2|message 25|left 0" },
	{ A "l: 0\r\n\r\n\r\n" A "l: 0\r\n\r\n", "message 25|skip 2|message 25|left 0" },
	{ A "l: 0\r\n\r\n\r\n\r\n" A "l: 0\r\n\r\n", "message 25|ping 4|message 25|left 0" },
	/* the other protocol */
	{ "POST /RPC2 HTTP/1.1\r\nHost: a\r\n\r\n", "http 0|" },
	{ "GET / HTTP/1.0\r\n", "http 0|" },
	{ "HTTP/1.1 200 OK\r\n", "http 0|" },
	{ "POST sip:a SIP/2.0\r\nl: 0\r\n\r\n", "message 28|left 0" },
	{ "A sip:HTTP/1.1 SIP/2.0\r\nl: 0\r\n\r\n", "message 32|left 0" },
	{ "A HTTP/1.x\r\nl: 0\r\n\r\n", "message 20|left 0" },
	/* a malformed message costs itself only */
	{ "nonsense\r\nl: 1\r\n\r\nx" A "l: 0\r\n\r\n", "message 19|message 25|left 0" },
	{ A "no colon\r\nl: 0\r\n\r\n" A "l: 0\r\n\r\n", "message 35|message 25|left 0" },
	/* where the stream cannot be followed */
	{ A "\r\n", "bad 19 400@19 hdr 7 missing Content-Length|" },
	{ A "Z: l: 0\r\n\r\nx", "bad 28 400@28 hdr 7 missing Content-Length|" },
	{ A "l\r\n : 0\r\n\r\n", "bad 28 400@28 hdr 7 missing Content-Length|" },
	{ A " l: 0\r\n\r\n", "bad 26 400@26 hdr 7 missing Content-Length|" },
	{ A "l: -1\r\n\r\n", "bad 26 400@17 hdr 7 negative Content-Length|" },
	{ A "l: +5\r\n\r\n", "bad 26 400@17 hdr 7 malformed Content-Length|" },
	{ A "l:\r\n\r\n", "bad 23 400@17 hdr 7 empty Content-Length|" },
	{ A "l: 5 5\r\n\r\n", "bad 27 400@17 hdr 7 malformed Content-Length|" },
	{ A "l: 4294967296\r\n\r\n", "bad 34 400@17 hdr 7 Content-Length too large|" },
	{ A "l: 99999999999999999999999\r\n\r\n", "bad 47 400@17 hdr 7 Content-Length too large|" },
	{ A "l: 0\r\nContent-Length: 0\r\nZ: y\r\n\r\n",
	  "bad 50 400@23 hdr 7 repeated Content-Length|" },
	{ A "l: -1\r\nl: 0\r\n\r\n", "bad 32 400@17 hdr 7 negative Content-Length|" },
	{ A "l: 4294967295\r\n\r\n", "bad 34 513@34 hdr 7 message too large|" },
	{ A "l: 65502\r\n\r\n", "left 29" },
	{ A "l: 65508\r\n\r\n", "bad 29 513@29 hdr 7 message too large|" },
	{ A "l: 0\n\r\n", "bad 22 400@21 hdr 0 line feed without carriage return|" },
	{ "A sip:a SIP/2.0\n", "bad 16 400@15 hdr 0 line feed without carriage return|" },
	{ "\r\n\nA", "skip 2|bad 0 400@0 hdr 0 not a SIP message|" },
	{ "\n", "bad 0 400@0 hdr 0 not a SIP message|" },
	{ "\rA", "bad 0 400@0 hdr 0 not a SIP message|" },
	{ " A", "bad 0 400@0 hdr 0 not a SIP message|" },
	{ "\x16\x03\x01\x02", "bad 0 400@0 hdr 0 not a SIP message|" },
};

static void streams_are_cut_into_the_same_frames_however_they_arrive(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(streams); i++) {
		struct str stream = str_z(streams[i].in_z);
		struct told told;

		feed_in_all_ways(&told, stream, MAX);
		/* "more" in the table: bytes are left that the numbers do not show */
		if (strcmp(streams[i].told_z, "message 54|more") == 0)
			assert_true(str_starts(str_z(told.text), STR("message ")));
		else if (strcmp(told.text, streams[i].told_z) != 0)
			fail_msg("%s: told %s, expected %s", streams[i].in_z, told.text,
				 streams[i].told_z);
	}
}

static struct str load(const char *name_z, char *room, size_t size)
{
	char path[256];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "test/fuzz/corpus/msg/%s.dat", name_z);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot open %s (tests run at the top of the tree)", path);
	n = fread(room, 1, size, f);
	fclose(f);
	return str_of(room, n);
}

/* What a stream makes of each message of RFC 4475 with a good one and a ping behind it. */
static const struct {
	const char *name_z, *told_z;
} torture[] = {
	{ "wsinv", NULL },
	{ "intmeth", NULL },
	{ "esc01", NULL },
	{ "escnull", NULL },
	{ "esc02", NULL },
	{ "lwsdisp", NULL },
	{ "longreq", NULL },
	{ "dblreq", "message 300|skip 2|message 443|bad 5 400@5 hdr 7 missing Content-Length|" },
	{ "semiuri", NULL },
	{ "transports", NULL },
	{ "mpart01", NULL },
	{ "unreason", NULL },
	{ "noreason", NULL },
	{ "badinv01", NULL },
	{ "clerr", "left 527" },
	{ "ncl", "bad 334 400@310 hdr 7 negative Content-Length|" },
	{ "scalar02", NULL },
	{ "scalarlg", NULL },
	{ "quotbal", NULL },
	{ "ltgtruri", NULL },
	{ "lwsruri", NULL },
	{ "lwsstart", NULL },
	{ "trws", NULL },
	{ "escruri", NULL },
	{ "baddate", NULL },
	{ "regbadct", NULL },
	{ "badaspec", NULL },
	{ "badvers", NULL },
	{ "mismatch01", NULL },
	{ "mismatch02", NULL },
	{ "bigcode", NULL },
	{ "badbranch", NULL },
	{ "insuf", NULL },
	{ "unkscm", NULL },
	{ "novelsc", NULL },
	{ "unksm2", NULL },
	{ "bext01", NULL },
	{ "invut", NULL },
	{ "regaut01", NULL },
	{ "multi01", NULL },
	{ "mcl01", "bad 315 400@268 hdr 7 repeated Content-Length|" },
	{ "bcast", NULL },
	{ "zeromf", NULL },
	{ "cparam01", NULL },
	{ "cparam02", NULL },
	{ "regescrt", NULL },
	{ "sdp01", NULL },
	{ "inv2543", "bad 340 400@340 hdr 7 missing Content-Length|" },
	{ "baddn-repaired", NULL },
	{ "test", NULL },
};

static void torture_messages_are_framed_whole_and_in_pieces(void **state)
{
	static char room[65536];

	(void)state;
	for (size_t i = 0; i < COUNT(torture); i++) {
		static const char tail[] = "\r\n\r\n" A "l: 0\r\n\r\n";
		struct str text = load(torture[i].name_z, room, sizeof(room) - sizeof(tail));
		char expected[64];
		struct told told;

		memcpy(room + text.n, tail, sizeof(tail) - 1);
		feed_in_all_ways(&told, str_of(room, text.n + sizeof(tail) - 1), MAX);
		snprintf(expected, sizeof(expected), "message %zu|ping 4|message 25|left 0",
			 text.n);
		if (strcmp(told.text, torture[i].told_z ? torture[i].told_z : expected) != 0)
			fail_msg("%s: %s", torture[i].name_z, told.text);
	}
}

/* --- generated streams ------------------------------------------------------------------------------------------------------------ */

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

static size_t piece_put(char *out, size_t size, uint32_t *seed)
{
	static const char *const heads[] = {
		"INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z\r\n",
		"SIP/2.0 200 OK\r\nc:\r\n text/plain\r\n",
		"A b SIP/2.0\r\n",
	};
	static const char *const before[] = { "Content-Length: ", "l:", "L\t:\r\n ",
					      "CONTENT-LENGTH :" };
	static const char *const behind[] = { "\r\n\r\n", " \r\nZ:y\r\n\r\n", "\r\n \r\n\r\n" };
	unsigned body = random_next(seed) % 64;
	size_t n;

	switch (random_next(seed) % 16) {
	case 0:
		return (size_t)snprintf(out, size, "\r\n");
	case 1:
		return (size_t)snprintf(out, size, "\r\n\r\n");
	}
	n = (size_t)snprintf(out, size, "%s", heads[random_next(seed) % COUNT(heads)]);
	n += (size_t)snprintf(out + n, size - n, "%s%u%s",
			      before[random_next(seed) % COUNT(before)], body,
			      behind[random_next(seed) % COUNT(behind)]);
	for (unsigned i = 0; i < body; i++)
		out[n++] = "\r\nlAz:"[random_next(seed) % 6];
	return n;
}

static void generated_streams_do_not_depend_on_the_cuts(void **state)
{
	static char room[8192];
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		size_t n = 0, cuts[64], at = 0;
		struct told whole, other;

		for (unsigned i = 0; i < 12; i++)
			n += piece_put(room + n, sizeof(room) - n, &seed);
		if (round % 10 == 0) {
			feed_in_all_ways(&whole, str_of(room, n), MAX);
			continue;
		}
		feed(&whole, str_of(room, n), NULL, 0, MAX);
		assert_non_null(strstr(whole.text, "left"));
		for (unsigned try = 0; try < 20; try++) {
			at = 0;
			for (size_t i = 0; i < COUNT(cuts); i++)
				cuts[i] = at = at + random_next(&seed) % (n - at + 1) / 8;
			feed(&other, str_of(room, n), cuts, COUNT(cuts), MAX);
			assert_string_equal(other.text, whole.text);
		}
	}
}

/* --- bounds ----------------------------------------------------------------------------------------------------------------------- */

static void a_head_that_never_ends_is_bounded(void **state)
{
	static char room[400];
	struct told told;

	(void)state;
	memset(room, 'a', sizeof(room));
	feed_in_all_ways(&told, str_of(room, 200), 200);
	assert_string_equal(told.text, "left 200");
	feed_in_all_ways(&told, str_of(room, 201), 200);
	assert_string_equal(told.text, "bad 200 513@200 hdr 0 message too large|");
	memcpy(room, A, sizeof(A) - 1);
	for (size_t i = sizeof(A) - 1; i + 6 <= sizeof(room); i += 6)
		memcpy(room + i, "Z: y\r\n", 6);
	feed_in_all_ways(&told, str_of(room, 300), 200);
	assert_string_equal(told.text, "bad 200 513@200 hdr 0 message too large|");
}

static void the_largest_message_is_exactly_max(void **state)
{
	struct told told;

	(void)state;
	feed_in_all_ways(&told, STR(A "l: 4\r\n\r\nbody"), 29);
	assert_string_equal(told.text, "message 29|left 0");
	feed_in_all_ways(&told, STR(A "l: 4\r\n\r\nbody"), 28);
	assert_string_equal(told.text, "bad 25 513@25 hdr 7 message too large|");
	feed_in_all_ways(&told, STR(A "l: 0\r\n\r\n"), 25);
	assert_string_equal(told.text, "message 25|left 0");
	feed_in_all_ways(&told, STR(A "l: 0\r\n\r\n"), 24);
	assert_string_equal(told.text, "bad 24 513@24 hdr 0 message too large|");
}

/* A megabyte of head, a byte at a time, in one line and in many folds: quadratic work would take minutes. */
static void bytewise_arrival_takes_linear_time(void **state)
{
	static const char *const units[] = { "a", "Z: y\r\n", "\r\n ", "l: 0\r\n " };
	size_t n = 1 << 20;
	char *p = malloc(n);

	(void)state;
	assert_non_null(p);
	for (size_t u = 0; u < COUNT(units); u++) {
		struct frame_state framer = { 0 };

		memcpy(p, A "Z:", sizeof(A "Z:") - 1);
		for (size_t i = sizeof(A "Z:") - 1, k = 0; i < n; i++, k++)
			p[i] = units[u][k % strlen(units[u])];
		for (size_t i = 0; i <= n; i++)
			assert_int_equal(frame_next(&framer, str_of(p, i), n).kind, FRAME_MORE);
	}
	free(p);
}

static void a_lone_crlf_is_flushed_when_nothing_follows(void **state)
{
	struct frame_state s = { 0 };
	struct frame f;

	(void)state;
	assert_int_equal(frame_next(&s, STR("\r\n"), MAX).kind, FRAME_MORE);
	f = frame_flush(&s, STR("\r\n"));
	assert_int_equal(f.kind, FRAME_SKIP);
	assert_int_equal(f.length, 2);
	assert_int_equal(frame_flush(&s, STR("\r")).kind, FRAME_MORE);
	assert_int_equal(frame_flush(&s, STR("\r\n\r")).kind, FRAME_MORE);
	assert_int_equal(frame_flush(&s, STR("")).kind, FRAME_MORE);
	assert_int_equal(frame_next(&s, STR("A "), MAX).kind, FRAME_MORE);
	assert_int_equal(frame_flush(&s, STR("A ")).kind, FRAME_MORE);
}

static void the_head_of_a_bad_frame_can_be_answered(void **state)
{
	struct str in = STR(A "Content-Length: -1\r\nVia: SIP/2.0/TCP a\r\nTo: <sip:t>\r\n\r\nxx");
	struct frame_state s = { 0 };
	struct frame f = frame_next(&s, in, MAX);
	struct pool *p = pool_test();
	struct sip_error error;
	struct sip_msg msg;

	(void)state;
	assert_int_equal(f.kind, FRAME_BAD);
	assert_int_not_equal(sip_msg_parse(&msg, p, str_head(in, f.length), true, &error), 0);
	assert_string_equal(error.what, f.error.what);
	assert_str(msg.first[HDR_VIA]->body, "SIP/2.0/TCP a");
	assert_str(msg.first[HDR_TO]->body, "<sip:t>");
	pool_drop(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_are_cut_into_the_same_frames_however_they_arrive),
		cmocka_unit_test(torture_messages_are_framed_whole_and_in_pieces),
		cmocka_unit_test(generated_streams_do_not_depend_on_the_cuts),
		cmocka_unit_test(a_head_that_never_ends_is_bounded),
		cmocka_unit_test(the_largest_message_is_exactly_max),
		cmocka_unit_test(bytewise_arrival_takes_linear_time),
		cmocka_unit_test(a_lone_crlf_is_flushed_when_nothing_follows),
		cmocka_unit_test(the_head_of_a_bad_frame_can_be_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

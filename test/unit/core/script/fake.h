/* SPDX-License-Identifier: BSD-2-Clause */
/* Scripts without a router: functions that write down that they were called, attributes with known values, one message. */
#ifndef TEST_SCRIPT_FAKE_H
#define TEST_SCRIPT_FAKE_H

#include "fake_rows.h"

#include "core/run/log.h"
#include "core/script/format.h"
#include "core/script/machine.h"
#include "core/script/script.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static char *fake_said; /* diagnostics of the last load */
static unsigned fake_errors, fake_warnings;
static struct shm *fake_shm;
static struct shvs *fake_shvs; /* NULL: no shared variables */

/* --- loading ---------------------------------------------------------------------------------------------------------------------------------- */

static int fake_load_file(const char *path_z, bool lenient, const struct conf **conf_r)
{
	struct script_options o = { .path_z = path_z,
				    .mpath = STR("modules"),
				    .lenient = lenient,
				    .builtins = fake_builtins,
				    .load_module = fake_load_module,
				    .shvs = fake_shvs,
				    .generation = 7 };
	size_t n;
	FILE *out;
	int r;

	free(fake_said);
	fake_said = NULL;
	out = open_memstream(&fake_said, &n);
	assert_non_null(out);
	*conf_r = NULL;
	r = script_load(fake_shm, &o, out, conf_r, &fake_errors, &fake_warnings);
	fclose(out);
	return r;
}

static inline int fake_load_text(struct str text, bool lenient, const struct conf **conf_r)
{
	char path_z[64];
	int fd = memfd_create("script", MFD_CLOEXEC), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text.p, text.n), text.n);
	snprintf(path_z, sizeof(path_z), "/proc/self/fd/%d", fd);
	r = fake_load_file(path_z, lenient, conf_r);
	close(fd);
	return r;
}

/* --- one message ------------------------------------------------------------------------------------------------------------------------------- */

static const char fake_invite[] = "INVITE sip:bob@Example.com SIP/2.0\r\n"
				  "Via: SIP/2.0/UDP 10.1.2.3:5070;branch=z9hG4bKx\r\n"
				  "From: \"Al\" <sip:alice@10.0.0.1>;tag=1\r\n"
				  "To: <sip:bob@127.0.0.1:5060>\r\n"
				  "Call-ID: c1\r\nCSeq: 7 INVITE\r\nMax-Forwards: 70\r\n"
				  "Content-Length: 0\r\n\r\n";
static const char fake_ringing[] =
	"SIP/2.0 180 Ringing\r\n"
	"Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx\r\n"
	"From: <sip:alice@10.0.0.1>;tag=1\r\nTo: <sip:bob@10.0.0.2>;tag=2\r\n"
	"Call-ID: c1\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n";

static struct fake_router {
	struct run run;
	struct worker worker;
	struct slot *slot;
	struct msg_worker msg_worker;
	const struct conf *_Atomic conf;
	struct ctx ctx;
	struct sip_msg msg;
	struct pool *pool,
		*msg_pool; /* the context's, and the message's so that a full pool is the script's matter */
} fake;

static void fake_ctx_begin(const struct conf *conf, struct str message)
{
	struct sip_error e;

	fake_out = BUF_ON(fake_trace);
	fake_waits = 0;
	fake_mem = value_null();
	if (!fake.slot)
		fake.slot = calloc(1, sizeof(*fake.slot));
	if (!fake.pool)
		fake.pool = pool_new(16384, 1 << 20);
	assert_non_null(fake.slot);
	if (!fake.msg_pool)
		fake.msg_pool = pool_new(16384, 1 << 20);
	assert_non_null(fake.pool);
	assert_non_null(fake.msg_pool);
	pool_reset(fake.pool);
	pool_reset(fake.msg_pool);
	fake.conf = conf;
	fake.run.conf = &fake.conf;
	fake_router(&fake.worker, &fake.run, &fake.msg_worker);
	fake.worker.conf = conf;
	fake.worker.slot = fake.slot;
	fake.ctx = (struct ctx){ .worker = &fake.worker, .conf = conf, .pool = fake.pool };
	assert_int_equal(sip_msg_parse(&fake.msg, fake.msg_pool, message, false, &e), 0);
	fake.ctx.msg = &fake.msg;
	fake.ctx.route_kind = fake.ctx.msg->is_request ? IN_REQUEST : IN_REPLY;
	fake.ctx.from = fake_origin();
}

/* What a waiting function waited for is there. */
static enum script_result fake_go_on(void)
{
	int value = fake.ctx.wait.resume(&fake.ctx, fake.ctx.wait.arg);

	return value == FN_WAIT ? SCRIPT_WAITS : script_hooks.resume(&fake.ctx, value);
}

/* Runs until the end; waiting functions are gone on with at once. */
static void fake_run(const struct conf *conf, struct str message)
{
	enum script_result r;

	fake_ctx_begin(conf, message);
	r = script_hooks.start(&fake.ctx);
	while (r == SCRIPT_WAITS)
		r = fake_go_on();
	script_hooks.end(&fake.ctx);
	assert_null(fake.slot->script_file_z);
}

static inline const char *fake_traced(void)
{
	if (fake_out.n && fake_trace[fake_out.n - 1] == ' ')
		fake_out.n--;
	return buf_z(&fake_out);
}

/* Loads a script that must be good and runs it with the request. The result is what its functions wrote. */
static inline const char *fake_script(const char *text_z)
{
	const struct conf *conf;
	int r = fake_load_text(str_z(text_z), false, &conf);

	if (r < 0)
		fail_msg("%s\n%s", text_z, fake_said);
	fake_run(conf, str_z(fake_invite));
	script_drop(&conf);
	return fake_traced();
}

/* The same for the inside of a main route. */
static inline const char *fake_route(const char *body_z)
{
	static char text[8192];

	snprintf(text, sizeof(text),
		 "route {\n%s\n}\nroute[ONE] { return 1; }\nroute[MINUS] { return(-1); }\nroute[T] "
		 "{ t(\"T\"); }\n",
		 body_z);
	return fake_script(text);
}

/* The body of a main route, and what its functions write. */
struct vector {
	const char *body, *trace;
};

static inline void run_all(const struct vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *got = fake_route(v[i].body);

		if (strcmp(got, v[i].trace))
			fail_msg("%s\n-> \"%s\", expected \"%s\"", v[i].body, got, v[i].trace);
	}
}
#define RUN_ALL(v) run_all((v), sizeof(v) / sizeof(*(v)))

static int fake_setup(void **state)
{
	(void)state;
	fake_shm = shm_new((size_t)1 << 30, (size_t)256 << 20, 4);
	shm_slot_set(0);
	return fake_shm ? 0 : -1;
}

/* For tests of scripts that are meant to make errors: nothing is logged. */
static inline int fake_setup_quiet(void **state)
{
	log_level_set(-10);
	return fake_setup(state);
}

static inline int fake_teardown(void **state)
{
	struct shm_stats stats;

	(void)state;
	pool_drop(&fake.pool);
	pool_drop(&fake.msg_pool);
	free(fake.slot);
	free(fake_said);
	fake_said = NULL;
	fake.slot = NULL;
	shm_stats(fake_shm, &stats);
	assert_int_equal(stats.chunks_live, 0);
	shm_drop(&fake_shm);
	return 0;
}

#endif

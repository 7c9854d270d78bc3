/* SPDX-License-Identifier: BSD-2-Clause */
/* A script: it is loaded or explained, run with a request and a response, and nothing is left of it. */
#include "core/run/log.h"
#include "core/script/program.h"
#include "fuzz.h"
#include "test/unit/core/script/fake_rows.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define STEPS 20000u

static const char request[] =
	"INVITE sip:bob@example.com;transport=tcp SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 10.1.2.3:5070;branch=z9hG4bKx\r\n"
	"From: \"Al\" <sip:alice@10.0.0.1>;tag=1\r\nTo: <sip:bob@127.0.0.1:5060>\r\n"
	"Call-ID: c1\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n";
static const char response[] =
	"SIP/2.0 180 Ringing\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n"
	"From: <sip:alice@10.0.0.1>;tag=1\r\nTo: <sip:bob@10.0.0.2>;tag=2\r\n"
	"Call-ID: c1\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n";

static struct shm *shm;
static FILE *nowhere;
static int source_fd;
static struct slot *slot;

static void start(void)
{
	if (shm)
		return;
	log_level_set(-10);
	shm = shm_new((size_t)1 << 30, (size_t)256 << 20, 4);
	shm_slot_set(0);
	nowhere = fopen("/dev/null", "we");
	source_fd = memfd_create("script", MFD_CLOEXEC);
	slot = calloc(1, sizeof(*slot));
	REQUIRE(shm && nowhere && source_fd >= 0 && slot);
}

static void run(const struct conf *conf, const char *message_z)
{
	const struct conf *_Atomic published = conf;
	struct run router = { .conf = &published };
	struct worker worker = { .slot = slot };
	struct msg_worker mw = { 0 };
	struct pool *pool = pool_new(4096, 1 << 20);
	struct sip_msg msg;
	struct sip_error e;
	struct ctx ctx = { .worker = &worker, .conf = conf, .pool = pool, .msg = &msg };
	enum script_result r;

	REQUIRE(pool);
	REQUIRE(sip_msg_parse(&msg, pool, str_z(message_z), false, &e) == 0);
	ctx.route_kind = msg.is_request ? IN_REQUEST : IN_REPLY;
	fake_router(&worker, &router, &mw);
	ctx.from = fake_origin();
	fake_out = BUF_ON(fake_trace);
	r = script_hooks.start(&ctx);
	for (int i = 0; r == SCRIPT_WAITS && i < 1000; i++)
		r = script_hooks.resume(&ctx, fake_wait_value);
	script_hooks.end(&ctx);
	REQUIRE(slot->script_file_z == NULL);
	pool_drop(&pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path_z[64];
	struct script_options o = { .path_z = path_z,
				    .mpath = STR("modules"),
				    .lenient = size & 1,
				    .builtins = fake_builtins,
				    .load_module = fake_load_module };
	const struct conf *conf = NULL;
	unsigned errors, warnings;
	struct shm_stats stats;
	int r;

	start();
	REQUIRE(ftruncate(source_fd, 0) == 0 && pwrite(source_fd, data, size, 0) == (ssize_t)size);
	snprintf(path_z, sizeof(path_z), "/proc/self/fd/%d", source_fd);
	r = script_load(shm, &o, nowhere, &conf, &errors, &warnings);
	REQUIRE((r == 0) == (errors == 0) || r == -ENOMEM);
	if (r == 0) {
		((struct program *)conf->program)->max_steps = STEPS;
		run(conf, request);
		run(conf, response);
		script_drop(&conf);
	}
	shm_stats(shm, &stats);
	REQUIRE(stats.chunks_live == 0);
	return 0;
}

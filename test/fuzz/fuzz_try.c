/* SPDX-License-Identifier: BSD-2-Clause */
/* A message through a script that looks at much of it: whatever comes, what would be sent is told, and nothing is left behind. */
/* layers: core/base core/mem core/run parser core/net core/msg core/script core/mod core/try */
#include "core/msg/shv.h"
#include "core/msg/worker.h"
#include "core/run/conf.h"
#include "core/run/log.h"
#include "core/script/script.h"
#include "core/try/diff.h"
#include "core/try/router.h"
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

static const char script[] = "listen=udp:127.0.0.1:5060\nlisten=tcp:127.0.0.1:5060\n"
			     "route {\n"
			     "	$var(a) = $ru + \" \" + $rU + $rd + $fu + $tu + $ci + $ua;\n"
			     "	if (uri == myself && method == \"OPTIONS\") { drop; }\n"
			     "	if (@from.uri.user =~ \"^a.*b\" || @to.tag != \"\") setflag(1);\n"
			     "	switch ($rm) {\n"
			     "	case \"INVITE\": route(CALL); break;\n"
			     "	default: forward();\n"
			     "	}\n"
			     "}\n"
			     "route[CALL] {\n"
			     "	$var(i) = 0;\n"
			     "	while ($var(i) < 3) { $var(i) = $var(i) + 1; }\n"
			     "	prefix(\"9\");\n"
			     "	strip(1);\n"
			     "	rewritehostport(\"192.0.2.7:5080\");\n"
			     "	forward();\n"
			     "}\n"
			     "onreply_route { if (status == 404) { drop; } }\n";

static const struct module_def *const builtins[] = { &run_module, &net_module, &msg_module, NULL };

static struct router router;
static struct run run;

static int modules_start(const struct conf *conf)
{
	for (unsigned i = 0; i < conf->sections_n; i++)
		if (conf->modules[i]->counters)
			REQUIRE(counters_register(conf->modules[i]->counters) == 0);
	return 0;
}

static void start(void)
{
	struct script_options o = { .generation = 1, .builtins = builtins };
	const struct conf *conf = NULL;
	unsigned errors, warnings;
	char path_z[64];
	int fd = memfd_create("script", MFD_CLOEXEC);

	REQUIRE(write(fd, script, sizeof(script) - 1) == (ssize_t)sizeof(script) - 1);
	snprintf(path_z, sizeof(path_z), "/proc/self/fd/%d", fd);
	run.shm = shm_new((size_t)1 << 30, (size_t)256 << 20, SHM_SLOTS_MAX);
	REQUIRE(run.shm);
	run.shvs = shvs_new(run.shm);
	o.path_z = path_z;
	o.shvs = run.shvs;
	REQUIRE(script_load(run.shm, &o, stderr, &conf, &errors, &warnings) == 0);
	REQUIRE(router_start(&router, &run, conf, modules_start) == 0);
	log_level_set(-10);
}

/* The first byte chooses where it comes from. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const places[] = { "udp:192.0.2.1:5060", "tcp:192.0.2.1:5060" };
	struct pool *pool = pool_new(65536, 64u << 20);
	struct str text = input_text(data, size);
	const struct record *r;
	struct origin from;
	char hint_z[256];

	if (!run.shm)
		start();
	REQUIRE(pool);
	REQUIRE(!router_origin(&router, str_z(places[size ? data[0] & 1 : 0]), STR_NULL, &from,
			       hint_z, sizeof(hint_z)));
	r = router_receive(&router, pool, &from, size ? str_skip(text, 1) : text);
	REQUIRE(r && !r->full);
	for (const struct sent *s = r->sent; s; s = s->next) {
		REQUIRE(s->text.n && s->target.from);
		REQUIRE(!str_is_null(diff_unified(pool, r->text, s->text)));
	}
	REQUIRE(msg_worker_waiting(&router.w) == 0);
	/* names that were made up are forgotten, so that each message begins alike */
	router_names_forget(&router);
	input_free(text);
	pool_drop(&pool);
	return 0;
}

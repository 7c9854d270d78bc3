/* SPDX-License-Identifier: BSD-2-Clause */
/* A message through a script that looks at much of it: whatever comes, what would be sent is told, and nothing is left behind. */
/* layers: core/base core/mem core/run parser core/net core/msg core/script core/mod core/try */
#include "core/mod/load.h"
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

static const char script[] =
	"listen=udp:127.0.0.1:5060\n"
	"listen=tcp:127.0.0.1:5060\n"
	"loadmodule \"textops\"\n"
	"loadmodule \"textopsx\"\n"
	"loadmodule \"siputils\"\n"
	"loadmodule \"cfgutils\"\n"
	"loadmodule \"kex\"\n"
	"loadmodule \"corex\"\n"
	"loadmodule \"xlog\"\n"
	"loadmodule \"sanity\"\n"
	"loadmodule \"maxfwd\"\n"
	"loadmodule \"sl\"\n"
	"loadmodule \"pv\"\n"
	"loadmodule \"pike\"\n"
	"loadmodule \"ratelimit\"\n"
	"modparam(\"ratelimit\", \"pipe\", \"0:RED:100\")\n"
	"modparam(\"ratelimit\", \"queue\", \"0:*\")\n"
	"route {\n"
	"\t$var(a) = $ru + \" \" + $rU + $rd + $fu + $tu + $ci + $ua + $(hdr(Via)[-1]) + $rb;\n"
	"\tif (!sanity_check()) { xlog(\"$ru $fu $mb\\n\"); }\n"
	"\tif (!mf_process_maxfwd_header(\"10\")) { sl_send_reply(\"483\", \"Too Many Hops\"); "
	"exit; }\n"
	"\tif (uri == myself && method == \"OPTIONS\") { sl_send_reply(\"200\", \"$rU\"); exit; }\n"
	"\tif (@from.uri.user =~ \"^a.*b\" || @to.tag != \"\") setflag(1);\n"
	"\t$avp(u) = $(ru{uri.user}{s.tolower});\n"
	"\t$avp(u) = $(fu{uri.host}{s.substr,1,3});\n"
	"\t$var(n) = $(ct{nameaddr.uri}{uri.param,transport}{s.len}) + $(rb{s.md5}) + "
	"$(ru{s.escape.common}) + $(hdr(Contact){s.select,1,,}) + $(rb{line.at,1}) + "
	"$(fu{s.encode.hexa}{s.decode.hexa});\n"
	"\tif (search(\"INVITE.*sip\") || search_body(\"m=audio\")) append_hf(\"X-Found: "
	"$rU\\r\\n\");\n"
	"\tif (is_present_hf(\"Subject\")) remove_hf(\"Subject\");\n"
	"\tremove_hf_re(\"^X-Drop\");\n"
	"\tif (subst(\"/^From: (.*)tag=(.*)$/From: \\\\1tag=x\\\\2/\")) setflag(2);\n"
	"\tsubst_uri(\"/^sip:(.*)@(.*)$/sip:9\\\\1@\\\\2/\");\n"
	"\tsubst_user(\"/^9//\");\n"
	"\tsubst_body(\"/a/bb/g\");\n"
	"\tif (has_totag() && is_uri($ru) && uri_param(\"user\", \"phone\")) setflag(3);\n"
	"\tif (is_user(\"a\") || is_gruu()) setflag(4);\n"
	"\tif (core_hash(\"$ci\", \"$fU\", \"8\") > 3) $shv(x) = $shv(x) + 1;\n"
	"\tif (!pike_check_req() || !pike_check_ip(\"$fd\")) setflag(5);\n"
	"\tif (!rl_check() || !rl_check_pipe(\"$rU\")) setflag(6);\n"
	"\tswitch ($rm) {\n"
	"\tcase \"INVITE\": route(CALL); break;\n"
	"\tcase /\"^(ACK|BYE)$\": route(\"C\" + \"ALL\"); break;\n"
	"\tdefault: forward();\n"
	"\t}\n"
	"}\n"
	"route[CALL] {\n"
	"\t$var(i) = 0;\n"
	"\twhile ($var(i) < 3) {\n"
	"\t\t$var(i) = $var(i) + 1;\n"
	"\t\t$avp(v) = $(hdr(Via)[$var(i)]) + $(avp(u)[$var(i)]);\n"
	"\t}\n"
	"\tinsert_hf(\"X-First: $(ci{s.len})\\r\\n\");\n"
	"\tset_body(\"v=0\\r\\no=$rU\\r\\n\", \"application/sdp\");\n"
	"\tmsg_apply_changes();\n"
	"\tprefix(\"9\");\n"
	"\tstrip(1);\n"
	"\t$fU = $tU;\n"
	"\t$ru = \"sip:\" + $rU + \"@192.0.2.7:5080;x=\" + $(ci{s.escape.param});\n"
	"\tappend_branch(\"sip:b@192.0.2.8\");\n"
	"\trewritehostport(\"192.0.2.7:5080\");\n"
	"\tforward();\n"
	"}\n"
	"onreply_route {\n"
	"\tif (status == 404) { drop; }\n"
	"\tif (status =~ \"^18\" && has_body(\"application/sdp\")) append_hf(\"X-Early: $rs "
	"$rr\\r\\n\");\n"
	"\tremove_hf(\"Server\");\n"
	"}\n";

static const struct module_def *const builtins[] = { &run_module, &net_module, &msg_module, NULL };

static struct router router;
static struct run run;

static int modules_start(struct run *r, const struct conf *conf)
{
	for (unsigned i = 0; i < conf->sections_n; i++) {
		const struct module_def *m = conf->modules[i];

		if (m->counters)
			REQUIRE(counters_register(m->counters) == 0);
		if (m->init)
			REQUIRE(m->init(r, conf) == 0);
	}
	return 0;
}

static void start(void)
{
	struct script_options o = { .generation = 1,
				    .builtins = builtins,
				    .mpath = STR("build-fuzz/modules"),
				    .load_module = mod_load };
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

/* The first byte chooses where it comes from, and whether it comes when there is too much to do. */
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

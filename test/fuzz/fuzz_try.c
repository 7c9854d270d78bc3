/* SPDX-License-Identifier: BSD-2-Clause */
/* A message through a script that looks at much of it and relays it with a transaction, and what its targets may answer: whatever comes, what would be sent is
 * told, and nothing is left behind. */
/* layers: core/base core/mem core/run parser core/net core/msg core/script core/mod core/try */
#include "core/mod/load.h"
#include "core/msg/shv.h"
#include "core/msg/stateful.h"
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
	"loadmodule \"tm\"\n"
	"loadmodule \"rr\"\n"
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
	"\tif (method == \"CANCEL\") { t_relay(); exit; }\n"
	"\tif (loose_route()) { t_on_reply(\"NOTE\"); t_relay(); exit; }\n"
	"\tswitch ($rm) {\n"
	"\tcase \"INVITE\": record_route(); route(FORK); break;\n"
	"\tcase /\"^(ACK|BYE)$\": route(\"C\" + \"ALL\"); break;\n"
	"\tcase \"MESSAGE\": t_on_failure(\"NEXT\"); t_relay(); break;\n"
	"\tcase \"INFO\": t_reply(\"404\", \"$rU\"); break;\n"
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
	"route[FORK] {\n"
	"\tif (!is_present_hf(\"X-Fork\")) { route(CALL); exit; }\n"
	"\t$ru = \"sip:\" + $rU + \"@192.0.2.7:5080\";\n"
	"\tappend_branch(\"sip:b@192.0.2.8\", \"0.5\");\n"
	"\tappend_branch(\"sip:c@a.test;transport=tcp\", \"0.5\");\n"
	"\tif (is_present_hf(\"X-Series\")) { t_load_contacts(); t_next_contacts(); }\n"
	"\tt_on_failure(\"NEXT\");\n"
	"\tt_on_branch(\"EACH\");\n"
	"\tt_on_reply(\"NOTE\");\n"
	"\tt_set_fr(2000, 1000);\n"
	"\tif (!t_relay()) { t_reply_error(); }\n"
	"}\n"
	"branch_route[EACH] {\n"
	"\tappend_hf(\"X-Branch: $T_branch_idx $ru\\r\\n\");\n"
	"\tif ($rU == \"drop\") drop;\n"
	"\tif ($rU == \"c\") t_on_reply(\"OWN\");\n"
	"}\n"
	"onreply_route[NOTE] {\n"
	"\t$(avp(last)[*]) = $rs;\n"
	"\tt_on_failure(\"NEXT\");\n"
	"\tif (status == 183) drop;\n"
	"\tif (status == 199) t_cancel_branches(\"others\");\n"
	"\tappend_hf(\"X-Of: $T_req($rU) $T(id_label)\\r\\n\");\n"
	"}\n"
	"onreply_route[OWN] {\n"
	"\tremove_hf(\"Contact\");\n"
	"}\n"
	"failure_route[NEXT] {\n"
	"\t$avp(n) = $avp(last) + $T_rpl($rr) + $T_reply_code;\n"
	"\tif (t_is_canceled()) exit;\n"
	"\tif (t_check_status(\"404\")) { t_reply(\"410\", \"$T_reply_reason\"); exit; }\n"
	"\tif (t_check_status(\"50.\")) t_drop_replies();\n"
	"\tif (t_next_contacts() == 1) { t_on_failure(\"NEXT\"); t_relay(); exit; }\n"
	"\tif (t_branch_timeout() || t_grep_status(486)) {\n"
	"\t\tappend_branch(\"sip:late@b.test\");\n"
	"\t\tt_relay();\n"
	"\t}\n"
	"}\n"
	"onreply_route {\n"
	"\tif (status == 404) { drop; }\n"
	"\tif (status =~ \"^18\" && has_body(\"application/sdp\")) append_hf(\"X-Early: $rs "
	"$rr\\r\\n\");\n"
	"\tremove_hf(\"Server\");\n"
	"}\n";

static const struct module_def *const builtins[] = { &run_module, &net_module, &msg_module, NULL };

#define ROWS_SPARE 256u /* what a worker keeps at hand */

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

/* --- answers -------------------------------------------------------------------------------------------------------------------------- */

static void all_put(struct buf *b, const struct sip_msg *msg, enum hdr_id id)
{
	for (const struct sip_hdr *h = msg->first[id]; h; h = h->next_same)
		buf_str_put(b, h->whole);
}

/* What a target may say to a request that was sent to it, or something like it. */
static struct str answer_make(struct pool *pool, const struct sip_msg *msg, uint32_t *seed)
{
	static const char *const lines[] = { "100 T", "180 R", "183 P",	 "199 E", "200 OK",
					     "202 A", "302 M", "401 W",	 "404 N", "408 T",
					     "486 B", "487 T", "500 E",	 "503 S", "600 B",
					     "603 D", "699 X", "0 none", "200",	  "1000 K" };
	size_t cap = msg->buf.n + 512;
	struct buf b = buf_over(pool_alloc(pool, cap), cap);
	uint32_t how = choice_next(seed);
	char *p = (char *)(uintptr_t)b.p;

	REQUIRE(p);
	buf_fmt(&b, "SIP/2.0 %s\r\n",
		lines[choice_next(seed) % (sizeof(lines) / sizeof(lines[0]))]);
	all_put(&b, msg, HDR_VIA);
	all_put(&b, msg, HDR_RECORD_ROUTE);
	all_put(&b, msg, HDR_FROM);
	all_put(&b, msg, HDR_CALL_ID);
	if (how % 16 == 1)
		buf_lit(&b, "CSeq: 1 CANCEL\r\n");
	else
		all_put(&b, msg, HDR_CSEQ);
	buf_fmt(&b,
		"To: <sip:b@192.0.2.8>;tag=%u\r\nContact: <sip:x@192.0.2.9>\r\n"
		"WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"\r\n\r\n",
		how % 3);
	REQUIRE(buf_ok(&b));
	if (how % 8 == 2 && b.n)
		p[choice_next(seed) % b.n] = (char)choice_next(seed);
	return buf_str(&b);
}

static void requests_answer(struct pool *pool, const struct record *r, uint32_t *seed,
			    unsigned depth);

static void give(struct pool *pool, const struct origin *from, struct str text, uint32_t *seed,
		 unsigned depth)
{
	const struct record *r = router_receive(&router, pool, from, text);

	REQUIRE(r && !r->full);
	for (const struct sent *s = r->sent; s; s = s->next) {
		REQUIRE(s->text.n && s->target.from);
		REQUIRE(!str_is_null(diff_unified(pool, r->text, s->text)));
	}
	requests_answer(pool, r, seed, depth);
}

/* Time goes on by so much; what is sent meanwhile nobody sees. */
static void time_pass(uint64_t ms)
{
	struct worker *w = &router.w;
	uint64_t end = w->now + ms;

	while (w->now < end) {
		int next = timers_run(w->timers, w->now, 512);

		epoch_turn(run.epochs, 0);
		limbo_run(w->limbo);
		msg_worker_turn(w);
		if (next < 0 || w->now + (uint64_t)next > end)
			next = (int)(end - w->now);
		w->now += next > 0 ? (uint64_t)next : 1;
		timers_now_set(w->timers, w->now);
	}
}

/* Some of the requests are answered, some by several, some later. */
static void requests_answer(struct pool *pool, const struct record *r, uint32_t *seed,
			    unsigned depth)
{
	for (const struct sent *s = r->sent; s && depth < 5; s = s->next) {
		struct origin back = router_origin_back(s);
		unsigned times = choice_next(seed) % 3;

		if (!s->msg || !s->msg->is_request)
			continue;
		for (unsigned i = 0; i < times; i++)
			give(pool, &back, answer_make(pool, s->msg, seed), seed, depth + 1);
		if (choice_next(seed) % 8 == 0)
			time_pass(choice_next(seed) % 4000);
	}
}

/* The same hop asks for something else: CANCEL, ACK, BYE or the request again. */
static void ask_again(struct pool *pool, const struct origin *from, struct str text, uint32_t *seed)
{
	static const char *const methods[] = { "CANCEL", "ACK", "BYE", "INVITE" };
	const char *method_z = methods[choice_next(seed) % 4];
	struct sip_msg msg;
	struct sip_error e;
	struct buf b = buf_over(pool_alloc(pool, text.n + 256), text.n + 256);

	if (!b.p || sip_msg_parse(&msg, pool, text, false, &e) || !msg.is_request)
		return;
	buf_fmt(&b, "%s ", method_z);
	buf_str_put(&b, msg.ruri);
	buf_lit(&b, " SIP/2.0\r\n");
	all_put(&b, &msg, HDR_VIA);
	all_put(&b, &msg, HDR_FROM);
	all_put(&b, &msg, HDR_TO);
	all_put(&b, &msg, HDR_CALL_ID);
	buf_fmt(&b, "CSeq: 1 %s\r\nMax-Forwards: 70\r\n\r\n", method_z);
	if (buf_ok(&b))
		give(pool, from, buf_str(&b), seed, 1);
}

/* The first byte chooses where it comes from, and whether it comes when there is too much to do. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const places[] = { "udp:192.0.2.1:5060", "tcp:192.0.2.1:5060" };
	struct pool *pool = pool_new(65536, 64u << 20);
	struct str text = input_text(data, size);
	uint32_t seed = choice_seed(text);
	struct origin from;
	char hint_z[256];

	if (!run.shm)
		start();
	REQUIRE(pool);
	REQUIRE(!router_origin(&router, str_z(places[size ? data[0] & 1 : 0]), STR_NULL, &from,
			       hint_z, sizeof(hint_z)));
	for (size_t i = 0; i < size; i++)
		seed = seed * 31 + data[i];
	give(pool, &from, size ? str_skip(text, 1) : text, &seed, 0);
	for (unsigned n = choice_next(&seed) % 4; n; n--) {
		ask_again(pool, &from, size ? str_skip(text, 1) : text, &seed);
		time_pass(choice_next(&seed) % 2000);
	}
	/* every timer there is has ended, and with it every transaction */
	time_pass(400000);
	REQUIRE(trans_hooks()->unfinished(&router.w) == 0);
	REQUIRE(trans_hooks()->in_use(&run) <= ROWS_SPARE);
	REQUIRE(msg_worker_waiting(&router.w) == 0);
	/* names that were made up are forgotten, so that each message begins alike */
	router_names_forget(&router);
	input_free(text);
	pool_drop(&pool);
	return 0;
}

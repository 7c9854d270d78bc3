/* SPDX-License-Identifier: BSD-2-Clause */
/* What a script can call and read in tests: functions that write down that they were called, attributes with known values, parameters. */
#ifndef TEST_SCRIPT_FAKE_ROWS_H
#define TEST_SCRIPT_FAKE_ROWS_H

#include "core/base/buf.h"
#include "core/base/clock.h"
#include "core/msg/attr_avp.h"
#include "core/msg/ctx.h"
#include "core/msg/worker.h"
#include "core/net/conf.h"
#include "core/script/regex.h"
#include "core/script/script.h"
#include "core/script/use.h"

#include <errno.h>
#include <stdio.h>

static char fake_trace[65536]; /* what the functions wrote */
static struct buf fake_out;
static int fake_waits; /* calls of wait() that answered FN_WAIT */

/* --- the network: one listener on 127.0.0.1:5060, and the aliases of the configuration ------------------------------------------------------- */

static struct listener fake_listener;

static inline bool fake_is_own(struct run *run, const struct conf *conf, const struct transport *t,
			       struct str host, uint16_t port)
{
	(void)run;
	if (!port)
		port = t ? t->port : 5060;
	for (const struct conf_alias *a = NET_CONF(conf)->aliases; a; a = a->next)
		if (str_eq_nocase(a->host, host) && (!a->port || a->port == port))
			return true;
	return str_eq(host, STR("127.0.0.1")) && port == 5060;
}

static inline const struct listener *fake_listener_at(struct run *run, unsigned index)
{
	(void)run;
	return index ? NULL : &fake_listener;
}

static const struct msg_net fake_net = { .is_own = fake_is_own, .listener_at = fake_listener_at };

/* What a context points to, made once. */
static inline void fake_router(struct worker *w, struct run *run, struct msg_worker *mw)
{
	fake_listener.transport = transport_of(TRANSPORT_UDP);
	addr_port_parse(STR("127.0.0.1:5060"), &fake_listener.addr);
	mw->net = &fake_net;
	w->run = run;
	w->msg = mw;
}

/* Where the message came from. */
static inline struct origin fake_origin(void)
{
	struct origin o = { .transport = fake_listener.transport, .listener = &fake_listener };

	o.dst = fake_listener.addr;
	addr_port_parse(STR("10.1.2.3:5070"), &o.src);
	return o;
}

/* --- functions ----------------------------------------------------------------------------------------------------------------------- */

static void fake_put(const struct value *v)
{
	if (v->type == VALUE_INT)
		buf_int(&fake_out, v->i);
	else if (v->type == VALUE_STR)
		buf_str_put(&fake_out, v->s);
	else if (v->type == VALUE_REGEX)
		buf_lit(&fake_out, "<regex>");
	else
		buf_lit(&fake_out, "<null>");
}

static int fake_t(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	for (unsigned i = 0; i < argc; i++) {
		if (i)
			buf_char(&fake_out, ',');
		fake_put(&argv[i]);
	}
	buf_char(&fake_out, ' ');
	return FN_TRUE;
}

static int fake_done(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	ctx->done |= CTX_REPLIED;
	return fake_t(ctx, argv, argc);
}

static int fake_val(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	return (int)argv[0].i;
}

/* Takes 2 ms of the processor. */
static int fake_burns;
static int fake_burn(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	uint64_t began = clock_cpu_us();

	(void)ctx;
	(void)argv;
	(void)argc;
	while (clock_cpu_us() - began < 2000)
		;
	fake_burns++;
	return FN_TRUE;
}

static int fake_no(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argv;
	(void)argc;
	return FN_FALSE;
}

/* Answers FN_WAIT; the test goes on with the number that was asked for. */
static int fake_wait_value;
static int fake_wait_again; /* so often what resumes it waits on */
static int fake_waited(struct ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	return fake_wait_again-- > 0 ? FN_WAIT : fake_wait_value;
}

static int fake_wait(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	ctx->wait = (struct ctx_wait){ .resume = fake_waited };
	fake_wait_value = (int)argv[0].i;
	fake_waits++;
	return FN_WAIT;
}

static int fake_match(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)ctx;
	(void)argc;
	return regex_exec(argv[0].re, argv[1].s, 0, NULL) > 0 ? FN_TRUE : FN_FALSE;
}

/* Sets its first argument to the second. */
static int fake_put_into(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[0].type != VALUE_ATTR)
		return FN_FALSE;
	return attr_use_set(ctx, argv[0].attr, &argv[1]) ? FN_FALSE : FN_TRUE;
}

static const char *fake_check_even(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_INT && argv[0].i % 2 ? "the number must be even" : NULL;
}

/* Runs onsend_route, as sending does in the middle of a call; answers whether it said drop. */
static int fake_send_now(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int64_t route = script_hooks.route_find(ctx->conf, IN_ONSEND, STR(""));

	(void)argv;
	(void)argc;
	return script_hooks.route_run(ctx, IN_ONSEND, (uint32_t)route) ? 1 : -1;
}

/* Waits where it must not; and what it asked for is let go of. */
static int fake_let_go;
static void fake_cancel(struct ctx *ctx, void *arg)
{
	(void)ctx;
	(void)arg;
	fake_let_go++;
}

static int fake_sneak(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	(void)argv;
	(void)argc;
	ctx->wait = (struct ctx_wait){ .resume = fake_waited, .cancel = fake_cancel };
	return FN_WAIT;
}

/* Runs branch routes inside, one behind the other, as t_relay() does for its targets; answers how many did not say drop. */
struct fake_relay {
	int64_t routes[3];
	unsigned n, at;
	int value;
};

static int fake_relayed(struct ctx *ctx, bool dropped, void *arg)
{
	struct fake_relay *r = arg;

	buf_fmt(&fake_out, "<%s%s>", ctx->route_kind == IN_BRANCH ? "?" : "",
		dropped ? "drop" : "out");
	r->value += !dropped;
	if (++r->at < r->n)
		return script_hooks.route_inside(ctx, IN_BRANCH, (uint32_t)r->routes[r->at],
						 fake_relayed, r);
	return r->value ? r->value : FN_FALSE;
}

static int fake_relay(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	struct fake_relay *r = pool_zalloc(ctx->pool, sizeof(*r));

	r->n = argc;
	for (unsigned i = 0; i < argc; i++)
		r->routes[i] = argv[i].i;
	return script_hooks.route_inside(ctx, IN_BRANCH, (uint32_t)r->routes[0], fake_relayed, r);
}

static const struct func_def fake_functions[] = {
	{ "t", "s", IN_ANY, fake_t, "writes its argument", NULL },
	{ "tt", "s|ss", IN_ANY, fake_t, "writes its arguments", NULL },
	{ "ti", "i", IN_ANY, fake_t, "writes a number", NULL },
	{ "fmt", "f", IN_ANY, fake_t, "writes a text", NULL },
	{ "hdr", "h", IN_ANY, fake_t, "writes a header field", NULL },
	{ "txt", "t", IN_ANY, fake_t, "writes a text", NULL },
	{ "put", "as", IN_ANY, fake_put_into, "sets a variable", NULL },
	{ "host", "n|i", IN_ANY, fake_t, "writes a host", NULL },
	{ "val", "i", IN_ANY, fake_val, "answers its argument", NULL },
	{ "no", "", IN_ANY, fake_no, "answers -1", NULL },
	{ "wait", "i", IN_WAITING, fake_wait, "answers its argument later", NULL },
	{ "sneak", "", IN_ANY, fake_sneak, "waits anywhere", NULL },
	{ "relay", "B|BB", IN_REQUEST | IN_FAILURE, fake_relay, "runs branch routes", NULL },
	{ "send_now", "", IN_REQUEST, fake_send_now, "runs onsend_route", NULL },
	{ "arm", "F|BO", IN_ANY, fake_t, "writes the numbers of routes", NULL },
	{ "answered", "", IN_REPLY, fake_t, "of responses only", NULL },
	{ "arm_event", "E", IN_ANY, fake_t, "writes the number of a route", NULL },
	{ "start", "R", IN_ANY, fake_t, "writes the number of a route", NULL },
	{ "matches", "rs", IN_ANY | FN_PURE, fake_match, "whether text matches", NULL },
	{ "even", "i", IN_ANY, fake_t, "wants an even number", fake_check_even },
	{ "burn", "", IN_ANY, fake_burn, "takes long", NULL },
	{ "over", "", IN_ANY, fake_t, "no argument", NULL },
	{ "over", "ss", IN_ANY, fake_t, "two arguments", NULL },
	{ "forward", "|ni", IN_REQUEST | IN_FAILURE, fake_done, "sends it on", NULL },
	{ "force_rport", "", IN_ANY, fake_t, "", NULL },
	{ "setflag", "i", IN_ANY, fake_t, "", NULL },
	{ "log", "is", IN_ANY, fake_t, "", NULL },
	{ "append_hf", "h", IN_ANY, fake_t, "", NULL },
	{ 0 }
};

/* --- attributes ------------------------------------------------------------------------------------------------------------------------- */

enum {
	FAKE_ABC,
	FAKE_EMPTY,
	FAKE_NULL,
	FAKE_42,
	FAKE_ARG,
	FAKE_CRLF,
	FAKE_NOMEM,
	FAKE_NUMBER,
	FAKE_MEM
};

static struct value fake_mem; /* what $mem was set to */

static inline int fake_get(struct ctx *ctx, const struct attr_arg *arg, struct value *v_r)
{
	char text[128];
	struct buf b = BUF_ON(text);

	switch (arg->tag) {
	case FAKE_ABC:
		*v_r = value_str(STR("abc"));
		return 0;
	case FAKE_EMPTY:
		*v_r = value_str(STR(""));
		return 0;
	case FAKE_42:
		*v_r = value_int(42);
		return 0;
	case FAKE_ARG:
		if (arg->has_index)
			buf_int(&b, arg->index);
		buf_char(&b, ':');
		buf_str_put(&b, arg->key);
		*v_r = value_str(pool_str(ctx->pool, buf_str(&b)));
		return 0;
	case FAKE_CRLF:
		*v_r = value_str(STR("x\r\nEvil: y"));
		return 0;
	case FAKE_NUMBER:
		*v_r = value_str(STR("17"));
		return 0;
	case FAKE_NOMEM:
		return -ENOMEM;
	case FAKE_MEM:
		*v_r = fake_mem;
		return 0;
	default:
		*v_r = value_null();
		return 0;
	}
}

static inline int fake_set_mem(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	(void)ctx;
	(void)arg;
	if (v->type == VALUE_STR && str_eq(v->s, STR("bad")))
		return -EINVAL;
	fake_mem = *v;
	return 0;
}

#define FAKE_ATTR(NAME, PV, SET, TYPE, TAG, FLAGS, HELP)                                       \
	{                                                                                      \
		.name = NAME, .pv = PV, .get = fake_get, .set = SET, .type = TYPE, .tag = TAG, \
		.flags = FLAGS, .help = HELP                                                   \
	}
static const struct attr_def fake_attrs[] = {
	FAKE_ATTR("a.abc", "abc", NULL, VALUE_STR, FAKE_ABC, 0, ""),
	FAKE_ATTR("a.empty", "empty", NULL, VALUE_STR, FAKE_EMPTY, 0, ""),
	FAKE_ATTR("a.null", "null", NULL, VALUE_STR, FAKE_NULL, 0, ""),
	FAKE_ATTR("a.n42", "n42", NULL, VALUE_INT, FAKE_42, 0, ""),
	FAKE_ATTR("a.n17", "n17", NULL, VALUE_STR, FAKE_NUMBER, 0, ""),
	FAKE_ATTR("list.arg", "arg", NULL, VALUE_STR, FAKE_ARG, ATTR_INDEX | ATTR_KEY, ""),
	FAKE_ATTR("list.key", "key", NULL, VALUE_STR, FAKE_ARG,
		  ATTR_KEY | ATTR_NEEDS_KEY | ATTR_VARIES, ""),
	FAKE_ATTR("a.crlf", "crlf", NULL, VALUE_STR, FAKE_CRLF, 0, ""),
	FAKE_ATTR("a.nomem", "nomem", NULL, VALUE_STR, FAKE_NOMEM, 0, ""),
	FAKE_ATTR(NULL, "mem", fake_set_mem, VALUE_STR, FAKE_MEM, 0, ""),
	FAKE_ATTR("ruri", "ru", NULL, VALUE_STR, FAKE_ABC, 0, "the current Request-URI"),
	FAKE_ATTR("tls.peer", "tls_peer_subject_cn", NULL, VALUE_STR, FAKE_NULL, 0, ""),
	FAKE_ATTR(NULL, "ci", NULL, VALUE_STR, FAKE_ABC, 0, ""),
	AVP_ROWS,
	{ 0 },
};

/* --- parameters --------------------------------------------------------------------------------------------------------------------------- */

struct fake_conf {
	int64_t children, debug, timeout;
	bool flag;
	struct str name;
	int calls;
	struct str last;
	int64_t low, high, branches;
};

static const char *fake_set(void *section, struct arena *arena, const struct value *v)
{
	struct fake_conf *c = section;

	(void)arena;
	if (v->type == VALUE_STR && str_eq(v->s, STR("bad")))
		return "this is a bad value";
	c->calls++;
	c->last = v->s;
	return NULL;
}

static const char *fake_check(const struct conf *conf, void *section, struct arena *arena)
{
	const struct fake_conf *c = section;

	(void)conf;
	(void)arena;
	return c->low > c->high ? "\"low\" is above \"high\"" : NULL;
}

static const char *fake_remark(int64_t n)
{
	return n > 100 ? "that is many" : NULL;
}

#define FAKE_AT(m) offsetof(struct fake_conf, m)
static const struct param_def fake_params[] = {
	{ "children", P_INT, FAKE_AT(children), 4, 1, 256, "workers", NULL, 0, NULL, false,
	  fake_remark, NULL },
	{ "debug", P_INT, FAKE_AT(debug), 0, -3, 9, "log level", NULL, 0, NULL, true, NULL, NULL },
	{ "timeout", P_MS, FAKE_AT(timeout), 5000, 100, 60000, "a time", NULL, 1000, NULL, true,
	  NULL, NULL },
	{ "mhomed_flag", P_BOOL, FAKE_AT(flag), 1, 0, 0, "a flag", NULL, 0, NULL, true, NULL,
	  NULL },
	{ "server_name", P_STR, FAKE_AT(name), 0, 0, 0, "a text", "default", 0, NULL, true, NULL,
	  NULL },
	{ "each", P_CALL, 0, 0, 0, 0, "collects", NULL, 0, fake_set, true, NULL, NULL },
	{ "low", P_INT, FAKE_AT(low), 1, 0, 0, "", NULL, 0, NULL, true, NULL, NULL },
	{ "high", P_INT, FAKE_AT(high), 9, 0, 0, "", NULL, 0, NULL, true, NULL, NULL },
	/* the script's own module says that nobody needs it */
	{ "max_branches", P_INT, FAKE_AT(branches), 1, 0, 0, "", NULL, 0, NULL, true, NULL, NULL },
	{ .type = P_END },
};

static unsigned fake_index, fake_sl_index, fake_other_index, fake_user_index;

static const struct module_def fake_module = {
	.interface = MODULE_INTERFACE,
	.name = "fake",
	.params = fake_params,
	.section_size = sizeof(struct fake_conf),
	.functions = fake_functions,
	.attrs = fake_attrs,
	.index = &fake_index,
	.check = fake_check,
};

static const struct func_def fake_sl_functions[] = {
	{ "sl_send_reply", "is", IN_REQUEST, fake_done, "answers", NULL },
	{ "sl_reply_error", "", IN_REQUEST, fake_done, "answers", NULL },
	{ 0 }
};
static const struct module_def fake_sl = {
	.interface = MODULE_INTERFACE,
	.name = "sl",
	.params = fake_params,
	.section_size = sizeof(struct fake_conf),
	.functions = fake_sl_functions,
	.index = &fake_sl_index,
};
static const struct module_def fake_other = {
	.interface = MODULE_INTERFACE,
	.name = "other",
	.api = &fake_other_index,
	.params = fake_params,
	.section_size = sizeof(struct fake_conf),
	.index = &fake_other_index,
};

static const char *const fake_user_needs[] = { "sl", "other", NULL };
static const struct module_def fake_user = {
	.interface = MODULE_INTERFACE,
	.name = "user",
	.params = fake_params,
	.section_size = sizeof(struct fake_conf),
	.index = &fake_user_index,
	.needs = fake_user_needs,
};

static const struct module_def *const fake_builtins[] = { &net_module, &fake_module, NULL };

static struct str fake_mpath; /* of the last module asked for */
static inline int fake_load_module(struct str mpath, struct str name,
				   const struct module_def **def_r, char *why_z, size_t why_size)
{
	static char kept[256];
	struct buf b = BUF_ON(kept);

	buf_str_put(&b, mpath);
	fake_mpath = buf_str(&b);
	snprintf(why_z, why_size, "there is no such file");
	if (str_eq(name, STR("sl")))
		*def_r = &fake_sl;
	else if (str_eq(name, STR("other")))
		*def_r = &fake_other;
	else if (str_eq(name, STR("user")))
		*def_r = &fake_user;
	else
		return -ENOENT;
	return 0;
}

#endif

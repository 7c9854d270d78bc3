/* SPDX-License-Identifier: BSD-2-Clause */
/* rr: Record-Route and Route; the table of its functions. */
#include "modules/rr/rr.h"

#include <stdio.h>

static unsigned section_index;

const struct rr_conf *rr_conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[section_index];
}

int rr_failed(const char *text_z, struct str what, int err)
{
	log_limited(LOG_WARN, "rr", text_z, KV_STR("what", what), KV_Z("why", edit_why(err)));
	return FN_FALSE;
}

#define ROUTES(NAME, ARGS, HELP) MODULE_ROW(NAME, ARGS, IN_REQUEST, NULL, HELP)

#define STRICT "routers have been loose since RFC 3261; write record_route()"
MODULE_REFUSES(record_route_strict, STRICT)

/* Scripts of the family ask and add for responses, too, in routes that serve both: these are in no dialog that we see, and add nothing. */
static const struct func_def functions[] = {
	MODULE_CHANGES(
		record_route, "|h", check_rr_param,
		"adds Record-Route for the sockets that the request comes to and leaves from, with "
		"URI "
		"parameters \";name=value\"; -1: it was added before"),
	MODULE_CHANGES(
		record_route_preset, "h|h", NULL,
		"adds Record-Route with \"host:port;parameters\", or two: of the side that it "
		"leaves "
		"by, and of the other"),
	MODULE_CHANGES(record_route_advertised_address, "h", NULL,
		       "adds Record-Route with this \"host:port\", and each side's transport"),
	MODULE_CHANGES(remove_record_route, "", NULL,
		       "takes back what these added; -1: there is none"),
	MODULE_CHANGES(add_rr_param, "h", check_rr_param,
		       "adds URI parameters \";name=value\" to our Record-Route, before or behind "
		       "record_route()"),
	ROUTES(loose_route, "",
	       "the Routes become the next hop: 1 they have, 2 by a flow; -1 there is none, -2 a "
	       "broken flow token, -3 the first of a dialog, and all were ours, -4 the same with a "
	       "foreign one, which is not followed"),
	ROUTES(loose_route_mode, "i", "the same; 1: what a strict router did is not undone"),
	ROUTES(loose_route_preloaded, "",
	       "true for the first request of a dialog with Routes; foreign ones are followed"),
	MODULE_ASKS(rr_next_hop_route, "", NULL, "true when a Route is the next hop"),
	MODULE_ASKS(is_dialog_ours, "", NULL,
		    "true when the request is in a dialog whose first request we recorded: the MAC "
		    "in our "
		    "Route proves it"),
	MODULE_ASKS(is_direction, "t", check_direction,
		    "true when the request goes \"downstream\", from the caller, or \"upstream\""),
	MODULE_ASKS(check_route_param, "r", NULL,
		    "true when the pattern is found in the parameters of our Route"),
	MODULE_REFUSED(record_route_strict, "|s"),
	{ .name = NULL },
};

#define TAG(PV, PART, HELP)                                                                 \
	{                                                                                   \
		.pv = PV, .get = rr_attr, .type = VALUE_STR, .tag = RR_##PART, .help = HELP \
	}

static const struct attr_def attrs[] = {
	TAG("route_uri", ROUTE_URI, "the URI of the first Route, as received"),
	TAG("fti", CALLER_TAG, "the caller's tag: of From in the dialog's first request"),
	TAG("tti", CALLEE_TAG, "the callee's tag: of To in the answer to it"),
	{ .pv = "rdir",
	  .get = rr_attr,
	  .type = VALUE_STR,
	  .tag = RR_DIRECTION,
	  .prepare = rr_direction_prepare,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY,
	  .help = "where the request goes: $rdir(name) \"downstream\" or \"upstream\", $rdir(id) 1 "
		  "or 2" },
	{ .get = NULL },
};

#define AT(MEMBER) offsetof(struct rr_conf, MEMBER)
#define SWITCH(NAME, MEMBER, DEFAULT, HELP)                                                       \
	{                                                                                         \
		.name = NAME, .type = P_BOOL, .offset = AT(MEMBER), .def = DEFAULT, .live = true, \
		.help = HELP                                                                      \
	}
#define NUMBER(NAME, MEMBER, DEFAULT, MAX, HELP)                                               \
	{                                                                                      \
		.name = NAME, .type = P_INT, .offset = AT(MEMBER), .def = DEFAULT, .max = MAX, \
		.live = true, .help = HELP                                                     \
	}
#define TEXT(NAME, MEMBER, DEFAULT, HELP)                                                          \
	{                                                                                          \
		.name = NAME, .type = P_STR, .offset = AT(MEMBER), .def_z = DEFAULT, .live = true, \
		.help = HELP                                                                       \
	}

static const struct param_def params[] = {
	TEXT("preloaded", preloaded, "refuse",
	     "foreign Routes in the first request of a dialog: refuse (loose_route() is -4, they "
	     "stay and lead nowhere) or follow"),
	NUMBER("enable_double_rr", double_rr, RR_WHERE_SIDES_DIFFER, RR_ALWAYS_DOUBLE,
	       "two Record-Routes: 0 never, 1 when the request leaves from another socket than it "
	       "came to, 2 always"),
	SWITCH("append_fromtag", fromtag, 1,
	       "the caller's tag in Record-Route, which tells the "
	       "direction"),
	SWITCH("enable_full_lr", full_lr, 0, "\";lr=on\" in the place of \";lr\""),
	SWITCH("add_username", username, 0, "the user of the Request-URI in Record-Route"),
	TEXT("custom_user_avp", user_avp, "", "a variable that holds another user: \"$avp(x)\""),
	SWITCH("force_send_socket", force_send_socket, 0,
	       "a single own Route names the sending socket, too; the second of a pair always "
	       "does"),
	SWITCH("enable_socket_mismatch_warning", mismatch_warning, 1,
	       "a warning when no socket of ours is that of the second own Route"),
	SWITCH("ignore_sips", ignore_sips, 0, "sip in Record-Route even for a sips Request-URI"),
	SWITCH("sockname_mode", sockname, 0,
	       "the socket's name in Record-Route, and looked for "
	       "in Route"),
	NUMBER("loose_route_mode", mode, 0, RR_LOOSE_ONLY, "loose_route() as loose_route_mode(n)"),
	TEXT("cookie_secret", secret, "",
	     "makes the key of the MAC in Record-Route, the same on all nodes that have it; "
	     "without: that of via_key_file"),
	{ .name = "cookie_filter",
	  .type = P_IGNORE,
	  .help = "attributes are not kept in Record-Route; add_rr_param() does" },
	{ .name = NULL, .type = P_END },
};

static const char *user_check(const struct conf *conf, struct rr_conf *c)
{
	static char wrong[256];
	const struct names names = { .modules = conf->modules,
				     .modules_n = conf->sections_n,
				     .conf = conf };
	char text[200];
	struct buf why = BUF_ON(text);

	if (!c->user_avp.n || !names_attribute(&names, c->user_avp, &c->user, &why))
		return NULL;
	snprintf(wrong, sizeof(wrong), "custom_user_avp: %s", buf_z(&why));
	return wrong;
}

/* Two halves that nobody can tell from chance without the secret. */
static void key_make(struct str secret, struct mac_key *key)
{
	static const struct mac_key fixed = { "serac rr secret" };

	for (unsigned i = 0; i < 2; i++) {
		uint64_t half = mac_of_both(&fixed, secret, i + 1, 1);

		memcpy(key->k + i * sizeof(half), &half, sizeof(half));
	}
}

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct rr_conf *c = section;

	(void)arena;
	c->follows_preloaded = str_eq_nocase(c->preloaded, STR("follow"));
	if (!c->follows_preloaded && !str_eq_nocase(c->preloaded, STR("refuse")))
		return "preloaded is \"refuse\" or \"follow\"";
	if (c->secret.n && c->secret.n < 16)
		return "cookie_secret has at least 16 characters";
	key_make(c->secret, &c->key);
	return user_check(conf, c);
}

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "rr",
	.help = "Record-Route and Route",
	.params = params,
	.section_size = sizeof(struct rr_conf),
	.functions = functions,
	.attrs = attrs,
	.index = &section_index,
	.check = check,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* SIP over TLS: what the module has for scripts and for the router. */
#include "modules/tls/attrs.h"
#include "modules/tls/build.h"
#include "modules/tls/client.h"
#include "modules/tls/counters.h"
#include "modules/tls/creds.h"
#include "modules/tls/event.h"
#include "modules/tls/expiry.h"
#include "modules/tls/keylog.h"
#include "modules/tls/selftest.h"
#include "modules/tls/session.h"
#include "modules/tls/tickets.h"

#include <time.h>

#define AT(member) offsetof(struct tls_conf, member)
#define DAY_MS	   86400000

static unsigned section_index;

const struct tls_conf *tls_conf_of(const struct conf *conf)
{
	return CONF_SECTION(conf, &serac_module, struct tls_conf);
}

/* --- parameters -------------------------------------------------------------------------------------------------------------------- */

#define SETTING(NAME, TAKE, HELP)                                                         \
	{                                                                                 \
		.name = NAME, .type = P_SETTING, .take = TAKE, .live = true, .help = HELP \
	}
#define WORD(NAME, WORD_ID, ROLES, HELP) SETTING(NAME, tls_conf_take, HELP),
#define SWITCH(NAME, HELP)		 SETTING(NAME, tls_conf_take_switch, HELP)
#define IGNORE(NAME, WHY)                                   \
	{                                                   \
		.name = NAME, .type = P_IGNORE, .help = WHY \
	}
#define REFUSE(NAME, INSTEAD)                                   \
	{                                                       \
		.name = NAME, .type = P_ABSENT, .help = INSTEAD \
	}
#define SEND_TIMEOUT(NAME)                                                                      \
	{                                                                                       \
		.name = NAME, .type = P_MS, .offset = AT(send_timeout), .def = 10000, .min = 1, \
		.max = DAY_MS, .unit = 1000, .live = true,                                      \
		.help = "how long a peer may take nothing of what is queued"                    \
	}
#define MAX_CONNECTIONS(NAME)                                                               \
	{                                                                                   \
		.name = NAME, .type = P_INT, .offset = AT(max_connections), .max = 1 << 20, \
		.live = true, .help = "TLS connections; 0: only tcp_max_connections counts" \
	}
#define TICKETS(NAME, HELP)                                                                  \
	{                                                                                    \
		.name = NAME, .type = P_BOOL, .offset = AT(tickets), .def = 1, .live = true, \
		.help = HELP                                                                 \
	}
#define TEXT(NAME, MEMBER, HELP)                                                              \
	{                                                                                     \
		.name = NAME, .type = P_STR, .offset = AT(MEMBER), .live = true, .help = HELP \
	}

/* clang-format off */
static const struct param_def params[] = {
	TLS_NAMES(WORD)
	TLS_ALIASES(WORD)
	TLS_CORE_NAMES(WORD)
	SETTING("config", tls_conf_take_file, "domains in a file of their own, Kamailio's tls.cfg"),
	SEND_TIMEOUT("send_timeout"),
	MAX_CONNECTIONS("max_connections"),
	MAX_CONNECTIONS("tls_max_connections"),
	TICKETS("session_tickets", "clients may come back with a ticket"),
	TICKETS("session_cache", "the same as session_tickets"),
	SETTING("session_ticket_key_file", tls_conf_take_ticket_file,
		"where the key of tickets is kept over restarts; default: nowhere"),
	{ .name = "keylog_file",
	  .type = P_STR,
	  .offset = AT(keylog_file),
	  .help = "file for the secrets of keylog_peer's sessions; needs --allow-keylog" },
	TEXT("keylog_peer", keylog_peer, "address of the peer whose secrets are written"),
	TEXT("client_domain_avp", client_domain_avp,
	     "a variable with the name of the client domain that a request leaves by: "
	     "\"$avp(x)\", or a name of that kind"),
	TEXT("xavp_cfg", xavp_cfg,
	     "name of the $xavp whose server_id names the client domain, and whose server_name is "
	     "sent and verified"),
	IGNORE("key_password_mode", "private_key_password has the passphrase"),
	IGNORE("keylog_mode", "keylog_file and keylog_peer say what is written"),
	IGNORE("connection_timeout", "tcp_connection_lifetime counts for all connections"),
	IGNORE("tls_disable_compression", "there is no compression"),
	IGNORE("ssl_release_buffers", "an idle connection holds no buffers"),
	IGNORE("ssl_freelist_max_len", "an idle connection holds no buffers"),
	IGNORE("ssl_max_send_fragment", "records are as large as the protocol lets them be"),
	IGNORE("ssl_read_ahead", "reading is always as far as there is something"),
	IGNORE("send_close_notify", "it is always sent"),
	IGNORE("con_ct_wq_max", "tcp_conn_wq_max counts for all connections"),
	IGNORE("ct_wq_max", "tcp_wq_max counts for all connections"),
	IGNORE("ct_wq_blk_size", "each queued message has a chunk of its own"),
	IGNORE("tls_log", "debug says what is logged"),
	IGNORE("tls_debug", "debug says what is logged"),
	IGNORE("low_mem_threshold1", "each connection has memory of its own"),
	IGNORE("low_mem_threshold2", "each connection has memory of its own"),
	IGNORE("tls_force_run", "the library is tested at every start"),
	IGNORE("session_id", "sessions come back by tickets, which are told apart by domain"),
	IGNORE("init_mode", "the library needs no other start"),
	IGNORE("rand_engine", "random numbers are GnuTLS' own"),
	IGNORE("event_callback", "the script is in this language: event_route[tls:connection-in]"),
	IGNORE("provider_quirks", "it is about OpenSSL"),
	IGNORE("provider_quirks_config", "it is about OpenSSL"),
	REFUSE("renegotiation", "renegotiation is refused: connect again"),
	REFUSE("engine", "keys lie in files"),
	REFUSE("engine_config", "keys lie in files"),
	REFUSE("engine_algorithms", "keys lie in files"),
	{ .type = P_END },
};

static const struct param_def core_params[] = {
	TLS_CORE_NAMES(WORD)
	SWITCH("enable_tls", "no: nobody listens with TLS, and no connection is made with it"),
	SWITCH("tls_enable", "the same as enable_tls"),
	SWITCH("disable_tls", "yes: as enable_tls=no"),
	SWITCH("tls_disable", "the same as disable_tls"),
	{ .name = "tls_port_no",
	  .type = P_INT,
	  .offset = AT(port),
	  .def = 5061,
	  .min = 1,
	  .max = 65535,
	  .help = "port of a listen= that names none" },
	TEXT("tls_client_domain_avp", client_domain_avp, "the same as client_domain_avp"),
	SEND_TIMEOUT("tls_send_timeout"),
	MAX_CONNECTIONS("tls_max_connections"),
	{ .type = P_END },
};
/* clang-format on */

static const struct block_def blocks[] = {
	{ "tls_domain", tls_conf_take_block, "one TLS domain" },
	{ "tls_server_domain", tls_conf_take_block, "one for a socket that we listen on" },
	{ "tls_client_domain", tls_conf_take_block, "one for peers that we connect to" },
	{ NULL, NULL, NULL },
};

/* --- functions ---------------------------------------------------------------------------------------------------------------------- */

static const struct func_def functions[] = {
	MODULE_ASKS(
		is_peer_verified, "", NULL,
		"true when the message came over TLS from a peer whose certificate was verified"),
	MODULE_ROW(tls_set_client_domain, "s", IN_REQUESTS, NULL,
		   "the request leaves by this client domain, with its certificate and rules; "
		   "\"\": by the one for its address and name; -1: there is none of that name"),
	{ "tls_set_connect_server_id", "s", IN_REQUESTS, fn_tls_set_client_domain, "the same",
	  NULL },
	{ .name = NULL },
};

/* --- hooks ------------------------------------------------------------------------------------------------------------------------ */

/* So that listen=tls: is understood. */
static void begin(const struct conf *conf, void *section)
{
	struct net_conf *net = conf->sections[*net_module.index];

	(void)section;
	net->tls = true;
}

static void settle(const struct conf *conf, void *section, const struct pos *at, struct diag *diag)
{
	struct net_conf *net = conf->sections[*net_module.index];
	struct tls_conf *c = section;

	if (!c->settings)
		c->settings = tls_settings_new(diag->pool);
	if (!c->settings) {
		diag_error(diag, *at, NULL, "not enough memory");
		return;
	}
	c->enabled = net->tls = c->settings->enabled;
	net->tls_port = c->port;
	net->tls_max_connections = c->max_connections;
	tls_build(conf, c, at, diag);
	tls_client_settle(conf, c, at, diag);
	c->settings = NULL;
}

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	(void)conf;
	(void)arena;
	return tls_keylog_fault(section);
}

static int init(struct run *run, const struct conf *conf)
{
	const struct tls_conf *c = tls_conf_of(conf);
	int err = tls_tickets_open(run);

	tls_client_open();
	if (!err)
		err = tls_expiry_open(run);
	if (!err)
		err = tls_keylog_open(run, c);
	return err || !c->enabled ? err : init_tls(run);
}

static int process_start(struct worker *w)
{
	tls_tickets_start(w);
	tls_expiry_start(w);
	return 0;
}

static int new_generation(struct worker *w, const struct conf *conf)
{
	tls_event_begin(w, conf);
	return 0;
}

static void end_generation(struct worker *w, const struct conf *conf)
{
	(void)w;
	creds_end(conf);
}

static void process_stop(struct worker *w)
{
	tls_expiry_stop(w);
}

static void summary(const struct conf *conf)
{
	const struct tls_conf *c = tls_conf_of(conf);

	if (c->enabled)
		tls_expiry_summary(c, time(NULL));
}

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "tls",
	.help = "SIP over TLS",
	.params = params,
	.core_params = core_params,
	.blocks = blocks,
	.section_size = sizeof(struct tls_conf),
	.functions = functions,
	.counters = &tls_counters,
	.attrs = tls_attrs,
	.index = &section_index,
	.begin = begin,
	.settle = settle,
	.dump = tls_dump,
	.check = check,
	.init = init,
	.process_start = process_start,
	.new_generation = new_generation,
	.end_generation = end_generation,
	.about = tls_selftest_about,
	.process_stop = process_stop,
	.summary = summary,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* Which parameters the script itself has, which are known in the family but not needed, and which need other words. */
#include "core/script/params.h"

#define DEPTH_DEFAULT 256
#define STEPS_DEFAULT 1000000

#define NOT_NEEDED(NAME, WHY)                               \
	{                                                   \
		.name = NAME, .type = P_IGNORE, .help = WHY \
	}
#define REFUSED(NAME, SET)                               \
	{                                                \
		.name = NAME, .type = P_CALL, .set = SET \
	}

static bool is_off(const struct value *v)
{
	return v->type == VALUE_INT ? v->i == 0
				    : str_eq(v->s, STR("no")) || str_eq(v->s, STR("off"));
}

static const char *no_tls(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	return is_off(v) ? NULL : "this version has no TLS";
}

static const char *no_sctp(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	return is_off(v) ? NULL : "there is no SCTP";
}

static const char *advertise(void *section, struct arena *arena, const struct value *v)
{
	(void)section;
	(void)arena;
	(void)v;
	return "it stands behind an address: listen=udp:10.0.0.1:5060 advertise 192.0.2.1:5060";
}

const struct param_def script_params[] = {
	{ .name = "max_recursive_level",
	  .type = P_INT,
	  .offset = offsetof(struct script_conf, max_depth),
	  .def = DEPTH_DEFAULT,
	  .min = 1,
	  .max = 10000,
	  .help = "how deeply routes may call routes",
	  .live = true },
	{ .name = "max_script_steps",
	  .type = P_INT,
	  .offset = offsetof(struct script_conf, max_steps),
	  .def = STEPS_DEFAULT,
	  .min = 1000,
	  .max = 1000000000,
	  .help = "operations that one message may cost in the script",
	  .live = true },
	REFUSED("enable_tls", no_tls),
	REFUSED("tls_enable", no_tls),
	REFUSED("tls_port_no", no_tls),
	REFUSED("enable_sctp", no_sctp),
	NOT_NEEDED("disable_sctp", "there is no SCTP"),
	NOT_NEEDED("force_rport", "call force_rport() for what is behind NAT"),
	REFUSED("advertised_address", advertise),
	REFUSED("advertised_port", advertise),
	NOT_NEEDED("corelog", "debug says what is logged"),
	NOT_NEEDED("check_via", "the Via of a response is always checked"),
	NOT_NEEDED("syn_branch", "a branch is always made of what it stands for"),
	NOT_NEEDED("reply_to_via", "responses go where RFC 3261 18.2.2 says"),
	NOT_NEEDED("sip_warning", "no Warning header field is added"),
	NOT_NEEDED("pkg_size", "private memory grows with the need"),
	NOT_NEEDED("loop_checks", "see loop_detection"),
	NOT_NEEDED("phone2tel", "tel URIs are read as they are"),
	NOT_NEEDED("stats_name_separator", "counters have fixed names"),
	NOT_NEEDED("stun_refresh_interval", "there is no STUN"),
	NOT_NEEDED("stun_allow_stun", "there is no STUN"),
	NOT_NEEDED("stun_allow_fp", "there is no STUN"),
	NOT_NEEDED("sql_buffer_size", "there is no SQL"),
	NOT_NEEDED("xavp_via_params", "there are no xavps"),
	NOT_NEEDED("xavp_via_fields", "there are no xavps"),
	NOT_NEEDED("xavp_via_reply_params", "there are no xavps"),
	NOT_NEEDED("latency_log", "the status tells the longest turn"),
	NOT_NEEDED("latency_cfg_log", "the status tells the longest turn"),
	NOT_NEEDED("latency_limit_db", "the status tells the longest turn"),
	NOT_NEEDED("latency_limit_action", "the status tells the longest turn"),
	NOT_NEEDED("latency_limit_cfg", "the status tells the longest turn"),
	NOT_NEEDED("timer_workers", "every worker has its own timers"),
	NOT_NEEDED("async_workers", "nothing blocks"),
	NOT_NEEDED("async_nonblock", "nothing blocks"),
	NOT_NEEDED("async_usleep", "nothing blocks"),
	NOT_NEEDED("msg_time", "the time of reception is always known"),
	NOT_NEEDED("version_table", "there is no database"),
	NOT_NEEDED("use_dst_blacklist", "no destination is blacklisted"),
	NOT_NEEDED("dst_blacklist_mem", "no destination is blacklisted"),
	NOT_NEEDED("dst_blacklist_expire", "no destination is blacklisted"),
	NOT_NEEDED("dst_blacklist_gc_interval", "no destination is blacklisted"),
	NOT_NEEDED("dst_blacklist_init", "no destination is blacklisted"),
	NOT_NEEDED("dst_blacklist_udp_imask", "no destination is blacklisted"),
	NOT_NEEDED("dst_blacklist_tcp_imask", "no destination is blacklisted"),
	NOT_NEEDED("mcast", "multicast is not listened to"),
	NOT_NEEDED("mcast_loopback", "multicast is not listened to"),
	NOT_NEEDED("mcast_ttl", "multicast is not listened to"),
	NOT_NEEDED("tcp_accept_haproxy", "there is no PROXY protocol yet"),
	NOT_NEEDED("sock_mode", "there is no control socket yet"),
	NOT_NEEDED("sock_user", "there is no control socket yet"),
	NOT_NEEDED("sock_group", "there is no control socket yet"),
	NOT_NEEDED("unix_sock", "there is no control socket yet"),
	NOT_NEEDED("unix_sock_max_tries", "there is no control socket yet"),
	NOT_NEEDED("fifo", "there is no control socket yet"),
	NOT_NEEDED("fifo_mode", "there is no control socket yet"),
	NOT_NEEDED("fifo_db_url", "there is no control socket yet"),
	NOT_NEEDED("statistics", "counters always count"),
	NOT_NEEDED("cfgengine", "the script is in this language"),
	NOT_NEEDED("kemi.onsend_route_callback", "the script is in this language"),
	NOT_NEEDED("modinit_delay", "modules start at once"),
	NOT_NEEDED("wait_worker1_mode", "all workers start at once"),
	NOT_NEEDED("wait_worker1_time", "all workers start at once"),
	NOT_NEEDED("wait_worker1_usleep", "all workers start at once"),
	NOT_NEEDED("fork_delay", "all workers start at once"),
	NOT_NEEDED("ip_free_bind", "it stands behind an address: listen=... ip_free_bind"),
	NOT_NEEDED("event_callback", "the script is in this language"),
	NOT_NEEDED("local_rport", "rport is always asked for"),
	NOT_NEEDED("http_reply_parse", "there is no HTTP"),
	NOT_NEEDED("sip_parser_log", "bad messages are counted and logged"),
	NOT_NEEDED("sip_parser_mode", "the parser has one mode"),
	NOT_NEEDED("pv_buffer_size", "texts grow with the need"),
	NOT_NEEDED("pv_buffer_slots", "texts grow with the need"),
	NOT_NEEDED("pv_cache_limit", "variables are resolved when the script is loaded"),
	NOT_NEEDED("pv_cache_action", "variables are resolved when the script is loaded"),
	NOT_NEEDED("server_id", "only one server is known"),
	NOT_NEEDED("route_locks_size", "routes need no locks"),
	NOT_NEEDED("log_engine_type", "see log_file and log_format"),
	NOT_NEEDED("log_engine_data", "see log_file and log_format"),
	NOT_NEEDED("log_prefix_mode", "every line has its keys"),
	NOT_NEEDED("log_color", "lines have no colours"),
	NOT_NEEDED("uri_host_extra_chars", "host names are those of RFC 3261"),
	NOT_NEEDED("hdr_name_extra_chars", "header names are those of RFC 3261"),
	NOT_NEEDED("rpc_exec_delta", "there are no remote commands yet"),
	NOT_NEEDED("mem_status_mode", "the status tells what memory is used for"),
	NOT_NEEDED("mem_add_size", "memory needs no padding"),
	NOT_NEEDED("mem_summary", "the status tells what memory is used for"),
	NOT_NEEDED("max_while_loops",
		   "there is no \"while\" yet; max_script_steps bounds a message"),
	NOT_NEEDED("max_branches", "requests are not forked"),
	NOT_NEEDED("user_agent_header", "no requests are made here"),
	NOT_NEEDED("disable_tls", "there is no TLS yet"),
	NOT_NEEDED("tls_disable", "there is no TLS yet"),
	{ .type = P_END },
};

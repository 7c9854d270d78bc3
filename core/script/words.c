/* SPDX-License-Identifier: BSD-2-Clause */
/* Every word of the lexers of Kamailio 5.6 and SER 2, some of OpenSER's, and what becomes of it here. A test walks the table. */
#include "core/script/words.h"

#define LEXER(w)                    \
	{                           \
		w, WORD_LEXER, NULL \
	}
#define DIRECTIVE(w)                    \
	{                               \
		w, WORD_DIRECTIVE, NULL \
	}
#define FUNCTION(w)                    \
	{                              \
		w, WORD_FUNCTION, NULL \
	}
#define PARAM(w)                    \
	{                           \
		w, WORD_PARAM, NULL \
	}
#define VALUE(w)                    \
	{                           \
		w, WORD_VALUE, NULL \
	}
#define CLASS(w)                    \
	{                           \
		w, WORD_CLASS, NULL \
	}
#define UNNEEDED(w, why)              \
	{                             \
		w, WORD_UNNEEDED, why \
	}
#define NO_PARAM(w, do)              \
	{                            \
		w, WORD_NO_PARAM, do \
	}
#define NO_NEED(w, why)                        \
	{                                      \
		w, WORD_UNNEEDED_FUNCTION, why \
	}
#define NO_FUNCTION(w, do)              \
	{                               \
		w, WORD_NO_FUNCTION, do \
	}
#define BLOCK(w, do)              \
	{                         \
		w, WORD_BLOCK, do \
	}
#define MODULE_VALUE(w, of)              \
	{                                \
		w, WORD_MODULE_VALUE, of \
	}

/* clang-format off */
const struct word_row word_rows[] = {
	/* of the grammar: statements, routes, operators, keywords */
	LEXER("advertise"), LEXER("af"), LEXER("alias"), LEXER("and"), LEXER("avpflags"), LEXER("bool"),
	LEXER("branch_route"), LEXER("break"), LEXER("case"), LEXER("default"), LEXER("defined"), LEXER("desc"),
	LEXER("descr"), LEXER("description"), LEXER("drop"), LEXER("dst_ip"), LEXER("dst_port"), LEXER("else"),
	LEXER("eq"), LEXER("event_route"), LEXER("exit"), LEXER("failure_route"), LEXER("flags"), LEXER("from_uri"),
	LEXER("ieq"), LEXER("if"), LEXER("ine"), LEXER("ip_free_bind"), LEXER("listen"), LEXER("loadmodule"),
	LEXER("loadmodulex"), LEXER("loadpath"), LEXER("max_len"), LEXER("method"), LEXER("mod"), LEXER("modparam"),
	LEXER("modparamx"), LEXER("mpath"), LEXER("msg:len"), LEXER("myself"), LEXER("name"), LEXER("ne"),
	LEXER("not"), LEXER("onreply_route"), LEXER("onsend_route"), LEXER("or"), LEXER("proto"), LEXER("reply_route"),
	LEXER("request_route"), LEXER("retcode"), LEXER("return"), LEXER("route"), LEXER("snd_af"), LEXER("snd_ip"),
	LEXER("snd_port"), LEXER("snd_proto"), LEXER("src_ip"), LEXER("src_port"), LEXER("status"), LEXER("strempty"),
	LEXER("strlen"), LEXER("switch"), LEXER("to_af"), LEXER("to_ip"), LEXER("to_port"), LEXER("to_proto"),
	LEXER("to_uri"), LEXER("uri"), LEXER("uri:host"), LEXER("uri:port"), LEXER("virtual"), LEXER("while"),

	/* behind "#!" */
	DIRECTIVE("ALL"), DIRECTIVE("KAMAILIO"), DIRECTIVE("MAXCOMPAT"), DIRECTIVE("OPENSER"), DIRECTIVE("OPENSIPS"),
	DIRECTIVE("SER"), DIRECTIVE("def"), DIRECTIVE("defenv"), DIRECTIVE("defenvs"), DIRECTIVE("defexp"),
	DIRECTIVE("defexps"), DIRECTIVE("define"), DIRECTIVE("else"), DIRECTIVE("endif"), DIRECTIVE("ifdef"),
	DIRECTIVE("ifexp"), DIRECTIVE("ifndef"), DIRECTIVE("import_file"), DIRECTIVE("include_file"),
	DIRECTIVE("redef"), DIRECTIVE("redefine"), DIRECTIVE("subst"), DIRECTIVE("substdef"), DIRECTIVE("substdefs"),
	DIRECTIVE("trydef"), DIRECTIVE("trydefenv"), DIRECTIVE("trydefenvs"), DIRECTIVE("trydefine"),
	DIRECTIVE("undef"),

	/* classes of SER's attributes: $f.x */
	CLASS("f"), CLASS("fd"), CLASS("fr"), CLASS("fu"), CLASS("g"), CLASS("t"), CLASS("td"), CLASS("tr"),
	CLASS("tu"),

	/* values */
	VALUE("INET"), VALUE("INET6"), VALUE("IPV4"), VALUE("IPV6"), VALUE("IPv4"), VALUE("IPv6"), VALUE("SCTP"),
	VALUE("TCP"), VALUE("TLS"), VALUE("UDP"), VALUE("WS"), VALUE("WSS"), VALUE("disable"), VALUE("enable"),
	VALUE("false"), VALUE("inet"), VALUE("inet6"), VALUE("ipv4"), VALUE("ipv6"), VALUE("no"), VALUE("off"),
	VALUE("on"), VALUE("sctp"), VALUE("tcp"), VALUE("tls"), VALUE("true"), VALUE("udp"), VALUE("ws"), VALUE("wss"),
	VALUE("yes"),


	/* blocks of settings */
	BLOCK("tls_client_domain", "it needs loadmodule \"tls.so\""),
	BLOCK("tls_domain", "it needs loadmodule \"tls.so\""),
	BLOCK("tls_server_domain", "it needs loadmodule \"tls.so\""),

	/* values of modules' parameters */
	MODULE_VALUE("SSLV2", "it is a value of tls_method"),
	MODULE_VALUE("SSLV23", "it is a value of tls_method"),
	MODULE_VALUE("SSLV3", "it is a value of tls_method"),
	MODULE_VALUE("SSLv2", "it is a value of tls_method"),
	MODULE_VALUE("SSLv23", "it is a value of tls_method"),
	MODULE_VALUE("SSLv3", "it is a value of tls_method"),
	MODULE_VALUE("TLSV1", "it is a value of tls_method"),
	MODULE_VALUE("TLSv1", "it is a value of tls_method"),
	MODULE_VALUE("sslv2", "it is a value of tls_method"),
	MODULE_VALUE("sslv23", "it is a value of tls_method"),
	MODULE_VALUE("sslv3", "it is a value of tls_method"),
	MODULE_VALUE("tlsv1", "it is a value of tls_method"),

	/* the core's functions */
	FUNCTION("add_local_rport"), FUNCTION("add_rport"),  FUNCTION("add_tcp_alias"), FUNCTION("append_branch"),
	FUNCTION("clear_branches"), FUNCTION("len_gt"), FUNCTION("force_rport"), FUNCTION("force_send_socket"), FUNCTION("force_tcp_alias"),
	 FUNCTION("forward"), FUNCTION("forward_tcp"), FUNCTION("forward_tls"), FUNCTION("forward_udp"),
	 FUNCTION("isflagset"), FUNCTION("log"), FUNCTION("prefix"),
	FUNCTION("remove_branch"),  FUNCTION("resetflag"), FUNCTION("revert_uri"),
	FUNCTION("rewritehost"), FUNCTION("rewritehostport"), FUNCTION("rewritehostporttrans"),
	FUNCTION("rewriteport"), FUNCTION("rewriteuri"), FUNCTION("rewriteuser"), FUNCTION("rewriteuserpass"),
	FUNCTION("set_advertised_address"), FUNCTION("set_advertised_port"),
	FUNCTION("setflag"), FUNCTION("seth"), FUNCTION("sethost"), FUNCTION("sethostport"),
	FUNCTION("sethostporttrans"), FUNCTION("sethp"), FUNCTION("sethpt"), FUNCTION("setp"), FUNCTION("setport"),
	FUNCTION("setu"), FUNCTION("setup"), FUNCTION("seturi"), FUNCTION("setuser"), FUNCTION("setuserpass"),
	FUNCTION("strip"), FUNCTION("strip_tail"), FUNCTION("userphone"),

	/* functions that are read and not needed, and why */
	NO_NEED("reset_no_connect", "a connection is made when one is needed"),
	NO_NEED("set_forward_close", "a connection closes when it is idle: tcp_connection_lifetime"),
	NO_NEED("set_forward_no_connect", "a connection is made when one is needed"),
	NO_NEED("set_no_connect", "a connection is made when one is needed"),
	NO_NEED("set_reply_close", "a connection closes when it is idle: tcp_connection_lifetime"),
	NO_NEED("set_reply_no_connect", "a reply goes back where its request came from"),

	/* functions that are refused, and what to do instead */
	NO_FUNCTION("setavpflag", "attributes have no flags: set another attribute"),
	NO_FUNCTION("resetavpflag", "attributes have no flags: set another attribute"),
	NO_FUNCTION("isavpflagset", "attributes have no flags: look at another attribute"),
	NO_FUNCTION("cfg_reset", "a group of settings has one value for each name"),
	NO_FUNCTION("cfg_select", "a group of settings has one value for each name"),
	NO_FUNCTION("error", "write xlog(\"L_NOTICE\", \"...\") or log(\"...\")"),
	NO_FUNCTION("exec", "a worker never waits for another program"),
	NO_FUNCTION("forward_sctp", "there is no SCTP: write forward_tcp()"),
	NO_FUNCTION("load_attrs", "there is no database: set the attributes in the script"),
	NO_FUNCTION("selval", "write if (condition) ... else ..."),
	NO_FUNCTION("send", "forward() sends the message on"),
	NO_FUNCTION("send_tcp", "forward_tcp() sends the message on"),
	NO_FUNCTION("send_udp", "forward_udp() sends the message on"),
	NO_FUNCTION("sleep", "a worker never sleeps"),
	NO_FUNCTION("udp_mtu_try_proto", "what is too large for a datagram is refused: write forward_tcp()"),
	NO_FUNCTION("usleep", "a worker never sleeps"),

	/* core parameters that have a meaning here */
	PARAM("advertised_address"), PARAM("advertised_port"), PARAM("children"), PARAM("debug"),
	PARAM("disable_tcp"), PARAM("disable_tls"), PARAM("dns_cache_max_ttl"), PARAM("dns_cache_min_ttl"),
	PARAM("dns_cache_negative_ttl"), PARAM("dns_retr_no"), PARAM("dns_retr_time"), PARAM("dns_servers"),
	PARAM("dns_try_ipv6"), PARAM("dns_use_search_list"), PARAM("dst_blacklist_expire"),
	PARAM("dst_blacklist_init"), PARAM("dst_blacklist_mem"), PARAM("dst_blacklist_tcp_imask"),
	PARAM("dst_blacklist_ttl"), PARAM("dst_blacklist_udp_imask"), PARAM("dst_blocklist_expire"),
	PARAM("dst_blocklist_init"), PARAM("dst_blocklist_mem"), PARAM("dst_blocklist_tcp_imask"),
	PARAM("dst_blocklist_ttl"), PARAM("dst_blocklist_udp_imask"), PARAM("enable_sctp"),
	PARAM("enable_tls"), PARAM("exit_timeout"), PARAM("gid"), PARAM("group"), PARAM("local_rport"),
	PARAM("loop_detection"), PARAM("max_branches"), PARAM("max_recursive_level"), PARAM("max_while_loops"),
	PARAM("maxbuffer"), PARAM("mhomed"), PARAM("onsend_route_reply"), PARAM("open_fd_limit"),
	PARAM("open_files_limit"), PARAM("pid_file"), PARAM("port"), PARAM("ser_kill_timeout"),
	PARAM("server_header"), PARAM("server_signature"), PARAM("shm"), PARAM("shm_mem"),
	PARAM("shm_mem_size"), PARAM("tcp_accept_aliases"), PARAM("tcp_conn_wq_max"), PARAM("tcp_connect_timeout"),
	PARAM("tcp_connection_lifetime"), PARAM("tcp_keepalive"), PARAM("tcp_keepcnt"), PARAM("tcp_keepidle"),
	PARAM("tcp_keepintvl"), PARAM("tcp_max_connections"), PARAM("tcp_send_timeout"), PARAM("tcp_wq_max"),
	PARAM("tls_disable"), PARAM("tls_enable"), PARAM("tls_port_no"), PARAM("tos"), PARAM("uid"),
	PARAM("use_dns_cache"), PARAM("use_dst_blacklist"), PARAM("use_dst_blocklist"), PARAM("user"),
	PARAM("wdir"), PARAM("workdir"),

	/* core parameters that are refused, and what to do instead */
	NO_PARAM("tcp_no_connect", "a connection is made when one is needed: forward_udp() keeps off TCP"),
	NO_PARAM("tls_ca_list", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_ca_path", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_certificate", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_ciphers_list", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_crl", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_handshake_timeout", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_method", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_private_key", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_require_certificate", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_require_client_certificate", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_send_timeout", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_verify", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_verify_client", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_verify_depth", "it needs loadmodule \"tls.so\""),
	NO_PARAM("tls_verify_server", "it needs loadmodule \"tls.so\""),

	/* core parameters that are read and not needed, and why */
	UNNEEDED("async_nonblock", "nothing blocks"),
	UNNEEDED("async_usleep", "nothing blocks"),
	UNNEEDED("async_workers", "nothing blocks"),
	UNNEEDED("async_workers_group", "nothing blocks"),
	UNNEEDED("auto_aliases", "name aliases with alias="),
	UNNEEDED("auto_bind_ipv6", "without listen= IPv6 addresses are listened on"),
	UNNEEDED("avp_db_url", "there is no database"),
	UNNEEDED("bind_ipv6_link_local", "link-local addresses cannot be routed to"),
	UNNEEDED("cfgengine", "the script is in this language"),
	UNNEEDED("check_via", "the Via of a response is always checked"),
	UNNEEDED("chroot", "use the service manager's sandbox"),
	UNNEEDED("core_log", "debug says what is logged"),
	UNNEEDED("corelog", "debug says what is logged"),
	UNNEEDED("daemonize", "the router stays in the foreground; a service manager keeps it"),
	UNNEEDED("db_default_url", "there is no database"),
	UNNEEDED("db_version_table", "there is no database"),
	UNNEEDED("disable_503_translation", "a reply is sent on with the status that it has"),
	UNNEEDED("disable_core_dump", "shared memory is never part of a core dump; use ulimit -c"),
	UNNEEDED("disable_dns_blacklist", "use_dst_blocklist is off unless it is set"),
	UNNEEDED("disable_dns_failover", "all addresses of a name are tried"),
	UNNEEDED("disable_sctp", "there is no SCTP"),
	UNNEEDED("disable_stateless_fwd", "replies without transaction are sent on only when they are ours"),
	UNNEEDED("dns", "Via host names are not resolved"),
	UNNEEDED("dns_cache_del_nonexp", "the least recently used answer goes first"),
	UNNEEDED("dns_cache_delete_nonexpired", "the least recently used answer goes first"),
	UNNEEDED("dns_cache_flags", "IPv4 addresses are tried before IPv6 ones"),
	UNNEEDED("dns_cache_gc_interval", "old answers go as new ones come"),
	UNNEEDED("dns_cache_init", "there is always a cache; use_dns_cache turns it off"),
	UNNEEDED("dns_cache_mem", "dns_cache_names bounds the cache"),
	UNNEEDED("dns_cache_rec_pref", "new answers replace old ones"),
	UNNEEDED("dns_naptr_ignore_rfc", "names are resolved by A and AAAA"),
	UNNEEDED("dns_sctp_pref", "there is no SCTP"),
	UNNEEDED("dns_sctp_preference", "there is no SCTP"),
	UNNEEDED("dns_search_full_match", "it is how the search list is used"),
	UNNEEDED("dns_servers_no", "all name servers are used"),
	UNNEEDED("dns_slow_query_ms", "DNS never holds a worker up"),
	UNNEEDED("dns_srv_lb", "names are resolved by A and AAAA"),
	UNNEEDED("dns_srv_loadbalancing", "names are resolved by A and AAAA"),
	UNNEEDED("dns_tcp_pref", "TCP is used for answers that need it"),
	UNNEEDED("dns_tcp_preference", "names are resolved by A and AAAA"),
	UNNEEDED("dns_tls_pref", "names are resolved by A and AAAA"),
	UNNEEDED("dns_tls_preference", "names are resolved by A and AAAA"),
	UNNEEDED("dns_try_naptr", "names are resolved by A and AAAA"),
	UNNEEDED("dns_udp_pref", "names are resolved by A and AAAA"),
	UNNEEDED("dns_udp_preference", "names are resolved by A and AAAA"),
	UNNEEDED("dst_blacklist_gc_interval", "what has expired takes no room"),
	UNNEEDED("dst_blacklist_sctp_imask", "there is no SCTP"),
	UNNEEDED("dst_blacklist_tls_imask", "dst_blocklist_tcp_imask counts for all connections"),
	UNNEEDED("dst_blocklist_gc_interval", "what has expired takes no room"),
	UNNEEDED("dst_blocklist_sctp_imask", "there is no SCTP"),
	UNNEEDED("dst_blocklist_tls_imask", "dst_blocklist_tcp_imask counts for all connections"),
	UNNEEDED("event_callback", "the script is in this language"),
	UNNEEDED("fifo", "there is no control socket yet"),
	UNNEEDED("fifo_db_url", "there is no control socket yet"),
	UNNEEDED("fifo_dir", "there is no control socket yet"),
	UNNEEDED("fifo_group", "there is no control socket yet"),
	UNNEEDED("fifo_mode", "there is no control socket yet"),
	UNNEEDED("fifo_user", "there is no control socket yet"),
	UNNEEDED("force_rport", "call force_rport() for what is behind NAT"),
	UNNEEDED("fork", "the router stays in the foreground and always has workers"),
	UNNEEDED("fork_delay", "all workers start at once"),
	UNNEEDED("hdr_name_extra_chars", "header names are those of RFC 3261"),
	UNNEEDED("http_reply_hack", "there is no HTTP"),
	UNNEEDED("http_reply_parse", "there is no HTTP"),
	UNNEEDED("ip_free_bind", "it stands behind an address: listen=... ip_free_bind"),
	UNNEEDED("ip_nonlocal_bind", "it stands behind an address: listen=... ip_free_bind"),
	UNNEEDED("ipfreebind", "it stands behind an address: listen=... ip_free_bind"),
	UNNEEDED("ipv6_hex_style", "addresses are written after RFC 5952"),
	UNNEEDED("kemi.event_route_callback", "the script is in this language"),
	UNNEEDED("kemi.onsend_route_callback", "the script is in this language"),
	UNNEEDED("kemi.pre_routing_callback", "the script is in this language"),
	UNNEEDED("kemi.received_route_callback", "the script is in this language"),
	UNNEEDED("kemi.reply_route_callback", "the script is in this language"),
	UNNEEDED("latency_cfg_log", "the status tells the longest turn"),
	UNNEEDED("latency_limit_action", "the status tells the longest turn"),
	UNNEEDED("latency_limit_cfg", "the status tells the longest turn"),
	UNNEEDED("latency_limit_db", "the status tells the longest turn"),
	UNNEEDED("latency_log", "the status tells the longest turn"),
	UNNEEDED("log_color", "lines have no colours"),
	UNNEEDED("log_engine_data", "see log_file and log_format"),
	UNNEEDED("log_engine_type", "see log_file and log_format"),
	UNNEEDED("log_facility", "lines go to standard error or log_file, not to syslog"),
	UNNEEDED("log_name", "lines go to standard error or log_file, not to syslog"),
	UNNEEDED("log_prefix", "use xlog"),
	UNNEEDED("log_prefix_mode", "every line has its keys"),
	UNNEEDED("log_stderror", "lines go to standard error unless log_file names a file"),
	UNNEEDED("loop_checks", "see loop_detection"),
	UNNEEDED("mcast", "multicast is not listened to"),
	UNNEEDED("mcast_loopback", "multicast is not listened to"),
	UNNEEDED("mcast_ttl", "multicast is not listened to"),
	UNNEEDED("mem_add_size", "memory needs no padding"),
	UNNEEDED("mem_dbg", "memory is reported on USR2"),
	UNNEEDED("mem_join", "free memory is always joined"),
	UNNEEDED("mem_log", "memory is reported on USR2"),
	UNNEEDED("mem_safety", "memory is always checked"),
	UNNEEDED("mem_status_mode", "the status tells what memory is used for"),
	UNNEEDED("mem_summary", "the status tells what memory is used for"),
	UNNEEDED("memdbg", "memory is reported on USR2"),
	UNNEEDED("memlog", "memory is reported on USR2"),
	UNNEEDED("mlock_pages", "pages are taken when they are used"),
	UNNEEDED("modinit_delay", "modules start at once"),
	UNNEEDED("msg_time", "the time of reception is always known"),
	UNNEEDED("phone2tel", "tel URIs are read as they are"),
	UNNEEDED("pkg_mem", "private memory has no fixed size"),
	UNNEEDED("pkg_size", "private memory grows with the need"),
	UNNEEDED("pmtu_discovery", "it is the kernel's default"),
	UNNEEDED("pv_buffer_size", "texts grow with the need"),
	UNNEEDED("pv_buffer_slots", "texts grow with the need"),
	UNNEEDED("pv_cache_action", "variables are resolved when the script is loaded"),
	UNNEEDED("pv_cache_limit", "variables are resolved when the script is loaded"),
	UNNEEDED("real_time", "all workers are equal"),
	UNNEEDED("received_route_mode", "there is no received route; event_route[core:msg-received] is read"),
	UNNEEDED("reply_to_via", "responses go where RFC 3261 18.2.2 says"),
	UNNEEDED("rev_dns", "addresses are never resolved to names"),
	UNNEEDED("route_locks_size", "routes need no locks"),
	UNNEEDED("rpc_exec_delta", "there are no remote commands yet"),
	UNNEEDED("rt_fast_timer_prio", "there is no timer process"),
	UNNEEDED("rt_ftimer_policy", "there is no timer process"),
	UNNEEDED("rt_ftimer_prio", "there is no timer process"),
	UNNEEDED("rt_policy", "all workers are equal"),
	UNNEEDED("rt_prio", "all workers are equal"),
	UNNEEDED("rt_stimer_policy", "there is no timer process"),
	UNNEEDED("rt_stimer_prio", "there is no timer process"),
	UNNEEDED("rt_timer1_policy", "there is no timer process"),
	UNNEEDED("rt_timer1_prio", "there is no timer process"),
	UNNEEDED("rt_timer2_policy", "there is no timer process"),
	UNNEEDED("rt_timer2_prio", "there is no timer process"),
	UNNEEDED("run_dir", "nothing is kept in a run directory"),
	UNNEEDED("rundir", "nothing is kept in a run directory"),
	UNNEEDED("sctp_asocmaxrxt", "there is no SCTP"),
	UNNEEDED("sctp_assoc_reuse", "there is no SCTP"),
	UNNEEDED("sctp_assoc_tracking", "there is no SCTP"),
	UNNEEDED("sctp_autoclose", "there is no SCTP"),
	UNNEEDED("sctp_children", "there is no SCTP"),
	UNNEEDED("sctp_hbinterval", "there is no SCTP"),
	UNNEEDED("sctp_init_max_attempts", "there is no SCTP"),
	UNNEEDED("sctp_init_max_timeo", "there is no SCTP"),
	UNNEEDED("sctp_max_assocs", "there is no SCTP"),
	UNNEEDED("sctp_max_burst", "there is no SCTP"),
	UNNEEDED("sctp_pathmaxrxt", "there is no SCTP"),
	UNNEEDED("sctp_sack_delay", "there is no SCTP"),
	UNNEEDED("sctp_sack_freq", "there is no SCTP"),
	UNNEEDED("sctp_send_retries", "there is no SCTP"),
	UNNEEDED("sctp_send_ttl", "there is no SCTP"),
	UNNEEDED("sctp_socket_rcvbuf", "there is no SCTP"),
	UNNEEDED("sctp_socket_sndbuf", "there is no SCTP"),
	UNNEEDED("sctp_srto_initial", "there is no SCTP"),
	UNNEEDED("sctp_srto_max", "there is no SCTP"),
	UNNEEDED("sctp_srto_min", "there is no SCTP"),
	UNNEEDED("server_id", "only one server is known"),
	UNNEEDED("shm_force_alloc", "pages are taken when they are used"),
	UNNEEDED("sip_parser_log", "bad messages are counted and logged"),
	UNNEEDED("sip_parser_log_oneline", "bad messages are counted and logged"),
	UNNEEDED("sip_parser_mode", "the parser has one mode"),
	UNNEEDED("sip_warning", "no Warning header field is added"),
	UNNEEDED("sock_group", "there is no control socket yet"),
	UNNEEDED("sock_mode", "there is no control socket yet"),
	UNNEEDED("sock_user", "there is no control socket yet"),
	UNNEEDED("socket_workers", "every worker serves every socket: children counts them all"),
	UNNEEDED("sql_buffer_size", "there is no SQL"),
	UNNEEDED("statistics", "counters always count"),
	UNNEEDED("stats_name_separator", "counters have fixed names"),
	UNNEEDED("stun_allow_fp", "there is no STUN"),
	UNNEEDED("stun_allow_stun", "there is no STUN"),
	UNNEEDED("stun_refresh_interval", "there is no STUN"),
	UNNEEDED("syn_branch", "a branch is always made of what it stands for"),
	UNNEEDED("tcp_accept_haproxy", "there is no PROXY protocol yet"),
	UNNEEDED("tcp_accept_hep3", "there is no HEP yet"),
	UNNEEDED("tcp_accept_no_cl", "a message on a stream needs its Content-Length"),
	UNNEEDED("tcp_accept_unique", "several connections of one peer are fine"),
	UNNEEDED("tcp_async", "TCP is always asynchronous"),
	UNNEEDED("tcp_buf_write", "TCP is always asynchronous"),
	UNNEEDED("tcp_children", "every worker serves every transport: children counts them all"),
	UNNEEDED("tcp_clone_rcvbuf", "received bytes are never written to"),
	UNNEEDED("tcp_connection_match", "connections are always matched by address and port"),
	UNNEEDED("tcp_crlf_ping", "pings are always answered"),
	UNNEEDED("tcp_defer_accept", "tcp_accept_timeout closes silent connections"),
	UNNEEDED("tcp_delayed_ack", "acknowledgements are the kernel's"),
	UNNEEDED("tcp_fd_cache", "every connection has one owner, which has its descriptor"),
	UNNEEDED("tcp_linger2", "a closing connection is waited for 2 seconds"),
	UNNEEDED("tcp_new_conn_alias_flags", "a connection has one alias, the first"),
	UNNEEDED("tcp_no_new_conn_bflag", "set_forward_no_connect() of other routers is not there"),
	UNNEEDED("tcp_options", "see the other tcp_ parameters"),
	UNNEEDED("tcp_poll_method", "it is always epoll"),
	UNNEEDED("tcp_rd_buf_size", "a read buffer grows with the message up to tcp_msg_max"),
	UNNEEDED("tcp_reuse_port", "outgoing connections have ports of their own"),
	UNNEEDED("tcp_script_mode", "a bad message closes its connection only where it must"),
	UNNEEDED("tcp_source_ipv4", "an outgoing connection binds to its sending socket"),
	UNNEEDED("tcp_source_ipv6", "an outgoing connection binds to its sending socket"),
	UNNEEDED("tcp_syncnt", "tcp_connect_timeout bounds a connect"),
	UNNEEDED("tcp_wait_data", "an outgoing connection is waited for asynchronously"),
	UNNEEDED("tcp_wq_blk_size", "each queued message has a chunk of its own"),
	UNNEEDED("timer_partitions", "every worker has its own timers"),
	UNNEEDED("timer_workers", "every worker has its own timers"),
	UNNEEDED("tls_log", "debug says what is logged"),
	UNNEEDED("tls_max_connections", "tcp_max_connections counts connections of all sorts"),
	UNNEEDED("tlslog", "debug says what is logged"),
	UNNEEDED("udp4_raw", "datagrams are sent by their sockets"),
	UNNEEDED("udp4_raw_mtu", "datagrams are sent by their sockets"),
	UNNEEDED("udp4_raw_ttl", "datagrams are sent by their sockets"),
	UNNEEDED("udp_mtu", "a message that is too large for a datagram is an error"),
	UNNEEDED("udp_mtu_try_proto", "a message that is too large for a datagram is an error"),
	UNNEEDED("unix_sock", "there is no control socket yet"),
	UNNEEDED("unix_sock_children", "there is no control socket yet"),
	UNNEEDED("unix_sock_max_tries", "there is no control socket yet"),
	UNNEEDED("unix_tx_timeout", "there is no control socket yet"),
	UNNEEDED("uri_host_extra_chars", "host names are those of RFC 3261"),
	UNNEEDED("use_dns_failover", "all addresses of a name are tried"),
	UNNEEDED("user_agent_header", "no requests are made here"),
	UNNEEDED("verbose_startup", "debug says what is logged at start"),
	UNNEEDED("version_table", "there is no database"),
	UNNEEDED("wait_worker1_mode", "all workers start at once"),
	UNNEEDED("wait_worker1_time", "all workers start at once"),
	UNNEEDED("wait_worker1_usleep", "all workers start at once"),
	UNNEEDED("xavp_via_fields", "our Via takes nothing from an xavp"),
	UNNEEDED("xavp_via_params", "our Via takes nothing from an xavp"),
	UNNEEDED("xavp_via_reply_params", "our Via takes nothing from an xavp"),
	UNNEEDED("xlog_buf_size", "texts grow with the need"),
	UNNEEDED("xlog_force_color", "lines have no colours"),
};
/* clang-format on */

const unsigned word_rows_n = sizeof(word_rows) / sizeof(word_rows[0]);

const struct word_row *word_find(struct str word, unsigned fates)
{
	for (unsigned i = 0; i < word_rows_n; i++)
		if ((fates & word_rows[i].fate) && str_eq(str_z(word_rows[i].word), word))
			return &word_rows[i];
	return NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Which module of the SER family has which functions. Made by tools/gen-known-functions. */
#include "core/script/known.h"

/* clang-format off */
const struct known_row known_rows[] = {
	{ "acc",
	  "acc_db_request/22 acc_log_request/11 acc_request/22" },
	{ "alias_db",
	  "alias_db_find/34 alias_db_lookup/12" },
	{ "app_java", "" },
	{ "app_jsdt", "" },
	{ "app_lua", "" },
	{ "app_mono", "" },
	{ "app_perl", "" },
	{ "app_python", "" },
	{ "app_python3", "" },
	{ "app_ruby", "" },
	{ "app_sqlang", "" },
	{ "auth",
	  "auth_algorithm/11 auth_challenge/23 auth_checks_in_dlg/11 auth_checks_no_dlg/11 "
	  "auth_checks_register/11 auth_get_www_authenticate/33 consume_credentials/00 "
	  "has_credentials/11 proxy_challenge/23 pv_auth_check/44 pv_proxy_authenticate/33 "
	  "pv_www_authenticate/34 www_challenge/23" },
	{ "auth_db",
	  "auth_check/33 is_subscriber/33 proxy_authenticate/22 proxy_authorize/22 "
	  "www_authenticate/23 www_authorize/22" },
	{ "auth_diameter", "" },
	{ "auth_ephemeral", "" },
	{ "auth_identity", "" },
	{ "auth_radius", "" },
	{ "auth_xkeys", "" },
	{ "avpops",
	  "avp_check/22 avp_copy/22 avp_db_delete/22 avp_db_load/22 avp_db_query/12 avp_db_store/22 "
	  "avp_delete/11 avp_op/22 avp_print/00 avp_printf/22 avp_pushto/22 avp_subst/22 "
	  "avp_subst_pv/22 is_avp_set/11" },
	{ "call_control", "" },
	{ "call_obj", "" },
	{ "carrierroute", "" },
	{ "cdp", "" },
	{ "cdp_avp", "" },
	{ "cfg_rpc", "" },
	{ "cfgutils", "" },
	{ "cnxcc", "" },
	{ "core",
	  "add_local_rport/0f avp_to_attr/0f avpflags_reset/0f cfg_reset/0f cfg_select/0f "
	  "clear_branches/0f defined/0f force_rport/0f force_send_socket/0f force_tcp_alias/0f "
	  "forward/0f forward_sctp/0f forward_tcp/0f forward_tls/0f forward_udp/0f isavpflagset/0f "
	  "isflagset/0f issetbflag/0f load_attrs/0f log/0f prefix/0f prefix2/0f reset_no_connect/0f "
	  "resetavpflag/0f resetflag/0f revert_uri/0f rewritehost/0f rewritehostport/0f "
	  "rewritehostporttrans/0f rewriteport/0f rewriteuri/0f rewriteuser/0f rewriteuserpass/0f "
	  "send/0f set_advertised_address/0f set_advertised_port/0f set_forward_close/0f "
	  "set_forward_no_connect/0f set_no_connect/0f set_reply_close/0f set_reply_no_connect/0f "
	  "setavpflag/0f setflag/0f sethost/0f sethostport/0f setport/0f setuser/0f setuserpass/0f "
	  "strempty/0f strip/0f strip_tail/0f strlen/0f udp_mtu_try_proto/0f unforce_rport/0f "
	  "userphone/0f" },
	{ "corex",
	  "add_tcp_alias/11 append_branch/02 file_read/22 file_write/22 forward_reply/00 "
	  "forward_uac/01 forward_uac_uri/12 is_faked_msg/00 is_incoming/00 is_socket_name/11 "
	  "msg_iflag_is_set/11 msg_iflag_reset/11 msg_iflag_set/11 send_data/22 send_tcp/01 "
	  "send_udp/01 sendx/33 set_recv_socket/11 set_recv_socket_name/11 set_send_socket/11 "
	  "set_send_socket_name/11 set_source_address/11 via_add_srvid/11 via_add_xavp_params/11 "
	  "via_reply_add_xavp_params/11 via_use_xavp_fields/11" },
	{ "counters",
	  "cnt_add/22 cnt_inc/11 cnt_reset/11" },
	{ "cpl-c", "" },
	{ "crypto", "" },
	{ "ctl",
	  "group/11 user/11" },
	{ "db2_ldap", "" },
	{ "db2_ops", "" },
	{ "db_cassandra", "" },
	{ "db_cluster", "" },
	{ "db_flatstore", "" },
	{ "db_mongodb", "" },
	{ "db_mysql", "" },
	{ "db_oracle", "" },
	{ "db_postgres", "" },
	{ "db_redis", "" },
	{ "db_sqlite", "" },
	{ "db_text", "" },
	{ "db_unixodbc", "" },
	{ "dbtext", "" },
	{ "debugger", "" },
	{ "dialog",
	  "dlg_bridge/33 dlg_bye/11 dlg_db_load_callid/11 dlg_db_load_extra/00 dlg_get/33 "
	  "dlg_get_var/55 dlg_manage/00 dlg_refer/22 dlg_refer_dcid/33 dlg_refer_did/44 "
	  "dlg_remote_profile/55 dlg_remove_dialogs_from_node/11 dlg_req_within/0f "
	  "dlg_reset_property/11 dlg_set_property/11 dlg_set_ruri/00 dlg_set_timeout/13 "
	  "dlg_set_timeout_by_profile/23 dlg_set_var/55 dlg_update_contact/00 dlg_update_socket/00 "
	  "get_profile_size/23 is_in_profile/12 is_known_dlg/00 set_dlg_profile/12 "
	  "unset_dlg_profile/12" },
	{ "dialplan", "" },
	{ "dispatcher",
	  "ds_dsg_fetch/11 ds_dsg_fetch_uri/22 ds_is_active/12 ds_is_from_list/03 ds_list_exists/11 "
	  "ds_load_unset/00 ds_load_update/00 ds_mark_addr/33 ds_mark_dst/01 ds_next_domain/00 "
	  "ds_next_dst/00 ds_oc_set_attrs/55 ds_reload/00 ds_select/23 ds_select_domain/23 "
	  "ds_select_dst/23 ds_select_routes/23 ds_set_domain/00 ds_set_dst/00" },
	{ "diversion", "" },
	{ "dlgs", "" },
	{ "dmq", "" },
	{ "dmq_usrloc", "" },
	{ "domain",
	  "is_domain_local/11 is_from_local/00 is_uri_host_local/00 lookup_domain/12" },
	{ "domainpolicy", "" },
	{ "drouting", "" },
	{ "enum", "" },
	{ "erlang", "" },
	{ "evapi", "" },
	{ "exec", "" },
	{ "file_out", "" },
	{ "geoip", "" },
	{ "geoip2", "" },
	{ "gflags", "" },
	{ "group",
	  "get_user_group/22 is_user_in/22" },
	{ "gzcompress", "" },
	{ "h350", "" },
	{ "htable",
	  "sht_dec/22 sht_has_name/33 sht_has_str_value/33 sht_inc/22 sht_is_null/22 "
	  "sht_iterator_end/11 sht_iterator_next/11 sht_iterator_rm/11 sht_iterator_setex/22 "
	  "sht_iterator_seti/22 sht_iterator_sets/22 sht_iterator_start/22 sht_lock/11 "
	  "sht_match_name/33 sht_match_str_value/33 sht_print/00 sht_reset/11 sht_rm/22 "
	  "sht_rm_name/33 sht_rm_name_re/11 sht_rm_value/33 sht_rm_value_re/11 sht_setxi/44 "
	  "sht_setxs/44 sht_unlock/11" },
	{ "http_async_client", "" },
	{ "http_client", "" },
	{ "imc", "" },
	{ "ims_auth", "" },
	{ "ims_charging", "" },
	{ "ims_dialog", "" },
	{ "ims_diameter_server", "" },
	{ "ims_icscf", "" },
	{ "ims_ipsec_pcscf", "" },
	{ "ims_isc", "" },
	{ "ims_ocs", "" },
	{ "ims_qos", "" },
	{ "ims_registrar_pcscf", "" },
	{ "ims_registrar_scscf", "" },
	{ "ims_usrloc_pcscf", "" },
	{ "ims_usrloc_scscf", "" },
	{ "influxdbc", "" },
	{ "jansson", "" },
	{ "janssonrpcc", "" },
	{ "json", "" },
	{ "jsonrpcs",
	  "fifo_group/11 fifo_user/11 jsonrpc_dispatch/00 jsonrpc_exec/11" },
	{ "jwt", "" },
	{ "kafka", "" },
	{ "keepalive", "" },
	{ "kemix", "" },
	{ "kex",
	  "is_myhost/11 is_myself/11 isbflagset/12 isdsturiset/00 km_append_branch/01 pv_printf/22 "
	  "resetbflag/12 resetdebug/00 resetdsturi/00 setbflag/12 setdebug/11 setdsturi/11" },
	{ "lcr", "" },
	{ "log_custom", "" },
	{ "log_systemd", "" },
	{ "lost", "" },
	{ "lrkproxy", "" },
	{ "lwsc", "" },
	{ "malloc_test", "" },
	{ "mangler", "" },
	{ "matrix", "" },
	{ "maxfwd",
	  "is_maxfwd_lt/11 maxfwd_at_least/11 maxfwd_process/11 mf_lowlimit/11 "
	  "mf_process_maxfwd_header/11 process_maxfwd/11" },
	{ "mediaproxy", "" },
	{ "memcached", "" },
	{ "mi_datagram", "" },
	{ "mi_fifo", "" },
	{ "mi_rpc", "" },
	{ "mi_xmlrpc", "" },
	{ "misc_radius", "" },
	{ "misctest", "" },
	{ "mohqueue", "" },
	{ "mqtt", "" },
	{ "mqueue", "" },
	{ "msilo", "" },
	{ "mtree", "" },
	{ "mysql", "" },
	{ "nat_traversal", "" },
	{ "nathelper",
	  "add_contact_alias/03 add_rcv_param/01 fix_nated_contact/00 fix_nated_register/00 "
	  "fix_nated_sdp/12 handle_ruri_alias/01 is_rfc1918/11 nat_uac_test/11 set_alias_to_pv/11 "
	  "set_contact_alias/01" },
	{ "nats", "" },
	{ "ndb_cassandra", "" },
	{ "ndb_mongodb", "" },
	{ "ndb_redis", "" },
	{ "nosip", "" },
	{ "nsq", "" },
	{ "osp", "" },
	{ "outbound",
	  "check_flow_token/00" },
	{ "p_usrloc", "" },
	{ "path",
	  "add_path/02 add_path_advertised_address/0f add_path_received/02" },
	{ "pdb", "" },
	{ "pdt", "" },
	{ "peering", "" },
	{ "perlvdb", "" },
	{ "permissions",
	  "allow_address/33 allow_address_group/22 allow_register/12 allow_register_include_port/12 "
	  "allow_routing/02 allow_source_address/01 allow_source_address_group/00 allow_trusted/03 "
	  "allow_uri/22 peer_tag_avp/11" },
	{ "phonenum", "" },
	{ "pike",
	  "pike_check_ip/11 pike_check_req/00" },
	{ "pipelimit",
	  "pl_active/11 pl_check/13 pl_drop/02" },
	{ "posops", "" },
	{ "postgres", "" },
	{ "prefix_route", "" },
	{ "presence", "" },
	{ "presence_conference", "" },
	{ "presence_dialoginfo", "" },
	{ "presence_mwi", "" },
	{ "presence_profile", "" },
	{ "presence_reginfo", "" },
	{ "presence_xml", "" },
	{ "print", "" },
	{ "ptimer", "" },
	{ "pua", "" },
	{ "pua_bla", "" },
	{ "pua_dialoginfo", "" },
	{ "pua_mi", "" },
	{ "pua_reginfo", "" },
	{ "pua_rpc", "" },
	{ "pua_usrloc", "" },
	{ "pua_xmpp", "" },
	{ "pv", "" },
	{ "pvx", "" },
	{ "qos", "" },
	{ "rabbitmq", "" },
	{ "random", "" },
	{ "ratelimit",
	  "pipe/11 queue/11 rl_check/01 rl_check_pipe/11" },
	{ "regex", "" },
	{ "registrar",
	  "lookup/12 lookup_branches/11 lookup_to_dset/12 lookup_xavp/44 registered/0f save/13" },
	{ "rls", "" },
	{ "rr",
	  "add_rr_param/12 check_route_param/12 custom_user_avp/11 get_route_param/33 is_direction/12 "
	  "loose_route/00 loose_route_mode/11 loose_route_preloaded/00 record_route/01 "
	  "record_route_advertised_address/11 record_route_preset/12 remove_record_route/00 "
	  "rr_next_hop_route/00" },
	{ "rtimer", "" },
	{ "rtp_media_server", "" },
	{ "rtpengine",
	  "block_dtmf/01 block_media/01 play_dtmf/01 play_media/01 rtpengine_answer/02 "
	  "rtpengine_connect/02 rtpengine_delete/02 rtpengine_destroy/02 rtpengine_info/02 "
	  "rtpengine_manage/02 rtpengine_offer/02 rtpengine_query/02 rtpengine_query_v/22 "
	  "rtpengine_subscribe_answer/02 rtpengine_unsubscribe/02 set_rtpengine_set/12 "
	  "silence_media/01 start_forwarding/01 start_recording/01 stop_forwarding/01 stop_media/01 "
	  "stop_recording/01 unblock_dtmf/01 unblock_media/01 unsilence_media/01" },
	{ "rtpproxy", "" },
	{ "ruxc", "" },
	{ "sanity",
	  "sanity_check/02 sanity_reply/00" },
	{ "sca", "" },
	{ "sctp", "" },
	{ "sdpops", "" },
	{ "seas", "" },
	{ "secfilter", "" },
	{ "sipcapture", "" },
	{ "sipdump", "" },
	{ "sipjson", "" },
	{ "siprepo", "" },
	{ "siptrace",
	  "hlog/12 sip_trace/03 sip_trace_mode/11 sip_trace_msg/55" },
	{ "siputils",
	  "add_uri_param/11 append_rpid_hf/02 cmp_aor/22 cmp_hdr_name/22 cmp_uri/22 "
	  "contact_param_check/11 contact_param_decode/11 contact_param_decode_uri/11 "
	  "contact_param_encode/22 contact_param_encode_alias/22 contact_param_rm/11 "
	  "decode_contact/00 decode_contact_header/00 encode_contact/22 get_uri_param/22 has_totag/00 "
	  "hdr_date_check/11 is_alphanum/11 is_alphanumex/22 is_e164/11 is_first_hop/01 is_gruu/01 "
	  "is_http/00 is_numeric/11 is_reply/00 is_request/00 is_rpid_user_e164/00 is_sip/00 "
	  "is_supported/11 is_tel_number/11 is_uri/11 is_uri_user_e164/11 is_user/11 options_reply/00 "
	  "set_uri_host/22 set_uri_user/22 sip_p_charging_vector/11 sip_parse_headers/00 tel2sip/33 "
	  "tel2sip2/33 uri_param/12 uri_param_any/11 uri_param_rm/11" },
	{ "sl",
	  "send_reply/22 send_reply_error/00 send_reply_mode/33 sl_forward_reply/02 sl_reply_error/00 "
	  "sl_send_reply/22" },
	{ "slack", "" },
	{ "smsops", "" },
	{ "snmp", "" },
	{ "snmpstats", "" },
	{ "speeddial", "" },
	{ "sqlops",
	  "sql_pvquery/33 sql_query/23 sql_query_async/22 sql_result_free/11 sql_xquery/33" },
	{ "ss7ops", "" },
	{ "sst", "" },
	{ "statsd", "" },
	{ "stirshaken", "" },
	{ "stun", "" },
	{ "systemdops", "" },
	{ "task", "" },
	{ "tcpops", "" },
	{ "textops",
	  "append_body_part/0f append_hf/12 append_time/00 append_time_to_request/00 "
	  "append_to_reply/11 append_urihf/22 cmp_istr/22 cmp_str/22 ends_with/22 filter_body/11 "
	  "has_body/01 in_list/33 in_list_prefix/33 insert_hf/12 is_audio_on_hold/00 is_method/11 "
	  "is_present_hf/11 is_present_hf_pv/11 is_present_hf_re/11 is_present_hf_re_pv/11 "
	  "is_privacy/11 remove_hf/11 remove_hf_exp/22 remove_hf_exp_pv/22 remove_hf_idx/22 "
	  "remove_hf_match/33 remove_hf_pv/11 remove_hf_re/11 remove_hf_re_pv/11 replace/22 "
	  "replace_all/22 replace_body/22 replace_body_all/22 replace_body_atonce/22 "
	  "replace_body_str/33 replace_hdrs/22 replace_hdrs_str/33 replace_str/33 search/11 "
	  "search_append/22 search_append_body/22 search_body/11 search_hf/33 search_str/22 "
	  "set_body/22 set_body_hex/22 set_body_multipart/03 set_reply_body/22 set_reply_body_hex/22 "
	  "starts_with/22 str_all_in/22 str_any_in/22 str_find/22 str_ifind/22 subst/11 subst_body/11 "
	  "subst_hf/33 subst_uri/11 subst_user/11 subst_v/33" },
	{ "textopsx",
	  "append_hf_value/22 assign_hf_value/22 assign_hf_value2/22 bl_iterator_append/22 "
	  "bl_iterator_end/11 bl_iterator_insert/22 bl_iterator_next/11 bl_iterator_rm/11 "
	  "bl_iterator_start/11 change_reply_status/22 change_reply_status_code/11 "
	  "exclude_hf_value/22 fnmatch/23 hf_iterator_append/22 hf_iterator_end/11 "
	  "hf_iterator_insert/22 hf_iterator_next/11 hf_iterator_prev/11 hf_iterator_rm/11 "
	  "hf_iterator_start/11 hf_value_exists/22 include_hf_value/22 insert_hf_value/22 keep_hf/01 "
	  "msg_apply_changes/00 msg_changed_route/11 msg_set_buffer/11 remove_body/00 "
	  "remove_hf_value/11 remove_hf_value2/11" },
	{ "timer", "" },
	{ "tls",
	  "is_peer_verified/00 tls_set_connect_server_id/11" },
	{ "tls_wolfssl", "" },
	{ "tlsa", "" },
	{ "tm",
	  "t_any_replied/00 t_any_timeout/00 t_branch_replied/00 t_branch_timeout/00 "
	  "t_check_status/11 t_check_trans/00 t_drop_replies/01 t_forward_nonack/02 "
	  "t_forward_nonack_sctp/22 t_forward_nonack_tcp/22 t_forward_nonack_tls/22 "
	  "t_forward_nonack_udp/22 t_grep_status/11 t_is_canceled/00 t_is_expired/00 "
	  "t_is_retr_async_reply/00 t_is_set/11 t_load_contacts/01 t_lookup_cancel/01 "
	  "t_lookup_request/00 t_newtran/00 t_next_contact_flow/00 t_next_contacts/00 t_on_branch/11 "
	  "t_on_branch_failure/11 t_on_failure/11 t_on_reply/11 t_relay/02 t_relay_cancel/00 "
	  "t_relay_to/22 t_relay_to_proxy/12 t_relay_to_sctp/02 t_relay_to_tcp/02 t_relay_to_tls/02 "
	  "t_relay_to_udp/02 t_release/00 t_replicate/01 t_reply/22 t_reply_error/00 t_reset_fr/00 "
	  "t_reset_max_lifetime/00 t_reset_retr/00 t_retransmit_reply/00 t_save_lumps/00 "
	  "t_send_reply/22 t_set_auto_inv_100/11 t_set_disable_6xx/11 t_set_disable_failover/11 "
	  "t_set_disable_internal_reply/11 t_set_fr/12 t_set_max_lifetime/22 t_set_no_auto_ack/11 "
	  "t_set_no_e2e_cancel_reason/11 t_set_retr/22 t_uac_send/88 t_use_uac_headers/00" },
	{ "tmrec", "" },
	{ "tmx",
	  "t_cancel_branch_idx/33 t_cancel_branches/11 t_cancel_callid/34 t_continue/33 t_drop/01 "
	  "t_flush_flags/00 t_flush_xflags/00 t_is_branch_route/00 t_is_failure_route/00 "
	  "t_is_reply_route/00 t_is_request_route/00 t_precheck_trans/00 t_reply_callid/44 "
	  "t_reuse_branch/00 t_suspend/00 t_uac_ack_local/24" },
	{ "topoh", "" },
	{ "topos", "" },
	{ "topos_htable", "" },
	{ "topos_redis", "" },
	{ "tsilo", "" },
	{ "uac",
	  "uac_auth/01 uac_auth_mode/11 uac_reg_disable/22 uac_reg_enable/22 uac_reg_lookup/22 "
	  "uac_reg_lookup_uri/22 uac_reg_refresh/11 uac_reg_request_to/22 uac_reg_send_register/22 "
	  "uac_reg_send_unregister/22 uac_reg_status/11 uac_replace_from/12 uac_replace_to/12 "
	  "uac_req_send/00 uac_restore_from/00 uac_restore_to/00" },
	{ "uac_redirect", "" },
	{ "uid_auth_db", "" },
	{ "uid_avp_db", "" },
	{ "uid_domain", "" },
	{ "uid_gflags", "" },
	{ "uid_uri_db", "" },
	{ "unixodbc", "" },
	{ "uri", "" },
	{ "uri_db",
	  "check_from/00 check_to/00 check_uri/11 does_uri_exist/00" },
	{ "uri_radius", "" },
	{ "userblacklist", "" },
	{ "userblocklist", "" },
	{ "usrloc",
	  "ul_delete_urecord/22 ul_delete_urecord_by_ruid/22 ul_get_urecord/22 ul_insert_ucontact/11f "
	  "ul_insert_urecord/33 ul_lock_udomain/11 ul_register_domain/11 ul_release_urecord/11 "
	  "ul_unlock_udomain/11" },
	{ "utils", "" },
	{ "uuid", "" },
	{ "vm", "" },
	{ "websocket",
	  "ws_close/03 ws_connect/55 ws_handle_handshake/00 ws_send/55" },
	{ "xcap_client", "" },
	{ "xcap_server", "" },
	{ "xhttp",
	  "xhttp_reply/44" },
	{ "xhttp_pi", "" },
	{ "xhttp_prom",
	  "prom_check_uri/00 prom_counter_inc/55 prom_counter_reset/44 prom_dispatch/00 "
	  "prom_gauge_inc/55 prom_gauge_reset/44 prom_gauge_set/55 prom_histogram_observe/55" },
	{ "xhttp_rpc",
	  "dispatch_xhttp_rpc/00" },
	{ "xlog",
	  "xalert/11 xbug/11 xcrit/11 xdbg/11 xdbgl/11 xerr/11 xinfo/11 xlog/13 xlogl/13 xlogm/22 "
	  "xnotice/11 xwarn/11" },
	{ "xmlops", "" },
	{ "xmlrpc",
	  "dispatch_rpc/00 xmlrpc_reply/22" },
	{ "xmpp", "" },
	{ "xprint", "" },
};
/* clang-format on */

const unsigned known_rows_n = sizeof(known_rows) / sizeof(known_rows[0]);

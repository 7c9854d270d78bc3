/* SPDX-License-Identifier: BSD-2-Clause */
/* Which module of the SER family has which functions. Made by tools/gen-known-functions. */
#include "core/script/known.h"

/* clang-format off */
const struct known_row known_rows[] = {
	{ "acc",
	  "acc_db_request acc_log_request acc_request" },
	{ "alias_db",
	  "alias_db_find alias_db_lookup" },
	{ "app_lua",
	  "" },
	{ "app_perl",
	  "" },
	{ "app_python3",
	  "" },
	{ "auth",
	  "auth_algorithm auth_challenge auth_checks_in_dlg auth_checks_no_dlg auth_checks_register "
	  "auth_get_www_authenticate consume_credentials has_credentials proxy_challenge "
	  "pv_auth_check pv_proxy_authenticate pv_www_authenticate www_challenge" },
	{ "auth_db",
	  "auth_check is_subscriber proxy_authenticate proxy_authorize www_authenticate www_authorize" },
	{ "auth_radius",
	  "" },
	{ "avp",
	  "" },
	{ "avpops",
	  "avp_check avp_copy avp_db_delete avp_db_load avp_db_query avp_db_store avp_delete avp_op "
	  "avp_print avp_printf avp_pushto avp_subst avp_subst_pv is_avp_set" },
	{ "carrierroute",
	  "" },
	{ "cfg_rpc",
	  "" },
	{ "cfgutils",
	  "" },
	{ "corex",
	  "add_tcp_alias append_branch file_read file_write forward_reply forward_uac forward_uac_uri "
	  "is_faked_msg is_incoming is_socket_name msg_iflag_is_set msg_iflag_reset msg_iflag_set "
	  "send_data send_tcp send_udp sendx set_recv_socket set_recv_socket_name set_send_socket "
	  "set_send_socket_name set_source_address via_add_srvid via_add_xavp_params "
	  "via_reply_add_xavp_params via_use_xavp_fields" },
	{ "counters",
	  "cnt_add cnt_inc cnt_reset" },
	{ "cpl-c",
	  "" },
	{ "ctl",
	  "group user" },
	{ "db_mysql",
	  "" },
	{ "db_postgres",
	  "" },
	{ "db_sqlite",
	  "" },
	{ "db_text",
	  "" },
	{ "dialog",
	  "dlg_bridge dlg_bye dlg_db_load_callid dlg_db_load_extra dlg_get dlg_get_var dlg_manage "
	  "dlg_refer dlg_refer_dcid dlg_refer_did dlg_remote_profile dlg_remove_dialogs_from_node "
	  "dlg_req_within dlg_reset_property dlg_set_property dlg_set_ruri dlg_set_state "
	  "dlg_set_timeout dlg_set_timeout_by_profile dlg_set_var dlg_update_contact "
	  "dlg_update_socket get_profile_size is_in_profile is_known_dlg set_dlg_profile "
	  "terminate_dlg unset_dlg_profile" },
	{ "dispatcher",
	  "ds_dsg_fetch ds_dsg_fetch_uri ds_is_active ds_is_from_list ds_list_exists ds_load_unset "
	  "ds_load_update ds_mark_addr ds_mark_dst ds_next_domain ds_next_dst ds_oc_set_attrs "
	  "ds_reload ds_select ds_select_domain ds_select_dst ds_select_routes ds_set_domain "
	  "ds_set_dst" },
	{ "diversion",
	  "" },
	{ "domain",
	  "is_domain_local is_from_local is_uri_host_local lookup_domain" },
	{ "enum",
	  "" },
	{ "evapi",
	  "" },
	{ "exec",
	  "" },
	{ "gflags",
	  "" },
	{ "group",
	  "get_user_group is_user_in" },
	{ "htable",
	  "sht_dec sht_has_name sht_has_str_value sht_inc sht_is_null sht_iterator_end "
	  "sht_iterator_next sht_iterator_rm sht_iterator_setex sht_iterator_seti sht_iterator_sets "
	  "sht_iterator_start sht_lock sht_match_name sht_match_str_value sht_print sht_reset sht_rm "
	  "sht_rm_name sht_rm_name_re sht_rm_value sht_rm_value_re sht_setxi sht_setxs sht_unlock" },
	{ "http_async_client",
	  "" },
	{ "http_client",
	  "" },
	{ "imc",
	  "" },
	{ "ims_auth",
	  "" },
	{ "json",
	  "" },
	{ "jsonrpcs",
	  "fifo_group fifo_user jsonrpc_dispatch jsonrpc_exec" },
	{ "kex",
	  "is_myhost is_myself isbflagset isdsturiset km_append_branch pv_printf resetbflag "
	  "resetdebug resetdsturi setbflag setdebug setdsturi" },
	{ "lcr",
	  "" },
	{ "maxfwd",
	  "is_maxfwd_lt maxfwd_at_least maxfwd_process mf_lowlimit mf_process_maxfwd_header "
	  "process_maxfwd" },
	{ "mi_fifo",
	  "" },
	{ "mi_rpc",
	  "" },
	{ "msilo",
	  "" },
	{ "nat_traversal",
	  "" },
	{ "nathelper",
	  "add_contact_alias add_rcv_param fix_nated_contact fix_nated_register fix_nated_sdp "
	  "handle_ruri_alias is_rfc1918 nat_uac_test set_alias_to_pv set_contact_alias" },
	{ "outbound",
	  "check_flow_token" },
	{ "path",
	  "add_path add_path_advertised_address add_path_received "
	  "add_path_received_advertised_address" },
	{ "permissions",
	  "allow_address allow_address_group allow_register allow_register_include_port allow_routing "
	  "allow_source_address allow_source_address_group allow_trusted allow_uri peer_tag_avp" },
	{ "pike",
	  "pike_check_ip pike_check_req" },
	{ "pipelimit",
	  "pl_active pl_check pl_drop" },
	{ "presence",
	  "" },
	{ "presence_xml",
	  "" },
	{ "print",
	  "" },
	{ "pua",
	  "" },
	{ "pv",
	  "" },
	{ "ratelimit",
	  "pipe queue rl_check rl_check_pipe" },
	{ "registrar",
	  "add_sock_hdr lookup lookup_branches lookup_to_dset lookup_xavp reg_fetch_contacts "
	  "reg_free_contacts reg_from_user reg_send_reply registered save unregister" },
	{ "rls",
	  "" },
	{ "rr",
	  "add_rr_param check_route_param custom_user_avp get_route_param is_direction loose_route "
	  "loose_route_mode loose_route_preloaded record_route record_route_advertised_address "
	  "record_route_preset remove_record_route rr_next_hop_route" },
	{ "rtimer",
	  "" },
	{ "rtpengine",
	  "block_dtmf block_media play_dtmf play_media rtpengine_answer rtpengine_connect "
	  "rtpengine_delete rtpengine_destroy rtpengine_info rtpengine_manage rtpengine_offer "
	  "rtpengine_query rtpengine_query_v rtpengine_subscribe_answer rtpengine_unsubscribe "
	  "set_rtpengine_set silence_media start_forwarding start_recording stop_forwarding "
	  "stop_media stop_recording unblock_dtmf unblock_media unsilence_media" },
	{ "sanity",
	  "sanity_check sanity_reply" },
	{ "secfilter",
	  "" },
	{ "sipdump",
	  "" },
	{ "siptrace",
	  "hlog sip_trace sip_trace_mode sip_trace_msg" },
	{ "siputils",
	  "add_uri_param append_rpid_hf cmp_aor cmp_hdr_name cmp_uri contact_param_check "
	  "contact_param_decode contact_param_decode_uri contact_param_encode "
	  "contact_param_encode_alias contact_param_rm decode_contact decode_contact_header "
	  "encode_contact get_uri_param has_totag hdr_date_check is_alphanum is_alphanumex is_e164 "
	  "is_first_hop is_gruu is_http is_numeric is_reply is_request is_rpid_user_e164 is_sip "
	  "is_supported is_tel_number is_uri is_uri_user_e164 is_user options_reply set_uri_host "
	  "set_uri_user sip_p_charging_vector sip_parse_headers tel2sip tel2sip2 uri_param "
	  "uri_param_any uri_param_rm" },
	{ "sl",
	  "send_reply send_reply_error send_reply_mode sl_forward_reply sl_reply_error sl_send_reply" },
	{ "speeddial",
	  "" },
	{ "sqlops",
	  "sql_pvquery sql_query sql_query_async sql_result_free sql_xquery" },
	{ "sst",
	  "" },
	{ "statsd",
	  "" },
	{ "stun",
	  "" },
	{ "textops",
	  "append_body_part append_body_part_hex append_hf append_time append_time_to_request "
	  "append_to_reply append_urihf cmp_istr cmp_str ends_with filter_body get_body_part "
	  "get_body_part_raw has_body in_list in_list_prefix insert_hf is_audio_on_hold is_method "
	  "is_present_hf is_present_hf_pv is_present_hf_re is_present_hf_re_pv is_privacy "
	  "regex_substring remove_body_part remove_hf remove_hf_exp remove_hf_exp_pv remove_hf_idx "
	  "remove_hf_match remove_hf_pv remove_hf_re remove_hf_re_pv replace replace_all replace_body "
	  "replace_body_all replace_body_atonce replace_body_str replace_hdrs replace_hdrs_str "
	  "replace_str search search_append search_append_body search_body search_hf search_str "
	  "set_body set_body_hex set_body_multipart set_reply_body set_reply_body_hex starts_with "
	  "str_all_in str_any_in str_find str_ifind subst subst_body subst_hf subst_uri subst_user "
	  "subst_v via_param_rm" },
	{ "textopsx",
	  "append_hf_value assign_hf_value assign_hf_value2 bl_iterator_append bl_iterator_end "
	  "bl_iterator_insert bl_iterator_next bl_iterator_rm bl_iterator_start change_reply_status "
	  "change_reply_status_code exclude_hf_value fnmatch hf_iterator_append hf_iterator_end "
	  "hf_iterator_insert hf_iterator_next hf_iterator_prev hf_iterator_rm hf_iterator_start "
	  "hf_value_exists include_hf_value insert_hf_value keep_hf msg_apply_changes "
	  "msg_changed_route msg_set_buffer remove_body remove_hf_value remove_hf_value2" },
	{ "timer",
	  "" },
	{ "tls",
	  "is_peer_verified tls_set_connect_server_id" },
	{ "tm",
	  "t_any_replied t_any_timeout t_branch_replied t_branch_timeout t_cell_append_branches "
	  "t_check_status t_check_trans t_clean t_drop_replies t_exists t_forward_nonack "
	  "t_forward_nonack_sctp t_forward_nonack_tcp t_forward_nonack_tls t_forward_nonack_udp "
	  "t_get_status_code t_grep_status t_is_canceled t_is_expired t_is_retr_async_reply t_is_set "
	  "t_load_contacts t_lookup_cancel t_lookup_request t_msg_apply_changes t_newtran "
	  "t_next_contact_flow t_next_contacts t_on_branch t_on_branch_failure t_on_failure "
	  "t_on_reply t_relay t_relay_cancel t_relay_to t_relay_to_proxy t_relay_to_sctp "
	  "t_relay_to_tcp t_relay_to_tls t_relay_to_udp t_release t_replicate t_reply t_reply_error "
	  "t_reset_fr t_reset_max_lifetime t_reset_retr t_retransmit_reply t_save_lumps t_send_reply "
	  "t_set_auto_inv_100 t_set_disable_6xx t_set_disable_failover t_set_disable_internal_reply "
	  "t_set_fr t_set_max_lifetime t_set_no_auto_ack t_set_no_e2e_cancel_reason t_set_retr "
	  "t_uac_send t_use_uac_headers" },
	{ "tmrec",
	  "" },
	{ "tmx",
	  "t_cancel_branch_idx t_cancel_branches t_cancel_callid t_continue t_drop t_flush_flags "
	  "t_flush_xflags t_is_branch_route t_is_failure_route t_is_reply_route t_is_request_route "
	  "t_precheck_trans t_reply_callid t_reuse_branch t_suspend t_uac_ack_local" },
	{ "topoh",
	  "" },
	{ "topos",
	  "" },
	{ "uac",
	  "uac_auth uac_auth_mode uac_reg_disable uac_reg_enable uac_reg_lookup uac_reg_lookup_uri "
	  "uac_reg_refresh uac_reg_request_to uac_reg_send_register uac_reg_send_unregister "
	  "uac_reg_status uac_replace_from uac_replace_to uac_req_send uac_restore_from "
	  "uac_restore_to" },
	{ "uac_redirect",
	  "" },
	{ "uri",
	  "" },
	{ "uri_db",
	  "check_from check_to check_uri does_uri_exist" },
	{ "usrloc",
	  "ul_bind_ursloc ul_delete_ucontact ul_delete_urecord ul_delete_urecord_by_ruid "
	  "ul_get_all_ucontacts ul_get_num_users ul_get_ucontact ul_get_urecord ul_insert_ucontact "
	  "ul_insert_urecord ul_lock_udomain ul_register_domain ul_register_ulcb ul_release_urecord "
	  "ul_unlock_udomain ul_update_ucontact" },
	{ "websocket",
	  "ws_close ws_connect ws_handle_handshake ws_send" },
	{ "xcap_server",
	  "" },
	{ "xhttp",
	  "xhttp_reply" },
	{ "xhttp_prom",
	  "prom_check_uri prom_counter_inc prom_counter_reset prom_dispatch prom_gauge_inc "
	  "prom_gauge_reset prom_gauge_set prom_histogram_observe" },
	{ "xhttp_rpc",
	  "dispatch_xhttp_rpc" },
	{ "xlog",
	  "xalert xbug xcrit xdbg xdbgl xerr xinfo xlog xlogl xlogm xnotice xwarn" },
	{ "xmlrpc",
	  "dispatch_rpc xmlrpc_reply" },
	{ "xprint",
	  "" },
};
/* clang-format on */

const unsigned known_rows_n = sizeof(known_rows) / sizeof(known_rows[0]);

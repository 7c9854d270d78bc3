/* SPDX-License-Identifier: BSD-2-Clause */
/* Which module of the SER family has which functions and variables. Made by tools/gen-known-functions. */
#include "core/script/known.h"

/* clang-format off */
const struct known_row known_rows[] = {
	{ "acc", "acc_db_request/22 acc_log_request/11 acc_request/22", "" },
	{ "acc_db", "", "" },
	{ "acc_diameter", "acc_diam_request/11", "" },
	{ "acc_json", "", "" },
	{ "acc_radius", "acc_rad_request/11", "" },
	{ "acc_syslog", "", "" },
	{ "alias_db", "alias_db_find/34 alias_db_lookup/12", "" },
	{ "app_java", "java_method_exec/23 java_s_method_exec/23 java_s_staticmethod_exec/23 java_staticmethod_exec/23", "" },
	{ "app_jsdt", "jsdt_dofile/11 jsdt_dostring/11 jsdt_run/14 jsdt_runstring/11", "" },
	{ "app_lua", "bind_app_lua/00 lua_dofile/11 lua_dostring/11 lua_run/14 lua_runstring/11", "" },
	{ "app_lua_sr", "", "" },
	{ "app_mono", "mono_exec/12 mono_run/01", "" },
	{ "app_perl", "perl_exec/12 perl_exec_simple/12", "" },
	{ "app_python", "python_exec/12", "" },
	{ "app_python3", "python_exec/12", "" },
	{ "app_ruby", "ruby_run/14", "" },
	{ "app_sqlang", "sqlang_dofile/11 sqlang_dostring/11 sqlang_run/14 sqlang_runstring/11", "" },
	{ "async",
	  "async_ms_route/22 async_ms_sleep/11 async_route/22 async_sleep/11 async_task_data/22 async_task_group_data/33 async_task_group_route/22 "
	  "async_task_route/11",
	  "async" },
	{ "auth",
	  "auth_algorithm/11 auth_challenge/23 auth_checks_in_dlg/11 auth_checks_no_dlg/11 auth_checks_register/11 auth_get_www_authenticate/33 "
	  "consume_credentials/00 has_credentials/11 proxy_challenge/23 pv_auth_check/44 pv_proxy_authenticate/33 pv_proxy_authorize/33 pv_www_authenticate/34 "
	  "pv_www_authorize/33 www_challenge/23",
	  "" },
	{ "auth_db", "auth_check/33 is_subscriber/33 proxy_authenticate/22 proxy_authorize/22 www_authenticate/23 www_authorize/22", "" },
	{ "auth_diameter", "diameter_is_user_in/22 diameter_proxy_authorize/11 diameter_www_authorize/11", "" },
	{ "auth_ephemeral",
	  "autheph_authenticate/22 autheph_check/11 autheph_check_from/01 autheph_check_timestamp/11 autheph_check_to/01 autheph_proxy/11 autheph_www/12",
	  "" },
	{ "auth_identity",
	  "auth_add_identity/00 auth_date_proc/00 vrfy_check_callid/00 vrfy_check_certificate/00 vrfy_check_date/00 vrfy_check_msgvalidity/00 "
	  "vrfy_get_certificate/00",
	  "" },
	{ "auth_radius", "radius_proxy_authorize/12 radius_www_authorize/12", "" },
	{ "auth_xkeys", "auth_xkeys_add/44 auth_xkeys_check/44", "" },
	{ "avp",
	  "append_attr_hf/12 attr2uri/12 attr_destination/11 attr_equals/22 attr_equals_xl/22 attr_exists/11 attr_to_reply/12 del_attr/11 del_attrs/11 "
	  "dump_attrs/01 flags2attr/11 hdr_body2attrs/22 hdr_body2attrs2/22 insert_attr_hf/12 print_attr/11 replace_attr_hf/12 set_attr/22 set_iattr/22 "
	  "set_sattr/22 subst_attr/22 xlfix_attr/11 xlset_attr/22 xlset_destination/11",
	  "" },
	{ "avpops",
	  "avp_check/22 avp_copy/22 avp_db_delete/22 avp_db_load/22 avp_db_query/12 avp_db_store/22 avp_delete/11 avp_op/22 avp_print/00 avp_printf/22 "
	  "avp_pushto/22 avp_subst/22 avp_subst_pv/22 is_avp_set/11",
	  "" },
	{ "benchmark", "bm_log_timer/11 bm_start_timer/11", "BM_time_diff" },
	{ "blst",
	  "blst_add/01 blst_add_retry_after/22 blst_clear_ignore/01 blst_del/00 blst_is_blocklisted/00 blst_rpl_clear_ignore/01 blst_rpl_set_ignore/01 "
	  "blst_set_ignore/01",
	  "" },
	{ "call_control", "call_control/00", "" },
	{ "call_obj", "call_obj_free/11 call_obj_get/11", "" },
	{ "carrierroute", "cr_next_domain/66 cr_nofallback_route/56 cr_route/56 cr_user_carrier/33", "" },
	{ "cdp", "cdp_check_peer/11 cdp_has_app/12", "" },
	{ "cdp_avp", "", "" },
	{ "cfg_db", "", "" },
	{ "cfg_rpc", "", "" },
	{ "cfgt", "", "" },
	{ "cfgutils",
	  "abort/00 check_route_exists/11 core_hash/33 is_gflag/11 lock/11 pkg_status/00 pkg_summary/00 rand_event/00 rand_get_prob/00 rand_reset_prob/00 "
	  "rand_set_prob/11 reset_gflag/11 route_if_exists/11 set_gflag/11 shm_status/00 shm_summary/00 sleep/11 trylock/11 unlock/11 usleep/11",
	  "RANDOM" },
	{ "cnxcc",
	  "cnxcc_get_channel_count/22 cnxcc_set_max_channels/22 cnxcc_set_max_credit/66 cnxcc_set_max_time/22 cnxcc_terminate_all/11 cnxcc_update_max_time/22",
	  "cnxcc" },
	{ "core",
	  "add_local_rport/0f avp_to_attr/0f avpflags_reset/0f cfg_reset/0f cfg_select/0f clear_branches/0f defined/0f force_rport/0f force_send_socket/0f "
	  "force_tcp_alias/0f forward/0f forward_sctp/0f forward_tcp/0f forward_tls/0f forward_udp/0f isavpflagset/0f isflagset/0f issetbflag/0f log/0f prefix/0f "
	  "prefix2/0f reset_no_connect/0f resetavpflag/0f resetflag/0f revert_uri/0f rewritehost/0f rewritehostport/0f rewritehostporttrans/0f rewriteport/0f "
	  "rewriteuri/0f rewriteuser/0f rewriteuserpass/0f send/0f set_advertised_address/0f set_advertised_port/0f set_forward_close/0f "
	  "set_forward_no_connect/0f set_no_connect/0f set_reply_close/0f set_reply_no_connect/0f setavpflag/0f setflag/0f sethost/0f sethostport/0f setport/0f "
	  "setuser/0f setuserpass/0f strempty/0f strip/0f strip_tail/0f strlen/0f udp_mtu_try_proto/0f unforce_rport/0f userphone/0f",
	  "" },
	{ "corex",
	  "add_tcp_alias/11 append_branch/02 file_read/22 file_write/22 forward_reply/00 forward_uac/01 forward_uac_uri/12 is_faked_msg/00 is_incoming/00 "
	  "is_socket_name/11 isxflagset/11 msg_iflag_is_set/11 msg_iflag_reset/11 msg_iflag_set/11 resetxflag/11 send_data/22 send_tcp/01 send_udp/01 sendx/33 "
	  "set_recv_socket/11 set_recv_socket_name/11 set_send_socket/11 set_send_socket_name/11 set_source_address/11 setxflag/11 via_add_srvid/11 "
	  "via_add_xavp_params/11 via_reply_add_xavp_params/11 via_use_xavp_fields/11",
	  "cfg lsock" },
	{ "counters", "cnt_add/22 cnt_inc/11 cnt_reset/11", "" },
	{ "cpl-c", "", "" },
	{ "cplc", "cpl_process_register/00 cpl_process_register_norpl/00 cpl_run_script/23", "" },
	{ "crypto",
	  "crypto_aes_decrypt/33 crypto_aes_encrypt/33 crypto_hmac_sha256/33 crypto_netio_decrypt/00 crypto_netio_encrypt/00 crypto_netio_in/00 "
	  "crypto_netio_out/00",
	  "" },
	{ "ctl", "group/11 user/11", "" },
	{ "db2_ldap", "", "" },
	{ "db2_ops", "", "" },
	{ "db_berkeley", "", "" },
	{ "db_cassandra", "", "" },
	{ "db_cluster", "", "" },
	{ "db_flatstore", "", "" },
	{ "db_mongodb", "", "" },
	{ "db_mysql", "", "" },
	{ "db_oracle", "", "" },
	{ "db_perlvdb", "", "" },
	{ "db_postgres", "", "" },
	{ "db_redis", "", "" },
	{ "db_sqlite", "", "" },
	{ "db_text", "", "" },
	{ "db_unixodbc", "", "" },
	{ "dbtext", "", "" },
	{ "debugger", "dbg_breakpoint/11 dbg_pv_dump/02 dbg_sip_msg/02", "" },
	{ "dialog",
	  "dlg_bridge/33 dlg_bye/11 dlg_db_load_callid/11 dlg_db_load_extra/00 dlg_get/33 dlg_get_var/55 dlg_isflagset/11 dlg_manage/00 dlg_refer/22 "
	  "dlg_refer_dcid/33 dlg_refer_did/44 dlg_remote_profile/55 dlg_remove_dialogs_from_node/11 dlg_req_within/0f dlg_reset_property/11 dlg_resetflag/11 "
	  "dlg_set_property/11 dlg_set_ruri/00 dlg_set_timeout/13 dlg_set_timeout_by_profile/23 dlg_set_var/55 dlg_setflag/11 dlg_update_contact/00 "
	  "dlg_update_socket/00 get_profile_size/23 is_in_profile/12 is_known_dlg/00 set_dlg_profile/12 unset_dlg_profile/12",
	  "DLG_count DLG_lifetime DLG_status dlg dlg_ctx dlg_var" },
	{ "dialplan", "dp_match/22 dp_reload/00 dp_replace/33 dp_translate/12", "" },
	{ "dispatcher",
	  "ds_dsg_fetch/11 ds_dsg_fetch_uri/22 ds_is_active/12 ds_is_from_list/03 ds_list_exist/11 ds_list_exists/11 ds_load_unset/00 ds_load_update/00 "
	  "ds_mark_addr/33 ds_mark_dst/01 ds_next_domain/00 ds_next_dst/00 ds_oc_set_attrs/55 ds_reload/00 ds_select/23 ds_select_domain/23 ds_select_dst/23 "
	  "ds_select_routes/23 ds_set_domain/00 ds_set_dst/00",
	  "dsv" },
	{ "diversion", "add_diversion/12", "" },
	{ "dlgs", "dlgs_count/33 dlgs_init/33 dlgs_tags_add/11 dlgs_tags_count/11 dlgs_tags_rm/11 dlgs_update/00", "" },
	{ "dmq", "dmq_bcast_message/33 dmq_handle_message/01 dmq_is_from_node/00 dmq_process_message/01 dmq_send_message/44 dmq_t_replicate/01", "" },
	{ "dmq_usrloc", "", "" },
	{ "dnssec", "", "" },
	{ "domain", "is_domain_local/11 is_from_local/00 is_uri_host_local/00 lookup_domain/12", "" },
	{ "domainpolicy", "dp_apply_policy/00 dp_can_connect/00", "" },
	{ "drouting", "do_routing/01 goes_to_gw/01 is_from_gw/02 next_routing/00 use_next_gw/00", "" },
	{ "enum", "enum_pv_query/13 enum_query/02 i_enum_query/02 is_from_user_enum/02", "" },
	{ "erlang", "erl_reg_send/22 erl_reply/11 erl_rpc/44 erl_send/22", "erl_atom erl_list erl_pid erl_ref erl_tuple erl_xbuff" },
	{ "evapi",
	  "evapi_async_multicast/22 evapi_async_relay/11 evapi_async_unicast/22 evapi_close/01 evapi_multicast/22 evapi_relay/11 evapi_set_tag/11 "
	  "evapi_unicast/22",
	  "evapi" },
	{ "evrexec", "", "evr" },
	{ "exec", "exec_avp/12 exec_cmd/11 exec_dset/11 exec_msg/11", "" },
	{ "file_out", "", "" },
	{ "geoip", "geoip_match/22", "gip" },
	{ "geoip2", "geoip2_match/22", "gip2" },
	{ "gflags", "", "" },
	{ "group", "get_user_group/22 is_user_in/22", "" },
	{ "gzcompress", "", "" },
	{ "h350", "h350_auth_lookup/22 h350_result_call_preferences/11 h350_result_service_level/11 h350_sipuri_lookup/11", "" },
	{ "htable",
	  "bind_htable/00 sht_dec/22 sht_has_name/33 sht_has_str_value/33 sht_inc/22 sht_is_null/22 sht_iterator_end/11 sht_iterator_next/11 sht_iterator_rm/11 "
	  "sht_iterator_setex/22 sht_iterator_seti/22 sht_iterator_sets/22 sht_iterator_start/22 sht_lock/11 sht_match_name/33 sht_match_str_value/33 "
	  "sht_print/00 sht_reset/11 sht_rm/22 sht_rm_name/33 sht_rm_name_re/11 sht_rm_value/33 sht_rm_value_re/11 sht_setxi/44 sht_setxs/44 sht_unlock/11",
	  "sht shtcn shtcv shtdec shtex shtinc shtitkey shtitval shtrecord" },
	{ "http_async_client", "http_async_query/22", "" },
	{ "http_client", "http_client_get/44 http_client_query/24 http_connect/35 http_connect_raw/55 http_get_redirect/22", "curlerror" },
	{ "imc", "imc_manager/00", "" },
	{ "ims_auth", "ims_proxy_authenticate/11 ims_proxy_challenge/33 ims_www_authenticate/11 ims_www_challenge/23 ims_www_resync_auth/22", "" },
	{ "ims_charging", "Ro_CCR/55 Ro_CCR_Stop/33 Ro_set_session_id_avp/00", "" },
	{ "ims_dialog",
	  "dlg_get/33 dlg_isflagset/11 dlg_resetflag/11 dlg_setflag/11 dlg_terminate/12 get_profile_size/23 is_in_profile/12 is_known_dlg/00 set_dlg_profile/12 "
	  "unset_dlg_profile/12",
	  "DLG_count DLG_lifetime DLG_status dlg dlg_ctx dlg_var" },
	{ "ims_diameter_server", "diameter_request/34 diameter_request_async/34", "diameter_application diameter_command diameter_request diameter_response" },
	{ "ims_icscf", "I_perform_location_information_request/22 I_perform_user_authorization_request/22 I_scscf_drop/00 I_scscf_select/11", "" },
	{ "ims_ipsec_pcscf", "ipsec_create/12 ipsec_destroy/11 ipsec_forward/12", "" },
	{ "ims_isc", "isc_from_as/11 isc_match_filter/22 isc_match_filter_reg/22", "" },
	{ "ims_ocs", "ccr_result/33", "" },
	{ "ims_qos", "Rx_AAR/44 Rx_AAR_Register/22", "" },
	{ "ims_registrar_pcscf",
	  "pcscf_assert_called_identity/11 pcscf_assert_identity/22 pcscf_follows_service_routes/11 pcscf_force_service_routes/11 pcscf_is_registered/11 "
	  "pcscf_save/11 pcscf_save_pending/11 pcscf_unregister/44 reginfo_handle_notify/11",
	  "pcscf_asserted_identity pcscf_registration_contact" },
	{ "ims_registrar_scscf",
	  "add_sock_hdr/11 assign_server_unreg/33 can_publish_reg/11 can_subscribe_to_reg/11 impu_registered/11 lookup/12 lookup_path_to_contact/11 "
	  "publish_reg/11 reg_fetch_contacts/33 reg_free_contacts/11 save/24 subscribe_to_reg/11 term_impu_has_contact/11 term_impu_registered/11 unregister/22",
	  "ulc" },
	{ "ims_usrloc_pcscf", "", "" },
	{ "ims_usrloc_scscf", "", "" },
	{ "influxdbc", "", "" },
	{ "ipops",
	  "compare_ips/22 compare_pure_ips/22 detailed_ip_type/22 detailed_ipv4_type/22 detailed_ipv6_type/22 dns_int_match_ip/22 dns_query/22 "
	  "dns_set_local_ttl/11 dns_sys_match_ip/22 ip_type/11 is_in_subnet/22 is_ip/11 is_ip_rfc1918/11 is_ipv4/11 is_ipv6/11 is_ipv6_reference/11 is_pure_ip/11 "
	  "naptr_query/22 srv_query/22",
	  "HN dns naptrquery srvquery" },
	{ "jansson", "jansson_append/44 jansson_array_size/33 jansson_get/33 jansson_get_field/33 jansson_set/44 jansson_xdecode/22 jansson_xencode/22", "" },
	{ "janssonrpcc", "janssonrpc_notification/33 janssonrpc_request/44 jsansonrpc_request/33", "" },
	{ "json", "bind_json/00 json_get_field/33 json_get_string/33", "" },
	{ "jsonrpcc", "jsonrpc_notification/22 jsonrpc_request/55", "" },
	{ "jsonrpcs", "fifo_group/11 fifo_user/11 jsonrpc_dispatch/00 jsonrpc_exec/11", "jsonrpl" },
	{ "jwt", "jwt_generate/34 jwt_verify/44", "jwt" },
	{ "kafka", "kafka_send/22 kafka_send_key/33", "" },
	{ "kazoo",
	  "kazoo_async_query/56 kazoo_encode/22 kazoo_json/33 kazoo_json_keys/33 kazoo_pua_publish/11 kazoo_pua_publish_dialoginfo/11 kazoo_pua_publish_mwi/11 "
	  "kazoo_pua_publish_presence/11 kazoo_publish/34 kazoo_query/35 kazoo_query_async/56 kazoo_subscribe/14",
	  "kzE kzR kzRK" },
	{ "keepalive", "ka_add_destination/22 ka_del_destination/22 ka_is_alive/11", "" },
	{ "kemix", "", "" },
	{ "kex",
	  "avp_printf/22 is_myhost/11 is_myself/11 isbflagset/12 isdsturiset/00 issflagset/11 km_append_branch/01 pv_printf/22 resetbflag/12 resetdebug/00 "
	  "resetdsturi/00 resetsflag/11 setbflag/12 setdebug/11 setdsturi/11 setsflag/11",
	  "sruid" },
	{ "lcr", "defunct_gw/11 from_any_gw/03 from_gw/14 inactivate_gw/00 load_gws/0f next_gw/00 to_any_gw/02 to_gw/13", "" },
	{ "ldap", "ldap_filter_url_encode/22 ldap_result/12 ldap_result_check/12 ldap_result_next/00 ldap_search/11", "" },
	{ "log_custom", "log_udp/11", "" },
	{ "log_systemd", "sd_journal_print/22 sd_journal_send_xavp/11", "" },
	{ "lost", "lost_held_dereference/55 lost_held_query/45 lost_query/46", "" },
	{ "lrkproxy", "lrkproxy_manage/02 set_lrkproxy_set/11", "" },
	{ "lwsc", "lwsc_notify/22 lwsc_notify_proto/33 lwsc_request/22 lwsc_request_proto/33", "lwsc" },
	{ "malloc_test", "", "" },
	{ "mangler", "decode_contact/00 decode_contact_header/00 encode_contact/22 sdp_mangle_ip/22 sdp_mangle_port/11", "" },
	{ "matrix", "matrix/33", "" },
	{ "maxfwd", "is_maxfwd_lt/11 maxfwd_at_least/11 maxfwd_process/11 mf_lowlimit/11 mf_process_maxfwd_header/11 process_maxfwd/11", "" },
	{ "mediaproxy", "end_media_session/00 engage_media_proxy/00 use_media_proxy/00", "" },
	{ "memcached", "", "mcdec mcinc mct mctex" },
	{ "mi_datagram", "", "" },
	{ "mi_fifo", "", "" },
	{ "mi_rpc", "", "" },
	{ "mi_xmlrpc", "", "" },
	{ "misc_radius", "radius_does_uri_exist/01 radius_does_uri_user_exist/01 radius_is_user_in/22 radius_load_callee_avps/11 radius_load_caller_avps/11", "" },
	{ "misctest", "mt_mem_alloc/11 mt_mem_free/11", "" },
	{ "mohqueue", "mohq_count/22 mohq_process/00 mohq_retrieve/22 mohq_send/11", "" },
	{ "mqtt", "mqtt_publish/33 mqtt_subscribe/22 mqtt_unsubscribe/11", "mqtt" },
	{ "mqueue", "bind_mq/11 mq_add/33 mq_fetch/11 mq_pv_free/11 mq_size/11", "mq_size mqk mqv" },
	{ "msilo", "bind_msilo/11 m_dump/01 m_store/01", "" },
	{ "msrp",
	  "msrp_cmap_lookup/00 msrp_cmap_save/00 msrp_is_reply/00 msrp_is_request/00 msrp_relay/00 msrp_relay_flags/11 msrp_reply/23 msrp_reply_flags/11 "
	  "msrp_set_dst/22",
	  "msrp" },
	{ "mtree", "mt_match/33", "" },
	{ "mysql", "", "" },
	{ "nat_traversal", "client_nat_test/11 fix_contact/00 nat_keepalive/00", "" },
	{ "nathelper",
	  "add_contact_alias/03 add_rcv_param/01 fix_nated_contact/00 fix_nated_register/00 fix_nated_sdp/12 handle_ruri_alias/01 is_rfc1918/11 nat_uac_test/11 "
	  "set_alias_to_pv/11 set_contact_alias/01",
	  "rr_count rr_top_count" },
	{ "nats", "nats_publish/22", "natsData" },
	{ "ndb_cassandra", "cass_insert/55 cass_retrieve/55", "" },
	{ "ndb_mongodb", "mongodb_cmd/55 mongodb_cmd_simple/55 mongodb_find/55 mongodb_find_one/55 mongodb_free/11 mongodb_next/11", "mongodb" },
	{ "ndb_redis", "redis_cmd/36 redis_execute/11 redis_free/11 redis_pipe_cmd/36", "redis redisd" },
	{ "nosip", "", "nosip" },
	{ "nsq", "", "nsqE" },
	{ "options", "", "" },
	{ "osp",
	  "checkcallingtranslation/00 checkospheader/00 checkosproute/00 prepareallosproutes/00 prepareosproute/00 reportospusage/11 requestosprouting/00 "
	  "validateospheader/00",
	  "" },
	{ "outbound", "check_flow_token/00", "" },
	{ "p_usrloc", "", "" },
	{ "path", "add_path/02 add_path_advertised_address/0f add_path_received/02", "" },
	{ "pdb", "pdb_query/22", "" },
	{ "pdt", "pd_translate/22 prefix2domain/02", "" },
	{ "peering", "verify_destination/00 verify_source/00", "" },
	{ "perlvdb", "", "" },
	{ "permissions",
	  "allow_address/33 allow_address_group/22 allow_register/12 allow_register_include_port/12 allow_routing/02 allow_source_address/01 "
	  "allow_source_address_group/00 allow_trusted/03 allow_uri/22 peer_tag_avp/11",
	  "" },
	{ "phonenum", "phonenum_match/22 phonenum_match_cn/33", "phn" },
	{ "pike", "pike_check_ip/11 pike_check_req/00", "" },
	{ "pipelimit", "pl_active/11 pl_check/13 pl_drop/02", "" },
	{ "posops",
	  "pos_append/22 pos_body_end/00 pos_body_start/00 pos_find_str/22 pos_findi_str/22 pos_headers_end/00 pos_headers_start/00 pos_insert/22 "
	  "pos_rfind_str/22 pos_rfindi_str/22 pos_rm/22 pos_rsearch/22 pos_search/22 pos_set_char/22",
	  "pos" },
	{ "postgres", "", "" },
	{ "prefix_route", "prefix_route/01", "" },
	{ "presence",
	  "handle_publish/01 handle_subscribe/01 pres_auth_status/22 pres_has_subscribers/22 pres_refresh_watchers/35 pres_update_watchers/22",
	  "notify_reply subs" },
	{ "presence_conference", "", "" },
	{ "presence_dialoginfo", "", "" },
	{ "presence_mwi", "", "" },
	{ "presence_profile", "", "" },
	{ "presence_reginfo", "", "" },
	{ "presence_xml", "pres_check_activities/22 pres_check_basic/22", "" },
	{ "print", "print/02 print1/11 print2/22 print3/33 printv/0f", "" },
	{ "print_lib", "print_stderr/11", "" },
	{ "ptimer", "", "" },
	{ "pua", "pua_update_contact/00", "" },
	{ "pua_bla", "bla_handle_notify/00 bla_set_flag/00", "" },
	{ "pua_dialoginfo", "", "" },
	{ "pua_json", "pua_json_publish/11", "" },
	{ "pua_mi", "", "" },
	{ "pua_reginfo", "reginfo_handle_notify/11 reginfo_subscribe/12", "" },
	{ "pua_rpc", "", "" },
	{ "pua_usrloc", "pua_set_publish/00", "" },
	{ "pua_xmpp", "pua_xmpp_notify/00 pua_xmpp_req_winfo/22", "" },
	{ "pv",
	  "is_int/11 not_empty/11 pv_evalx/22 pv_isset/11 pv_unset/11 pv_var_to_xavp/22 pv_xavi_print/00 pv_xavp_print/00 pv_xavp_to_var/11 pv_xavu_print/00 "
	  "sbranch_append/00 sbranch_reset/00 sbranch_set_ruri/00 typeof/22 xavi_child_rm/22 xavi_child_seti/33 xavi_child_sets/33 xavi_rm/11 xavp_child_rm/22 "
	  "xavp_child_seti/33 xavp_child_sets/33 xavp_copy/34 xavp_params_explode/22 xavp_params_implode/22 xavp_rm/11 xavp_slist_explode/44 "
	  "xavu_params_explode/22 xavu_params_implode/22",
	  "" },
	{ "pv_headers",
	  "pvh_append_header/22 pvh_apply_headers/00 pvh_check_header/11 pvh_collect_headers/00 pvh_header_param_exists/22 pvh_modify_header/23 "
	  "pvh_remove_header/12 pvh_remove_header_param/22 pvh_reset_headers/00",
	  "x_fU x_fd x_fn x_ft x_fu x_hdr x_rr x_rs x_tU x_td x_tn x_tt x_tu" },
	{ "pvx", "", "" },
	{ "qos", "", "" },
	{ "rabbitmq", "rabbitmq_publish/44 rabbitmq_publish_consume/55", "" },
	{ "random", "", "" },
	{ "ratelimit", "pipe/11 queue/11 rl_check/01 rl_check_pipe/11", "" },
	{ "regex", "pcre_match/22 pcre_match_group/12", "" },
	{ "registrar",
	  "add_sock_hdr/11 lookup/12 lookup_branches/11 lookup_to_dset/12 lookup_xavp/44 reg_fetch_contacts/33 reg_free_contacts/11 reg_send_reply/00 "
	  "registered/0f save/13 unregister/23",
	  "ulc" },
	{ "rls", "rls_handle_notify/00 rls_handle_subscribe/01 rls_update_subs/22", "" },
	{ "rr",
	  "add_rr_param/12 check_route_param/12 custom_user_avp/11 get_route_param/33 is_direction/12 loose_route/00 loose_route_mode/11 loose_route_preloaded/00 "
	  "record_route/01 record_route_advertised_address/11 record_route_preset/12 remove_record_route/00 rr_next_hop_route/00",
	  "fti rdir route_uri tti" },
	{ "rtimer", "", "rtimer_worker" },
	{ "rtjson", "rtjson_init_routes/11 rtjson_next_route/00 rtjson_push_routes/00 rtjson_update_branch/00", "" },
	{ "rtp_media_server", "rms_answer/11 rms_bridge/22 rms_dialog_check/00 rms_dialogs_dump/00 rms_hangup/00 rms_play/22 rms_sip_request/00", "" },
	{ "rtpengine",
	  "block_dtmf/01 block_media/01 play_dtmf/01 play_media/01 rtpengine_answer/02 rtpengine_connect/02 rtpengine_delete/02 rtpengine_destroy/02 "
	  "rtpengine_info/02 rtpengine_manage/02 rtpengine_offer/02 rtpengine_query/02 rtpengine_query_v/22 rtpengine_subscribe_answer/02 "
	  "rtpengine_unsubscribe/02 set_rtpengine_set/12 silence_media/01 start_forwarding/01 start_recording/01 stop_forwarding/01 stop_media/01 "
	  "stop_recording/01 unblock_dtmf/01 unblock_media/01 unsilence_media/01",
	  "rtpestat rtpstat" },
	{ "rtpproxy",
	  "rtpproxy_answer/02 rtpproxy_destroy/01 rtpproxy_manage/02 rtpproxy_offer/02 rtpproxy_stop_stream2uac/00 rtpproxy_stop_stream2uas/00 "
	  "rtpproxy_stream2uac/22 rtpproxy_stream2uas/22 set_rtp_proxy_set/11 start_recording/00 unforce_rtp_proxy/01",
	  "rtppstat rtpstat" },
	{ "ruxc", "ruxc_http_delete/44 ruxc_http_get/33 ruxc_http_post/44", "" },
	{ "sanity", "sanity_check/02 sanity_reply/00", "" },
	{ "sca", "sca_call_info_update/03 sca_handle_subscribe/00", "" },
	{ "sctp", "", "" },
	{ "sdpops",
	  "sdp_content/01 sdp_get/11 sdp_get_address_family/00 sdp_get_line_startswith/22 sdp_keep_codecs_by_id/12 sdp_keep_codecs_by_name/12 sdp_print/11 "
	  "sdp_remove_codecs_by_id/12 sdp_remove_codecs_by_name/12 sdp_remove_line_by_prefix/12 sdp_remove_media/11 sdp_remove_transport/11 sdp_transport/11 "
	  "sdp_with_active_media/11 sdp_with_codecs_by_id/11 sdp_with_codecs_by_name/11 sdp_with_ice/00 sdp_with_media/11 sdp_with_transport/11 "
	  "sdp_with_transport_like/11",
	  "sdp" },
	{ "seas", "as_relay_sl/11 as_relay_t/11", "" },
	{ "secfilter",
	  "secf_check_contact_hdr/00 secf_check_country/11 secf_check_dst/11 secf_check_from_hdr/00 secf_check_ip/00 secf_check_sqli_all/00 "
	  "secf_check_sqli_hdr/11 secf_check_to_hdr/00 secf_check_ua/00",
	  "" },
	{ "secsipid",
	  "secsipid_add_identity/66 secsipid_build_identity/66 secsipid_build_identity_prvkey/66 secsipid_check/22 secsipid_check_identity/11 "
	  "secsipid_check_identity_pubkey/11 secsipid_get_url/22 secsipid_sign/33",
	  "secsipid" },
	{ "secsipid_proc", "", "" },
	{ "sipcapture", "float2int/22 report_capture/13 sip_capture/02 sip_capture_forward/11", "hep" },
	{ "sipdump", "sipdump_send/11", "sipdump" },
	{ "sipjson", "sj_serialize/22", "" },
	{ "siprepo", "sr_msg_async_pull/55 sr_msg_check/00 sr_msg_pull/33 sr_msg_push/22 sr_msg_rm/22", "" },
	{ "sipt",
	  "sipt_destination/34 sipt_forwarding/22 sipt_has_isup_body/00 sipt_set_bci_1/44 sipt_set_calling/44",
	  "sipt sipt_called_party_nai sipt_calling_party_nai sipt_cpc sipt_hop_counter sipt_presentation sipt_screening" },
	{ "siptrace", "hlog/12 sip_trace/03 sip_trace_mode/11 sip_trace_msg/55", "siptrace" },
	{ "siputils",
	  "add_uri_param/11 append_rpid_hf/02 cmp_aor/22 cmp_hdr_name/22 cmp_uri/22 contact_param_check/11 contact_param_decode/11 contact_param_decode_ruri/11 "
	  "contact_param_decode_uri/11 contact_param_encode/22 contact_param_encode_alias/22 contact_param_rm/11 decode_contact/00 decode_contact_header/00 "
	  "encode_contact/22 get_uri_param/22 has_totag/00 hdr_date_check/11 is_alphanum/11 is_alphanumex/22 is_e164/11 is_first_hop/01 is_gruu/01 is_http/00 "
	  "is_numeric/11 is_reply/00 is_request/00 is_rpid_user_e164/00 is_sip/00 is_supported/11 is_tel_number/11 is_uri/11 is_uri_user_e164/11 is_user/11 "
	  "options_reply/00 set_uri_host/22 set_uri_user/22 sip_p_charging_vector/11 sip_parse_headers/00 tel2sip/33 tel2sip2/33 uri_param/12 uri_param_any/11 "
	  "uri_param_rm/11",
	  "pcv" },
	{ "sl", "send_reply/22 send_reply_error/00 send_reply_mode/33 sl_forward_reply/02 sl_reply/22 sl_reply_error/00 sl_send_reply/22", "ltt" },
	{ "slack", "slack_send/11", "" },
	{ "sms", "sms_send_msg/00 sms_send_msg_to_net/11", "" },
	{ "smsops", "isRPDATA/00 smsdump/00", "rpdata smsack smsbody tpdu" },
	{ "snmp", "", "" },
	{ "snmpstats", "", "" },
	{ "speeddial", "sd_lookup/12", "" },
	{ "sqlops", "sql_pvquery/33 sql_query/23 sql_query_async/22 sql_result_free/11 sql_xquery/33", "dbr sqlrows" },
	{ "ss7ops", "isup_to_json/11", "isup" },
	{ "sst", "sstCheckMin/11", "" },
	{ "statistics", "reset_stat/11 update_stat/22", "" },
	{ "statsc", "statsc_reset/00", "" },
	{ "statsd", "statsd_decr/11 statsd_gauge/22 statsd_histogram/22 statsd_incr/11 statsd_set/22 statsd_start/11 statsd_stop/11", "" },
	{ "stirshaken",
	  "stirshaken_add_identity/55 stirshaken_add_identity_with_key/66 stirshaken_check_identity/00 stirshaken_check_identity_with_cert/11 "
	  "stirshaken_check_identity_with_key/11",
	  "" },
	{ "stun", "", "" },
	{ "sworker", "sworker_active/00 sworker_task/11", "" },
	{ "systemdops", "", "" },
	{ "task", "", "" },
	{ "tcpops",
	  "tcp_close_connection/01 tcp_conid_alive/11 tcp_conid_state/11 tcp_enable_closed_event/01 tcp_get_conid/22 tcp_keepalive_disable/01 "
	  "tcp_keepalive_enable/34 tcp_set_connection_lifetime/12 tcp_set_otcpid/11 tcp_set_otcpid_flag/11",
	  "tcp" },
	{ "textops",
	  "append_body_part/0f append_body_part_hex/23 append_hf/12 append_time/00 append_time_to_request/00 append_to_reply/11 append_urihf/22 cmp_istr/22 "
	  "cmp_str/22 ends_with/22 filter_body/11 get_body_part/22 get_body_part_raw/22 has_body/01 in_list/33 in_list_prefix/33 insert_hf/12 is_audio_on_hold/00 "
	  "is_method/11 is_present_hf/11 is_present_hf_pv/11 is_present_hf_re/11 is_present_hf_re_pv/11 is_privacy/11 regex_substring/55 remove_body_part/11 "
	  "remove_hf/11 remove_hf_exp/22 remove_hf_exp_pv/22 remove_hf_idx/22 remove_hf_match/33 remove_hf_pv/11 remove_hf_re/11 remove_hf_re_pv/11 replace/22 "
	  "replace_all/22 replace_body/22 replace_body_all/22 replace_body_atonce/22 replace_body_str/33 replace_hdrs/22 replace_hdrs_str/33 replace_str/33 "
	  "search/11 search_append/22 search_append_body/22 search_body/11 search_hf/33 search_str/22 set_body/22 set_body_hex/22 set_body_multipart/03 "
	  "set_reply_body/22 set_reply_body_hex/22 starts_with/22 str_all_in/22 str_any_in/22 str_find/22 str_ifind/22 subst/11 subst_body/11 subst_hf/33 "
	  "subst_uri/11 subst_user/11 subst_v/33",
	  "" },
	{ "textopsx",
	  "append_hf_value/22 assign_hf_value/22 assign_hf_value2/22 bind_textopsx/11 bl_iterator_append/22 bl_iterator_end/11 bl_iterator_insert/22 "
	  "bl_iterator_next/11 bl_iterator_rm/11 bl_iterator_start/11 change_reply_status/22 change_reply_status_code/11 exclude_hf_value/22 fnmatch/23 "
	  "hf_iterator_append/22 hf_iterator_end/11 hf_iterator_insert/22 hf_iterator_next/11 hf_iterator_prev/11 hf_iterator_rm/11 hf_iterator_start/11 "
	  "hf_value_exists/22 include_hf_value/22 insert_hf_value/22 keep_hf/01 msg_apply_changes/00 msg_changed_route/11 msg_set_buffer/11 remove_body/00 "
	  "remove_hf_value/11 remove_hf_value2/11",
	  "blitval hfitbody hfitname" },
	{ "timer", "", "" },
	{ "tls",
	  "is_peer_verified/00 tls_set_connect_server_id/11",
	  "tls tls_cipher_bits tls_cipher_info tls_description tls_my_issuer tls_my_issuer_cn tls_my_issuer_country tls_my_issuer_locality "
	  "tls_my_issuer_organization tls_my_issuer_state tls_my_issuer_unit tls_my_raw_cert tls_my_san_email tls_my_san_hostname tls_my_san_ip tls_my_san_uri "
	  "tls_my_serial tls_my_subject tls_my_subject_cn tls_my_subject_country tls_my_subject_locality tls_my_subject_organization tls_my_subject_state "
	  "tls_my_subject_uid tls_my_subject_unit tls_my_urlencoded_cert tls_my_version tls_peer_expired tls_peer_issuer tls_peer_issuer_cn "
	  "tls_peer_issuer_country tls_peer_issuer_locality tls_peer_issuer_organization tls_peer_issuer_state tls_peer_issuer_unit tls_peer_notAfter "
	  "tls_peer_notBefore tls_peer_raw_cert tls_peer_revoked tls_peer_san_email tls_peer_san_hostname tls_peer_san_ip tls_peer_san_uri tls_peer_selfsigned "
	  "tls_peer_serial tls_peer_server_name tls_peer_subject tls_peer_subject_cn tls_peer_subject_country tls_peer_subject_locality "
	  "tls_peer_subject_organization tls_peer_subject_state tls_peer_subject_uid tls_peer_subject_unit tls_peer_urlencoded_cert tls_peer_verified "
	  "tls_peer_version tls_version" },
	{ "tls_wolfssl", "", "" },
	{ "tlsa", "", "" },
	{ "tm",
	  "t_any_replied/00 t_any_timeout/00 t_branch_replied/00 t_branch_timeout/00 t_check_status/11 t_check_trans/00 t_clean/00 t_disable_e2e_cancel_reason/11 "
	  "t_drop_replies/01 t_forward_nonack/02 t_forward_nonack_sctp/22 t_forward_nonack_tcp/22 t_forward_nonack_tls/22 t_forward_nonack_to/22 "
	  "t_forward_nonack_udp/22 t_forward_nonack_uri/00 t_get_status_code/00 t_grep_status/11 t_is_canceled/00 t_is_expired/00 t_is_retr_async_reply/00 "
	  "t_is_set/11 t_load_contacts/01 t_lookup_cancel/01 t_lookup_request/00 t_newtran/00 t_next_contact_flow/00 t_next_contacts/00 t_on_branch/11 "
	  "t_on_branch_failure/11 t_on_failure/11 t_on_reply/11 t_relay/02 t_relay_cancel/00 t_relay_to/02 t_relay_to_avp/22 t_relay_to_proxy/12 "
	  "t_relay_to_sctp/02 t_relay_to_tcp/02 t_relay_to_tls/02 t_relay_to_udp/02 t_release/00 t_replicate/02 t_replicate_sctp/22 t_replicate_tcp/22 "
	  "t_replicate_tls/22 t_replicate_to/22 t_replicate_udp/22 t_reply/22 t_reply_error/00 t_reset_fr/00 t_reset_max_lifetime/00 t_reset_retr/00 "
	  "t_retransmit_reply/00 t_save_lumps/00 t_send_reply/22 t_set_auto_inv_100/11 t_set_disable_6xx/11 t_set_disable_failover/11 "
	  "t_set_disable_internal_reply/11 t_set_fr/12 t_set_max_lifetime/22 t_set_no_auto_ack/11 t_set_no_e2e_cancel_reason/11 t_set_retr/22 t_uac_send/68 "
	  "t_use_uac_headers/00 t_write_req/22 t_write_unix/22",
	  "" },
	{ "tmrec", "is_leap_year/01 time_period_match/12 tmrec_match/12", "" },
	{ "tmx",
	  "bind_tmx/11 t_cancel_branch_idx/33 t_cancel_branches/11 t_cancel_callid/34 t_continue/33 t_drop/01 t_flush_flags/00 t_flush_xflags/00 "
	  "t_is_branch_route/00 t_is_failure_route/00 t_is_reply_route/00 t_is_request_route/00 t_precheck_trans/00 t_reply_callid/44 t_reuse_branch/00 "
	  "t_suspend/00 t_uac_ack_local/24",
	  "T T_branch T_branch_idx T_inv T_reply_code T_reply_last T_reply_reason T_reply_ruid T_req T_rpl" },
	{ "topoh", "", "" },
	{ "topos", "tps_set_context/11", "" },
	{ "topos_htable", "", "" },
	{ "topos_redis", "", "" },
	{ "tsilo", "ts_append/22 ts_append_by_contact/23 ts_append_to/34 ts_store/01", "" },
	{ "uac",
	  "uac_auth/01 uac_auth_mode/11 uac_reg_disable/22 uac_reg_enable/22 uac_reg_lookup/22 uac_reg_lookup_uri/22 uac_reg_refresh/11 uac_reg_request_to/22 "
	  "uac_reg_send_register/22 uac_reg_send_unregister/22 uac_reg_status/11 uac_replace_from/12 uac_replace_to/12 uac_req_send/00 uac_restore_from/00 "
	  "uac_restore_to/00",
	  "uac_req" },
	{ "uac_redirect", "get_redirects/12 set_accept_filter/22 set_deny_filter/22", "" },
	{ "uid_auth_db", "proxy_authenticate/22 proxy_authorize/22 www_authenticate/22 www_authorize/22", "" },
	{ "uid_avp_db", "load_attrs/22 load_extra_attrs/22 lock_extra_attrs/22 remove_extra_attrs/22 save_extra_attrs/22 unlock_extra_attrs/22", "" },
	{ "uid_domain", "is_local/11 lookup_domain/22", "" },
	{ "uid_gflags", "flush_ugflags/00 is_ugflag/11 reset_ugflag/11 set_ugflag/11", "" },
	{ "uid_uri_db", "check_uri/11 lookup_user/12", "" },
	{ "unixodbc", "", "" },
	{ "uri", "", "" },
	{ "uri_db", "check_from/00 check_to/00 check_uri/13 does_uri_exist/00", "" },
	{ "uri_radius", "", "" },
	{ "userblacklist", "", "" },
	{ "userblocklist", "check_allowlist/11 check_blocklist/01 check_user_allowlist/24 check_user_blocklist/24", "" },
	{ "usrloc",
	  "ul_delete_urecord/22 ul_delete_urecord_by_ruid/22 ul_get_urecord/22 ul_insert_ucontact/11f ul_insert_urecord/33 ul_lock_udomain/11 "
	  "ul_register_domain/11 ul_release_urecord/11 ul_unlock_udomain/11",
	  "" },
	{ "utils", "xcap_auth_status/22", "" },
	{ "uuid", "", "uuid" },
	{ "vm", "", "" },
	{ "websocket", "ws_close/03 ws_connect/55 ws_handle_handshake/00 ws_send/55", "ws_conid" },
	{ "xcap_client", "", "" },
	{ "xcap_server", "xcaps_del/22 xcaps_get/22 xcaps_put/33", "xcapuri" },
	{ "xhttp", "bind_xhttp/00 xhttp_reply/44", "hu" },
	{ "xhttp_pi", "dispatch_xhttp_pi/00", "" },
	{ "xhttp_prom",
	  "prom_check_uri/00 prom_counter_inc/25 prom_counter_reset/14 prom_dispatch/00 prom_gauge_inc/55 prom_gauge_reset/14 prom_gauge_set/25 "
	  "prom_histogram_observe/25",
	  "" },
	{ "xhttp_rpc", "dispatch_xhttp_rpc/00", "" },
	{ "xlog", "xalert/11 xbug/11 xcrit/11 xdbg/11 xdbgl/11 xerr/11 xinfo/11 xlog/13 xlogl/13 xlogm/22 xnotice/11 xwarn/11", "C" },
	{ "xmlops", "", "xml" },
	{ "xmlrpc", "dispatch_rpc/00 xmlrpc_reply/22", "" },
	{ "xmpp", "xmpp_send_message/00", "" },
	{ "xprint", "xpdbg/11 xplog/22", "" },
};
/* clang-format on */

const unsigned known_rows_n = sizeof(known_rows) / sizeof(known_rows[0]);

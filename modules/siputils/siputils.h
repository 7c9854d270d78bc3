/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside of siputils. */
#ifndef SIPUTILS_SIPUTILS_H
#define SIPUTILS_SIPUTILS_H

#include "core/mod/api.h"

struct siputils_conf {
	struct capabilities options;
	struct str contact_flds_separator;
	int64_t e164_max_len;
	struct str rpid_avp, rpid_prefix, rpid_suffix;
	struct attr_use rpid; /* rpid_avp; def NULL: none */
};

const struct siputils_conf *siputils_conf_of(const struct ctx *ctx);

/* Logs that something could not be done to what, because of -errno. FN_FALSE. */
int siputils_failed(const char *text_z, struct str what, int err);
/* Up to four texts as one, in the pool; null: no memory. */
struct str siputils_join(struct ctx *ctx, struct str a, struct str b, struct str c, struct str d);

/* questions.c: about the message and about texts */
MODULE_FN(is_request);
MODULE_FN(is_reply);
MODULE_FN(is_sip);
MODULE_FN(is_http);
MODULE_FN(has_totag);
MODULE_FN(is_first_hop);
MODULE_FN(is_supported);
MODULE_FN(is_gruu);
MODULE_FN(is_user);
MODULE_FN(hdr_date_check);
MODULE_FN(sip_parse_headers);
MODULE_FN(is_e164);
MODULE_FN(is_uri_user_e164);
MODULE_FN(is_uri);
MODULE_FN(is_tel_number);
MODULE_FN(is_numeric);
MODULE_FN(is_alphanum);
MODULE_FN(is_alphanumex);
MODULE_FN(cmp_uri);
MODULE_FN(cmp_aor);
MODULE_FN(cmp_hdr_name);
/* "+" and two to e164_max_len digits. */
bool siputils_is_e164(struct ctx *ctx, struct str s);

/* uri.c: parts of URIs */
MODULE_FN(uri_param);
MODULE_FN(uri_param_any);
MODULE_FN(add_uri_param);
MODULE_FN(get_uri_param);
MODULE_FN(uri_param_rm);
MODULE_FN(tel2sip);
MODULE_FN(tel2sip2);
MODULE_FN(set_uri_user);
MODULE_FN(set_uri_host);

/* contact.c: Contacts hidden in others */
MODULE_FN(encode_contact);
MODULE_FN(decode_contact);
MODULE_FN(decode_contact_header);
MODULE_FN(contact_param_encode);
MODULE_FN(contact_param_decode);
MODULE_FN(contact_param_decode_uri);
MODULE_FN(contact_param_rm);
MODULE_FN(contact_param_check);

/* pcv.c: P-Charging-Vector (RFC 7315 4.6) */
MODULE_FN(sip_p_charging_vector);
int pcv_attr(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

/* rpid.c: Remote-Party-ID */
MODULE_FN(append_rpid_hf);
MODULE_FN(is_rpid_user_e164);
/* Resolves rpid_avp. NULL, or what is wrong. */
const char *rpid_check(const struct conf *conf, struct siputils_conf *c);

/* reply.c */
MODULE_FN(options_reply);

#endif

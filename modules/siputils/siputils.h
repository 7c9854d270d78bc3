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

#define SIPUTILS_FN(NAME) int fn_##NAME(struct ctx *ctx, const struct value *argv, unsigned argc)

/* questions.c: about the message and about texts */
SIPUTILS_FN(is_request);
SIPUTILS_FN(is_reply);
SIPUTILS_FN(is_sip);
SIPUTILS_FN(is_http);
SIPUTILS_FN(has_totag);
SIPUTILS_FN(is_first_hop);
SIPUTILS_FN(is_supported);
SIPUTILS_FN(is_gruu);
SIPUTILS_FN(is_user);
SIPUTILS_FN(hdr_date_check);
SIPUTILS_FN(sip_parse_headers);
SIPUTILS_FN(is_e164);
SIPUTILS_FN(is_uri_user_e164);
SIPUTILS_FN(is_uri);
SIPUTILS_FN(is_tel_number);
SIPUTILS_FN(is_numeric);
SIPUTILS_FN(is_alphanum);
SIPUTILS_FN(is_alphanumex);
SIPUTILS_FN(cmp_uri);
SIPUTILS_FN(cmp_aor);
SIPUTILS_FN(cmp_hdr_name);
/* "+" and two to e164_max_len digits. */
bool siputils_is_e164(struct ctx *ctx, struct str s);

/* uri.c: parts of URIs */
SIPUTILS_FN(uri_param);
SIPUTILS_FN(uri_param_any);
SIPUTILS_FN(add_uri_param);
SIPUTILS_FN(get_uri_param);
SIPUTILS_FN(uri_param_rm);
SIPUTILS_FN(tel2sip);
SIPUTILS_FN(tel2sip2);
SIPUTILS_FN(set_uri_user);
SIPUTILS_FN(set_uri_host);

/* contact.c: Contacts hidden in others */
SIPUTILS_FN(encode_contact);
SIPUTILS_FN(decode_contact);
SIPUTILS_FN(decode_contact_header);
SIPUTILS_FN(contact_param_encode);
SIPUTILS_FN(contact_param_decode);
SIPUTILS_FN(contact_param_decode_uri);
SIPUTILS_FN(contact_param_rm);
SIPUTILS_FN(contact_param_check);

/* pcv.c: P-Charging-Vector (RFC 7315 4.6) */
SIPUTILS_FN(sip_p_charging_vector);
int pcv_attr(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

/* rpid.c: Remote-Party-ID */
SIPUTILS_FN(append_rpid_hf);
SIPUTILS_FN(is_rpid_user_e164);
/* Resolves rpid_avp. NULL, or what is wrong. */
const char *rpid_check(const struct conf *conf, struct siputils_conf *c);

/* reply.c */
SIPUTILS_FN(options_reply);

#endif

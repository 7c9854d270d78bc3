/* SPDX-License-Identifier: BSD-2-Clause */
/* siputils: questions about messages and URIs, hidden Contacts; the table of its functions. */
#include "modules/siputils/siputils.h"

static unsigned section_index;

const struct siputils_conf *siputils_conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[section_index];
}

int siputils_failed(const char *text_z, struct str what, int err)
{
	log_limited(LOG_WARN, "siputils", text_z, KV_STR("what", what), KV_Z("why", edit_why(err)));
	return FN_FALSE;
}

struct str siputils_join(struct ctx *ctx, struct str a, struct str b, struct str c, struct str d)
{
	size_t n = a.n + b.n + c.n + d.n;
	struct buf out = buf_over(pool_alloc(ctx->pool, n), n);

	if (!out.p)
		return STR_NULL;
	buf_str_put(&out, a);
	buf_str_put(&out, b);
	buf_str_put(&out, c);
	buf_str_put(&out, d);
	return buf_str(&out);
}

#define ALIAS                                                                                   \
	"contact_param_encode(name, uri) hides the whole Contact; append_hf() and remove_hf() " \
	"write another one"
MODULE_REFUSES(contact_param_encode_alias, ALIAS)

static const struct func_def functions[] = {
	/* the message */
	MODULE_ASKS(is_request, "", NULL, "true for a request"),
	MODULE_ASKS(is_reply, "", NULL, "true for a response"),
	MODULE_ASKS(is_sip, "", NULL, "true for SIP"),
	MODULE_ASKS(is_http, "", NULL, "true for HTTP"),
	MODULE_ASKS(has_totag, "", NULL, "true when To has a tag"),
	MODULE_ASKS(is_first_hop, "|i", NULL,
		    "true when nobody passed the message on before us; of a response: our "
		    "Record-Route is on top, and it comes from another machine (1: wherever from)"),
	MODULE_ASKS(is_supported, "t", NULL, "true when Supported names the option"),
	MODULE_ASKS(is_user, "t", NULL, "true when the credentials are that user's"),
	MODULE_ASKS(hdr_date_check, "i", NULL,
		    "true when Date is at most so many seconds old; -1 no Date, -4 older"),
	MODULE_DOES(sip_parse_headers, "", NULL,
		    "true when header fields with addresses are sound"),
	MODULE_ROW(options_reply, "", IN_REQUEST, NULL,
		   "answers an OPTIONS to the router itself with 200, and ends the script; -1"),
	MODULE_CHANGES(
		sip_p_charging_vector, "t", NULL,
		"P-Charging-Vector: r leaves it out, g makes one if there is none, f a new one"),

	/* texts */
	MODULE_ASKS(is_e164, "t", NULL, "true for \"+\" and two to e164_max_len digits"),
	MODULE_ASKS(is_uri_user_e164, "t", NULL, "true when a URI's user is that"),
	MODULE_ASKS(is_uri, "t", NULL, "true for a URI"),
	MODULE_ASKS(is_tel_number, "t", NULL,
		    "true for digits, behind a \"+\" not beginning with 0"),
	MODULE_ASKS(is_numeric, "t", NULL, "true for digits"),
	MODULE_ASKS(is_alphanum, "t", NULL, "true for letters and digits"),
	MODULE_ASKS(is_alphanumex, "tt", NULL, "true for letters, digits and the characters named"),
	MODULE_ASKS(cmp_uri, "tt", NULL, "true when two URIs are equal (RFC 3261 19.1.4)"),
	MODULE_ASKS(cmp_aor, "tt", NULL, "true when they have the same user and host"),
	MODULE_ASKS(cmp_hdr_name, "tt", NULL, "true when two names mean the same header field"),
	MODULE_ASKS(is_gruu, "|t", NULL,
		    "1 for a public GRUU, 2 for a temporary one; the Request-URI's if none"),

	/* URIs */
	MODULE_ROW(uri_param, "t|t", IN_REQUEST | FN_PURE, NULL,
		   "true when the Request-URI has the parameter without value, or with that one"),
	MODULE_ROW(uri_param_any, "t", IN_REQUEST | FN_PURE, NULL,
		   "true when it has the parameter"),
	MODULE_ROW(add_uri_param, "h", IN_REQUEST, NULL,
		   "adds a parameter to the Request-URI: \"name=value\""),
	MODULE_ROW(get_uri_param, "ta", IN_REQUEST, NULL,
		   "sets a variable to its value; -1: it is not there"),
	MODULE_ROW(uri_param_rm, "t", IN_REQUEST, NULL, "takes it away; -1: it is not there"),
	MODULE_DOES(tel2sip, "tta", NULL,
		    "tel URI, host, variable: sets it to a sip URI; 2: it was no tel URI"),
	MODULE_DOES(tel2sip2, "tta", NULL, "the same; what may not stand in a user is escaped"),
	MODULE_DOES(set_uri_user, "at", NULL, "sets the user of the URI in a variable"),
	MODULE_DOES(set_uri_host, "at", NULL, "sets the host of the URI in a variable"),

	/* Contacts */
	MODULE_CHANGES(encode_contact, "tt", NULL,
		       "hides all Contacts: prefix, public host and port"),
	MODULE_ROW(decode_contact, "", IN_REQUEST, NULL,
		   "the Request-URI is again what encode_contact() hid; -1: not"),
	MODULE_CHANGES(decode_contact_header, "", NULL, "the same for all Contacts"),
	MODULE_CHANGES(contact_param_encode, "tt", NULL,
		       "hides all Contacts in a parameter: name, URI of ours"),
	MODULE_CHANGES(contact_param_decode, "t", NULL, "they are again what that hid"),
	MODULE_ROW(contact_param_decode_uri, "t", IN_REQUEST, NULL,
		   "the Request-URI is again what that hid"),
	{ "contact_param_decode_ruri", "t", IN_REQUEST, fn_contact_param_decode_uri, "the same",
	  NULL },
	MODULE_CHANGES(contact_param_rm, "t", NULL, "takes a parameter off all Contacts' URIs"),
	MODULE_ASKS(contact_param_check, "t", NULL, "true when a Contact's URI has the parameter"),

	MODULE_CHANGES(append_rpid_hf, "", NULL,
		       "adds Remote-Party-ID with what rpid_avp holds; -1: nothing"),
	MODULE_CHANGES(append_rpid_hf, "hh", NULL, "the same between these two texts"),
	MODULE_ASKS(is_rpid_user_e164, "", NULL, "true when the user of the URI in it is a number"),
	MODULE_REFUSED(contact_param_encode_alias, "ss"),
	{ .name = NULL },
};

static const struct attr_def attrs[] = {
	{ .pv = "pcv",
	  .get = pcv_attr,
	  .type = VALUE_STR,
	  .flags = ATTR_KEY | ATTR_NEEDS_KEY,
	  .help = "P-Charging-Vector: all, value, genaddr, orig, term, status" },
	{ .get = NULL },
};

#define AT(MEMBER) offsetof(struct siputils_conf, MEMBER)
#define TEXT_AT(NAME, MEMBER, DEFAULT, HELP)                                                       \
	{                                                                                          \
		.name = NAME, .type = P_STR, .offset = AT(MEMBER), .def_z = DEFAULT, .live = true, \
		.help = HELP                                                                       \
	}
#define TEXT(NAME, DEFAULT, HELP) TEXT_AT(#NAME, NAME, DEFAULT, HELP)

static const struct param_def params[] = {
	TEXT_AT("options_accept", options.accept, "*/*", "Accept of options_reply()"),
	TEXT_AT("options_accept_encoding", options.accept_encoding, "", "its Accept-Encoding"),
	TEXT_AT("options_accept_language", options.accept_language, "en", "its Accept-Language"),
	TEXT_AT("options_support", options.supported, "", "its Supported"),
	TEXT(contact_flds_separator, "*", "the character between what encode_contact() hides"),
	{ .name = "e164_max_len",
	  .type = P_INT,
	  .offset = AT(e164_max_len),
	  .def = 15,
	  .min = 2,
	  .max = 32,
	  .live = true,
	  .help = "digits that a number may have for is_e164()" },
	TEXT(rpid_avp, "$avp(rpid)", "what append_rpid_hf() and is_rpid_user_e164() read"),
	TEXT(rpid_prefix, "", "before it in Remote-Party-ID"),
	TEXT(rpid_suffix, ";party=calling;id-type=subscriber;screen=yes", "behind it"),
	{ .name = NULL, .type = P_END },
};

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct siputils_conf *c = section;
	const char *fault = capabilities_fault(&c->options);

	(void)arena;
	if (c->contact_flds_separator.n != 1)
		return "contact_flds_separator is one character";
	return fault ? fault : rpid_check(conf, c);
}

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "siputils",
	.help = "questions about messages and URIs, hidden Contacts",
	.params = params,
	.section_size = sizeof(struct siputils_conf),
	.functions = functions,
	.attrs = attrs,
	.index = &section_index,
	.check = check,
};

/* SPDX-License-Identifier: BSD-2-Clause */
/* siputils: questions about messages and URIs, hidden Contacts; the table of its functions. */
#include "modules/siputils/siputils.h"

#include <errno.h>

static unsigned section_index;

const struct siputils_conf *siputils_conf_of(const struct ctx *ctx)
{
	return ctx->conf->sections[section_index];
}

int siputils_failed(const char *text_z, struct str what, int err)
{
	log_limited(LOG_WARN, "siputils", text_z, KV_STR("what", what),
		    KV_STR("why", err == -EEXIST ? STR("a part of it was changed before")
				  : err == -ENOMEM
					  ? STR("no memory left for this message")
					  : STR("it is not well formed, or not of this kind")));
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

#define ANY(NAME, ARGS, HELP)                              \
	{                                                  \
#NAME, ARGS, IN_ANY, fn_##NAME, HELP, NULL \
	}
#define ASKS(NAME, ARGS, HELP)                                       \
	{                                                            \
#NAME, ARGS, IN_ANY | FN_PURE, fn_##NAME, HELP, NULL \
	}
#define CHANGES(NAME, ARGS, HELP)                             \
	{                                                     \
#NAME, ARGS, IN_UNSENT, fn_##NAME, HELP, NULL \
	}
#define REQUEST(NAME, ARGS, HELP)                              \
	{                                                      \
#NAME, ARGS, IN_REQUEST, fn_##NAME, HELP, NULL \
	}

static const struct func_def functions[] = {
	/* the message */
	ASKS(is_request, "", "true for a request"),
	ASKS(is_reply, "", "true for a response"),
	ASKS(is_sip, "", "true for SIP"),
	ASKS(is_http, "", "true for HTTP"),
	ASKS(has_totag, "", "true when To has a tag"),
	ASKS(is_first_hop, "|i",
	     "true when nobody passed the message on before us; of a response: our Record-Route is "
	     "on top, and it comes from another machine (1: wherever from)"),
	ASKS(is_supported, "t", "true when Supported names the option"),
	ASKS(is_user, "t", "true when the credentials are that user's"),
	ASKS(hdr_date_check, "i",
	     "true when Date is at most so many seconds old; -1 no Date, -4 older"),
	ANY(sip_parse_headers, "", "true when header fields with addresses are sound"),
	REQUEST(options_reply, "",
		"answers an OPTIONS to the router itself with 200, and ends the script; -1"),
	CHANGES(sip_p_charging_vector, "t",
		"P-Charging-Vector: r leaves it out, g makes one if there is none, f a new one"),

	/* texts */
	ASKS(is_e164, "t", "true for \"+\" and two to e164_max_len digits"),
	ASKS(is_uri_user_e164, "t", "true when a URI's user is that"),
	ASKS(is_uri, "t", "true for a URI"),
	ASKS(is_tel_number, "t", "true for digits, behind a \"+\" not beginning with 0"),
	ASKS(is_numeric, "t", "true for digits"),
	ASKS(is_alphanum, "t", "true for letters and digits"),
	ASKS(is_alphanumex, "tt", "true for letters, digits and the characters named"),
	ASKS(cmp_uri, "tt", "true when two URIs are equal (RFC 3261 19.1.4)"),
	ASKS(cmp_aor, "tt", "true when they have the same user and host"),
	ASKS(cmp_hdr_name, "tt", "true when two names mean the same header field"),
	ASKS(is_gruu, "|t",
	     "1 for a public GRUU, 2 for a temporary one; the Request-URI's if none"),

	/* URIs */
	{ "uri_param", "t|t", IN_REQUEST | FN_PURE, fn_uri_param,
	  "true when the Request-URI has the parameter without value, or with that one", NULL },
	{ "uri_param_any", "t", IN_REQUEST | FN_PURE, fn_uri_param_any,
	  "true when it has the parameter", NULL },
	REQUEST(add_uri_param, "h", "adds a parameter to the Request-URI: \"name=value\""),
	REQUEST(get_uri_param, "ta", "sets a variable to its value; -1: it is not there"),
	REQUEST(uri_param_rm, "t", "takes it away; -1: it is not there"),
	ANY(tel2sip, "tta", "tel URI, host, variable: sets it to a sip URI; 2: it was no tel URI"),
	ANY(tel2sip2, "tta", "the same; what may not stand in a user is escaped"),
	ANY(set_uri_user, "at", "sets the user of the URI in a variable"),
	ANY(set_uri_host, "at", "sets the host of the URI in a variable"),

	/* Contacts */
	CHANGES(encode_contact, "tt", "hides all Contacts: prefix, public host and port"),
	REQUEST(decode_contact, "", "the Request-URI is again what encode_contact() hid; -1: not"),
	CHANGES(decode_contact_header, "", "the same for all Contacts"),
	CHANGES(contact_param_encode, "tt", "hides all Contacts in a parameter: name, URI of ours"),
	CHANGES(contact_param_decode, "t", "they are again what that hid"),
	REQUEST(contact_param_decode_uri, "t", "the Request-URI is again what that hid"),
	{ "contact_param_decode_ruri", "t", IN_REQUEST, fn_contact_param_decode_uri, "the same",
	  NULL },
	CHANGES(contact_param_rm, "t", "takes a parameter off all Contacts' URIs"),
	ASKS(contact_param_check, "t", "true when a Contact's URI has the parameter"),

	CHANGES(append_rpid_hf, "", "adds Remote-Party-ID with what rpid_avp holds; -1: nothing"),
	CHANGES(append_rpid_hf, "hh", "the same between these two texts"),
	ASKS(is_rpid_user_e164, "", "true when the user of the URI in it is a number"),
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

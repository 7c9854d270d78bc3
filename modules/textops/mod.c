/* SPDX-License-Identifier: BSD-2-Clause */
/* textops: header fields, text and body of messages; the table of its functions. */
#include "modules/textops/textops.h"

#include <errno.h>

int textops_failed(const char *what_z, struct str text, int err)
{
	log_limited(LOG_WARN, "textops", what_z, KV_STR("text", text),
		    KV_STR("why", err == -EEXIST   ? STR("a part of it was changed before")
				  : err == -EINVAL ? STR("it is not well formed there")
				  : err == -ENOENT ? STR("there is nothing of that name")
				  : err == -ENOMEM ? STR("no memory left for this message")
						   : STR("it cannot be")));
	return FN_FALSE;
}

/* What stands in the script: with attributes in it, it is known only later what it is. */
static const char *check_header(const struct value *argv, unsigned argc)
{
	(void)argc;
	if (argv[0].type != VALUE_STR || str_chr(argv[0].s, '$') >= 0 ||
	    str_chr(argv[0].s, '%') >= 0)
		return NULL;
	return header_is_whole(argv[0].s) ? NULL
					  : "a whole header field is needed: \"Name: value\"";
}

static const char *check_subst(const struct value *argv, unsigned argc)
{
	(void)argc;
	return subst_check(&argv[0]);
}

static const char *check_subst_v(const struct value *argv, unsigned argc)
{
	(void)argc;
	return subst_check(&argv[1]);
}

static const char *check_subst_hf(const struct value *argv, unsigned argc)
{
	const char *wrong = subst_check(&argv[1]);

	return wrong ? wrong : check_search_hf(argv, argc);
}

#define ANY(NAME, ARGS, CALL, CHECK, HELP)                 \
	{                                                  \
		NAME, ARGS, IN_ANY, fn_##CALL, HELP, CHECK \
	}
#define ASKS(NAME, ARGS, CALL, CHECK, HELP)                          \
	{                                                            \
		NAME, ARGS, IN_ANY | FN_PURE, fn_##CALL, HELP, CHECK \
	}
#define CHANGE(NAME, ARGS, CALL, CHECK, HELP)                 \
	{                                                     \
		NAME, ARGS, IN_UNSENT, fn_##CALL, HELP, CHECK \
	}
#define REQUEST(NAME, ARGS, CALL, CHECK, HELP)                  \
	{                                                       \
		NAME, ARGS, IN_REQUESTS, fn_##CALL, HELP, CHECK \
	}
#define REMOVED "; -1 when there was none"

static const struct func_def functions[] = {
	/* header fields */
	CHANGE("append_hf", "h|s", append_hf, check_header,
	       "adds a header field behind the last, or behind the last of that name"),
	CHANGE("insert_hf", "h|s", insert_hf, check_header,
	       "adds a header field before the first, or before the first of that name"),
	REQUEST("append_urihf", "hh", append_urihf, NULL,
		"adds a header field: prefix, the Request-URI as received, suffix"),
	REQUEST("append_to_reply", "h", append_to_reply, check_header,
		"adds a header field to the answers made here"),
	REQUEST("append_time", "", append_time, NULL, "adds Date to the answers made here"),
	CHANGE("append_time_to_request", "", append_time_to_request, NULL, "adds Date"),
	CHANGE("remove_hf", "t", remove_hf, check_name,
	       "leaves out all header fields of that name" REMOVED),
	CHANGE("remove_hf_pv", "t", remove_hf, check_name, "the same"),
	CHANGE("remove_hf_re", "r", remove_hf_re, NULL,
	       "leaves out all whose name the pattern matches" REMOVED),
	CHANGE("remove_hf_re_pv", "r", remove_hf_re, NULL, "the same"),
	CHANGE("remove_hf_exp", "rr", remove_hf_exp, NULL,
	       "leaves out all whose name the first pattern matches and the second does "
	       "not" REMOVED),
	CHANGE("remove_hf_exp_pv", "rr", remove_hf_exp, NULL, "the same"),
	CHANGE("remove_hf_idx", "ti", remove_hf_idx, check_name,
	       "leaves out number n from 0 of that name, -1 the last" REMOVED),
	CHANGE("remove_hf_match", "tst", remove_hf_match, check_remove_hf_match,
	       "leaves out those of that name whose value is (\"eq\"), is not (\"ne\"), contains "
	       "(\"in\") or matches (\"re\") the text" REMOVED),
	ASKS("is_present_hf", "t", is_present_hf, check_name, "true when a header field is there"),
	ASKS("is_present_hf_pv", "t", is_present_hf, check_name, "the same"),
	ASKS("is_present_hf_re", "r", is_present_hf_re, NULL,
	     "true when there is one whose name the pattern matches"),
	ASKS("is_present_hf_re_pv", "r", is_present_hf_re, NULL, "the same"),
	CHANGE("via_param_rm", "t|i", via_param_rm, NULL,
	       "leaves out a parameter of a Via, 1 (or nothing) the top one" REMOVED),

	/* patterns and texts */
	ASKS("search", "r", search, NULL, "true when the pattern is found in the message"),
	ASKS("search_body", "r", search_body, NULL, "true when it is found in the body"),
	ASKS("search_str", "tr", search_str, NULL, "true when it is found in a text"),
	ASKS("search_hf", "trs", search_hf, check_search_hf,
	     "true when it is found in a header field: name, pattern, a all, f first, l last"),
	CHANGE("search_append", "rs", search_append, NULL,
	       "puts text behind the first match behind the first line"),
	CHANGE("search_append_body", "rs", search_append_body, NULL,
	       "puts text behind the first match in the body"),
	CHANGE("replace", "rs", replace, NULL, "replaces the first match behind the first line"),
	CHANGE("replace_all", "rs", replace_all, NULL,
	       "replaces all matches behind the first line"),
	CHANGE("replace_hdrs", "rs", replace_hdrs, NULL,
	       "replaces the first match in the header fields"),
	CHANGE("replace_body", "rs", replace_body, NULL, "replaces the first match in the body"),
	CHANGE("replace_body_all", "rs", replace_body_all, NULL,
	       "replaces all matches in the body"),
	CHANGE("replace_body_atonce", "rs", replace_body_atonce, NULL,
	       "the same, the body being one line"),
	CHANGE("replace_str", "tts", replace_str, check_replace_str,
	       "replaces a text behind the first line: f the first, a all"),
	CHANGE("replace_hdrs_str", "tts", replace_hdrs_str, check_replace_str,
	       "replaces a text in the header fields"),
	CHANGE("replace_body_str", "tts", replace_body_str, check_replace_str,
	       "replaces a text in the body"),
	CHANGE("subst", "s", subst, check_subst,
	       "'/pattern/replacement/flags' behind the first line; flags g (all) and i (any "
	       "case)"),
	CHANGE("subst_body", "s", subst_body, check_subst, "the same in the body"),
	CHANGE("subst_hf", "tss", subst_hf, check_subst_hf,
	       "the same in a header field: name, expression, a all, f first, l last"),
	REQUEST("subst_uri", "s", subst_uri, check_subst, "the same on the Request-URI"),
	REQUEST("subst_user", "s", subst_user, check_subst, "the same on its user"),
	ANY("subst_v", "tsa", subst_v, check_subst_v,
	    "the same on a text: text, expression, variable for the result"),
	ANY("regex_substring", "triia", regex_substring, NULL,
	    "text, pattern, n, how many, variable: sets it to what group n matched"),

	/* questions */
	ASKS("is_method", "s", is_method, check_method, "true for one of \"INVITE|ACK\""),
	ASKS("is_privacy", "t", is_privacy, NULL, "true when Privacy names that value"),
	ASKS("is_audio_on_hold", "", is_audio_on_hold, NULL,
	     "1: an audio stream has the address 0.0.0.0; 2: it is inactive or sendonly; else -1"),
	ASKS("in_list", "tts", in_list, check_in_list,
	     "true when a text is one of a list: text, list, separator"),
	ASKS("in_list_prefix", "tts", in_list_prefix, check_in_list,
	     "true when one of a list is the text's beginning"),
	ASKS("cmp_str", "tt", cmp_str, NULL, "true when two texts are equal"),
	ASKS("cmp_istr", "tt", cmp_istr, NULL, "true when they are equal in any case"),
	ASKS("starts_with", "tt", starts_with, NULL, "true when the first begins with the second"),
	ASKS("ends_with", "tt", ends_with, NULL, "true when the first ends with the second"),
	ASKS("str_find", "tt", str_find, NULL, "true when the first contains the second"),
	ASKS("str_ifind", "tt", str_ifind, NULL, "the same in any case"),
	ASKS("str_any_in", "tt", str_any_in, NULL,
	     "true when a character of the first is in the second"),
	ASKS("str_all_in", "tt", str_all_in, NULL, "true when all of them are"),

	/* bodies */
	ASKS("has_body", "|t", has_body, NULL, "true when there is a body, of that type"),
	CHANGE("set_body", "tt", set_body, NULL, "sets body and Content-Type"),
	CHANGE("set_body_hex", "tt", set_body_hex, NULL, "the same, the body in hexadecimal"),
	REQUEST("set_reply_body", "tt", set_reply_body, NULL,
		"sets body and Content-Type of the answers made here"),
	REQUEST("set_reply_body_hex", "tt", set_reply_body_hex, NULL,
		"the same, the body in hexadecimal"),
	CHANGE("filter_body", "t", filter_body, NULL,
	       "leaves the content of the first part of that type alone as body" REMOVED),
	CHANGE("set_body_multipart", "|ttt", set_body_multipart, NULL,
	       "makes the body multipart: nothing, boundary; text, type; text, type, boundary"),
	CHANGE("append_body_part", "tt|t", append_body_part, NULL,
	       "adds a part to a multipart body: text, type, Content-Disposition"),
	CHANGE("append_body_part_hex", "tt|t", append_body_part_hex, NULL,
	       "the same, the text in hexadecimal"),
	ANY("get_body_part", "ta", get_body_part, NULL,
	    "sets a variable to the content of the first part of that type" REMOVED),
	ANY("get_body_part_raw", "ta", get_body_part_raw, NULL,
	    "the same with delimiter line and header fields" REMOVED),
	CHANGE("remove_body_part", "t", remove_body_part, NULL,
	       "leaves out the first part of that type" REMOVED),
	{ .name = NULL },
};

static const struct param_def params[] = {
	{ .name = NULL, .type = P_END },
};

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "textops",
	.help = "header fields and text of messages",
	.params = params,
	.functions = functions,
	.index = &section_index,
};

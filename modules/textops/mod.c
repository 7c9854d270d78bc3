/* SPDX-License-Identifier: BSD-2-Clause */
/* textops: header fields, text and body of messages; the table of its functions. */
#include "modules/textops/textops.h"

#include <errno.h>

int textops_failed(const char *what_z, struct str text, int err)
{
	log_limited(LOG_WARN, "textops", what_z, KV_STR("text", text), KV_Z("why", edit_why(err)));
	return FN_FALSE;
}

/* What stands in the script: with attributes in it, it is known only later what it is. */
static const char *check_header(const struct value *argv, unsigned argc)
{
	int err;

	(void)argc;
	if (!module_text_is_known(&argv[0]))
		return NULL;
	err = header_check(argv[0].s);
	if (err == -EINVAL)
		return "a whole header field is needed: \"Name: value\"";
	return err ? edit_why(err) : NULL;
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

#define REMOVED "; -1 when there was none"

static const struct func_def functions[] = {
	/* header fields */
	MODULE_CHANGES(append_hf, "h|s", check_header,
		       "adds a header field behind the last, or behind the last of that name"),
	MODULE_CHANGES(insert_hf, "h|s", check_header,
		       "adds a header field before the first, or before the first of that name"),
	MODULE_ROW(append_urihf, "hh", IN_REQUESTS, NULL,
		   "adds a header field: prefix, the Request-URI as received, suffix"),
	MODULE_ROW(append_to_reply, "h", IN_REQUESTS, check_header,
		   "adds a header field to the answers made here"),
	MODULE_ROW(append_time, "", IN_REQUESTS, NULL, "adds Date to the answers made here"),
	MODULE_CHANGES(append_time_to_request, "", NULL, "adds Date"),
	MODULE_CHANGES(remove_hf, "t", check_name,
		       "leaves out all header fields of that name" REMOVED),
	{ "remove_hf_pv", "t", IN_UNSENT, fn_remove_hf, "the same", check_name },
	MODULE_CHANGES(remove_hf_re, "r", NULL,
		       "leaves out all whose name the pattern matches" REMOVED),
	{ "remove_hf_re_pv", "r", IN_UNSENT, fn_remove_hf_re, "the same", NULL },
	MODULE_CHANGES(remove_hf_exp, "rr", NULL,
		       "leaves out all whose name the first pattern matches and the second does "
		       "not" REMOVED),
	{ "remove_hf_exp_pv", "rr", IN_UNSENT, fn_remove_hf_exp, "the same", NULL },
	MODULE_CHANGES(remove_hf_idx, "ti", check_name,
		       "leaves out number n from 0 of that name, -1 the last" REMOVED),
	MODULE_CHANGES(
		remove_hf_match, "tst", check_remove_hf_match,
		"leaves out those of that name whose value is (\"eq\"), is not (\"ne\"), contains "
		"(\"in\") or matches (\"re\") the text" REMOVED),
	MODULE_ASKS(is_present_hf, "t", check_name, "true when a header field is there"),
	{ "is_present_hf_pv", "t", IN_ANY | FN_PURE, fn_is_present_hf, "the same", check_name },
	MODULE_ASKS(is_present_hf_re, "r", NULL,
		    "true when there is one whose name the pattern matches"),
	{ "is_present_hf_re_pv", "r", IN_ANY | FN_PURE, fn_is_present_hf_re, "the same", NULL },
	MODULE_CHANGES(via_param_rm, "t|i", NULL,
		       "leaves out a parameter of a Via, 1 (or nothing) the top one" REMOVED),

	/* patterns and texts */
	MODULE_ASKS(search, "r", NULL, "true when the pattern is found in the message"),
	MODULE_ASKS(search_body, "r", NULL, "true when it is found in the body"),
	MODULE_ASKS(search_str, "tr", NULL, "true when it is found in a text"),
	MODULE_ASKS(
		search_hf, "trs", check_search_hf,
		"true when it is found in a header field: name, pattern, a all, f first, l last"),
	MODULE_CHANGES(search_append, "rs", NULL,
		       "puts text behind the first match behind the first line"),
	MODULE_CHANGES(search_append_body, "rs", NULL,
		       "puts text behind the first match in the body"),
	MODULE_CHANGES(replace, "rs", NULL, "replaces the first match behind the first line"),
	MODULE_CHANGES(replace_all, "rs", NULL, "replaces all matches behind the first line"),
	MODULE_CHANGES(replace_hdrs, "rs", NULL, "replaces the first match in the header fields"),
	MODULE_CHANGES(replace_body, "rs", NULL, "replaces the first match in the body"),
	MODULE_CHANGES(replace_body_all, "rs", NULL, "replaces all matches in the body"),
	MODULE_CHANGES(replace_body_atonce, "rs", NULL, "the same, the body being one line"),
	MODULE_CHANGES(replace_str, "tts", check_replace_str,
		       "replaces a text behind the first line: f the first, a all"),
	MODULE_CHANGES(replace_hdrs_str, "tts", check_replace_str,
		       "replaces a text in the header fields"),
	MODULE_CHANGES(replace_body_str, "tts", check_replace_str, "replaces a text in the body"),
	MODULE_CHANGES(
		subst, "s", check_subst,
		"'/pattern/replacement/flags' behind the first line; flags g (all) and i (any "
		"case)"),
	MODULE_CHANGES(subst_body, "s", check_subst, "the same in the body"),
	MODULE_CHANGES(subst_hf, "tss", check_subst_hf,
		       "the same in a header field: name, expression, a all, f first, l last"),
	MODULE_ROW(subst_uri, "s", IN_REQUESTS, check_subst, "the same on the Request-URI"),
	MODULE_ROW(subst_user, "s", IN_REQUESTS, check_subst, "the same on its user"),
	MODULE_DOES(subst_v, "tsa", check_subst_v,
		    "the same on a text: text, expression, variable for the result"),
	MODULE_DOES(regex_substring, "triia", NULL,
		    "text, pattern, n, how many, variable: sets it to what group n matched"),

	/* questions */
	MODULE_ASKS(is_method, "s", check_method, "true for one of \"INVITE|ACK\""),
	MODULE_ASKS(is_privacy, "t", NULL, "true when Privacy names that value"),
	MODULE_ASKS(is_audio_on_hold, "", NULL,
		    "1: an audio stream has the address 0.0.0.0; 2: it is inactive or sendonly; "
		    "else -1"),
	MODULE_ASKS(in_list, "tts", check_in_list,
		    "true when a text is one of a list: text, list, separator"),
	MODULE_ASKS(in_list_prefix, "tts", check_in_list,
		    "true when one of a list is the text's beginning"),
	MODULE_ASKS(cmp_str, "tt", NULL, "true when two texts are equal"),
	MODULE_ASKS(cmp_istr, "tt", NULL, "true when they are equal in any case"),
	MODULE_ASKS(starts_with, "tt", NULL, "true when the first begins with the second"),
	MODULE_ASKS(ends_with, "tt", NULL, "true when the first ends with the second"),
	MODULE_ASKS(str_find, "tt", NULL, "true when the first contains the second"),
	MODULE_ASKS(str_ifind, "tt", NULL, "the same in any case"),
	MODULE_ASKS(str_any_in, "tt", NULL, "true when a character of the first is in the second"),
	MODULE_ASKS(str_all_in, "tt", NULL, "true when all of them are"),

	/* bodies */
	MODULE_ASKS(has_body, "|t", NULL, "true when there is a body, of that type"),
	MODULE_CHANGES(set_body, "tt", NULL, "sets body and Content-Type"),
	MODULE_CHANGES(set_body_hex, "tt", NULL, "the same, the body in hexadecimal"),
	MODULE_ROW(set_reply_body, "tt", IN_REQUESTS, NULL,
		   "sets body and Content-Type of the answers made here"),
	MODULE_ROW(set_reply_body_hex, "tt", IN_REQUESTS, NULL,
		   "the same, the body in hexadecimal"),
	MODULE_CHANGES(filter_body, "t", NULL,
		       "leaves the content of the first part of that type alone as body" REMOVED),
	MODULE_CHANGES(
		set_body_multipart, "|ttt", NULL,
		"makes the body multipart: nothing, boundary; text, type; text, type, boundary"),
	MODULE_CHANGES(append_body_part, "tt|t", NULL,
		       "adds a part to a multipart body: text, type, Content-Disposition"),
	MODULE_CHANGES(append_body_part_hex, "tt|t", NULL, "the same, the text in hexadecimal"),
	MODULE_DOES(get_body_part, "ta", NULL,
		    "sets a variable to the content of the first part of that type" REMOVED),
	MODULE_DOES(get_body_part_raw, "ta", NULL,
		    "the same with delimiter line and header fields" REMOVED),
	MODULE_CHANGES(remove_body_part, "t", NULL,
		       "leaves out the first part of that type" REMOVED),
	{ .name = NULL },
};

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "textops",
	.help = "header fields and text of messages",
	.functions = functions,
	.index = &section_index,
};

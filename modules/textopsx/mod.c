/* SPDX-License-Identifier: BSD-2-Clause */
/* textopsx: the message as another text, single values of header fields, walks; the table of its functions. */
#include "modules/textopsx/textopsx.h"

int textopsx_failed(const char *text_z, struct str what, int err)
{
	log_limited(LOG_WARN, "textopsx", text_z, KV_STR("what", what), KV_Z("why", edit_why(err)));
	return FN_FALSE;
}

/* (value, pattern [, "i"]) */
static int fn_fnmatch(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	bool nocase = argc > 2 && str_chr(argv[2].s, 'i') >= 0;

	(void)ctx;
	return !str_is_null(argv[0].s) && glob_matches(argv[0].s, argv[1].s, nocase) ? FN_TRUE
										     : FN_FALSE;
}

static const char *check_status(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_INT && (argv[0].i < 100 || argv[0].i > 699)
		       ? "the status is a number from 100 to 699"
		       : NULL;
}

static const char *check_fnmatch(const struct value *argv, unsigned argc)
{
	return argc > 2 && argv[2].type == VALUE_STR && argv[2].s.n && !str_eq(argv[2].s, STR("i"))
		       ? "the third argument is \"i\" for any case"
		       : NULL;
}

MODULE_REFUSES(msg_changed_route,
	       "write if (msg_apply_changes()) route(NAME); the route then reads what was changed")

static const struct func_def functions[] = {
	MODULE_CHANGES(
		msg_apply_changes, "", NULL,
		"the changes made so far are carried out: reads see them; -1 when that were no "
		"message"),
	MODULE_REFUSED(msg_changed_route, "s"),
	MODULE_CHANGES(msg_set_buffer, "t", NULL,
		       "the message becomes this text, which has the same method and top Via"),
	{ "change_reply_status", "i|h", IN_REPLY, fn_change_reply_status,
	  "changes status and reason of a response, not from or to 1xx and 2xx", check_status },
	{ "change_reply_status_code", "i", IN_REPLY, fn_change_reply_status,
	  "the same; the reason stays", check_status },
	MODULE_CHANGES(remove_body, "", NULL, "leaves out body and Content-Type"),
	MODULE_CHANGES(keep_hf, "|r", NULL,
		       "leaves out all header fields whose name the pattern does not match, but "
		       "those that "
		       "every message needs"),
	MODULE_ASKS(fnmatch, "ts|s", check_fnmatch,
		    "true when a text matches a pattern of the shell; third \"i\": in any case"),

	MODULE_CHANGES(append_hf_value, "sh", check_place,
		       "puts a value behind value n of a header field: \"name[n]\"; without n adds "
		       "a field"),
	MODULE_CHANGES(insert_hf_value, "sh", check_place, "the same before it"),
	MODULE_CHANGES(
		remove_hf_value, "s", check_place,
		"leaves out value n (1) or all (*), or a parameter: \"name[n].param\"; -1: none"),
	MODULE_CHANGES(remove_hf_value2, "s", check_place,
		       "the same where a header field is one value, as Authorization"),
	MODULE_CHANGES(assign_hf_value, "sh", check_place,
		       "sets value n, or its parameter; -1: none"),
	MODULE_CHANGES(assign_hf_value2, "sh", check_place,
		       "the same where a header field is one value"),
	MODULE_CHANGES(include_hf_value, "sh", NULL, "adds a value unless it is there"),
	MODULE_CHANGES(exclude_hf_value, "st", NULL, "leaves a value out; -1: it was not there"),
	MODULE_ASKS(hf_value_exists, "st", NULL, "true when the value is there"),

	MODULE_CHANGES(hf_iterator_start, "t", NULL,
		       "starts a walk over the header fields, with a name"),
	MODULE_CHANGES(hf_iterator_end, "t", NULL, "ends it"),
	MODULE_CHANGES(hf_iterator_next, "t", NULL,
		       "goes to the first, the next; -1: that was the last"),
	MODULE_CHANGES(hf_iterator_prev, "t", NULL, "goes back; -1: that was the first"),
	MODULE_CHANGES(hf_iterator_rm, "t", NULL, "leaves out the header field it stands at"),
	MODULE_CHANGES(hf_iterator_append, "th", NULL, "adds header fields behind that"),
	MODULE_CHANGES(hf_iterator_insert, "th", NULL, "adds header fields before that"),
	MODULE_CHANGES(bl_iterator_start, "t", NULL, "starts a walk over the lines of the body"),
	MODULE_CHANGES(bl_iterator_end, "t", NULL, "ends it"),
	MODULE_CHANGES(bl_iterator_next, "t", NULL,
		       "goes to the first, the next; -1: that was the last"),
	MODULE_CHANGES(bl_iterator_rm, "t", NULL, "leaves out the line it stands at"),
	MODULE_CHANGES(bl_iterator_append, "tt", NULL, "adds text behind that"),
	MODULE_CHANGES(bl_iterator_insert, "tt", NULL, "adds text before that"),
	{ .name = NULL },
};

#define ITERATOR(PV, GET, HELP)                                                              \
	{                                                                                    \
		.pv = PV, .get = GET, .type = VALUE_STR, .flags = ATTR_KEY | ATTR_NEEDS_KEY, \
		.help = HELP                                                                 \
	}

static const struct attr_def attrs[] = {
	ITERATOR("hfitname", hf_iterator_name, "name of the header field a walk stands at"),
	ITERATOR("hfitbody", hf_iterator_body, "value of it, folds undone"),
	ITERATOR("blitval", bl_iterator_value,
		 "the line of the body a walk stands at, with its end"),
	{ .get = NULL },
};

static unsigned section_index;

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "textopsx",
	.help = "the message as another text, single values of header fields, walks",
	.functions = functions,
	.attrs = attrs,
	.index = &section_index,
};

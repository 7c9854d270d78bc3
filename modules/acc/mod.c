/* SPDX-License-Identifier: BSD-2-Clause */
/* acc: lines about what became of requests; its parameters and functions. */
#include "modules/acc/api.h"
#include "modules/acc/watch.h"

#include <stdio.h>

unsigned acc_section;

/* --- functions --------------------------------------------------------------------------------------------------------------------------- */

static void log_request(struct ctx *ctx, unsigned status, struct str reason, struct str uri)
{
	acc_write(ctx, &(struct acc_about){ .event = ACC_REQUEST,
					    .status = status,
					    .reason = reason,
					    .uri = uri,
					    .setup_ms = -1 });
}

static const struct acc_api acc_api = { .log_request = log_request };

/* "404 Not Found": a status, if the text begins with one, and the reason. */
static MODULE_FN(acc_log_request)
{
	struct str comment = argv[0].s;
	uint64_t status = 0;

	(void)argc;
	if (comment.n >= 3 && !str_uint(str_head(comment, 3), 999, &status))
		comment = str_trim(str_skip(comment, 3));
	log_request(ctx, (unsigned)status, comment, STR_NULL);
	return FN_TRUE;
}

static const char *check_comment(const struct value *argv, unsigned argc)
{
	(void)argc;
	return argv[0].type == VALUE_STR && !argv[0].s.n
		       ? "a comment is needed, \"404 Not Found\" or other words"
		       : NULL;
}

#define NO_DATABASE "needs a database module, which Serac does not have yet; "
MODULE_REFUSES(acc_db_request, NO_DATABASE "acc_log_request(comment) writes a line")

static const struct func_def functions[] = {
	MODULE_DOES(acc_log_request, "t", check_comment,
		    "writes a line about the request: the comment is status and reason"),
	{ "acc_request", "tt", IN_ANY, fn_acc_log_request,
	  "the same; the second argument, a table, is for databases", check_comment },
	MODULE_REFUSED(acc_db_request, "tt"),
	{ .name = NULL },
};

/* --- parameters ------------------------------------------------------------------------------------------------------------------------- */

#define NO_DB NO_DATABASE "log_flag, log_missed_flag and log_extra say what is written into the log"
#define NO_CDR                                                                                \
	"needs module dialog, which Serac does not have yet; log_flag writes a line for the " \
	"INVITE and one for the BYE"
#define NO_FMT                                                                                 \
	"log_extra names the fields: \"from=$fu;to=$tu;ip=$si\"; those that parsers know are " \
	"always there"
#define NO_FAILED                                                                              \
	"failed_transaction_flag names the flag that a request has when its failure is to be " \
	"written"

#define AT(MEMBER) offsetof(struct acc_conf, MEMBER)
#define FLAG(NAME, MEMBER, HELP)                                                       \
	{                                                                              \
		.name = NAME, .type = P_INT, .offset = AT(MEMBER), .def = ACC_NO_FLAG, \
		.min = ACC_NO_FLAG, .max = 31, .live = true, .help = HELP              \
	}
#define BOOL(NAME, MEMBER, DEFAULT, HELP)                                                         \
	{                                                                                         \
		.name = NAME, .type = P_BOOL, .offset = AT(MEMBER), .def = DEFAULT, .live = true, \
		.help = HELP                                                                      \
	}
#define TEXT(NAME, DEFAULT, HELP)                                                                 \
	{                                                                                         \
		.name = #NAME, .type = P_STR, .offset = AT(NAME), .def_z = DEFAULT, .live = true, \
		.help = HELP                                                                      \
	}
#define IGNORED(NAME, WHY)                                  \
	{                                                   \
		.name = NAME, .type = P_IGNORE, .help = WHY \
	}
#define ABSENT(NAME, ADVICE)                                   \
	{                                                      \
		.name = NAME, .type = P_ABSENT, .help = ADVICE \
	}

static const struct param_def params[] = {
	FLAG("log_flag", log_flag, "flag of requests whose answer is written"),
	FLAG("log_missed_flag", log_missed_flag, "flag of INVITEs whose failure is a missed call"),
	FLAG("failed_transaction_flag", failed_flag,
	     "flag of requests whose answer is written although it is 300 or above"),
	TEXT(failed_filter, NULL, "statuses that are not written then: \"404,487\""),
	BOOL("early_media", early_media, 0, "provisional answers with a body are written, too"),
	BOOL("report_ack", report_ack, 0, "ACKs of answered INVITEs are written, too"),
	BOOL("report_cancels", report_cancels, 0, "CANCELs are written, too"),
	FLAG("acc_prepare_flag", prepare_flag,
	     "flag of requests that may get one of the others in a later route"),
	BOOL("acc_prepare_always", prepare_always, 0, "all requests may"),
	BOOL("detect_direction", detect_direction, 0,
	     "from_tag is the caller's, to_tag the callee's, whoever of them sends the request"),
	BOOL("reason_from_hf", reason_from_hf, 0, "the reason is that of the header field Reason"),
	{ .name = "log_level",
	  .type = P_INT,
	  .offset = AT(log_level),
	  .def = LOG_NOTICE,
	  .min = LOG_ERR,
	  .max = LOG_DEBUG,
	  .live = true,
	  .help = "of the lines; they are written when debug is at least that" },
	TEXT(log_extra, NULL, "more fields: \"ua=$hdr(User-Agent);tls=@tls.desc\""),
	TEXT(multi_leg_info, NULL,
	     "fields for each value of variables: \"leg_src=$avp(src);leg_dst=$avp(dst)\""),
	BOOL("log_json", log_json, 0, "a record is a JSON object"),
	BOOL("log_places", log_places, 1, "fields src, dst and setup_ms"),
	{ .name = "time_mode",
	  .type = P_INT,
	  .offset = AT(time_mode),
	  .def = ACC_TIME_NONE,
	  .min = ACC_TIME_NONE,
	  .max = ACC_TIME_UTC,
	  .live = true,
	  .help = "the time once more: 1 microseconds in time_exten; in time_attr 2 seconds with "
		  "fraction, 3 local time as time_format, 4 UTC" },
	TEXT(time_attr, "time_attr", "name of that field"),
	TEXT(time_exten, "time_exten", "name of that field"),
	TEXT(time_format, "%Y-%m-%d %H:%M:%S", "as strftime(3) has it"),
	IGNORED("log_facility", "lines go where the log goes"),
	IGNORED("clone_msg", "a record is written from the request itself"),
	IGNORED("acc_extra_size", "64 fields may be named"),
	IGNORED("acc_extra_nullable", "it is about databases"),
	IGNORED("db_version_check", "it is about databases"),
	ABSENT("log_fmt", NO_FMT),
	ABSENT("failed_transactions", NO_FAILED),
	ABSENT("db_url", NO_DB),
	ABSENT("db_flag", NO_DB),
	ABSENT("db_missed_flag", NO_DB),
	ABSENT("db_extra", NO_DB),
	ABSENT("db_table_acc", NO_DB),
	ABSENT("db_table_missed_calls", NO_DB),
	ABSENT("db_insert_mode", NO_DB),
	ABSENT("acc_method_column", NO_DB),
	ABSENT("acc_from_tag_column", NO_DB),
	ABSENT("acc_to_tag_column", NO_DB),
	ABSENT("acc_callid_column", NO_DB),
	ABSENT("acc_sip_code_column", NO_DB),
	ABSENT("acc_sip_reason_column", NO_DB),
	ABSENT("acc_time_column", NO_DB),
	ABSENT("cdrs_table", NO_DB),
	ABSENT("cdr_enable", NO_CDR),
	ABSENT("cdr_log_enable", NO_CDR),
	ABSENT("cdr_start_on_confirmed", NO_CDR),
	ABSENT("cdr_expired_dlg_enable", NO_CDR),
	ABSENT("cdr_on_failed", NO_CDR),
	ABSENT("cdr_skip", NO_CDR),
	ABSENT("cdr_facility", NO_CDR),
	ABSENT("cdr_extra", NO_CDR),
	ABSENT("cdr_extra_nullable", NO_CDR),
	ABSENT("cdr_extra_size", NO_CDR),
	ABSENT("cdr_start_id", NO_CDR),
	ABSENT("cdr_end_id", NO_CDR),
	ABSENT("cdr_duration_id", NO_CDR),
	ABSENT("cdr_duration_mode", NO_CDR),
	{ .name = NULL, .type = P_END },
};

static const char *of_parameter(const char *name_z, const char *why)
{
	static char text[400];

	if (!why)
		return NULL;
	snprintf(text, sizeof(text), "%s: %s", name_z, why);
	return text;
}

static const char *direction_compile(const struct conf *conf, struct acc_conf *c)
{
	const struct names names = { .modules = conf->modules,
				     .modules_n = conf->sections_n,
				     .conf = conf };
	char room[200];
	struct buf why = BUF_ON(room);

	if (!c->detect_direction || !names_attribute(&names, STR("$rdir(id)"), &c->direction, &why))
		return NULL;
	return "which way a request goes is known to module rr: load it, too";
}

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct acc_conf *c = section;
	const char *why = of_parameter("failed_filter", acc_filter_parse(c));

	if (!why)
		why = of_parameter("log_extra",
				   acc_extra_compile(conf, arena, c->log_extra, &c->extra));
	if (!why)
		why = of_parameter("multi_leg_info",
				   acc_legs_compile(conf, arena, c->multi_leg_info, &c->legs));
	if (!why)
		why = of_parameter("detect_direction", direction_compile(conf, c));
	return why;
}

static int init(struct run *run, const struct conf *conf)
{
	const struct tm_api *tm = module_api(conf, "tm");

	(void)run;
	return tm->watch(&acc_watcher);
}

static const char *const needs[] = { "tm", NULL };

const struct module_def serac_module MODULE_EXPORT = {
	.interface = MODULE_INTERFACE,
	.name = "acc",
	.help = "lines about what became of requests",
	.params = params,
	.section_size = sizeof(struct acc_conf),
	.functions = functions,
	.index = &acc_section,
	.check = check,
	.init = init,
	.api = &acc_api,
	.needs = needs,
};

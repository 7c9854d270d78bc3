/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of Kamailio's variables that are more than second spellings, for core/msg/attrs.c, and what reads and sets them. */
#ifndef MSG_ATTR_PV_H
#define MSG_ATTR_PV_H

#include "core/msg/attrs.h"

/* core/msg/attr_address.c: From and To. -EINVAL: no URI, user or host, a line end in a display name; -EBADMSG: the header field is broken;
 * -EEXIST: something else has changed it; -ENOMEM. */
int attr_address_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);

/* core/msg/attr_time.c */
enum time_zone { ZONE_LOCAL, ZONE_UTC, ZONE_LOCAL_NOW };
enum system_part {
	SYSTEM_PID,
	SYSTEM_NOW,
	SYSTEM_TIME, /* of the message: core/msg/attr_time.c */
	SYSTEM_SERVER_ID,
	SYSTEM_UNIQUE,
	SYSTEM_RANDOM,
	SYSTEM_VERSION,
	SYSTEM_VERSION_NUMBER,
};
const char *attr_time_prepare(struct attr_arg *arg, const struct conf *conf);
int attr_time(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_time_format(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
const char *attr_stamp_prepare(struct attr_arg *arg, const struct conf *conf);
int attr_stamp(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
const char *attr_version_prepare(struct attr_arg *arg, const struct conf *conf);
int attr_system(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

/* core/msg/attr_words.c */
enum word_set { WORDS_MSG, WORDS_VIA, WORDS_RCV, WORDS_NH, WORDS_K, WORDS_EXPIRES, WORDS_AF };
enum flags_base { FLAGS_MESSAGE, FLAGS_SCRIPT, FLAGS_BRANCH };
enum flags_part { FLAGS_ALL, FLAGS_HEX, FLAGS_ONE /* and 31 more */ };
enum side { SIDE_SOURCE, SIDE_RECEIVED, SIDE_ADVERTISED };
enum side_form { SIDE_URI, SIDE_URI_FULL, SIDE_SOCKET, SIDE_IP };
enum socket_part {
	SOCKET_RECEIVED_NAME,
	SOCKET_ADVERTISED_PORT,
	SOCKET_SEND_NAME,
	SOCKET_SEND_PORT,
	SOCKET_PROTO_NUMBER,
};
/* The word's place in the list, which ends with NULL; 0xff: it is not there. */
unsigned attr_word(const char *const *words, struct str word);
/* A number's digits in the pool. -ENOMEM. */
int attr_number_text(struct ctx *ctx, int64_t n, struct str *text_r);
/* The family's number of a transport; 0: it has none. */
struct value attr_transport_number(struct str name);
const char *attr_words_prepare(struct attr_arg *arg, const struct conf *conf);
int attr_msg_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_via_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_af(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_rcv_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_nh_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_k_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_expires_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_header_count(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
const char *attr_flag_prepare(struct attr_arg *arg, const struct conf *conf);
int attr_flags(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_flags_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);
int attr_origin_uri(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_socket_part(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

/* core/msg/attr_target.c */
enum branch_part {
	BRANCH_URI,
	BRANCH_DST_URI,
	BRANCH_PATH,
	BRANCH_Q,
	BRANCH_FLAGS,
	BRANCH_SOCKET,
	BRANCH_COUNT,
	BRANCH_RUID,
	BRANCH_INSTANCE,
	BRANCH_WORDS,
	BRANCH_URIQ = BRANCH_WORDS,
};
enum targets { TARGETS_FIRST, TARGETS_ALL, TARGETS_SET };
const char *attr_branch_prepare(struct attr_arg *arg, const struct conf *conf);
int attr_branch(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_branch_uri(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* -ENOENT: there is no such target. */
int attr_branch_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);
int attr_targets(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_target_id(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
int attr_target_add(struct ctx *ctx, const struct attr_arg *arg, const struct value *v);

/* core/msg/attr_auth.c */
enum auth_base { AUTH_OF_ANY, AUTH_OF_UAS, AUTH_OF_PROXY };
enum auth_part {
	AUTH_USERNAME,
	AUTH_USER,   /* before its '@' */
	AUTH_DOMAIN, /* behind it */
	AUTH_REALM,
	AUTH_NONCE,
	AUTH_URI,
	AUTH_RESPONSE,
	AUTH_ALGORITHM,
	AUTH_CNONCE,
	AUTH_OPAQUE,
	AUTH_QOP,
	AUTH_NC,
	AUTH_WHOLE,
};
int attr_auth(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* $Au: "user@realm" of the credentials, or of From "user@host". */
int attr_account(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

/* core/msg/attr_part.c */
enum parts_of { PARTS_OF_FIELD, PARTS_OF_VALUE /* of lists with commas each value counts */ };
const char *attr_part_prepare(struct attr_arg *arg, const struct conf *conf);
int attr_part(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);
/* $hflc(x) */
int attr_list_count(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r);

#define PARTS_ROW(N, OF, HELP)                                                             \
	{                                                                                  \
		.name = N, .get = attr_part, .type = VALUE_STR,                            \
		.tag = ATTR_TAG(PARTS_OF_##OF, PART_WHOLE), .prepare = attr_part_prepare,  \
		.flags = ATTR_INDEX | ATTR_KEY | ATTR_NEEDS_KEY | ATTR_PARTS, .help = HELP \
	}

#define PV_WORDS(PV, GET, SET, LOW, TYPE, HELP)                                                 \
	{                                                                                       \
		.pv = PV, .get = GET, .type = TYPE, .tag = ATTR_TAG(SET, LOW),                  \
		.prepare = attr_words_prepare, .flags = ATTR_KEY | ATTR_NEEDS_KEY, .help = HELP \
	}
#define PV_ADDRESS(PV, BASE, PART, HELP)                                                    \
	{                                                                                   \
		.pv = PV, .get = attr_nameaddr, .set = attr_address_set, .type = VALUE_STR, \
		.tag = ATTR_TAG(BASE, PART), .help = HELP                                   \
	}
#define PV_FLAGS(PV, BASE, PART, TYPE, HELP)                                      \
	{                                                                         \
		.pv = PV, .get = attr_flags, .set = attr_flags_set, .type = TYPE, \
		.tag = ATTR_TAG(FLAGS_##BASE, FLAGS_##PART), .help = HELP         \
	}
#define PV_FLAG(PV, BASE, HELP)                                                        \
	{                                                                              \
		.pv = PV, .get = attr_flags, .set = attr_flags_set, .type = VALUE_INT, \
		.tag = ATTR_TAG(FLAGS_##BASE, 0), .flags = ATTR_KEY | ATTR_NEEDS_KEY,  \
		.prepare = attr_flag_prepare, .help = HELP                             \
	}
#define PV_PLAIN(PV, GET, TYPE, TAG, HELP)                                   \
	{                                                                    \
		.pv = PV, .get = GET, .type = TYPE, .tag = TAG, .help = HELP \
	}
#define PV_SIDE(PV, SIDE, FORM, HELP) \
	PV_PLAIN(PV, attr_origin_uri, VALUE_STR, ATTR_TAG(SIDE_##SIDE, SIDE_##FORM), HELP)
#define PV_AUTH(PV, PART, HELP) \
	PV_PLAIN(PV, attr_auth, VALUE_STR, ATTR_TAG(AUTH_OF_ANY, AUTH_##PART), HELP)
#define PV_TIME(PV, ZONE, HELP)                                                                 \
	{                                                                                       \
		.pv = PV, .get = attr_time, .type = VALUE_INT, .tag = ATTR_TAG(ZONE_##ZONE, 0), \
		.prepare = attr_time_prepare, .flags = ATTR_KEY | ATTR_NEEDS_KEY, .help = HELP  \
	}
#define PV_TIME_FORMAT(NAME, PV, ZONE, FLAGS, HELP)                                 \
	{                                                                           \
		.name = NAME, .pv = PV, .get = attr_time_format, .type = VALUE_STR, \
		.tag = ZONE_##ZONE, .flags = FLAGS, .help = HELP                    \
	}
#define SYSTEM_ROW(NAME, PV, TYPE, PART, HELP)                                                  \
	{                                                                                       \
		.name = NAME, .pv = PV, .get = attr_system, .type = TYPE, .tag = SYSTEM_##PART, \
		.help = HELP                                                                    \
	}

#define PV_ROWS                                                                                    \
	PV_ADDRESS("fu", BASE_FROM, PART_URI, "URI of From"),                                      \
		PV_ADDRESS("fU", BASE_FROM, PART_USER, "user of From's URI"),                      \
		PV_ADDRESS("fd", BASE_FROM, PART_HOST, "host of From's URI"),                      \
		PV_ADDRESS("fn", BASE_FROM, PART_DISPLAY,                                          \
			   "display name of From, with its quotes"),                               \
		PV_ADDRESS("tu", BASE_TO, PART_URI, "URI of To"),                                  \
		PV_ADDRESS("tU", BASE_TO, PART_USER, "user of To's URI"),                          \
		PV_ADDRESS("td", BASE_TO, PART_HOST, "host of To's URI"),                          \
		PV_ADDRESS("tn", BASE_TO, PART_DISPLAY, "display name of To, with its quotes"),    \
		PV_PLAIN("fUl", attr_nameaddr, VALUE_INT, ATTR_TAG(BASE_FROM, PART_USER_LEN),      \
			 "length of $fU"),                                                         \
		PV_PLAIN("tUl", attr_nameaddr, VALUE_INT, ATTR_TAG(BASE_TO, PART_USER_LEN),        \
			 "length of $tU"),                                                         \
		PV_PLAIN("rUl", attr_uri, VALUE_INT, ATTR_TAG(BASE_RURI, PART_USER_LEN),           \
			 "length of $rU"),                                                         \
		PV_PLAIN("oUl", attr_uri, VALUE_INT, ATTR_TAG(BASE_ORIGINAL_URI, PART_USER_LEN),   \
			 "length of $oU"),                                                         \
		PV_PLAIN("oP", attr_uri, VALUE_STR, ATTR_TAG(BASE_ORIGINAL_URI, PART_PROTO),       \
			 "transport of $ou"),                                                      \
		PV_WORDS("msg", attr_msg_word, WORDS_MSG, 0, VALUE_STR,                            \
			 "of the message: len buf body hdrs fline body_len hdrc fpart hdrs_len "   \
			 "lpart"),                                                                 \
		PV_WORDS("via0", attr_via_word, WORDS_VIA, 2, VALUE_STR,                           \
			 "of the first Via: host port proto protoid branch rport received i"),     \
		PV_WORDS("via1", attr_via_word, WORDS_VIA, 3, VALUE_STR, "of the second Via"),     \
		PV_WORDS("viaZ", attr_via_word, WORDS_VIA, 0, VALUE_STR, "of the last Via"),       \
		PV_WORDS("rcv", attr_rcv_word, WORDS_RCV, 0, VALUE_STR,                            \
			 "how it came: af buf len proto srcip rcvip sproto srcport rcvport"),      \
		PV_WORDS("nh", attr_nh_word, WORDS_NH, 0, VALUE_STR,                               \
			 "of $du, or the Request-URI: u U d p P i (4 or 6: the host is an "        \
			 "address)"),                                                              \
		PV_WORDS("K", attr_k_word, WORDS_K, 0, VALUE_INT,                                  \
			 "the family's numbers: IPv4 IPv6 UDP TCP TLS SCTP WS WSS"),               \
		{ .pv = "af",                                                                      \
		  .get = attr_af,                                                                  \
		  .type = VALUE_STR,                                                               \
		  .tag = ATTR_TAG(WORDS_AF, 0),                                                    \
		  .prepare = attr_words_prepare,                                                   \
		  .flags = ATTR_KEY,                                                               \
		  .help = "family of the source: INET or INET6; (name): IPv4 or IPv6, (id)" },     \
		PV_WORDS("expires", attr_expires_word, WORDS_EXPIRES, 0, VALUE_INT,                \
			 "min or max of what Contact and Expires ask for"),                        \
		{ .pv = "hdrc",                                                                    \
		  .get = attr_header_count,                                                        \
		  .type = VALUE_INT,                                                               \
		  .flags = ATTR_KEY | ATTR_NEEDS_KEY | ATTR_VARIES,                                \
		  .help = "how many header fields have that name" },                               \
		{ .pv = "hfl",                                                                     \
		  .get = attr_part,                                                                \
		  .type = VALUE_STR,                                                               \
		  .tag = ATTR_TAG(PARTS_OF_VALUE, PART_WHOLE),                                     \
		  .flags = ATTR_INDEX | ATTR_KEY | ATTR_NEEDS_KEY | ATTR_VARIES,                   \
		  .help = "a value of a header field that is a list with commas" },                \
		{ .pv = "hflc",                                                                    \
		  .get = attr_list_count,                                                          \
		  .type = VALUE_INT,                                                               \
		  .tag = ATTR_TAG(PARTS_OF_VALUE, PART_WHOLE),                                     \
		  .flags = ATTR_KEY | ATTR_NEEDS_KEY | ATTR_VARIES,                                \
		  .help = "how many values header fields of that name have" },                     \
		PV_PLAIN("ruid", attr_target_id, VALUE_STR, 0,                                     \
			 "the registration's id of the Request-URI as a target"),                  \
		PV_FLAGS("mf", MESSAGE, ALL, VALUE_INT, "the message's flags as a number"),        \
		PV_FLAGS("mF", MESSAGE, HEX, VALUE_STR, "the message's flags in hexadecimal"),     \
		PV_FLAG("Mf", MESSAGE, "one flag of the message, 0 or 1"),                         \
		PV_FLAGS("sf", SCRIPT, ALL, VALUE_INT, "the script's flags as a number"),          \
		PV_FLAGS("sF", SCRIPT, HEX, VALUE_STR, "the script's flags in hexadecimal"),       \
		PV_FLAG("Sf", SCRIPT, "one flag of the script, 0 or 1"),                           \
		PV_FLAGS("bf", BRANCH, ALL, VALUE_INT, "the branch flags of the Request-URI"),     \
		PV_FLAGS("bF", BRANCH, HEX, VALUE_STR, "the branch flags in hexadecimal"),         \
		PV_FLAG("Bf", BRANCH, "one branch flag, 0 or 1"),                                  \
		PV_SIDE("su", SOURCE, URI, "source as a URI"),                                     \
		PV_SIDE("sut", SOURCE, URI_FULL, "source as a URI with its transport"),            \
		PV_SIDE("sas", SOURCE, SOCKET, "source as transport:address:port"),                \
		PV_SIDE("siz", SOURCE, IP, "source address"),                                      \
		PV_SIDE("Ru", RECEIVED, URI, "where it was received, as a URI"),                   \
		PV_SIDE("Rut", RECEIVED, URI_FULL, "the same with its transport"),                 \
		PV_SIDE("Ras", RECEIVED, SOCKET, "the same as transport:address:port"),            \
		PV_SIDE("RAi", ADVERTISED, IP, "the advertised address of where it was received"), \
		PV_SIDE("RAu", ADVERTISED, URI, "the same as a URI"),                              \
		PV_SIDE("RAut", ADVERTISED, URI_FULL, "the same with its transport"),              \
		PV_PLAIN("RAp", attr_socket_part, VALUE_INT, SOCKET_ADVERTISED_PORT,               \
			 "the advertised port of where it was received"),                          \
		PV_PLAIN("Rn", attr_socket_part, VALUE_STR, SOCKET_RECEIVED_NAME,                  \
			 "the name of the socket that received it"),                               \
		PV_PLAIN("prid", attr_socket_part, VALUE_INT, SOCKET_PROTO_NUMBER,                 \
			 "the family's number of the transport"),                                  \
		PV_PLAIN("fsp", attr_socket_part, VALUE_INT, SOCKET_SEND_PORT,                     \
			 "the port of the socket to send from"),                                   \
		{ .pv = "fsn",                                                                     \
		  .get = attr_socket_part,                                                         \
		  .set = attr_send_socket_set,                                                     \
		  .type = VALUE_STR,                                                               \
		  .tag = SOCKET_SEND_NAME,                                                         \
		  .help = "the name of the socket to send from" },                                 \
		{ .pv = "branch",                                                                  \
		  .get = attr_branch,                                                              \
		  .set = attr_branch_set,                                                          \
		  .type = VALUE_STR,                                                               \
		  .prepare = attr_branch_prepare,                                                  \
		  .flags = ATTR_KEY | ATTR_NEEDS_KEY | ATTR_INDEX,                                 \
		  .help = "of an additional target: uri dst_uri path q flags send_socket count "   \
			  "ruid "                                                                  \
			  "instance" },                                                            \
		{ .pv = "br",                                                                      \
		  .get = attr_targets,                                                             \
		  .set = attr_target_add,                                                          \
		  .type = VALUE_STR,                                                               \
		  .tag = TARGETS_FIRST,                                                            \
		  .help = "the first additional target; setting it adds one" },                    \
		PV_PLAIN("bR", attr_targets, VALUE_STR, TARGETS_ALL, "all additional targets"),    \
		PV_PLAIN("ds", attr_targets, VALUE_STR, TARGETS_SET,                               \
			 "all targets, as the Contact of a redirection"),                          \
		PV_AUTH("au", USER, "user of the digest credentials, without its domain"),         \
		PV_AUTH("aU", USERNAME, "user of the digest credentials"),                         \
		PV_PLAIN("Au", attr_account, VALUE_STR, 0,                                         \
			 "user@realm of the digest credentials; without any, user@host of From"),  \
		PV_AUTH("ad", DOMAIN, "domain in the user of the digest credentials"),             \
		PV_AUTH("ar", REALM, "realm of the digest credentials"),                           \
		PV_AUTH("adu", URI, "URI of the digest credentials"),                              \
		PV_AUTH("aa", ALGORITHM, "algorithm of the digest credentials"),                   \
		PV_AUTH("adn", NONCE, "nonce of the digest credentials"),                          \
		PV_AUTH("adc", CNONCE, "cnonce of the digest credentials"),                        \
		PV_AUTH("adr", RESPONSE, "response of the digest credentials"),                    \
		PV_AUTH("ado", OPAQUE, "opaque of the digest credentials"),                        \
		PV_TIME("time", LOCAL, "local time: sec min hour mday mon year wday yday isdst"),  \
		PV_TIME("utime", UTC, "the same of UTC"),                                          \
		PV_TIME_FORMAT("sys.now.local", "timef", LOCAL, ATTR_KEY,                          \
			       "local time by strftime(3)'s format"),                              \
		PV_TIME_FORMAT("sys.now.utc", "utimef", UTC, ATTR_KEY,                             \
			       "UTC by strftime(3)'s format"),                                     \
		PV_TIME_FORMAT("sys.now.gmt", NULL, UTC, ATTR_KEY, "UTC by strftime(3)'s format"), \
		PV_TIME_FORMAT(NULL, "Tf", LOCAL, 0, "local time as text"),                        \
		PV_TIME_FORMAT(NULL, "TF", LOCAL_NOW, 0, "the same, now"),                         \
		{ .pv = "TV",                                                                      \
		  .get = attr_stamp,                                                               \
		  .type = VALUE_STR,                                                               \
		  .prepare = attr_stamp_prepare,                                                   \
		  .flags = ATTR_KEY | ATTR_NEEDS_KEY,                                              \
		  .help = "time since 1970: s seconds, u microseconds of them; sn, un, Sn "        \
			  "(both): "                                                               \
			  "now" },                                                                 \
		SYSTEM_ROW("sys.pid", "pp", VALUE_INT, PID, "the process' id"),                    \
		SYSTEM_ROW(NULL, "Ts", VALUE_INT, TIME, "seconds since 1970"),                     \
		SYSTEM_ROW("sys.now", "TS", VALUE_INT, NOW, "the same, now"),                      \
		SYSTEM_ROW("sys.server_id", "sid", VALUE_INT, SERVER_ID, "always 0"),              \
		SYSTEM_ROW("sys.unique", NULL, VALUE_STR, UNIQUE,                                  \
			   "32 hexadecimal digits, others at each reading"),                       \
		SYSTEM_ROW(NULL, "RANDOM", VALUE_INT, RANDOM, "a random number below 2^31"),       \
	{                                                                                          \
		.pv = "version", .get = attr_system, .type = VALUE_STR, .tag = SYSTEM_VERSION,     \
		.prepare = attr_version_prepare, .flags = ATTR_KEY,                                \
		.help = "name and version of this program; (num): the version alone, (full)"       \
	}

/* Digest credentials; N: "authorization". */
#define AUTH_ROW(N, BASE, PART, HELP)                                                         \
	{                                                                                     \
		.name = N, .get = attr_auth, .type = VALUE_STR,                               \
		.tag = ATTR_TAG(AUTH_OF_##BASE, AUTH_##PART), .flags = ATTR_KEY, .help = HELP \
	}
#define AUTH_ROWS(N, BASE)                                                                 \
	AUTH_ROW(N, BASE, WHOLE, "digest credentials, of a realm if one is named"),        \
		AUTH_ROW(N ".username", BASE, USERNAME, "their user"),                     \
		AUTH_ROW(N ".username.user", BASE, USER, "their user without its domain"), \
		AUTH_ROW(N ".username.domain", BASE, DOMAIN, "the domain in their user"),  \
		AUTH_ROW(N ".realm", BASE, REALM, "their realm"),                          \
		AUTH_ROW(N ".nonce", BASE, NONCE, "their nonce"),                          \
		AUTH_ROW(N ".uri", BASE, URI, "their URI"),                                \
		AUTH_ROW(N ".response", BASE, RESPONSE, "their response"),                 \
		AUTH_ROW(N ".algorithm", BASE, ALGORITHM, "their algorithm"),              \
		AUTH_ROW(N ".cnonce", BASE, CNONCE, "their cnonce"),                       \
		AUTH_ROW(N ".opaque", BASE, OPAQUE, "their opaque"),                       \
		AUTH_ROW(N ".qop", BASE, QOP, "their qop"),                                \
		AUTH_ROW(N ".nc", BASE, NC, "their nonce count")

#define BRANCH_ROW(N, TYPE, PART, HELP)                                              \
	{                                                                            \
		.name = "branch." N, .get = attr_branch, .type = TYPE,               \
		.tag = ATTR_TAG(0, BRANCH_##PART), .flags = ATTR_INDEX, .help = HELP \
	}

#endif

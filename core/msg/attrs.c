/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of the core's attributes: every select and pseudo-variable of messages with its getter. */
#include "core/msg/attrs.h"

#include "core/msg/attr_avp.h"
#include "core/msg/attr_pv.h"

#define ROW(NAME, PV, GET, TYPE, TAG, FLAGS, HELP)                                            \
	{                                                                                     \
		.name = NAME, .pv = PV, .get = GET, .type = TYPE, .tag = TAG, .flags = FLAGS, \
		.help = HELP                                                                  \
	}
#define TEXT(NAME, PV, GET, TAG, FLAGS, HELP)	ROW(NAME, PV, GET, VALUE_STR, TAG, FLAGS, HELP)
#define NUMBER(NAME, PV, GET, TAG, FLAGS, HELP) ROW(NAME, PV, GET, VALUE_INT, TAG, FLAGS, HELP)

/* The parts of one URI. N: select name of the URI; F: ATTR_INDEX where the header field repeats. */
#define URI_PART(N, GET, BASE, F, PART, HELP) TEXT(N, NULL, GET, ATTR_TAG(BASE, PART), F, HELP)
#define URI_PARTS(N, GET, BASE, F)                                                                 \
	URI_PART(N ".type", GET, BASE, F, PART_TYPE, "scheme of the URI"),                         \
		URI_PART(N ".user", GET, BASE, F, PART_USER, "user of the URI"),                   \
		URI_PART(N ".pwd", GET, BASE, F, PART_PWD, "password of the URI"),                 \
		URI_PART(N ".host", GET, BASE, F, PART_HOST, "host of the URI"),                   \
		URI_PART(N ".port", GET, BASE, F, PART_PORT, "port as written in the URI"),        \
		URI_PART(N ".hostport", GET, BASE, F, PART_HOSTPORT,                               \
			 "host and port, the default where none is written"),                      \
		URI_PART(N ".params", GET, BASE, (F) | ATTR_KEY, PART_PARAMS,                      \
			 "parameters of the URI, or the one named"),                               \
		URI_PART(N ".transport", GET, BASE, F, PART_TRANSPORT, "its transport parameter"), \
		URI_PART(N ".rn_user", GET, BASE, F, PART_RN_USER,                                 \
			 "user of the URI without what follows a semicolon")
#define URI_ROWS(N, BASE) \
	URI_PART(N, attr_uri, BASE, 0, PART_URI, "the URI"), URI_PARTS(N, attr_uri, BASE, 0)

#define NAMEADDR_ROWS(N, BASE, F)                                                                  \
	TEXT(N, NULL, attr_nameaddr, ATTR_TAG(BASE, PART_WHOLE), F, "the value"),                  \
		TEXT(N ".name", NULL, attr_nameaddr, ATTR_TAG(BASE, PART_NAME), F,                 \
		     "display name without quotes"),                                               \
		TEXT(N ".tag", NULL, attr_nameaddr, ATTR_TAG(BASE, PART_TAG), F, "tag"),           \
		TEXT(N ".params", NULL, attr_nameaddr, ATTR_TAG(BASE, PART_PARAM), (F) | ATTR_KEY, \
		     "parameters, or the one named"),                                              \
		TEXT(N ".uri", NULL, attr_nameaddr, ATTR_TAG(BASE, PART_URI), F, "URI"),           \
		URI_PARTS(N ".uri", attr_nameaddr, BASE, F)
#define CONTACT_ROW(N, NAME, PART, HELP) \
	TEXT(N NAME, NULL, attr_nameaddr, ATTR_TAG(BASE_CONTACT, PART), ATTR_INDEX, HELP)
#define CONTACT_ROWS(N)                                                               \
	NAMEADDR_ROWS(N, BASE_CONTACT, ATTR_INDEX),                                   \
		CONTACT_ROW(N, ".expires", PART_EXPIRES, "its expires parameter"),    \
		CONTACT_ROW(N, ".q", PART_Q, "its q parameter"),                      \
		CONTACT_ROW(N, ".methods", PART_METHODS, "its methods parameter"),    \
		CONTACT_ROW(N, ".received", PART_RECEIVED, "its received parameter"), \
		CONTACT_ROW(N, ".instance", PART_INSTANCE, "its +sip.instance parameter")

#define VIA_ROW(N, TAG, HELP) TEXT(N, NULL, attr_via, TAG, ATTR_INDEX, HELP)
#define VIA_ROWS(N)                                                                         \
	VIA_ROW(N, VIA_WHOLE, "a Via"), VIA_ROW(N ".name", VIA_NAME, "protocol name"),      \
		VIA_ROW(N ".version", VIA_VERSION, "protocol version"),                     \
		VIA_ROW(N ".transport", VIA_TRANSPORT, "transport"),                        \
		VIA_ROW(N ".host", VIA_HOST, "host of sent-by"),                            \
		NUMBER(N ".port", NULL, attr_via, VIA_PORT, ATTR_INDEX, "port of sent-by"), \
		TEXT(N ".params", NULL, attr_via, VIA_PARAMS, ATTR_INDEX | ATTR_KEY,        \
		     "parameters, or the one named"),                                       \
		VIA_ROW(N ".branch", VIA_BRANCH, "branch"),                                 \
		VIA_ROW(N ".received", VIA_RECEIVED, "received"),                           \
		VIA_ROW(N ".rport", VIA_RPORT, "rport"), VIA_ROW(N ".i", VIA_I, "i"),       \
		VIA_ROW(N ".alias", VIA_ALIAS, "\"\" when it has ;alias"),                  \
		VIA_ROW(N ".comment", VIA_COMMENT, "comment")

#define HEADER(N, PV, ID) \
	TEXT(N, PV, attr_header, HDR_##ID, ATTR_INDEX, "a header field's value, folds undone")
#define MSG_ROWS(N)                                                                              \
	TEXT(N, NULL, attr_msg, MSG_PART_ALL, 0, "the message as received"),                     \
		NUMBER(N ".len", NULL, attr_msg, MSG_PART_LENGTH, 0, "its length in bytes"),     \
		TEXT(N ".body", NULL, attr_msg, MSG_PART_BODY, 0, "its body"),                   \
		TEXT(N ".content", NULL, attr_msg, MSG_PART_BODY, 0, "its body"),                \
		TEXT(N ".first_line", NULL, attr_msg, MSG_PART_FIRST_LINE, 0, "its first line"), \
		TEXT(N ".type", NULL, attr_msg, MSG_PART_TYPE, 0, "SIP_REQUEST or SIP_REPLY"),   \
		NUMBER(N ".id", NULL, attr_msg_number, MSG_NUMBER, 0, "its number: $mi"),        \
		TEXT(N ".id.hex", NULL, attr_msg_number, MSG_NUMBER_HEX, 0,                      \
		     "the same in hexadecimal"),                                                 \
		NUMBER(N ".flags", NULL, attr_msg, MSG_PART_FLAGS, 0, "the message's flags"),    \
		PARTS_ROW(N ".header", FIELD,                                                    \
			  "a header field by name, and its parts: .uri.host, .params"),          \
		PARTS_ROW(N ".h", FIELD, "a header field by name, and its parts"),               \
		MSG_REQUEST_ROWS(N ".request"), MSG_REQUEST_ROWS(N ".req"),                      \
		MSG_RESPONSE_ROWS(N ".response"), MSG_RESPONSE_ROWS(N ".res")
#define MSG_REQUEST_ROWS(N)                                                         \
	TEXT(N ".method", NULL, attr_msg, MSG_PART_METHOD, 0, "its method"),        \
		TEXT(N ".version", NULL, attr_msg, MSG_PART_VERSION, 0, "SIP/2.0"), \
		URI_ROWS(N ".uri", BASE_RURI)
#define MSG_RESPONSE_ROWS(N)                                                            \
	NUMBER(N ".status", NULL, attr_msg, MSG_PART_STATUS, 0, "status code"),         \
		NUMBER(N ".code", NULL, attr_msg, MSG_PART_STATUS, 0, "status code"),   \
		TEXT(N ".reason", NULL, attr_msg, MSG_PART_REASON, 0, "reason phrase"), \
		TEXT(N ".version", NULL, attr_msg, MSG_PART_VERSION, 0, "SIP/2.0")

#define PV_RURI(PV, PART, TYPE, HELP)                                          \
	{                                                                      \
		.pv = PV, .get = attr_uri, .set = attr_ruri_set, .type = TYPE, \
		.tag = ATTR_TAG(BASE_RURI, PART), .help = HELP                 \
	}
#define PV_URI(PV, BASE, PART, HELP) TEXT(NULL, PV, attr_uri, ATTR_TAG(BASE, PART), 0, HELP)
#define PV_NAMEADDR(PV, BASE, PART, HELP) \
	TEXT(NULL, PV, attr_nameaddr, ATTR_TAG(BASE, PART), 0, HELP)

#define PV_MANY(PV, BASE, PART, HELP) \
	TEXT(NULL, PV, attr_nameaddr, ATTR_TAG(BASE, PART), ATTR_INDEX, HELP)

const struct attr_def msg_attrs[] = {
	/* URIs */
	URI_ROWS("ruri", BASE_RURI),
	URI_ROWS("request_uri", BASE_RURI),
	URI_ROWS("dst_uri", BASE_DST_URI),
	URI_ROWS("next_hop", BASE_NEXT_HOP),
	PV_RURI("ru", PART_URI, VALUE_STR, "the current Request-URI"),
	PV_RURI("rU", PART_USER, VALUE_STR, "its user"),
	PV_RURI("rd", PART_HOST, VALUE_STR, "its host"),
	PV_RURI("rp", PART_PORT_NUMBER, VALUE_INT, "its port, the default where none is written"),
	PV_URI("rP", BASE_RURI, PART_PROTO, "its transport, udp where none is written"),
	PV_URI("rz", BASE_RURI, PART_TYPE, "its scheme"),
	PV_URI("ou", BASE_ORIGINAL_URI, PART_URI, "the Request-URI as received"),
	PV_URI("oU", BASE_ORIGINAL_URI, PART_USER, "its user"),
	PV_URI("od", BASE_ORIGINAL_URI, PART_HOST, "its host"),
	NUMBER(NULL, "op", attr_uri, ATTR_TAG(BASE_ORIGINAL_URI, PART_PORT_NUMBER), 0,
	       "its port, the default where none is written"),
	{ .pv = "du",
	  .get = attr_uri,
	  .set = attr_dst_uri_set,
	  .type = VALUE_STR,
	  .tag = ATTR_TAG(BASE_DST_URI, PART_URI),
	  .help = "where the request is sent instead of its Route or Request-URI" },
	PV_URI("dd", BASE_DST_URI, PART_HOST, "host of $du"),
	NUMBER(NULL, "dp", attr_uri, ATTR_TAG(BASE_DST_URI, PART_PORT_NUMBER), 0,
	       "port of $du, the default where none is written"),
	PV_URI("dP", BASE_DST_URI, PART_PROTO, "transport of $du, udp where none is written"),

	/* header fields with addresses */
	NAMEADDR_ROWS("from", BASE_FROM, 0),
	NAMEADDR_ROWS("f", BASE_FROM, 0),
	NAMEADDR_ROWS("to", BASE_TO, 0),
	NAMEADDR_ROWS("t", BASE_TO, 0),
	CONTACT_ROWS("contact"),
	CONTACT_ROWS("m"),
	NAMEADDR_ROWS("route", BASE_ROUTE, ATTR_INDEX),
	NAMEADDR_ROWS("record_route", BASE_RECORD_ROUTE, ATTR_INDEX),
	NAMEADDR_ROWS("rr", BASE_RECORD_ROUTE, ATTR_INDEX),
	NAMEADDR_ROWS("refer_to", BASE_REFER_TO, 0),
	NAMEADDR_ROWS("remote_party_id", BASE_RPID, ATTR_INDEX),
	NAMEADDR_ROWS("rpid", BASE_RPID, ATTR_INDEX),
	PV_NAMEADDR("ft", BASE_FROM, PART_TAG, "From's tag"),
	PV_NAMEADDR("tt", BASE_TO, PART_TAG, "To's tag"),
	PV_NAMEADDR("ct", BASE_CONTACT, PART_WHOLE, "the first Contact"),
	PV_NAMEADDR("rt", BASE_REFER_TO, PART_URI, "URI of Refer-To"),
	PV_MANY("ai", BASE_PAI, PART_URI, "URI of P-Asserted-Identity"),
	PV_MANY("pu", BASE_PPI, PART_URI, "URI of P-Preferred-Identity"),
	PV_MANY("pU", BASE_PPI, PART_USER, "its user"),
	PV_MANY("pd", BASE_PPI, PART_HOST, "its host"),
	PV_MANY("pn", BASE_PPI, PART_DISPLAY, "its display name, with its quotes"),
	PV_NAMEADDR("re", BASE_RPID, PART_URI, "URI of Remote-Party-ID"),
	PV_NAMEADDR("di", BASE_DIVERSION, PART_URI, "URI of the first Diversion"),
	PV_NAMEADDR("dir", BASE_DIVERSION, PART_REASON, "its reason"),
	PV_NAMEADDR("dip", BASE_DIVERSION, PART_PRIVACY, "its privacy"),
	PV_NAMEADDR("dic", BASE_DIVERSION, PART_COUNTER, "its counter"),
	PV_NAMEADDR("Pu", BASE_PATH, PART_URI, "URI of the first Path"),

	/* Via, CSeq and the other header fields */
	VIA_ROWS("via"),
	VIA_ROWS("v"),
	TEXT("cseq", "csb", attr_cseq, CSEQ_WHOLE, 0, "CSeq"),
	TEXT("cseq.num", "cs", attr_cseq, CSEQ_NUMBER, 0, "its number"),
	TEXT("cseq.method", NULL, attr_cseq, CSEQ_METHOD, 0, "its method"),
	HEADER("call_id", "ci", CALL_ID),
	HEADER("max_forwards", NULL, MAX_FORWARDS),
	HEADER("content_length", "cl", CONTENT_LENGTH),
	HEADER("content_type", "cT", CONTENT_TYPE),
	HEADER("expires", NULL, EXPIRES),
	HEADER("user_agent", "ua", USER_AGENT),
	HEADER("subject", NULL, SUBJECT),
	HEADER("date", NULL, DATE),
	HEADER("event", NULL, EVENT),
	HEADER("min_se", NULL, MIN_SE),
	HEADER("session_expires", NULL, SESSION_EXPIRES),
	HEADER("server", NULL, SERVER),
	HEADER("identity", NULL, IDENTITY),
	HEADER("supported", NULL, SUPPORTED),
	HEADER("require", NULL, REQUIRE),
	HEADER("allow", NULL, ALLOW),
	TEXT(NULL, "hdr", attr_named_header, 0,
	     ATTR_INDEX | ATTR_KEY | ATTR_NEEDS_KEY | ATTR_VARIES | ATTR_ALL,
	     "a header field by name, folds undone; [*]: all of them, with commas between"),
	PARTS_ROW("hf_value", VALUE,
		  "a value of a header field by name, and its parts: .uri.host, .params"),
	ROW("identity_info", NULL, attr_rare_header, VALUE_STR, RARE_IDENTITY_INFO, ATTR_INDEX,
	    "Identity-Info"),
	ROW("organization", NULL, attr_rare_header, VALUE_STR, RARE_ORGANIZATION, ATTR_INDEX,
	    "Organization"),
	ROW("priority", NULL, attr_rare_header, VALUE_STR, RARE_PRIORITY, ATTR_INDEX, "Priority"),
	ROW("sip_if_match", NULL, attr_rare_header, VALUE_STR, RARE_SIP_IF_MATCH, ATTR_INDEX,
	    "SIP-If-Match"),

	/* the message */
	MSG_ROWS("msg"),
	MSG_ROWS("message"),
	TEXT("method", "rm", attr_msg, MSG_PART_METHOD, 0,
	     "method; of a response that of its CSeq"),
	TEXT("version", "rv", attr_msg, MSG_PART_VERSION, 0, "SIP/2.0"),
	NUMBER("status", "rs", attr_msg, MSG_PART_STATUS, 0, "status code of a response"),
	NUMBER("code", NULL, attr_msg, MSG_PART_STATUS, 0, "status code of a response"),
	TEXT("reason", "rr", attr_msg, MSG_PART_REASON, 0, "reason phrase of a response"),
	NUMBER("msg:len", "ml", attr_msg, MSG_PART_LENGTH, 0, "length of the message"),
	TEXT(NULL, "mb", attr_msg, MSG_PART_ALL, 0, "the message as received"),
	TEXT(NULL, "mbu", attr_msg, MSG_PART_ALL, 0, "the message as received"),
	{ .pv = "rb",
	  .get = attr_msg,
	  .set = attr_body_set,
	  .type = VALUE_STR,
	  .tag = MSG_PART_BODY,
	  .help = "its body; what it is set to leaves with the Content-Type that there is, null "
		  "without one" },
	NUMBER(NULL, "mi", attr_msg_number, MSG_NUMBER, 0,
	       "the message's number among those of its process, $pp"),
	NUMBER(NULL, "rmid", attr_msg_number, MSG_NUMBER_OF_METHOD, 0,
	       "the family's number of the method"),
	NUMBER(NULL, "bs", attr_msg, MSG_PART_BODY_LENGTH, 0, "length of its body"),
	NUMBER(NULL, "mt", attr_msg, MSG_PART_TYPE_NUMBER, 0, "1: a request, 2: a response"),
	TEXT(NULL, "mts", attr_msg, MSG_PART_TYPE_WORD, 0, "rq of a request, rp of a response"),
	NUMBER(NULL, "rsi", attr_msg, MSG_PART_STATUS_OR_0, 0, "status code, 0 of a request"),
	TEXT("uri", NULL, attr_uri, ATTR_TAG(BASE_RURI, PART_URI), 0, "the current Request-URI"),
	TEXT("from_uri", NULL, attr_nameaddr, ATTR_TAG(BASE_FROM, PART_URI), 0, "URI of From"),
	TEXT("to_uri", NULL, attr_nameaddr, ATTR_TAG(BASE_TO, PART_URI), 0, "URI of To"),

	/* where it came from */
	TEXT("src.ip", "si", attr_origin, ORIGIN_SRC_IP, 0, "source address"),
	NUMBER("src.port", "sp", attr_origin, ORIGIN_SRC_PORT, 0, "source port"),
	TEXT("src.ip_port", NULL, attr_origin, ORIGIN_SRC_IP_PORT, 0, "source address and port"),
	TEXT("dst.ip", "Ri", attr_origin, ORIGIN_DST_IP, 0, "address it was received at"),
	NUMBER("dst.port", "Rp", attr_origin, ORIGIN_DST_PORT, 0, "port it was received at"),
	TEXT("dst.ip_port", NULL, attr_origin, ORIGIN_DST_IP_PORT, 0,
	     "address and port it was received at"),
	TEXT("received.ip", NULL, attr_origin, ORIGIN_DST_IP, 0, "address it was received at"),
	NUMBER("received.port", NULL, attr_origin, ORIGIN_DST_PORT, 0, "port it was received at"),
	TEXT("received.ip_port", NULL, attr_origin, ORIGIN_DST_IP_PORT, 0,
	     "address and port it was received at"),
	TEXT("received.proto", NULL, attr_origin, ORIGIN_PROTO, 0, "transport: udp, tcp"),
	TEXT("received.proto_ip_port", NULL, attr_origin, ORIGIN_PROTO_IP_PORT, 0,
	     "transport, address and port it was received at"),
	TEXT("src_ip", NULL, attr_origin, ORIGIN_SRC_IP, 0, "source address"),
	NUMBER("src_port", NULL, attr_origin, ORIGIN_SRC_PORT, 0, "source port"),
	TEXT("dst_ip", NULL, attr_origin, ORIGIN_DST_IP, 0, "address it was received at"),
	NUMBER("dst_port", NULL, attr_origin, ORIGIN_DST_PORT, 0, "port it was received at"),
	TEXT("proto", "proto", attr_origin, ORIGIN_PROTO, 0, "transport: udp, tcp"),
	TEXT(NULL, "pr", attr_origin, ORIGIN_PROTO, 0, "transport: udp, tcp"),
	TEXT("af", NULL, attr_origin, ORIGIN_AF, 0, "INET or INET6"),
	NUMBER(NULL, "conid", attr_origin, ORIGIN_CONN, 0, "id of the connection it came on"),
	{ .pv = "fs",
	  .get = attr_origin,
	  .set = attr_send_socket_set,
	  .type = VALUE_STR,
	  .tag = ORIGIN_SEND_SOCKET,
	  .help = "the socket to send from: \"udp:192.0.2.1:5060\" or its name" },

	/* in onsend_route */
	TEXT(NULL, "snd", attr_send, SEND_TO, ATTR_KEY | ATTR_NEEDS_KEY,
	     "where a message goes, in onsend_route: ip port af proto sproto buf len"),
	TEXT(NULL, "sndto", attr_send, SEND_TO, ATTR_KEY | ATTR_NEEDS_KEY, "the same as $snd"),
	TEXT(NULL, "sndfrom", attr_send, SEND_FROM, ATTR_KEY | ATTR_NEEDS_KEY,
	     "the same with the address that it leaves from"),
	/* credentials, targets, and Kamailio's variables */
	AUTH_ROWS("authorization", UAS),
	AUTH_ROWS("proxy_authorization", PROXY),
	BRANCH_ROW("count", VALUE_INT, COUNT, "how many additional targets there are"),
	BRANCH_ROW("uri", VALUE_STR, URI, "an additional target"),
	BRANCH_ROW("uriq", VALUE_STR, URIQ, "the same with its q"),
	BRANCH_ROW("q", VALUE_STR, Q, "its q"),
	BRANCH_ROW("dst_uri", VALUE_STR, DST_URI, "where it is sent instead"),
	URI_PARTS("branch.uri", attr_branch_uri, BRANCH_URI, ATTR_INDEX),
	URI_PARTS("branch.dst_uri", attr_branch_uri, BRANCH_DST_URI, ATTR_INDEX),
	BRANCH_ROW("uriq.uri", VALUE_STR, URI, "an additional target"),
	URI_PARTS("branch.uriq.uri", attr_branch_uri, BRANCH_URI, ATTR_INDEX),
	PV_ROWS,
	AVP_ROWS,
	{ .get = NULL },
};

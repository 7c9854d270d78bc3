/* SPDX-License-Identifier: BSD-2-Clause */
/* The core's own rows of this layer: parameters, built-in functions, attributes. */
#include "core/msg/funcs.h"

#include "core/msg/attrs.h"
#include "core/msg/drop.h"
#include "core/msg/worker.h"

static const char *loop_detection_set(void *section, struct arena *arena, const struct value *v)
{
	static const struct {
		struct str word;
		enum loop_detection value;
	} words[] = {
		{ STR_INIT("no"), LOOP_NO },
		{ STR_INIT("forked"), LOOP_FORKED },
		{ STR_INIT("all"), LOOP_ALL },
	};
	struct msg_conf *c = section;

	(void)arena;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (v->type == VALUE_STR && str_eq_nocase(v->s, words[i].word)) {
			c->loop_detection = words[i].value;
			return NULL;
		}
	}
	if (v->type == VALUE_INT && v->i == 0) {
		c->loop_detection = LOOP_NO;
		return NULL;
	}
	return "loop_detection is no, forked or all";
}

#define AT(member) offsetof(struct msg_conf, member)

static const struct param_def params[] = {
	{ .name = "loop_detection",
	  .type = P_CALL,
	  .set = loop_detection_set,
	  .live = true,
	  .help = "no, forked (requests sent to several targets only) or all: answer a request "
		  "that came round a loop with 482" },
	{ .name = "server_signature",
	  .type = P_BOOL,
	  .offset = AT(server_signature),
	  .def = 1,
	  .live = true,
	  .help = "put server_header into the answers made here" },
	{ .name = "server_header",
	  .type = P_STR,
	  .offset = AT(server_header),
	  .def_z = "Server: serac",
	  .live = true,
	  .help = "the whole header line, without line end" },
	{ .name = "via_key_file",
	  .type = P_STR,
	  .offset = AT(via_key_file),
	  .help = "a file with a secret of at least 16 bytes: nodes that share it know each "
		  "other's Vias, and Vias outlive a restart" },
	{ .name = "max_suspended",
	  .type = P_INT,
	  .offset = AT(max_suspended),
	  .def = 4096,
	  .min = 1,
	  .max = 1000000,
	  .help = "how many messages may wait (for DNS, …) at a time, in all workers" },
	{ .name = "max_wait",
	  .type = P_MS,
	  .offset = AT(max_wait),
	  .def = 10000,
	  .min = 100,
	  .max = 600000,
	  .unit = 1000,
	  .live = true,
	  .help = "how long a message waits at most for one thing" },
	{ .name = "max_branches",
	  .type = P_INT,
	  .offset = AT(max_branches),
	  .def = 32,
	  .min = 1,
	  .max = 255,
	  .live = true,
	  .help = "targets that one request may have: the Request-URI and what append_branch() "
		  "puts beside it" },
	{ .name = "max_breadth",
	  .type = P_INT,
	  .offset = AT(max_breadth),
	  .def = 60,
	  .min = 0,
	  .max = 65535,
	  .live = true,
	  .help = "how many targets a request may be sent to at one time by all proxies on its way "
		  "(Max-Breadth, RFC 5393): put in where it is missing or larger; 0: passed on as "
		  "it is" },
	{ .name = "edits_visible",
	  .type = P_BOOL,
	  .offset = AT(edits_visible),
	  .live = true,
	  .help = "reads see changed header fields and body at once, as if msg_apply_changes() "
		  "were called behind each function that changes some" },
	{ .name = "retry_after",
	  .type = P_INT,
	  .offset = AT(retry_after),
	  .def = 5,
	  .min = 0,
	  .max = 3600,
	  .live = true,
	  .help = "seconds in the Retry-After of a 503 by which the server as such refuses" },
	{ .name = "overload_lag",
	  .type = P_MS,
	  .offset = AT(overload_lag),
	  .def = 200,
	  .min = 0,
	  .max = 60000,
	  .unit = 1,
	  .live = true,
	  .help = "a message that had to wait longer for a worker is a sign of overload: new "
		  "requests are "
		  "refused with 503; 0: never" },
	{ .name = "max_transactions",
	  .type = P_INT,
	  .offset = AT(max_transactions),
	  .def = 200000,
	  .min = 1,
	  .max = 4000000,
	  .live = true,
	  .help = "with so many in memory new requests are refused with 503" },
	{ .name = "emergency_numbers",
	  .type = P_STR,
	  .offset = AT(emergency_numbers),
	  .def_z = "112,911",
	  .live = true,
	  .help = "user parts of Request-URIs, with commas, that are never refused for overload, "
		  "as urn:service:sos is not" },
	{ .name = "local_rport",
	  .type = P_BOOL,
	  .offset = AT(local_rport),
	  .live = true,
	  .help = "our Via asks for the port that it was seen from (RFC 3581)" },
	{ .name = "onsend_route_reply",
	  .type = P_BOOL,
	  .offset = AT(onsend_route_reply),
	  .live = true,
	  .help = "onsend_route runs before responses are sent on, too" },
	{ .name = NULL, .type = P_END },
};

static const char *check(const struct conf *conf, void *section, struct arena *arena)
{
	struct msg_conf *c = section;

	(void)conf;
	(void)arena;
	if (str_chr(c->server_header, '\r') >= 0 || str_chr(c->server_header, '\n') >= 0)
		return "server_header is one line without line end";
	if (c->server_header.n && str_chr(c->server_header, ':') <= 0)
		return "server_header is a whole header line: \"Server: name\"";
	return overload_numbers_fault(c->emergency_numbers);
}

/* What the script has for this layer's events. */
static int new_generation(struct worker *w, const struct conf *conf)
{
	overload_generation(w, conf);
	return 0;
}

static unsigned section_index;

const struct module_def msg_module = {
	.interface = MODULE_INTERFACE,
	.name = "msg",
	.help = "messages: replies, forwarding, R-URI, attributes",
	.params = params,
	.section_size = sizeof(struct msg_conf),
	.functions = msg_functions,
	.attrs = msg_attrs,
	.counters = &msg_counters,
	.index = &section_index,
	.check = check,
	.new_generation = new_generation,
};

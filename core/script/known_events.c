/* SPDX-License-Identifier: BSD-2-Clause */
/* Which events the modules of the family call a route for. */
#include "core/script/diag.h"
#include "core/script/known.h"

/* One that ends in a colon has a name of the script's own behind it: "htable:expired:calls". */
static const char *const events[] = {
	"async:task-data",
	"async:task-exec",
	"async:timer-exec",
	"cnxcc:call-shutdown",
	"cnxcc:kill_list",
	"core:msg-received",
	"core:overload",
	"core:pre-routing",
	"core:receive-parse-error",
	"core:tkv",
	"core:worker-one-init",
	"corex:reply-out",
	"dialog:end",
	"dialog:failed",
	"dialog:start",
	"dialog:timeout",
	"dispatcher:dst-down",
	"dispatcher:dst-up",
	"dmq:",
	"erlang:",
	"evapi:connection-closed",
	"evapi:connection-new",
	"evapi:message-received",
	"evrexec:",
	"htable:expired:",
	"htable:init",
	"htable:mod-init",
	"http_async_client:callback",
	"ims_registrar_scscf:",
	"kafka:",
	"kazoo:",
	"keepalive:dst-down",
	"keepalive:dst-up",
	"lwsc:",
	"mqtt:connected",
	"mqtt:disconnected",
	"mqtt:message",
	"msrp:frame-in",
	"nats:",
	"ndb_redis:",
	"network:msg",
	"nosip:msg",
	"nsq:",
	"presence:notify-reply",
	"rtimer:",
	"siprepo:",
	"sipcapture:request",
	"sipdump:msg",
	"siptrace:msg",
	"sl:filtered-ack",
	"sl:local-response",
	"tcp:closed",
	"tcp:reset",
	"tcp:timeout",
	"tls:connection-in",
	"tls:connection-out",
	"tm:branch-failure",
	"tm:branch-failure:",
	"tm:continue",
	"tm:local-request",
	"tm:local-response",
	"tm:local-response-sent",
	"tmx:continue",
	"topoh:msg-outgoing",
	"topoh:msg-sending",
	"topos:msg-incoming",
	"topos:msg-outgoing",
	"topos:msg-receiving",
	"topos:msg-sending",
	"uac:reply",
	"usrloc:contact-expired",
	"websocket:closed",
	"websocket:connected",
	"xhttp:request",
	"xmlrpc:request",
};

bool known_event(struct str name, struct nearest *near)
{
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		struct str event = str_z(events[i]);

		if (str_eq(name, event))
			return true;
		if (event.p[event.n - 1] == ':' && name.n > event.n && str_starts(name, event))
			return true;
		nearest_offer(near, event);
	}
	return false;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of transports. */
#include "core/net/net.h"

/* id, name, name in Via, default port, reliable, secure */
#define TRANSPORT_TABLE(X)                       \
	X(UDP, "udp", "UDP", 5060, false, false) \
	X(TCP, "tcp", "TCP", 5060, true, false)  \
	X(TLS, "tls", "TLS", 5061, true, true)

static const struct transport transports[TRANSPORT_IDS] = {
#define X(ID, NAME, VIA, PORT, RELIABLE, SECURE) \
	[TRANSPORT_##ID] = {                     \
		.id = TRANSPORT_##ID,            \
		.name = NAME,                    \
		.via = VIA,                      \
		.port = PORT,                    \
		.reliable = RELIABLE,            \
		.secure = SECURE,                \
	},
	TRANSPORT_TABLE(X)
#undef X
};

const struct transport *transport_find(struct str name)
{
#define X(ID, NAME, VIA, PORT, RELIABLE, SECURE) \
	if (STR_IS(name, NAME))                  \
		return &transports[TRANSPORT_##ID];
	TRANSPORT_TABLE(X)
#undef X
	return NULL;
}

const struct transport *transport_of(enum transport_id id)
{
	return &transports[id];
}

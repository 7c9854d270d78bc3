/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of transports. */
#include "core/net/net.h"

static const struct transport transports[TRANSPORT_IDS] = {
	[TRANSPORT_UDP] = { .id = TRANSPORT_UDP, .name = "udp", .via = "UDP", .port = 5060 },
	[TRANSPORT_TCP] = { .id = TRANSPORT_TCP,
			    .name = "tcp",
			    .via = "TCP",
			    .port = 5060,
			    .reliable = true },
};

const struct transport *transport_find(struct str name)
{
	for (unsigned i = 0; i < TRANSPORT_IDS; i++) {
		if (str_eq_nocase(name, str_z(transports[i].name)))
			return &transports[i];
	}
	return NULL;
}

const struct transport *transport_of(enum transport_id id)
{
	return &transports[id];
}

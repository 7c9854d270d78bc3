/* SPDX-License-Identifier: BSD-2-Clause */
/* What a module that makes connections secure does for this layer: module tls says so once, before the first fork. Without it there are no such
 * connections. */
#ifndef MSG_SECURE_H
#define MSG_SECURE_H

#include "core/msg/ctx.h"

struct secure_choice {
	struct str domain; /* a client domain by name; null: found by address and name */
	struct str name;   /* to be sent and verified; null: the next hop's */
};

struct secure_hooks {
	/* What the script says by attributes about the connection that ctx's request is about to take, for what is null in *c. Texts are in the pool, or
	 * constant. False: there is no such domain (logged). */
	bool (*choose)(struct ctx *ctx, struct secure_choice *c);
	/* What is advertised in place of the socket's address on the connection to t; *host_r and *port_r stay as they are where nothing is. Constant text, or in
	 * the configuration's arena. */
	void (*advertise)(const struct ctx *ctx, const struct target *t, struct str *host_r,
			  uint16_t *port_r);
	/* The same on the connection that the message came by. */
	void (*advertise_back)(const struct ctx *ctx, struct str *host_r, uint16_t *port_r);
};

/* Once, in main, before the first fork: in a module's init(). */
void secure_hooks_set(const struct secure_hooks *hooks);

#endif

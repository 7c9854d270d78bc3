/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts of requests that are made here (RFC 3261 8.1.1, 13.2.2.4). Their top Via is a place for the one that they leave with. */
#ifndef TM_COMPOSE_H
#define TM_COMPOSE_H

#include "modules/tm/api.h"

/* The request that r describes; in p. Null: *wrong_r says why it cannot be. */
struct str compose_request(struct pool *p, const struct tm_request *r, const char **wrong_r);
/* The ACK of a 2xx to the INVITE sent: to the Contact of reply, by its Record-Routes. Null: no memory, or no Contact. */
struct str compose_ack(struct pool *p, const struct sip_msg *sent, struct sip_msg *reply);

#endif

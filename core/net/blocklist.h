/* SPDX-License-Identifier: BSD-2-Clause */
/* Destinations that were found dead, in shared memory, each for a time: requests do not go there (use_dst_blocklist).
 *
 * A fixed table of small buckets; an entry is free when its time is over. Nobody takes a lock and nothing is to be repaired: who adds one makes the entry
 * free, writes what it stands for, and last its time, so that a death in between leaves it free. Two who take one entry at the same moment leave one of
 * their two destinations in it, for the time of one of them. */
#ifndef NET_BLOCKLIST_H
#define NET_BLOCKLIST_H

#include "core/net/net.h"

struct blocklist;

/* Why a destination is listed: Kamailio's bits, as in blst_set_ignore() and dst_blocklist_udp_imask. */
enum block_why {
	BLOCK_SEND = 0x02,    /* it could not be sent to */
	BLOCK_CONNECT = 0x04, /* no connection came up */
	BLOCK_TIMEOUT = 0x10, /* it did not answer a transaction */
	BLOCK_503 = 0x20,     /* it answered 503 */
	BLOCK_SCRIPT = 0x40,  /* the script says so */
};
#define BLOCK_ALL 0xffu

/* "send", "connect", "timeout", "503", "script". */
const char *block_why_name(enum block_why why);

/* Lists where t leads for ms from now on; 0: for dst_blocklist_expire. What is listed already gets the new time. False: nothing was done, because
 * use_dst_blocklist is off, or t or the transport's mask ignores failures of this kind (never BLOCK_SCRIPT). */
bool blocklist_add(struct worker *w, const struct target *t, enum block_why why, uint64_t ms);
/* Whether a request to that address is not to be sent. False when use_dst_blocklist is off. */
bool blocklist_has(struct worker *w, const struct transport *t, const struct addr *a);
/* The same, counted as a request that is not sent there. */
bool blocklist_refuses(struct worker *w, const struct transport *t, const struct addr *a);
/* False: it was not listed. */
bool blocklist_remove(struct worker *w, const struct transport *t, const struct addr *a);
void blocklist_clear(struct worker *w);

struct blocked {
	const struct transport *transport;
	struct addr addr;
	enum block_why why;
	uint64_t left_ms;
};
/* One after the other: start with *at = 0. False: that was all. */
bool blocklist_next(struct worker *w, unsigned *at, struct blocked *b_r);

/* What went wrong with t, as a positive errno, is the peer's or the network's doing: it is listed. */
void blocklist_blame(struct worker *w, const struct target *t, enum block_why why, int reason);

/* --- core/net's own ------------------------------------------------------------------------------------------------------------------- */
/* Bytes of a table that takes kb KiB at most. */
size_t blocklist_size(unsigned kb);
/* Over zeroed shared memory of that size, before the first fork. */
void blocklist_init(struct blocklist *b, unsigned kb);
/* Lines for the status. */
void blocklist_status(struct worker *w);

#endif

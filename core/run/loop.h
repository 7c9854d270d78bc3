/* SPDX-License-Identifier: BSD-2-Clause */
/* One epoll loop of one process. */
#ifndef RUN_LOOP_H
#define RUN_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Somebody who wants to know when a descriptor is ready. The owner unwatches before it closes fd (a close alone does not end the watching
 * while main holds a duplicate). */
struct watch {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT ... as asked for */
	void (*ready)(struct watch *w, uint32_t events);
	bool first; /* served ahead of the others in each turn: UDP sockets */
};

struct loop *loop_new(void);
void loop_drop(struct loop **lp);
/* Level-triggered; exclusive: EPOLLEXCLUSIVE, for sockets that all workers watch. 0 or -errno. */
int loop_watch(struct loop *l, struct watch *w, bool exclusive);
/* Changes what is waited for. */
int loop_change(struct loop *l, struct watch *w, uint32_t events);
/* Legal also when w is not watched. No ready call for it follows, not even in this turn. */
void loop_unwatch(struct loop *l, struct watch *w);
/* Waits at most timeout_ms. Calls after_wait (may be NULL) as soon as waiting ended, then ready for each event. 0 or -errno. */
int loop_turn(struct loop *l, int timeout_ms, void (*after_wait)(void *arg), void *arg);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll, with events of descriptors that are unwatched in the middle of a turn taken out of it. */
#include "core/run/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_A_TURN 256

struct loop {
	int fd;
	int n; /* events of this turn */
	struct epoll_event events[EVENTS_A_TURN];
};

struct loop *loop_new(void)
{
	struct loop *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->fd < 0) {
		free(l);
		return NULL;
	}
	return l;
}

void loop_drop(struct loop **lp)
{
	struct loop *l = *lp;

	*lp = NULL;
	if (!l)
		return;
	close(l->fd);
	free(l);
}

static int control(struct loop *l, int op, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	return epoll_ctl(l->fd, op, w->fd, &e) ? -errno : 0;
}

int loop_watch(struct loop *l, struct watch *w, bool exclusive)
{
	return control(l, EPOLL_CTL_ADD, w, w->events | (exclusive ? EPOLLEXCLUSIVE : 0));
}

int loop_change(struct loop *l, struct watch *w, uint32_t events)
{
	int err = 0;

	if (events != w->events)
		err = control(l, EPOLL_CTL_MOD, w, events);
	if (!err)
		w->events = events;
	return err;
}

void loop_unwatch(struct loop *l, struct watch *w)
{
	if (w->fd >= 0)
		control(l, EPOLL_CTL_DEL, w, 0);
	for (int i = 0; i < l->n; i++) {
		if (l->events[i].data.ptr == w)
			l->events[i].data.ptr = NULL;
	}
}

static void dispatch(struct loop *l, bool first)
{
	for (int i = 0; i < l->n; i++) {
		struct watch *w = l->events[i].data.ptr;

		if (!w || w->first != first)
			continue;
		l->events[i].data.ptr = NULL;
		w->ready(w, l->events[i].events);
	}
}

int loop_turn(struct loop *l, int timeout_ms, void (*after_wait)(void *arg), void *arg)
{
	int n = epoll_wait(l->fd, l->events, EVENTS_A_TURN, timeout_ms);
	int err = n < 0 && errno != EINTR ? -errno : 0;

	if (after_wait)
		after_wait(arg);
	l->n = n > 0 ? n : 0;
	dispatch(l, true);
	dispatch(l, false);
	l->n = 0;
	return err;
}

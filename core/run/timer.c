/* SPDX-License-Identifier: BSD-2-Clause */
/* A wheel of six levels with 64 places each: a timer stands in the level of the highest six-bit digit in which its time differs from now, so that
 * every place of a level lies ahead of now and the first occupied one is found by its bitmap. */
#include "core/run/timer.h"

#include "core/base/must.h"

#include <stdlib.h>

#define LEVELS 6u
#define DIGIT  6u
#define PLACES (1u << DIGIT)

struct timers {
	uint64_t clock; /* the time that timers count from */
	uint64_t now;	/* how far the wheel has turned: behind clock while something is due */
	uint64_t occupied[LEVELS];
	struct list places[LEVELS][PLACES];
};

struct timers *timers_new(uint64_t now)
{
	struct timers *ts = calloc(1, sizeof(*ts));

	if (!ts)
		return NULL;
	ts->clock = ts->now = now;
	for (unsigned l = 0; l < LEVELS; l++) {
		for (unsigned p = 0; p < PLACES; p++)
			list_init(&ts->places[l][p]);
	}
	return ts;
}

void timers_drop(struct timers **tp)
{
	free(*tp);
	*tp = NULL;
}

void timer_init(struct timer *t, struct timers *timers, void (*fire)(struct timer *t))
{
	*t = (struct timer){ .timers = timers, .fire = fire };
	list_init(&t->link);
}

static unsigned level_of(uint64_t now, uint64_t at)
{
	uint64_t differs = now ^ at;

	return differs ? (63 - (unsigned)__builtin_clzll(differs)) / DIGIT : 0;
}

static void place_timer(struct timers *ts, struct timer *t)
{
	unsigned level = level_of(ts->now, t->at);
	unsigned place = (unsigned)(t->at >> (DIGIT * level)) & (PLACES - 1);

	MUST(level < LEVELS);
	list_append(&ts->places[level][place], &t->link);
	ts->occupied[level] |= 1ull << place;
}

void timer_start(struct timer *t, uint32_t ms)
{
	timer_stop(t);
	t->at = t->timers->clock + ms;
	place_timer(t->timers, t);
}

void timer_stop(struct timer *t)
{
	/* the bit of a place that became empty is cleared when the wheel comes to it */
	list_remove(&t->link);
	t->at = 0;
}

uint64_t timers_now(const struct timers *timers)
{
	return timers->clock;
}

/* The next occupied place: when it begins. False: there is none. Clears the bits of places that turned out empty. */
static bool next_place(struct timers *ts, unsigned *level_r, unsigned *place_r, uint64_t *at_r)
{
	for (unsigned l = 0; l < LEVELS; l++) {
		while (ts->occupied[l]) {
			unsigned place = (unsigned)__builtin_ctzll(ts->occupied[l]);
			unsigned shift = DIGIT * l;

			if (list_is_empty(&ts->places[l][place])) {
				ts->occupied[l] &= ~(1ull << place);
				continue;
			}
			*level_r = l;
			*place_r = place;
			*at_r = (ts->now >> (shift + DIGIT) << (shift + DIGIT)) | (uint64_t)place
											  << shift;
			return true;
		}
	}
	return false;
}

void timers_now_set(struct timers *ts, uint64_t now)
{
	if (now > ts->clock)
		ts->clock = now;
}

/* All of a place at once: the wheel must not turn while some of its timers still stand too high. */
static void cascade(struct timers *ts, unsigned level, unsigned place)
{
	struct list *link;

	while ((link = list_take_first(&ts->places[level][place])) != NULL)
		place_timer(ts, container_of(link, struct timer, link));
}

int timers_run(struct timers *ts, uint64_t now, unsigned max)
{
	unsigned level, place;
	uint64_t at;

	timers_now_set(ts, now);
	while (next_place(ts, &level, &place, &at)) {
		struct list *link;
		struct timer *t;

		if (at > now) {
			ts->now = now > ts->now ? now : ts->now;
			at -= ts->now;
			return at > INT32_MAX ? INT32_MAX : (int)at;
		}
		if (at > ts->now)
			ts->now = at;
		if (level > 0) {
			cascade(ts, level, place);
			continue;
		}
		link = list_take_first(&ts->places[0][place]);
		t = container_of(link, struct timer, link);
		if (max-- == 0) {
			list_prepend(&ts->places[0][place], link);
			return 0;
		}
		t->at = 0;
		t->fire(t);
	}
	if (now > ts->now)
		ts->now = now;
	return -1;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Open addressing; a hole is closed by moving back what was displaced over it. */
#include "core/net/sources.h"

#include "core/base/must.h"

#include <stdlib.h>

struct source {
	uint64_t key;
	uint32_t family; /* 0: a free place */
	uint32_t count;
};

struct sources {
	struct mac_key key;
	uint32_t mask;
	struct source places[];
};

struct sources *sources_new(unsigned n)
{
	uint32_t places = 64;
	struct sources *s;

	while (places < 2 * n)
		places *= 2;
	s = calloc(1, sizeof(*s) + places * sizeof(s->places[0]));
	if (!s)
		return NULL;
	s->mask = places - 1;
	random_bytes(&s->key, sizeof(s->key));
	return s;
}

void sources_drop(struct sources **sp)
{
	free(*sp);
	*sp = NULL;
}

static struct source source_of(const struct addr *a)
{
	struct source source = { .family = a->sa.sa_family };

	if (a->sa.sa_family == AF_INET6)
		memcpy(&source.key, &a->v6.sin6_addr, sizeof(source.key));
	else
		source.key = a->v4.sin_addr.s_addr;
	return source;
}

static uint32_t home_of(const struct sources *s, const struct source *source)
{
	return (uint32_t)mac_of(&s->key, str_of((const char *)&source->key, sizeof(source->key))) &
	       s->mask;
}

/* Its place, or the free one where it would stand. */
static uint32_t place_of(const struct sources *s, const struct source *source)
{
	uint32_t i = home_of(s, source);

	while (s->places[i].family &&
	       (s->places[i].family != source->family || s->places[i].key != source->key))
		i = (i + 1) & s->mask;
	return i;
}

unsigned sources_count(const struct sources *s, const struct addr *a)
{
	struct source source = source_of(a);

	return s->places[place_of(s, &source)].count;
}

void sources_add(struct sources *s, const struct addr *a)
{
	struct source source = source_of(a), *place = &s->places[place_of(s, &source)];

	if (!place->family)
		*place = source;
	place->count++;
}

void sources_remove(struct sources *s, const struct addr *a)
{
	struct source source = source_of(a);
	uint32_t hole = place_of(s, &source), i = hole;

	MUST(s->places[hole].count > 0);
	if (--s->places[hole].count)
		return;
	for (;;) {
		i = (i + 1) & s->mask;
		if (!s->places[i].family)
			break;
		/* one whose way from home leads over the hole moves into it */
		if (((i - home_of(s, &s->places[i])) & s->mask) >= ((i - hole) & s->mask)) {
			s->places[hole] = s->places[i];
			hole = i;
		}
	}
	s->places[hole] = (struct source){ 0 };
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash table with a list in the order of use. */
#include "core/net/answers.h"

#include "core/base/list.h"

#include <stdio.h>
#include <stdlib.h>

struct kept_answer {
	struct list chain, used;
	uint64_t expires;
	int family;
	struct answer answer;
	size_t n;
	char name[];
};

struct answers {
	struct mac_key key;
	struct list used; /* the least recently used first */
	unsigned n, max;
	uint32_t mask;
	struct list chains[];
};

struct answers *answers_new(unsigned max)
{
	uint32_t chains = 64;
	struct answers *a;

	while (chains < max)
		chains *= 2;
	a = malloc(sizeof(*a) + chains * sizeof(a->chains[0]));
	if (!a)
		return NULL;
	a->n = 0;
	a->max = max;
	a->mask = chains - 1;
	random_bytes(&a->key, sizeof(a->key));
	list_init(&a->used);
	for (uint32_t i = 0; i < chains; i++)
		list_init(&a->chains[i]);
	return a;
}

static void forget(struct answers *a, struct kept_answer *k)
{
	list_remove(&k->chain);
	list_remove(&k->used);
	a->n--;
	free(k);
}

void answers_drop(struct answers **ap)
{
	struct answers *a = *ap;

	*ap = NULL;
	if (!a)
		return;
	while (!list_is_empty(&a->used))
		forget(a, container_of(a->used.next, struct kept_answer, used));
	free(a);
}

static struct list *chain_of(struct answers *a, struct str name)
{
	return &a->chains[mac_of(&a->key, name) & a->mask];
}

static struct kept_answer *find(struct answers *a, struct str name, int family)
{
	list_for_each (l, chain_of(a, name)) {
		struct kept_answer *k = container_of(l, struct kept_answer, chain);

		if (k->family == family && str_eq(str_of(k->name, k->n), name))
			return k;
	}
	return NULL;
}

const struct answer *answers_find(struct answers *a, struct str name, int family, uint64_t now)
{
	struct kept_answer *k = find(a, name, family);

	if (!k)
		return NULL;
	if (k->expires <= now) {
		forget(a, k);
		return NULL;
	}
	list_remove(&k->used);
	list_append(&a->used, &k->used);
	return &k->answer;
}

void answers_put(struct answers *a, struct str name, int family, const struct answer *answer,
		 uint64_t expires)
{
	struct kept_answer *k = find(a, name, family);

	if (k)
		forget(a, k);
	while (a->n >= a->max)
		forget(a, container_of(a->used.next, struct kept_answer, used));
	k = malloc(sizeof(*k) + name.n);
	if (!k)
		return;
	k->expires = expires;
	k->family = family;
	k->answer = *answer;
	k->n = name.n;
	memcpy(k->name, name.p, name.n);
	list_append(chain_of(a, name), &k->chain);
	list_append(&a->used, &k->used);
	a->n++;
}

/* --- the hosts file -------------------------------------------------------------------------------------------------------------- */
/* The next word of a line, in lower case in place. */
static bool word_next(char **p, struct str *word_r)
{
	char *at = *p + strspn(*p, " \t\r\n");
	size_t n = strcspn(at, " \t\r\n#");

	*p = at + n;
	*word_r = str_of(at, n);
	for (size_t i = 0; i < n; i++)
		at[i] = char_lower(at[i]);
	return n > 0;
}

unsigned answers_read_hosts(struct answers *a, const char *path_z)
{
	FILE *f = fopen(path_z, "re");
	char line[1024];
	unsigned lines = 0;

	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		char *p = line;
		struct str word;
		struct addr addr;

		if (!word_next(&p, &word) || addr_parse(word, &addr))
			continue;
		lines++;
		while (a->n < a->max && word_next(&p, &word)) {
			const struct answer *had = answers_find(a, word, AF_UNSPEC, 0);
			struct answer more = { 0 };

			if (had)
				more = *had;
			if (more.n < RESOLVE_ADDRS)
				more.addrs[more.n++] = addr;
			answers_put(a, word, AF_UNSPEC, &more, UINT64_MAX);
		}
	}
	fclose(f);
	return lines;
}

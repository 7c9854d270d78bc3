/* SPDX-License-Identifier: BSD-2-Clause */
/* Which certificates are told of, and who does it when. */
#include "modules/tls/expiry.h"

#include "modules/tls/counters.h"

#include <errno.h>
#include <time.h>

#define DAY_S  86400
#define DAY_MS (86400u * 1000u)

struct expiry {
	_Atomic uint64_t next; /* clock_ms at which it is looked again; 0: it never was */
};

static struct expiry *expiry; /* shared, made before the first fork */
static struct timer daily;    /* this process's; runs in slot 0 */

/* A whole number, rounded down: one that ends today has 0 days left. */
static int64_t days_left(const struct tls_key *k, int64_t now)
{
	int64_t left = k->not_after - now;

	return left >= 0 ? left / DAY_S : -((-left + DAY_S - 1) / DAY_S);
}

static struct str date_text(int64_t when, char *text, size_t size)
{
	time_t t = (time_t)when;
	struct tm tm;
	size_t n = gmtime_r(&t, &tm) ? strftime(text, size, "%b %e %H:%M:%S %Y GMT", &tm) : 0;

	return str_of(text, n);
}

/* Several domains may have the same file: it is told of once. */
static bool is_first_of_file(const struct tls_conf *c, unsigned domain, unsigned key)
{
	struct str file = c->domains[domain].keys[key].certificate_file;

	for (unsigned i = 0; i <= domain; i++) {
		const struct tls_domain *d = &c->domains[i];

		for (unsigned k = 0; k < d->keys_n && (i < domain || k < key); k++) {
			if (str_eq(d->keys[k].certificate_file, file))
				return false;
		}
	}
	return true;
}

static void warn(const struct tls_domain *d, const struct tls_key *k, int64_t now)
{
	int64_t days = days_left(k, now);
	char text[64];
	struct str date = date_text(k->not_after, text, sizeof(text));

	tls_count(TLS_COUNT_EXPIRY_WARNINGS);
	if (days < 0)
		log_err("tls", "a certificate has expired", KV_STR("file", k->certificate_file),
			KV_STR("domain", d->text), KV_STR("not_after", date),
			KV_Z("hint", "put a new one there and reload"));
	else
		log_warn("tls", "a certificate expires soon", KV_STR("file", k->certificate_file),
			 KV_STR("domain", d->text), KV_STR("not_after", date), KV_INT("days", days),
			 KV_Z("hint", "put a new one there and reload"));
}

unsigned tls_expiry_warn(const struct tls_conf *c, int64_t now)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->domains_n; i++) {
		const struct tls_domain *d = &c->domains[i];

		for (unsigned k = 0; k < d->keys_n; k++) {
			if (days_left(&d->keys[k], now) >= TLS_EXPIRY_DAYS ||
			    !is_first_of_file(c, i, k))
				continue;
			warn(d, &d->keys[k], now);
			n++;
		}
	}
	return n;
}

void tls_expiry_summary(const struct tls_conf *c, int64_t now)
{
	char text[64];

	for (unsigned i = 0; i < c->domains_n; i++) {
		const struct tls_domain *d = &c->domains[i];

		for (unsigned k = 0; k < d->keys_n; k++)
			log_notice("tls", "certificate", KV_STR("domain", d->text),
				   KV_STR("name", d->name),
				   KV_STR("file", d->keys[k].certificate_file),
				   KV_STR("not_after",
					  date_text(d->keys[k].not_after, text, sizeof(text))),
				   KV_INT("days", days_left(&d->keys[k], now)));
	}
}

/* --- each day ------------------------------------------------------------------------------------------------------------------------- */

static struct worker *looker; /* this process's worker */

static void day_over(struct timer *t)
{
	const struct tls_conf *c = tls_conf_of(worker_conf(looker));

	atomic_store(&expiry->next, looker->now + DAY_MS);
	timer_start(t, DAY_MS);
	if (c->enabled)
		(void)tls_expiry_warn(c, time(NULL));
}

int tls_expiry_open(struct run *run)
{
	expiry = chunk_alloc(run->shm, sizeof(*expiry), ID_MAKE(ID_CORE, 0, 0));
	if (!expiry)
		return -ENOMEM;
	atomic_init(&expiry->next, 0);
	chunk_publish(run->shm, expiry);
	return 0;
}

void tls_expiry_start(struct worker *w)
{
	uint64_t next = atomic_load(&expiry->next);

	if (w->n)
		return;
	looker = w;
	timer_init(&daily, w->timers, day_over);
	timer_start(&daily, next > w->now ? (uint32_t)(next - w->now) : 0);
}

void tls_expiry_stop(struct worker *w)
{
	if (!w->n)
		timer_stop(&daily);
}

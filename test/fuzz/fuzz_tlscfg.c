/* SPDX-License-Identifier: BSD-2-Clause */
/* Kamailio's tls.cfg: whatever stands in it is read, or told with a place that lies in the file. */
/* parts: modules/tls/conf modules/tls/file modules/tls/words */
#include "fuzz.h"
#include "modules/tls/conf.h"

static struct pool *pool;

static void require_place(const struct pos *at, const struct source *src)
{
	REQUIRE(at->src == src && at->line >= 1 && at->col >= 1);
	REQUIRE(at->at <= src->text.n && at->len >= 1);
}

static void require_said(const struct tls_said *said, const struct source *src)
{
	for (unsigned w = 0; w < TLS_WORDS; w++) {
		const struct setting *s = said->words[w];
		const struct tls_name *name = s ? tls_name_find(s->name) : NULL;

		if (!s)
			continue;
		REQUIRE(name && name->word == w);
		REQUIRE(inside(s->name, src->text) && inside(s->text, src->text));
		require_place(&s->name_pos, src);
		require_place(&s->value_pos, src);
		REQUIRE(str_eq(s->name, str_head(str_skip(src->text, s->name_pos.at), s->name.n)));
		(void)tls_word_number((enum tls_word)w, s);
	}
}

/* A value that is understood alone says which of them it was. */
static void require_place_text(struct str text)
{
	struct tls_place place, again;

	if (tls_place_parse(text, TLS_SERVER, &place))
		return;
	REQUIRE(!tls_place_parse(text, TLS_SERVER, &again) && tls_place_eq(&place, &again));
	REQUIRE(!place.is_default || place.addr.sa.sa_family == AF_UNSPEC);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tls_settings *t;
	struct source *src;
	struct diag diag;

	if (!pool)
		pool = pool_new(4096, 1 << 24);
	REQUIRE(pool);
	pool_reset(pool);
	diag_init(&diag, pool);
	t = tls_settings_new(pool);
	src = source_text(pool, "tls.cfg", str_of((const char *)data, size));
	REQUIRE(t && src);
	tls_file_parse(t, src, &diag);
	REQUIRE(t->broken == (diag.errors > 0));
	for (unsigned role = 0; role < TLS_DEFAULTS; role++)
		require_said(&t->defaults[role], src);
	for (const struct tls_said *d = t->domains; d; d = d->next) {
		REQUIRE(!d->place.is_default && inside(d->text, src->text));
		require_place(&d->at, src);
		require_said(d, src);
	}
	require_place_text(src->text);
	return 0;
}

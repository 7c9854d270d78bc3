/* SPDX-License-Identifier: BSD-2-Clause */
/* From parameters and blocks to what was said of each domain. */
#include "modules/tls/conf.h"

/* --- places ---------------------------------------------------------------------------------------------------------------------- */

static bool role_take(struct str *text, enum tls_role *role)
{
	static const struct {
		const char *word;
		enum tls_role role;
	} roles[] = { { "client:", TLS_CLIENT }, { "cli:", TLS_CLIENT }, { "c:", TLS_CLIENT },
		      { "server:", TLS_SERVER }, { "srv:", TLS_SERVER }, { "s:", TLS_SERVER } };

	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		struct str word = str_z(roles[i].word);

		if (!str_starts_nocase(*text, word))
			continue;
		*role = roles[i].role;
		*text = str_trim(str_skip(*text, word.n));
		return true;
	}
	return false;
}

static bool is_one_of(struct str text, const char *const *words)
{
	while (*words && !str_eq_nocase(text, str_z(*words)))
		words++;
	return *words;
}

const char *tls_place_parse(struct str text, enum tls_role role, struct tls_place *place_r)
{
	static const char *const defaults[] = { "default", "def", "*", NULL };
	static const char *const any[] = { "any", "all", NULL };
	struct tls_place place = { .role = role };

	text = str_trim(text);
	role_take(&text, &place.role);
	if (is_one_of(text, defaults))
		place.is_default = true;
	else if (!is_one_of(text, any) && addr_port_parse(text, &place.addr) &&
		 addr_parse(text, &place.addr))
		return "an address with its port, or \"default\", stands here";
	*place_r = place;
	return NULL;
}

bool tls_place_eq(const struct tls_place *a, const struct tls_place *b)
{
	return a->role == b->role && a->is_default == b->is_default &&
	       a->addr.sa.sa_family == b->addr.sa.sa_family &&
	       (!a->addr.sa.sa_family || addr_eq(&a->addr, &b->addr)) &&
	       str_eq_nocase(a->name, b->name);
}

/* --- what is said ---------------------------------------------------------------------------------------------------------------- */

struct tls_settings *tls_settings_new(struct pool *pool)
{
	struct tls_settings *t = pool_zalloc(pool, sizeof(*t));

	if (!t)
		return NULL;
	t->enabled = true;
	t->domains_tail = &t->domains;
	t->sockets_tail = &t->sockets;
	t->defaults[TLS_SERVER].text = STR("tls_domain[default]");
	t->defaults[TLS_CLIENT].text = STR("tls_domain[client:default]");
	for (unsigned role = 0; role < TLS_DEFAULTS; role++)
		t->defaults[role].place =
			(struct tls_place){ .role = (enum tls_role)role, .is_default = true };
	return t;
}

static struct tls_said *said_new(struct pool *pool, const struct tls_place *place, struct str text,
				 struct pos at)
{
	struct tls_said *said = pool_zalloc(pool, sizeof(*said));

	if (!said)
		return NULL;
	said->place = *place;
	said->text = text;
	said->at = at;
	return said;
}

struct tls_said *tls_settings_domain(struct tls_settings *t, struct pool *pool,
				     const struct tls_place *place, struct str text, struct pos at)
{
	struct tls_said *said;

	if (place->is_default) {
		t->defaults[place->role].at = at;
		return &t->defaults[place->role];
	}
	said = said_new(pool, place, text, at);
	if (!said)
		return NULL;
	*t->domains_tail = said;
	t->domains_tail = &said->next;
	return said;
}

/* What "ip:port=value" says of that socket, in all its lines together. */
static struct tls_said *socket_of(struct tls_settings *t, struct pool *pool,
				  const struct tls_place *place, struct str text, struct pos at)
{
	struct tls_said *said = t->sockets;

	if (place->is_default)
		return &t->defaults[place->role];
	while (said && !tls_place_eq(&said->place, place))
		said = said->next;
	if (said)
		return said;
	said = said_new(pool, place, text, at);
	if (!said)
		return NULL;
	*t->sockets_tail = said;
	t->sockets_tail = &said->next;
	return said;
}

static void no_memory(struct tls_settings *t, const struct setting *s, struct diag *diag)
{
	if (t)
		t->broken = true;
	diag_error(diag, s->name_pos, NULL, "not enough memory");
}

static const struct tls_name *name_of(struct tls_settings *t, const struct setting *s,
				      struct diag *diag)
{
	const struct tls_name *name = tls_name_find(s->name);
	struct nearest near = nearest_to(s->name);

	if (!name) {
		tls_names_offer(&near);
		diag_error(diag, s->name_pos, NULL, "a TLS domain has no \"" STRF "\"%s",
			   STRA(s->name), nearest_z(&near, diag->pool));
	} else if (tls_word_check(name->word, s, diag)) {
		return name;
	}
	t->broken = true;
	return NULL;
}

void tls_said_take(struct tls_settings *t, struct tls_said *said, const struct setting *s,
		   struct diag *diag)
{
	const struct tls_name *name = name_of(t, s, diag);

	if (name)
		said->words[name->word] = s;
}

/* --- parameters ------------------------------------------------------------------------------------------------------------------- */

/* The settings of a section, which is made when the first is read. */
static struct tls_settings *settings_of(void *section, const struct setting *s, struct diag *diag)
{
	struct tls_conf *c = section;

	if (!c->settings)
		c->settings = tls_settings_new(diag->pool);
	if (!c->settings)
		no_memory(NULL, s, diag);
	return c->settings;
}

/* "10.0.0.1:5061=value": where the value begins; 0: it is no such text. */
static size_t place_length(const struct setting *s, struct tls_place *place_r)
{
	ssize_t is = s->kind == SETTING_INT ? -1 : str_chr(s->text, '=');

	if (is <= 0 || tls_place_parse(str_head(s->text, (size_t)is), TLS_SERVER, place_r))
		return 0;
	return (size_t)is + 1;
}

/* Of a domain that was named before the value. */
static void take_placed(struct tls_settings *t, const struct setting *s,
			const struct tls_place *place, size_t at, struct diag *diag)
{
	struct setting *value = pool_alloc(diag->pool, sizeof(*value));
	struct tls_said *said =
		socket_of(t, diag->pool, place, str_head(s->text, at - 1), s->value_pos);

	if (!value || !said) {
		no_memory(t, s, diag);
		return;
	}
	*value = *s;
	value->text = str_trim(str_skip(s->text, at));
	tls_said_take(t, said, value, diag);
}

void tls_conf_take(void *section, const struct setting *s, struct diag *diag)
{
	struct tls_settings *t = settings_of(section, s, diag);
	const struct tls_name *name;
	struct tls_place place;
	size_t at;

	if (!t)
		return;
	at = place_length(s, &place);
	if (at) {
		take_placed(t, s, &place, at, diag);
		return;
	}
	name = name_of(t, s, diag);
	for (unsigned role = 0; name && role < TLS_DEFAULTS; role++)
		if (name->roles[role])
			t->plain[role].words[name->word] = s;
	if (name && !name->roles[TLS_SERVER] && !name->roles[TLS_CLIENT]) {
		t->broken = true;
		diag_error(diag, s->name_pos, "write \"10.0.0.1:5061=value\", or a block",
			   "\"" STRF "\" is said of one domain, and none is named", STRA(s->name));
	}
}

void tls_conf_take_file(void *section, const struct setting *s, struct diag *diag)
{
	struct tls_settings *t = settings_of(section, s, diag);

	if (t)
		t->file = s;
}

void tls_conf_take_ticket_file(void *section, const struct setting *s, struct diag *diag)
{
	struct tls_settings *t = settings_of(section, s, diag);

	if (t)
		t->ticket_file = s;
}

void tls_conf_take_switch(void *section, const struct setting *s, struct diag *diag)
{
	struct tls_settings *t = settings_of(section, s, diag);
	bool disables = str_find(s->name, STR("disable")) >= 0, on;

	if (!t)
		return;
	if (setting_bool(s, &on)) {
		t->enabled = on != disables;
		return;
	}
	t->broken = true;
	diag_error(diag, s->value_pos, NULL, "\"" STRF "\" is yes or no", STRA(s->name));
}

/* --- blocks ------------------------------------------------------------------------------------------------------------------------ */

/* word[key] as it was written. */
static struct str block_text(const struct block *b, struct pool *pool)
{
	size_t cap = b->word.n + b->key.n + sizeof("[\"\"]"); /* and the NUL of buf_fmt() */
	char *p = pool_alloc(pool, cap);
	struct buf out = buf_over(p, p ? cap : 0);
	const char *quote = b->key_is_quoted ? "\"" : "";

	buf_fmt(&out, STRF "[%s" STRF "%s]", STRA(b->word), quote, STRA(b->key), quote);
	return buf_str(&out);
}

static bool block_place(const struct block *b, struct tls_place *place_r, struct diag *diag)
{
	const bool is_client = str_eq(b->word, STR("tls_client_domain"));
	const char *wrong;

	if (b->key_is_quoted && is_client && b->key.n) {
		*place_r = (struct tls_place){ .role = TLS_CLIENT, .name = b->key };
		return true;
	}
	if (b->key_is_quoted) {
		diag_error(diag, b->key_pos,
			   "write tls_domain[10.0.0.1:5061] { server_name = \"...\" }",
			   "only tls_client_domain has a name in its brackets");
		return false;
	}
	wrong = tls_place_parse(b->key, is_client ? TLS_CLIENT : TLS_SERVER, place_r);
	if (wrong)
		diag_error(diag, b->key_pos, is_client ? "a name is written in quotes" : NULL,
			   "cannot make a TLS domain of \"" STRF "\": %s", STRA(b->key), wrong);
	return !wrong;
}

void tls_conf_take_block(void *section, const struct block *b, struct diag *diag)
{
	struct setting at = { .name_pos = b->word_pos };
	struct tls_settings *t = settings_of(section, &at, diag);
	struct tls_said *said;
	struct tls_place place;

	if (!t)
		return;
	if (!block_place(b, &place, diag)) {
		t->broken = true;
		return;
	}
	said = tls_settings_domain(t, diag->pool, &place, block_text(b, diag->pool), b->word_pos);
	if (!said) {
		no_memory(t, &at, diag);
		return;
	}
	for (const struct setting *s = b->settings; s; s = s->next)
		tls_said_take(t, said, s, diag);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What was said about TLS, in whichever form, gathered by domain. It lies in the pool of the script that is being loaded and ends with it. */
#ifndef TLS_CONF_H
#define TLS_CONF_H

#include "modules/tls/words.h"

/* Which domain is meant. */
struct tls_place {
	enum tls_role role;
	bool is_default;
	struct addr addr; /* AF_UNSPEC: any */
	struct str name;  /* client: tls_client_domain["name"]; null: none */
};

/* One domain as it was written. */
struct tls_said {
	struct tls_said *next;
	struct tls_place place;
	struct str text; /* how it was called */
	struct pos at;
	const struct setting *words[TLS_WORDS]; /* the last of each; NULL: not said */
};

struct tls_settings {
	struct tls_said plain[TLS_DEFAULTS];	/* said of no domain, for servers and for clients */
	struct tls_said defaults[TLS_DEFAULTS]; /* said of the default domains */
	struct tls_said *domains, **domains_tail;
	struct tls_said *sockets, **sockets_tail; /* said by "ip:port=value" */
	const struct setting *file;		  /* tls.cfg; NULL: none */
	const struct setting *ticket_file;	  /* session_ticket_key_file; NULL: none */
	bool enabled;
	bool broken; /* something was wrong, and was told */
};

/* "default", "client:default", "any", "10.0.0.1:5061", "client:[::1]:5061". NULL, or what is wrong. */
const char *tls_place_parse(struct str text, enum tls_role role, struct tls_place *place_r);
bool tls_place_eq(const struct tls_place *a, const struct tls_place *b);

/* Empty ones; NULL: no memory. */
struct tls_settings *tls_settings_new(struct pool *pool);
/* What is said of that place, which is made; NULL: no memory. text and at are where it was written. */
struct tls_said *tls_settings_domain(struct tls_settings *t, struct pool *pool,
				     const struct tls_place *place, struct str text, struct pos at);
/* One setting of that domain; what is wrong is told. */
void tls_said_take(struct tls_settings *t, struct tls_said *said, const struct setting *s,
		   struct diag *diag);

/* For the rows of parameters: of no domain, or "ip:port=value". */
void tls_conf_take(void *section, const struct setting *s, struct diag *diag);
/* config= */
void tls_conf_take_file(void *section, const struct setting *s, struct diag *diag);
/* session_ticket_key_file= */
void tls_conf_take_ticket_file(void *section, const struct setting *s, struct diag *diag);
/* enable_tls, disable_tls and their other names */
void tls_conf_take_switch(void *section, const struct setting *s, struct diag *diag);
/* tls_domain[…] { … } and OpenSER's forms. */
void tls_conf_take_block(void *section, const struct block *b, struct diag *diag);

/* tls.cfg: adds what it says; the file that s names, or a text. */
void tls_file_parse(struct tls_settings *t, const struct source *src, struct diag *diag);
void tls_file_read(struct tls_settings *t, const struct setting *s, struct diag *diag);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What a domain speaks: from what was said about versions and ciphers to GnuTLS' priorities. */
#include "modules/tls/build.h"
#include "modules/tls/prio.h"

/* The setting that a message is about: it begins with the word where that is the method. */
static struct pos place_of(const struct tls_spoken *s, const char *message_z)
{
	const struct setting *by = s->list ? s->list : s->method;

	if (s->method && str_starts(str_z(message_z), STR("method")))
		by = s->method;
	return by ? by->value_pos : *s->at;
}

void tls_speak(const struct tls_spoken *s, struct tls_domain *d, struct arena *arena,
	       struct diag *diag)
{
	const char *warning = NULL;
	const char *why = tls_priority_make(arena, &s->wish, &d->priority_text, &warning);

	if (warning)
		diag_warn(diag, place_of(s, warning), NULL, "%s", warning);
	if (!why)
		d->priority = tls_prio_find(arena_shm(arena), d->priority_text, &why);
	if (!d->priority)
		diag_error(diag, place_of(s, why), NULL, "%s", why);
}

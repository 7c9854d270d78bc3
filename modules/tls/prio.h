/* SPDX-License-Identifier: BSD-2-Clause */
/* Priorities of GnuTLS (versions, ciphers) in shared memory: each text once, for as long as the router runs, since sessions point to them and outlive their
 * configuration. Never given to gnutls_priority_deinit. */
#ifndef TLS_PRIO_H
#define TLS_PRIO_H

#include "core/mod/api.h"

#include <gnutls/gnutls.h>

#define TLS_PRIOS_MAX 128u

/* The priorities of a text; made when it is the first time, by the loader or by main before the first fork. shm: the arena's. NULL: *why_z_r says what is wrong with
 * it (constant text, or GnuTLS' word for the place), or that there are too many. */
gnutls_priority_t tls_prio_find(struct shm *shm, struct str text, const char **why_z_r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Our own certificates end some day: a warning for each, once a day, from TLS_EXPIRY_DAYS before on. */
#ifndef TLS_EXPIRY_H
#define TLS_EXPIRY_H

#include "modules/tls/domain.h"

#define TLS_EXPIRY_DAYS 30

/* In init(), before the first fork. 0 or -ENOMEM. */
int tls_expiry_open(struct run *run);
/* In each worker: that of slot 0 looks, at once and then each day; its successor goes on when the day is over. */
void tls_expiry_start(struct worker *w);
void tls_expiry_stop(struct worker *w);
/* Warns of each certificate of c that has expired at now (seconds since 1970) or will within TLS_EXPIRY_DAYS. How many there are. */
unsigned tls_expiry_warn(const struct tls_conf *c, int64_t now);
/* Lines of the start summary: each domain with its certificates and their last day. */
void tls_expiry_summary(const struct tls_conf *c, int64_t now);

#endif

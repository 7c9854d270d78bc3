/* SPDX-License-Identifier: BSD-2-Clause */
/* What scripts and messages have of domains: the client domain that a request is to leave by, what is advertised, and whose requests a connection may carry. */
#ifndef TLS_CLIENT_H
#define TLS_CLIENT_H

#include "modules/tls/domain.h"

struct conn;

/* Once, in main, before the first fork. */
void tls_client_open(void);
/* What client_domain_avp and xavp_cfg name, and the names that domains advertise, which become ours; when c's domains are there. What is wrong is told. */
void tls_client_settle(const struct conf *conf, struct tls_conf *c, const struct pos *at,
		       struct diag *diag);

MODULE_FN(tls_set_client_domain);

/* struct stream_layer.proves */
bool tls_conn_proves(const struct conn *c, struct str name);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a host and a port end inside a longer text. */
#ifndef PARSER_HOST_H
#define PARSER_HOST_H

#include "parser/uri.h"

/* Takes the host that begins at p: a name, an IPv4 address (in *v4_r, network byte order) or an IPv6 reference. The byte behind it, or NULL: it is
 * none. */
const char *host_take(const char *p, const char *end, enum uri_host_kind *kind_r, uint32_t *v4_r);
/* Takes 1*DIGIT, 1..65535, from p on: the byte behind it, or NULL. */
const char *port_take(const char *p, const char *end, uint16_t *port_r);

#endif

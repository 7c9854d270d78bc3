/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a host and a port end inside a longer text. */
#ifndef PARSER_HOST_H
#define PARSER_HOST_H

#include "parser/uri.h"

/* The end of the host that begins at p: behind the ']' of an IPv6 reference, or the first byte that is in no host name. uri_is_host tells whether it is
 * one. */
const char *host_end(const char *p, const char *end);
/* Takes 1*DIGIT, 1..65535, from p on: the byte behind it, or NULL. */
const char *port_take(const char *p, const char *end, uint16_t *port_r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of what a script may ask about the connection that its message came by. */
#ifndef TLS_ATTRS_H
#define TLS_ATTRS_H

#include "core/mod/api.h"

/* @tls.*, $tls_* and $tls(). */
extern const struct attr_def tls_attrs[];
/* True when the message came over TLS from a peer whose certificate was verified; else false, never 0. */
MODULE_FN(is_peer_verified);

#endif

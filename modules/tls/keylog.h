/* SPDX-License-Identifier: BSD-2-Clause */
/* The secrets of one peer's connections in a file (keylog_file, keylog_peer), so that a capture of them can be read: the format of NSS, which Wireshark
 * takes. Only with --allow-keylog on the command line, and with a warning at the start and for each connection. Nothing else writes secrets. */
#ifndef TLS_KEYLOG_H
#define TLS_KEYLOG_H

#include "modules/tls/domain.h"

/* For the module's check(): what is wrong with keylog_file and keylog_peer, or NULL. */
const char *tls_keylog_fault(const struct tls_conf *c);
/* In init(), in main before the first fork: opens the file (mode 0600), which all workers append to; later configurations may name another peer, not another file.
 * 0, also without --allow-keylog, which is told; -errno: the file cannot be opened (logged). */
int tls_keylog_open(const struct run *run, const struct tls_conf *c);
/* What GnuTLS is to call for a secret of a connection with peer, while its handshake lasts: never NULL. It keeps nothing and may be called inside of heap_enter. */
gnutls_keylog_func tls_keylog_for(const struct tls_conf *c, const struct addr *peer);

#endif

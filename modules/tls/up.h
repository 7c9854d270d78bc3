/* SPDX-License-Identifier: BSD-2-Clause */
/* The step from a handshake that GnuTLS is content with to a connection that messages may pass: is the peer let in, who is he, and nothing is kept that only this process has. */
#ifndef TLS_UP_H
#define TLS_UP_H

#include "modules/tls/session.h"

/* Outside of the heap. False: refused, or no memory: logged, and the peer was told. */
bool tls_up(struct layer_io *io, struct tls_session *s);

/* A client's: keeps what the server gave to resume the session by, once it has come. Outside of the heap. */
void tls_resume_look(struct layer_io *io, struct tls_session *s);

/* Around each call of GnuTLS on a connection's session: what it allocates lies in the connection's heap, what it sends goes to io (NULL: nowhere). */
void tls_session_enter(struct tls_session *s, struct conn *c, struct layer_io *io);
void tls_session_leave(struct tls_session *s);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What happened to TLS connections, one counter for each. */
#ifndef TLS_COUNTERS_H
#define TLS_COUNTERS_H

#include "core/mod/api.h"

/* id, name, help. A connection that did not come up counts once by role and once by reason. */
#define TLS_COUNTER_TABLE(X)                                                                      \
	X(DONE_SERVER, "handshakes_server", "handshakes done with clients")                       \
	X(DONE_CLIENT, "handshakes_client", "handshakes done with servers")                       \
	X(RESUMED_SERVER, "resumed_server", "of these, resumed by a ticket")                      \
	X(RESUMED_CLIENT, "resumed_client", "the same with servers")                              \
	X(FAILED_SERVER, "failed_server", "connections of clients that did not come up")          \
	X(FAILED_CLIENT, "failed_client", "connections to servers that did not come up")          \
	X(FAILED_HELLO, "failed_hello", "no common version, cipher or protocol, or no TLS")       \
	X(FAILED_HANDSHAKE, "failed_handshake",                                                   \
	  "the handshake failed later, or the peer ended it")                                     \
	X(FAILED_VERIFICATION, "failed_verification", "the certificate or name was not accepted") \
	X(FAILED_LATE, "failed_late", "not up within tls_handshake_timeout")                      \
	X(FAILED_EVENT, "failed_event", "event_route[tls:connection-in] or -out said drop")       \
	X(FAILED_MEMORY, "failed_memory", "no shared memory for a session")                       \
	X(BROKEN, "broken", "connections that were up and broke off in TLS")                      \
	X(SESSIONS_KEPT, "sessions_kept", "sessions with servers that may be resumed")            \
	X(SESSIONS_OFFERED, "sessions_offered", "connections to servers that tried to resume")    \
	X(EXPIRY_WARNINGS, "expiry_warnings", "warnings about certificates that expire soon")     \
	X(KEYLOG_LINES, "keylog_lines", "secrets written to keylog_file")

enum tls_counter {
#define X(id, name, help) TLS_COUNT_##id,
	TLS_COUNTER_TABLE(X)
#undef X
		TLS_COUNTS
};

extern struct counter_group tls_counters;

static inline void tls_count(enum tls_counter what)
{
	counter_inc(&tls_counters, what);
}

#endif

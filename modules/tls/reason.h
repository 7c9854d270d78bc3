/* SPDX-License-Identifier: BSD-2-Clause */
/* Why a handshake or a connection failed, in words for whoever runs the router. */
#ifndef TLS_REASON_H
#define TLS_REASON_H

#include "modules/tls/session.h"

enum tls_stage {
	TLS_STAGE_HELLO,
	TLS_STAGE_HANDSHAKE,
	TLS_STAGE_HELLO_LATE, /* the same, when its time was over */
	TLS_STAGE_HANDSHAKE_LATE,
	TLS_STAGE_MEMORY, /* there was none, at any stage */
	TLS_STAGE_VERIFICATION,
	TLS_STAGE_RECORDS, /* it was up */
};

struct tls_reason {
	const char *reason_z;
	const char *hint_z; /* what to do; NULL: nothing is known */
};

/* What GnuTLS' error means for somebody in that role; alert: what the peer said, for GNUTLS_E_FATAL_ALERT_RECEIVED. Constant texts. */
struct tls_reason tls_reason_of(int error, gnutls_alert_description_t alert, enum tls_role role);
/* The one line about a connection that failed, rate-limited, and its counters; nothing if it was told before. s NULL: there is no session yet. */
void tls_failed(const struct conn *c, struct tls_session *s, enum tls_stage stage,
		struct tls_reason why);

#endif

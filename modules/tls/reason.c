/* SPDX-License-Identifier: BSD-2-Clause */
/* What GnuTLS' errors and the peers' alerts mean, and the line that says so. */
#include "modules/tls/reason.h"

#include "modules/tls/counters.h"

struct row {
	int code;		  /* an error's, or an alert's */
	struct tls_reason why[2]; /* as server, as client; the client's empty: the same */
};

static const struct row errors[] = {
	{ GNUTLS_E_UNSUPPORTED_VERSION_PACKET,
	  { { "the client speaks no version of TLS that is allowed here",
	      "tls_method says which are; TLS below 1.2 needs allow_insecure=yes" },
	    { "the server chose a version of TLS that is not allowed here",
	      "tls_method says which are; TLS below 1.2 needs allow_insecure=yes" } } },
	{ GNUTLS_E_NO_CIPHER_SUITES,
	  { { "no cipher is allowed on both sides",
	      "see tls_ciphers_list, and whether the key's kind (RSA, ECDSA) fits it" } } },
	{ GNUTLS_E_NO_COMMON_KEY_SHARE, { { "no group is allowed on both sides", NULL } } },
	{ GNUTLS_E_INSUFFICIENT_CREDENTIALS,
	  { { "no certificate of ours fits what the client can verify",
	      "see tls_certificate: RSA and ECDSA can be set side by side" },
	    { "there is no certificate to show", "set tls_certificate for this client domain" } } },
	{ GNUTLS_E_NO_CERTIFICATE_FOUND,
	  { { "the client showed no certificate, and this domain requires one",
	      "give the client one, or unset require_certificate" },
	    { "the server showed no certificate", NULL } } },
	{ GNUTLS_E_CERTIFICATE_REQUIRED,
	  { { "the client showed no certificate, and this domain requires one",
	      "give the client one, or unset require_certificate" } } },
	{ GNUTLS_E_PK_INVALID_PUBKEY,
	  { { "the key in the peer's certificate is one that nobody uses: it is too long, or its "
	      "exponent is",
	      "a key of 2048 to 4096 bits will do" } } },
	{ GNUTLS_E_UNEXPECTED_PACKET_LENGTH,
	  { { "what came is not TLS", "is the peer set to plain TCP on this port?" } } },
	{ GNUTLS_E_UNEXPECTED_PACKET,
	  { { "what came is not TLS, or not what belongs here",
	      "is the peer set to plain TCP on this port?" } } },
	{ GNUTLS_E_RECORD_OVERFLOW,
	  { { "what came is not TLS: a record is too large",
	      "is the peer set to plain TCP on this port?" } } },
	{ GNUTLS_E_HANDSHAKE_TOO_LARGE,
	  { { "a message of the handshake is too large",
	      "are the peer's certificates that long?" } } },
	{ GNUTLS_E_PREMATURE_TERMINATION, { { "the peer closed the connection", NULL } } },
	{ GNUTLS_E_DECRYPTION_FAILED, { { "a record could not be decrypted", NULL } } },
	{ GNUTLS_E_MEMORY_ERROR,
	  { { "there is no memory for it",
	      "see shm_mem, and the limits tls_max_connections and tcp_max_connections" } } },
	{ GNUTLS_E_PUSH_ERROR,
	  { { "there is no memory for what is to be sent", "see shm_mem and tcp_wq_max" } } },
	{ GNUTLS_E_UNRECOGNIZED_NAME, { { "the server name is not known", NULL } } },
	{ GNUTLS_E_NO_APPLICATION_PROTOCOL,
	  { { "no protocol (ALPN) is known on both sides", "see alpn of the domain" } } },
	{ GNUTLS_E_TOO_MANY_EMPTY_PACKETS,
	  { { "the peer sends nothing but empty records", NULL } } },
	{ GNUTLS_E_PK_SIG_VERIFY_FAILED,
	  { { "the peer's signature is wrong: it does not have its certificate's key", NULL } } },
	{ GNUTLS_E_REHANDSHAKE,
	  { { "the peer wants to negotiate anew, which is refused", NULL } } },
};

static const struct row alerts[] = {
	{ GNUTLS_A_UNKNOWN_CA,
	  { { "the peer does not know the CA of our certificate",
	      "give it that CA, or put missing intermediate certificates behind our own" } } },
	{ GNUTLS_A_BAD_CERTIFICATE,
	  { { "the peer refuses our certificate",
	      "is it for the name that the peer asked for?" } } },
	{ GNUTLS_A_CERTIFICATE_EXPIRED,
	  { { "the peer says that our certificate has expired", "renew it, and reload" } } },
	{ GNUTLS_A_CERTIFICATE_REVOKED,
	  { { "the peer says that our certificate is revoked", "get another one, and reload" } } },
	{ GNUTLS_A_CERTIFICATE_UNKNOWN,
	  { { "the peer refuses our certificate",
	      "is it for the name that the peer asked for?" } } },
	{ GNUTLS_A_UNSUPPORTED_CERTIFICATE,
	  { { "the peer cannot use our certificate",
	      "is its purpose right, is its key's kind known?" } } },
	{ GNUTLS_A_CERTIFICATE_REQUIRED,
	  { { "the peer requires a certificate", NULL },
	    { "the server requires a certificate of ours",
	      "set tls_certificate and tls_private_key for this client domain" } } },
	{ GNUTLS_A_HANDSHAKE_FAILURE,
	  { { "the peer finds nothing in common with us, or wants a certificate",
	      "compare tls_method and tls_ciphers_list with what it speaks" },
	    { "the server finds nothing in common with us, or wants a certificate of ours",
	      "compare tls_method and tls_ciphers_list; is tls_certificate set?" } } },
	{ GNUTLS_A_PROTOCOL_VERSION,
	  { { "the peer speaks no version of TLS that we offer", "see tls_method" } } },
	{ GNUTLS_A_INSUFFICIENT_SECURITY,
	  { { "the peer wants stronger ciphers than we offer", "see tls_ciphers_list" } } },
	{ GNUTLS_A_UNRECOGNIZED_NAME,
	  { { "the peer does not know the server name",
	      "is the name in the next hop's URI one that it serves?" } } },
	{ GNUTLS_A_ACCESS_DENIED, { { "the peer refuses us", NULL } } },
	{ GNUTLS_A_NO_APPLICATION_PROTOCOL,
	  { { "the peer knows no protocol (ALPN) that we offer", "see alpn of the domain" } } },
	{ GNUTLS_A_USER_CANCELED, { { "the peer gave up", NULL } } },
};

static const struct tls_reason *row_find(const struct row *rows, size_t n, int code,
					 enum tls_role role)
{
	for (const struct row *r = rows; r < rows + n; r++)
		if (r->code == code)
			return &r->why[role == TLS_CLIENT && r->why[1].reason_z];
	return NULL;
}

#define ROWS(table) table, sizeof(table) / sizeof(*(table))

struct tls_reason tls_reason_of(int error, gnutls_alert_description_t alert, enum tls_role role)
{
	const struct tls_reason *found;

	if (error == GNUTLS_E_FATAL_ALERT_RECEIVED) {
		found = row_find(ROWS(alerts), (int)alert, role);
		return found ? *found
			     : (struct tls_reason){ gnutls_alert_get_strname(alert), NULL };
	}
	found = row_find(ROWS(errors), error, role);
	return found ? *found : (struct tls_reason){ gnutls_strerror(error), NULL };
}

static const struct {
	const char *name_z;
	enum tls_counter counter;
} stages[] = {
	[TLS_STAGE_HELLO] = { "hello", TLS_COUNT_FAILED_HELLO },
	[TLS_STAGE_HANDSHAKE] = { "handshake", TLS_COUNT_FAILED_HANDSHAKE },
	[TLS_STAGE_HELLO_LATE] = { "hello", TLS_COUNT_FAILED_LATE },
	[TLS_STAGE_HANDSHAKE_LATE] = { "handshake", TLS_COUNT_FAILED_LATE },
	[TLS_STAGE_MEMORY] = { "memory", TLS_COUNT_FAILED_MEMORY },
	[TLS_STAGE_VERIFICATION] = { "verification", TLS_COUNT_FAILED_VERIFICATION },
	[TLS_STAGE_RECORDS] = { "established", TLS_COUNT_BROKEN },
};

void tls_failed(const struct conn *c, struct tls_session *s, enum tls_stage stage,
		struct tls_reason why)
{
	struct str domain = STR_NULL, name = STR_NULL;

	if (s) {
		if (s->told)
			return;
		s->told = true;
		domain = s->domain ? s->domain->text : s->facts.domain;
		name = s->role == TLS_CLIENT && str_is_null(s->sni) ? s->identity : s->sni;
		if (atomic_load(&s->up))
			name = s->facts.server_name;
	}
	tls_count(stages[stage].counter);
	if (stage != TLS_STAGE_RECORDS)
		tls_count(c->accepted ? TLS_COUNT_FAILED_SERVER : TLS_COUNT_FAILED_CLIENT);
	log_limited(LOG_NOTICE, "tls", "a TLS connection failed", KV_ADDR("peer", &c->peer),
		    KV_Z("role", c->accepted ? "server" : "client"), KV_STR("domain", domain),
		    KV_STR("server_name", name), KV_Z("stage", stages[stage].name_z),
		    KV_Z("reason", why.reason_z), KV_Z("hint", why.hint_z ? why.hint_z : "none"));
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be said of a TLS domain, under all the names that it has had. */
#ifndef TLS_WORDS_H
#define TLS_WORDS_H

#include "modules/tls/domain.h"

enum tls_word {
	TLS_CERTIFICATE,
	TLS_PRIVATE_KEY,
	TLS_PASSWORD,
	TLS_OCSP,
	TLS_CERTIFICATE2,
	TLS_PRIVATE_KEY2,
	TLS_PASSWORD2,
	TLS_OCSP2,
	TLS_CA_LIST,
	TLS_CA_PATH,
	TLS_CRL,
	TLS_VERIFY,
	TLS_VERIFY_CLIENT,
	TLS_REQUIRE,
	TLS_DEPTH,
	TLS_VERIFY_CN,
	TLS_VERIFY_WILDCARD,
	TLS_VERIFY_PURPOSE,
	TLS_METHOD,
	TLS_CIPHERS,
	TLS_PRIORITY,
	TLS_ALLOW_INSECURE,
	TLS_SERVER_NAME,
	TLS_SERVER_NAME_MODE,
	TLS_SERVER_ID,
	TLS_ALPN,
	TLS_ADVERTISE,
	TLS_HANDSHAKE_TIMEOUT,
	TLS_WORDS
};

/* name, word, roles, help. Roles: those for which it counts when it is said of no domain; S server, C client, B both. */
#define TLS_NAMES(X)                                                                              \
	X("certificate", TLS_CERTIFICATE, B, "our certificate and those that signed it, PEM")     \
	X("private_key", TLS_PRIVATE_KEY, B,                                                      \
	  "its key; default: the one in the certificate's file")                                  \
	X("private_key_password", TLS_PASSWORD, B, "the key's passphrase")                        \
	X("ocsp_response", TLS_OCSP, B, "file with the OCSP response of our certificate")         \
	X("certificate2", TLS_CERTIFICATE2, B, "a second one with a key of another kind")         \
	X("private_key2", TLS_PRIVATE_KEY2, B, "the key of certificate2")                         \
	X("private_key_password2", TLS_PASSWORD2, B, "the passphrase of private_key2")            \
	X("ocsp_response2", TLS_OCSP2, B, "the same for certificate2")                            \
	X("ca_list", TLS_CA_LIST, B, "file with the certificates that peers' are signed by")      \
	X("ca_path", TLS_CA_PATH, B, "folder with such files")                                    \
	X("crl", TLS_CRL, B, "file with lists of revoked certificates")                           \
	X("verify_certificate", TLS_VERIFY, S,                                                    \
	  "a certificate that a peer shows must be good; or \"require\"")                         \
	X("verify_client", TLS_VERIFY_CLIENT, S, "off, optional, on, or optional_no_ca")          \
	X("require_certificate", TLS_REQUIRE, S, "clients must show a certificate")               \
	X("verify_depth", TLS_DEPTH, B,                                                           \
	  "how many certificates may stand between a peer's and a CA's")                          \
	X("verify_cn", TLS_VERIFY_CN, B, "the common name counts where there is no other name")   \
	X("verify_wildcard", TLS_VERIFY_WILDCARD, B, "\"*.\" in certificates: leftmost, or no")   \
	X("verify_purpose", TLS_VERIFY_PURPOSE, B, "what a certificate is for: sip, or strict")   \
	X("method", TLS_METHOD, B, "versions of TLS, as OpenSSL calls them")                      \
	X("cipher_list", TLS_CIPHERS, B, "ciphers, as OpenSSL calls them")                        \
	X("priority", TLS_PRIORITY, B, "versions and ciphers in GnuTLS' words")                   \
	X("allow_insecure", TLS_ALLOW_INSECURE, B, "TLS 1.0 and 1.1 may be asked for")            \
	X("server_name", TLS_SERVER_NAME, C,                                                      \
	  "server: the name that clients ask for; client: the name that is asked for and "        \
	  "verified")                                                                             \
	X("server_name_mode", TLS_SERVER_NAME_MODE, N, "1: names below it too; 2: only those")    \
	X("server_id", TLS_SERVER_ID, N, "client: the name by which a script chooses the domain") \
	X("alpn", TLS_ALPN, B, "protocol: server: chosen by it; client: offered")                 \
	X("advertise", TLS_ADVERTISE, B, "host:port for Via and Record-Route")                    \
	X("handshake_timeout", TLS_HANDSHAKE_TIMEOUT, B, "seconds that a handshake may take")

/* Other names for the same. */
#define TLS_ALIASES(X)                                                       \
	X("cert_file", TLS_CERTIFICATE, B, "the same as certificate")        \
	X("pkey_file", TLS_PRIVATE_KEY, B, "the same as private_key")        \
	X("calist_file", TLS_CA_LIST, B, "the same as ca_list")              \
	X("verify_cert", TLS_VERIFY, S, "the same as verify_certificate")    \
	X("require_cert", TLS_REQUIRE, S, "the same as require_certificate") \
	X("ciphers_list", TLS_CIPHERS, B, "the same as cipher_list")

/* Those that are the core's parameters too. */
#define TLS_CORE_NAMES(X)                                                                      \
	X("tls_certificate", TLS_CERTIFICATE, B, "the same as certificate")                    \
	X("tls_private_key", TLS_PRIVATE_KEY, B, "the same as private_key")                    \
	X("tls_private_key_password", TLS_PASSWORD, B, "the same as private_key_password")     \
	X("tls_ca_list", TLS_CA_LIST, B, "the same as ca_list")                                \
	X("tls_ca_path", TLS_CA_PATH, B, "the same as ca_path")                                \
	X("tls_crl", TLS_CRL, B, "the same as crl")                                            \
	X("tls_ciphers_list", TLS_CIPHERS, B, "the same as cipher_list")                       \
	X("tls_cipher_list", TLS_CIPHERS, B, "the same as cipher_list")                        \
	X("tls_method", TLS_METHOD, B, "the same as method")                                   \
	X("tls_verify", TLS_VERIFY, S, "the same as verify_certificate")                       \
	X("tls_verify_certificate", TLS_VERIFY, S, "the same as verify_certificate")           \
	X("tls_verify_client", TLS_VERIFY, S, "verify_certificate for clients")                \
	X("tls_verify_server", TLS_VERIFY, C,                                                  \
	  "verify_certificate for servers that we connect to; default: yes")                   \
	X("tls_require_certificate", TLS_REQUIRE, S, "the same as require_certificate")        \
	X("tls_require_client_certificate", TLS_REQUIRE, S, "the same as require_certificate") \
	X("tls_verify_depth", TLS_DEPTH, B, "the same as verify_depth")                        \
	X("tls_handshake_timeout", TLS_HANDSHAKE_TIMEOUT, B, "the same as handshake_timeout")

enum tls_kind {
	TLS_TEXT,
	TLS_PATH,
	TLS_BOOL,
	TLS_VERIFY_WORD, /* a boolean, or "require" */
	TLS_NUMBER,
	TLS_SECONDS,
	TLS_CHOICE,
};

struct tls_word_def {
	enum tls_kind kind;
	int64_t min, max;	    /* TLS_NUMBER; TLS_SECONDS: in milliseconds */
	const char *const *choices; /* ended by NULL; the value is the place */
};
extern const struct tls_word_def tls_word_defs[TLS_WORDS];

struct tls_name {
	const char *name;
	enum tls_word word;
	bool roles[TLS_DEFAULTS]; /* for which it counts when it is said of no domain */
};
/* NULL: there is no such name. */
const struct tls_name *tls_name_find(struct str name);
/* Offers all names. */
void tls_names_offer(struct nearest *near);

/* Whether the value can be one of that word; what is wrong is told. */
bool tls_word_check(enum tls_word word, const struct setting *s, struct diag *diag);
/* Numbers, times in milliseconds, yes and no as 1 and 0, places of choices; "require" is TLS_REQUIRED. Of values that were checked. */
#define TLS_REQUIRED 2
int64_t tls_word_number(enum tls_word word, const struct setting *s);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* TLS domains: who we are, whom we trust and what we speak, for a listening socket and a server name, or for a peer that we connect to. They lie
 * in the configuration's arena and are constant once published; the loader has read and checked every file by then. */
#ifndef TLS_DOMAIN_H
#define TLS_DOMAIN_H

#include "core/mod/api.h"
#include "modules/tls/facts.h"

#include <gnutls/gnutls.h>

enum tls_role { TLS_SERVER, TLS_CLIENT };
#define TLS_DEFAULTS 2u /* a default for each role */

/* server_name_mode=: the name, names below it too, those only */
enum tls_name_mode { TLS_NAME_EXACT, TLS_NAME_AND_BELOW, TLS_NAME_BELOW };
/* verify_wildcard= */
enum tls_wildcard { TLS_WILDCARD_LEFTMOST, TLS_WILDCARD_NO };
/* verify_purpose= */
enum tls_purpose { TLS_PURPOSE_SIP, TLS_PURPOSE_STRICT };

#define TLS_KEYS_MAX 4 /* RSA and ECDSA side by side */

/* A certificate chain and its key, which belong together. */
struct tls_key {
	struct str certificate_file, key_file; /* as found, for messages */
	struct str chain_pem;		       /* our certificate first */
	struct str key_pem;		       /* PKCS #8, no passphrase */
	struct str ocsp_der;	     /* our own OCSP response, to be stapled; null: none */
	const struct tls_cert *cert; /* what is known of our certificate */
	int64_t not_after;	     /* seconds since 1970 */
};

/* A list of revoked certificates. */
struct tls_crl {
	struct str issuer;   /* contents of the Name, as in struct tls_cert */
	int64_t next_update; /* seconds since 1970; 0: it does not say */
};

struct tls_domain {
	unsigned index; /* in tls_conf.domains */
	enum tls_role role;
	struct str text;  /* as the script has it, for messages: tls_domain[10.0.0.1:5061] */
	struct addr addr; /* AF_UNSPEC: any; server: the socket, client: the peer; port 0: any */
	struct str
		name; /* server: the server name (SNI) that it answers to, "*.example.com" too; client: tls_client_domain["name"]; null: none */
	enum tls_name_mode name_mode; /* server */
	/* client: the name that is sent as SNI and verified in place of the target's; null: the target's */
	struct str server_name;
	struct str alpn; /* server: chosen by this protocol too; client: offered; null: none */

	struct tls_key keys[TLS_KEYS_MAX];
	unsigned keys_n; /* client: may be 0 */
	struct str
		ca_pem; /* all trusted certificates (client: by default the system's, the same bytes in all); null: none */
	struct str crl_pem;	    /* null: none */
	const struct tls_crl *crls; /* what is in it */
	unsigned crls_n;

	bool verify; /* the chain of a certificate that the peer shows must be good (client: and its name) */
	bool require; /* server: a client without certificate is refused */
	unsigned verify_depth;
	bool verify_cn;	 /* the common name counts when there is no SAN */
	bool allow_weak; /* allow_insecure=yes */
	enum tls_wildcard wildcard;
	enum tls_purpose purpose;
	struct str advertise_host; /* for Via and Record-Route; null: the listener's */
	uint16_t advertise_port;

	struct str priority_text;   /* what GnuTLS was asked for */
	gnutls_priority_t priority; /* lives as long as the router: prio.h */
	uint8_t policy
		[32]; /* SHA-256 of all that decides about a peer: keys of tickets differ where it differs */
	int64_t handshake_timeout; /* ms */
};

/* The module's section of the configuration. */
struct tls_conf {
	bool enabled;
	struct tls_domain *domains; /* the two defaults first: [TLS_SERVER] and [TLS_CLIENT] */
	unsigned domains_n;
	int64_t max_connections;	    /* tls_max_connections; 0: tcp_max_connections counts */
	int64_t port;			    /* tls_port_no */
	int64_t send_timeout;		    /* ms */
	struct str session_ticket_key_file; /* null: a key for this run */
	struct str session_ticket_key;	    /* its bytes; null: none */
	bool tickets;			    /* session_cache / session_tickets */
	struct str keylog_file, keylog_peer;
	struct tls_settings *settings; /* what the script said, until it is checked: conf.c */
	/* how scripts choose client domains: client.h */
	struct str client_domain_avp, xavp_cfg;
	struct attr_use client_domain, xavp_domain, xavp_name; /* def NULL: none */
	bool any_advertise;
};
extern const struct module_def serac_module; /* mod.c */
const struct tls_conf *tls_conf_of(const struct conf *conf);

/* The domain for a connection to our address local, whose client asked for server name sni (null: none) and offers these protocols. Names in any case, a
 * trailing dot does not matter; exact before wildcard; unknown or no name: the socket's default. Never NULL. */
const struct tls_domain *tls_find_domain(const struct tls_conf *c, const struct addr *local,
					 struct str sni, const struct str *alpn, unsigned alpn_n);
/* The domain for a connection to peer: the one that the script chose by name (null: none), else by the peer's ip:port, else by the name that is to be
 * verified (tls_client_domain["name"]), else the default. NULL: the script chose one that does not exist. */
const struct tls_domain *tls_find_client_domain(const struct tls_conf *c, const struct addr *peer,
						struct str chosen, struct str identity);

#endif

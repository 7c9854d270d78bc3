/* SPDX-License-Identifier: BSD-2-Clause */
/* When secrets are written, and how a line of them looks. */
#include "modules/tls/keylog.h"

#include "modules/tls/counters.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define RANDOM_N   32u
#define SECRET_MAX 64u
#define LINE_MAX_N 256u

static int keylog_fd = -1; /* opened before the first fork: that of all processes */

const char *tls_keylog_fault(const struct tls_conf *c)
{
	struct addr peer;

	if (!c->keylog_file.n)
		return NULL;
	if (!c->keylog_peer.n)
		return "keylog_file needs keylog_peer, the address of the one peer whose secrets "
		       "are written";
	return addr_parse(c->keylog_peer, &peer) ? "keylog_peer is no address: \"192.0.2.1\""
						 : NULL;
}

int tls_keylog_open(const struct run *run, const struct tls_conf *c)
{
	char path_z[PATH_MAX];

	/* from level 9 on, to which GNUTLS_DEBUG_LEVEL may set it, the library prints secrets */
	gnutls_global_set_log_level(0);
	if (!c->keylog_file.n)
		return 0;
	if (!run->allow_keylog) {
		log_warn("tls", "keylog_file is ignored",
			 KV_Z("reason", "--allow-keylog is not on the command line"),
			 KV_STR("file", c->keylog_file));
		return 0;
	}
	snprintf(path_z, sizeof(path_z), STRF, STRA(c->keylog_file));
	keylog_fd = open(path_z,
			 O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (keylog_fd < 0) {
		int err = errno;

		log_err("tls", "could not open keylog_file", KV_STR("file", c->keylog_file),
			KV_ERRNO(err));
		return -err;
	}
	log_warn("tls", "secrets of TLS connections are written to a file",
		 KV_STR("peer", c->keylog_peer), KV_STR("file", c->keylog_file),
		 KV_Z("hint", "whoever reads it reads the connections: without --allow-keylog "
			      "nothing is written"));
	return 0;
}

static int write_nothing(gnutls_session_t session, const char *label_z,
			 const gnutls_datum_t *secret)
{
	(void)session;
	(void)label_z;
	(void)secret;
	return 0;
}

static void bytes_put(struct buf *b, const gnutls_datum_t *d)
{
	for (unsigned i = 0; i < d->size; i++)
		buf_hex(b, d->data[i], 2);
}

/* One write: lines of several workers do not mix. What the file does not take is lost. */
static int write_secret(gnutls_session_t session, const char *label_z, const gnutls_datum_t *secret)
{
	gnutls_datum_t client, server;
	char line[LINE_MAX_N];
	struct buf b = BUF_ON(line);

	gnutls_session_get_random(session, &client, &server);
	if (client.size != RANDOM_N || secret->size > SECRET_MAX)
		return 0;
	buf_str_put(&b, str_z(label_z));
	buf_char(&b, ' ');
	bytes_put(&b, &client);
	buf_char(&b, ' ');
	bytes_put(&b, secret);
	buf_char(&b, '\n');
	if (buf_ok(&b) && write(keylog_fd, b.p, buf_str(&b).n) > 0)
		tls_count(TLS_COUNT_KEYLOG_LINES);
	explicit_bzero(line, sizeof(line));
	return 0;
}

gnutls_keylog_func tls_keylog_for(const struct tls_conf *c, const struct addr *peer)
{
	struct addr wanted;

	if (keylog_fd < 0 || addr_parse(c->keylog_peer, &wanted) || !addr_ip_eq(&wanted, peer))
		return write_nothing;
	log_limited(LOG_WARN, "tls", "the secrets of a connection are written to keylog_file",
		    KV_ADDR("peer", peer));
	return write_secret;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients that speak SIP over TLS 1.3 with a router on loopback, so many processes side by side.
 * usage: tls_load connect|resume|messages|idle PORT COUNT PROCESSES
 *   connect, resume  so many connections in turn, each a handshake (by ticket), an OPTIONS of 600 bytes, its answer, good-bye
 *   messages         so many OPTIONS with their answers over connections that are up, one for each process
 *   idle             so many connections at once, each asks once; then waits for the end of stdin
 * prints "ready" when it begins what is to be measured, and waits for a line on stdin; at the end prints how many handshakes were by ticket, and how many
 * connections the router broke: they are made again, up to a hundredth of all. */
#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGE_BYTES 600
/* the same work for every router: one version, one group, one cipher */
#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-X25519"

enum mode { CONNECT, RESUME, MESSAGES, IDLE, MODES };
static const char *const modes[MODES] = { "connect", "resume", "messages", "idle" };

struct client {
	gnutls_session_t session;
	int fd;
};

static struct {
	enum mode mode;
	uint16_t port;
	unsigned count, processes;
	gnutls_certificate_credentials_t credentials;
	/* of all processes */
	struct tally {
		_Atomic unsigned resumed, broken;
	} * tally;
} load;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "tls_load: %s: %s\n", what, why);
	exit(1);
}

/* One that the router broke. */
static bool broken(struct client *c, const char *what, const char *why)
{
	gnutls_deinit(c->session);
	close(c->fd);
	if (++load.tally->broken > load.count / 100 + 1)
		fail(what, why);
	return false;
}

/* ticket: of an earlier session; size 0: none. False: broken. */
static bool client_open(struct client *c_r, const gnutls_datum_t *ticket)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(load.port) };
	struct client c = { .fd = socket(AF_INET, SOCK_STREAM, 0) };
	int one = 1, e;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(c.fd, (struct sockaddr *)&to, sizeof(to)))
		fail("could not connect", strerror(errno));
	setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	gnutls_init(&c.session, GNUTLS_CLIENT);
	gnutls_priority_set_direct(c.session, PRIORITY, NULL);
	gnutls_credentials_set(c.session, GNUTLS_CRD_CERTIFICATE, load.credentials);
	gnutls_server_name_set(c.session, GNUTLS_NAME_DNS, "sip.test", 8);
	if (ticket->size)
		gnutls_session_set_data(c.session, ticket->data, ticket->size);
	gnutls_transport_set_int(c.session, c.fd);
	gnutls_handshake_set_timeout(c.session, 20000);
	do {
		e = gnutls_handshake(c.session);
	} while (e < 0 && !gnutls_error_is_fatal(e));
	if (e < 0)
		return broken(&c, "handshake", gnutls_strerror(e));
	load.tally->resumed += gnutls_session_is_resumed(c.session) ? 1 : 0;
	*c_r = c;
	return true;
}

static void client_close(struct client *c)
{
	gnutls_bye(c->session, GNUTLS_SHUT_WR);
	gnutls_deinit(c->session);
	close(c->fd);
}

/* One request of MESSAGE_BYTES and its answer, which is smaller than a record and comes in one. False: broken. */
static bool ask(struct client *c, unsigned n)
{
	char text[MESSAGE_BYTES + 1], answer[4096];
	int have = snprintf(text, sizeof(text),
			    "OPTIONS sip:bench@sip.test SIP/2.0\r\n"
			    "Via: SIP/2.0/TLS 127.0.0.1:9;rport;branch=z9hG4bK%d.%u\r\n"
			    "From: <sip:load@sip.test>;tag=%u\r\nTo: <sip:bench@sip.test>\r\n"
			    "Call-ID: %d.%u@sip.test\r\nCSeq: %u OPTIONS\r\nMax-Forwards: 70\r\n"
			    "Content-Length: 0\r\nX-Pad: ",
			    (int)getpid(), n, n, (int)getpid(), n, n);
	ssize_t got;

	memset(text + have, 'x', (size_t)(MESSAGE_BYTES - 4 - have));
	memcpy(text + MESSAGE_BYTES - 4, "\r\n\r\n", 4);
	if (gnutls_record_send(c->session, text, MESSAGE_BYTES) != MESSAGE_BYTES)
		return broken(c, "could not send", "a request");
	do {
		got = gnutls_record_recv(c->session, answer, sizeof(answer));
	} while (got < 0 && !gnutls_error_is_fatal((int)got));
	if (got < 12 || memcmp(answer, "SIP/2.0 200 ", 12) != 0)
		return broken(c, "no good answer",
			      got < 0 ? gnutls_strerror((int)got) : "closed or another status");
	return true;
}

/* A connection that has been answered once. */
static struct client client_new(const gnutls_datum_t *ticket, unsigned n)
{
	struct client c;

	while (!client_open(&c, ticket) || !ask(&c, n))
		;
	return c;
}

static void connect_in_turn(unsigned n)
{
	gnutls_datum_t ticket = { 0 };

	if (load.mode == RESUME) {
		struct client c = client_new(&ticket, 0);

		gnutls_session_get_data2(c.session, &ticket);
		client_close(&c);
	}
	for (unsigned i = 1; i <= n; i++) {
		struct client c = client_new(&ticket, i);

		client_close(&c);
	}
	gnutls_free(ticket.data);
}

static void ask_many(unsigned n)
{
	const gnutls_datum_t none = { 0 };
	struct client c = client_new(&none, 1);

	for (unsigned i = 2; i <= n; i++)
		if (!ask(&c, i))
			c = client_new(&none, i);
	client_close(&c);
}

static void wait_for_line(void)
{
	char line[64];

	puts("ready");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		exit(1);
}

static void idle(unsigned n)
{
	struct client *all = calloc(n, sizeof(*all));

	for (unsigned i = 0; i < n; i++)
		all[i] = client_new(&(gnutls_datum_t){ 0 }, i);
	wait_for_line();
	for (unsigned i = 0; i < n; i++)
		client_close(&all[i]);
	free(all);
}

static int in_processes(void)
{
	unsigned n = load.count / load.processes;
	int failed = 0, status;

	wait_for_line();
	for (unsigned i = 0; i < load.processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("could not fork", strerror(errno));
		if (pid)
			continue;
		if (load.mode == MESSAGES)
			ask_many(n);
		else
			connect_in_turn(n);
		_exit(0);
	}
	while (wait(&status) > 0)
		failed |= status;
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	while (argc == 5 && load.mode < MODES && strcmp(argv[1], modes[load.mode]) != 0)
		load.mode++;
	if (argc != 5 || load.mode == MODES)
		return 2;
	load.port = (uint16_t)atoi(argv[2]);
	load.count = (unsigned)atoi(argv[3]);
	load.processes = (unsigned)atoi(argv[4]);
	load.tally = mmap(NULL, sizeof(*load.tally), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	gnutls_certificate_allocate_credentials(&load.credentials);
	if (load.mode == IDLE)
		idle(load.count);
	else
		failed = in_processes();
	printf("%u %u\n", load.tally->resumed, load.tally->broken);
	return failed;
}

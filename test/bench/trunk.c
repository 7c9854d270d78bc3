/* SPDX-License-Identifier: BSD-2-Clause */
/* One trunk: requests of many calls over one TCP connection, as fast as the router takes them, and the place it sends them to over UDP.
 * usage: trunk ROUTER_PORT SINK_PORT MESSAGES; prints "seconds lost misordered": from the first byte to the last datagram, messages that did not come,
 * and messages that came behind a later one of their call. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CALLS	   1000u
#define QUIET_MS   3000 /* then what has not come is lost */
#define SINK_BYTES (64 << 20)

#define SDP                                                                \
	"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n" \
	"t=0 0\r\nm=audio 40000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"

static const char template[] = "INVITE sip:+49301234%04u@127.0.0.1:%u SIP/2.0\r\n"
			       "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKbench%u\r\n"
			       "From: \"Bench\" <sip:+4930765%04u@example.com>;tag=f%u\r\n"
			       "To: <sip:+49301234%04u@example.com>\r\n"
			       "Call-ID: %u.bench@example.com\r\n"
			       "CSeq: %u INVITE\r\n"
			       "Contact: <sip:bench@127.0.0.1:9;transport=tcp>\r\n"
			       "Max-Forwards: 70\r\n"
			       "User-Agent: bench\r\n"
			       "Content-Type: application/sdp\r\n"
			       "Content-Length: %zu\r\n\r\n" SDP;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct sockaddr_in loopback(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)port);
	return a;
}

static int sink_open(unsigned port)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0), bytes = SINK_BYTES;
	struct sockaddr_in a = loopback(port);

	/* what does not fit is lost: only root may have so much */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return bind(fd, (struct sockaddr *)&a, sizeof(a)) ? -1 : fd;
}

/* All messages in one text; *size_r bytes. */
static char *messages_make(unsigned n, unsigned sink, size_t *size_r)
{
	size_t size = (size_t)n * (sizeof(template) + 80), have = 0;
	char *text = malloc(size);

	for (unsigned i = 0; text && i < n; i++) {
		unsigned call = i % CALLS;

		have += (size_t)snprintf(text + have, size - have, template, call, sink, i, call,
					 call, call, call, i / CALLS + 1, sizeof(SDP) - 1);
	}
	*size_r = have;
	return text;
}

static unsigned number_behind(const char *text, const char *name)
{
	const char *p = strstr(text, name);

	return p ? (unsigned)strtoul(p + strlen(name), NULL, 10) : 0;
}

struct seen {
	unsigned n, misordered;
	unsigned last[CALLS];
};

static void sink_read(int fd, struct seen *seen)
{
	static char datagram[65536];
	ssize_t n;

	while ((n = recv(fd, datagram, sizeof(datagram) - 1, 0)) > 0) {
		unsigned call, number;

		datagram[n] = '\0';
		call = number_behind(datagram, "\nCall-ID: ") % CALLS;
		number = number_behind(datagram, "\nCSeq: ");
		seen->n++;
		seen->misordered += number < seen->last[call];
		seen->last[call] = number;
	}
}

static int run(int trunk, int sink, const char *text, size_t size, unsigned n)
{
	static struct seen seen;
	struct pollfd fds[2] = { { .fd = trunk, .events = POLLOUT },
				 { .fd = sink, .events = POLLIN } };
	double begin = now(), end = begin;
	size_t sent = 0;

	while (seen.n < n && poll(fds, 2, QUIET_MS) > 0) {
		if (fds[0].revents & POLLOUT) {
			ssize_t more = send(trunk, text + sent, size - sent, MSG_NOSIGNAL);

			sent += more > 0 ? (size_t)more : 0;
			fds[0].events = sent < size ? POLLOUT : 0;
		}
		if (fds[0].revents & (POLLERR | POLLHUP))
			break;
		if (fds[1].revents & POLLIN) {
			sink_read(sink, &seen);
			end = now();
		}
	}
	printf("%.6f %u %u\n", end - begin, n - seen.n, seen.misordered);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned n = argc == 4 ? (unsigned)atoi(argv[3]) : 0;
	struct sockaddr_in router;
	int trunk, sink;
	size_t size;
	char *text;

	if (!n)
		return 2;
	router = loopback((unsigned)atoi(argv[1]));
	sink = sink_open((unsigned)atoi(argv[2]));
	trunk = socket(AF_INET, SOCK_STREAM, 0);
	text = messages_make(n, (unsigned)atoi(argv[2]), &size);
	if (!text || sink < 0 || connect(trunk, (struct sockaddr *)&router, sizeof(router))) {
		perror("trunk: could not begin");
		return 1;
	}
	fcntl(trunk, F_SETFL, O_NONBLOCK);
	run(trunk, sink, text, size, n);
	free(text);
	return 0;
}

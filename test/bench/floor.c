/* SPDX-License-Identifier: BSD-2-Clause */
/* The least that a relay can cost: each datagram is received and sent on, nothing is looked at.
 * usage: floor PORT UAS_PORT UAC_PORT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

static struct sockaddr_in loopback(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)atoi(port));
	return a;
}

int main(int argc, char **argv)
{
	static char datagram[65536];
	struct sockaddr_in self, uas, uac;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (argc != 4 || fd < 0)
		return 2;
	self = loopback(argv[1]);
	uas = loopback(argv[2]);
	uac = loopback(argv[3]);
	if (bind(fd, (struct sockaddr *)&self, sizeof(self))) {
		perror("floor: could not bind");
		return 1;
	}
	for (;;) {
		struct sockaddr_in from, *to;
		socklen_t len = sizeof(from);
		ssize_t n =
			recvfrom(fd, datagram, sizeof(datagram), 0, (struct sockaddr *)&from, &len);

		if (n <= 0)
			continue;
		to = from.sin_port == uas.sin_port ? &uac : &uas;
		if (sendto(fd, datagram, (size_t)n, 0, (struct sockaddr *)to, sizeof(*to)) < 0)
			continue;
	}
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* IP addresses, socket addresses and networks: parsing, printing, comparing. Never asks a name server. */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include "core/base/buf.h"
#include "core/base/mac.h"

#include <netinet/in.h>
#include <sys/socket.h>

/* An address with a port, IPv4 or IPv6. family AF_UNSPEC: none. IPv4-mapped IPv6 addresses never appear: they are made IPv4. */
struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

#define ADDR_TEXT_MAX 64 /* enough for addr_put and addr_port_put */

/* Four numbers up to 255 without leading zeros, as inet_pton takes them and no library reads otherwise, from p on: the byte behind them, or NULL. What
 * follows is not looked at. In network byte order. */
const char *addr_v4_take(const char *p, const char *end, uint32_t *v4_r);
static inline struct addr addr_of_v4(uint32_t v4)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	a.v4.sin_family = AF_INET;
	a.v4.sin_addr.s_addr = v4;
	return a;
}

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]", no port, no zone. -EINVAL: it is not an address. The port becomes 0. */
int addr_parse(struct str s, struct addr *addr_r);
/* "192.0.2.1:5060", "[2001:db8::1]:5060"; the port is needed. */
int addr_port_parse(struct str s, struct addr *addr_r);
void addr_put(struct buf *b, const struct addr *a);	 /* 2001:db8::1 */
void addr_host_put(struct buf *b, const struct addr *a); /* [2001:db8::1], as in a URI */
void addr_port_put(struct buf *b, const struct addr *a); /* [2001:db8::1]:5060 */

static inline uint16_t addr_port(const struct addr *a)
{
	/* both families have it at the same place */
	_Static_assert(offsetof(struct sockaddr_in, sin_port) ==
			       offsetof(struct sockaddr_in6, sin6_port),
		       "the port of an IPv6 address lies elsewhere");
	return ntohs(a->v4.sin_port);
}
void addr_set_port(struct addr *a, uint16_t port);
socklen_t addr_len(const struct addr *a);
/* What the kernel gave: IPv4-mapped becomes IPv4. */
struct addr addr_from_sockaddr(const struct sockaddr *sa);

bool addr_eq(const struct addr *a, const struct addr *b);    /* with port */
bool addr_ip_eq(const struct addr *a, const struct addr *b); /* without */
bool addr_is_any(const struct addr *a);			     /* 0.0.0.0, :: */
static inline bool addr_is_multicast(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_MULTICAST(&a->v6.sin6_addr);
	return IN_MULTICAST(ntohl(a->v4.sin_addr.s_addr));
}
static inline bool addr_is_broadcast(const struct addr *a) /* 255.255.255.255 */
{
	return a->sa.sa_family == AF_INET && a->v4.sin_addr.s_addr == htonl(INADDR_BROADCAST);
}
bool addr_is_loopback(const struct addr *a);
/* Feeds family, address and port. */
void addr_mac(struct mac *m, const struct addr *a);

struct network {
	struct addr addr;
	unsigned bits; /* 0..32, 0..128 */
};

/* "10.0.0.0/8", "10.0.0.0/255.0.0.0", "2001:db8::/32", or an address alone. -EINVAL: not one (or a mask with holes). */
int network_parse(struct str s, struct network *net_r);
bool network_has(const struct network *net, const struct addr *a);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The text forms of addresses (RFC 3261 25.1 host, RFC 4291 2.2) and bitwise comparison. */
#include "core/base/addr.h"

#include <arpa/inet.h>
#include <errno.h>

static struct addr addr_v4_of_mapped(const struct in6_addr *in6)
{
	uint32_t v4;

	memcpy(&v4, in6->s6_addr + 12, sizeof(v4));
	return addr_of_v4(v4);
}

/* One to three digits at p, of which three bytes more can be read: how many, or 0 when they are no number of an address. */
static inline unsigned v4_part(const char *p, uint32_t *n_r)
{
	uint32_t a = (uint32_t)(uint8_t)p[0] - '0', b = (uint32_t)(uint8_t)p[1] - '0', c;

	*n_r = a;
	if (a > 9)
		return 0;
	if (a == 0 || b > 9)
		return 1; /* a number that begins with 0 is 0 */
	*n_r = a = a * 10 + b;
	c = (uint32_t)(uint8_t)p[2] - '0';
	if (c > 9)
		return 2;
	*n_r = a = a * 10 + c;
	return a <= 255 && (uint32_t)(uint8_t)p[3] - '0' > 9 ? 3 : 0;
}

/* addr_v4_take of text that can be read for 16 bytes: the longest address and one more. */
static inline const char *v4_take(const char *p, uint32_t *v4_r)
{
	uint32_t all = 0, n;
	unsigned digits;

	for (int part = 0; part < 4; part++) {
		if (part && *p++ != '.')
			return NULL;
		digits = v4_part(p, &n);
		if (!digits)
			return NULL;
		p += digits;
		all = all << 8 | n;
	}
	*v4_r = htonl(all);
	return p;
}

static __attribute__((noinline)) const char *v4_take_short(const char *p, const char *end,
							   uint32_t *v4_r)
{
	char copy[16] = "";
	const char *stop;

	memcpy(copy, p, (size_t)(end - p));
	stop = v4_take(copy, v4_r);
	return stop ? p + (stop - copy) : NULL;
}

/* Done here and not by inet_pton because every message has several. */
const char *addr_v4_take(const char *p, const char *end, uint32_t *v4_r)
{
	return end - p < 16 ? v4_take_short(p, end, v4_r) : v4_take(p, v4_r);
}

int addr_parse(struct str s, struct addr *addr_r)
{
	char text_z[INET6_ADDRSTRLEN];
	struct addr a;
	uint32_t v4;

	if (s.n && addr_v4_take(s.p, str_end(s), &v4) == str_end(s)) {
		*addr_r = addr_of_v4(v4);
		return 0;
	}
	memset(&a, 0, sizeof(a));
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
		s = str_of(s.p + 1, s.n - 2);
		if (str_chr(s, ':') < 0)
			return -EINVAL;
	}
	if (s.n == 0 || s.n >= sizeof(text_z) || memchr(s.p, '\0', s.n))
		return -EINVAL;
	memcpy(text_z, s.p, s.n);
	text_z[s.n] = '\0';
	if (inet_pton(AF_INET6, text_z, &a.v6.sin6_addr) == 1) {
		a.v6.sin6_family = AF_INET6;
		if (IN6_IS_ADDR_V4MAPPED(&a.v6.sin6_addr))
			a = addr_v4_of_mapped(&a.v6.sin6_addr);
	} else {
		return -EINVAL;
	}
	*addr_r = a;
	return 0;
}

int addr_port_parse(struct str s, struct addr *addr_r)
{
	ssize_t colon = str_rchr(s, ':');
	struct str host;
	struct addr a;
	uint64_t port;

	if (colon < 0)
		return -EINVAL;
	host = str_head(s, (size_t)colon);
	if (str_chr(host, ':') >= 0 && host.p[0] != '[')
		return -EINVAL;
	if (str_uint(str_skip(s, (size_t)colon + 1), 65535, &port) || addr_parse(host, &a))
		return -EINVAL;
	addr_set_port(&a, (uint16_t)port);
	*addr_r = a;
	return 0;
}

void addr_put(struct buf *b, const struct addr *a)
{
	char text_z[INET6_ADDRSTRLEN] = "";

	if (a->sa.sa_family == AF_INET) {
		uint32_t v4 = ntohl(a->v4.sin_addr.s_addr);

		for (int shift = 24; shift >= 0; shift -= 8) {
			buf_uint(b, v4 >> shift & 255);
			if (shift)
				buf_char(b, '.');
		}
		return;
	}
	if (a->sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &a->v6.sin6_addr, text_z, sizeof(text_z));
	buf_str_put(b, str_z(text_z));
}

void addr_host_put(struct buf *b, const struct addr *a)
{
	bool v6 = a->sa.sa_family == AF_INET6;

	if (v6)
		buf_char(b, '[');
	addr_put(b, a);
	if (v6)
		buf_char(b, ']');
}

void addr_port_put(struct buf *b, const struct addr *a)
{
	addr_host_put(b, a);
	buf_char(b, ':');
	buf_uint(b, addr_port(a));
}

void addr_set_port(struct addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET6)
		a->v6.sin6_port = htons(port);
	else
		a->v4.sin_port = htons(port);
}

socklen_t addr_len(const struct addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->v6) : sizeof(a->v4);
}

struct addr addr_from_sockaddr(const struct sockaddr *sa)
{
	struct addr a;

	memset(&a, 0, sizeof(a));
	if (sa->sa_family == AF_INET) {
		memcpy(&a.v4, sa, sizeof(a.v4));
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&a.v6, sa, sizeof(a.v6));
		if (IN6_IS_ADDR_V4MAPPED(&a.v6.sin6_addr)) {
			in_port_t port = a.v6.sin6_port;

			a = addr_v4_of_mapped(&a.v6.sin6_addr);
			a.v4.sin_port = port;
		}
	}
	return a;
}

static const uint8_t *addr_bytes(const struct addr *a, unsigned *n_r)
{
	if (a->sa.sa_family == AF_INET6) {
		*n_r = 16;
		return a->v6.sin6_addr.s6_addr;
	}
	*n_r = a->sa.sa_family == AF_INET ? 4 : 0;
	return (const uint8_t *)&a->v4.sin_addr;
}

bool addr_ip_eq(const struct addr *a, const struct addr *b)
{
	unsigned an, bn;
	const uint8_t *ap = addr_bytes(a, &an), *bp = addr_bytes(b, &bn);

	if (an == 4 && bn == 4)
		return a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return an == bn && memcmp(ap, bp, an) == 0;
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	return addr_port(a) == addr_port(b) && addr_ip_eq(a, b);
}

bool addr_is_any(const struct addr *a)
{
	static const uint8_t zero[16];
	unsigned n;
	const uint8_t *p;

	if (a->sa.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == htonl(INADDR_ANY);
	p = addr_bytes(a, &n);
	return memcmp(p, zero, n) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&a->v6.sin6_addr);
	return ntohl(a->v4.sin_addr.s_addr) >> 24 == 127;
}

void addr_mac(struct mac *m, const struct addr *a)
{
	unsigned n;
	const uint8_t *p = addr_bytes(a, &n);
	uint16_t port = addr_port(a);

	mac_add(m, &n, sizeof(n));
	mac_add(m, p, n);
	mac_add(m, &port, sizeof(port));
}

/* The number of leading ones of a netmask, -1 if ones follow a zero. */
static int mask_bits(const struct addr *mask)
{
	unsigned n;
	const uint8_t *p = addr_bytes(mask, &n);
	unsigned bits = 0;

	while (bits < n * 8 && (p[bits / 8] & (0x80 >> bits % 8)))
		bits++;
	for (unsigned i = bits; i < n * 8; i++) {
		if (p[i / 8] & (0x80 >> i % 8))
			return -1;
	}
	return (int)bits;
}

int network_parse(struct str s, struct network *net_r)
{
	ssize_t slash = str_chr(s, '/');
	struct network net;
	struct addr mask;
	uint64_t bits;
	unsigned max;

	if (addr_parse(slash < 0 ? s : str_head(s, (size_t)slash), &net.addr))
		return -EINVAL;
	max = net.addr.sa.sa_family == AF_INET6 ? 128 : 32;
	net.bits = max;
	if (slash >= 0) {
		struct str tail = str_skip(s, (size_t)slash + 1);

		if (str_uint(tail, max, &bits) == 0) {
			net.bits = (unsigned)bits;
		} else if (addr_parse(tail, &mask) == 0 &&
			   mask.sa.sa_family == net.addr.sa.sa_family && mask_bits(&mask) >= 0) {
			net.bits = (unsigned)mask_bits(&mask);
		} else {
			return -EINVAL;
		}
	}
	*net_r = net;
	return 0;
}

bool network_has(const struct network *net, const struct addr *a)
{
	unsigned nn, an;
	const uint8_t *np = addr_bytes(&net->addr, &nn), *ap = addr_bytes(a, &an);
	unsigned whole = net->bits / 8, rest = net->bits % 8;

	if (nn != an || memcmp(np, ap, whole) != 0)
		return false;
	return rest == 0 || ((np[whole] ^ ap[whole]) & (0xff00 >> rest) & 0xff) == 0;
}

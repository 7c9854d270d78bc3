/* SPDX-License-Identifier: BSD-2-Clause */
/* What the network says about datagrams of ours that did not arrive. The kernel queues it at the socket, with the beginning of the datagram as far as the
 * network quotes it; besides, it makes the next call on the socket fail, whatever that call is about.
 *
 * The socket is all workers': any of them may be the one that reads an error, and two may be woken for one. */
#include "core/net/own.h"

#include "core/run/log.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <time.h>

#include <linux/errqueue.h>

#define TURN_ERRORS 32u	 /* the rest is there in the next turn; datagrams come first again then */
#define QUOTE_MAX   1500 /* routers quote 576 or 1280 bytes of the packet at most, many of them 28 */

bool icmp_may_say(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENONET:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case EPROTO:
	case EACCES:
	case EMSGSIZE:
		return true;
	default:
		return false;
	}
}

/* RFC 3261 18.4. All else is a hint, or the kernel's business: a path that takes only smaller packets. */
static bool is_fatal(const struct sock_extended_err *e)
{
	switch (e->ee_origin) {
	case SO_EE_ORIGIN_ICMP:
		return e->ee_type == ICMP_PARAMETERPROB ||
		       (e->ee_type == ICMP_DEST_UNREACH && e->ee_code != ICMP_FRAG_NEEDED);
	case SO_EE_ORIGIN_ICMP6:
		return e->ee_type == ICMP6_PARAM_PROB || e->ee_type == ICMP6_DST_UNREACH;
	default:
		return false;
	}
}

/* The error among what the kernel tells besides: when it came. */
static bool error_of(struct msghdr *mh, struct sock_extended_err *e_r)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if ((c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR)) {
			memcpy(e_r, CMSG_DATA(c), sizeof(*e_r));
			return true;
		}
	}
	return false;
}

static void judge(struct net_worker *nw, const struct listener *l,
		  const struct sockaddr_storage *dst, const struct sock_extended_err *e,
		  struct str sent)
{
	struct addr to = addr_from_sockaddr((const struct sockaddr *)dst);

	counter_inc(&net_udp_counters, UDP_UNREACHED);
	log_limited(LOG_INFO, "udp", "a datagram did not arrive", KV_ADDR("peer", &to),
		    KV_ADDR("socket", &l->addr), KV_ERRNO((int)e->ee_errno));
	if (nw->net->hooks.unreached)
		nw->net->hooks.unreached(nw->w, sent, (int)e->ee_errno);
}

/* False: there is none. */
static bool read_one(struct net_worker *nw, const struct listener *l)
{
	_Alignas(struct cmsghdr) char
		control[CMSG_SPACE(sizeof(struct timespec)) +
			CMSG_SPACE(sizeof(struct sock_extended_err) + sizeof(struct sockaddr_in6))];
	struct sockaddr_storage dst = { .ss_family = AF_UNSPEC };
	char quote[QUOTE_MAX];
	struct iovec iov = { .iov_base = quote, .iov_len = sizeof(quote) };
	struct msghdr mh = { .msg_name = &dst,
			     .msg_namelen = sizeof(dst),
			     .msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control,
			     .msg_controllen = sizeof(control) };
	struct sock_extended_err e;
	ssize_t n = recvmsg(l->fd, &mh, MSG_ERRQUEUE | MSG_DONTWAIT);

	if (n < 0)
		return false;
	if (error_of(&mh, &e) && is_fatal(&e))
		judge(nw, l, &dst, &e, str_of(quote, (size_t)n));
	return true;
}

void icmp_read(struct net_worker *nw, const struct listener *l)
{
	socklen_t size = sizeof(int);
	unsigned n = 0;
	int error;

	while (n < TURN_ERRORS && read_one(nw, l))
		n++;
	/* without an entry (no room for it, or another worker was quicker) the socket stays ready until somebody asks */
	if (!n)
		(void)getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

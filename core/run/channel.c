/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors over SEQPACKET sockets. */
#include "core/run/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	char space[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int channel_open(struct channel *c)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair))
		return -errno;
	c->main_fd = pair[0];
	c->worker_fd = pair[1];
	return 0;
}

void channel_close(struct channel *c)
{
	if (c->main_fd >= 0)
		close(c->main_fd);
	if (c->worker_fd >= 0)
		close(c->worker_fd);
	c->main_fd = c->worker_fd = -1;
}

int channel_send(int end, const struct channel_msg *m, int fd)
{
	struct iovec io = { .iov_base = (void *)(uintptr_t)m, .iov_len = sizeof(*m) };
	struct msghdr mh = { .msg_iov = &io, .msg_iovlen = 1 };
	union control control;

	if (fd >= 0) {
		memset(&control, 0, sizeof(control));
		mh.msg_control = control.space;
		mh.msg_controllen = sizeof(control.space);
		struct cmsghdr *h = CMSG_FIRSTHDR(&mh);

		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &fd, sizeof(fd));
	}
	if (sendmsg(end, &mh, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof(*m))
		return 0;
	/* ETOOMANYREFS: too many descriptors of this user are in flight already */
	return errno == ENOBUFS || errno == ETOOMANYREFS ? -EAGAIN : -errno;
}

int channel_recv(int end, struct channel_msg *msg_r, int *fd_r)
{
	struct channel_msg m;
	struct iovec io = { .iov_base = &m, .iov_len = sizeof(m) };
	union control control;
	struct msghdr mh = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	ssize_t n;
	int fd = -1;

	do
		n = recvmsg(end, &mh, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&mh); h; h = CMSG_NXTHDR(&mh, h)) {
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(h), sizeof(fd));
	}
	if (n != (ssize_t)sizeof(m)) {
		if (fd >= 0)
			close(fd);
		return n == 0 ? -EPIPE : -EBADMSG;
	}
	*msg_r = m;
	*fd_r = fd;
	return 0;
}

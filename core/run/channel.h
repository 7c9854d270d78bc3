/* SPDX-License-Identifier: BSD-2-Clause */
/* Small messages with at most one descriptor between main and one worker: a pair of SEQPACKET sockets; main keeps both ends, so that what was
 * sent to a worker that died is not lost. */
#ifndef RUN_CHANNEL_H
#define RUN_CHANNEL_H

#include <stdint.h>

enum channel_kind {
	CHANNEL_CONN_TAKE = 1, /* main -> worker: own this connection; carries its descriptor */
	CHANNEL_CONN_KEEP, /* worker -> main: keep a duplicate of this outgoing connection; carries it */
};

struct channel_msg {
	uint32_t kind;
	uint32_t reserved;
	uint64_t id;
};

struct channel {
	int main_fd;
	int worker_fd;
};

int channel_open(struct channel *c);
void channel_close(struct channel *c);
/* Never blocks. fd -1: none. 0, -EAGAIN: full, -errno. The caller keeps fd. */
int channel_send(int end, const struct channel_msg *m, int fd);
/* 0 with *msg_r and *fd_r (-1: none; else close-on-exec and the caller's), -EAGAIN: nothing there, -errno. */
int channel_recv(int end, struct channel_msg *msg_r, int *fd_r);

#endif

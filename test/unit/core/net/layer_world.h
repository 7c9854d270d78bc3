/* SPDX-License-Identifier: BSD-2-Clause */
/* A world that listens with the toy layer, and what its peers say. */
#ifndef TEST_LAYER_WORLD_H
#define TEST_LAYER_WORLD_H

#include "test/unit/core/net/world.h"

#include "test/unit/core/net/toy_layer.h"

static uint16_t port;

static inline int open_layers(void **state)
{
	char text_z[64];

	(void)state;
	memset(&toy_does, 0, sizeof(toy_does));
	layer_set(TRANSPORT_TLS, &toy_layer);
	session_share_set(true);
	world_make();
	world.nc.tls = true;
	port = free_port();
	snprintf(text_z, sizeof(text_z), "tls:127.0.0.1:%u", port);
	world_listen(text_z);
	return 0;
}

static inline int close_layers(void **state)
{
	(void)state;
	world_close();
	layer_set(TRANSPORT_TLS, NULL);
	return 0;
}

static inline struct target target_at(uint16_t to)
{
	return (struct target){ .transport = transport_of(TRANSPORT_TLS),
				.addr = loopback(to),
				.from = world_listener(TRANSPORT_TLS),
				.identity = STR("Peer.Example") };
}

/* A record of the peer's. */
static inline void put_record(int fd, struct str plain, uint8_t number)
{
	char bytes[3 + TOY_RECORD] = { (char)(plain.n >> 8), (char)plain.n, (char)number };

	for (size_t i = 0; i < plain.n; i++)
		bytes[3 + i] = (char)(plain.p[i] + number);
	put(fd, str_of(bytes, 3 + plain.n));
}

static inline void expect_record(int fd, struct str plain, uint8_t number)
{
	char buf[3 + TOY_RECORD];
	size_t have = 0;

	WORLD_UNTIL(got(fd, buf, &have, 3 + plain.n));
	assert_int_equal((uint8_t)buf[0] << 8 | (uint8_t)buf[1], plain.n);
	assert_int_equal((uint8_t)buf[2], number);
	for (size_t i = 0; i < plain.n; i++)
		assert_int_equal((char)(buf[3 + i] - (char)number), plain.p[i]);
}

static inline void expect(int fd, const char *text_z)
{
	char buf[64];
	size_t have = 0;

	WORLD_UNTIL(got(fd, buf, &have, strlen(text_z)));
	assert_memory_equal(buf, text_z, strlen(text_z));
}

/* A client of ours behind its greeting. */
static inline int greeted(void)
{
	int fd;

	world_open();
	world.answer = world_reply;
	fd = tcp_client(port);
	put(fd, STR("HI"));
	expect(fd, "OK");
	return fd;
}

static inline struct conn *only_conn(void)
{
	return conn_at(world.run.net, 0);
}

#endif

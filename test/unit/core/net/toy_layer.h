/* SPDX-License-Identifier: BSD-2-Clause */
/* A stream layer that a test can speak by hand. The one who called says "HI", the other one answers "OK"; then come records of two bytes of length, a number
 * that counts the records of that side, and the plain bytes, each increased by that number. A record without bytes is the good-bye. */
#ifndef TEST_TOY_LAYER_H
#define TEST_TOY_LAYER_H

#include "core/net/layered.h"

#define TOY_RECORD 1000u

struct toy {
	uint8_t sent, received;
	bool up;
	size_t have; /* of a record, or of the greeting */
	uint8_t record[3 + TOY_RECORD];
};

/* What happens in a call, for tests. */
static struct {
	bool fails_open, fails_encode, holds;
	unsigned opened, ended, rested, unfinished, finished;
	int reason;
	void (*inside)(struct conn *c);
} toy_does;

static inline int toy_open(struct layer_io *io, uint32_t *deadline_ms_r)
{
	struct toy *t = heap_alloc(io->c->heap, sizeof(*t));

	toy_does.opened++;
	*deadline_ms_r = 300;
	if (!t || toy_does.fails_open)
		return -EPROTO;
	*t = (struct toy){ 0 };
	atomic_store(&io->c->session, t);
	return io->c->accepted ? 0 : layer_wire_put(io, "HI", 2);
}

static inline enum layer_step toy_greeting(struct layer_io *io, struct toy *t)
{
	const char *want = io->c->accepted ? "HI" : "OK";

	while (t->have < 2 && io->wire.n) {
		t->record[t->have++] = (uint8_t)io->wire.p[0];
		io->wire = str_skip(io->wire, 1);
	}
	if (memcmp(t->record, want, t->have)) {
		layer_wire_put(io, "NO", 2);
		return LAYER_FAILED;
	}
	if (t->have < 2)
		return LAYER_MORE;
	t->have = 0;
	t->up = true;
	if (io->c->accepted)
		layer_wire_put(io, "OK", 2);
	return LAYER_UP;
}

static inline enum layer_step toy_decode(struct layer_io *io, char *plain, size_t room, size_t *n_r)
{
	struct toy *t = atomic_load(&io->c->session);
	size_t length;

	if (toy_does.inside)
		toy_does.inside(io->c);
	if (!t->up)
		return toy_greeting(io, t);
	for (;;) {
		length = t->have < 3 ? 0 : (size_t)(t->record[0] << 8 | t->record[1]);
		if (t->have >= 3 && t->record[2] != t->received)
			return LAYER_FAILED;
		if (t->have >= 3 && !length)
			return LAYER_ENDED;
		if (t->have >= 3 && t->have == 3 + length)
			break;
		if (!io->wire.n)
			return LAYER_MORE;
		t->record[t->have++] = (uint8_t)io->wire.p[0];
		io->wire = str_skip(io->wire, 1);
	}
	if (length > room)
		return LAYER_FAILED;
	for (size_t i = 0; i < length; i++)
		plain[i] = (char)(t->record[3 + i] - t->received);
	*n_r = length;
	t->received++;
	t->have = 0;
	return LAYER_FULL;
}

static inline size_t toy_wire_max(const struct conn *c, size_t n)
{
	(void)c;
	return n + 3 * (n / TOY_RECORD + 1);
}

static inline int toy_put(struct layer_io *io, struct str plain)
{
	struct toy *t = atomic_load(&io->c->session);
	uint8_t bytes[3 + TOY_RECORD] = { (uint8_t)(plain.n >> 8), (uint8_t)plain.n, t->sent };

	for (size_t i = 0; i < plain.n; i++)
		bytes[3 + i] = (uint8_t)(plain.p[i] + t->sent);
	t->sent++;
	return layer_wire_put(io, bytes, 3 + plain.n);
}

static inline int toy_encode(struct layer_io *io, struct str plain)
{
	if (toy_does.inside)
		toy_does.inside(io->c);
	while (plain.n && !toy_does.fails_encode) {
		struct str piece = str_head(plain, plain.n < TOY_RECORD ? plain.n : TOY_RECORD);

		plain = str_skip(plain, piece.n);
		if (toy_put(io, piece))
			return -ENOSPC;
	}
	return toy_does.fails_encode ? -EIO : 0;
}

static inline void toy_finish(struct layer_io *io)
{
	toy_does.finished++;
	toy_put(io, str_of("", 0));
}

static inline void toy_rest(struct conn *c)
{
	assert_non_null(atomic_load(&c->heap));
	toy_does.rested++;
}

static inline void toy_unfinished(struct worker *w, struct conn *c, int reason)
{
	(void)w;
	(void)c;
	toy_does.unfinished++;
	toy_does.reason = reason;
}

static inline void toy_end(struct worker *w, struct conn *c, bool up)
{
	(void)w;
	(void)c;
	(void)up;
	toy_does.ended++;
}

static const struct stream_layer toy_layer = {
	.name_z = "toy",
	.heap_max = 1 << 20,
	.open = toy_open,
	.decode = toy_decode,
	.wire_max = toy_wire_max,
	.encode = toy_encode,
	.finish = toy_finish,
	.rest = toy_rest,
	.unfinished = toy_unfinished,
	.end = toy_end,
};

#endif

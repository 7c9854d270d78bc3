/* SPDX-License-Identifier: BSD-2-Clause */
/* layers: core/base core/mem parser */
/* A stream: however it is cut, the same frames come out; and what is framed as a message has the length that its parser finds. */
#include "fuzz.h"
#include "parser/frame.h"

#include <errno.h>

#define FRAMES_MAX 256u

struct feed {
	struct frame frames[FRAMES_MAX];
	unsigned n;
	size_t begin; /* of what is not framed yet */
	bool is_over;
};

static void check_message(struct str message)
{
	struct pool *p = pool_new(4096, 1 << 20);
	struct sip_error error;
	struct sip_msg msg;
	int err;

	REQUIRE(p);
	err = sip_msg_parse(&msg, p, message, true, &error);
	REQUIRE(err == 0 || err == -EBADMSG);
	REQUIRE(err == 0 || error.hdr != HDR_CONTENT_LENGTH);
	REQUIRE(err != 0 || (msg.buf.n == message.n && msg.has_clen));
	pool_drop(&p);
}

/* The stream up to end has arrived. */
static void arrive(struct feed *f, struct frame_state *state, struct str stream, size_t end,
		   size_t max, bool checks)
{
	while (!f->is_over && f->n < FRAMES_MAX) {
		struct str data = input_text((const uint8_t *)stream.p + f->begin, end - f->begin);
		struct frame frame = frame_next(state, data, max);

		REQUIRE(frame.length <= data.n);
		if (checks && frame.kind == FRAME_MESSAGE)
			check_message(str_head(data, frame.length));
		input_free(data);
		if (frame.kind == FRAME_MORE)
			return;
		REQUIRE(state->scanned == 0 && state->total == 0);
		f->frames[f->n++] = frame;
		f->is_over = frame.kind == FRAME_BAD || frame.kind == FRAME_HTTP;
		REQUIRE(f->is_over || frame.length > 0);
		REQUIRE(frame.length <= max || frame.kind != FRAME_MESSAGE);
		f->begin += f->is_over ? 0 : frame.length;
	}
}

static void compare(const struct feed *a, const struct feed *b)
{
	REQUIRE(a->n == b->n && a->begin == b->begin);
	for (unsigned i = 0; i < a->n; i++) {
		const struct frame *x = &a->frames[i], *y = &b->frames[i];

		REQUIRE(x->kind == y->kind && x->length == y->length);
		REQUIRE(x->error.status == y->error.status && x->error.offset == y->error.offset);
		REQUIRE(x->error.hdr == y->error.hdr && x->error.what == y->error.what);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str stream = input_text(data, size);
	uint32_t seed = choice_seed(stream);
	size_t max = choice_next(&seed) % 4 ? 65536 : choice_next(&seed) % 512 + 1;
	struct feed whole = { .n = 0 }, cut = { .n = 0 };
	struct frame_state state = { 0 };

	arrive(&whole, &state, stream, size, max, true);
	memset(&state, 0, sizeof(state));
	for (size_t end = 0; end < size;
	     end += choice_next(&seed) % (choice_next(&seed) % 2 ? 3 : 64) + 1)
		arrive(&cut, &state, stream, end, max, false);
	arrive(&cut, &state, stream, size, max, false);
	compare(&whole, &cut);
	input_free(stream);
	return 0;
}

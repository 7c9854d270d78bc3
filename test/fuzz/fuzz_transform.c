/* SPDX-License-Identifier: BSD-2-Clause */
/* A chain of transformations, and behind the first line end the value that it gets ("#" first: a number; nothing: null). What comes out depends on
 * nothing but the value, and is not too long. */
#include "core/mem/arena.h"
#include "core/run/log.h"
#include "core/script/machine.h"
#include "core/script/names.h"
#include "core/script/transform.h"
#include "fuzz.h"
#include "test/unit/core/script/fake_rows.h"

static struct shm *shm;
static struct pool *pool;

static void start(void)
{
	if (shm)
		return;
	log_level_set(-10);
	shm = shm_new((size_t)256 << 20, (size_t)64 << 20, 4);
	shm_slot_set(0);
	pool = pool_new(4096, 1 << 22);
	REQUIRE(shm && pool);
}

/* NULL: it is no chain. What was read needs the text no longer. */
static const struct transform *read_chain(const struct names *names, struct str text)
{
	struct str alone = input_text((const uint8_t *)text.p, text.n), rest = alone;
	const struct transform *t = NULL;
	char why_text[512];
	struct buf why = BUF_ON(why_text);
	int err = transform_read(names, &rest, &t, &why);

	REQUIRE(err == 0 || err == -EINVAL || err == -ENOENT || err == -ENOMEM);
	REQUIRE(err == 0 || err == -ENOMEM || why.n);
	REQUIRE(err || (inside(rest, alone) && (!rest.n || rest.p[0] != '{')));
	input_free(alone);
	return err ? NULL : t;
}

static struct value value_of(struct str s)
{
	struct value v = value_int(0);

	if (!s.n)
		return value_null();
	return s.p[0] == '#' && str_int(str_skip(s, 1), &v.i) == 0 ? v : value_str(s);
}

static void run_chain(const struct transform *t, struct ctx *ctx, struct str value)
{
	struct str alone = input_text((const uint8_t *)value.p, value.n), kept, text[2];

	kept = pool_str(ctx->pool, alone);
	REQUIRE(kept.p || !alone.n);
	for (unsigned i = 0; i < 2; i++) {
		struct value v = value_of(alone);

		REQUIRE(transform_run(t, ctx, &v) == 0);
		REQUIRE(v.type == VALUE_NULL || v.type == VALUE_INT || v.type == VALUE_STR);
		REQUIRE(value_text(ctx->pool, &v, &text[i]) == 0);
		REQUIRE(text[i].n <= TRANSFORM_RESULT_MAX || text[i].n <= value.n);
	}
	REQUIRE(text[0].n == text[1].n && str_is_null(text[0]) == str_is_null(text[1]));
	REQUIRE(!text[0].n || str_eq(text[0], text[1]));
	REQUIRE(!alone.n || str_eq(alone, kept));
	input_free(alone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char request[] =
		"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\n"
		"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n"
		"Call-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n";
	struct str value = str_of((const char *)data, size), chain = STR_NULL;
	struct conf conf = { .generation = 1 };
	struct names names = { .modules = fake_builtins, .modules_n = 2, .conf = &conf };
	const struct transform *t;
	struct sip_msg msg;
	struct sip_error e;
	struct ctx ctx = { .conf = &conf, .msg = &msg };
	struct shm_stats stats;

	start();
	if (size > 8192)
		return -1;
	pool_reset(pool);
	ctx.pool = pool;
	REQUIRE(sip_msg_parse(&msg, pool, str_z(request), false, &e) == 0);
	conf.arena = arena_new(shm, 0, 16384, 1 << 22);
	names.regex_set = regex_set_new();
	REQUIRE(conf.arena);
	str_split(&value, '\n', &chain);
	t = read_chain(&names, chain);
	if (t)
		run_chain(t, &ctx, value);
	regex_set_drop(names.regex_set);
	arena_drop(&conf.arena);
	shm_stats(shm, &stats);
	REQUIRE(stats.chunks_live == 0);
	return 0;
}

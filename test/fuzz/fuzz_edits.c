/* SPDX-License-Identifier: BSD-2-Clause */
/* A datagram that scripts change: what comes out is what a simple model says, and a message again. */
#include "fuzz.h"
#include "test/unit/core/msg/edit_model.h"

#define POOL_MAX (1u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct model m;
	struct pool *p = pool_new(4096, POOL_MAX);
	struct str text = input_text(data, size);
	struct sip_msg msg;
	struct sip_error error;
	struct ctx ctx = { .pool = p, .msg = &msg };
	uint32_t seed = choice_seed(text);

	REQUIRE(p);
	if (!sip_msg_parse(&msg, p, text, false, &error) && msg.is_request &&
	    !sip_msg_via(&msg, &ctx.via))
		REQUIRE(model_run(&m, &ctx, &seed));
	pool_drop(&p);
	input_free(text);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* options_reply(). */
#include "modules/siputils/siputils.h"

#include <errno.h>

int fn_options_reply(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	int err = capabilities_send(ctx, &siputils_conf_of(ctx)->options);

	(void)argv;
	(void)argc;
	if (err == -EINVAL)
		return siputils_failed("could not answer: this is no OPTIONS to the router itself",
				       ctx_uri_text(ctx), err);
	return err ? FN_FALSE : FN_END;
}

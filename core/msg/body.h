/* SPDX-License-Identifier: BSD-2-Clause */
/* The body of the message as it will leave, and of the answers that are made here, with the header fields that belong to it. */
#ifndef MSG_BODY_H
#define MSG_BODY_H

#include "core/msg/ctx.h"

/* text takes the place of the body and of what was changed in it; Content-Length follows when the message leaves. type is the Content-Type, null: it
 * stays. Both must live as long as the context. -EINVAL: type has a line end in it or is empty; -ENOMEM. */
int body_set(struct ctx *ctx, struct str text, struct str type);
/* Neither body nor Content-Type is left. -ENOMEM. */
int body_remove(struct ctx *ctx);
/* The Content-Type the message will leave with. Same errors. */
int content_type_set(struct ctx *ctx, struct str type);
/* The answers made here carry a body; the last call counts. Same errors. */
int reply_body_set(struct ctx *ctx, struct str text, struct str type);

#endif

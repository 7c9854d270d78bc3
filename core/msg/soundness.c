/* SPDX-License-Identifier: BSD-2-Clause */
/* The header fields without which nothing can be routed, answered or matched; no more than that is looked at here. */
#include "core/msg/soundness.h"

#include <errno.h>

static const char *call_id_fault(const struct sip_msg *msg)
{
	if (!msg->first[HDR_CALL_ID])
		return "missing Call-ID";
	return str_is_null(sip_msg_call_id(msg)) ? "empty Call-ID" : NULL;
}

static const char *cseq_fault(struct sip_msg *msg, struct sip_cseq *cseq_r)
{
	int err = sip_msg_cseq(msg, cseq_r);

	return !err ? NULL : err == -ENOENT ? "missing CSeq" : "malformed CSeq";
}

static const char *address_fault(struct sip_msg *msg, enum hdr_id id, const char *missing,
				 const char *malformed)
{
	struct sip_nameaddr *na;
	int err = sip_msg_nameaddr(msg, id, &na);

	return !err ? NULL : err == -ENOENT ? missing : malformed;
}

static const char *addresses_fault(struct sip_msg *msg)
{
	const char *fault = address_fault(msg, HDR_FROM, "missing From", "malformed From");

	return fault ? fault : address_fault(msg, HDR_TO, "missing To", "malformed To");
}

const char *request_fault(struct ctx *ctx)
{
	struct sip_msg *msg = ctx->msg;
	const struct sip_uri *u = ctx_uri(ctx);
	const char *fault;
	struct sip_cseq cseq;
	uint32_t hops;
	int err;

	if (!u)
		return "malformed Request-URI";
	/* RFC 3261 19.1.1: they would become real header fields somewhere */
	if (!str_is_null(u->headers))
		return "header fields in the Request-URI";
	fault = cseq_fault(msg, &cseq);
	if (!fault)
		fault = call_id_fault(msg);
	if (!fault)
		fault = addresses_fault(msg);
	if (fault)
		return fault;
	if (!str_eq(cseq.method_text, msg->method_text))
		return "method in CSeq is another";
	err = sip_msg_uint(msg, HDR_MAX_FORWARDS, &hops);
	return err && err != -ENOENT ? "malformed Max-Forwards" : NULL;
}

const char *response_fault(struct ctx *ctx)
{
	struct sip_cseq cseq;
	const char *fault = cseq_fault(ctx->msg, &cseq);

	if (!fault)
		fault = call_id_fault(ctx->msg);
	/* it is passed on, so that they are there is enough */
	if (!fault && !ctx->msg->first[HDR_FROM])
		fault = "missing From";
	if (!fault && !ctx->msg->first[HDR_TO])
		fault = "missing To";
	return fault;
}

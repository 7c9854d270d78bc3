/* SPDX-License-Identifier: BSD-2-Clause */
/* The message as such and where it came from, as attributes. */
#include "core/msg/attr_pv.h"
#include "core/msg/body.h"

#include <errno.h>

/* A bit for each method, as the family numbers them. */
static int64_t method_number(enum sip_method method)
{
	static const int64_t numbers[] = {
		[METHOD_OTHER] = 1 << 19,   [METHOD_INVITE] = 1 << 0,	 [METHOD_CANCEL] = 1 << 1,
		[METHOD_ACK] = 1 << 2,	    [METHOD_BYE] = 1 << 3,	 [METHOD_INFO] = 1 << 4,
		[METHOD_REGISTER] = 1 << 5, [METHOD_SUBSCRIBE] = 1 << 6, [METHOD_NOTIFY] = 1 << 7,
		[METHOD_MESSAGE] = 1 << 8,  [METHOD_OPTIONS] = 1 << 9,	 [METHOD_PRACK] = 1 << 10,
		[METHOD_UPDATE] = 1 << 11,  [METHOD_REFER] = 1 << 12,	 [METHOD_PUBLISH] = 1 << 13,
	};

	return numbers[method];
}

int attr_msg(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct sip_msg *msg = ctx->msg;
	struct sip_cseq cseq;

	*value_r = value_null();
	switch ((enum msg_part)arg->tag) {
	case MSG_PART_ALL:
		*value_r = value_str(msg->buf);
		break;
	case MSG_PART_LENGTH:
		*value_r = value_int((int64_t)msg->buf.n);
		break;
	case MSG_PART_BODY:
		*value_r = msg->body.n ? value_str(msg->body) : value_null();
		break;
	case MSG_PART_BODY_LENGTH:
		*value_r = value_int((int64_t)msg->body.n);
		break;
	case MSG_PART_FIRST_LINE:
		*value_r = value_str(msg->first_line);
		break;
	case MSG_PART_TYPE:
		*value_r = value_str(msg->is_request ? STR("SIP_REQUEST") : STR("SIP_REPLY"));
		break;
	case MSG_PART_HEADERS:
		*value_r = value_str(msg->headers);
		break;
	case MSG_PART_METHOD:
		if (msg->is_request)
			*value_r = value_str(msg->method_text);
		else if (!sip_msg_cseq(msg, &cseq))
			*value_r = value_str(cseq.method_text);
		break;
	case MSG_PART_VERSION:
		*value_r = value_str(msg->version);
		break;
	case MSG_PART_STATUS:
		*value_r = msg->is_request ? value_null() : value_int(msg->status);
		break;
	case MSG_PART_REASON:
		*value_r = msg->is_request ? value_null() : value_str(msg->reason);
		break;
	case MSG_PART_TYPE_NUMBER:
		*value_r = value_int(msg->is_request ? 1 : 2);
		break;
	case MSG_PART_TYPE_WORD:
		*value_r = value_str(msg->is_request ? STR("rq") : STR("rp"));
		break;
	case MSG_PART_STATUS_OR_0:
		*value_r = value_int(msg->is_request ? 0 : msg->status);
		break;
	case MSG_PART_FLAGS:
		*value_r = value_int(ctx->flags);
		break;
	}
	return 0;
}

int attr_msg_number(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	char digits[12];
	struct buf b = BUF_ON(digits);
	struct sip_cseq cseq;

	switch (arg->tag) {
	case MSG_NUMBER:
		*value_r = value_int(ctx->number);
		return 0;
	case MSG_NUMBER_HEX:
		buf_hex(&b, ctx->number, 8);
		return attr_text(ctx, buf_str(&b), value_r);
	default:
		*value_r = value_null();
		if (ctx->msg->is_request)
			*value_r = value_int(method_number(ctx->msg->method));
		else if (!sip_msg_cseq(ctx->msg, &cseq))
			*value_r = value_int(method_number(cseq.method));
		return 0;
	}
}

int attr_body_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	struct str text;
	int err = 0;

	(void)arg;
	if (v->type == VALUE_NULL)
		return body_remove(ctx);
	if (v->type == VALUE_INT)
		err = attr_number_text(ctx, v->i, &text);
	else
		text = pool_str(ctx->pool, v->s);
	if (err || (v->type == VALUE_STR && v->s.n && !text.p))
		return -ENOMEM;
	return body_set(ctx, text.p ? text : STR(""), STR_NULL);
}

int attr_socket(struct ctx *ctx, const struct listener *l, struct value *value_r)
{
	char text[ADDR_TEXT_MAX + 8];
	struct buf b = BUF_ON(text);

	buf_str_put(&b, str_z(l->transport->name));
	buf_char(&b, ':');
	addr_port_put(&b, &l->addr);
	return attr_text(ctx, buf_str(&b), value_r);
}

int attr_origin(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct origin *from = &ctx->from;
	char text[ADDR_TEXT_MAX + 8];
	struct buf b = BUF_ON(text);

	*value_r = value_null();
	switch ((enum origin_part)arg->tag) {
	case ORIGIN_SRC_PORT:
		*value_r = value_int(addr_port(&from->src));
		return 0;
	case ORIGIN_DST_PORT:
		*value_r = value_int(addr_port(&from->dst));
		return 0;
	case ORIGIN_PROTO:
		*value_r = value_str(str_z(from->transport->name));
		return 0;
	case ORIGIN_AF:
		*value_r =
			value_str(from->src.sa.sa_family == AF_INET6 ? STR("INET6") : STR("INET"));
		return 0;
	case ORIGIN_CONN:
		if (from->conn)
			*value_r = value_int((int64_t)from->conn);
		return 0;
	case ORIGIN_SEND_SOCKET:
		return ctx->send_socket ? attr_socket(ctx, ctx->send_socket, value_r) : 0;
	case ORIGIN_SRC_IP:
		addr_put(&b, &from->src);
		break;
	case ORIGIN_SRC_IP_PORT:
		addr_port_put(&b, &from->src);
		break;
	case ORIGIN_DST_IP:
		addr_put(&b, &from->dst);
		break;
	case ORIGIN_DST_IP_PORT:
		addr_port_put(&b, &from->dst);
		break;
	case ORIGIN_PROTO_IP_PORT:
		buf_str_put(&b, str_z(from->transport->name));
		buf_char(&b, ':');
		addr_port_put(&b, &from->dst);
		break;
	}
	return attr_text(ctx, buf_str(&b), value_r);
}

int attr_send_socket_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	(void)arg;
	if (v->type == VALUE_INT)
		return -EINVAL;
	if (v->type == VALUE_NULL || !v->s.n) {
		ctx->send_socket = NULL;
		return 0;
	}
	return ctx_send_socket_set(ctx, v->s);
}

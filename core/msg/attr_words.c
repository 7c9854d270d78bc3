/* SPDX-License-Identifier: BSD-2-Clause */
/* Kamailio's variables with a word in parentheses: $msg(len), $via0(host), $rcv(srcip), $nh(d), $K(TCP), $expires(min), and its flags. The words are
 * looked up when the script is loaded. */
#include "core/msg/attr_pv.h"
#include "core/msg/funcs.h"

#include <errno.h>

unsigned attr_word(const char *const *words, struct str word)
{
	for (unsigned i = 0; words[i]; i++)
		if (str_eq(str_z(words[i]), word))
			return i;
	return 0xff;
}

int attr_number_text(struct ctx *ctx, int64_t n, struct str *text_r)
{
	char digits[24];
	struct buf b = BUF_ON(digits);

	buf_int(&b, n);
	*text_r = pool_str(ctx->pool, buf_str(&b));
	return text_r->p ? 0 : -ENOMEM;
}

/* --- words ------------------------------------------------------------------------------------------------------------------------------------ */

static const char *const msg_words[] = { "len",	 "buf",	  "body",     "hdrs",  "fline", "body_len",
					 "hdrc", "fpart", "hdrs_len", "lpart", NULL };
static const char *const via_words[] = { "host",  "port",     "proto", "protoid", "branch",
					 "rport", "received", "i",     NULL };
static const char *const rcv_words[] = { "af",	  "buf",    "len",     "proto",	  "srcip",
					 "rcvip", "sproto", "srcport", "rcvport", NULL };
static const char *const nh_words[] = { "u", "U", "d", "p", "P", "i", NULL };
static const char *const k_words[] = { "IPv4", "INET", "IPv6", "INET6", "UDP", "TCP",
				       "TLS",  "SCTP", "WS",   "WSS",	NULL };
static const char *const expires_words[] = { "min", "max", NULL };
static const char *const af_words[] = { "", "name", "id", NULL };

static const struct {
	const char *const *words;
	const char *wrong;
} word_sets[] = {
	[WORDS_MSG] = { msg_words, "what it has is len buf body hdrs fline body_len hdrc fpart "
				   "hdrs_len lpart" },
	[WORDS_VIA] = { via_words,
			"what it has is host port proto protoid branch rport received i" },
	[WORDS_RCV] = { rcv_words,
			"what it has is af buf len proto srcip rcvip sproto srcport rcvport" },
	[WORDS_NH] = { nh_words, "what it has is u U d p P i" },
	[WORDS_K] = { k_words, "what it has is IPv4 INET IPv6 INET6 UDP TCP TLS SCTP WS WSS" },
	[WORDS_EXPIRES] = { expires_words, "what it has is min and max" },
	[WORDS_AF] = { af_words, "what it has is name and id" },
};

/* The row's base is the set; of Via the index says which. */
const char *attr_words_prepare(struct attr_arg *arg, const struct conf *conf)
{
	unsigned set = TAG_BASE(arg->tag) & 0xff, word = attr_word(word_sets[set].words, arg->key);

	(void)conf;
	if (set == WORDS_VIA) {
		arg->has_index = true;
		arg->index = (int)TAG_PART(arg->tag) - 1;
	}
	arg->tag = (int)word;
	return word == 0xff ? word_sets[set].wrong : NULL;
}

int attr_msg_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct sip_msg *msg = ctx->msg;
	struct str head = str_between(msg->buf.p, str_end(msg->headers)),
		   tail = str_between(msg->headers.p, str_end(msg->buf));
	int64_t n = 0;

	switch (arg->tag) {
	case 0:
		*value_r = value_int((int64_t)msg->buf.n);
		break;
	case 1:
		*value_r = value_str(msg->buf);
		break;
	case 2:
		*value_r = msg->body.n ? value_str(msg->body) : value_null();
		break;
	case 3:
		*value_r = value_str(str_trim(msg->headers));
		break;
	case 4:
		*value_r = value_str(str_trim(msg->first_line));
		break;
	case 5:
		*value_r = value_int((int64_t)msg->body.n);
		break;
	case 6:
		for (const struct sip_hdr *h = msg->hdrs; h; h = h->next)
			n++;
		*value_r = value_int(n);
		break;
	case 7:
		*value_r = value_str(str_trim(head));
		break;
	case 8:
		*value_r = value_int((int64_t)str_trim(msg->headers).n);
		break;
	default:
		*value_r = value_str(tail);
		break;
	}
	return 0;
}

int attr_via_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	static const int parts[] = { VIA_HOST,	 VIA_PORT,  VIA_TRANSPORT, VIA_TRANSPORT,
				     VIA_BRANCH, VIA_RPORT, VIA_RECEIVED,  VIA_I };
	struct attr_arg part = *arg;
	int err;

	part.tag = parts[arg->tag];
	part.has_key = false;
	err = attr_via(ctx, &part, value_r);
	if (!err && arg->tag == 3)
		*value_r = attr_transport_number(value_r->s);
	if (!err && arg->tag == 1 && value_r->type == VALUE_NULL) {
		part.tag = VIA_WHOLE;
		err = attr_via(ctx, &part, value_r);
		*value_r = value_r->type == VALUE_NULL ? *value_r : value_int(5060);
	}
	return err;
}

/* The family's numbers of transports: UDP 1, TCP 2, TLS 3, SCTP 4, WS 5, WSS 6. */
struct value attr_transport_number(struct str name)
{
	static const char *const names[] = { "udp", "tcp", "tls", "sctp", "ws", "wss" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (str_eq_nocase(str_z(names[i]), name))
			return value_int((int64_t)i + 1);
	return value_int(0);
}

/* Without a word as in OpenSIPS, with one as in Kamailio. */
int attr_af(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	int family = ctx->from.src.sa.sa_family;
	bool six = family == AF_INET6;

	if (arg->tag == 2)
		*value_r = value_int(family);
	else if (arg->tag == 1)
		*value_r = value_str(six ? STR("IPv6") : STR("IPv4"));
	else
		*value_r = value_str(six ? STR("INET6") : STR("INET"));
	return 0;
}

int attr_rcv_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	static const int parts[] = { [4] = ORIGIN_SRC_IP,
				     [5] = ORIGIN_DST_IP,
				     [6] = ORIGIN_PROTO,
				     [7] = ORIGIN_SRC_PORT,
				     [8] = ORIGIN_DST_PORT };
	struct attr_arg part = *arg;

	switch (arg->tag) {
	case 0:
		*value_r = value_int(ctx->from.src.sa.sa_family);
		return 0;
	case 1:
		*value_r = value_str(ctx->msg->buf);
		return 0;
	case 2:
		*value_r = value_int((int64_t)ctx->msg->buf.n);
		return 0;
	case 3:
		*value_r = attr_transport_number(str_z(ctx->from.transport->name));
		return 0;
	default:
		part.tag = parts[arg->tag];
		return attr_origin(ctx, &part, value_r);
	}
}

/* Of $du, or the Request-URI. */
int attr_nh_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	static const unsigned parts[] = { PART_URI, PART_USER, PART_HOST, PART_PORT_NUMBER,
					  PART_PROTO };
	struct str text = str_is_null(ctx->dst_uri) ? ctx_uri_text(ctx) : ctx->dst_uri;
	struct sip_uri *u;

	*value_r = value_null();
	if (!ctx->msg->is_request)
		return 0;
	u = ctx_uri_parse(ctx, text);
	if (!u)
		return 0;
	if (arg->tag < 5)
		return attr_uri_part(ctx, u, parts[arg->tag], arg, value_r);
	*value_r = value_int(u->host_kind == URI_HOST_V4 ? 4 : u->host_kind == URI_HOST_V6 ? 6 : 0);
	return 0;
}

int attr_k_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	static const int numbers[] = { AF_INET, AF_INET, AF_INET6, AF_INET6, 1, 2, 3, 4, 5, 6 };

	(void)ctx;
	*value_r = value_int(numbers[arg->tag]);
	return 0;
}

/* The smallest and the largest time that a Contact asks for, by its own parameter or by Expires. */
int attr_expires_word(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct sip_hdr *h = ctx->msg->first[HDR_EXPIRES];
	uint64_t common = UINT64_MAX, min = UINT64_MAX, max = 0, n;
	struct sip_nameaddr *na;
	int err;

	*value_r = value_null();
	if (h && str_uint(str_trim(h->body), UINT32_MAX, &common) < 0)
		return 0;
	for (err = sip_msg_nameaddr(ctx->msg, HDR_CONTACT, &na); !err;
	     err = sip_msg_nameaddr_next(ctx->msg, na, &na)) {
		struct sip_param p;

		n = common;
		if (sip_param_find(na->params, STR("expires"), &p) &&
		    str_uint(p.value, UINT32_MAX, &n) < 0)
			return 0;
		if (n == UINT64_MAX)
			continue;
		min = n < min ? n : min;
		max = n > max ? n : max;
	}
	if (err == -ENOMEM)
		return err;
	if (min == UINT64_MAX)
		min = max = common;
	if (min != UINT64_MAX)
		*value_r = value_int((int64_t)(arg->tag ? max : min));
	return 0;
}

/* How many header fields have that name. */
int attr_header_count(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	int64_t n = 0;

	for (const struct sip_hdr *h = sip_msg_find(ctx->msg, arg->key); h; h = sip_hdr_next(h))
		n++;
	*value_r = value_int(n);
	return 0;
}

/* --- flags ------------------------------------------------------------------------------------------------------------------------------------ */

static uint32_t *flags_of(struct ctx *ctx, const struct attr_arg *arg)
{
	switch (TAG_BASE(arg->tag)) {
	case FLAGS_SCRIPT:
		return &ctx->script_flags;
	case FLAGS_BRANCH:
		return &ctx->branch_flags;
	default:
		return &ctx->flags;
	}
}

const char *attr_flag_prepare(struct attr_arg *arg, const struct conf *conf)
{
	uint64_t n;

	(void)conf;
	if (str_uint(arg->key, 31, &n) < 0)
		return "a flag is a number from 0 to 31";
	arg->tag = ATTR_TAG(TAG_BASE(arg->tag), FLAGS_ONE + (unsigned)n);
	return NULL;
}

int attr_flags(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	uint32_t flags = *flags_of(ctx, arg);
	unsigned part = TAG_PART(arg->tag);
	char text[8];
	struct buf b = BUF_ON(text);

	if (part == FLAGS_HEX) {
		buf_hex(&b, flags, 8);
		return attr_text(ctx, buf_str(&b), value_r);
	}
	*value_r = value_int(part == FLAGS_ALL ? flags : flags >> (part - FLAGS_ONE) & 1);
	return 0;
}

int attr_flags_set(struct ctx *ctx, const struct attr_arg *arg, const struct value *v)
{
	uint32_t *flags = flags_of(ctx, arg), bit;
	unsigned part = TAG_PART(arg->tag);
	int64_t n = 0;

	if (v->type != VALUE_NULL && (arg_int(v, &n) || n < 0 || n > UINT32_MAX))
		return -EINVAL;
	if (part < FLAGS_ONE) {
		*flags = (uint32_t)n;
		return 0;
	}
	bit = 1u << (part - FLAGS_ONE);
	*flags = n ? *flags | bit : *flags & ~bit;
	return 0;
}

/* --- addresses as URIs and sockets ------------------------------------------------------------------------------------------------------------ */

int attr_origin_uri(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct origin *from = &ctx->from;
	const struct listener *l = from->listener;
	unsigned side = TAG_BASE(arg->tag), form = TAG_PART(arg->tag);
	char text[ADDR_TEXT_MAX + 300];
	struct buf b = BUF_ON(text);

	if (form == SIDE_SOCKET)
		buf_fmt(&b, "%s:", from->transport->name);
	else if (form != SIDE_IP)
		buf_lit(&b, "sip:");
	if (side == SIDE_ADVERTISED && l) {
		buf_str_put(&b, l->host);
		if (form != SIDE_IP)
			buf_fmt(&b, ":%u", l->port);
	} else if (form == SIDE_IP) {
		addr_put(&b, side == SIDE_SOURCE ? &from->src : &from->dst);
	} else {
		addr_port_put(&b, side == SIDE_SOURCE ? &from->src : &from->dst);
	}
	if (form == SIDE_URI_FULL ||
	    (form == SIDE_URI && !str_eq(str_z(from->transport->name), STR("udp"))))
		buf_fmt(&b, ";transport=%s", from->transport->name);
	return attr_text(ctx, buf_str(&b), value_r);
}

int attr_socket_part(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	const struct listener *l =
		arg->tag == SOCKET_RECEIVED_NAME || arg->tag == SOCKET_ADVERTISED_PORT
			? ctx->from.listener
			: ctx->send_socket;

	*value_r = value_null();
	if (arg->tag == SOCKET_PROTO_NUMBER)
		*value_r = attr_transport_number(str_z(ctx->from.transport->name));
	else if (l && (arg->tag == SOCKET_SEND_PORT || arg->tag == SOCKET_ADVERTISED_PORT))
		*value_r = value_int(arg->tag == SOCKET_SEND_PORT ? addr_port(&l->addr) : l->port);
	else if (l)
		*value_r = value_str(l->name);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* layers: core/base core/mem parser */
/* A datagram through everything that looks at it. */
#include "fuzz.h"
#include "parser/nameaddr.h"
#include "parser/via.h"

#include <errno.h>

#define POOL_MAX (1u << 18)

static void check_error(struct str text, const struct sip_error *error)
{
	REQUIRE(error->status == 400 || error->status == 505);
	REQUIRE(error->offset <= text.n);
	REQUIRE(error->what && error->hdr < HDR_IDS);
}

static void check_hdr(const struct sip_msg *msg, const struct sip_hdr *h, struct str text)
{
	struct str rest = h->body, value;

	REQUIRE(inside(h->whole, text) && inside(h->name, h->whole) && inside(h->body, h->whole));
	REQUIRE(h->name.n && h->name.p == h->whole.p && str_end(h->whole)[-1] == '\n');
	REQUIRE(h->id == hdr_id_of(h->name) && msg->first[h->id]);
	REQUIRE(!h->next_same || (h->next_same->id == h->id && h->next_same->name.p > h->name.p));
	while (sip_list_next(&rest, &value))
		REQUIRE(inside(value, h->body) && inside(rest, h->body));
	REQUIRE(rest.n == 0);
}

/* All of it is in the text, in order; in a good message there is nothing between the parts. */
static unsigned check_index(const struct sip_msg *msg, struct str text, bool is_good)
{
	const char *at = msg->headers.p;
	unsigned n = 0;

	REQUIRE(inside(msg->buf, text) && inside(msg->first_line, msg->buf));
	REQUIRE(inside(msg->method_text, msg->first_line) && inside(msg->ruri, msg->first_line));
	REQUIRE(inside(msg->version, msg->first_line) && inside(msg->reason, msg->first_line));
	REQUIRE(inside(msg->headers, msg->buf) && inside(msg->body, msg->buf));
	for (struct sip_hdr *h = msg->hdrs; h; h = h->next, n++) {
		check_hdr(msg, h, text);
		REQUIRE(!is_good || h->whole.p == at);
		REQUIRE(h->next || h == msg->hdr_last);
		at = str_end(h->whole);
	}
	if (!is_good)
		return n;
	REQUIRE(str_end(msg->headers) == at && at + 2 == msg->body.p);
	REQUIRE(str_end(msg->body) == str_end(msg->buf));
	REQUIRE(msg->is_request ? msg->ruri.n && msg->method_text.n
				: msg->status >= 100 && msg->status <= 699);
	for (unsigned id = 1; id < HDR_IDS; id++)
		REQUIRE(!(hdr_flags(id) & HDR_ONCE) || !msg->first[id] ||
			!msg->first[id]->next_same);
	return n;
}

/* Each returns false when memory ran out. */
static bool read_vias(struct sip_msg *msg, struct str text)
{
	struct sip_via *via = NULL;
	int err;

	for (err = sip_msg_via(msg, &via); !err; err = sip_msg_via_next(msg, via, &via)) {
		REQUIRE(inside(via->whole, via->hdr->body) && inside(via->host, via->whole));
		REQUIRE(inside(via->params, via->whole) && via->host.n);
	}
	REQUIRE(err == -ENOENT || err == -EBADMSG || err == -ENOMEM);
	REQUIRE(err != -ENOENT || msg->first[HDR_VIA] == NULL || via);
	if (err == -EBADMSG)
		REQUIRE(sip_hdr_error(msg, via ? via->hdr : msg->first[HDR_VIA]).offset <= text.n);
	return err != -ENOMEM;
}

static bool read_nameaddrs(struct sip_msg *msg, enum hdr_id id)
{
	struct sip_nameaddr *na;
	struct sip_uri *uri;
	int err;

	for (err = sip_msg_nameaddr(msg, id, &na); !err;
	     err = sip_msg_nameaddr_next(msg, na, &na)) {
		REQUIRE(inside(na->whole, na->hdr->body) && inside(na->uri, na->whole));
		REQUIRE(inside(na->display, na->whole) && inside(na->params, na->whole));
		err = nameaddr_uri(msg, na, &uri);
		REQUIRE(err != 0 || str_eq(uri->text, na->uri));
		if (err == -ENOMEM)
			break;
	}
	REQUIRE(err == -ENOENT || err == -EBADMSG || err == -ENOMEM);
	return err != -ENOMEM;
}

static bool read_small(struct sip_msg *msg)
{
	struct sip_cseq cseq;
	uint32_t value;

	if (!sip_msg_cseq(msg, &cseq))
		REQUIRE(inside(cseq.method_text, msg->first[HDR_CSEQ]->body) && cseq.method_text.n);
	(void)sip_msg_uint(msg, HDR_MAX_FORWARDS, &value);
	(void)sip_msg_uint(msg, HDR_EXPIRES, &value);
	REQUIRE(inside(sip_msg_call_id(msg), msg->buf));
	for (struct sip_hdr *h = msg->hdrs; h; h = h->next) {
		struct str flat = sip_unfold(msg->pool, h->body);

		if (str_is_null(flat))
			return false;
		REQUIRE(flat.n <= h->body.n && str_chr(flat, '\n') < 0 && str_chr(flat, '\r') < 0);
		REQUIRE(sip_msg_find(msg, h->name) != NULL);
	}
	return true;
}

/* Everything, with memory that ends somewhere: what is told must be true all the same. */
static bool read_message(struct str text, bool is_stream, size_t left)
{
	static const enum hdr_id ids[] = { HDR_FROM,  HDR_TO,		HDR_CONTACT,
					   HDR_ROUTE, HDR_RECORD_ROUTE, HDR_REFER_TO };
	struct pool *p = pool_new(4096, POOL_MAX);
	struct sip_error error;
	struct sip_msg msg;
	bool done = false;
	int err;

	REQUIRE(p);
	if (left < POOL_MAX)
		REQUIRE(pool_alloc(p, POOL_MAX - 4096 - 64 - left));
	err = sip_msg_parse(&msg, p, text, is_stream, &error);
	REQUIRE(err == 0 || err == -EBADMSG || err == -ENOMEM);
	if (err == -EBADMSG)
		check_error(text, &error);
	if (err != -ENOMEM) {
		check_index(&msg, text, err == 0);
		done = read_vias(&msg, text) && read_small(&msg);
		for (unsigned i = 0; done && i < sizeof(ids) / sizeof(ids[0]); i++)
			done = read_nameaddrs(&msg, ids[i]);
	}
	pool_drop(&p);
	return done;
}

/* What is kept of a good message is a good message, with the same parts. */
static void parse_again(struct str text)
{
	struct pool *p = pool_new(4096, POOL_MAX);
	struct sip_msg msg, again;
	struct sip_error error;

	REQUIRE(p);
	if (sip_msg_parse(&msg, p, text, false, &error) == 0) {
		REQUIRE(sip_msg_parse(&again, p, msg.buf, false, &error) == 0);
		REQUIRE(check_index(&msg, text, true) == check_index(&again, text, true));
		REQUIRE(str_eq(again.buf, msg.buf) && str_eq(again.body, msg.body));
		REQUIRE(sip_msg_parse(&again, p, msg.buf, true, &error) == 0 || !msg.has_clen);
	}
	pool_drop(&p);
}

/* What is read for an answer alone is what is read of the whole message. */
static void parse_head(struct str text)
{
	static const enum hdr_id ids[] = { HDR_VIA, HDR_FROM, HDR_TO, HDR_CALL_ID, HDR_CSEQ };
	struct pool *p = pool_new(4096, POOL_MAX);
	struct sip_msg head, msg;
	struct sip_error error;

	REQUIRE(p);
	if (sip_msg_parse_head(&head, p, text) &&
	    sip_msg_parse(&msg, p, text, false, &error) == 0) {
		REQUIRE(str_eq(head.first_line, msg.first_line));
		for (unsigned i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
			const struct sip_hdr *a = head.first[ids[i]], *b = msg.first[ids[i]];

			for (; a && b; a = a->next_same, b = b->next_same)
				REQUIRE(a->body.p == b->body.p && a->body.n == b->body.n);
			REQUIRE(!a && !b);
		}
	}
	pool_drop(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = input_text(data, size);
	uint32_t seed = choice_seed(text);

	read_message(text, false, POOL_MAX);
	read_message(text, true, POOL_MAX);
	read_message(text, false, choice_next(&seed) % 16384 / 16 * 16);
	parse_again(text);
	parse_head(text);
	input_free(text);
	return 0;
}

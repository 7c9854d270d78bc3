/* SPDX-License-Identifier: BSD-2-Clause */
/* How many messages a second one core parses: the index alone, and with what a stateless proxy looks at. */
#include "core/base/clock.h"
#include "parser/nameaddr.h"
#include "parser/via.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUND_US 200000u /* a measurement: the best of ROUNDS of at least so long */
#define ROUNDS	 7u
#define BATCH	 1000u

static const char invite[] =
	"INVITE sip:+4930123456@gateway.example.com;user=phone SIP/2.0\r\n"
	"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-524287-1---3a1f6b2c9d8e7f60;rport\r\n"
	"Max-Forwards: 70\r\n"
	"Contact: <sip:alice@192.0.2.10:5060;transport=udp>\r\n"
	"To: <sip:+4930123456@gateway.example.com;user=phone>\r\n"
	"From: \"Alice\"<sip:alice@example.com>;tag=8c1d2e3f\r\n"
	"Call-ID: NmE5ZDQ3YjAyZjE4MWM5ZTQ1YjJhNzYw\r\n"
	"CSeq: 1 INVITE\r\n"
	"Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE\r\n"
	"Content-Type: application/sdp\r\n"
	"User-Agent: Example Phone 2.1\r\n"
	"Content-Length: 160\r\n"
	"\r\n"
	"v=0\r\n"
	"o=- 13374422 1 IN IP4 192.0.2.10\r\n"
	"s=-\r\n"
	"c=IN IP4 192.0.2.10\r\n"
	"t=0 0\r\n"
	"m=audio 8000 RTP/AVP 8 0 101\r\n"
	"a=rtpmap:101 telephone-event/8000\r\n"
	"a=fmtp:101 0-15\r\na=sendrecv\r\n";

static const char ok[] =
	"SIP/2.0 200 OK\r\n"
	"Via: SIP/2.0/UDP "
	"198.51.100.1;branch=z9hG4bKs8a2f.1;i=3f2;rport=5060;received=198.51.100.1\r\n"
	"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK-524287-1---3a1f6b2c9d8e7f60;rport=5060\r\n"
	"Record-Route: <sip:198.51.100.1;lr;ftag=8c1d2e3f>\r\n"
	"Contact: <sip:+4930123456@203.0.113.7:5060>\r\n"
	"To: <sip:+4930123456@gateway.example.com;user=phone>;tag=as6d7f8e9a\r\n"
	"From: \"Alice\"<sip:alice@example.com>;tag=8c1d2e3f\r\n"
	"Call-ID: NmE5ZDQ3YjAyZjE4MWM5ZTQ1YjJhNzYw\r\n"
	"CSeq: 1 INVITE\r\n"
	"Server: Example Gateway\r\n"
	"Content-Length: 0\r\n"
	"\r\n";

static const char reg[] =
	"REGISTER sip:example.com SIP/2.0\r\n"
	"v: SIP/2.0/TCP 10.1.2.3:49152;branch=z9hG4bK7d3f;rport;alias\r\n"
	"Max-Forwards: 70\r\n"
	"f: <sip:bob@example.com>;tag=4fd1\r\n"
	"t: <sip:bob@example.com>\r\n"
	"i: 1f2e3d4c5b6a@10.1.2.3\r\n"
	"CSeq: 17 REGISTER\r\n"
	"m: <sip:bob@10.1.2.3:49152;transport=tcp;ob>;reg-id=1;"
	"+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000a95a0e128>\"\r\n"
	"Authorization: Digest username=\"bob\", realm=\"example.com\", "
	"nonce=\"dcd98b7102dd2f0e8b11d0f6\", "
	"uri=\"sip:example.com\", response=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5\r\n"
	"k: path, outbound, gruu\r\n"
	"Expires: 600\r\n"
	"l: 0\r\n"
	"\r\n";

/* What forwarding statelessly looks at: 0 if all of it is sound. */
static int look(struct sip_msg *msg)
{
	struct sip_nameaddr *from, *to;
	struct sip_cseq cseq;
	struct sip_via *via;
	struct sip_uri ruri;

	return sip_msg_via(msg, &via) || sip_msg_nameaddr(msg, HDR_FROM, &from) ||
	       sip_msg_nameaddr(msg, HDR_TO, &to) || sip_msg_cseq(msg, &cseq) ||
	       (msg->is_request && uri_parse(msg->ruri, &ruri, NULL));
}

/* Microseconds for BATCH messages. */
static uint64_t batch(struct pool *p, struct str text, bool looks)
{
	uint64_t begin = clock_us();
	struct sip_error error;
	struct sip_msg msg;

	for (unsigned i = 0; i < BATCH; i++) {
		pool_reset(p);
		if (sip_msg_parse(&msg, p, text, false, &error) || (looks && look(&msg))) {
			fprintf(stderr, "parse_bench: a message of its own is malformed\n");
			exit(1);
		}
	}
	return clock_us() - begin;
}

/* The best round's messages a second. */
static double rate(struct pool *p, struct str text, bool looks)
{
	double best = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t us = 0, n = 0;

		while (us < ROUND_US) {
			us += batch(p, text, looks);
			n += BATCH;
		}
		if ((double)n * 1e6 / (double)us > best)
			best = (double)n * 1e6 / (double)us;
	}
	return best;
}

int main(void)
{
	static const struct {
		const char *name;
		struct str text;
	} messages[] = {
		{ "INVITE with SDP", { invite, sizeof(invite) - 1 } },
		{ "200", { ok, sizeof(ok) - 1 } },
		{ "REGISTER", { reg, sizeof(reg) - 1 } },
	};
	struct pool *p = pool_new(16384, 65536);

	if (!p)
		return 1;
	printf("%-18s %6s %16s %34s\n", "message", "bytes", "index only",
	       "and Via, From, To, CSeq, R-URI");
	for (unsigned i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		double index = rate(p, messages[i].text, false);
		double all = rate(p, messages[i].text, true);

		printf("%-18s %6zu %11.2f M/s %29.2f M/s\n", messages[i].name, messages[i].text.n,
		       index / 1e6, all / 1e6);
	}
	pool_drop(&p);
	return 0;
}

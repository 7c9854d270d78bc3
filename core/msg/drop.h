/* SPDX-License-Identifier: BSD-2-Clause */
/* What happened to messages: one counter for each event and for each reason why a message was dropped; the group is called "core". */
#ifndef MSG_DROP_H
#define MSG_DROP_H

#include "core/msg/ctx.h"
#include "core/run/counter.h"

/* id, name, help */
#define MSG_EVENT_TABLE(X)                                                                         \
	X(REQUESTS, "requests", "requests received")                                               \
	X(RESPONSES, "responses", "responses received")                                            \
	X(REPLIES, "replies", "requests answered statelessly")                                     \
	X(FORWARDED, "forwarded", "requests sent on statelessly")                                  \
	X(RELAYED, "relayed", "responses sent on statelessly")                                     \
	X(KEEPALIVES, "keepalives", "keep-alive datagrams")                                        \
	X(ACKS, "acks", "ACKs of answers that were made here")                                     \
	X(ABSORBED, "absorbed", "retransmissions of requests that wait")                           \
	X(CANCELLED, "cancelled", "waiting requests that a CANCEL ended")                          \
	X(WAITED, "waited", "contexts that waited for something")                                  \
	X(WAIT_DEADLINE, "wait_deadline", "waits that took too long")                              \
	X(WAIT_ORPHANED, "wait_orphaned", "waiting requests answered 500 after their worker died") \
	X(HAND_ORPHANED, "hand_orphaned",                                                          \
	  "requests of streams answered 500 after their worker died")                              \
	X(NOTHING_DONE, "nothing_done", "requests for which the script did nothing")               \
	X(REFUSED_LATE, "refused_late",                                                            \
	  "new requests refused because messages wait too long for a worker")                      \
	X(REFUSED_FULL, "refused_full",                                                            \
	  "new requests refused because there are too many transactions")                          \
	X(EXEMPT, "overload_exempt", "new requests let through although it is overload")           \
	X(SEND_FAILED, "send_failed", "messages that could not be sent")                           \
	X(UNREACHED_UNKNOWN, "unreached_unknown",                                                  \
	  "ICMP errors about no request of ours, or which quote too little to tell")               \
	X(FORWARD_FAILED, "forward_failed", "requests that could not be sent on")                  \
	X(HELD_BACK, "held_back", "messages that onsend_route did not let out")                    \
	X(BAD_REQUESTS, "bad_requests",                                                            \
	  "requests answered 400, 505 or 513 because they are malformed")

/* id, counter name, text for the log */
#define MSG_DROP_TABLE(X)                                                                       \
	X(DROP_BAD_REQUEST, "drop_bad_request", "malformed request that cannot be answered")    \
	X(DROP_BAD_ACK, "drop_bad_ack", "malformed ACK")                                        \
	X(DROP_BAD_RESPONSE, "drop_bad_response", "malformed response")                         \
	X(DROP_BAD_STREAM, "drop_bad_stream", "stream that cannot be followed")                 \
	X(DROP_NOT_SIP, "drop_not_sip", "neither a SIP request nor a response")                 \
	X(DROP_NO_VIA, "drop_no_via", "no Via")                                                 \
	X(DROP_BAD_VIA, "drop_bad_via", "malformed Via")                                        \
	X(DROP_KILLER, "drop_killer", "message that a worker died of")                          \
	X(DROP_NO_MEMORY, "drop_no_memory", "out of memory for one message")                    \
	X(DROP_VIA_NOT_OURS, "drop_via_not_ours", "response whose top Via is not ours")         \
	X(DROP_VIA_FORGED, "drop_via_forged", "response whose Via was not made by us")          \
	X(DROP_NO_SECOND_VIA, "drop_no_second_via", "response with nobody behind our Via")      \
	X(DROP_BAD_SECOND_VIA, "drop_bad_second_via", "response whose second Via is malformed") \
	X(DROP_SECOND_VIA_TRANSPORT, "drop_second_via_transport",                               \
	  "response for a transport that is not there")                                         \
	X(DROP_SECOND_VIA_NAME, "drop_second_via_name",                                         \
	  "response whose second Via has no address")                                           \
	X(DROP_SECOND_VIA_BROADCAST, "drop_second_via_broadcast",                               \
	  "response for a broadcast, multicast or wildcard address")                            \
	X(DROP_SECOND_VIA_OWN, "drop_second_via_own", "response for our own address")           \
	X(DROP_NO_TRANSACTION, "drop_no_transaction", "response without its transaction")       \
	X(DROP_RESPONSE_SEND, "drop_response_send", "response could not be sent")               \
	X(DROP_BY_SCRIPT, "drop_by_script", "response dropped by the reply route")              \
	X(DROP_REPLY_SEND, "drop_reply_send", "answer could not be sent")

enum msg_counter {
#define X(id, name, help) MSG_##id,
	MSG_EVENT_TABLE(X)
#undef X
		MSG_EVENTS,
	MSG_BEFORE_DROPS = MSG_EVENTS - 1,
#define X(id, name, help) MSG_##id,
	MSG_DROP_TABLE(X)
#undef X
		MSG_COUNTERS,
};

extern struct counter_group msg_counters;

/* Counts and, rate-limited for each reason, says so at level info. detail: more about it, may be null. */
void msg_drop(const struct origin *from, enum msg_counter reason, struct str detail);

static inline void msg_count(enum msg_counter what)
{
	counter_inc(&msg_counters, what);
}

#endif

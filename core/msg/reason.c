/* SPDX-License-Identifier: BSD-2-Clause */
/* What a response says: the customary reason phrases (RFC 3261 21 and its extensions, as registered with IANA), Retry-After. */
#include "core/msg/api.h"

static const struct {
	unsigned status;
	struct str text;
} reasons[] = {
	{ 100, STR_INIT("Trying") },
	{ 180, STR_INIT("Ringing") },
	{ 181, STR_INIT("Call Is Being Forwarded") },
	{ 182, STR_INIT("Queued") },
	{ 183, STR_INIT("Session Progress") },
	{ 199, STR_INIT("Early Dialog Terminated") },
	{ 200, STR_INIT("OK") },
	{ 202, STR_INIT("Accepted") },
	{ 204, STR_INIT("No Notification") },
	{ 300, STR_INIT("Multiple Choices") },
	{ 301, STR_INIT("Moved Permanently") },
	{ 302, STR_INIT("Moved Temporarily") },
	{ 305, STR_INIT("Use Proxy") },
	{ 380, STR_INIT("Alternative Service") },
	{ 400, STR_INIT("Bad Request") },
	{ 401, STR_INIT("Unauthorized") },
	{ 402, STR_INIT("Payment Required") },
	{ 403, STR_INIT("Forbidden") },
	{ 404, STR_INIT("Not Found") },
	{ 405, STR_INIT("Method Not Allowed") },
	{ 406, STR_INIT("Not Acceptable") },
	{ 407, STR_INIT("Proxy Authentication Required") },
	{ 408, STR_INIT("Request Timeout") },
	{ 410, STR_INIT("Gone") },
	{ 412, STR_INIT("Conditional Request Failed") },
	{ 413, STR_INIT("Request Entity Too Large") },
	{ 414, STR_INIT("Request-URI Too Long") },
	{ 415, STR_INIT("Unsupported Media Type") },
	{ 416, STR_INIT("Unsupported URI Scheme") },
	{ 417, STR_INIT("Unknown Resource-Priority") },
	{ 420, STR_INIT("Bad Extension") },
	{ 421, STR_INIT("Extension Required") },
	{ 422, STR_INIT("Session Interval Too Small") },
	{ 423, STR_INIT("Interval Too Brief") },
	{ 424, STR_INIT("Bad Location Information") },
	{ 425, STR_INIT("Bad Alert Message") },
	{ 428, STR_INIT("Use Identity Header") },
	{ 429, STR_INIT("Provide Referrer Identity") },
	{ 430, STR_INIT("Flow Failed") },
	{ 433, STR_INIT("Anonymity Disallowed") },
	{ 436, STR_INIT("Bad Identity Info") },
	{ 437, STR_INIT("Unsupported Credential") },
	{ 438, STR_INIT("Invalid Identity Header") },
	{ 439, STR_INIT("First Hop Lacks Outbound Support") },
	{ 440, STR_INIT("Max-Breadth Exceeded") },
	{ 469, STR_INIT("Bad Info Package") },
	{ 470, STR_INIT("Consent Needed") },
	{ 480, STR_INIT("Temporarily Unavailable") },
	{ 481, STR_INIT("Call/Transaction Does Not Exist") },
	{ 482, STR_INIT("Loop Detected") },
	{ 483, STR_INIT("Too Many Hops") },
	{ 484, STR_INIT("Address Incomplete") },
	{ 485, STR_INIT("Ambiguous") },
	{ 486, STR_INIT("Busy Here") },
	{ 487, STR_INIT("Request Terminated") },
	{ 488, STR_INIT("Not Acceptable Here") },
	{ 489, STR_INIT("Bad Event") },
	{ 491, STR_INIT("Request Pending") },
	{ 493, STR_INIT("Undecipherable") },
	{ 494, STR_INIT("Security Agreement Required") },
	{ 500, STR_INIT("Server Internal Error") },
	{ 501, STR_INIT("Not Implemented") },
	{ 502, STR_INIT("Bad Gateway") },
	{ 503, STR_INIT("Service Unavailable") },
	{ 504, STR_INIT("Server Time-out") },
	{ 505, STR_INIT("Version Not Supported") },
	{ 513, STR_INIT("Message Too Large") },
	{ 555, STR_INIT("Push Notification Service Not Supported") },
	{ 580, STR_INIT("Precondition Failure") },
	{ 600, STR_INIT("Busy Everywhere") },
	{ 603, STR_INIT("Decline") },
	{ 604, STR_INIT("Does Not Exist Anywhere") },
	{ 606, STR_INIT("Not Acceptable") },
	{ 607, STR_INIT("Unwanted") },
	{ 608, STR_INIT("Rejected") },
};

struct str reply_reason(unsigned status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].text;
	}
	return STR("Status");
}

bool reply_retry_after(const struct sip_msg *msg, uint32_t *seconds_r)
{
	const struct sip_hdr *h = msg->first[HDR_RETRY_AFTER];
	uint64_t seconds;
	size_t n = 0;

	while (h && n < h->body.n && char_is_digit(h->body.p[n]))
		n++;
	if (!n || str_uint(str_head(h->body, n), UINT32_MAX, &seconds))
		return false;
	*seconds_r = (uint32_t)seconds;
	return true;
}

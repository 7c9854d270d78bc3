/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether an audio stream of the session description is on hold (RFC 2543 B.5, RFC 3264 8.4). */
#include "modules/textops/textops.h"

#define HOLD_NO	  FN_FALSE
#define HOLD_2543 1 /* connection address 0.0.0.0 */
#define HOLD_3264 2 /* inactive, sendonly */

/* What counts for a stream: its own lines, else the session's. */
struct media {
	bool is_audio;
	bool null_address;
	bool held;
};

static bool is_null_address(struct str connection)
{
	struct str type, family, address = connection;

	if (!str_split(&address, ' ', &type) || !str_split(&address, ' ', &family))
		return false;
	address = str_trim(address);
	return str_eq(address, STR("0.0.0.0")) || str_eq(address, STR("::"));
}

static int verdict(const struct media *m)
{
	if (!m->is_audio)
		return HOLD_NO;
	return m->null_address ? HOLD_2543 : m->held ? HOLD_3264 : HOLD_NO;
}

/* One line "x=value" of the stream, or of the session before the first stream. */
static void line_read(struct media *m, struct str line)
{
	struct str value = str_skip(line, 2);

	if (line.n < 2 || line.p[1] != '=')
		return;
	if (line.p[0] == 'c')
		m->null_address = is_null_address(value);
	if (line.p[0] != 'a')
		return;
	if (str_eq_nocase(value, STR("inactive")) || str_eq_nocase(value, STR("sendonly")))
		m->held = true;
	else if (str_eq_nocase(value, STR("sendrecv")) || str_eq_nocase(value, STR("recvonly")))
		m->held = false;
}

static int hold_of(struct str sdp)
{
	struct media session = { 0 }, *m = &session, stream;
	struct str line;

	while (str_split(&sdp, '\n', &line)) {
		int hold = HOLD_NO;

		line = str_trim(line);
		if (!str_starts(line, STR("m="))) {
			line_read(m, line);
			continue;
		}
		hold = verdict(m);
		if (hold > 0)
			return hold;
		stream = session;
		m = &stream;
		m->is_audio = str_starts_nocase(str_skip(line, 2), STR("audio "));
	}
	return verdict(m);
}

int fn_is_audio_on_hold(struct ctx *ctx, const struct value *argv, unsigned argc)
{
	const struct sip_hdr *h = ctx->msg->first[HDR_CONTENT_TYPE];
	struct part part;

	(void)argv;
	(void)argc;
	if (multipart_find(ctx, STR("application/sdp"), &part))
		return hold_of(part.content);
	if (!ctx->msg->body.n || (h && !is_media_type(h->body, STR("application/sdp"))))
		return HOLD_NO;
	return hold_of(ctx->msg->body);
}

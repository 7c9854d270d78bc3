/* SPDX-License-Identifier: BSD-2-Clause */
/* Time and this process, as attributes: $Ts, $time(hour), $timef(%H:%M), @sys.now.utc["%H"]. */
#include "core/msg/attr_pv.h"

#include <errno.h>
#include <unistd.h>

static const char *const time_words[] = { "sec",  "min",  "hour", "mday",  "mon",
					  "year", "wday", "yday", "isdst", NULL };
static const char *const stamp_words[] = { "s", "u", "sn", "un", "Sn", NULL };

/* As in Kamailio, some variables ask the clock each time, others once for a message, so that what they say fits together: $TV(s) and $TV(u). */
static struct timespec time_of(struct ctx *ctx, bool now)
{
	struct timespec t = ctx->time;

	if (now || !t.tv_sec)
		clock_gettime(CLOCK_REALTIME, &t);
	if (!now)
		ctx->time = t;
	return t;
}

static void broken_down(struct ctx *ctx, enum time_zone zone, struct tm *tm_r)
{
	time_t at = time_of(ctx, zone == ZONE_LOCAL_NOW).tv_sec;

	if (zone == ZONE_UTC)
		gmtime_r(&at, tm_r);
	else
		localtime_r(&at, tm_r);
}

const char *attr_time_prepare(struct attr_arg *arg, const struct conf *conf)
{
	(void)conf;
	arg->tag = ATTR_TAG(TAG_BASE(arg->tag), attr_word(time_words, arg->key));
	return TAG_PART(arg->tag) == 0xff
		       ? "what it has is sec min hour mday mon year wday yday isdst"
		       : NULL;
}

int attr_time(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct tm tm;

	broken_down(ctx, (enum time_zone)TAG_BASE(arg->tag), &tm);
	const int64_t parts[] = { tm.tm_sec,	  tm.tm_min,	  tm.tm_hour,
				  tm.tm_mday,	  tm.tm_mon + 1,  tm.tm_year + 1900,
				  tm.tm_wday + 1, tm.tm_yday + 1, tm.tm_isdst };

	*value_r = value_int(parts[TAG_PART(arg->tag)]);
	return 0;
}

/* the format comes from the script */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
int attr_time_format(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	char text[512];
	char *format_z =
		pool_str_z(ctx->pool, arg->has_key ? arg->key : STR("%a %b %e %H:%M:%S %Y"));
	struct tm tm;

	if (!format_z)
		return -ENOMEM;
	broken_down(ctx, (enum time_zone)arg->tag, &tm);
	return attr_text(ctx, str_of(text, strftime(text, sizeof(text), format_z, &tm)), value_r);
}
#pragma GCC diagnostic pop

const char *attr_stamp_prepare(struct attr_arg *arg, const struct conf *conf)
{
	(void)conf;
	arg->tag = (int)attr_word(stamp_words, arg->key);
	return arg->tag == 0xff ? "what it has is s u sn un Sn" : NULL;
}

/* $TV(s), $TV(u): seconds, and microseconds of them; sn, un: the same now; Sn: both with a point between. */
int attr_stamp(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	struct timespec t = time_of(ctx, arg->tag > 1);
	int64_t seconds = t.tv_sec;
	unsigned us = (unsigned)(t.tv_nsec / 1000);
	char text[48];
	struct buf b = BUF_ON(text);

	if (arg->tag == 0 || arg->tag == 2)
		*value_r = value_int(seconds);
	else if (arg->tag == 1 || arg->tag == 3)
		*value_r = value_int(us);
	else {
		buf_fmt(&b, "%lld.%06u", (long long)seconds, us);
		return attr_text(ctx, buf_str(&b), value_r);
	}
	return 0;
}

const char *attr_version_prepare(struct attr_arg *arg, const struct conf *conf)
{
	(void)conf;
	if (!arg->has_key || str_eq(arg->key, STR("full")))
		return NULL;
	if (str_eq(arg->key, STR("hash")))
		return "nothing here has a hash of its sources; write $version(full)";
	arg->tag = SYSTEM_VERSION_NUMBER;
	return str_eq(arg->key, STR("num")) ? NULL : "what it has is num and full";
}

int attr_system(struct ctx *ctx, const struct attr_arg *arg, struct value *value_r)
{
	uint64_t drawn[2];
	char text[40];
	struct buf b = BUF_ON(text);

	switch ((enum system_part)arg->tag) {
	case SYSTEM_PID:
		*value_r = value_int(getpid());
		break;
	case SYSTEM_NOW:
	case SYSTEM_TIME:
		*value_r = value_int(time_of(ctx, arg->tag == SYSTEM_NOW).tv_sec);
		break;
	case SYSTEM_SERVER_ID:
		*value_r = value_int(0);
		break;
	case SYSTEM_UNIQUE:
		random_bytes(drawn, sizeof(drawn));
		buf_hex(&b, drawn[0], 16);
		buf_hex(&b, drawn[1], 16);
		return attr_text(ctx, buf_str(&b), value_r);
	case SYSTEM_RANDOM:
		random_bytes(drawn, sizeof(drawn));
		*value_r = value_int((int64_t)(drawn[0] & INT32_MAX));
		break;
	case SYSTEM_VERSION:
		*value_r = value_str(STR("Serac " SERAC_VERSION));
		break;
	case SYSTEM_VERSION_NUMBER:
		*value_r = value_str(STR(SERAC_VERSION));
		break;
	}
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Transformations of what SIP is made of: classes uri, param, nameaddr, tobody, urialias. */
#include "core/base/buf.h"
#include "core/msg/ctx.h"
#include "core/script/transform.h"

#include <errno.h>

/* What is missing is empty, as in the family. */
static struct value text(struct str s)
{
	return value_str(s.p ? s : STR(""));
}

/* --- uri -------------------------------------------------------------------------------------------------------------------------------------- */

enum uri_view {
	URI_USER,
	URI_HOST,
	URI_PASSWD,
	URI_PORT,
	URI_PARAMS,
	URI_HEADERS,
	URI_SCHEME,
	URI_TRANSPORT,
	URI_TTL,
	URI_UPARAM,
	URI_MADDR,
	URI_METHOD,
	URI_LR,
	URI_R2,
};

/* The user without what follows a semicolon, which are parameters of a number. */
static struct value user_of(const struct sip_uri *u)
{
	ssize_t semicolon = str_chr(u->user, ';');

	return text(semicolon < 0 ? u->user : str_head(u->user, (size_t)semicolon));
}

static int uri_of(struct str s, struct sip_uri *u_r)
{
	if (s.n > 4 && s.p[s.n - 1] == ';')
		s.n--;
	return uri_parse(s, u_r, NULL) < 0 ? -EINVAL : 0;
}

/* With room for its parts and what separates them. */
static int uri_and_room(struct transforming *t, struct str s, struct sip_uri *u_r, struct buf *b_r)
{
	int err = uri_of(s, u_r);

	return err ? err : transform_room(t, s.n + sizeof("sctp::65535"), b_r);
}

static int uri_part(struct transforming *t, struct str s, struct value *v)
{
	static const struct str names[] = {
		[URI_TRANSPORT] = STR_INIT("transport"),
		[URI_TTL] = STR_INIT("ttl"),
		[URI_UPARAM] = STR_INIT("user"),
		[URI_MADDR] = STR_INIT("maddr"),
		[URI_METHOD] = STR_INIT("method"),
		[URI_LR] = STR_INIT("lr"),
		[URI_R2] = STR_INIT("r2"),
	};
	struct sip_uri u;
	int err = uri_of(s, &u);

	if (err)
		return err;
	switch ((enum uri_view)t->tag) {
	case URI_USER:
		*v = user_of(&u);
		break;
	case URI_HOST:
		*v = text(u.host);
		break;
	case URI_PASSWD:
		*v = text(u.password);
		break;
	case URI_PORT:
		*v = value_int(u.port);
		break;
	case URI_PARAMS:
		*v = text(str_skip(u.params, 1));
		break;
	case URI_HEADERS:
		*v = text(u.headers);
		break;
	case URI_SCHEME:
		*v = text(u.scheme_text);
		break;
	default:
		*v = text(uri_param(&u, names[t->tag]));
		break;
	}
	return 0;
}

static int uri_parameter(struct transforming *t, struct str s, struct value *v)
{
	struct sip_uri u;
	int err = uri_of(s, &u);

	if (!err)
		*v = text(uri_param(&u, t->argv[0].s));
	return err;
}

enum { SHORT_AOR, SHORT_URI, SHORT_TARGET };

static int uri_short(struct transforming *t, struct str s, struct value *v)
{
	struct sip_uri u;
	struct str transport;
	struct buf b;
	int err = uri_and_room(t, s, &u, &b);

	if (err)
		return err;
	transport = uri_param(&u, STR("transport"));
	buf_str_put(&b, u.scheme_text);
	buf_char(&b, ':');
	if (u.user.n && t->tag != SHORT_TARGET) {
		buf_str_put(&b, u.user);
		if (u.host.n)
			buf_char(&b, '@');
	}
	buf_str_put(&b, u.host);
	if (t->tag != SHORT_AOR && u.port_text.n) {
		buf_char(&b, ':');
		buf_str_put(&b, u.port_text);
	}
	if (t->tag != SHORT_AOR && transport.n) {
		buf_lit(&b, ";transport=");
		buf_str_put(&b, transport);
	}
	*v = value_str(buf_str(&b));
	return 0;
}

/* --- transports ------------------------------------------------------------------------------------------------------------------------------- */

/* The numbers that alias parameters have. */
enum { ALIAS_UDP = 1, ALIAS_TCP, ALIAS_TLS, ALIAS_SCTP, ALIAS_WS, ALIAS_WSS, ALIASES };
static const struct str transports[ALIASES] = {
	[ALIAS_UDP] = STR_INIT("udp"), [ALIAS_TCP] = STR_INIT("tcp"),
	[ALIAS_TLS] = STR_INIT("tls"), [ALIAS_SCTP] = STR_INIT("sctp"),
	[ALIAS_WS] = STR_INIT("ws"),   [ALIAS_WSS] = STR_INIT("wss"),
};

/* The number of the transport that a URI asks for; 0: it does not, or for an unknown one. */
static unsigned transport_of_uri(const struct sip_uri *u)
{
	struct str name = uri_param(u, STR("transport"));

	for (unsigned i = ALIAS_UDP; name.n && i < ALIASES; i++)
		if (str_eq_nocase(transports[i], name))
			return i;
	return 0;
}

static int uri_socket(struct transforming *t, struct str s, struct value *v)
{
	struct sip_uri u;
	unsigned number;
	struct buf b;
	int err = uri_and_room(t, s, &u, &b);

	if (err)
		return err;
	*v = value_str(STR(""));
	number = transport_of_uri(&u);
	if (!number)
		return 0;
	buf_fmt(&b, STRF ":" STRF ":%u", STRA(transports[number]), STRA(u.host),
		u.port ? u.port : 5060);
	*v = value_str(buf_str(&b));
	return 0;
}

/* "192.0.2.1~5060~1": host, port and transport of a URI, for an alias parameter. */
static int alias_encode(struct transforming *t, struct str s, struct value *v)
{
	struct sip_uri u;
	unsigned number, port;
	struct buf b;
	int err = uri_and_room(t, s, &u, &b);

	if (err)
		return err;
	number = transport_of_uri(&u);
	if (!number)
		number = u.scheme == URI_SIPS ? ALIAS_TLS : ALIAS_UDP;
	port = number == ALIAS_TLS || number == ALIAS_WSS ? 5061 : 5060;
	buf_fmt(&b, STRF "~%u~%u", STRA(u.host), u.port ? u.port : port, number);
	*v = value_str(buf_str(&b));
	return 0;
}

static int alias_decode(struct transforming *t, struct str s, struct value *v)
{
	struct str host, port, rest = s;
	uint64_t number, unused;
	struct buf b;
	int err = transform_room(t, s.n + 24, &b);

	if (err)
		return err;
	*v = value_str(STR(""));
	if (!str_split(&rest, '~', &host) || !str_split(&rest, '~', &port) || str_is_null(rest))
		return 0;
	if (str_uint(rest, ALIASES - 1, &number) < 0 || !number || !host.n ||
	    str_uint(port, UINT16_MAX, &unused) < 0)
		return 0;
	buf_fmt(&b, "sip:" STRF ":" STRF, STRA(host), STRA(port));
	if (number != ALIAS_UDP)
		buf_fmt(&b, ";transport=" STRF, STRA(transports[number]));
	*v = value_str(buf_str(&b));
	return 0;
}

/* --- param ------------------------------------------------------------------------------------------------------------------------------------ */

/* The end of what is at *s: before the separator, quotes taken together. */
static size_t param_end(struct str s, char separator)
{
	char quote = '\0';
	size_t i = 0;

	for (; i < s.n; i++) {
		if (quote)
			quote = s.p[i] == quote ? '\0' : quote;
		else if (s.p[i] == '"' || s.p[i] == '\'')
			quote = s.p[i];
		else if (s.p[i] == separator)
			break;
	}
	return i;
}

/* Takes the first parameter that has a name off *rest. 1; 0: nothing is left; -EINVAL: a value is missing, or goes on behind white space. */
static int param_next(struct str *rest, char separator, struct sip_param *p_r)
{
	struct str item = STR("");
	ssize_t equals;

	do {
		size_t end = param_end(*rest, separator);

		if (!rest->n)
			return 0;
		item = str_trim(str_head(*rest, end));
		*rest = str_skip(*rest, end + 1);
		equals = str_chr(item, '=');
	} while (!item.n || equals == 0);
	*p_r = (struct sip_param){ .name = item, .value = STR_NULL };
	if (equals < 0)
		return 1;
	p_r->name = str_trim(str_head(item, (size_t)equals));
	p_r->value = str_trim(str_skip(item, (size_t)equals + 1));
	item = p_r->value;
	if (!item.n)
		return -EINVAL;
	if (item.n >= 2 && (item.p[0] == '"' || item.p[0] == '\'') &&
	    item.p[item.n - 1] == item.p[0])
		p_r->value = str_of(item.p + 1, item.n - 2);
	else if (str_chr(item, ' ') >= 0 || str_chr(item, '\t') >= 0)
		return -EINVAL;
	return 1;
}

static char separator_of(const struct value *v)
{
	return v->type == VALUE_STR ? v->s.p[0] : ';';
}

/* How many there are. -EINVAL as above, or there is none. */
static int64_t params_of(struct str s, char separator)
{
	struct sip_param p;
	int64_t n = 0;
	int r;

	while ((r = param_next(&s, separator, &p)) > 0)
		n++;
	return r < 0 || !n ? -EINVAL : n;
}

static int param_count(struct transforming *t, struct str s, struct value *v)
{
	int64_t n = params_of(s, separator_of(&t->argv[0]));

	*v = n < 0 ? value_null() : value_int(n);
	return 0;
}

enum { PARAM_VALUE, PARAM_NAME, PARAM_THERE };

static int param_named(struct transforming *t, struct str s, struct value *v)
{
	char separator = separator_of(&t->argv[1]);
	struct sip_param p;

	if (params_of(s, separator) < 0)
		return -EINVAL;
	*v = t->tag == PARAM_THERE ? value_int(0) : value_str(STR(""));
	while (param_next(&s, separator, &p) > 0) {
		if (str_eq_nocase(p.name, t->argv[0].s)) {
			*v = t->tag == PARAM_THERE ? value_int(1) : text(p.value);
			break;
		}
	}
	return 0;
}

static int param_at(struct transforming *t, struct str s, struct value *v)
{
	char separator = separator_of(&t->argv[1]);
	int64_t at = t->argv[0].i, n = params_of(s, separator);
	struct sip_param p;

	if (n < 0)
		return -EINVAL;
	if (at < 0)
		at += n;
	*v = value_str(STR(""));
	while (at >= 0 && param_next(&s, separator, &p) > 0)
		if (at-- == 0)
			*v = text(t->tag == PARAM_NAME ? p.name : p.value);
	return 0;
}

/* --- nameaddr, tobody ------------------------------------------------------------------------------------------------------------------------- */

enum { ADDR_NAME, ADDR_URI, ADDR_LEN };

/* "name <uri>" and anything behind it; text without '<' is a URI as a whole. The name is as written, with the white space behind it. */
static int nameaddr(struct transforming *t, struct str s, struct value *v)
{
	size_t from = param_end(s, '<');
	ssize_t n = from < s.n ? str_chr(str_skip(s, from), '>') : -1;
	struct str name = STR(""), uri = s;

	if (from < s.n && n < 0)
		return -EINVAL;
	if (n >= 0) {
		name = str_head(s, from);
		uri = str_of(s.p + from + 1, (size_t)n - 1);
		s = str_head(s, from + (size_t)n + 1);
	}
	*v = t->tag == ADDR_LEN	   ? value_int((int64_t)s.n)
	     : t->tag == ADDR_NAME ? value_str(name)
				   : value_str(uri);
	return 0;
}

enum { TO_URI, TO_TAG, TO_USER, TO_HOST, TO_DISPLAY, TO_PARAMS };

static int tobody(struct transforming *t, struct str s, struct value *v)
{
	struct sip_nameaddr na;
	struct sip_param tag;
	struct sip_uri u;

	if (nameaddr_parse(s, &na, NULL) < 0 || uri_parse(na.uri, &u, NULL) < 0)
		return -EINVAL;
	switch (t->tag) {
	case TO_TAG:
		*v = text(sip_param_find(na.params, STR("tag"), &tag) ? tag.value : STR_NULL);
		break;
	case TO_USER:
		*v = user_of(&u);
		break;
	case TO_HOST:
		*v = text(u.host);
		break;
	case TO_DISPLAY:
		*v = text(na.display);
		break;
	case TO_PARAMS:
		*v = text(str_trim(str_skip(na.params, 1)));
		break;
	default:
		*v = text(na.uri);
		break;
	}
	return 0;
}

/* --- the table -------------------------------------------------------------------------------------------------------------------------------- */

#define ROW(NAME, ARGS, USAGE, RUN, TYPE, TAG, HELP)                                              \
	{                                                                                         \
		.name = NAME, .args = ARGS, .usage = USAGE, .run = RUN, .type = TYPE, .tag = TAG, \
		.help = HELP                                                                      \
	}
#define URI(NAME, TAG, HELP)   ROW("uri." NAME, "", "", uri_part, VALUE_STR, TAG, HELP)
#define SHORT(NAME, TAG, HELP) ROW("uri." NAME, "", "", uri_short, VALUE_STR, TAG, HELP)
#define ADDR(NAME, TYPE, TAG, HELP) \
	ROW("nameaddr." NAME, "", "", nameaddr, VALUE_##TYPE, ADDR_##TAG, HELP)
#define TO(NAME, TAG, HELP) ROW("tobody." NAME, "", "", tobody, VALUE_STR, TO_##TAG, HELP)

const struct transform_def transforms_sip[] = {
	URI("user", URI_USER, "user of a URI"),
	URI("host", URI_HOST, "host of a URI"),
	URI("domain", URI_HOST, "host of a URI"),
	URI("passwd", URI_PASSWD, "password of a URI"),
	ROW("uri.port", "", "", uri_part, VALUE_INT, URI_PORT,
	    "port of a URI, 0 if none is written"),
	URI("params", URI_PARAMS, "parameters of a URI"),
	URI("headers", URI_HEADERS, "header fields of a URI"),
	URI("scheme", URI_SCHEME, "scheme of a URI"),
	URI("transport", URI_TRANSPORT, "transport parameter of a URI"),
	URI("ttl", URI_TTL, "ttl parameter of a URI"),
	URI("uparam", URI_UPARAM, "user parameter of a URI"),
	URI("maddr", URI_MADDR, "maddr parameter of a URI"),
	URI("method", URI_METHOD, "method parameter of a URI"),
	URI("lr", URI_LR, "lr parameter of a URI"),
	URI("r2", URI_R2, "r2 parameter of a URI"),
	ROW("uri.param", "s", ",name", uri_parameter, VALUE_STR, 0, "a parameter of a URI"),
	SHORT("saor", SHORT_AOR, "scheme, user and host of a URI"),
	SHORT("suri", SHORT_URI, "scheme, user, host, port and transport of a URI"),
	SHORT("duri", SHORT_TARGET, "scheme, host, port and transport of a URI"),
	ROW("uri.tosocket", "", "", uri_socket, VALUE_STR, 0,
	    "\"tcp:host:port\" of a URI; empty without a transport parameter"),
	ROW("urialias.encode", "", "", alias_encode, VALUE_STR, 0,
	    "host~port~transport of a URI, for an alias parameter"),
	ROW("urialias.decode", "", "", alias_decode, VALUE_STR, 0,
	    "the URI that host~port~transport stands for; empty if that is not what it is"),
	ROW("param.value", "s|c", ",name,separator", param_named, VALUE_STR, PARAM_VALUE,
	    "the value of a parameter in \"a=1;b=2\"; empty without one"),
	ROW("param.in", "s|c", ",name,separator", param_named, VALUE_INT, PARAM_THERE,
	    "1 if there is such a parameter, else 0"),
	ROW("param.valueat", "i|c", ",index,separator", param_at, VALUE_STR, PARAM_VALUE,
	    "the value of a parameter by its place, from 0, or from the last, -1, back"),
	ROW("param.name", "i|c", ",index,separator", param_at, VALUE_STR, PARAM_NAME,
	    "the name of a parameter by its place"),
	ROW("param.count", "|m", ",separator", param_count, VALUE_INT, 0, "how many parameters"),
	ADDR("name", STR, NAME, "what stands before \"<\", as written"),
	ADDR("uri", STR, URI, "the URI in \"name <uri>\""),
	ADDR("len", INT, LEN, "the length up to \">\""),
	TO("uri", URI, "URI of a From or To"),
	TO("tag", TAG, "tag of a From or To"),
	TO("user", USER, "user of its URI"),
	TO("host", HOST, "host of its URI"),
	TO("display", DISPLAY, "its display name, with its quotes"),
	TO("params", PARAMS, "its parameters"),
	{ .name = NULL },
};

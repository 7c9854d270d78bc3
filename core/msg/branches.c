/* SPDX-License-Identifier: BSD-2-Clause */
/* How the targets of a request are kept. */
#include "core/msg/branches.h"

#include "core/msg/worker.h"

#include <errno.h>

#define Q_MOST 1000

struct branch branch_main(const struct ctx *ctx)
{
	return (struct branch){ .uri = ctx_uri_text(ctx),
				.dst_uri = ctx->dst_uri,
				.path = ctx->path,
				.ruid = ctx->ruid,
				.instance = ctx->instance,
				.tls_domain = ctx->tls_domain,
				.tls_name = ctx->tls_name,
				.socket = ctx->send_socket,
				.flow = ctx->flow,
				.flags = ctx->branch_flags,
				.q = ctx->q };
}

/* A place for one more. */
static int room(struct ctx *ctx)
{
	struct branches *all = &ctx->branches;
	unsigned cap = all->cap ? all->cap * 2 : 4;
	struct branch *larger;

	if (all->n + 1 >= (unsigned)msg_conf_of(ctx->conf)->max_branches)
		return -ENOSPC;
	if (all->n < all->cap)
		return 0;
	larger = pool_alloc(ctx->pool, cap * sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	if (all->n)
		memcpy(larger, all->rows, all->n * sizeof(*larger));
	all->rows = larger;
	all->cap = cap;
	return 0;
}

static bool is_uri(struct str s)
{
	struct sip_uri u;

	return !uri_parse(s, &u, NULL);
}

static bool copy(struct ctx *ctx, struct str *s)
{
	bool is_null = str_is_null(*s);

	*s = pool_str(ctx->pool, *s);
	return is_null || s->p;
}

int branch_add(struct ctx *ctx, const struct branch *b)
{
	struct branch own = *b;
	int err;

	if (!is_uri(b->uri) || (!str_is_null(b->dst_uri) && !is_uri(b->dst_uri)))
		return -EBADMSG;
	err = room(ctx);
	if (err)
		return err;
	if (!copy(ctx, &own.uri) || !copy(ctx, &own.dst_uri) || !copy(ctx, &own.path) ||
	    !copy(ctx, &own.ruid) || !copy(ctx, &own.instance) || !copy(ctx, &own.tls_domain) ||
	    !copy(ctx, &own.tls_name))
		return -ENOMEM;
	ctx->branches.rows[ctx->branches.n++] = own;
	return 0;
}

int branch_add_main(struct ctx *ctx, int q)
{
	struct branch b = branch_main(ctx);
	int err;

	if (q != BRANCH_Q_NONE)
		b.q = q;
	err = branch_add(ctx, &b);
	if (err)
		return err;
	ctx->dst_uri = ctx->path = ctx->ruid = ctx->instance = STR_NULL;
	ctx->tls_domain = ctx->tls_name = STR_NULL;
	ctx->send_socket = NULL;
	ctx->flow = 0;
	ctx->branch_flags = 0;
	ctx->q = BRANCH_Q_NONE;
	ctx->uri_used = true;
	return 0;
}

bool branch_remove(struct ctx *ctx, int64_t n)
{
	struct branches *all = &ctx->branches;

	if (n < 0)
		n += all->n;
	if (n < 0 || n >= all->n)
		return false;
	all->n--;
	memmove(all->rows + n, all->rows + n + 1, (all->n - (size_t)n) * sizeof(*all->rows));
	return true;
}

void branches_clear(struct ctx *ctx)
{
	ctx->branches.n = 0;
}

uint32_t *branch_flags(struct ctx *ctx, int64_t n)
{
	if (n == 0)
		return &ctx->branch_flags;
	return n > 0 && n <= ctx->branches.n ? &ctx->branches.rows[n - 1].flags : NULL;
}

bool branch_next(const struct ctx *ctx, unsigned *at, struct branch *b_r)
{
	if (*at == 0) {
		++*at;
		if (!ctx->uri_used) {
			*b_r = branch_main(ctx);
			return true;
		}
	}
	if (*at > ctx->branches.n)
		return false;
	*b_r = ctx->branches.rows[(*at)++ - 1];
	return true;
}

/* --- q -------------------------------------------------------------------------------------------------------------------------------- */
int q_parse(struct str text, int *q_r)
{
	struct str whole, rest = str_trim(text);
	ssize_t dot = str_chr(rest, '.');
	int q, unit = 100;

	whole = dot < 0 ? rest : str_head(rest, (size_t)dot);
	rest = dot < 0 ? STR("") : str_skip(rest, (size_t)dot + 1);
	if (!whole.n && !rest.n)
		return -EINVAL;
	for (size_t i = 0; i < whole.n; i++) {
		if (whole.p[i] != '0' && !(whole.p[i] == '1' && i + 1 == whole.n))
			return -EINVAL;
	}
	q = whole.n && whole.p[whole.n - 1] == '1' ? Q_MOST : 0;
	for (size_t i = 0; i < rest.n; i++, unit /= 10) {
		if (!char_is_digit(rest.p[i]))
			return -EINVAL;
		q += (rest.p[i] - '0') * unit;
		if (q > Q_MOST)
			return -EINVAL;
	}
	*q_r = q;
	return 0;
}

void q_put(struct buf *b, int q)
{
	if (q >= Q_MOST || q <= 0) {
		buf_char(b, q > 0 ? '1' : '0');
		return;
	}
	buf_lit(b, "0.");
	for (int unit = 100; q; q %= unit, unit /= 10)
		buf_char(b, (char)('0' + q / unit));
}

/* --- Contact -------------------------------------------------------------------------------------------------------------------------- */
/* As a value in the headers of a URI (RFC 3261 25.1 hvalue). */
static void escaped_put(struct buf *b, struct str s)
{
	static const char plain[] = "[]/?:+$-_.!~*'()";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (char_is_digit(c) || (char_lower(c) >= 'a' && char_lower(c) <= 'z') ||
		    (c && strchr(plain, c))) {
			buf_char(b, c);
			continue;
		}
		buf_char(b, '%');
		buf_hex(b, (unsigned char)c, 2);
	}
}

static void contact_put(struct buf *b, const struct branch *x, unsigned with)
{
	buf_char(b, '<');
	buf_str_put(b, x->uri);
	if ((with & CONTACT_PATH) && x->path.n) {
		buf_char(b, str_chr(x->uri, '?') < 0 ? '?' : '&');
		buf_lit(b, "Route=");
		escaped_put(b, x->path);
	}
	buf_char(b, '>');
	if (x->q != BRANCH_Q_NONE) {
		buf_lit(b, ";q=");
		q_put(b, x->q);
	}
	if (with & CONTACT_FLAGS) {
		buf_lit(b, ";flags=");
		buf_uint(b, x->flags);
	}
}

struct str branches_contact(struct ctx *ctx, unsigned with)
{
	bool has_main = !str_is_null(ctx->uri) && !ctx->uri_used;
	size_t size = sizeof("Contact: \r\n");
	struct branch x;
	unsigned at, n = 0;
	struct buf b;

	for (at = 0; branch_next(ctx, &at, &x);)
		size += x.uri.n + 3 * x.path.n + sizeof("<?Route=>;q=0.123;flags=4294967295, ");
	b = buf_over(pool_alloc(ctx->pool, size), size);
	if (!b.p || (!has_main && !ctx->branches.n))
		return STR_NULL;
	buf_lit(&b, "Contact: ");
	for (at = has_main ? 0 : 1; branch_next(ctx, &at, &x); n++) {
		if (n)
			buf_lit(&b, ", ");
		contact_put(&b, &x, with);
	}
	buf_lit(&b, "\r\n");
	return buf_ok(&b) ? buf_str(&b) : STR_NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks of sanity, one row each; their bits are those of the SER family, those from 16384 on are new. */
#ifndef SANITY_CHECKS_H
#define SANITY_CHECKS_H

#include "core/mod/api.h"

/* bit, function, in the default */
#define CHECK_TABLE(X)               \
	X(1, version, true)          \
	X(2, ruri_scheme, true)      \
	X(4, required_headers, true) \
	X(8, via_version, true)      \
	X(16, via_protocol, false)   \
	X(32, cseq_method, true)     \
	X(64, cseq_value, true)      \
	X(128, content_length, true) \
	X(256, expires, false)       \
	X(512, proxy_require, true)  \
	X(1024, uris, true)          \
	X(2048, digest, true)        \
	X(4096, tags, true)          \
	X(16384, max_forwards, true) \
	X(32768, single, true)

/* Which URIs check 1024 looks at. */
enum uri_check { URI_CHECK_RURI = 1, URI_CHECK_FROM = 2, URI_CHECK_TO = 4, URI_CHECK_CONTACT = 8 };
#define URI_CHECKS_DEFAULT (URI_CHECK_RURI | URI_CHECK_FROM | URI_CHECK_TO | URI_CHECK_CONTACT)

/* What a check has found, and what it asks. */
struct verdict {
	unsigned status; /* 0: nothing is wrong */
	struct str reason;
	struct str headers; /* for the answer; null: none */
	unsigned uri_checks;
	struct str supported; /* option tags, separated by commas */
};

/* False: v->status and v->reason say what is wrong. */
typedef bool check_fn(struct ctx *ctx, struct verdict *v);
#define X(bit, name, is_default) check_fn check_##name;
CHECK_TABLE(X)
#undef X

/* Fills the verdict; returns false. */
bool refuse(struct verdict *v, unsigned status, struct str reason);

#endif

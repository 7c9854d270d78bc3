/* SPDX-License-Identifier: BSD-2-Clause */
/* Users, groups and capabilities by the kernel's own calls. */
#include "core/run/privileges.h"

#include "core/run/log.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int capabilities_set(uint32_t mask, bool inheritable)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .effective = mask, .permitted = mask, .inheritable = inheritable ? mask : 0 },
	};

	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

static int ids_of(struct str user, struct str group, uid_t *uid_r, gid_t *gid_r,
		  const char **name_r)
{
	char user_z[64], group_z[64];
	uint64_t number;
	struct passwd *pw = NULL;

	snprintf(user_z, sizeof(user_z), STRF, STRA(user));
	snprintf(group_z, sizeof(group_z), STRF, STRA(group));
	*uid_r = geteuid();
	*gid_r = getegid();
	*name_r = NULL;
	if (user.n) {
		pw = str_uint(user, UINT32_MAX - 1, &number) ? getpwnam(user_z)
							     : getpwuid((uid_t)number);
		if (!pw)
			return -ENOENT;
		*uid_r = pw->pw_uid;
		*gid_r = pw->pw_gid;
		*name_r = pw->pw_name;
	}
	if (group.n) {
		struct group *gr = str_uint(group, UINT32_MAX - 1, &number)
					   ? getgrnam(group_z)
					   : getgrgid((gid_t)number);

		if (!gr)
			return -ENOENT;
		*gid_r = gr->gr_gid;
	}
	return 0;
}

static int become(uid_t uid, gid_t gid, const char *name_z)
{
	const uint32_t bind_mask = 1u << CAP_NET_BIND_SERVICE;

	if (name_z ? initgroups(name_z, gid) : setgroups(0, NULL))
		return -errno;
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		return -errno;
	/* a container may not own the capability; then only ports below 1024 are out of reach after a fresh start */
	if (capabilities_set(bind_mask, true) == 0)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

int privileges_drop(struct str user, struct str group)
{
	const char *name_z;
	uid_t uid;
	gid_t gid;
	int err;

	if (!user.n && !group.n)
		return 0;
	err = ids_of(user, group, &uid, &gid, &name_z);
	if (!err && (uid != geteuid() || gid != getegid()))
		err = become(uid, gid, name_z);
	if (err == -ENOENT)
		log_err("main", "no such user or group", KV_STR("user", user),
			KV_STR("group", group), KV_Z("hint", "useradd --system makes a user"));
	else if (err)
		log_err("main", "could not become another user", KV_STR("user", user),
			KV_STR("group", group), KV_ERRNO(err),
			KV_Z("hint", "start as root, or leave user and group out"));
	return err;
}

void privileges_drop_all(void)
{
	if (geteuid() == 0)
		return; /* nobody asked for less */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	capabilities_set(0, false);
}

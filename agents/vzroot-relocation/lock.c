/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns: two that move the same names at the same time would each undo the other's half. */
#include "relocation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define TRY_AGAIN_MS 50

int relocation_lock(struct relocation *relocation, int64_t until_ms)
{
	char path[PATH_MAX];
	int fd, r = ocf_mkdir_p(OCF_RUN_DIR "/lock", 0755);

	if (r == 0 && (size_t) snprintf(path, sizeof(path), OCF_RUN_DIR "/lock/%s",
					relocation->key) >= sizeof(path))
		r = -ENAMETOOLONG;
	fd = r < 0 ? -1 : open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		r = r < 0 ? r : -errno;
		ocf_reason(relocation->ctx, "%s: cannot take the lock of %s: %s", path,
			   relocation->shared, strerror(-r));
		return r;
	}
	while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EINTR && errno != EWOULDBLOCK)
			break;
		if (ocf_pause_until(until_ms, TRY_AGAIN_MS))
			continue;
		ocf_reason(relocation->ctx,
			   "%s: another start, seed or restore is at work; wait for its end",
			   relocation->shared);
		ocf_close_p(&fd);
		return -EBUSY;
	}
	return fd;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vzroot-relocation-old-kernel COMMAND...: run it as on a kernel from before renameat2, copy_file_range, statx, openat2
 * and close_range: a seccomp filter answers ENOSYS.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NONE(number, left) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), (left), 0)

int main(int argc, char *argv[])
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		NONE(SYS_renameat2, 5),
		NONE(SYS_copy_file_range, 4),
		NONE(SYS_statx, 3),
		NONE(437 /* openat2 */, 2),
		NONE(436 /* close_range */, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};
	struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };

	if (argc < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("vzroot-relocation-old-kernel");
		return 125;
	}
	(void) execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 127;
}

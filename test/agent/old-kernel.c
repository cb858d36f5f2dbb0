/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * old-kernel COMMAND... - run it as on a kernel before 4.2 in what concerns other namespaces: the
 * netlink options NETLINK_LISTEN_ALL_NSID and NETLINK_GET_STRICT_CHK are unknown.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef NETLINK_GET_STRICT_CHK
#define NETLINK_GET_STRICT_CHK 12
#endif

#define LOAD(member)	      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define SKIP_UNLESS(value, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, n)

int main(int argc, char *argv[])
{
	struct sock_filter filter[] = {
		LOAD(nr),
		SKIP_UNLESS(SYS_setsockopt, 6),
		LOAD(args[1]), /* the lower half, on little-endian machines */
		SKIP_UNLESS(SOL_NETLINK, 4),
		LOAD(args[2]),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_GET_STRICT_CHK, 1, 0),
		SKIP_UNLESS(NETLINK_LISTEN_ALL_NSID, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOPROTOOPT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(filter) / sizeof(filter[0]), filter };

	if (argc < 2)
		return 2;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
		perror("old-kernel: seccomp");
		return 2;
	}
	(void) execv(argv[1], argv + 1);
	perror(argv[1]);
	return 2;
}

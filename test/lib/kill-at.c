/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill-at N COMMAND [ARG...] - run COMMAND, and end it with SIGKILL before its Nth system call that
 * may change something.
 *
 * The kill is the one of a resource manager: SIGKILL to the command's whole process group, and to
 * nobody who left it. System calls that only look (READ_ONLY below) are not counted: a kill between
 * two of those leaves the same world behind as one before the next that is counted. So N = 1, 2, ...
 * until the exit code is not 137 is every kill there is.
 *
 * Exit code: 137 killed; else the command's own (it made fewer than N such calls); 125 kill-at itself
 * failed. With N = 0 nothing is killed, and the last line on stderr is "kill-at: COUNT".
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* In <linux/ptrace.h>, which does not go together with <sys/ptrace.h>. */
struct syscall_info {
	uint8_t op;
	uint8_t pad[3];
	uint32_t arch;
	uint64_t instruction_pointer, stack_pointer;
	uint64_t nr;
	uint64_t args[6];
};

#define GET_SYSCALL_INFO 0x420e
#define OP_ENTRY	 1

/* What changes nothing outside the process, its memory and its descriptors. */
static const long READ_ONLY[] = {
	SYS_access,
	SYS_brk,
	SYS_clock_gettime,
	SYS_close,
	SYS_dup,
	SYS_dup2,
	SYS_dup3,
	SYS_epoll_create1,
	SYS_epoll_ctl,
	SYS_epoll_wait,
	SYS_faccessat,
	SYS_fcntl,
	SYS_fgetxattr,
	SYS_flistxattr,
	SYS_fstat,
	SYS_fstatfs,
	SYS_futex,
	SYS_getcwd,
	SYS_getdents64,
	SYS_getegid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getpid,
	SYS_getppid,
	SYS_getrandom,
	SYS_getsockname,
	SYS_getsockopt,
	SYS_gettid,
	SYS_gettimeofday,
	SYS_getuid,
	SYS_getxattr,
	SYS_lgetxattr,
	SYS_listxattr,
	SYS_llistxattr,
	SYS_lseek,
	SYS_lstat,
	SYS_madvise,
	SYS_mmap,
	SYS_mprotect,
	SYS_mremap,
	SYS_munmap,
	SYS_nanosleep,
	SYS_newfstatat,
	SYS_pipe2,
	SYS_poll,
	SYS_ppoll,
	SYS_prctl,
	SYS_pread64,
	SYS_prlimit64,
	SYS_read,
	SYS_readlink,
	SYS_readlinkat,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
	SYS_rt_sigtimedwait,
	SYS_sched_yield,
	SYS_select,
	SYS_set_robust_list,
	SYS_set_tid_address,
	SYS_setitimer,
	SYS_setsockopt,
	SYS_socket,
	SYS_stat,
	SYS_statfs,
	SYS_sysinfo,
	SYS_umask,
	SYS_uname,
	SYS_wait4,
	SYS_waitid,
	SYS_arch_prctl,
	SYS_clock_nanosleep,
	SYS_signalfd4,
	SYS_sigaltstack,
	SYS_statx,
	SYS_rseq,
	SYS_openat,
	SYS_open,
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
#ifdef SYS_close_range
	SYS_close_range,
#endif
#ifdef SYS_openat2
	SYS_openat2,
#endif
};

static bool opens_for_change(uint64_t flags)
{
	return (flags & 3) != 0 || (flags & 0100) != 0 ||
	       (flags & 01000) != 0; /* O_CREAT, O_TRUNC */
}

static bool may_change(const struct syscall_info *info)
{
	if (info->nr == SYS_open)
		return opens_for_change(info->args[1]);
	if (info->nr == SYS_openat)
		return opens_for_change(info->args[2]);
#ifdef SYS_openat2
	if (info->nr == SYS_openat2) /* its flags are in memory: count it */
		return true;
#endif
	for (size_t i = 0; i < sizeof(READ_ONLY) / sizeof(READ_ONLY[0]); i++) {
		if ((uint64_t) READ_ONLY[i] == info->nr)
			return false;
	}
	return true;
}

static int fail(const char *what)
{
	(void) fprintf(stderr, "kill-at: %s: %s\n", what, strerror(errno));
	return 125;
}

__attribute__((noreturn)) static void become_command(char *argv[])
{
	(void) setpgid(0, 0);
	if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
		_exit(125);
	(void) raise(SIGSTOP);
	(void) execvp(argv[0], argv);
	_exit(127);
}

/* The command's group is gone when none of it is left to be waited for. */
static int kill_group(pid_t leader)
{
	int status;

	(void) kill(-leader, SIGKILL);
	while (waitpid(leader, &status, __WALL) >= 0 && !WIFSIGNALED(status) && !WIFEXITED(status))
		(void) ptrace(PTRACE_CONT, leader, 0, 0);
	while (waitpid(-leader, &status, __WALL) > 0)
		;
	return 137;
}

static bool is_counted_entry(pid_t pid)
{
	struct syscall_info info = { 0 };

	return ptrace(GET_SYSCALL_INFO, pid, sizeof(info), &info) > 0 && info.op == OP_ENTRY &&
	       may_change(&info);
}

static int trace(pid_t leader, unsigned long wanted)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	unsigned long count = 0;
	bool begun = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		int signo = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;

		if (pid == leader && !WIFSTOPPED(status)) {
			if (wanted == 0)
				(void) fprintf(stderr, "kill-at: %lu\n", count);
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
		if (!WIFSTOPPED(status))
			continue;
		if (pid == leader && !begun) {
			if (ptrace(PTRACE_SETOPTIONS, pid, 0, options) < 0)
				return fail("ptrace");
			begun = true;
			signo = 0;
		} else if (signo == (SIGTRAP | 0x80)) {
			signo = 0;
			/* The first is the execve() that becomes the command. */
			if (is_counted_entry(pid) && count++ == wanted && wanted > 0)
				return kill_group(leader);
		} else if (signo == SIGTRAP || signo == SIGSTOP) {
			signo = 0; /* ptrace's own: a new process, an exec */
		}
		(void) ptrace(PTRACE_SYSCALL, pid, 0, (long) signo);
	}
	return fail("lost the command");
}

int main(int argc, char *argv[])
{
	char *end;
	unsigned long wanted = argc > 2 ? strtoul(argv[1], &end, 10) : 0;
	pid_t pid;

	if (argc < 3 || *end) {
		(void) fprintf(stderr, "usage: kill-at N COMMAND [ARG...]\n");
		return 125;
	}
	pid = fork();
	if (pid < 0)
		return fail("fork");
	if (pid == 0)
		become_command(argv + 2);
	return trace(pid, wanted);
}

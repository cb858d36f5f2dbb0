/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc as a container's processes may shape it: names, command lines, mounts, control groups. The
 * first line says which file it is; it lies below a sysroot.
 */
#include "fuzz.h"
#include "cgroup.h"
#include "proc.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[64];

static void make_root(void)
{
	char path[128];

	(void) snprintf(root, sizeof(root), "/tmp/vzha-fuzz-XXXXXX");
	must_hold(mkdtemp(root));
	for (const char *const *d =
		     (const char *const[]){ "proc", "proc/1", "proc/7", "proc/self", NULL };
	     *d; d++) {
		(void) snprintf(path, sizeof(path), "%s/%s", root, *d);
		must_hold(mkdir(path, 0700) == 0);
	}
}

static void remove_root(void)
{
	char *const argv[] = { (char[]){ "rm" }, (char[]){ "-rf" }, root, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		(void) execv("/bin/rm", argv);
		_exit(1);
	}
	if (pid > 0)
		(void) waitpid(pid, NULL, 0);
}

static void put(const char *file, const uint8_t *data, size_t size)
{
	char path[128];
	FILE *out;

	(void) snprintf(path, sizeof(path), "%s/proc/%s", root, file);
	out = fopen(path, "w");
	must_hold(out);
	(void) fwrite(data, 1, size, out);
	(void) fclose(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const files[] = { "7/stat",	       "7/status",    "7/cmdline",
					     "self/mountinfo", "self/cgroup", "7/cgroup",
					     "1/cgroup" };
	static struct cg_tree tree;
	static struct cg_dir dirs[8];
	const struct ocf_ctx ctx = { .sysroot = root };
	struct proc_stat st;
	const char *argv[8];
	char buf[512];
	ssize_t n;

	if (size < 1)
		return 0;
	if (!root[0]) {
		make_root();
		(void) atexit(remove_root);
	}
	put(files[data[0] % ARRAY_SIZE(files)], data + 1, size - 1);
	(void) proc_stat_read(&ctx, 7, &st);
	(void) proc_is_ns_init(&ctx, 7);
	n = proc_argv(&ctx, 7, buf, sizeof(buf), argv, ARRAY_SIZE(argv));
	must_hold(n <= (ssize_t) ARRAY_SIZE(argv));
	for (ssize_t i = 0; i < n; i++)
		must_hold(strlen(argv[i]) < sizeof(buf));
	if (cg_load(&ctx, &tree) == 0) {
		must_hold(tree.n <= ARRAY_SIZE(tree.h));
		must_hold(cg_of(&ctx, &tree, 7, "lxc.payload.", dirs, ARRAY_SIZE(dirs)) <=
			  ARRAY_SIZE(dirs));
	}
	return 0;
}

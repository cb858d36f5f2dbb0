/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LXC: what the sources add up to, whose process it is, and what its configuration says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lxc/lxc.h"

static void verdict_of_every_combination(void **state)
{
	(void) state;
	for (int socket = LXC_NO; socket <= LXC_DONT_KNOW; socket++) {
		for (int groups = LXC_NO; groups <= LXC_DONT_KNOW; groups++) {
			for (int procs = LXC_NO; procs <= LXC_DONT_KNOW; procs++) {
				static struct lxc_seen seen;
				enum ocf_state want = OCF_STATE_UNKNOWN;

				seen.socket = (enum lxc_answer) socket;
				seen.cgroups = (enum lxc_answer) groups;
				seen.procs = (enum lxc_answer) procs;
				/* One that sees it is enough; none that matters may be blind. */
				if (socket == LXC_YES || groups == LXC_YES || procs == LXC_YES)
					want = OCF_STATE_RUNNING;
				else if (groups == LXC_NO && procs == LXC_NO)
					want = OCF_STATE_STOPPED;
				assert_int_equal(lxc_verdict(&seen), want);
			}
		}
	}
}

static void command_lines(void **state)
{
	static const struct {
		const char *argv[8];
		const char *lxcpath, *name; /* NULL: none of LXC's */
		bool starter;
	} rows[] = {
		{ { "[lxc monitor] /var/lib/lxc mail" }, "/var/lib/lxc", "mail", false },
		{ { "[lxc monitor] /with blank/lxc mail" }, "/with blank/lxc", "mail", false },
		{ { "[lxc monitor] mail" }, NULL, NULL, false },
		{ { "[lxc monitor] " }, NULL, NULL, false },
		{ { "/usr/bin/lxc-start", "-P", "/p", "-n", "a", "-d" }, "/p", "a", true },
		{ { "lxc-start", "--name=a", "--lxcpath=/p" }, "/p", "a", true },
		{ { "lxc-start", "-na", "-P/p" }, "/p", "a", true },
		{ { "lxc-start", "a" }, "", "a", true },
		{ { "lxc-start", "-o", "/log", "-l", "ERROR", "a" }, "", "a", true },
		{ { "lxc-start", "-F", "-n", "a", "-P", "/p" }, "/p", "a", true },
		{ { "lxc-execute", "-n", "a", "--", "sh" }, "", "a", true },
		{ { "lxc-start" }, NULL, NULL, false },
		{ { "lxc-stop", "-n", "a" }, NULL, NULL, false },
		{ { "lxc-attach", "a" }, NULL, NULL, false },
		{ { "sh", "-c", "lxc-start -n a" }, NULL, NULL, false },
	};

	(void) state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct lxc_claim claim;
		size_t argc = 0;

		while (argc < ARRAY_SIZE(rows[i].argv) && rows[i].argv[argc])
			argc++;
		assert_int_equal(lxc_parse_argv(rows[i].argv, argc, &claim), rows[i].name != NULL);
		if (!rows[i].name)
			continue;
		assert_string_equal(claim.name, rows[i].name);
		assert_string_equal(claim.lxcpath, rows[i].lxcpath);
		assert_int_equal(claim.starter, rows[i].starter);
	}
}

static char root[] = "/tmp/vz-container-lxc-XXXXXX";
static struct vz_container_conf conf;
static struct ocf_ctx ctx = { .conf = &conf, .identity = "mail", .sysroot = root };

static void make_dir(const char *path)
{
	char full[PATH_MAX];

	assert_int_equal(ocf_mkdir_p(ocf_path(&ctx, full, sizeof(full), "%s", path), 0755), 0);
}

static void make_link(const char *target, const char *path)
{
	char full[PATH_MAX];

	ocf_path(&ctx, full, sizeof(full), "%s", path);
	(void) unlink(full);
	assert_int_equal(symlink(target, full), 0);
}

static void make_file(const char *path, const char *text)
{
	char full[PATH_MAX];

	ocf_path(&ctx, full, sizeof(full), "%s", path);
	assert_int_equal(ocf_write_file(full, text, 0644), 0);
}

static bool spelled(const struct lxc_spellings *s, const char *path)
{
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->path[i], path) == 0)
			return true;
	return false;
}

static void spellings(void **state)
{
	static struct lxc_spellings s;

	(void) state;
	make_dir("/var/lib");
	make_dir("/run/vzha/root");
	make_dir("/d0/vz-\xc3\xa4/var/lib/lxc");
	lxc_spell(&ctx, "/no/such//lxc/", &s);
	assert_int_equal(s.n, 2);
	assert_string_equal(s.path[0], "/no/such//lxc/");
	assert_string_equal(s.path[1], "/no/such/lxc");

	/* The switch is off; where it leads when it is on is in its name. */
	make_link("/run/vzha/root/d0-vz\\x2d\\xc3\\xa4/var/lib/lxc", "/var/lib/lxc");
	make_link("/run/vzha/standby/k", "/run/vzha/root/d0-vz\\x2d\\xc3\\xa4");
	lxc_spell(&ctx, "/var/lib/lxc", &s);
	assert_string_equal(s.path[0], "/var/lib/lxc");
	assert_true(spelled(&s, "/d0/vz-\xc3\xa4/var/lib/lxc"));
	assert_true(spelled(&s, "/run/vzha/root/d0-vz\\x2d\\xc3\\xa4/var/lib/lxc"));
	assert_true(spelled(&s, "/run/vzha/standby/k/var/lib/lxc"));

	/* A relative link, and a loop of links that must end. */
	make_link("../../d0", "/var/lib/rel");
	lxc_spell(&ctx, "/var/lib/rel/x", &s);
	assert_true(spelled(&s, "/var/lib/../../d0/x"));
	make_link("loop2", "/var/loop1");
	make_link("loop1", "/var/loop2");
	lxc_spell(&ctx, "/var/loop1", &s);
	assert_in_range(s.n, 2, LXC_SPELLINGS_MAX);
}

static void socket_names(void **state)
{
	char longer[96] = "/tmp/", name[PATH_MAX];

	(void) state;
	lxc_socket_name("/var/lib/lxc", "mail", name, sizeof(name));
	assert_string_equal(name, "/var/lib/lxc/mail/command");
	/* Seen with LXC 5.0.2. */
	memset(longer + 5, 'x', 90);
	lxc_socket_name(longer, "longname", name, sizeof(name));
	assert_string_equal(name, "lxc/b5812d6ccafee664/command");
}

static void sockets(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = (socklen_t) offsetof(struct sockaddr_un, sun_path) + 1;
	char name[64];

	(void) state;
	(void) snprintf(name, sizeof(name), "/unit/%d", getpid());
	assert_int_equal(lxc_socket(name, "mail"), LXC_NO);
	len += (socklen_t) snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "%s/mail/command",
				    name);
	assert_int_equal(bind(server, (struct sockaddr *) &addr, len), 0);
	assert_int_equal(lxc_socket(name, "mail"), LXC_NO);
	assert_int_equal(listen(server, 2), 0);
	/* Nobody accepts: also when the queue is full the answer is yes, and at once. */
	for (int i = 0; i < 10; i++)
		assert_int_equal(lxc_socket(name, "mail"), LXC_YES);
	assert_int_equal(lxc_socket(name, "mai"), LXC_NO);
	(void) close(server);
	assert_int_equal(lxc_socket(name, "mail"), LXC_NO);
}

static void default_path(void **state)
{
	char path[PATH_MAX];

	(void) state;
	assert_string_equal(lxc_path(&ctx, path, sizeof(path)), "/var/lib/lxc");
	make_dir("/etc/lxc");
	make_file("/etc/lxc/lxc.conf", "# lxc.lxcpath = /no\nlxc.lxcpath = /srv/lxc \n");
	assert_string_equal(lxc_path(&ctx, path, sizeof(path)), "/srv/lxc");
	conf.lxcpath = "/given";
	assert_string_equal(lxc_path(&ctx, path, sizeof(path)), "/given");
	conf.lxcpath = NULL;
	make_file("/etc/lxc/lxc.conf", "");
}

static void configuration(void **state)
{
	static struct lxc_conf c;
	static struct ct_wants wants;

	(void) state;
	conf.lxcpath = "/srv/lxc";
	assert_int_equal(lxc_conf_read(&ctx, &c), -ENOENT);
	make_dir("/srv/lxc/mail");
	make_dir("/srv/more");
	make_file("/srv/lxc/mail/config", "# lxc.start.auto = 1\n"
					  "lxc.net.0.type=veth\n"
					  "  lxc.net.0.link = br0  \n"
					  "lxc.net.7.type = phys\nlxc.net.7.link = eth1\n"
					  "lxc.net.99.type = veth\n"
					  "lxc.signal.halt = SIGRTMIN+3\n"
					  "lxc.include = /srv/more\n"
					  "lxc.include = /srv/lxc/mail/config\n"
					  "lxc.include = /srv/missing");
	make_file("/srv/more/a.conf", "lxc.start.auto = 1\nlxc.net.1.type = veth\n");
	make_file("/srv/more/b.txt", "lxc.net.2.type = veth\n");
	/* The files of the seam refer to each other by paths of the real system. */
	assert_int_equal(lxc_conf_read(&ctx, &c), 0);
	lxc_conf_wants(&c, &wants);
	assert_int_equal(wants.host_ends, 2);
	assert_int_equal(wants.n_nics, 1);
	assert_string_equal(c.net[7].link, "eth1");
	assert_string_equal(c.net[0].link, "br0");
	assert_true(c.autostart);
	assert_int_equal(c.halt_signal, SIGRTMIN + 3);
	conf.lxcpath = NULL;
}

static void configuration_lines(void **state)
{
	static struct lxc_conf c;
	static struct ct_wants wants;
	char include[PATH_MAX];

	(void) state;
	lxc_conf_line(&c, "lxc.net.0.type = veth", include, sizeof(include));
	lxc_conf_line(&c, "lxc.network.type = veth", include, sizeof(include));
	lxc_conf_wants(&c, &wants);
	assert_int_equal(wants.host_ends, 1);
	lxc_conf_line(&c, "lxc.net =", include, sizeof(include));
	lxc_conf_wants(&c, &wants);
	assert_int_equal(wants.host_ends, 0);
	lxc_conf_line(&c, "lxc.start.auto = 1", include, sizeof(include));
	lxc_conf_line(&c, "lxc.start.auto = 0", include, sizeof(include));
	assert_false(c.autostart);
	lxc_conf_line(&c, "lxc.signal.halt = 30", include, sizeof(include));
	assert_int_equal(c.halt_signal, 30);
	lxc_conf_line(&c, "lxc.signal.halt = nonsense", include, sizeof(include));
	assert_int_equal(c.halt_signal, 0);
	lxc_conf_line(&c, "lxc.net.-1.type = veth", include, sizeof(include));
	lxc_conf_line(&c, "lxc.net.18446744073709551617.type = veth", include, sizeof(include));
	lxc_conf_line(&c, "", include, sizeof(include));
	lxc_conf_line(&c, "=", include, sizeof(include));
	lxc_conf_wants(&c, &wants);
	assert_int_equal(wants.host_ends, 0);
}

static int remove_root(void **state)
{
	(void) state;
	if (fork() == 0) {
		(void) execl("/bin/rm", "rm", "-rf", root, (char *) NULL);
		_exit(127);
	}
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_of_every_combination),
		cmocka_unit_test(command_lines),
		cmocka_unit_test(spellings),
		cmocka_unit_test(socket_names),
		cmocka_unit_test(sockets),
		cmocka_unit_test(default_path),
		cmocka_unit_test(configuration),
		cmocka_unit_test(configuration_lines),
	};

	if (!mkdtemp(root))
		return 1;
	return cmocka_run_group_tests(tests, NULL, remove_root);
}

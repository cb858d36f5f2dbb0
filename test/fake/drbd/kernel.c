/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A STAND-IN for DRBD's netlink family, preloaded into the agent: for what DRBD 9 tells, which no kernel at
 * hand has, and for answers that a real one gives only now and then. One resource, r0, volume 0, minor 0.
 *
 * VZHA_DRBD_KERNEL names a directory; what is in it is what the kernel has, or does:
 *
 *	version		of the family: 1 DRBD 8.4, 2 DRBD 9
 *	role		1 Primary, 2 Secondary; no such file: r0 is not up
 *	disk		number of the disk's state
 *	connections	a line each: STATE PEER-ROLE PEER-DISK, as numbers
 *	early		the list of resources ends before r0, once; "always": each time
 *	dump-error	that list ends with this errno
 *	short		answers to requests are cut off
 *	handler-s	a fence-peer handler: a promotion takes so many seconds, whatever becomes of who asked
 *	refuse-CMD	requests of this number are refused with this code
 *	log		one line a request: its number
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#define FAMILY	       25
#define QUEUE_MAX      16
#define CODE_NO_ERROR  101
#define CODE_SUCCESS   1
#define CODE_NO_SUCH   158
#define PRIMARY	       14
#define SECONDARY      15
#define DOWN	       27
#define GET_RESOURCES  30
#define GET_DEVICES    31
#define GET_CONNECTION 32
#define GET_PEERS      33

/* Answers that were not received yet, of one socket: the agent asks one question at a time. */
static struct {
	struct nl_msg *messages[QUEUE_MAX];
	int first, n;
	uint32_t seq;
} queue;

static FILE *open_file(const char *mode, const char *name)
{
	char path[256];

	(void) snprintf(path, sizeof(path), "%s/%s", getenv("VZHA_DRBD_KERNEL"), name);
	return fopen(path, mode);
}

static int number(const char *name, int otherwise)
{
	FILE *file = open_file("re", name);
	int value = otherwise;

	if (!file)
		return otherwise;
	if (fscanf(file, "%d", &value) != 1)
		value = 0;
	(void) fclose(file);
	return value;
}

static void write_number(const char *mode, const char *name, int value)
{
	FILE *file = open_file(mode, name);

	if (file) {
		(void) fprintf(file, "%d\n", value);
		(void) fclose(file);
	}
}

static void remove_file(const char *name)
{
	char path[256];

	(void) snprintf(path, sizeof(path), "%s/%s", getenv("VZHA_DRBD_KERNEL"), name);
	(void) unlink(path);
}

static void enqueue(struct nl_msg *msg)
{
	if (queue.n == QUEUE_MAX)
		abort();
	queue.messages[queue.n++] = msg;
}

/* The family's header: minor, code. */
static struct nl_msg *message(int cmd, uint32_t minor, int code)
{
	struct nl_msg *msg = nlmsg_alloc();
	int32_t *header = genlmsg_put(msg, 1, queue.seq, FAMILY, 8, 0, (uint8_t) cmd, 1);

	header[0] = (int32_t) minor;
	header[1] = code;
	return msg;
}

struct field {
	int type;
	int value;
};

static void add(int cmd, const char *resource, int part, const struct field *fields, int n)
{
	struct nl_msg *msg = message(cmd, 0, CODE_NO_ERROR);
	struct nlattr *nest = nla_nest_start(msg, 2);

	(void) nla_put_u32(msg, 1, 0);
	(void) nla_put_string(msg, 2, resource);
	(void) nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, part);
	for (int i = 0; i < n; i++)
		(void) nla_put_u32(msg, fields[i].type, (uint32_t) fields[i].value);
	(void) nla_nest_end(msg, nest);
	nlmsg_hdr(msg)->nlmsg_flags = NLM_F_MULTI;
	enqueue(msg);
}

static void done(int error)
{
	struct nl_msg *msg = nlmsg_alloc();

	(void) nlmsg_put(msg, 1, queue.seq, NLMSG_DONE, sizeof(error), NLM_F_MULTI);
	memcpy(nlmsg_data(nlmsg_hdr(msg)), &error, sizeof(error));
	enqueue(msg);
}

static void tell_family(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	(void) genlmsg_put(msg, 1, queue.seq, GENL_ID_CTRL, 0, 0, CTRL_CMD_NEWFAMILY, 2);
	(void) nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, FAMILY);
	(void) nla_put_u32(msg, CTRL_ATTR_VERSION, (uint32_t) number("version", 1));
	enqueue(msg);
}

static void tell_resources(void)
{
	FILE *early = open_file("re", "early");
	char how[16] = "";

	add(GET_RESOURCES, "other", 15, &(struct field){ 1, 2 }, 1);
	if (early) {
		if (!fgets(how, sizeof(how), early) || strcmp(how, "always\n") != 0)
			remove_file("early");
		(void) fclose(early);
	} else if (number("role", 0)) {
		add(GET_RESOURCES, "r0", 15, &(struct field){ 1, number("role", 2) }, 1);
	}
	done(-number("dump-error", 0));
}

static void tell_connections(int cmd)
{
	FILE *file = open_file("re", "connections");
	int state, role, disk;

	while (file && fscanf(file, "%d %d %d", &state, &role, &disk) == 3) {
		if (cmd == GET_CONNECTION)
			add(cmd, "r0", 17, (struct field[]){ { 1, state }, { 2, role } }, 2);
		else
			add(cmd, "r0", 18, (struct field[]){ { 1, 10 }, { 2, disk } }, 2);
	}
	if (file)
		(void) fclose(file);
	done(0);
}

/* One request at a time. Return: what holds the others off, to be closed. */
static int take_turn(void)
{
	char path[256];
	int fd;

	(void) snprintf(path, sizeof(path), "%s/turn", getenv("VZHA_DRBD_KERNEL"));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	(void) flock(fd, LOCK_EX);
	return fd;
}

/* The kernel does not stop because who asked is gone: a process of its own, which takes the turn along. */
static _Noreturn void promote_later(int turn, int handler_s)
{
	if (fork() != 0) {
		(void) close(turn);
		for (;;)
			(void) pause();
	}
	(void) setsid();
	for (int fd = 0; fd < 64; fd++) {
		if (fd != turn)
			(void) close(fd);
	}
	(void) sleep((unsigned int) handler_s);
	write_number("we", "role", 1);
	_exit(0);
}

static void change(int cmd)
{
	int turn = take_turn(), code = CODE_SUCCESS, refused;
	char refuse[16];

	write_number("ae", "log", cmd);
	(void) snprintf(refuse, sizeof(refuse), "refuse-%d", cmd);
	refused = number(refuse, 0);
	if (refused)
		code = refused;
	else if (cmd == PRIMARY && number("handler-s", 0))
		promote_later(turn, number("handler-s", 0));
	else if (cmd == DOWN)
		remove_file("role");
	else
		write_number("we", "role", cmd == PRIMARY ? 1 : 2);
	(void) close(turn);
	enqueue(message(cmd, 0, code));
	if (number("short", -1) >= 0)
		nlmsg_hdr(queue.messages[0])->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
}

static bool asks_for_unknown(struct nlmsghdr *request)
{
	struct nlattr *context =
		nlmsg_find_attr(request, GENL_HDRLEN + 8, 2); /* behind the family's header */
	struct nlattr *name = context ? nla_find(nla_data(context), nla_len(context), 2) : NULL;

	return number("role", 0) == 0 || !name || strcmp(nla_data(name), "r0") != 0;
}

static void answer(struct nlmsghdr *request)
{
	int cmd = genlmsg_hdr(request)->cmd;

	for (; queue.n > 0; queue.n--)
		nlmsg_free(queue.messages[queue.n - 1]);
	queue.first = 0;
	queue.seq = request->nlmsg_seq;
	if (request->nlmsg_type == GENL_ID_CTRL) {
		tell_family();
	} else if (cmd == GET_RESOURCES) {
		tell_resources();
	} else if (cmd == PRIMARY || cmd == SECONDARY || cmd == DOWN) {
		change(cmd);
	} else if (asks_for_unknown(request)) {
		/* Again and again, as the kernel does. */
		for (int i = 0; i < QUEUE_MAX; i++) {
			enqueue(message(cmd, ~0U, CODE_NO_SUCH));
			nlmsg_hdr(queue.messages[i])->nlmsg_flags = NLM_F_MULTI;
		}
	} else if (cmd == GET_DEVICES) {
		add(cmd, "r0", 16, &(struct field){ 1, number("disk", 8) }, 1);
		done(0);
	} else {
		tell_connections(cmd);
	}
}

static bool is_ours(int fd)
{
	int domain = 0, protocol = 0;
	socklen_t size = sizeof(int);

	return getenv("VZHA_DRBD_KERNEL") &&
	       getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_NETLINK &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 &&
	       protocol == NETLINK_GENERIC;
}

/* What comes after us, as the dynamic linker knows it. */
static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

#define REPLACES __attribute__((visibility("default")))

REPLACES ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
	ssize_t (*real)(int, const struct msghdr *, int);

	if (is_ours(fd)) {
		answer(msg->msg_iov[0].iov_base);
		return (ssize_t) msg->msg_iov[0].iov_len;
	}
	*(void **) &real = next("sendmsg");
	return real(fd, msg, flags);
}

REPLACES ssize_t recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t (*real)(int, struct msghdr *, int);
	struct nlmsghdr *first;
	size_t n;

	if (!is_ours(fd)) {
		*(void **) &real = next("recvmsg");
		return real(fd, msg, flags);
	}
	if (queue.first == queue.n) {
		errno = EAGAIN;
		return -1;
	}
	first = nlmsg_hdr(queue.messages[queue.first]);
	n = first->nlmsg_len < msg->msg_iov[0].iov_len ? first->nlmsg_len : msg->msg_iov[0].iov_len;
	memcpy(msg->msg_iov[0].iov_base, first, n);
	if (msg->msg_name) {
		memset(msg->msg_name, 0, sizeof(struct sockaddr_nl));
		((struct sockaddr_nl *) msg->msg_name)->nl_family = AF_NETLINK;
		msg->msg_namelen = sizeof(struct sockaddr_nl);
	}
	msg->msg_controllen = 0;
	msg->msg_flags = 0;
	if (!(flags & MSG_PEEK))
		queue.first++;
	return (ssize_t) n;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is stacked on a DRBD device: device-mapper, md and partitions tell the block layer (holders,
 * slaves below them), a loop device only names its backing file. Read from /sys.
 */
#include "stack.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

bool drbd_stack_has(const struct drbd_stack *stack, dev_t device)
{
	for (size_t i = 0; i < stack->n; i++) {
		if (stack->devices[i] == device)
			return true;
	}
	return false;
}

static bool add(struct drbd_stack *stack, dev_t device)
{
	if (drbd_stack_has(stack, device) || stack->n == DRBD_STACK_MAX)
		return false;
	stack->devices[stack->n++] = device;
	return true;
}

static bool read_device_number(const char *path, dev_t *ret_device)
{
	unsigned int major, minor;
	char text[32];

	if (ocf_read_file(path, text, sizeof(text)) < 0 ||
	    sscanf(text, "%u:%u", &major, &minor) != 2)
		return false;
	*ret_device = makedev(major, minor);
	return true;
}

/* What people call it: the device-mapper's name behind the kernel's. */
static void name_of(struct ocf_ctx *ctx, const char *kernel_name, char *buf, size_t size)
{
	char path[300], name[128];

	(void) snprintf(buf, size, "%s", kernel_name);
	if (ocf_read_file(
		    ocf_path(ctx, path, sizeof(path), "/sys/class/block/%s/dm/name", kernel_name),
		    name, sizeof(name)) <= 0)
		return;
	name[strcspn(name, "\n")] = '\0';
	(void) snprintf(buf, size, "%s (%s)", kernel_name, name);
}

static void add_holders(struct ocf_ctx *ctx, struct drbd_stack *stack, dev_t device,
			drbd_stack_found found, void *data)
{
	char path[300], name[400];
	struct dirent *entry;
	dev_t holder;
	DIR *dir = opendir(ocf_path(ctx, path, sizeof(path), "/sys/dev/block/%u:%u/holders",
				    major(device), minor(device)));

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' ||
		    !read_device_number(ocf_path(ctx, path, sizeof(path), "/sys/class/block/%s/dev",
						 entry->d_name),
					&holder) ||
		    !add(stack, holder))
			continue;
		name_of(ctx, entry->d_name, name, sizeof(name));
		found(data, "block device", name);
	}
	if (dir)
		(void) closedir(dir);
}

/* Its backing file is a path in somebody's mount namespace; the device behind it is what counts. */
static void add_loops(struct ocf_ctx *ctx, struct drbd_stack *stack, drbd_stack_found found,
		      void *data)
{
	char path[300], file[512];
	struct dirent *entry;
	struct stat st;
	dev_t loop;
	DIR *dir = opendir(ocf_path(ctx, path, sizeof(path), "/sys/class/block"));

	while (dir && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "loop", 4) != 0 ||
		    ocf_read_file(ocf_path(ctx, path, sizeof(path),
					   "/sys/class/block/%s/loop/backing_file", entry->d_name),
				  file, sizeof(file)) <= 0)
			continue;
		file[strcspn(file, "\n")] = '\0';
		/* Only what lies in /dev: a stat of a file on a hung filesystem hangs. */
		if (strncmp(file, "/dev/", 5) != 0 ||
		    stat(ocf_path(ctx, path, sizeof(path), "%s", file), &st) < 0 ||
		    !S_ISBLK(st.st_mode) || !drbd_stack_has(stack, st.st_rdev) ||
		    !read_device_number(ocf_path(ctx, path, sizeof(path), "/sys/class/block/%s/dev",
						 entry->d_name),
					&loop) ||
		    !add(stack, loop))
			continue;
		found(data, "loop device", entry->d_name);
	}
	if (dir)
		(void) closedir(dir);
}

void drbd_stack_read(struct ocf_ctx *ctx, const struct drbd_view *view, drbd_stack_found found,
		     void *data, struct drbd_stack *ret_stack)
{
	ret_stack->n = 0;
	for (size_t i = 0; i < view->n_devices; i++)
		(void) add(ret_stack, makedev(DRBD_MAJOR, view->devices[i].minor));
	/* The list grows while it is walked, until nothing new is found on anything in it. */
	for (size_t i = 0; i < ret_stack->n; i++) {
		add_holders(ctx, ret_stack, ret_stack->devices[i], found, data);
		if (i + 1 == ret_stack->n)
			add_loops(ctx, ret_stack, found, data);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a state means: pure functions, so that every combination is a row in a unit test. */
#include "drbddisk.h"

static enum drbd_disk worst_disk(const struct drbd_view *view)
{
	enum drbd_disk worst = DRBD_DISK_UPTODATE;

	for (size_t i = 0; i < view->n_devices; i++) {
		if (view->devices[i].disk < worst)
			worst = view->devices[i].disk;
	}
	return worst;
}

static bool any_connection(const struct drbd_view *view, enum drbd_connection_state state)
{
	for (size_t i = 0; i < view->n_connections; i++) {
		if (view->connections[i].state == state)
			return true;
	}
	return false;
}

/* Split brain, or disconnected by hand. DRBD 8.4 shows no connection at all then. */
static bool is_alone(const struct drbd_view *view)
{
	return view->n_connections == 0 || any_connection(view, DRBD_CONNECTION_STANDALONE);
}

static bool peer_is_primary(const struct drbd_view *view)
{
	for (size_t i = 0; i < view->n_connections; i++) {
		if (view->connections[i].state == DRBD_CONNECTION_CONNECTED &&
		    view->connections[i].peer_role == DRBD_ROLE_PRIMARY)
			return true;
	}
	return false;
}

static bool lost_quorum(const struct drbd_view *view)
{
	for (size_t i = 0; i < view->n_devices; i++) {
		if (view->devices[i].no_quorum)
			return true;
	}
	return false;
}

static struct drbd_refusal refusal_of_disk(const struct drbd_view *view)
{
	bool alone = is_alone(view);

	switch (worst_disk(view)) {
	case DRBD_DISK_ATTACHING:
	case DRBD_DISK_NEGOTIATING:
	case DRBD_DISK_DETACHING:
		return (struct drbd_refusal){ true, "its disk is just being attached or detached",
					      "try again" };
	case DRBD_DISK_DISKLESS:
	case DRBD_DISK_FAILED:
		return (struct drbd_refusal){ false, "it has no usable disk here",
					      "repair the backing disk, then drbdadm attach" };
	case DRBD_DISK_INCONSISTENT:
		return (struct drbd_refusal){
			false, "its data here is Inconsistent (a sync has not finished)",
			"connect it to the node with good data and let it sync"
		};
	case DRBD_DISK_OUTDATED:
		return (struct drbd_refusal){
			false, "its data here is Outdated",
			"bring the node with the newer data back; if that is lost for good: drbdadm "
			"primary --force"
		};
	case DRBD_DISK_CONSISTENT:
	case DRBD_DISK_UNKNOWN:
		return (struct drbd_refusal){
			!alone, "it cannot tell whether the peer has newer data",
			"bring the peer back, or configure fencing so that its absence is proven"
		};
	case DRBD_DISK_UPTODATE:
		break;
	}
	if (alone)
		return (struct drbd_refusal){ false,
					      "it is StandAlone (split brain, or disconnected)",
					      "resolve the split brain, then drbdadm connect" };
	return (struct drbd_refusal){ true, "the kernel refused", "see the kernel's log" };
}

struct drbd_refusal drbd_refusal_of(const struct drbd_view *view)
{
	if (!view->found)
		return (struct drbd_refusal){
			false, "it is not up on this node",
			"enable drbd.service at boot, run drbdadm up, or set bring_up=true"
		};
	if (view->n_devices == 0)
		return (struct drbd_refusal){ false, "it has no volume here", "drbdadm up" };
	if (peer_is_primary(view))
		return (struct drbd_refusal){ true, "the peer is connected and Primary",
					      "demote it there first" };
	if (lost_quorum(view))
		return (struct drbd_refusal){ false, "DRBD has no quorum",
					      "bring more of its nodes back" };
	return refusal_of_disk(view);
}

const char *drbd_trouble_of(const struct drbd_view *view)
{
	if (worst_disk(view) != DRBD_DISK_UPTODATE)
		return "the data on this node is not UpToDate: the peer alone has good data";
	if (view->suspended)
		return "I/O is suspended";
	if (is_alone(view))
		return "StandAlone, nothing is replicated: after a split brain resolve it, then drbdadm "
		       "connect";
	if (any_connection(view, DRBD_CONNECTION_CONNECTING))
		return "not connected to the peer, nothing is replicated";
	for (size_t i = 0; i < view->n_peer_disks; i++) {
		if (view->peer_disks[i] != DRBD_DISK_UPTODATE)
			return "the peer's data is not UpToDate: this node must not be lost now";
	}
	return NULL;
}

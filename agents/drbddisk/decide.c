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

bool drbd_is_connected(const struct drbd_view *view)
{
	return any_connection(view, DRBD_CONNECTION_CONNECTED);
}

bool drbd_is_alone(const struct drbd_view *view)
{
	for (size_t i = 0; i < view->n_connections; i++) {
		if (view->connections[i].state != DRBD_CONNECTION_STANDALONE)
			return false;
	}
	return view->n_connections > 0 || view->version < 2;
}

bool drbd_is_aside(const struct drbd_view *view)
{
	if (view->role == DRBD_ROLE_PRIMARY || view->standing == DRBD_STANDING_WRITER ||
	    drbd_is_connected(view))
		return false;
	return view->standing == DRBD_STANDING_ASIDE || drbd_is_alone(view);
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

static bool is_client(const struct drbd_view *view)
{
	for (size_t i = 0; i < view->n_devices; i++) {
		if (view->devices[i].client)
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

static struct drbd_refusal refusal_of_disk(const struct drbd_view *view,
					   const struct drbd_said *said)
{
	bool alone = drbd_is_alone(view);

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
			alone ? "drbdadm connect, so that it gets the newer data (it is StandAlone)"
			      : "bring the node with the newer data back; if that is lost for "
				"good: drbdadm primary --force"
		};
	case DRBD_DISK_CONSISTENT:
	case DRBD_DISK_UNKNOWN:
		return (struct drbd_refusal){
			!alone, "it cannot tell whether the peer has newer data",
			alone ? "drbdadm connect (it is StandAlone)"
			      : "bring the peer back, or configure fencing so that its absence is "
				"proven"
		};
	case DRBD_DISK_UPTODATE:
		break;
	}
	/* First what costs nobody any data: the other side may be lost, and this one all there is. */
	if (drbd_is_aside(view))
		return alone ? (struct drbd_refusal){ false, "it is StandAlone",
						      "drbdadm connect; after a split brain decide "
						      "first whose data stays" }
			     : (struct drbd_refusal){ false, "it was StandAlone before",
						      "connect the peer; if that is lost: rm its "
						      "file in /run/vzha/standalone" };
	if (said && said->pending)
		return (struct drbd_refusal){
			false, "it has not been decided yet (a fence-peer handler at work?)",
			"it may still happen: stop ends that"
		};
	return (struct drbd_refusal){ true, "the kernel refused", "see the kernel's log" };
}

/* linux/drbd.h, enum drbd_state_rv: what a fence-peer handler that could not help leads to. */
#define SS_PRIMARY_NOP (-7)

struct drbd_refusal drbd_refusal_of(const struct drbd_view *view, const struct drbd_said *said)
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
	if (is_client(view))
		return (struct drbd_refusal){ false, "it is diskless here on purpose",
					      "keep it off this node by a location constraint, or "
					      "attach a disk" };
	if (said && said->code == SS_PRIMARY_NOP)
		return (struct drbd_refusal){
			false,
			"the fence-peer handler could not prove that the peer is outdated or off",
			"see what the handler logged; the cluster needs working fencing"
		};
	return refusal_of_disk(view, said);
}

const char *drbd_trouble_of(const struct drbd_view *view)
{
	if (view->fails_io)
		return "it was forced out of its role and fails all I/O";
	if (view->n_devices == 0)
		return "it has no volume here";
	if (is_client(view))
		return NULL;
	if (lost_quorum(view))
		return "DRBD has no quorum";
	if (worst_disk(view) != DRBD_DISK_UPTODATE)
		return view->resync
			       ? "the data on this node is not UpToDate, a resync is under way: "
				 "the peer alone has good data"
			       : "the data on this node is not UpToDate: the peer alone has "
				 "good data";
	if (view->suspended)
		return "I/O is suspended";
	if (drbd_is_alone(view))
		return "StandAlone, nothing is replicated: drbdadm connect; after a split brain decide "
		       "first whose data stays";
	if (any_connection(view, DRBD_CONNECTION_STANDALONE))
		return "StandAlone towards one of its peers, which gets no data: drbdadm connect; "
		       "after a split brain decide first whose data stays";
	if (drbd_is_aside(view))
		return "not promoted here, it was StandAlone before: connect the peer; if that is "
		       "lost: rm its file in /run/vzha/standalone";
	if (any_connection(view, DRBD_CONNECTION_CONNECTING))
		return "not connected to the peer, nothing is replicated";
	for (size_t i = 0; i < view->n_peer_disks; i++) {
		if (view->peer_disks[i] != DRBD_DISK_UPTODATE)
			return view->resync ? "a resync to the peer is under way: this node must "
					      "not be lost now"
					    : "the peer's data is not UpToDate: this node must not "
					      "be lost now";
	}
	return NULL;
}

static bool peer_has_good_data(const struct drbd_view *view)
{
	for (size_t i = 0; i < view->n_peer_disks; i++) {
		if (view->peer_disks[i] == DRBD_DISK_UPTODATE)
			return drbd_is_connected(view);
	}
	return false;
}

/* Outdated is knowledge too: such a peer cannot have anything newer. */
static bool knows_peers(const struct drbd_view *view)
{
	for (size_t i = 0; i < view->n_peer_disks; i++) {
		if (view->peer_disks[i] == DRBD_DISK_UNKNOWN)
			return false;
	}
	return view->n_peer_disks > 0;
}

enum drbd_fitness drbd_fitness_of(const struct drbd_view *view)
{
	if (!view->found || view->n_devices == 0 || view->fails_io || is_client(view) ||
	    lost_quorum(view) || drbd_is_aside(view))
		return DRBD_FITNESS_NONE;
	switch (worst_disk(view)) {
	case DRBD_DISK_ATTACHING:
	case DRBD_DISK_NEGOTIATING:
	case DRBD_DISK_DETACHING:
		return DRBD_FITNESS_CHANGING;
	case DRBD_DISK_CONSISTENT:
		return DRBD_FITNESS_CONSISTENT;
	case DRBD_DISK_UPTODATE:
		return view->role == DRBD_ROLE_PRIMARY || knows_peers(view) ? DRBD_FITNESS_FULL
									    : DRBD_FITNESS_GOOD;
	case DRBD_DISK_DISKLESS:
	case DRBD_DISK_FAILED:
	case DRBD_DISK_INCONSISTENT:
	case DRBD_DISK_OUTDATED:
	case DRBD_DISK_UNKNOWN:
		break;
	}
	return peer_has_good_data(view) ? DRBD_FITNESS_PEER : DRBD_FITNESS_NONE;
}

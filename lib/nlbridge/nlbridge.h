/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libnlbridge: bridges, their ports and link events over rtnetlink.
 *
 * Everything hangs on a handle; there is no global state, no log, no environment. A handle belongs
 * to the network namespace in which it was opened and to one thread at a time.
 *
 * Functions that can fail return 0 or a negative errno, taken from the kernel's own answer. These
 * may come from any of them and are not repeated below:
 *   -EINVAL     a bad argument (nothing was sent), or the kernel found the values unfit
 *   -ENOMEM     out of memory
 *   -EPERM      the caller may not do this (CAP_NET_ADMIN)
 *   -ETIMEDOUT  the kernel did not answer in time, or the answer was lost (ENOBUFS); the handle
 *               has a fresh socket and can be used on, the request may or may not have been done
 *   -EAGAIN     the kernel's tables changed under each of several attempts to list them
 * nlbridge_errmsg() has what else the kernel said. Outputs (ret_...) are written on success only.
 */
#ifndef NLBRIDGE_H
#define NLBRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NLBRIDGE_API __attribute__((visibility("default")))

#define NLBRIDGE_NAME_MAX 16  /* a link's name with its final NUL */
#define NLBRIDGE_MARK_MAX 128 /* a mark with its final NUL */

struct nlbridge;
struct nlbridge_watch;

/* ---- handle ---------------------------------------------------------------------------------- */

/**
 * nlbridge_open() - Make a handle for the network namespace of the calling thread.
 * @timeout_ms: how long any one answer of the kernel may take; 0: two seconds.
 */
NLBRIDGE_API int nlbridge_open(int timeout_ms, struct nlbridge **ret_nb);

/**
 * nlbridge_open_netns() - Make a handle for another network namespace.
 * @netns_fd: an open /proc/PID/ns/net (of a process that was checked after the opening); the
 *            caller closes it.
 *
 * The thread enters the namespace for the time of opening a socket, and only then. Needs
 * CAP_SYS_ADMIN here and over the other one.
 * Return: 0; -ENOTRECOVERABLE: the thread could not go back to its own (the kernel has no such
 * case; end the process).
 */
NLBRIDGE_API int nlbridge_open_netns(int netns_fd, int timeout_ms, struct nlbridge **ret_nb);

/**
 * nlbridge_netns_number() - Our number for a network namespace: the peer_nsid of links into it.
 * @netns_fd: an open /proc/PID/ns/net.
 *
 * Return: 0; -ENODEV it has no number here; -EOPNOTSUPP (before Linux 4.0).
 */
NLBRIDGE_API int nlbridge_netns_number(struct nlbridge *nb, int netns_fd, int *ret_nsid);

/** nlbridge_close() - End a handle; NULL is fine. */
NLBRIDGE_API void nlbridge_close(struct nlbridge *nb);

/**
 * nlbridge_errmsg() - The kernel's own words on the last call that failed (extended ack).
 *
 * Return: a text that is valid until the next call on @nb; empty when the kernel said nothing.
 */
NLBRIDGE_API const char *nlbridge_errmsg(const struct nlbridge *nb);

/* ---- links ----------------------------------------------------------------------------------- */

/* brport state: what a port does with packets. */
enum nlbridge_port_state {
	NLBRIDGE_PORT_NONE = -1, /* not a bridge's port */
	NLBRIDGE_PORT_DISABLED = 0,
	NLBRIDGE_PORT_LISTENING = 1,
	NLBRIDGE_PORT_LEARNING = 2,
	NLBRIDGE_PORT_FORWARDING = 3,
	NLBRIDGE_PORT_BLOCKING = 4,
};

/*
 * What the kernel says about one link. Made by the library only: do not allocate or copy it by
 * value, later versions append members.
 */
struct nlbridge_link {
	const struct nlbridge_link *next; /* in a list */
	int ifindex;
	char name[NLBRIDGE_NAME_MAX];
	char kind[NLBRIDGE_NAME_MAX]; /* "bridge", "veth", ...; empty: a physical or old link */
	char alias[256];	      /* ifalias; empty: none */
	unsigned int flags;	      /* IFF_UP, ... of <linux/if.h> */
	unsigned int hardware;	      /* ARPHRD_ETHER, ... of <linux/if_arp.h> */
	int master;		      /* ifindex of the bridge (or other master), 0: none */
	int peer;		      /* IFLA_LINK: ifindex of the peer, 0: none */
	bool peer_elsewhere;	      /* the peer lives in another network namespace */
	uint8_t mac[6];		      /* all zero when the link has none of this length */
	uint8_t permanent_mac[6];     /* all zero when there is none, or the kernel is old */
	uint32_t mtu;
	uint8_t operstate; /* IF_OPER_UP, ... of <linux/if.h> */
	enum nlbridge_port_state port_state;
	size_t n_altnames;
	const char *const *altnames;
	int peer_nsid;	    /* our number for the peer's namespace; -1: none */
	bool forwards_ipv6; /* it routes IPv6: a router in its neighbour advertisements */
};

/**
 * nlbridge_link_get() - One link by its name.
 *
 * An alternative name finds its link too: compare ret_link->name where that matters.
 * Return: 0 (free with nlbridge_links_free()); -ENODEV.
 */
NLBRIDGE_API int nlbridge_link_get(struct nlbridge *nb, const char *name,
				   const struct nlbridge_link **ret_link);

/** nlbridge_link_get_index() - One link by its ifindex. Return: as nlbridge_link_get(). */
NLBRIDGE_API int nlbridge_link_get_index(struct nlbridge *nb, int ifindex,
					 const struct nlbridge_link **ret_link);

/**
 * nlbridge_link_get_peer() - The other end of a link, in whatever network namespace it lives.
 * @ret_link: as seen from there: ifindex, name and peer are numbers of its own namespace.
 *
 * Return: as nlbridge_link_get(); -ENODEV also when @link has no other end; -EOPNOTSUPP the kernel
 * cannot look into other namespaces (before Linux 4.15).
 */
NLBRIDGE_API int nlbridge_link_get_peer(struct nlbridge *nb, const struct nlbridge_link *link,
					const struct nlbridge_link **ret_link);

#define NLBRIDGE_NO_MASTER (-1)

/**
 * nlbridge_links() - All links, or the ports of one bridge, in one dump without statistics.
 * @master: ifindex of the bridge; 0: all links of the namespace; NLBRIDGE_NO_MASTER: those that are
 *          no ports. The kernel sorts out (by bridge since Linux 4.6, those without since 5.16).
 *
 * Return: 0, *ret_links is a list (NULL when empty) for nlbridge_links_free().
 */
NLBRIDGE_API int nlbridge_links(struct nlbridge *nb, int master,
				const struct nlbridge_link **ret_links);

/** nlbridge_links_free() - Free a list or a single link; NULL is fine. */
NLBRIDGE_API void nlbridge_links_free(const struct nlbridge_link *links);

/** nlbridge_link_up() - Set a link up or down. Return: 0; -ENODEV. */
NLBRIDGE_API int nlbridge_link_up(struct nlbridge *nb, int ifindex, bool up);

/** nlbridge_link_rename() - Rename a link. Return: 0; -EEXIST; -EBUSY (up, on older kernels). */
NLBRIDGE_API int nlbridge_link_rename(struct nlbridge *nb, int ifindex, const char *name);

/* ---- marks ----------------------------------------------------------------------------------- */
/*
 * A mark is a word without blanks that sits on the link itself and lives as long as the link: an
 * alternative name, or a word of the link's ifalias where alternative names are missing (before
 * Linux 5.5) or the name is taken by another link.
 */

/** nlbridge_mark_set() - Put a mark on a link; fine when it is there. Return: 0; -ENODEV. */
NLBRIDGE_API int nlbridge_mark_set(struct nlbridge *nb, int ifindex, const char *mark);

/** nlbridge_mark_remove() - Take a mark off a link; fine when it is not there. Return: 0; -ENODEV. */
NLBRIDGE_API int nlbridge_mark_remove(struct nlbridge *nb, int ifindex, const char *mark);

/**
 * nlbridge_link_mark() - The first mark of a link that begins with @prefix.
 * @ret_mark: NULL, or where it is copied to.
 *
 * Return: whether there is one.
 */
NLBRIDGE_API bool nlbridge_link_mark(const struct nlbridge_link *link, const char *prefix,
				     char ret_mark[NLBRIDGE_MARK_MAX]);

/**
 * nlbridge_port_want() - Say on a link that it belongs into a bridge.
 *
 * For creators of host ends whose names no pattern fits. Nothing is attached by this: a watcher of
 * that bridge (vzha's veth-bridged) does it, now and whenever the bridge is made anew. It is a mark
 * ("vzha:want:BRIDGE:IFINDEX"), so nobody need be there to hear it, and it dies with the link.
 * Return: 0; -ENODEV no such link; the bridge need not exist.
 */
NLBRIDGE_API int nlbridge_port_want(struct nlbridge *nb, const char *bridge, int ifindex);

/** nlbridge_link_wants() - Whether somebody said that @link belongs into the bridge @bridge. */
NLBRIDGE_API bool nlbridge_link_wants(const struct nlbridge_link *link, const char *bridge);

/* ---- bridges --------------------------------------------------------------------------------- */

enum nlbridge_setting {
	NLBRIDGE_MAC,		     /* see nlbridge_mac_value(); setting it makes it stay */
	NLBRIDGE_MTU,		     /* bytes; setting it ends following the ports */
	NLBRIDGE_STP,		     /* 0, 1 */
	NLBRIDGE_FORWARD_DELAY,	     /* 1/100 s */
	NLBRIDGE_AGEING_TIME,	     /* 1/100 s */
	NLBRIDGE_PRIORITY,	     /* 0 to 65535 */
	NLBRIDGE_MULTICAST_SNOOPING, /* 0, 1 */
	NLBRIDGE_MULTICAST_QUERIER,  /* 0, 1 */
	NLBRIDGE_VLAN_FILTERING,     /* 0, 1 */
	/* Of a port: for nlbridge_port_set(), not for nlbridge_bridge_set(). */
	NLBRIDGE_HAIRPIN,  /* 0, 1: a packet may leave where it came in */
	NLBRIDGE_ISOLATED, /* 0, 1: talks to ports only that are not isolated */
	/* Of a bridge again. */
	NLBRIDGE_VLAN_DEFAULT_PVID,   /* VLAN that a new port is in without a tag; 0: none */
	NLBRIDGE_SETTING_MAX_1_0 = 16 /* room: values up to here may come without a new SONAME */
};

struct nlbridge_value {
	enum nlbridge_setting setting;
	uint64_t value;
};

/** nlbridge_mac_value() - Six bytes as the value of NLBRIDGE_MAC. */
NLBRIDGE_API uint64_t nlbridge_mac_value(const uint8_t mac[6]);

/** nlbridge_setting_name() - "forward_delay"; NULL for a setting this version does not know. */
NLBRIDGE_API const char *nlbridge_setting_name(enum nlbridge_setting setting);

/**
 * nlbridge_bridge_create() - Make a bridge that carries a mark from the first moment of its name.
 * @name: at most 15 bytes.
 * @mark: see nlbridge_mark_set().
 * @values: settings in the request that creates it; NULL when @n_values is 0.
 *
 * It is made under a temporary name, marked, then renamed: a bridge called @name without @mark is
 * never ours. A temporary that an interrupted call left behind is removed first. On failure
 * nothing stays. The bridge is down. A setting that the kernel does not know is ignored by the
 * kernel: see nlbridge_link_differs().
 *
 * Return: 0; -EEXIST a link has this name, or alternative name.
 */
NLBRIDGE_API int nlbridge_bridge_create(struct nlbridge *nb, const char *name, const char *mark,
					const struct nlbridge_value *values, size_t n_values,
					int *ret_ifindex);

/**
 * nlbridge_bridge_delete() - Delete a bridge that has no ports.
 *
 * Return: 0; -ENODEV; -EBUSY it has ports; -EOPNOTSUPP it is not a bridge.
 */
NLBRIDGE_API int nlbridge_bridge_delete(struct nlbridge *nb, int ifindex);

/** nlbridge_bridge_set() - Change settings of a bridge. Return: 0; -ENODEV; -ERANGE. */
NLBRIDGE_API int nlbridge_bridge_set(struct nlbridge *nb, int ifindex,
				     const struct nlbridge_value *values, size_t n_values);

/** nlbridge_link_value() - A setting as the kernel shows it. Return: false: it shows none. */
NLBRIDGE_API bool nlbridge_link_value(const struct nlbridge_link *link,
				      enum nlbridge_setting setting, uint64_t *ret_value);

/**
 * nlbridge_link_differs() - Compare wanted settings with what the kernel shows.
 *
 * A setting that the kernel does not know counts as 0.
 * Return: index of the first of @values, from @from on, that differs; @n_values when none does.
 */
NLBRIDGE_API size_t nlbridge_link_differs(const struct nlbridge_link *link,
					  const struct nlbridge_value *values, size_t n_values,
					  size_t from);

/* ---- ports ----------------------------------------------------------------------------------- */

/**
 * nlbridge_port_attach() - Make a link a port of a bridge.
 *
 * Atomic in the kernel: a link that has another master is never taken from it.
 * Return: 0, also when it is a port of this bridge already; -EBUSY it has another master; -ENODEV
 * no such link or bridge; -EOPNOTSUPP @bridge is not a bridge; -EINVAL, -ELOOP a link that cannot
 * be a port.
 */
NLBRIDGE_API int nlbridge_port_attach(struct nlbridge *nb, const char *bridge, int port);

/**
 * nlbridge_port_detach() - Take a port out of a bridge; fine when it is not in this bridge.
 *
 * Never takes it out of another one. Return: 0; -ENODEV.
 */
NLBRIDGE_API int nlbridge_port_detach(struct nlbridge *nb, const char *bridge, int port);

/**
 * nlbridge_ports_attach() - nlbridge_port_attach() for many; goes on past failures.
 * @ret_results: NULL, or room for @n_ports results; always written.
 *
 * Return: 0 when all are ports of the bridge now, else the first failure.
 */
NLBRIDGE_API int nlbridge_ports_attach(struct nlbridge *nb, const char *bridge, const int *ports,
				       size_t n_ports, int *ret_results);

/**
 * nlbridge_port_set() - Change settings of a port (NLBRIDGE_HAIRPIN, NLBRIDGE_ISOLATED).
 *
 * Read them back with nlbridge_link_value() or nlbridge_link_differs(): an older kernel ignores
 * what it does not know. Return: 0; -ENODEV no such link; -EINVAL, -EOPNOTSUPP it is no port.
 */
NLBRIDGE_API int nlbridge_port_set(struct nlbridge *nb, int port,
				   const struct nlbridge_value *values, size_t n_values);

/* One VLAN that a port is in. */
struct nlbridge_vlan {
	int port;      /* ifindex; of the bridge itself too */
	uint16_t id;   /* 1 to 4094 */
	bool pvid;     /* what comes in without a tag belongs to it */
	bool untagged; /* leaves without a tag */
};

/**
 * nlbridge_vlans() - The VLANs of all ports of a bridge and of the bridge itself, in one dump.
 * @ret_vlans: an array for free(), by port and id in the kernel's order; NULL when there are none.
 *
 * Return: 0, also on a kernel without VLAN filtering: then there are none.
 */
NLBRIDGE_API int nlbridge_vlans(struct nlbridge *nb, int bridge, struct nlbridge_vlan **ret_vlans,
				size_t *ret_n_vlans);

/**
 * nlbridge_port_vlans_set() - Put a port into exactly these VLANs.
 * @vlans: their port member is not looked at. At most one may be the pvid.
 *
 * What is new is added before what is not wanted is taken away; what stays is not touched.
 * Return: 0; -EOPNOTSUPP the kernel has no VLAN filtering; -ENODEV; -EINVAL it is no port.
 */
NLBRIDGE_API int nlbridge_port_vlans_set(struct nlbridge *nb, int bridge, int port,
					 const struct nlbridge_vlan *vlans, size_t n_vlans);

/* ---- addresses ------------------------------------------------------------------------------- */

#define NLBRIDGE_NSID_OWN (-1) /* the namespace of the handle */

struct nlbridge_address {
	const struct nlbridge_address *next; /* in a list */
	int ifindex;			     /* in its own namespace */
	int nsid;			     /* of it; NLBRIDGE_NSID_OWN */
	int family;			     /* AF_INET, AF_INET6 */
	uint8_t bytes[16];		     /* 4 of them in IPv4 */
	uint8_t prefix_length;
	bool usable; /* neither tentative nor found to be a duplicate */
};

/**
 * nlbridge_addresses() - The addresses of a link.
 * @nsid: NLBRIDGE_NSID_OWN, or the peer_nsid of a link: a container's, without entering it.
 *
 * Return: 0 (free with nlbridge_addresses_free()); -EOPNOTSUPP the kernel cannot list those of
 * another namespace (before Linux 4.20).
 */
NLBRIDGE_API int nlbridge_addresses(struct nlbridge *nb, int nsid, int ifindex,
				    const struct nlbridge_address **ret_addresses);

/** nlbridge_addresses_free() - Free a list; NULL is fine. */
NLBRIDGE_API void nlbridge_addresses_free(const struct nlbridge_address *addresses);

/* ---- announcements --------------------------------------------------------------------------- */

/* Who is behind a port: for the tables of switches, and for those of its neighbours. */
struct nlbridge_announcement {
	uint8_t mac[6];
	bool router; /* IPv6: see nlbridge_link's forwards_ipv6 */
	/*
	 * NULL: a RARP frame, from which switches learn the way to @mac. Else gratuitous ARP, a
	 * request and a reply, or an unsolicited neighbour advertisement with the override flag.
	 */
	const struct nlbridge_address *address;
};

/* Where it is sent out. */
struct nlbridge_exit {
	int port;      /* ifindex of any Ethernet link */
	uint16_t vlan; /* 0: without a tag */
};

/**
 * nlbridge_announce() - Send one announcement out of links, past their bridge; never waits.
 *
 * Goes on past links that cannot send. Needs CAP_NET_RAW.
 * Return: 0 when all sent; else the first failure: -ENETDOWN a link is down, -ENODEV, -ENXIO it
 * is gone, -ENOBUFS or -EAGAIN its queue is full.
 */
NLBRIDGE_API int nlbridge_announce(struct nlbridge *nb,
				   const struct nlbridge_announcement *announcement,
				   const struct nlbridge_exit *exits, size_t n_exits);

/**
 * nlbridge_announce_link() - Announce a link of the handle's namespace out of itself.
 *
 * Its own address and all usable addresses on it, once each. For a card that was moved into a
 * container: with a handle of nlbridge_open_netns(). Repeat it as often as wanted.
 * Return: 0; -EOPNOTSUPP it is no Ethernet link; as nlbridge_announce().
 */
NLBRIDGE_API int nlbridge_announce_link(struct nlbridge *nb, int ifindex);

/* ---- events ---------------------------------------------------------------------------------- */

struct nlbridge_event {
	bool gone;    /* the link was deleted, or left the namespace */
	bool partial; /* about a port: only ifindex, name, master and port_state */
	const struct nlbridge_link *link; /* as it is now, or was last; until the next call */
};

/**
 * nlbridge_watch_open() - Subscribe to the links of the calling thread's network namespace.
 *
 * Everything that changes after this returns will be told. List the links *after* it.
 */
NLBRIDGE_API int nlbridge_watch_open(struct nlbridge_watch **ret_watch);

/** nlbridge_watch_close() - End a subscription; NULL is fine. */
NLBRIDGE_API void nlbridge_watch_close(struct nlbridge_watch *watch);

/** nlbridge_watch_fd() - For poll(): readable when nlbridge_watch_next() has something to say. */
NLBRIDGE_API int nlbridge_watch_fd(const struct nlbridge_watch *watch);

/**
 * nlbridge_watch_next() - The next event; never waits.
 *
 * Return: 0; -EAGAIN none now; -ENOBUFS events were lost: list the links again, then go on.
 */
NLBRIDGE_API int nlbridge_watch_next(struct nlbridge_watch *watch,
				     struct nlbridge_event *ret_event);

struct nlbridge_address_watch;

struct nlbridge_address_event {
	bool gone;
	struct nlbridge_address address;
};

/**
 * nlbridge_address_watch_open() - Subscribe to addresses here and in all namespaces that have a
 * number (peer_nsid) here.
 *
 * Return: 0; -EOPNOTSUPP the kernel tells of this namespace only (before Linux 4.2).
 */
NLBRIDGE_API int nlbridge_address_watch_open(struct nlbridge_address_watch **ret_watch);

/** nlbridge_address_watch_close() - End a subscription; NULL is fine. */
NLBRIDGE_API void nlbridge_address_watch_close(struct nlbridge_address_watch *watch);

/** nlbridge_address_watch_fd() - As nlbridge_watch_fd(). */
NLBRIDGE_API int nlbridge_address_watch_fd(const struct nlbridge_address_watch *watch);

/** nlbridge_address_watch_next() - As nlbridge_watch_next(). */
NLBRIDGE_API int nlbridge_address_watch_next(struct nlbridge_address_watch *watch,
					     struct nlbridge_address_event *ret_event);

#ifdef __cplusplus
}
#endif

#endif

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2015,SC2016 # a && b || failed is meant; for the nodes' shell
#
# article.sh [promotable-]crm|[promotable-]pcs|heartbeat [clean]: the article's cluster, from the very file that the README
# quotes, with its three containers: start, planned move, power cut, return.
#
# The router has the node's eth1 moved in; a client outside reaches mail and dbms through it, and
# never sees a container twice. DRBD is the declared stand-in of test/fake/drbd: one Primary at a
# time, with a block device /dev/drbd0 while it is. "clean": the nodes are a bare Debian into which
# the built packages are installed by the README's own command; nothing of this machine is in them.
# Heartbeat's begins as the article's own, made by hand, and is converted as vzha(7) says.

# shellcheck source-path=SCRIPTDIR source=../bed/node/bed.sh
. "$(dirname "$0")/../bed/node/bed.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/cluster.sh
. "$(dirname "$0")/../bed/node/cluster.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/container.sh
. "$(dirname "$0")/../bed/node/container.sh"
# shellcheck source-path=SCRIPTDIR source=../bed/node/heartbeat.sh
. "$(dirname "$0")/../bed/node/heartbeat.sh"
here=$(dirname "$(realpath "$0")")
tool=${1:-crm}
config=article.$tool
if [[ $tool == promotable-* ]]; then
	tool=${tool#promotable-}
	config=article-promotable.$tool
fi
if [[ ${2-} == clean ]]; then
	# shellcheck source-path=SCRIPTDIR source=../package/root.sh
	. "$here/../package/root.sh"
	root_image || bed_fail "no clean root"
	BED_ROOT=$ROOT_IMAGE
	VZHA_STAGE=
else
	bed_agents drbddisk vzroot-relocation veth-bridge vz-container
fi
bed_enter "$@"
bed_up

report()
{
	if [[ $tool == heartbeat ]]; then
		heartbeat_report "$1"
	else
		cluster_report "$1"
	fi
	node_report "$1"
}

# The router's card has another address on the other node; vz-container tells the client of it.
answers()
{
	client_run ping -c1 -W1 -n 192.168.199.2 2>&1 && client_run ping -c1 -W1 -n 192.168.199.3 2>&1
}

# all_on NODE: where the kernels say that the three containers live
all_on()
{
	local name seen
	for name in router mail dbms; do
		seen=$(container_copies "$name")
		[[ $seen == "$1" ]] || {
			echo "$name lives on: ${seen//$'\n'/, }"
			return 1
		}
	done
}

# on NODE SECONDS WHAT
on()
{
	local name began=${EPOCHREALTIME/[.,]/}
	bed_wait "$2" all_on "$1" || bed_failed "$3: not all containers are on $1"
	bed_wait 20 answers || bed_failed "$3: mail and dbms do not answer through the router"
	for name in router mail dbms; do
		container_once "$name" || bed_failed "$3"
	done
	"quiet_$tool" "$1" || bed_failed "$3: not everything is well"
	printf '%s: everything on %s, answering after %d ms\n' "$3" "$1" \
		$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
}

# The cluster's own view: all of it started there, nothing failed. A replica that is away while its node
# is, is no failure; a promotable drbddisk says so, and Pacemaker keeps the line.
started_there()
{
	local seen resource
	seen=$(node_run "$1" crm_mon -1rf 2>&1 | grep -v '(degraded)')
	echo "$seen"
	for resource in disk vzroot br0 router mail dbms; do
		grep -Eq "^ *\* ${resource}[[:space:]].*Started $1\$" <<<"$seen" || return 1
	done
	# A clone's node gets a line of its own while a monitor is under way.
	grep -Eq "Promoted: \[ $1 \]|\* drbd[[:space:]].*(Started|Promoted) $1" <<<"$seen" || return 1
	! grep -E " returned '|FAILED|UNCLEAN|fail-count|blocked" <<<"$seen"
}

quiet_crm()
{
	bed_wait 20 started_there "$1"
}

quiet_pcs()
{
	quiet_crm "$1"
}

# Each entry says by its text that it runs, as Heartbeat would read it.
quiet_heartbeat()
{
	local entry seen
	for entry in "vzha-drbddisk r0" "vzroot-relocation /d0/vz /var/lib/lxc" "veth-bridge br0" \
		"vz-container router" "vz-container mail" "vz-container dbms"; do
		# shellcheck disable=SC2086 # name and arguments
		seen=$(node_run "$1" /etc/ha.d/resource.d/$entry status 2>&1)
		[[ $seen == running* ]] || {
			echo "$entry: $seen"
			return 1
		}
	done
}

# The installation, as README.md has it, from the directory in which the packages were built
install_debs()
{
	local line
	line=$(sed -n 's/^ \{4\}sudo \(apt install .*\)/\1/p' "$VZHA_SOURCE_DIR/README.md" | head -n 1)
	[[ -n $line ]] || bed_fail "no 'sudo apt install' in README.md"
	[[ $tool != heartbeat ]] || line+=" ../vzha-heartbeat_*.deb"
	node_sh "$1" "cd /lab/build/vzha && $line -y" >"$BED_LAB/install.log" 2>&1 || {
		cat "$BED_LAB/install.log"
		bed_fail "$1: the packages cannot be installed"
	}
}

# boot NODE: as its own boot would leave it, DRBD up
boot()
{
	node_boot "$1"
	node_run "$1" ip addr flush dev eth1
	[[ -z $BED_ROOT || -e $BED_LAB/node/$1/debs ]] || install_debs "$1"
	: >"$BED_LAB/node/$1/debs"
	node_sh "$1" 'mkdir -p /d0; "$1" /lab/drbd r0 /lab/r0.img /dev/drbd0' \
		"$VZHA_SOURCE_DIR/test/fake/drbd/install" || bed_fail "$1: no stand-in for DRBD"
}

start_crm()
{
	cluster_start "$@"
}

start_pcs()
{
	cluster_start "$@"
}

start_heartbeat()
{
	heartbeat_start "$@"
}

# The lab has no BMCs: its own power switch in place of IPMI's.
lab_fencing()
{
	sed -E 's/fence_ipmilan/fence_lab/; /^\tip=/d
		s:external/ipmi ([^ ]*) .*:external/lab \1:' "$here/article-fencing.$1"
}

load_crm()
{
	cluster_form
	node_run node1 crm -F configure delete fence && lab_fencing crm | node_run node1 crm configure load update - &&
		node_run node1 crm configure load update - <"$here/$config"
}

load_pcs()
{
	cluster_form
	node_run node1 crm_resource --resource fence --resource-type primitive --delete --force
	lab_fencing pcs | node_sh node1 'cd /root && bash -e -' && node_sh node1 'cd /root && bash -e -' <"$here/$config"
}

cluster_form()
{
	CLUSTER_COROSYNC_CONF=$here/article.corosync.conf cluster_conf node1 node2
	node_run node1 corosync-keygen -k /lab/authkey >/dev/null
	node_run node1 install -m 400 /lab/authkey /etc/corosync/
	node_run node2 install -m 400 /lab/authkey /etc/corosync/
	power_up
	cluster_start node1 node2
	cluster_wait 60 node1 node1 node2
}

# The cluster as the article left it: drbd-utils' drbddisk, a link made by hand, and the distribution's
# script that starts every container, with the article's brctl addif in it. A stand-in for that script.
by_hand()
{
	power_attach "$1"
	lab_fencing ha.cf >"$BED_SHARE/fencing.ha.cf"
	node_sh "$1" 'rmdir /var/lib/lxc && ln -s /d0/vz/var/lib/lxc /var/lib/lxc
		cat "$1" /lab/fencing.ha.cf >/etc/ha.d/ha.cf
		printf "auth 1\n1 sha1 lab\n" >/etc/ha.d/authkeys && chmod 600 /etc/ha.d/authkeys
		echo "node1 drbddisk::r0 Filesystem::/dev/drbd0::/d0::ext4 vz" >/etc/ha.d/haresources
		cat "$3" >>/etc/ha.d/ha.cf
		cp "$2" /root/haresources
		cat >/etc/init.d/vz && chmod 755 /etc/init.d/vz' "$here/article.ha.cf" "$here/article.haresources" \
		<<-'END' || bed_fail "$1: cannot be set up by hand"
		#!/bin/bash
		ends=(router:veth101.0 mail:veth102.0 dbms:veth103.0)
		case $1 in
		start)
			ip link add br0 type bridge forward_delay 0 && ip link set br0 up
			for end in "${ends[@]}"; do
				lxc-start -n "${end%:*}" && brctl addif br0 "${end#*:}"
			done
			;;
		stop)
			for end in "${ends[@]}"; do
				lxc-stop -n "${end%:*}"
			done
			ip link del br0
			true
			;;
		status) [[ -e /sys/class/net/br0 ]] && echo running || echo stopped ;;
		esac
	END
}

# converted NODE FROM TO: the lines of the manual's sequence between two of its comments
converted()
{
	sed -n "/$2/,/$3/p" "$here/convert.txt" | node_sh "$1" 'bash -e -' >/dev/null 2>&1
}

load_heartbeat()
{
	local node
	power_up
	by_hand node1
	by_hand node2
	heartbeat_start node1 node2
	bed_wait 60 answers || bed_failed "by hand: mail and dbms do not answer"
	node_run node1 touch /d0/vz/var/lib/lxc/mail/rootfs/root/letter
	heartbeat_wait 30 node1 node2 || bed_failed "by hand: no Heartbeat"
	for node in node2 node1; do
		converted "$node" '^# On both' '^# When' || bed_failed "conversion of $node, first part"
	done
	for node in node1 node2; do
		converted "$node" '^# When' '^$' || bed_failed "conversion of $node, second part"
	done
}

# What the article's cluster wrote is there, and the link made by hand has become ours.
adopted()
{
	node_run "$1" test -e /var/lib/lxc/mail/rootfs/root/letter || bed_failed "conversion: mail lost a letter"
	[[ $(node_run "$1" readlink /var/lib/lxc) == /run/vzha/* ]] || bed_failed "conversion: the link is as before"
}

standby_crm()
{
	node_run "$1" crm node standby "$1"
}

standby_pcs()
{
	node_run "$1" pcs node standby "$1"
}

standby_heartbeat()
{
	heartbeat_wait 30 node1 node2 && heartbeat_standby "$1" 2>/dev/null
}

online_crm()
{
	node_run "$1" crm node online "$1"
}

online_pcs()
{
	node_run "$1" pcs node unstandby "$1"
}

online_heartbeat()
{
	:
}

# shellcheck source-path=SCRIPTDIR source=../bed/node/article.sh
. "$here/../bed/node/article.sh"

mkdir -p "$BED_SHARE/build/vzha"
[[ -z ${BED_ROOT-} ]] || cp "${VZHA_BINARY_DIR:?}"/package/deb/*.deb "$BED_SHARE/build/" ||
	bed_fail "no packages: the test package.deb makes them"
: "${BED_ROOT:=}"
client_run ip addr add 192.168.46.1/24 dev eth1
client_run ip route add 192.168.199.0/24 via 192.168.46.200
boot node1
boot node2
article_disk node1 r0.img
for name in router mail dbms; do
	container_watch "$name"
done

out=$("load_$tool" 2>&1) || bed_failed "$tool does not load the configuration: $out"
grep -v 'Defaults do not apply' <<<"$out" | grep -iE 'error|warning' &&
	bed_failed "$tool complains about the configuration"
bed_wait 60 answers || bed_failed "mail and dbms do not answer"
first=$(container_copies router)
[[ $first == node1 ]] && second=node2 || second=node1
on "$first" 30 "start"
[[ $tool != heartbeat ]] || adopted "$first"

"standby_$tool" "$first" || bed_failed "no standby"
on "$second" 90 "planned move"
[[ $tool != heartbeat ]] || adopted "$second"
"online_$tool" "$first" || bed_failed "not online again"

node_kill "$second"
on "$first" 60 "power cut of $second"
grep -q " off $second\$" "$BED_SHARE/power/log" || bed_failed "$second was not fenced"

boot "$second"
"start_$tool" "$second"
if [[ $tool == heartbeat ]]; then
	heartbeat_wait 40 "$second" || bed_failed "$second does not come back"
else
	cluster_wait 60 "$second" node1 node2
fi
on "$first" 20 "return of $second"
node_run "$second" test ! -e /var/lib/lxc/mail || bed_failed "the passive node sees the containers"

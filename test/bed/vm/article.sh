# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2015 # a && b || fail is meant
#
# article.sh - the cluster of the 2006 article on two virtual nodes of bed.sh
#
#	vm_enter "$@"; article_prepare; vm_up; vm_switch_up
#	vm_power_on 1; vm_power_on 2; vm_wait 1; vm_wait 2
#	article_drbd		# r0 up on both, in sync, Secondary
#	article_containers 1	# file system and containers on it, by way of node 1
#	article_cluster		# corosync, Pacemaker, fencing, test/cluster/article.crm
#	article_wait 1 60	# until everything runs on node 1
#
# router 192.168.46.200 (the node's eth1, moved in) and 192.168.199.1, mail 192.168.199.2,
# dbms 192.168.199.3, the outside host 192.168.46.1.

ARTICLE_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ARTICLE_FILES=$ARTICLE_DIR/../../cluster
ARTICLE_CRM=${ARTICLE_CRM-$ARTICLE_FILES/article.crm}

# Emulated processors need the longer token; where guests run at full speed a second is enough.
article_token_ms()
{
	[[ $VM_ACCEL == kvm ]] && echo 1000 || echo 3000
}

# What both nodes have on their disks: configuration files and the fence agent.
article_prepare()
{
	local tree

	tree=$(mktemp -d "$VM_CACHE/tree.XXXXXX") || return 1
	mkdir -p "$tree"/etc/drbd.d "$tree"/etc/corosync "$tree"/usr/sbin "$tree"/var/lib/pacemaker/cib \
		"$tree"/etc/vzha-lab
	# The files that the manual quotes, with the lab's disk, patience and clear text.
	sed 's:/dev/vg0/r0:/dev/vdb:; s/protocol C;/& ping-timeout 20;/' \
		"$ARTICLE_FILES/article.r0.res" >"$tree/etc/drbd.d/r0.res"
	sed "s/token: .*/token: $(article_token_ms)/; s/\(crypto_[a-z]*\): .*/\1: none/
		s:to_syslog.*:to_syslog\: no\n\tto_logfile\: yes\n\tlogfile\: /var/log/corosync.log\n\ttimestamp\: hires:" \
		"$ARTICLE_FILES/article.corosync.conf" >"$tree/etc/corosync/corosync.conf"
	# With the default dc-deadtime the first formation would wait 20 s for nobody.
	cat >"$tree/etc/vzha-lab/cib.xml" <<-END
	<cib validate-with="pacemaker-3.7" epoch="1" num_updates="0" admin_epoch="0">
	<configuration><crm_config><cluster_property_set id="cib-bootstrap-options">
	<nvpair id="dc-deadtime" name="dc-deadtime" value="2s"/>
	</cluster_property_set></crm_config><nodes/><resources/><constraints/></configuration><status/></cib>
	END
	install -m 755 "$ARTICLE_DIR/fence_vzlab" "$tree/usr/sbin/fence_vzlab"
	vm_put_tree "$tree"
}

article_drbd()
{
	local n

	for n in 1 2; do
		vm_sh "$n" 'modprobe drbd && drbdadm create-md --force r0 && drbdadm up r0' >"$VM_LAB/drbd$n.txt" ||
			{
				cat "$VM_LAB/drbd$n.txt" >&2
				bed_fail "no DRBD on node$n"
			}
	done
	bed_wait 30 article_connected || bed_fail "DRBD does not connect"
	vm_sh 1 'drbdadm -- --clear-bitmap new-current-uuid r0' >/dev/null || bed_fail "DRBD does not sync"
}

article_connected()
{
	vm_sh 1 'cat /proc/drbd' | tee /dev/stderr | grep -q 'cs:Connected'
}

# article_config NAME VETH ADDRESS: an LXC configuration; no bridge in it, the watcher attaches
article_config()
{
	cat <<-END
	lxc.uts.name = $1
	lxc.rootfs.path = dir:/var/lib/lxc/$1/rootfs
	lxc.apparmor.profile = unconfined
	lxc.mount.auto = proc:mixed sys:ro
	lxc.signal.halt = SIGTERM
	lxc.net.0.type = veth
	lxc.net.0.veth.pair = $2
	lxc.net.0.name = eth0
	lxc.net.0.flags = up
	lxc.net.0.hwaddr = $3
	lxc.net.0.ipv4.address = $4
	END
	[[ $1 != router ]] || cat <<-END
	lxc.net.1.type = phys
	lxc.net.1.link = eth1
	lxc.net.1.name = eth1
	lxc.net.1.flags = up
	lxc.net.1.ipv4.address = 192.168.46.200/24
	lxc.net.1.ipv4.gateway = 192.168.46.1
	END
}

# The containers' init: BusyBox, a route or forwarding, and a prompt end on SIGTERM.
article_init()
{
	printf '#!/bin/busybox sh\n'
	if [[ $1 == router ]]; then
		echo 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	else
		echo '/bin/busybox ip route add 192.168.0.0/16 via 192.168.199.1'
	fi
	cat <<-'END'
	trap 'exit 0' TERM
	while :; do
		/bin/busybox sleep 1000 &
		wait $!
	done
	END
}

article_container()
{
	local n=$1 name=$2 path=/d0/vz/var/lib/lxc/$2

	vm_sh "$n" "mkdir -p $path/rootfs && cd $path/rootfs && mkdir -p bin sbin dev etc proc sys tmp root &&
		cp /bin/busybox bin/busybox && ln -sf busybox bin/sh && ln -sf ../bin/busybox sbin/ip" &&
		article_config "$name" "$3" "$4" "$5" | vm_put "$n" "$path/config" &&
		article_init "$name" | vm_put "$n" "$path/rootfs/sbin/init" 755
}

# article_containers N: once, by hand, as an administrator sets the shared tree up
article_containers()
{
	local n=$1

	vm_sh "$n" 'drbdadm primary r0 && mkfs.ext4 -q /dev/drbd0 && mount /dev/drbd0 /d0' >/dev/null &&
		article_container "$n" router veth101.0 00:12:34:56:78:9b 192.168.199.1/24 &&
		article_container "$n" mail veth102.0 00:12:34:56:78:9d 192.168.199.2/24 &&
		article_container "$n" dbms veth103.0 00:12:34:56:78:9f 192.168.199.3/24 &&
		vm_sh "$n" 'umount /d0 && drbdadm secondary r0' || bed_fail "no containers on the shared disk"
}

# article_node_starts N: what the machine's boot would start
article_node_starts()
{
	vm_sh "$1" '[ -e /var/lib/pacemaker/cib/cib.xml ] || install -o hacluster -g haclient -m 600 \
			/etc/vzha-lab/cib.xml /var/lib/pacemaker/cib/cib.xml
		corosync >/var/log/corosync.out 2>&1 || { cat /var/log/corosync.out; exit 1; }
		set -a; . /etc/default/pacemaker; set +a
		setsid pacemakerd >/var/log/pacemakerd.out 2>&1 </dev/null &' ||
		bed_fail "node$1: the cluster does not start"
}

article_fencing()
{
	cat <<-'END'
	primitive fence1 stonith:fence_vzlab params pcmk_host_list=node1 pcmk_host_check=static-list \
		op monitor interval=60s timeout=60s
	primitive fence2 stonith:fence_vzlab params pcmk_host_list=node2 pcmk_host_check=static-list \
		pcmk_delay_base=2s op monitor interval=60s timeout=60s
	location fence1-not-on-itself fence1 -inf: node1
	location fence2-not-on-itself fence2 -inf: node2
	property stonith-enabled=true stonith-action=off no-quorum-policy=stop
	END
}

article_cluster()
{
	article_node_starts 1
	article_node_starts 2
	bed_wait 90 article_online 1 || bed_fail "no cluster of two nodes"
	{
		article_fencing
		grep -v '^#' "$ARTICLE_CRM"
		echo "location begin-on-node1 drbd 10: node1"
	} | vm_put 1 /root/article.crm &&
		vm_sh 1 'crm -F configure load update /root/article.crm' || bed_fail "crm refuses the configuration"
}

article_online()
{
	vm_run "$1" crm_mon -1 2>&1 | tee /dev/stderr | grep -Eq 'Online: \[ node1 node2 \]'
}

ARTICLE_RESOURCES="drbd disk vzroot br0 router mail dbms"

# Everything runs on node N, says the cluster's own view there.
article_runs_on()
{
	local seen resource

	seen=$(vm_run "$1" crm_mon -1r 2>&1)
	echo "$seen"
	for resource in $ARTICLE_RESOURCES; do
		grep -Eq "^ *\* ${resource}[[:space:]].*Started node$1( |\$)" <<<"$seen" || return 1
	done
}

article_wait()
{
	bed_wait "$2" article_runs_on "$1"
}

article_mail_answers()
{
	outside_run ping -c 1 -W 1 192.168.199.2
}

# article_copies NAME: the nodes on which the container's init lives, from the nodes' kernels
article_copies()
{
	local n

	for n in 1 2; do
		vm_is_on "$n" || continue
		VM_TIMEOUT=20 vm_sh "$n" "cat /sys/fs/cgroup/lxc.payload.$1*/cgroup.procs 2>/dev/null | grep -q ." &&
			echo "node$n"
	done
}

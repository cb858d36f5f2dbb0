# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2015,SC2034 # a && b || fail is meant; variables for the callers
#
# image.sh - what the virtual machines boot: Debian's kernel, an initrd and a root image
#
#	. test/bed/vm/image.sh
#	vm_image	# builds what is missing; sets VM_KERNEL VM_INITRD VM_ROOT (and VM_ACCEL)
#
# Everything comes from the machine's own package sources (Debian's among them) and is kept below
# ${VZHA_CACHE:-/var/cache/vzha-test}, in a directory whose name is a hash of what went in. A build
# that is cut off leaves only a temporary directory, which is never taken for an image. vzha itself
# is not in it: a node gets the staged tree at each boot.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VM_CACHE=${VZHA_CACHE:-/var/cache/vzha-test}
VM_KERNEL_PACKAGE=linux-image-cloud-amd64
VM_PACKAGES=(
	pacemaker pacemaker-cli-utils corosync crmsh drbd-utils resource-agents lxc
	libnl-3-200 libnl-route-3-200 libnl-genl-3-200 libqb100 libxml2
	iproute2 iputils-ping kmod busybox-static bridge-utils e2fsprogs procps psmisc
	socat strace tar xz-utils util-linux dmsetup
)
# In this order: virtio_ring first, everything else of virtio needs it.
VM_INITRD_MODULES="virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci
	virtio_mmio virtio_blk"

vm_image_key()
{
	{
		apt-cache show --no-all-versions "$VM_KERNEL_PACKAGE" | sed -n 's/^Version: //p'
		printf '%s\n' "${VM_PACKAGES[@]}" "$VM_INITRD_MODULES"
		cat "$VM_DIR/image.sh" "$VM_DIR/guest-init" "$VM_DIR/initrd-init" "$VM_DIR/guest-exec"
	} | sha256sum | cut -c1-16
}

# Only Debian's own archives of this machine's sources, as one-line entries.
vm_sources()
{
	# shellcheck disable=SC2016 # apt's own variables
	apt-get indextargets --format '$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' | sort -u |
		awk -F'|' '$1 == "Debian" { print "deb " $2 " " $3 " " $4 }'
}

vm_build_kernel()
{
	local dir=$1 package

	package=$(apt-cache depends "$VM_KERNEL_PACKAGE" | sed -n 's/.*Depends: \(linux-image-.*\)/\1/p' | head -n 1)
	(cd "$dir" && apt-get -qq -o APT::Sandbox::User=root download "$package") || return 1
	mkdir -p "$dir/kernel"
	dpkg --fsys-tarfile "$dir"/linux-image-*.deb | tar -x -C "$dir/kernel" || return 1
	cp "$dir"/kernel/boot/vmlinuz-* "$dir/vmlinuz"
}

vm_build_initrd()
{
	local dir=$1 tree=$1/initrd module

	mkdir -p "$tree"/{bin,modules,root,proc,dev}
	cp /bin/busybox "$tree/bin/" && cp "$VM_DIR/initrd-init" "$tree/init" && chmod 755 "$tree/init"
	for module in $VM_INITRD_MODULES; do
		find "$dir/kernel/lib/modules" -name "$module.ko" -exec cp {} "$tree/modules/" \;
		echo "$module"
	done >"$tree/modules/order"
	(cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$dir/initrd.gz"
}

# vm_bootstrap ROOT SOURCES PACKAGE...: this Debian with these packages. An archive that is busy for a
# moment must not fail a whole run: each file is asked for again, and all of it, after longer pauses.
# mmdebstrap has apt tell it by "cat >&FD", and dash knows no FD above 9: ours, locks mostly, are closed.
vm_bootstrap()
{
	local root=$1 list=$2 attempt

	shift 2
	for attempt in 1 2 3 4 5; do
		mmdebstrap --quiet --variant=minbase --format=directory --aptopt='Acquire::Retries "5"' \
			--include="$(IFS=, && echo "$*")" \
			"$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" - <<<"$list" \
			3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- && return 0
		rm -rf "$root"
		((attempt == 5)) || sleep $((15 * attempt))
	done
	return 1
}

vm_build_root()
{
	local dir=$1 list

	list=$(vm_sources)
	[[ -n $list ]] || {
		echo "image.sh: no Debian archive among this machine's package sources" >&2
		return 1
	}
	vm_bootstrap "$dir/root" "$list" "${VM_PACKAGES[@]}" || return 1
	mkdir -p "$dir/root/lib/modules" "$dir/root/vzlab" "$dir/root/d0"
	cp -a "$dir"/kernel/lib/modules/* "$dir/root/lib/modules/"
	chroot "$dir/root" depmod "$(basename "$dir"/kernel/lib/modules/*)"
	install -m 755 "$VM_DIR/guest-init" "$dir/root/vzlab/init"
	install -m 755 "$VM_DIR/guest-exec" "$dir/root/vzlab/exec"
	rm -rf "$dir"/root/var/cache/apt/* "$dir"/root/var/lib/apt/lists/* "$dir"/root/usr/share/doc
	truncate -s 2G "$dir/root.ext4"
	# With a journal: power cuts must leave it whole.
	mke2fs -q -t ext4 -J size=16 -L vzroot -d "$dir/root" "$dir/root.ext4"
}

# KVM only when it boots a stock kernel in reasonable time; on some hosts it crawls. Asked once a boot.
vm_accel()
{
	local memory answer

	memory=$VM_CACHE/accel-$(</proc/sys/kernel/random/boot_id)
	if [[ ! -s $memory ]]; then
		answer=tcg
		if [[ -w /dev/kvm ]] && timeout -s KILL 8 qemu-system-x86_64 -accel kvm -cpu host -m 256 \
			-nodefaults -display none -serial stdio -no-reboot -kernel "$VM_KERNEL" \
			-initrd "$VM_INITRD" -append "console=ttyS0 quiet panic=-1 vz.probe" \
			</dev/null 2>&1 | grep -q VZ-PROBE; then
			answer=kvm
		fi
		rm -f "$VM_CACHE"/accel-*
		echo $answer >"$memory"
	fi
	cat "$memory"
}

vm_image()
{
	local dir work

	mkdir -p "$VM_CACHE"
	dir=$VM_CACHE/vm-$(vm_image_key)
	(
		flock 9
		[[ ! -d $dir ]] || exit 0
		echo "building the virtual machines' image (once)"
		work=$(mktemp -d "$VM_CACHE/building.XXXXXX") || exit 1
		trap 'rm -rf "$work"' EXIT
		trap 'exit 1' INT TERM HUP
		vm_build_kernel "$work" && vm_build_initrd "$work" && vm_build_root "$work" || exit 1
		rm -rf "$work/root" "$work/kernel" "$work/initrd" "$work"/*.deb
		sync -f "$work" || exit 1
		rm -rf "$VM_CACHE"/vm-* # of earlier versions
		mv "$work" "$dir"
	) 9>"$VM_CACHE/.lock" || return 1
	VM_KERNEL=$dir/vmlinuz
	VM_INITRD=$dir/initrd.gz
	VM_ROOT=$dir/root.ext4
	VM_ACCEL=$(vm_accel)
}

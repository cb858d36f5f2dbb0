#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# vzroot-relocation-every-call.sh STATE [STEP [FIRST [old]]]: SIGKILL at every STEP-th system call, nothing may be lost.
# map, restore-map: on ext3; tmpfs does not note when a mapped file is written.
# old: as on a kernel from before renameat2. coarse: the local filesystem keeps times to the
# second only. local: with standby=local.

# shellcheck source-path=SCRIPTDIR source=vzroot-relocation-lib.sh
. "$(dirname "$0")/vzroot-relocation-lib.sh"

mkdir -p /lab/local /lab/shared /lab/master
for name in local shared master; do
	mount -t tmpfs $name /lab/$name || fail "no tmpfs"
done
# on_disk NAME INODE-BYTES: with 128 there is no place for more than seconds
on_disk()
{
	truncate -s 16M "/lab/$1.image"
	mkfs.ext3 -q -I "$2" "/lab/$1.image" 2>/dev/null || fail "no ext3"
	mount -o loop "/lab/$1.image" "/lab/$1" || fail "no ext3"
}
case $1,${4-} in
*,coarse) on_disk local 128 ;;
*map,*)
	on_disk local 256
	on_disk shared 256
	;;
esac
if [[ ${4-} == coarse ]]; then
	touch /lab/local/now
	[[ $(stat -c %z /lab/local/now) == *.000000000* ]] || fail "its times are fine ones"
fi
mkdir -p /lab/master/{etc/vz/conf,lib/lxc/ct}
cd /lab/master || fail
echo one >etc/vz/conf/101.conf
ln etc/vz/conf/101.conf etc/vz/again
ln -s conf/101.conf etc/vz/link
mknod lib/lxc/ct/null c 1 3
mkfifo lib/lxc/ct/fifo
echo two >lib/lxc/ct/config
truncate -s 1M lib/lxc/ct/sparse
setfattr -n user.a -v b lib/lxc/ct/config
chown 1:2 lib/lxc/ct/config
chmod 4711 lib/lxc/ct/config
setfacl -m u:7:rwx -m d:u:8:r lib/lxc/ct
cat >/lab/reset <<'END'
#!/bin/sh
rm -rf /lab/local/* /lab/shared/* /lab/shared/.v* /run/vzha/root /run/vzha/standby
cp -a /lab/master/* /lab/local/
END
chmod +x /lab/reset
runner=()
[[ ${4-} != local ]] || export OCF_RESKEY_standby=local
[[ ${4-} != old ]] || runner=(env OLD_KERNEL=1 "$VZHA_BINARY_DIR/test/vzroot-relocation-old-kernel")
export OCF_ROOT=/usr/lib/ocf OCF_RESKEY_CRM_meta_timeout=60000 OCF_RESKEY_shared=/lab/shared/vz
export OCF_RESKEY_paths="/lab/local/etc/vz /lab/local/lib/lxc" OCF_RESKEY_quorum=ignore
"${runner[@]}" "$VZHA_BINARY_DIR/test/vzroot-relocation-every-call" "$1" "${3:-1}" "${2:-1}" || exit 1

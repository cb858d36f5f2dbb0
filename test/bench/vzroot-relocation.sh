#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Seeding against cp -a and rsync -aHAXS (each followed by a sync of the filesystem), and the monitor of four
# paths against four of ocf:heartbeat:symlink. On ext4 images: VZHA_BENCH_FILES (20000) small files, and one
# sparse image of 4 GiB with VZHA_BENCH_IMAGE_MIB (256) of data.
# shellcheck source-path=SCRIPTDIR source=bench.sh
. "$(dirname "$0")/bench.sh"
bench_node "$@"

export AGENT=/usr/lib/ocf/resource.d/vzha/vzroot-relocation OCF_ROOT=/usr/lib/ocf
export OCF_RESKEY_shared=/d0/vz OCF_RESKEY_paths=/srv/vz OCF_RESKEY_seed=copy
mkdir -p /d0 /srv
for name in d0 srv; do
	truncate -s 3G /lab/$name.img
	mkfs.ext4 -qF -m 0 -N 200000 /lab/$name.img
	mount -o loop /lab/$name.img /$name || bench_fail "no loop mount"
done

seed() { "$AGENT" start; }
copy() { mkdir -p /d0/copy && cp -a /srv/vz /d0/copy/ && sync -f /d0; }
sync_copy() { mkdir -p /d0/copy && rsync -aHAXS /srv/vz /d0/copy/ && sync -f /d0; }

cat >/lab/again <<'END'
#!/bin/sh
"$AGENT" stop
rm -rf /d0/vz /d0/copy
if [ -L /srv/vz ]; then rm /srv/vz; mv /srv/.vz.vzha-local /srv/vz; fi
sync -f /d0
END
chmod +x /lab/again

compare()
{
	bench_pair "seed $1, against cp -a" -n "$2" -w 1 -r /lab/again -W 1.0 seed -- copy
	[[ ! -x $(command -v rsync) ]] ||
		bench_pair "seed $1, against rsync -aHAXS" -n "$2" -w 1 -r /lab/again seed -- sync_copy
	/lab/again
}

files=${VZHA_BENCH_FILES:-20000}
mkdir -p /srv/vz
for ((i = 0; i < files; i++)); do
	((i % 100)) || mkdir -p /srv/vz/$((i / 100))
	printf '%2000d' "$i" >/srv/vz/$((i / 100))/$i
done
compare "$files small files" 3
rm -rf /srv/vz
mkdir /srv/vz
truncate -s 4G /srv/vz/image
for ((i = 0; i < ${VZHA_BENCH_IMAGE_MIB:-256}; i++)); do
	dd if=/dev/urandom of=/srv/vz/image bs=1M count=1 seek=$((i * 16 % 4096)) conv=notrunc status=none
done
compare "a sparse image" 9
rm -rf /srv/vz

export SYMLINK=/usr/lib/ocf/resource.d/heartbeat/symlink
paths=()
for name in a b c d; do
	mkdir -p /d0/vz/srv/$name /d0/links
	ln -s /d0/vz/srv/$name /d0/links/$name
	paths+=("/srv/$name")
done
export OCF_RESKEY_paths="${paths[*]}"
"$AGENT" start || bench_fail "start"
cat >/lab/four <<'END'
#!/bin/sh
for name in a b c d; do
	OCF_RESKEY_link=/d0/links/$name OCF_RESKEY_target=/d0/vz/srv/$name "$SYMLINK" monitor || exit 1
done
END
chmod +x /lab/four
export OCF_RESKEY_CRM_meta_interval=10000
bench_pair "monitor of four paths, against an empty program" -n 200 -W 1.7 "$AGENT" monitor -- "$BENCH_EMPTY"
bench_pair "monitor of four paths, against four symlink agents" -n 30 -C 0.1 "$AGENT" monitor -- /lab/four

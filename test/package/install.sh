#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2015 # a && b || failed is meant
#
# The Debian packages in a clean Debian: installed, used, upgraded, removed, purged; and what happens
# to drbd-utils' configuration file drbddisk when Heartbeat's entries are there, when ours takes its
# place as vzha(7) says, when drbd-utils brings a new one, and when it gets its place back.

[[ ${1-} == inside ]] || exec unshare --mount --pid --net --uts --fork --kill-child \
	--propagation private -- bash "$(realpath "$0")" inside
# shellcheck source-path=SCRIPTDIR source=source.sh
. "$(dirname "$0")/source.sh"
# shellcheck source-path=SCRIPTDIR source=root.sh
. "$(dirname "$0")/root.sh"
debs=${VZHA_BINARY_DIR:?}/package/deb
version=$(package_version)
entries=/etc/ha.d/resource.d
lab=$(mktemp -d) || exit 1
trap 'umount -R "$lab" 2>/dev/null; rmdir "$lab"' EXIT
root_image && root_overlay "$lab" || exit 1
root=$lab/root
mkdir "$root/debs" && cp "$debs"/*.deb "$root/debs/" && cp "$VZHA_SOURCE_DIR/debian/tests/smoke" "$root/debs/"

here()
{
	root_run "$lab" "$@" 2>&1
}

# step TEXT COMMAND...: a command in the root that must succeed, its output when not
step()
{
	local what=$1 out

	shift
	out=$(here "$@") || failed "$what: $* exits $?: $out"
	! grep -iE '^(dpkg: )?(warning|error)' <<<"$out" | grep -v 'unable to delete old directory' ||
		failed "$what: complaints: $out"
}

# older DEB: the same package with an older version, as DEB.old.deb
older()
{
	local tree=$lab/older

	dpkg-deb -R "$1" "$tree" &&
		sed -i "s/^Version: .*/Version: 0.0.9/; s/(\\(>\\?= \\)$version)/(\\10.0.9)/" "$tree/DEBIAN/control" &&
		dpkg-deb -b "$tree" "${1%.deb}.old.deb" >/dev/null || failed "cannot make an older ${1##*/}"
	rm -rf "$tree"
}

# Another drbd-utils: its new drbddisk is a configuration file, changed against the installed one
newer_drbd_utils()
{
	local tree=$lab/newer

	mkdir -p "$tree/DEBIAN" "$tree$entries"
	printf '#!/bin/sh\n# new\n' >"$tree$entries/drbddisk"
	chmod 755 "$tree$entries/drbddisk"
	echo "$entries/drbddisk" >"$tree/DEBIAN/conffiles"
	printf '%s\n' 'Package: drbd-utils' 'Version: 99' 'Architecture: all' \
		'Maintainer: nobody <nobody@example.org>' 'Description: newer' >"$tree/DEBIAN/control"
	dpkg-deb -b "$tree" "$root/debs/drbd-utils.deb" >/dev/null || failed "cannot make a newer drbd-utils"
	rm -rf "$tree"
}

sum()
{
	sha256sum <"$root$1"
}

for deb in "$root"/debs/*.deb; do
	older "$deb"
done
newer_drbd_utils
theirs=$(sum $entries/drbddisk)

arch=$(dpkg --print-architecture)
debs_of()
{
	printf '/debs/%s%s.deb\n' "libnlbridge1_${version}_$arch" "$1" "resource-agents-vzha_${version}_$arch" \
		"$1" "vzha-heartbeat_${version}_all" "$1"
}
mapfile -t old < <(debs_of .old)
mapfile -t new < <(debs_of '')

step "older version" apt-get -qq install -y "${old[@]}"
rm "$root"/debs/*.old.deb
: >"$root/run/vzha/state"
step "upgrade" apt-get -qq install -y "${new[@]}"
[[ -e $root/run/vzha/state ]] || failed "an upgrade takes the agents' state away"
step "consistent" dpkg --audit
step "files as packed" dpkg --verify resource-agents-vzha libnlbridge1
step "smoke test" /debs/smoke

for entry in vzroot-relocation veth-bridge vz-container vzha-drbddisk; do
	[[ $(here readlink -f $entries/$entry) == "/usr/lib/ocf/resource.d/vzha/${entry#vzha-}" ]] ||
		failed "no entry $entry"
done
[[ $(here $entries/vz-container smoke status) == stopped ]] || failed "the entry does not answer Heartbeat"
[[ $(sum $entries/drbddisk) == "$theirs" ]] || failed "vzha-heartbeat changed drbd-utils' drbddisk"

# Taken by the name, as vzha(7) says
agent=$(sum /usr/lib/ocf/resource.d/vzha/drbddisk)
step "aside" dpkg-divert --local --rename --divert $entries/drbddisk.distrib --add $entries/drbddisk
step "in its place" ln -s vzha-drbddisk $entries/drbddisk
step "new drbd-utils" dpkg -i --force-confnew /debs/drbd-utils.deb
grep -q '# new' "$root$entries/drbddisk.distrib" || failed "the new drbddisk of drbd-utils is not kept aside"
[[ $(here readlink -f $entries/drbddisk) == /usr/lib/ocf/resource.d/vzha/drbddisk ]] ||
	failed "an upgrade of drbd-utils takes our entry away"
[[ $(sum /usr/lib/ocf/resource.d/vzha/drbddisk) == "$agent" ]] ||
	failed "an upgrade of drbd-utils writes into our agent"
step "back" rm $entries/drbddisk
step "back" dpkg-divert --local --rename --remove $entries/drbddisk
grep -q '# new' "$root$entries/drbddisk" || failed "drbd-utils does not get its place back"

step "removed" apt-get -qq remove -y vzha-heartbeat resource-agents-vzha libnlbridge1
step "again" apt-get -qq install -y "${new[@]}"
step "purged" apt-get -qq purge -y vzha-heartbeat resource-agents-vzha libnlbridge1
left=$(find "$lab/upper" \( -name '*vzha*' -o -name '*nlbridge*' \) ! -type c ! -path '*/debs/*' \
	! -path '*/log/*')
[[ -z $left ]] || failed "left after the purge: $left"
[[ -x $root$entries/drbddisk ]] || failed "the purge takes drbd-utils' drbddisk away"
exit $((failures > 0))

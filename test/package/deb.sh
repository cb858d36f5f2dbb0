#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian packages: built twice in different surroundings and byte for byte the same, nothing for
# lintian to say, hardened. They stay in BUILD/package/deb for the tests that install them.

# shellcheck source-path=SCRIPTDIR source=source.sh
. "$(dirname "$0")/source.sh"
package_need dpkg-buildpackage dh lintian
here=$(dirname "$(realpath "$0")")
out=${VZHA_BINARY_DIR:?}/package
rm -rf "$out/deb" "$out/build"
mkdir -p "$out/build"
trap 'rm -rf "$out/build"' EXIT

# build DIRECTORY TYPE UMASK VARIABLE=VALUE...: as a package builder does, with surroundings of its own
build()
{
	local dir=$1 type=$2 mask=$3 log=$out/deb-${1##*/}.log

	shift 3
	(umask "$mask" && package_copy "$dir/vzha" && cd "$dir/vzha" &&
		env -u MAKEFLAGS -u CFLAGS -u LDFLAGS "$@" dpkg-buildpackage "$type" -us -uc) >"$log" 2>&1 &&
		return 0
	tail -n 40 "$log"
	failed "the packages do not build"
	exit 1
}

build "$out/build/first" -F 022 LC_ALL=C TZ=UTC
build "$out/build/somewhere/else/second" -b 027 LC_ALL=C.UTF-8 TZ=Pacific/Kiritimati HOME=/nonexistent \
	DEB_BUILD_OPTIONS=parallel=1

number=0
for deb in "$out"/build/first/*.deb; do
	number=$((number + 1))
	cmp "$deb" "$out/build/somewhere/else/second/${deb##*/}" || failed "${deb##*/} is not reproducible"
done
((number == 6)) || failed "$number packages, not 4 and two with debug symbols"
grep -n 'dpkg-gensymbols: warning' "$out/deb-first.log" && failed "the symbols file does not fit"

# No override: what lintian says is to be put right, or gets a line with its reason in debian/.
said=$(lintian --allow-root -I --pedantic --fail-on error,warning,info,pedantic \
	"$out"/build/first/*.changes 2>&1) || failed "lintian: $said"
[[ -z $said ]] || failed "lintian says: $said"

for deb in "$out"/build/first/*.deb; do
	[[ $deb == *-dbgsym_* ]] || dpkg-deb -x "$deb" "$out/build/tree"
done
"$here/hardened.sh" "$out/build/tree" || failed "not hardened"
mkdir -p "$out/deb"
mv "$out"/build/first/*.deb "$out/deb/"
rm -f "$out"/deb/*-dbgsym_*
exit $((failures > 0))

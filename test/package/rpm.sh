#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The RPM packages, built here with Debian's rpmbuild (its names for what a build needs differ, hence
# --nodeps; versions.sh compares them with CMakeLists.txt). They build,
# rpmlint has nothing to say beyond what rpm/rpmlint.toml explains, and they hold what the Debian
# packages hold.

# shellcheck source-path=SCRIPTDIR source=source.sh
. "$(dirname "$0")/source.sh"
package_need rpmbuild rpmlint rpm2cpio cpio
here=$(dirname "$(realpath "$0")")
version=$(package_version)
top=$(mktemp -d) || exit 1
trap 'rm -rf "$top"' EXIT
log=${VZHA_BINARY_DIR:?}/package/rpm.log
mkdir -p "${log%/*}"

# build NAME UMASK VARIABLE=VALUE...: the packages in $top/NAME, with surroundings of its own, at the one
# place where all builders build (mock's /builddir): their debug information has it in it
build()
{
	local dir=$top/builddir name=$1 mask=$2

	shift 2
	(
		umask "$mask"
		mkdir -p "$dir/SOURCES"
		package_copy "$dir/vzha-$version"
		tar -C "$dir" --sort=name --mtime=@0 --owner=0 --group=0 --mode=u=rwX,go=rX \
			-czf "$dir/SOURCES/vzha-$version.tar.gz" "vzha-$version"
		touch --date=@0 "$dir/SOURCES/vzha-$version.tar.gz" # the source package's part of them
		chmod 644 "$dir/SOURCES/vzha-$version.tar.gz"
		env -u MAKEFLAGS -u CFLAGS -u LDFLAGS "$@" rpmbuild --nodeps --define "_topdir $dir" \
			--define '_build_id_links none' --define 'source_date_epoch_from_changelog 1' \
			--define 'use_source_date_epoch_as_buildtime 1' --define '_buildhost builder' \
			--define 'clamp_mtime_to_source_date_epoch 1' -ba "$VZHA_SOURCE_DIR/rpm/vzha.spec"
	) >"$log" 2>&1 && mv "$dir" "$top/$name" && return 0
	tail -n 40 "$log"
	failed "the packages do not build"
	exit 1
}

build first 022 LC_ALL=C TZ=UTC
build second 027 LC_ALL=C.UTF-8 TZ=Pacific/Kiritimati HOME=/nonexistent
number=0
while read -r rpm; do
	number=$((number + 1))
	cmp "$top/first/RPMS/$rpm" "$top/second/RPMS/$rpm" || failed "$rpm is not reproducible"
done < <(cd "$top/first/RPMS" && find . -name '*.rpm')
((number > 0)) || failed "no packages"
mapfile -t rpms < <(find "$top/first/RPMS" -name '*.rpm' | sort)
names=$(rpm -qp --qf '%{NAME}\n' "${rpms[@]}" 2>/dev/null | xargs)
[[ $names == "libnlbridge-devel libnlbridge1 resource-agents-vzha vzha-heartbeat" ||
	$names == "vzha-heartbeat libnlbridge-devel libnlbridge1 resource-agents-vzha" ]] ||
	failed "packages: $names"

said=$(rpmlint --config "$VZHA_SOURCE_DIR/rpm/rpmlint.toml" "${rpms[@]}" \
	"$VZHA_SOURCE_DIR/rpm/vzha.spec" 2>&1) || failed "rpmlint: exit $?"
grep -q ' 0 errors, 0 warnings' <<<"$said" || failed "rpmlint: $said"

mkdir "$top/tree"
for rpm in "${rpms[@]}"; do
	rpm2cpio "$rpm" | (cd "$top/tree" && cpio -idm --quiet)
done
"$here/hardened.sh" "$top/tree" || failed "not hardened"

# What both kinds of packages hold, without the names that each distribution has for its directories
files()
{
	find "$1" \( -type f -o -type l \) -printf '%P\n' |
		grep -vE '^usr/(share/(doc|licenses|lintian)|lib/\.build-id|lib/debug)/' |
		sed 's,^usr/lib64/,LIB/,; s,^usr/lib/[a-z0-9_]*-linux-gnu/,LIB/,; s,\.gz$,,' | sort
}
for deb in "$VZHA_BINARY_DIR"/package/deb/*.deb; do
	dpkg-deb -x "$deb" "$top/debs" || failed "no Debian packages to compare with: package.deb makes them"
done
diff <(files "$top/debs") <(files "$top/tree") || failed "the two kinds of packages hold different files"
exit $((failures > 0))

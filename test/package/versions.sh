#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What is said more than once is said alike: the version, and what a build needs.

# shellcheck source-path=SCRIPTDIR source=source.sh
. "$(dirname "$0")/source.sh"
# shellcheck source-path=SCRIPTDIR source=../lib/deps.sh
. "$VZHA_SOURCE_DIR/test/lib/deps.sh"
package_need dpkg-parsechangelog xmllint
cd "$VZHA_SOURCE_DIR" || exit 1

version=$(package_version)
[[ -n $version ]] || failed "no version in CMakeLists.txt"
same()
{
	[[ $2 == "$version" ]] || failed "$1 says version $2, CMakeLists.txt $version"
}
same debian/changelog "$(dpkg-parsechangelog -S Version)"
same rpm/vzha.spec "$(sed -n 's/^Version: *//p' rpm/vzha.spec)"
for document in xml-metadata/*.xml; do
	same "$document" "$(xmllint --nonet --xpath 'string(/resource-agent/@version)' "$document")"
done

# needs MODULE: each place that lists what a build needs has the package of this pkg-config module
needs()
{
	local file package

	file=$(pkg-config --variable=pcfiledir "$1")/$1.pc
	package=$(dpkg -S "$file" | sed 's/:.*//; q')
	[[ -n $package ]] || failed "no package has $file"
	grep -qE "^ +$package,?\$" debian/control || failed "debian/control: no Build-Depends $package"
	[[ " ${DEPS_GROUP[build]//[$'\n\t']/ } " == *" $package "* ]] ||
		failed "test/lib/deps.sh: $package is not in group build"
	grep -qxE "BuildRequires: +pkgconfig\\($1\\)" rpm/vzha.spec ||
		failed "rpm/vzha.spec: no BuildRequires pkgconfig($1)"
}
modules=$(sed -n 's/^pkg_check_modules([A-Z0-9_]* REQUIRED IMPORTED_TARGET \([^ )]*\).*/\1/p' CMakeLists.txt)
(($(wc -w <<<"$modules") >= 5)) || failed "CMakeLists.txt asks for too few modules: $modules"
for module in $modules; do
	needs "$module"
done
exit $((failures > 0))

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# other-build.sh clang|asan|release: the tree builds that way without a warning, and what can be
# run of it runs: unit, fuzz and netns tests and all actions of the agents under the sanitizers, the
# installed layout of a release.

set -eu
# shellcheck source-path=SCRIPTDIR source=../lib/build.sh
. "$(dirname "$0")/../lib/build.sh"
way=$1
dir=${VZHA_BINARY_DIR:?}/other-$way

case $way in
clang)
	build_tree "$dir" -DCMAKE_C_COMPILER=clang -DVZHA_WERROR=ON -DVZHA_TESTS=ON
	;;
asan)
	build_tree "$dir" -DCMAKE_BUILD_TYPE=Debug -DVZHA_WERROR=ON -DVZHA_SANITIZE=ON -DVZHA_TESTS=ON
	# The example is built against what is installed, by a compiler without sanitizers.
	ctest --test-dir "$dir" -L '^(unit|fuzz|netns)$' -LE '^long$' -E example -j "$(nproc)" --output-on-failure
	build_stage "$dir"
	for agent in drbddisk vzroot-relocation vz-container veth-bridge; do
		VZHA_STAGE=$dir/stage VZHA_BINARY_DIR=$dir "$BUILD_SOURCE/test/agent/ocf-tester.sh" "$agent"
	done
	;;
release)
	build_tree "$dir" -DCMAKE_BUILD_TYPE=Release -DVZHA_TESTS=OFF
	build_stage "$dir"
	for agent in drbddisk vzroot-relocation vz-container veth-bridge; do
		test -x "$dir/stage/usr/lib/ocf/resource.d/vzha/$agent"
		test -e "$dir/stage/usr/share/man/man7/ocf_vzha_$agent.7"
	done
	test -x "$dir/stage/usr/libexec/vzha/veth-bridged"
	find "$dir/stage" -name 'libnlbridge.so.1' | grep -q .
	find "$dir/stage" -name libnlbridge.pc | grep -q .
	test -e "$dir/stage/usr/include/nlbridge.h"
	test -e "$dir/stage/usr/lib/tmpfiles.d/vzha.conf"
	;;
esac

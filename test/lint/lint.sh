#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# lint.sh CHECK [TREE]: one rule on all source files of the tree (this one's, if none is named).
# Says what breaks the rule and exits 1. sees-faults.sh breaks each of them.

set -u
here=$(dirname "$(realpath "$0")")
cd "${2:-${VZHA_SOURCE_DIR:?}}" || exit 1
LINES_MAX=480

# sources PATTERN...: the tree's files of these names, without what was built in it.
sources()
{
	local -a names=(-false)
	local pattern

	for pattern; do
		names+=(-o -name "$pattern")
	done
	find . \( -path ./build -o -path ./.git \) -prune -o -type f \( "${names[@]}" \) -print0 | sort -z
}

# Shell scripts, by name or by their first line.
scripts()
{
	sources '*' | xargs -0 grep -lIZE -m1 '^#!/bin/(ba|da)?sh|^# shellcheck shell='
}

# need PROGRAM: a tool that is missing is a skip, never a success.
need()
{
	command -v "$1" >/dev/null || {
		echo "no $1"
		exit 77
	}
}

# Fails with what was found on standard input, if anything was.
nothing()
{
	! grep '' || {
		echo "$1"
		return 1
	}
}

check_format()
{
	need clang-format
	sources '*.c' '*.h' | xargs -0 -r clang-format --dry-run -Werror
}

check_shellcheck()
{
	need shellcheck
	scripts | xargs -0 -r shellcheck -x
}

check_spelling()
{
	need codespell
	sources '*' | xargs -0 -r codespell --ignore-words "$here/codespell-words.txt" \
		--ignore-regex '\\r[a-z]+|\[[a-zA-Z]+\][a-z]+'
}

check_spdx()
{
	{
		sources '*.c' '*.h' '*.cmake' CMakeLists.txt
		scripts
	} | while IFS= read -r -d '' file; do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: L\?GPL-2' || echo "$file"
	done | nothing "no SPDX line at their top"
}

# The library may be linked by anybody, the rest is of one licence.
check_licence()
{
	{
		grep -rLZ 'SPDX-License-Identifier: LGPL-2.1-or-later' lib/nlbridge --include='*.[ch]'
		grep -rlZ '^/. SPDX-License-Identifier: LGPL' agents lib/ocf test --include='*.[ch]'
	} 2>/dev/null | tr '\0' '\n' | nothing "these have the other part's licence"
}

check_length()
{
	sources '*.c' '*.h' '*.sh' | xargs -0 -r wc -l |
		awk -v most=$LINES_MAX '$2 != "total" && $1 > most' |
		nothing "too long (more than $LINES_MAX lines): one topic a file"
}

# The library knows nothing of agents, the framework nothing of bridges, an agent of no other agent.
check_direction()
{
	local header owner

	for header in agents/*/*.h agents/*/*/*.h; do
		[[ -e $header ]] || continue
		owner=$(cut -d/ -f1-2 <<<"$header")
		grep -rnE "#include \"(.*/)?${header##*/}\"" lib agents --include='*.[ch]' |
			grep -v "^$owner/" | while IFS= read -r line; do
			[[ -e ${line%/*}/${header##*/} ]] || echo "$line"
		done
	done | nothing "these include an agent's own header from outside of it" || return 1
	{
		grep -rnE '#include ["<](ocf|.*\.meta)\.h' lib/nlbridge
		grep -rnE '#include ["<](nlbridge\.h|netlink/|libxml/|qb/)' lib/ocf
		grep -rnE '#include ["<](ocf\.h|nlbridge\.h|.*\.meta\.h|netlink/|libxml/|qb/)' lib/cluster
		grep -rnE '#include ["<](libxml/|pacemaker/|crm/)' agents lib
		# Its calls can block for ever: only in programs of their own, which can be killed.
		grep -rnE '#include ["<]corosync/' agents lib | grep -v '^lib/cluster/[a-z]*-ask\.c:'
		# The watcher is a process that stays, and the only one with an event loop.
		grep -rnE '#include ["<]qb/' agents lib | grep -v '^agents/[^:]*watch'
	} 2>/dev/null | nothing "these dependencies point the wrong way"
}

check_tabs()
{
	{
		sources '*.c' '*.h' '*.sh' '*.cmake' CMakeLists.txt '*.xml' '*.rng' |
			xargs -0 -r grep -nE '[[:blank:]]+$'
		sources '*.c' '*.h' '*.sh' | xargs -0 -r grep -nE '^ {8,}'
	} | nothing "blanks at the end, or in place of a tab"
}

[[ $(type -t "check_$1") == function ]] || {
	echo "no check $1"
	exit 1
}
"check_$1"

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sees-faults.sh METAGEN: a check that cannot fail is worth nothing. A tiny clean tree passes each of them;
# with one fault in it the check for that fault fails.

here=$(dirname "$(realpath "$0")")
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
failed=0
C='/* SPDX-License-Identifier: GPL-2.0-or-later */'
LIB='/* SPDX-License-Identifier: LGPL-2.1-or-later */'

clean()
{
	rm -rf "${tree:?}"/*
	mkdir -p "$tree"/agents/{one,two} "$tree"/lib/{ocf,nlbridge,cluster} "$tree/test"
	cp "$here/../../.clang-format" "$tree/"
	printf '%s\nint one(void);\n' "$C" | tee "$tree/agents/one/one.h" >"$tree/lib/ocf/ocf.c"
	printf '%s\n#include "one.h"\n' "$C" >"$tree/agents/one/one.c"
	printf '%s\nint nlb(void);\n' "$LIB" >"$tree/lib/nlbridge/nlb.c"
	# shellcheck disable=SC2016 # the script's own
	printf '#!/bin/sh\n# SPDX-License-Identifier: GPL-2.0-or-later\necho "$1"\n' >"$tree/test/run"
}

# fault CHECK FILE TEXT: the check passes on the clean tree, and fails when FILE has TEXT at its end.
fault()
{
	local out

	clean
	out=$("$here/lint.sh" "$1" "$tree" 2>&1) || {
		echo "FAILED: $1 on a clean tree: $out"
		failed=1
	}
	printf '%b' "$3" >>"$tree/$2"
	if "$here/lint.sh" "$1" "$tree" >/dev/null 2>&1; then
		echo "FAILED: $1 does not see $3 in $2"
		failed=1
	fi
}

for tool in clang-format shellcheck codespell; do
	command -v $tool >/dev/null || exit 77
done
fault format agents/one/one.c 'int  two( void );\n'
# shellcheck disable=SC2016 # what it is to find
fault shellcheck test/run 'rm $2\n'
fault spelling agents/one/one.c '/* re''cieve */\n'
fault spdx agents/two/two.c 'int two(void);\n'
fault spdx test/new '#!/bin/bash\n'
fault spdx test/new.cmake 'set(x)\n'
fault licence lib/nlbridge/new.c "$C\n"
fault licence lib/ocf/new.c "$LIB\n"
fault length agents/one/one.c "$(printf '\\n%.0s' {1..500})"
fault direction lib/ocf/ocf.c '#include "../../agents/one/one.h"\n'
fault direction agents/two/two.c '#include "one.h"\n'
fault direction lib/nlbridge/nlb.c '#include "ocf.h"\n'
fault direction lib/ocf/ocf.c '#include <netlink/netlink.h>\n'
fault direction lib/cluster/quorum.c '#include "ocf.h"\n'
fault direction lib/cluster/quorum.c '#include <corosync/votequorum.h>\n'
fault direction agents/one/one.c '#include <corosync/cpg.h>\n'
fault direction agents/one/one.c '#include <qb/qblog.h>\n'
fault tabs agents/one/one.c 'int two; \n'
fault tabs agents/one/one.c '        int two;\n'

# The same for the checks that are given their files.
refuses()
{
	"$@" >/dev/null 2>&1
	case $? in
	1) ;;
	77) exit 77 ;;
	*)
		echo "FAILED: not refused: $*"
		failed=1
		;;
	esac
}

clean
printf '.TH X 7\n.SH NAME\nx\n.SH SYNOPSIS\n.SH DESCRIPTION\n\\*[nothing]\n' >"$tree/warns.7"
printf '.TH X 7\n.SH NAME\nx\n' >"$tree/short.7"
refuses "$here/man.sh" "$tree/warns.7"
refuses "$here/man.sh" "$tree/short.7"
echo 'int class(char *new);' >"$tree/c-only.h"
echo 'struct one { int x; };' >"$tree/twice.h"
refuses "$here/header.sh" "$tree/c-only.h"
refuses "$here/header.sh" "$tree/twice.h"

# Something that is linked with libxml2, as no agent may be, and exports nothing of ours.
refuses "$here/linked.sh" "$1"
printf '{\nglobal:\n\tnlbridge_gone;\n};\n' >"$tree/x.map"
printf 'int nlbridge_gone(void);\n' >"$tree/x.h"
refuses "$here/exported.sh" "$1" "$tree/x.map" "$tree/x.h"

# An agent whose document has an attribute that no validator knows.
printf '#!/bin/sh\ncat "%s"\n' "$tree/x.xml" >"$tree/agent"
chmod 755 "$tree/agent"
sample=$here/../unit/metadata/sample.xml
sed '/<?vzha/d' "$sample" >"$tree/x.xml"
schema=$here/../../xml-metadata/schema/ocf-1.1.rng
"$here/xmllint.sh" "$tree/agent" "$schema" || {
	echo "FAILED: xmllint.sh on the sample"
	failed=1
}
sed -i 's/<action name="start"/& colour="red"/' "$tree/x.xml"
refuses "$here/xmllint.sh" "$tree/agent" "$schema"
exit $failed

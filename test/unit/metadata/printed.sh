#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# printed.sh AGENT DOCUMENT: meta-data prints the document byte for byte, but for the lines with our
# own processing instructions.

diff <("$1" meta-data) <(sed '/^[ \t]*<?vzha .*?>$/d' "$2") || exit 1
# Neither parameters nor their absence have anything to do with it.
diff <("$1" meta-data) <(env -i OCF_RESKEY_ctid=. "$1" meta-data)

#!/bin/sh
# SPDX-License-Identifier: MIT
# Refuses an include that goes up: lib <- arch <- kernel <- drivers. boot/, selftest/, storm/ and
# kernel/main.c see all. Among the drivers, those of the board do not know Xen's.
set -eu
cd "$(dirname "$0")/.."
refused=$(
	{
		grep -nE '#include "(arch|kernel|drivers|boot|selftest|storm)/' lib/*.[ch] || :
		grep -nE '#include "(kernel|drivers|boot|selftest|storm)/' arch/x86/*.[chS] || :
		grep -nE '#include "(drivers|boot|selftest|storm)/' kernel/*.[ch] /dev/null || :
		grep -nE '#include "(drivers/xen|boot|selftest|storm)/' drivers/[a-w]*/*.[ch] || :
		grep -nE '#include "(boot|selftest|storm)/' drivers/xen/*.[ch] drivers/xen/*/*.[ch] || :
	} | grep -v '^kernel/main\.c:' || :
)
if [ -n "$refused" ]; then
	echo "These includes go up (lib <- arch <- kernel <- drivers):"
	echo "$refused"
	exit 1
fi
echo "layers: every include goes down"

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when a header does not compile alone, or has no guard (included twice it would not compile),
# or does not begin with its SPDX line.
set -u
cd "$top_srcdir" || exit 1
headers=$(find models sim analysis -name '*.h' | LC_ALL=C sort)
cd "$top_builddir" || exit 1
count=0
for header in $headers; do
    count=$((count + 1))
    if printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
        $COMPILE_HEADER -fsyntax-only -x c -; then
        result=ok
    else
        result='not ok'
    fi
    if ! head -n 1 "$top_srcdir/$header" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later'; then
        echo "# $header: the first line is no SPDX line"
        result='not ok'
    fi
    echo "$result $count - $header"
done
echo "1..$count"
test "$count" -gt 0

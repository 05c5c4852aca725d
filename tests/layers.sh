#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when a source includes upward (main -> analysis -> io -> site -> serving -> workload ->
# models, measure, engine), when the engine or the measures know of anything but themselves, when a
# header of ours is included by another name than its path, or when headers include in a circle.
set -u
cd "$top_srcdir" || exit 1
sources=$(find models sim analysis -name '*.[ch]' -o -name '*.cc' | LC_ALL=C sort)
edges=$(for source in $sources; do
    sed -n 's|^# *include *"\([^"]*\)".*|'"$source"' \1|p' "$source"
done)

echo 1..3
wrong=$(echo "$edges" | awk '
    function layer(path) {
        if (path ~ /^sim\/engine\//) return 0
        if (path ~ /^(models|sim\/measure)\//) return 1
        if (path ~ /^sim\/workload\//) return 2
        if (path ~ /^sim\/serving\//) return 3
        if (path ~ /^sim\/site\//) return 4
        if (path ~ /^sim\/io\//) return 5
        if (path ~ /^analysis\//) return 6
        if (path ~ /^sim\/main/) return 7
        return -1
    }
    function folder(path) { sub(/\/[^\/]*$/, "", path); return path }
    NF == 2 && $2 != "config.h" && layer($2) >= 0 {
        if (layer($2) > layer($1)) print "# " $1 " includes upward: " $2
        else if (layer($1) == 1 && layer($2) == 1 && folder($1) != folder($2))
            print "# " $1 " includes sideways: " $2
    }')
test -z "$wrong" && echo "ok 1 - nothing includes upward" || {
    echo "$wrong"
    echo "not ok 1 - nothing includes upward"
}

strange=$(echo "$edges" | while read -r source header; do
    test -z "$header" || test "$header" = config.h || test -f "$header" ||
        echo "# $source: \"$header\" is no file below the top of the tree"
done)
test -z "$strange" && echo "ok 2 - every header is included by its path from the top" || {
    echo "$strange"
    echo "not ok 2 - every header is included by its path from the top"
}

if echo "$edges" | tsort >/dev/null; then
    echo "ok 3 - no circle of includes"
else
    echo "not ok 3 - no circle of includes"
fi

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fails when a table breaks its schema or its name, states a figure without a source, or holds figures that contradict
# each other (parameter counts, attention, power, PUE that falls with temperature, hours or arrivals out of order).
top=${srcdir:-$(dirname "$0")/..}
models=$top/models
traces=$top/scenarios/traces
count=0
failed=0

# report DESCRIPTION COMPLAINTS: one TAP line; no complaints is a pass.
report()
{
    count=$((count + 1))
    if [ -z "$2" ]; then
        echo "ok $count - $1"
    else
        failed=1
        echo "not ok $count - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}

scratch=$(mktemp -d) || exit 99
trap 'rm -rf "$scratch"' EXIT

if ! command -v xmllint >/dev/null; then
    echo "1..0 # SKIP xmllint is not installed (Debian package libxml2-utils)"
    exit 0
fi

# attribute FILE XPATH: its text, empty when there is none.
attribute()
{
    xmllint --xpath "string($2)" "$1"
}

check_schema()
{
    for file in "$models"/*/*.xml "$traces"/*.xml; do
        xmllint --noout --schema "$models/tables.xsd" "$file" 2>&1 | grep -v ' validates$'
    done
}

# refuses FILE EDIT: complains unless the edit changes the file to what the schema refuses.
refuses()
{
    if sed "$2" "$1" | cmp -s - "$1"; then
        echo "this edit changes nothing in $1: $2"
    elif sed "$2" "$1" | xmllint --noout --schema "$models/tables.xsd" - >/dev/null 2>&1; then
        echo "$1 passes the schema after: $2"
    fi
}

# The schema must also refuse what is wrong.
check_schema_refuses()
{
    for edit in 's/ source="[^"]*"//' 's/ source="[^"]*"/ source=""/' 's/peak="989 /peak="-989 /' \
        's/peak="989 TFLOP.s"/peak="989"/' 's/<memory /<memery /' 's/precision="FP8"/precision="FP16"/' \
        's/gpus="8"/gpus="0"/' 's/ efficiency="[^"]*"/ efficiency="1.2"/' 's/ active="[^"]*"//' \
        's/<power /<power experts_2bit="1" /' 's/<link /<attention source="test"\/><link /'; do
        refuses "$models/hardware/H100-SXM.xml" "$edit"
    done
    for edit in 's/ iteration="[^"]*"//' 's/ sequence="[^"]*"/ sequence="-1 us"/' \
        's/<overhead /<overhead layers="1 us" /' 's/<defaults /<overhead hardware="B200" \/><defaults /'; do
        refuses "$models/serving_engine/vLLM.xml" "$edit"
    done
}

# What an engine has for a kind of hardware is for one that there is, and there is one for all others.
check_engines()
{
    for file in "$models"/serving_engine/*.xml; do
        general=$(attribute "$file" 'count(/*/overhead[not(@hardware)])')
        [ "$general" = 1 ] || echo "$file: $general overheads without hardware"
        xmllint --xpath '/*/overhead/@hardware' "$file" 2>/dev/null | tr ' ' '\n' |
            sed -n 's/^hardware="\(.*\)"$/\1/p' | sort >"$scratch/named"
        uniq -d "$scratch/named" | sed "s|^|$file: twice for |"
        while read -r name; do
            [ -e "$models/hardware/$name.xml" ] || echo "$file: no hardware is named $name"
        done <"$scratch/named"
    done
}

check_names()
{
    for file in "$models"/*/*.xml "$traces"/*.xml; do
        name=$(attribute "$file" '/*/@name')
        [ "$name.xml" = "$(basename "$file")" ] || echo "$file is named $name inside"
    done
    for folder in hardware llm serving_engine plant; do
        for file in "$models/$folder"/*.xml; do
            [ "$(xmllint --xpath 'name(/*)' "$file")" = $folder ] || echo "$file is no table of $folder"
            attribute "$file" '/*/@name'
        done | tr 'A-Z' 'a-z' | sort | uniq -d | sed 's/^/stated twice: /'
    done
}

# No figure without a source: every element that holds other attributes than the known keys of the roots, PUE knots and
# points of a profile (their root states it).
check_sources()
{
    for file in "$models"/*/*.xml "$traces"/*.xml; do
        bare=$(xmllint --xpath 'count(//*[@*][not(normalize-space(@source))]
            [not(self::hardware or self::llm or self::serving_engine or parent::plant or parent::profile)])' "$file")
        [ "$bare" = 0 ] || echo "$file: $bare elements without a source"
    done
    for file in "$models"/weather/*.csv; do
        grep -q '^# source: .' "$file" || echo "$file: no source"
        grep -q '^# licence: .' "$file" || echo "$file: no licence"
    done
}

# llm_row FILE: the figures of one model in one line, 0 for what it has not.
llm_row()
{
    xmllint --xpath "concat(/llm/@name, ' ', /llm/@attention, ' ', /llm/shape/@layers, ' ', /llm/shape/@width, ' ',
        /llm/shape/@query_heads, ' ', /llm/shape/@kv_heads, ' ', /llm/shape/@head_size, ' ',
        /llm/shape/@vocabulary, ' ', /llm/parameters/@total, ' ', /llm/parameters/@linear, ' ',
        /llm/parameters/@attention, ' ', number(concat('0', /llm/parameters/@published)), ' ',
        number(concat('0', /llm/experts/@count)), ' ', number(concat('0', /llm/experts/@per_token)), ' ',
        number(concat('0', /llm/experts/@layers)), ' ', number(concat('0', /llm/experts/@parameters)), ' ',
        number(concat('0', /llm/latent/@nope)), ' ', number(concat('0', /llm/latent/@rope)), ' ',
        number(concat('0', /llm/window/@layers)), ' ', number(concat('0', /llm/shape/@attention_layers)), ' ',
        number(concat('0', /llm/linear/@layers)), ' ', number(concat('0', /llm/sparse/@positions)), ' ',
        number(concat('0', /llm/@bits)), ' ', /llm/@precision, ' ', /llm/@quantised)" "$1" | tr -d '\n'
    echo
}

# total = linear + the experts a token does not use + embedding and head (one matrix or two), exactly; attention from
# the shape, exactly (MLA: less than the whole; linear layers: what their projections are adds to it); published totals
# within 2 %; what kinds of attention and of layers imply; bits of a format with scales: more than its own, less than double.
check_llm()
{
    for file in "$models"/llm/*.xml; do
        llm_row "$file"
    done | awk '
        function bad(text) { print $1 ": " text }
        {
            attention = $2; layers = $3; width = $4; queries = $5; keys = $6; head = $7; vocabulary = $8
            total = $9; linear = $10; projections = $11; published = $12
            experts = $13; used = $14; expert_layers = $15; expert = $16; nope = $17; rope = $18; windowed = $19
            attending = $20 ? $20 : layers; recurrent = $21; sparse = $22; bits = $23; format = $24; quantised = $25
            rest = total - linear - expert_layers * (experts - used) * expert
            if (rest != vocabulary * width && rest != 2 * vocabulary * width)
                bad("total less linear and unused experts leaves " rest ", no embedding")
            shape = 2 * attending * width * head * (queries + keys)
            if (attention != "MLA" && (recurrent ? projections <= shape : projections != shape))
                bad("attention is " projections ", the shape gives " shape)
            if (attending < layers && attending + recurrent > layers || attending == layers && recurrent)
                bad("more layers with attention and without than there are")
            if (windowed > attending) bad("windowed layers without attention")
            if (sparse && windowed) bad("windowed and sparse")
            own = substr(format, match(format, /[0-9]+$/)) + 0
            if (bits && (bits <= own || bits >= 2 * own)) bad(format " of " bits " bits")
            if (quantised == "experts" && !experts) bad("quantised experts, and none there")
            if (projections >= linear) bad("attention is not a part of linear")
            if (published == 0) bad("no published total")
            else if (total / published > 1.02 || total / published < 0.98) bad("published total is " published)
            if ((attention == "MLA") != (nope > 0)) bad("latent and attention disagree")
            if (attention == "MLA" && head != nope + rope) bad("head_size is not nope + rope")
            if (attention == "MHA" && keys != queries) bad("MHA with fewer KV heads")
            if (attention == "GQA" && (keys >= queries || queries % keys)) bad("GQA with " keys " KV heads")
            if (used > experts || expert_layers > layers || windowed > layers) bad("more experts or layers than there are")
            if (used * expert * expert_layers > linear) bad("active experts exceed linear")
        }'
}

# Caps lie between idle and limit, no part exceeds its whole, wider formats are not faster, a node can feed its GPUs.
check_hardware()
{
    for file in "$models"/hardware/*.xml; do
        xmllint --xpath "concat(/*/@name, ' ', /*/@gpus, ' ', /*/power/@limit, ' ', /*/power/@idle, ' ',
            /*/power/@cap_min, ' ', /*/power/@compute, ' ', /*/host/@power, ' ', /*/host/@slope, ' ',
            /*/host/@node_max, ' ', /*/link/@bandwidth, ' ', /*/link/@allreduce_bandwidth, ' ',
            /*/power/@active, ' ', /*/power/@memory_energy, ' ', /*/power/@memory_own, ' ',
            /*/memory/@bandwidth, ' ',
            number(concat('0', substring-before(/*/compute[@precision='FP16']/@peak, ' '))), ' ',
            number(concat('0', substring-before(/*/compute[@precision='FP8']/@peak, ' '))), ' ',
            number(concat('0', substring-before(/*/compute[@precision='FP4']/@peak, ' '))))" "$file" |
            tr -d '\n'
        echo
    done | awk '
        function bad(text) { print $1 ": " text }
        {
            gpus = $2; limit = $3; idle = $5; cap = $7; compute = $9; host = $11; slope = $13; node = $14
            link = $16; allreduce = $18; active = $20
            per_byte = $22; own = $24; bandwidth = $26; fp16 = $28; fp8 = $29; fp4 = $30
            if ($4 $6 $8 $10 $12 $15 $21 != "WWWWWWW") bad("a power that is not in W")
            if ($23 $25 $27 != "pJ/BpJ/BTB/s") bad("the memory is not in pJ/B and TB/s")
            if (own > per_byte) bad("the memory by itself takes more than a byte costs")
            if ($17 $19 != "GB/sGB/s") bad("a link that is not in GB/s")
            if (!(idle < cap && cap < limit)) bad("lowest cap " cap " W is not between idle and limit")
            if (idle + active + compute + per_byte * bandwidth < limit) bad("all parts of power do not reach the limit")
            if (allreduce > link) bad("all-reduce is faster than its link")
            if (!fp16) bad("no FP16")
            if ((fp8 && fp8 < fp16) || (fp4 && fp4 < fp8)) bad("a narrower format is slower")
            if (host + (1 + slope) * gpus * idle > node) bad("an idle node exceeds its nameplate")
        }'
}

# A full grid; PUE never falls as temperature rises; overhead as a share of load never rises with load.
check_plants()
{
    for file in "$models"/plant/*.xml; do
        xmllint --xpath '/plant/pue/@*' "$file" | tr -d '"' | sed 's/^ *//; s/ degC//' | awk -F= -v file="$file" '
            $1 == "load" { load = $2 } $1 == "temperature" { temperature = $2 }
            $1 == "value" {
                knots++
                if (!(load in loads)) { loads[load]; load_at[++columns] = load }
                if (!(temperature in seen)) { seen[temperature]; temperature_at[++rows] = temperature }
                value[load, temperature] = $2
            }
            END {
                if (knots != rows * columns) print file ": " knots " knots, grid " columns " x " rows
                for (i = 1; i <= columns; i++)
                    for (j = 1; j <= rows; j++) {
                        here = value[load_at[i], temperature_at[j]]
                        if (here < 1) print file ": PUE " here
                        if (j > 1 && temperature_at[j] + 0 <= temperature_at[j - 1] + 0) print file ": temperatures out of order"
                        if (i > 1 && load_at[i] + 0 <= load_at[i - 1] + 0) print file ": loads out of order"
                        if (j > 1 && here < value[load_at[i], temperature_at[j - 1]])
                            print file ": PUE falls to " temperature_at[j] " degC at load " load_at[i]
                        if (i > 1 && here > value[load_at[i - 1], temperature_at[j]])
                            print file ": PUE rises to load " load_at[i] " at " temperature_at[j] " degC"
                    }
            }'
    done
}

check_weather()
{
    for file in "$models"/weather/*.csv; do
        grep -v '^#' "$file" | awk -F, -v file="$file" '
            NR == 1 { if ($0 != "hour_of_year,temperature_c") print file ": columns are " $0; next }
            $1 != NR - 2 || NF != 2 || $2 !~ /^-?[0-9]+(\.[0-9]+)?$/ || $2 < -60 || $2 > 60 { print file ": " $0 }
            END { if (NR != 8761) print file ": " NR - 1 " hours" }'
    done
}

check_traces()
{
    for file in "$traces"/*.csv.gz; do
        gzip -dc "$file" | awk -F, -v file="$file" '
            /^# source: ./ { source = 1 } /^# licence: ./ { licence = 1 } /^#/ { next }
            !rows++ { if ($0 != "arrival_s,input_tokens,output_tokens") print file ": columns are " $0; next }
            NF != 3 || $1 < last || $2 < 1 || $3 < 1 { print file ": " $0 }
            { last = $1 }
            END { if (rows < 3 || !source || !licence) print file ": no rows, source or licence" }'
    done
    for file in "$traces"/*.xml; do
        xmllint --xpath '/profile/point/@*' "$file" | tr -d '"' | awk -F= -v file="$file" '
            $1 ~ /at/ { if ($2 + 0 != n || $2 !~ / h$/) print file ": point at " $2 }
            $1 ~ /value/ { n++; sum += $2 }
            END { if (n != 24 || sum / n > 1.001 || sum / n < 0.999) print file ": " n " hours, mean " sum / n }'
    done
}

echo 1..10
report "tables meet the schema" "$(check_schema)"
report "the schema refuses broken tables" "$(check_schema_refuses)"
report "names are unique and those of the files" "$(check_names)"
report "engines name hardware that there is, and one overhead for the rest" "$(check_engines)"
report "no figure without a source" "$(check_sources)"
report "parameter counts follow from the shape and meet the published ones" "$(check_llm)"
report "power, links and peaks of hardware are in order" "$(check_hardware)"
report "PUE rises with temperature and falls with load" "$(check_plants)"
report "weather has 8760 hours in order" "$(check_weather)"
report "traces and profiles are in order" "$(check_traces)"
exit $failed

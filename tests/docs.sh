#!/bin/sh
# docs.sh BIN FILE.md...: checks what documents quote. A comment in front of a fenced block says what it is:
#   <!-- save NAME -->     the block becomes the file NAME
#   <!-- run COMMAND -->   the block is what the command prints (standard output and error)
#   <!-- quote FILE -->    the block stands in FILE of the project
# A line `...` in a block stands for any number of lines. Commands run in a folder of their own, with BIN in front of PATH.
set -u
root=$(pwd)
ION_ROOT=$root
PATH=$(cd "$1" && pwd):$PATH
export PATH ION_ROOT
shift
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

# Does the text in $1 hold the block in $2 as whole lines? whole=1: is it the block?
holds() {
    awk -v whole="$3" '
        function match_from(t, b,    gap) { # a small backtracking matcher over lines
            while (b <= nb) {
                if (block[b] == "...") {
                    if (b == nb) return 1
                    for (gap = t; gap <= nt + 1; gap++) if (match_from(gap, b + 1)) return 1
                    return 0
                }
                if (t > nt || text[t] != block[b]) return 0
                t++; b++
            }
            return whole ? t > nt : 1
        }
        NR == FNR { text[++nt] = $0; next }
        { block[++nb] = $0 }
        END {
            for (start = 1; start <= (whole ? 1 : nt); start++) if (match_from(start, 1)) exit 0
            exit 1
        }' "$1" "$2"
}

check() { # what, text, block, whole, name
    if holds "$2" "$3" "$4"; then
        passed=$((passed + 1))
        echo "ok docs: $5"
    else
        failed=$((failed + 1))
        echo "not ok docs: $5"
        diff "$2" "$3" | head -n 20 | sed 's/^/    /'
    fi
}

for doc in "$@"; do
    rm -rf "$dir/blocks" && mkdir -p "$dir/blocks" "$dir/work"
    # splits the document into numbered blocks: N.what (the directive) and N.text
    awk -v dir="$dir/blocks" '
        /^<!-- (save|run|quote) .* -->$/ { directive = $0; sub(/^<!-- /, "", directive); sub(/ -->$/, "", directive); next }
        /^```/ && !inside { inside = 1; if (directive != "") { n++; name = sprintf("%s/%03d", dir, n); print directive > (name ".what"); printf "" > (name ".text") } next }
        /^```/ { inside = 0; if (directive != "") { close(name ".what"); close(name ".text"); directive = "" } next }
        inside && directive != "" { print > (name ".text") }' "$doc"
    for what in "$dir"/blocks/*.what; do
        [ -e "$what" ] || continue
        block=${what%.what}.text
        read -r verb rest < "$what"
        case $verb in
        save) cp "$block" "$dir/work/$rest" ;;
        run)
            (cd "$dir/work" && sh -c "$rest") > "$dir/output" 2>&1
            check run "$dir/output" "$block" 1 "$doc: $rest"
            ;;
        quote) check quote "$root/$rest" "$block" 0 "$doc: $rest" ;;
        esac
    done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]

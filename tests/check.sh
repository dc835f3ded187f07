#!/bin/sh
# check.sh: one test program, every way it can be run. Usage: check.sh FILE.iona, with B and T set. With WITHOUT set to
# names of optimisations: only by --jit, with each of them left out in turn, and with all of them.
#
# The file says what it must do, in comments (tests/README.md lists them). Prints `ok` or `not ok` a way; what differed
# is left in $T/suite/NAME.
set -u
. "$(dirname "$0")/lib.sh"
file=$1
name=$(basename "$file" .iona)
case $file in */examples/* | examples/*) name=example-$name ;; esac
dir=$T/suite${WITHOUT:+-no-opt}/$name
pack=$dir/$name.ionpack
mkdir -p "$dir"
rm -f "$dir"/*.out "$dir"/*.err "$dir"/*.status "$dir"/*.diff

# ---- what the file says ----

awk -v d="$dir" '
function text(line) { sub(/^; *[a-z-]+( [0-9]+)?: ?/, "", line); return line }
BEGIN {
    printf "" > (d "/want.out"); printf "" > (d "/want.alone"); printf "" > (d "/want.err"); printf "" > (d "/stdin")
    slices = "1 3 4 2000"
}
/^; expect:/ { print text($0) > (d "/want.out"); said = 1 }
/^; expect-alone:/ { print text($0) > (d "/want.alone") }
/^; expect-error:/ { print text($0) > (d "/want.err") }
/^; expect-error-times [0-9]+:/ { for (i = 0; i < $3 + 0; i++) print text($0) > (d "/want.err") }
/^; expect-exit:/ { status = $3 }
/^; stdin:/ { print text($0) > (d "/stdin") }
/^; stdin-rest:/ { printf "%s", text($0) > (d "/stdin") }
/^; args:/ { args = text($0) }
/^; env:/ { env = env " " text($0) }
/^; errors: any/ { anyerror = 1 }
/^; order: exact/ { exact = 1 }
/^; timeslices:/ { slices = text($0) }
/^; stress: light/ { light = 1 }
/^; stress: no-fail/ { nofail = 1 }
/^; reductions: open/ { open = 1 }
/^; library$/ { library = 1 }
/^; refused:/ { refused = text($0) }
/^; warns:/ { warns = text($0) }
END {
    gsub(/\047/, "", refused); gsub(/\047/, "", warns)
    printf "want_status=%d exact=%d light=%d nofail=%d said=%d library=%d open=%d errors=%d\n", status, exact, light, nofail, said, library, open, !anyerror
    printf "env=\047%s\047 ", env
    printf "slices=\047%s\047 args=\047%s\047 refused=\047%s\047 warns=\047%s\047\n", slices, args, refused, warns
}' "$file" >"$dir/settings"
. "$dir/settings"
eval "set -- $args"
if [ -f "$(dirname "$file")/expected.txt" ]; then
    cp "$(dirname "$file")/expected.txt" "$dir/want.out"
    said=1 errors=0
fi

# ---- running and comparing ----

failed=0
# say STATUS WHAT: one result.
say() {
    if [ "$1" = 0 ]; then
        echo "ok $name: $2"
    else
        failed=1
        echo "not ok $name: $2 (see $dir)"
    fi
}

# run LABEL COMMAND...: leaves LABEL.out, LABEL.err, LABEL.status, and apart from the rest LABEL.reds.
run() {
    label=$1
    shift
    timeout -s KILL "${LIMIT:-60}" "$@" <"$dir/stdin" >"$dir/$label.out" 2>"$dir/$label.all"
    echo $? >"$dir/$label.status"
    sed -n '/^reductions: /p' "$dir/$label.all" >"$dir/$label.reds"
    sed '/^reductions: /d' "$dir/$label.all" >"$dir/$label.err"
    rm "$dir/$label.all"
}

# same LABEL OTHER PART...: whether two runs left the same; the first difference goes to LABEL.diff.
same() {
    a=$1 b=$2
    shift 2
    for part; do
        cmp -s "$dir/$a.$part" "$dir/$b.$part" && continue
        diff "$dir/$b.$part" "$dir/$a.$part" >"$dir/$a.$part.diff"
        return 1
    done
}

# What the file expects.
as_expected() {
    echo "$want_status" >"$dir/want.status"
    same "$1" want out status && { [ $errors = 0 ] || same "$1" want err; }
}

# good LABEL: an end that any run may come to, without a signal or a sanitizer's report.
good() {
    case $(cat "$dir/$1.status") in
    0 | 1 | 3) ! grep -q 'Sanitizer\|runtime error:' "$dir/$1.err" ;;
    *) return 1 ;;
    esac
}

# compare LABEL PARTS...: with the expectation and, where there is none for the default order, with itself only.
check_default() {
    if [ $exact = 1 ]; then
        good "$1"
    elif [ $said = 1 ]; then
        as_expected "$1"
    else
        same "$1" oracle.2000 out status
    fi
}

# ---- packages that must be refused ----

if ! assemble "$file" "$pack"; then
    cat "$pack.log"
    say 1 "assembles"
    exit 0
fi
if [ $library = 1 ]; then
    say 0 "assembles, a library"
    exit 0
fi
if [ -n "$refused" ]; then
    timeout -s KILL 60 "$IONC" --jit "$pack" >"$dir/refused.out" 2>"$dir/refused.err"
    [ $? = 1 ] && grep -q "^ionc: .*$refused" "$dir/refused.err" && [ "$(wc -l <"$dir/refused.err")" = 1 ]
    say $? "refused"
    timeout -s KILL 60 "$IONC" "$pack" -o "$dir/refused.exe" >"$dir/refused.out" 2>"$dir/refused.err"
    [ $? = 1 ] && [ ! -e "$dir/refused.exe" ]
    say $? "refused, no output left behind"
    exit 0
fi

# What is compared with the interpreter, and in its reductions with other runs, has one order.
export ION_REDUCTIONS=1
export ION_SCHEDULERS=1
reference=oracle
if [ -n "$env" ]; then # which the interpreter knows nothing of
    # shellcheck disable=SC2086
    export $env
    reference="--jit --exact"
fi

# oracle SLICE ARGUMENT...: what the program must do under --exact, as oracle.SLICE.
oracle() {
    slice=$1
    shift
    if [ -n "$env" ]; then
        run "oracle.$slice" "$IONC" --jit --exact --timeslice "$slice" "$pack" "$@"
    else
        run "oracle.$slice" "$ORACLE" --reductions --timeslice "$slice" "$pack" "$@"
    fi
}

# ---- with optimisations left out ----

# without NAME ARGUMENT...: whether the program does without an optimisation what it should, for the same price. Where the C is the
# same, it does.
without() {
    left_out=$1
    case $left_out in *,*) label=all ;; *) label=$left_out ;; esac
    shift
    "$IONC" --emit-c "--no-opt=$left_out" "$pack" >"$dir/without.c" 2>"$dir/without.log"
    cmp -s "$dir/without.c" "$dir/with.c" && return 0
    differ=$((differ + 1))
    run $label "$IONC" --jit "--no-opt=$left_out" "$pack" "$@"
    [ -z "$warns" ] || sed -i /^warning:/d "$dir/$label.err"
    check_default $label && { [ $exact = 1 ] || [ $open = 1 ] || same $label jit reds; }
}

if [ -n "${WITHOUT:-}" ]; then
    differ=0
    [ $said = 1 ] || oracle 2000 "$@"
    run jit "$IONC" --jit "$pack" "$@"
    "$IONC" --emit-c "$pack" >"$dir/with.c" 2>"$dir/with.log"
    for names in $WITHOUT "$(echo $WITHOUT | tr ' ' ,)"; do
        without "$names" "$@" || say 1 "--jit --no-opt=$names"
    done
    [ $failed = 1 ] || say 0 "--jit with optimisations left out, of which $differ change the code"
    exit 0
fi

# ---- exactly as the interpreter, at any slice ----

native "$pack" "$dir/exact" --exact -O2
say $? "native --exact -O2 builds"
for n in $slices; do
    oracle "$n" "$@"
    if [ -n "$warns" ]; then
        # the interpreter says nothing about the package; ionc does when it compiles
        grep -q "^warning: .*$warns" "$dir/exact.log"
        say $? "warns"
        warns=
        run_jit_err='sed -i /^warning:/d'
    fi
    if [ $said = 1 ] && { [ $exact = 0 ] || [ "$n" = 2000 ] || [ "$slices" != "1 3 4 2000" ]; }; then
        as_expected "oracle.$n"
        say $? "$reference, slice $n, as expected"
    fi
    run "jit-exact.$n" "$IONC" --jit --exact --timeslice "$n" "$pack" "$@"
    [ -z "${run_jit_err:-}" ] || $run_jit_err "$dir/jit-exact.$n.err"
    same "jit-exact.$n" "oracle.$n" out err status reds
    say $? "--jit --exact --timeslice $n as $reference"
    ION_TIMESLICE=$n run "native-exact.$n" "$dir/exact" "$@"
    same "native-exact.$n" "oracle.$n" out err status reds
    say $? "native --exact, slice $n, as $reference"
done

# ---- by default ----

run jit "$IONC" --jit "$pack" "$@"
[ -z "${run_jit_err:-}" ] || $run_jit_err "$dir/jit.err"
check_default jit
say $? "--jit"
if [ -s "$dir/want.alone" ]; then
    ION_SCHEDULERS=1 run alone "$IONC" --jit "$pack" "$@"
    cmp -s "$dir/alone.out" "$dir/want.alone"
    say $? "--jit with one scheduler"
fi
for level in 0 2; do
    native "$pack" "$dir/native$level" -O$level
    say $? "native -O$level builds"
    run "native$level" "$dir/native$level" "$@"
    check_default "native$level"
    say $? "native -O$level"
    if [ $exact = 0 ] && [ $open = 0 ] && [ -z "$env" ] && [ -s "$dir/oracle.2000.reds" ]; then
        same "native$level" jit reds
        say $? "native -O$level: reductions as with --jit"
    fi
done

# ---- on several schedulers ----

if [ $exact = 0 ]; then
    for n in 7 2000; do
        ION_SCHEDULERS=4 ION_TIMESLICE=$n run "schedulers.$n" "$IONC" --jit "$pack" "$@"
        [ -z "${run_jit_err:-}" ] || $run_jit_err "$dir/schedulers.$n.err"
        check_default "schedulers.$n"
        say $? "--jit on 4 schedulers, slice $n"
    done
fi

# ---- under stress ----

if [ $light = 0 ]; then
    ION_STRESS_GC=1 run stress-gc "$IONC" --jit "$pack" "$@"
    check_stress() {
        [ -z "${run_jit_err:-}" ] || $run_jit_err "$dir/$1.err"
        check_default "$1"
    }
    check_stress stress-gc
    say $? "collecting at every allocation"
    ION_STRESS_SLICE=1 run stress-slice "$IONC" --jit "$pack" "$@"
    check_stress stress-slice
    say $? "slices of one reduction"
    for seed in 1 2 3; do
        ION_STRESS_SHUFFLE=$seed run "shuffle.$seed" "$IONC" --jit "$pack" "$@"
        check_stress "shuffle.$seed"
        say $? "run queue shuffled by $seed"
    done
fi

[ $nofail = 0 ] || exit 0
bad=
for n in 1 2 3 4 5 7 9 12 16 21 28 37 50 70 100 200 500 1000; do
    ION_STRESS_FAIL=$n run fail "$IONC" --jit "$pack" "$@"
    if ! good fail; then
        bad="$bad $n:$(cat "$dir/fail.status")"
        cp "$dir/fail.err" "$dir/fail.$n.err"
    fi
done
[ -z "$bad" ]
say $? "failing allocations${bad:+:$bad}"
exit 0

#!/bin/sh
# scale.sh: what compiling costs grows no faster than the program; large programs in several C files; the cache.
#
# No clock is asked: each size is compiled with limits on processor time and memory that a pass in proportion to the
# program stays far below and a quadratic one does not, and the C may not grow faster than the program.
set -u
. "$(dirname "$0")/lib.sh"
dir=$T/scale
rm -rf "$dir"
mkdir -p "$dir"
shapes=$(dirname "$0")/scale/shapes.awk
less=1
[ -n "$SANITIZE" ] && less=20

check() { # NAME CONDITION...
    name=$1
    shift
    if "$@"; then echo "ok scale: $name"; else echo "not ok scale: $name"; fi
}

# pack SHAPE SIZE STEP: makes $dir/SHAPE.ionpack
pack() {
    awk -v shape="$1" -v n="$2" -v step="$3" -f "$shapes" >"$dir/$1.iona" &&
        "$IONC" --asm "$dir/$1.iona" -o "$dir/$1.ionpack"
}

# Bytes of C of a pack.
c_of() { # PACK LEVEL
    (
        ulimit -t 20
        [ -n "$SANITIZE" ] || ulimit -v 1500000
        "$IONC" "-O$2" --emit-c "$1"
    ) | wc -c
}

# Compiles a shape in two sizes, the second twice the first.
grows() { # SHAPE SIZE STEP
    step=$3
    [ "$step" = last ] && step=$(($2 / 2 - 1))
    pack "$1" $(($2 / 2)) "$step" || return 1
    half=$(c_of "$dir/$1.ionpack" 2)
    [ "$3" = last ] && step=$(($2 - 1))
    pack "$1" "$2" "$step" || return 1
    plain=$(c_of "$dir/$1.ionpack" 0)
    whole=$(c_of "$dir/$1.ionpack" 2)
    [ "$plain" -gt 0 ] && [ "$half" -gt 0 ] && [ "$whole" -gt 0 ] && [ "$whole" -lt $((half * 5 / 2)) ]
}

while read -r shape size step; do
    size=$((size / less))
    check "$shape $size, step $step" grows "$shape" "$size" "$step"
done <<END
straight 60000 1
objects 40000 1
ifs 12000 1
loops 8000 1
ladder 12000 1
registers 8000 1
moves 40000 1
cases 16000 1
constants 40000 1
arguments 16000 1
captures 20000 1
literal 60000 1
functions 60000 1
calls 8000 1
chain 20000 1
chain 20000 last
chain 12000 4999
fan 16000 1
classes 12000 1
wide 300 1
mix 40000 1
END

# ---- long functions, whose plain bodies are several C functions ----

# The interpreter, in slices of 3 and 2000 reductions, and compiled code leave the same.
same() { # SHAPE SIZE
    pack "$1" "$2" 1 || return 1
    for slice in 3 2000; do
        "$ORACLE" --print-result --reductions --timeslice $slice "$dir/$1.ionpack" >"$dir/want" 2>"$dir/want.err"
        ION_REDUCTIONS=1 "$IONC" --exact --timeslice $slice --print-result --jit "$dir/$1.ionpack" >"$dir/got" 2>"$dir/got.err"
        cmp -s "$dir/want" "$dir/got" && cmp -s "$dir/want.err" "$dir/got.err" || return 1
    done
    ION_STRESS_SLICE=1 ION_STRESS_GC=1 ION_REDUCTIONS=1 "$IONC" --print-result --jit "$dir/$1.ionpack" >"$dir/got" 2>"$dir/got.err"
    cmp -s "$dir/want" "$dir/got" && cmp -s "$dir/want.err" "$dir/got.err"
}
while read -r shape size; do
    check "$shape $size runs" same "$shape" "$size"
done <<END
straight 4000
objects 3000
ifs 600
loops 500
ladder 600
registers 900
moves 1200
cases 1200
constants 3000
arguments 2500
captures 2500
calls 900
END
if [ -z "$SANITIZE" ]; then
    check "no warning in parts" "$IONC" --cc "gcc -Wall -Wextra -Werror" --no-cache -O0 "$dir/ifs.ionpack" -o "$dir/ifs"
fi

# ---- several C files ----

pack mix 600 1
"$IONC" --print-result --jit "$dir/mix.ionpack" >"$dir/whole.out" 2>&1
whole=$?
for unit in 1 100; do
    "$IONC" --cc "$NATIVE_CC" -O1 -j 3 --unit $unit --no-cache --print-result "$dir/mix.ionpack" -o "$dir/split" 2>"$dir/split.log"
    check "units of $unit instructions" sh -c '"$1/split" >"$1/split.out" 2>&1; [ $? = "$2" ] && cmp -s "$1/split.out" "$1/whole.out"' - "$dir" $whole
done
check "no compiler message in several files" test ! -s "$dir/split.log"
check "a file that does not compile: status 1, nothing left" sh -c '
    ! TMPDIR=$2 "$1" --cc false --unit 1 --no-cache "$2/mix.ionpack" -o "$2/never" 2>"$2/err" && [ ! -e "$2/never" ] &&
    [ "$(wc -l <"$2/err")" = 1 ] && [ -z "$(find "$2" -name "ionc-*")" ]' - "$IONC" "$dir"

# ---- the cache ----

hello=$dir/hello.ionpack
assemble examples/hello/hello.iona "$hello"
export ION_CACHE="$dir/made/cache"
build() { # OPTION...: hit or miss, and whether the executable runs
    rm -f "$dir/hello"
    said=$("$IONC" --cc "$NATIVE_CC" -O0 -v "$@" "$hello" -o "$dir/hello" 2>&1) || said=failed
    [ "$("$dir/hello")" = "$(cat examples/hello/expected.txt)" ] || said="does not run"
    case $said in
    *"taken from the cache"*) echo hit ;;
    "does not run" | failed) echo "$said" ;;
    *) echo miss ;;
    esac
}
entries() { find "$ION_CACHE" -type f 2>/dev/null | wc -l; }
is() { [ "$1" = "$2" ]; }
check "first a miss" is "$(build)" miss
check "then a hit" is "$(build)" hit
check "one entry" is "$(entries)" 1
check "its folder is the user's alone" is "$(stat -c %a "$ION_CACHE")" 700
check "other options: a miss" is "$(build --timeslice 7)" miss
check "other options, again: a hit" is "$(build --timeslice 7)" hit
check "--no-cache: a miss" is "$(build --no-cache)" miss
check "an empty ION_CACHE: none" is "$(ION_CACHE= build)" miss
check "-g: none" is "$(build -g; build -g)" "miss
miss"
check "two entries" is "$(entries)" 2
for entry in "$ION_CACHE"/*; do
    printf X | dd of="$entry" bs=1 seek=5000 conv=notrunc 2>/dev/null
done
check "damaged: a miss" is "$(build)" miss
check "mended: a hit" is "$(build)" hit
for entry in "$ION_CACHE"/*; do : >"$entry"; done
check "empty: a miss" is "$(build)" miss
: >"$dir/file"
check "a cache that is no folder" is "$(ION_CACHE=$dir/file/cache build)" miss
check "in XDG_CACHE_HOME" is "$(unset ION_CACHE; XDG_CACHE_HOME=$(pwd)/$dir/xdg build; find "$dir/xdg/ionc" -type f | wc -l)" "miss
1"
check "in HOME" is "$(unset ION_CACHE XDG_CACHE_HOME; HOME=$(pwd)/$dir/home build; find "$dir/home/.cache/ionc" -type f | wc -l)" "miss
1"
old=$(printf %064d 0)
new=$(printf %064d 1)
truncate -s 700M "$ION_CACHE/$old" "$ION_CACHE/$new"
touch -d 2000-01-01 "$ION_CACHE/$old"
check "filled" is "$(build --timeslice 8)" miss
check "the oldest goes" test ! -e "$ION_CACHE/$old"
check "the others stay" test -e "$ION_CACHE/$new"
check "what was just kept stays" is "$(build --timeslice 8)" hit
rm -rf "$ION_CACHE"

#!/bin/sh
# run.sh N SEED: N random programs from SEED on, in parallel; a line for each that fails, and a count at the end.
set -u
here=$(dirname "$0")
. "$here/../lib.sh"
n=$1 first=$2
export B T SANITIZE SHRINK
for program in "$IONC" "$ORACLE" "$T/gen"; do
    [ -x "$program" ] || {
        echo "not ok random: there is no $program"
        exit 1
    }
done
rm -rf "$T/random"
mkdir -p "$T/random"
seq "$first" $((first + n - 1)) | xargs -P "$CORES" -n 1 sh "$here/one.sh" >"$T/random/log"
grep -v '^passed over' "$T/random/log"
echo "random: $(grep -c '^ok' "$T/random/log") of $n programs agree, $(grep -c '^passed' "$T/random/log") passed over"
! grep -q '^not ok' "$T/random/log"

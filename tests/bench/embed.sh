#!/bin/sh
# embed.sh: what a host program pays (embed/embed.c), and what metering costs the benchmarks: each is run, natively, without and with a limit to
# fuel, memory and stacks that it does not reach. ROUNDS rounds, the least processor time counts. With B and T set.
set -u
cd "$(dirname "$0")/../.."
dir=$T/bench-embed
mkdir -p "$dir"

# 100 functions with ten constants each.
awk 'BEGIN {
    print ".manifest Name: large\n.manifest Version: 1.0.0\n.manifest Main-Class:\n\n.class Main"
    for (f = 0; f < 100; f++) {
        printf "\n.function f%d (arity: 2)\n", f
        for (k = 0; k < 10; k++)
            if (k % 3 == 0) printf "    LOAD_CONST r%d, %d.5\n", k + 2, f * 10 + k
            else if (k % 3 == 1) printf "    LOAD_CONST r%d, \"constant %d\"\n", k + 2, f * 10 + k
            else printf "    LOAD_CONST r%d, :atom%d\n", k + 2, f * 10 + k
        print "    ADD r12, r0, r1\n    RETURN r12\n.end"
    }
}' >"$dir/large.iona"
cp tests/bench/embed/three.iona "$dir"
for name in three large; do
    "$B/bin/ionc" --asm "$dir/$name.iona" -o "$dir/$name.ionpack" || exit 1
done
"$B/bin/ionc" --shared "$dir/three.ionpack" -o "$dir/three.so" || exit 1
"$dir/embed" "$dir"
status=$?

# ---- metering ----

limits="ION_LIMIT_FUEL=1000000000000 ION_LIMIT_HEAP=1G ION_LIMIT_ALLOCATION=100M ION_LIMIT_STACK=100000000 ION_LIMIT_FRAMES=10000000"
for name in ${ONLY:-fib loop nested mandelbrot spectral nbody property method closure sort fannkuch trees strings lookup match}; do
    "$B/bin/ionc" --asm tests/bench/$name.iona -o "$dir/$name.ionpack" && "$B/bin/ionc" "$dir/$name.ionpack" -o "$dir/$name" || exit 1
    least_free= least_metered=
    for round in $(seq "${ROUNDS:-5}"); do
        ms=$(ION_SCHEDULERS=1 "$dir/embed" --time "$dir/$name")
        least_free=$(printf '%s\n' $least_free $ms | sort -g | head -n 1)
        ms=$(env ION_SCHEDULERS=1 $limits "$dir/embed" --time "$dir/$name")
        least_metered=$(printf '%s\n' $least_metered $ms | sort -g | head -n 1)
    done
    echo "$name $least_free $least_metered" | awk '{ f = $3 / $2; printf "metering %-43s %9.3f x    bar 1.1 %s\n", $1, f, (f > 1.1 ? "MISSED" : "ok"); exit (f > 1.1) }' || status=1
done
exit $status

#!/bin/sh
# machine.sh: describes the machine, the system and the compilers that a measurement was made with.
field() {
    awk -F ': *' -v key="$1" '$1 ~ "^" key "[ \t]*$" { print $2; exit }' "$2"
}
mb=$(($(field MemTotal /proc/meminfo | cut -d ' ' -f 1) / 1024))
echo "machine   $(field 'model name' /proc/cpuinfo) (family $(field 'cpu family' /proc/cpuinfo) model $(field model /proc/cpuinfo)), $(nproc) cores, $mb MB"
echo "system    Linux $(uname -r) $(uname -m), load at the start $(cut -d ' ' -f 1 /proc/loadavg)"
echo "C         $(gcc --version | head -n 1), -O2 -ffp-contract=off"
echo "native    the same compiler, ionc -O2"
tcc -v 2>/dev/null | awk '{ print "--jit     libtcc " $3 }'
luajit -v 2>/dev/null | awk '{ print "LuaJIT    " $2 }'
command -v erl >/dev/null && erl -noshell -eval 'io:format("Erlang    OTP ~s, erts ~s, ~s~n",
    [erlang:system_info(otp_release), erlang:system_info(version), erlang:system_info(emu_flavor)]), halt().'
exit 0

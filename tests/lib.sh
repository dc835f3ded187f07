# lib.sh: what the test scripts share. Sourced, with B (the build folder) and T (its test folder) set.

IONC=$B/bin/ionc
ORACLE=$T/oracle
RT=$B/lib/libionrt.a
CORES=$(nproc)

# Native executables under test use gcc; with sanitizers they must be built the way the runtime was.
NATIVE_CC="gcc -w"
if [ -n "${SANITIZE:-}" ]; then
    NATIVE_CC="gcc -w -fsanitize=$SANITIZE -fno-sanitize-recover=all"
fi
# What a sanitizer finds must not look like a program's own exit status.
SANITIZER_STATUS=99
export ASAN_OPTIONS="exitcode=$SANITIZER_STATUS:detect_stack_use_after_return=0:allocator_may_return_null=1"
export UBSAN_OPTIONS="exitcode=$SANITIZER_STATUS:print_stacktrace=1"
export LSAN_OPTIONS="exitcode=$SANITIZER_STATUS"
export ION_SEED=1
# Executables that have been made before are taken from here, and not from the user's own cache.
case $T in
/*) ION_CACHE=${ION_CACHE-$T/cache} ;;
*) ION_CACHE=${ION_CACHE-$(pwd)/$T/cache} ;;
esac
export ION_CACHE
export LC_ALL=C.UTF-8

# The optimisations that can be left out.
NO_OPT=$(sed -n 's/^ION_OPTIMISATION([^"]*"\([^"]*\)".*/\1/p' compiler/optimisations.def)

# Makes the package $2 of the source $1, and of those that it names (`; with: FILE…`, from its own folder on), unless it
# is newer; what the assembler says goes to $2.log.
assemble() {
    assemble_pack=$2
    set -- "$1" $(sed -n "s|^; with: ||p" "$1" | tr -s ' ' '\n' | sed "s|^|$(dirname "$1")/|")
    for source in "$@" "$IONC"; do
        [ "$assemble_pack" -nt "$source" ] && continue
        "$IONC" --asm "$@" -o "$assemble_pack" >"$assemble_pack.log" 2>&1
        return
    done
}

# native PACK EXECUTABLE FLAG...: builds an executable unless it is newer than all it depends on.
native() {
    native_pack=$1 native_exe=$2
    shift 2
    [ "$native_exe" -nt "$native_pack" ] && [ "$native_exe" -nt "$IONC" ] && [ "$native_exe" -nt "$RT" ] && return 0
    "$IONC" --cc "$NATIVE_CC" "$@" "$native_pack" -o "$native_exe" >"$native_exe.log" 2>&1
}

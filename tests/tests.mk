# The tests: what they need to be built, and the targets test, fuzz, random, random-light, bench, bench-docs, bench-actors, chaos, soak,
# check-includes.
# tests/README.md says what tests what. Everything is built below $B/test; nothing is built twice without a change.

T := $B/test
J := $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
N ?= 10000
SEED ?= 1

# ---- programs ----

TEST_FLAGS := $(FLAGS) $(INCLUDES_compiler)
PACKS := ../shared/packs

ORACLE_O := $(patsubst tests/oracle/%.c,$T/obj/oracle/%.o,$(wildcard tests/oracle/*.c))
$T/obj/oracle/%.o: tests/oracle/%.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -iquote tests/oracle -c $< -o $@
$T/oracle: $(ORACLE_O)
	$(CC) $(FLAGS) $^ -o $@ -lzip -lm

# A unit test is one file with a main, linked with the library that holds what it tests.
UNIT := $(patsubst tests/runtime/%.c,$T/unit/%,$(wildcard tests/runtime/*_test.c))
$T/unit/%: tests/runtime/%.c $B/lib/libionrt.a
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) -iquote tests/runtime $< -o $@ $B/lib/libionrt.a -lm -lpthread

# A folder of files that make one test program.
define folder_test
$1_O := $$(patsubst tests/$1/%.c,$T/obj/$1/%.o,$$(wildcard tests/$1/*.c))
$T/obj/$1/%.o: tests/$1/%.c
	@mkdir -p $$(@D)
	$(CC) $(TEST_FLAGS) -c $$< -o $$@
$T/unit/$1: $$($1_O) $B/lib/libionc.a $B/lib/libionrt.a
	@mkdir -p $$(@D)
	$(CC) $(FLAGS) $$^ -o $$@ $(LIBS)
UNIT += $T/unit/$1
-include $$(wildcard $T/obj/$1/*.d)
endef
FOLDERS := $(filter text malformed,$(notdir $(patsubst %/,%,$(wildcard tests/*/))))
$(foreach f,$(FOLDERS),$(eval $(call folder_test,$f)))

# Host programs: linked with the library alone, and with the packages that they load.
EMBED_TESTS := $(patsubst tests/embed/%.c,$T/embed/%,$(wildcard tests/embed/*_test.c))
EMBED_PACKS := $(patsubst tests/embed/%.iona,$T/embed/%.ionpack,$(wildcard tests/embed/*.iona)) $T/embed/plain.so $T/embed/native.ionpack $T/embed/native.so $T/embed/blocking.ionpack
$T/embed/%: tests/embed/%.c tests/embed/test.h $B/lib/libion.a
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $< -o $@ $B/lib/libion.a $(LIBS)
$T/embed/%.ionpack: tests/embed/%.iona $B/bin/ionc
	@mkdir -p $(@D)
	$B/bin/ionc --asm $< -o $@
$T/embed/native.ionpack $T/embed/blocking.ionpack: $T/embed/%.ionpack: $(wildcard tests/embed/*/*/*) $B/bin/ionc
	@mkdir -p $(@D)
	$B/bin/ionc --asm tests/embed/$* -o $@
$T/embed/%.so: $T/embed/%.ionpack $B/bin/ionc
	$B/bin/ionc --shared $< -o $@

GEN_O := $(patsubst tests/random/%.c,$T/obj/random/%.o,$(wildcard tests/random/*.c))
$T/obj/random/%.o: tests/random/%.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -c $< -o $@
$T/gen: $(GEN_O)
	$(CC) $(FLAGS) $^ -o $@

# The fast comparison: generator and interpreter linked in, with all but their entries made local.
LIGHT_O := $(patsubst tests/random/light/%.c,$T/obj/light/%.o,$(wildcard tests/random/light/*.c))
$T/obj/light/%.o: tests/random/light/%.c
	@mkdir -p $(@D)
	$(CC) $(TEST_FLAGS) -c $< -o $@
define inner_program
$T/obj/inner/$1.o: $2
	@mkdir -p $$(@D)
	ld -r -o $$@ $$^
	objcopy --redefine-sym main=$1_main --keep-global-symbol=$1_main $$@
endef
$(eval $(call inner_program,oracle,$(ORACLE_O)))
$(eval $(call inner_program,gen,$(GEN_O)))
$T/light: $(LIGHT_O) $T/obj/inner/oracle.o $T/obj/inner/gen.o $B/lib/libionc.a $B/lib/libionrt.a
	$(CC) $(FLAGS) $^ -o $@ $(LIBS)

-include $(wildcard $T/obj/oracle/*.d $T/obj/random/*.d $T/obj/light/*.d $T/unit/*.d)

embed-programs: $(EMBED_TESTS) $(EMBED_PACKS) $B/bin/plugin-host

test-programs: $T/oracle $T/gen $T/light $(UNIT) embed-programs

# ---- targets ----

# What runs on several threads is tested under ThreadSanitizer as well, in a second tree.
RACES_B := build/san-thread

RUN_TESTS := EMBED_TESTS='$(EMBED_TESTS)' B='$B' T='$T' RACES_B='$(RACES_B)' SANITIZE='$(SANITIZE)' PACKS='$(PACKS)' UNIT='$(UNIT)' \
	sh tests/run.sh

test: setup-test
	@$(MAKE) --no-print-directory $J all test-programs
	@$(if $(SANITIZE),,$(if $(if $(ONLY),$(filter races embed,$(ONLY)),1),$(MAKE) --no-print-directory $J SANITIZE=thread $(RACES_B)/bin/ionc $(RACES_B)/test/embed/threads_test $(RACES_B)/test/embed/blocking_test))
	@$(RUN_TESTS) $(ONLY)

random: setup-test
	@$(MAKE) --no-print-directory $J all $T/oracle $T/gen
	@B='$B' T='$T' SANITIZE='$(SANITIZE)' sh tests/random/run.sh $(N) $(SEED)

random-light: setup-test
	@$(MAKE) --no-print-directory $J all $T/oracle $T/light
	@B='$B' T='$T' SANITIZE='$(SANITIZE)' sh tests/random/light.sh $(N) $(SEED) $(KIND)

check-includes:
	@sh tests/check-includes.sh

bench: setup
	@$(MAKE) --no-print-directory $J all
	@B='$B' T='$T' sh tests/bench/run.sh $(ONLY)

bench-actors: setup
	@$(MAKE) --no-print-directory $J all
	@B='$B' T='$T' sh tests/bench/actors.sh $(ONLY)

bench-embed: setup
	@$(MAKE) --no-print-directory $J all $T/bench-embed/embed
	@B='$B' T='$T' sh tests/bench/embed.sh
$T/bench-embed/embed: tests/bench/embed/embed.c $B/lib/libion.a
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $< -o $@ $B/lib/libion.a $(LIBS)

bench-ffi: setup
	@$(MAKE) --no-print-directory $J all
	@B='$B' T='$T' sh tests/bench/ffi.sh

# Also writes what was measured into docs/performance.md and docs/performance.svg.
bench-docs: bench
	@T='$T' sh tests/bench/docs.sh

# Each target is one file with LLVMFuzzerTestOneInput, linked with the compiler's sources built for coverage.
SECONDS := 60
FUZZ := $(patsubst tests/fuzz/%.c,$T/fuzz/%,$(wildcard tests/fuzz/*.c))
FUZZ_FLAGS := -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Iinclude \
	-iquote compiler -iquote runtime
FUZZ_SOURCES := $(addprefix compiler/,base.c package.c manifest.c semver.c depend.c crypto.c sign.c decode.c dialect.c verify.c encode.c lex.c number.c \
	asm.c asm_value.c asm_operand.c disasm.c)
$T/fuzz/%: tests/fuzz/%.c $(FUZZ_SOURCES) $(wildcard compiler/*.h include/ion/*.def)
	@mkdir -p $(@D)
	clang $(FUZZ_FLAGS) $< $(FUZZ_SOURCES) -o $@ -lzip -lsodium -lm
fuzz-programs: $(FUZZ)
fuzz: setup-fuzz
	@$(MAKE) --no-print-directory $J all fuzz-programs
	@B='$B' T='$T' PACKS='$(PACKS)' SECONDS_EACH='$(SECONDS)' sh tests/fuzz.sh $(notdir $(FUZZ))

# Long runs on two schedulers more than there are cores: a pool whose workers are killed all the time; a ring, a pool and storms of
# processes together. Nothing may be lost, and memory stays as it is.
chaos soak: setup
	@$(MAKE) --no-print-directory $J all
	@B='$B' T='$T' SANITIZE='$(SANITIZE)' sh tests/actors.sh $@ $(SECONDS)

.PHONY: embed-programs bench-embed bench-ffi bench-actors chaos soak test test-programs random random-light check-includes bench bench-docs fuzz fuzz-programs

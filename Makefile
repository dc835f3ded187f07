# ionc: IonPack bytecode to C. `make run` and `make test` set up, build and do what they say on a bare Debian.
#
#   make            build/bin/ionc, build/lib/libionc.a, build/lib/libionrt.a
#   make run        installs what is missing, builds, compiles an example and runs it
#   make test       installs what is missing, builds, runs all tests      SANITIZE=address,undefined
#   make install    PREFIX=/usr/local DESTDIR=
#   make bench-embed  what a host program pays for calls, packages, runtimes
#   make bench      compares with C, LuaJIT and Erlang, where they are installed   ROUNDS=5 ONLY="fib loop"
#   make bench-docs the same, and writes docs/performance.md and docs/performance.svg
#   make fuzz       coverage-guided fuzzing                               SECONDS=60
#   make bench-actors  processes and messages beside Erlang              ROUNDS=3 ONLY="ring"
#   make bench-ffi  calls of C functions beside C and LuaJIT             ROUNDS=5
#   make chaos, make soak  long runs on several schedulers               SECONDS=600

CC      ?= cc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
DESTDIR ?=
SANITIZE ?=

# Everything that is built lies below B; sanitized builds have a folder of their own.
comma := ,
B := build$(if $(SANITIZE),/san-$(subst $(comma),-,$(SANITIZE)))

WARN  := -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes
BASE  := -std=c11 -D_GNU_SOURCE $(WARN) -Iinclude -ffp-contract=off -MMD -MP
SAN   := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer -fPIC \
           $(if $(findstring thread,$(SANITIZE)),-Wno-tsan))
FLAGS := $(BASE) $(CFLAGS) $(SAN)
INCLUDES_compiler := -iquote compiler -iquote runtime
INCLUDES_runtime  := -iquote runtime
INCLUDES_embed    := -iquote compiler/embed -iquote compiler -iquote runtime
LIBS  := -lzip -lsodium -ldl -lm -lpthread

RUNTIME  := $(wildcard runtime/*.c)
COMPILER := $(filter-out compiler/main.c compiler/stub.c,$(wildcard compiler/*.c))
RUNTIME_O  := $(filter-out %/ffi.o,$(RUNTIME:%.c=$B/obj/%.o)) $B/obj/gen/ffi.o
COMPILER_O := $(filter-out %/jit.o,$(COMPILER:%.c=$B/obj/%.o)) $B/obj/gen/jit.o $B/obj/gen/abi_text.o

PROGRAMS := $B/bin/ionc $B/bin/ionvm $B/bin/iondis $B/bin/ionasm
PACKAGES := $B/share/ion/packages/supervision.ionpack
all: $(PROGRAMS) $B/lib/libionc.a $B/lib/libionrt.a $B/lib/libion.a $B/lib/libion.so $B/lib/pkgconfig/ion.pc $B/lib/ionstub $(PACKAGES)

# ---- libraries and programs ----

# Sanitizers and a debugger's symbols apart, the runtime is built to be small: each native executable carries it. Nothing
# unwinds the stack but debuggers, which have tables of their own.
$B/obj/runtime/%.o: runtime/%.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables $(INCLUDES_runtime) -c $< -o $@

# What runs once, or hardly ever.
COLD := alarm capability dump io lib_process limit park program report result run settings stats trace
$(COLD:%=$B/obj/runtime/%.o): FLAGS += $(if $(SANITIZE),,-Os)
$(COLD:%=$B/obj/runtime/%.o): Makefile

$B/obj/compiler/%.o: compiler/%.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(INCLUDES_compiler) -c $< -o $@

$B/obj/compiler/embed/%.o: compiler/embed/%.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(INCLUDES_embed) -c $< -o $@

# The ABI header as one string, the entry points' table inside: what libtcc and cc get in front of the generated C.
$B/obj/gen/abi_text.c: include/ion/abi.h include/ion/runtime.def Makefile
	@mkdir -p $(@D)
	(echo 'extern const char ion_abi_text[];'; echo 'const char ion_abi_text[] ='; \
	 sed -e '/#include "runtime.def"/{r include/ion/runtime.def' -e 'd}' include/ion/abi.h | \
	 sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/    "/' -e 's/$$/\\n"/'; echo '    ;') > $@

# What refers to data of the C library, and goes into libion.so.
PIC_O := $(addprefix $B/obj/,runtime/library.o runtime/natives.o runtime/run.o runtime/settings.o compiler/base.o compiler/jit.o compiler/search.o)
$(PIC_O): FLAGS += -fPIC
$(PIC_O) $(if $(SANITIZE),$(RUNTIME_O) $(COMPILER_O)): Makefile

# libtcc has hundreds of global names of its own, so it is linked into jit.o and all but jit.h's are made local. It refers to
# data of the C library in a way that does for executables only, and to exit and the like, so these get other names, which jit.c has.
$B/obj/gen/jit.o: $B/obj/compiler/jit.o
	@mkdir -p $(@D)
	objcopy --redefine-sym stdout=jit_stdout --redefine-sym stderr=jit_stderr --redefine-sym environ=jit_environ \
	    --redefine-sym exit=jit_exit --redefine-sym malloc=jit_malloc --redefine-sym realloc=jit_realloc \
	    $$($(CC) -print-file-name=libtcc.a) $(@D)/libtcc.a
	ld -r -o $@ $< $(@D)/libtcc.a
	objcopy --keep-global-symbol=jit_compile --keep-global-symbol=jit_compile_with --keep-global-symbol=jit_free $@

# libffi goes into the one object that uses it, so that what is linked with the runtime library needs no other.
$B/obj/gen/ffi.o: $B/obj/runtime/ffi.o
	@mkdir -p $(@D)
	ld -r -o $@ $< $$($(CC) -print-file-name=libffi_pic.a)
	objcopy --keep-global-symbol=ion_ffi $@

$B/obj/gen/abi_text.o: $B/obj/gen/abi_text.c
	$(CC) $(FLAGS) -c $< -o $@

$B/lib/libionrt.a: $(RUNTIME_O)
	@mkdir -p $(@D)
	rm -f $@ && ar rcs $@ $^

$B/lib/libionc.a: $(COMPILER_O)
	@mkdir -p $(@D)
	rm -f $@ && ar rcs $@ $^

# The library for host programs is one object, with no global names but ion.h's.
EMBED_O := $(patsubst %.c,$B/obj/%.o,$(wildcard compiler/embed/*.c))
$B/obj/gen/ion.o: $(EMBED_O) $(filter-out %/native.o %/cache.o %/run.o,$(COMPILER_O)) $(filter-out %/start.o,$(RUNTIME_O)) include/ion/ion.h
	@mkdir -p $(@D)
	ld -r -o $@ $(filter %.o,$^)
	grep -oE 'ion_(status|data|options|package|runtime|args)_[a-z_]+\(' include/ion/ion.h | tr -d '(' | sort -u > $(@D)/ion.names
	objcopy --keep-global-symbols=$(@D)/ion.names $@

$B/lib/libion.a: $B/obj/gen/ion.o
	@mkdir -p $(@D)
	rm -f $@ && ar rcs $@ $^

$B/lib/libion.so: $B/obj/gen/ion.o
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -shared -Wl,-soname,libion.so $^ -o $@ $(LIBS)

$B/lib/pkgconfig/ion.pc: Makefile
	@mkdir -p $(@D)
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: ion' 'Description: Ion programs inside other programs' 'Version: 0.1.0' \
	    'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lion' 'Libs.private: $(LIBS)' > $@

$B/bin/ionc: $B/obj/compiler/main.o $B/lib/libionc.a $B/lib/libionrt.a
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $^ -o $@ $(LIBS)

$B/bin/ionvm $B/bin/iondis $B/bin/ionasm: $B/bin/ionc
	ln -sf ionc $@

$B/lib/ionstub: $B/obj/compiler/stub.o $B/obj/gen/jit.o $B/lib/libionrt.a
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -s $^ -o $@ -ldl -lm -lpthread

# An example that tests use.
$B/bin/plugin-host: examples/plugin-host/plugin-host.c $B/lib/libion.a
	$(CC) $(FLAGS) $< -o $@ $B/lib/libion.a $(LIBS)

# The library packages that are installed: a manifest and text form.
$B/share/ion/packages/supervision.ionpack: examples/supervision/supervision.ion examples/supervision/supervision.iona \
    examples/supervision/children.iona $B/bin/ionc
	@mkdir -p $(@D)
	$B/bin/ionc --asm $(filter-out $B/bin/ionc,$^) -o $@

-include $(wildcard $B/obj/*/*.d $B/obj/*/*/*.d)

# ---- setting up ----

# Packages that the build, and the tests, need; each with a file that shows it is there.
NEED_BUILD := gcc:/usr/bin/gcc libc6-dev:/usr/include/stdio.h libzip-dev:/usr/include/zip.h libffi-dev:/usr/share/doc/libffi-dev \
	libtcc-dev:/usr/include/libtcc.h libsodium-dev:/usr/include/sodium.h
NEED_TEST  := tcc:/usr/bin/tcc clang:/usr/bin/clang

define install_missing
	@missing=; for need in $(1); do [ -e "$${need#*:}" ] || missing="$$missing $${need%%:*}"; done; \
	if [ -n "$$missing" ]; then \
	    echo "installing with apt-get:$$missing"; \
	    if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	    if ! { command -v apt-get >/dev/null && { [ -z "$$sudo" ] || command -v sudo >/dev/null; } && \
	        $$sudo apt-get update -qq && \
	        DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing; }; then \
	        echo "could not install them; by hand, as root: apt-get install$$missing" >&2; exit 1; \
	    fi; \
	fi
endef

NEED_FUZZ  := $(NEED_TEST) libclang-rt-14-dev:/usr/share/doc/libclang-rt-14-dev

setup:
	$(call install_missing,$(NEED_BUILD))

setup-test:
	$(call install_missing,$(NEED_BUILD) $(NEED_TEST))

setup-fuzz:
	$(call install_missing,$(NEED_BUILD) $(NEED_FUZZ))

EXAMPLE := hello
run: setup
	@$(MAKE) --no-print-directory all
	$B/bin/ionc --asm examples/$(EXAMPLE)/$(EXAMPLE).iona -o $B/$(EXAMPLE).ionpack
	$B/bin/ionc $B/$(EXAMPLE).ionpack -o $B/$(EXAMPLE)
	$B/$(EXAMPLE)

# ---- tests ----

include tests/tests.mk

# ---- the rest ----

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib $(DESTDIR)$(PREFIX)/include/ion
	install $B/bin/ionc $(DESTDIR)$(PREFIX)/bin
	for name in ionvm iondis ionasm; do ln -sf ionc $(DESTDIR)$(PREFIX)/bin/$$name; done
	install -m 644 $B/lib/libionc.a $B/lib/libionrt.a $B/lib/libion.a $(DESTDIR)$(PREFIX)/lib
	install $B/lib/libion.so $(DESTDIR)$(PREFIX)/lib
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig
	sed 's|^prefix=.*|prefix=$(PREFIX)|' $B/lib/pkgconfig/ion.pc > $(DESTDIR)$(PREFIX)/lib/pkgconfig/ion.pc
	install $B/lib/ionstub $(DESTDIR)$(PREFIX)/lib
	install -m 644 include/ion/*.h include/ion/*.def $(DESTDIR)$(PREFIX)/include/ion
	install -d $(DESTDIR)$(PREFIX)/share/ion/packages
	install -m 644 $(PACKAGES) $(DESTDIR)$(PREFIX)/share/ion/packages

clean:
	rm -rf build

.PHONY: all run setup setup-test setup-fuzz install clean
.DELETE_ON_ERROR:

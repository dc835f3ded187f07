/* main.c: the command line. One binary, four names: ionc, ionvm (runs), iondis (disassembles), ionasm (assembles).
 *
 * Two tables say it all: `modes`, what can be done and with how many operands, and `rows`, the options; --help prints
 * both. Exit status: 0, or the program's under --jit; 1 for bad input or output; 2 for bad usage. Each of the latter
 * two comes with one line on standard error. Invariant: what goes to standard output is written in one place, which
 * checks.
 */
#include "ionc.h"
#include "shared.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_BAD_INPUT = 1, EXIT_BAD_USAGE = 2 };

typedef enum mode { BUILD, JIT, EMIT_C, INFO, DEPS, LOCK, KEYGEN, SIGN, VERIFY, DISASM, EXPLAIN, ASM, HELP, VERSION } mode;
typedef enum output_rule { OUTPUT_NONE, OUTPUT_OPTIONAL, OUTPUT_REQUIRED } output_rule;

typedef struct command {
    options opt;
    int mode;
    const char *asked; /* the option that set the mode; NULL: none has */
    const char *output;
    const char *key; /* --sign's */
    char *allow, *deny;
    char **operands;
    uint32_t n;
} command;

static int run_build(compilation *c, const command *cmd);
static int run_jit(compilation *c, const command *cmd);
static int run_emit_c(compilation *c, const command *cmd);
static int run_info(compilation *c, const command *cmd);
static int run_deps(compilation *c, const command *cmd);
static int run_lock(compilation *c, const command *cmd);
static int run_keygen(compilation *c, const command *cmd);
static int run_sign(compilation *c, const command *cmd);
static int run_verify(compilation *c, const command *cmd);
static int run_disasm(compilation *c, const command *cmd);
static int run_explain(compilation *c, const command *cmd);
static int run_asm(compilation *c, const command *cmd);

static const struct mode_row {
    const char *usage, *help;
    uint32_t least, most; /* operands */
    output_rule output;
    int (*run)(compilation *, const command *);
} modes[] = {
    [BUILD] = {"ionc PACK -o FILE", "compile to a native executable", 1, 1, OUTPUT_REQUIRED, run_build},
    [JIT] = {"ionc --jit PACK [ARG...]", "compile in memory and run; also: ionvm [run] PACK [ARG...]", 1, UINT32_MAX,
             OUTPUT_NONE, run_jit},
    [EMIT_C] = {"ionc --emit-c PACK [-o FILE.c]", "write the C code", 1, 1, OUTPUT_OPTIONAL, run_emit_c},
    [INFO] = {"ionc --info PACK", "show what a package holds; also: ionvm info PACK", 1, 1, OUTPUT_NONE, run_info},
    [DEPS] = {"ionc --deps PACK", "show the packages that it depends on", 1, 1, OUTPUT_NONE, run_deps},
    [LOCK] = {"ionc --lock PACK [-o FILE]", "note which they are, for later builds, in PACK's .lock", 1, 1,
              OUTPUT_OPTIONAL, run_lock},
    [KEYGEN] = {"ionc --keygen FILE [NAME]", "make a key to sign with: FILE, and FILE.pub for others", 1, 2, OUTPUT_NONE,
                run_keygen},
    [SIGN] = {"ionc --sign KEY PACK [-o FILE]", "sign a package with a secret key", 1, 1, OUTPUT_OPTIONAL, run_sign},
    [VERIFY] = {"ionc --verify PACK", "say who signed a package, if it is as it was signed", 1, 1, OUTPUT_NONE, run_verify},
    [DISASM] = {"ionc --disasm PACK [CLASS]", "show the bytecode of a package or .ionc file; also: iondis", 1, 2,
                OUTPUT_OPTIONAL, run_disasm},
    [EXPLAIN] = {"ionc --explain PACK [FUNCTION]", "show what was made of each function, and why", 1, 2, OUTPUT_OPTIONAL,
                 run_explain},
    [ASM] = {"ionc --asm SOURCE... -o PACK", "make a package of text form and folders; also: ionasm", 1, UINT32_MAX,
             OUTPUT_REQUIRED, run_asm},
    [HELP] = {"ionc --help", "this text", 0, 0, OUTPUT_NONE, NULL},
    [VERSION] = {"ionc --version", "the version", 0, 0, OUTPUT_NONE, NULL},
};

typedef enum row_kind { SET_MODE, SET_FLAG, SET_INT, SET_U32, SET_U64, SET_TEXT, SET_NO_OPT, SET_LIMIT, SET_GRANTS, SET_FOLDER, SET_SIGN } row_kind;

#define AT(field) offsetof(command, field)
static const struct option_row {
    const char *name, *other; /* other: a second name or NULL */
    const char *arg;          /* what the help calls the argument; NULL: none */
    const char *help;         /* NULL: shown by a mode */
    row_kind kind;
    size_t at;            /* of the field in a command */
    uint64_t least, most; /* numbers: the range. SET_MODE: least is the mode */
} rows[] = {
    {"--jit", NULL, NULL, NULL, SET_MODE, 0, JIT, 0},
    {"--emit-c", NULL, NULL, NULL, SET_MODE, 0, EMIT_C, 0},
    {"--info", NULL, NULL, NULL, SET_MODE, 0, INFO, 0},
    {"--deps", NULL, NULL, NULL, SET_MODE, 0, DEPS, 0},
    {"--lock", NULL, NULL, NULL, SET_MODE, 0, LOCK, 0},
    {"--keygen", NULL, NULL, NULL, SET_MODE, 0, KEYGEN, 0},
    {"--sign", NULL, "KEY", NULL, SET_SIGN, AT(key), 0, 0},
    {"--verify", NULL, NULL, NULL, SET_MODE, 0, VERIFY, 0},
    {"--disasm", NULL, NULL, NULL, SET_MODE, 0, DISASM, 0},
    {"--explain", NULL, NULL, NULL, SET_MODE, 0, EXPLAIN, 0},
    {"--asm", NULL, NULL, NULL, SET_MODE, 0, ASM, 0},
    {"--help", "-h", NULL, NULL, SET_MODE, 0, HELP, 0},
    {"--version", NULL, NULL, NULL, SET_MODE, 0, VERSION, 0},
    {"-o", NULL, "FILE", "write the result to FILE", SET_TEXT, AT(output), 0, 0},
    {"-L", NULL, "DIR", "look for packages in DIR too, before $ION_PATH", SET_FOLDER, 0, 0, 0},
    {"--registry", NULL, "WHERE", "and in a registry, a folder or an address; default $ION_REGISTRY", SET_TEXT,
     AT(opt.registry), 0, 0},
    {"--lock-file", NULL, "FILE", "the lock; default PACK's .lock, where there is one", SET_TEXT, AT(opt.lock_file), 0, 0},
    {"--require-signature", NULL, "KEYS", "all packages must be signed by one of KEYS: a file, or a key", SET_TEXT, AT(opt.keys), 0, 0},
    {"--update", NULL, NULL, "choose packages anew, whatever the lock says", SET_FLAG, AT(opt.update), 0, 0},
    {"-O", NULL, "0..3", "optimisation; default -O2", SET_INT, AT(opt.opt_level), 0, 3},
    {"--no-opt", NULL, "NAME,...", "leave out optimisations, listed below", SET_NO_OPT, AT(opt.without), 0, 0},
    {"-j", NULL, "N", "C compilers at work side by side; default: one a core", SET_U32, AT(opt.jobs), 1, 1024},
    {"--no-cache", NULL, NULL, "compile also what has been compiled before", SET_FLAG, AT(opt.no_cache), 0, 0},
    {"--unit", NULL, "N", "instructions in a C file; programs of twice as many are split; default 5000", SET_U32,
     AT(opt.unit_size), 1, UINT32_MAX},
    {"-g", NULL, NULL, "debug information", SET_FLAG, AT(opt.debug_info), 0, 0},
    {"--shared", NULL, NULL, "make a shared object for host programs instead of an executable", SET_FLAG, AT(opt.shared), 0, 0},
    {"--cc", NULL, "CMD", "the C compiler; default $CC, then cc, gcc, clang, tcc", SET_TEXT, AT(opt.cc), 0, 0},
    {"--exact", NULL, NULL, "one thread, virtual time, a look at the slice after each instruction", SET_FLAG,
     AT(opt.exact), 0, 0},
    {"--timeslice", NULL, "N", "reductions in a slice; default 2000", SET_U32, AT(opt.timeslice), 1, UINT32_MAX},
    {"--schedulers", NULL, "N", "threads that run processes; default one a core, 1 with --exact", SET_U32, AT(opt.schedulers), 1, 256},
    {"--limit", NULL, "NAME=VALUE", "keep the program, or each process, to a limit, listed below", SET_LIMIT, AT(opt.limit), 0, 0},
    {"--allow", NULL, "LIST", "the capabilities that the program is granted, listed below; default all", SET_GRANTS, AT(allow), 0, 0},
    {"--deny", NULL, "LIST", "capabilities that it is not granted", SET_GRANTS, AT(deny), 0, 0},
    {"--dialect", NULL, "N", "read or write classes in dialect N, 1 to 5", SET_INT, AT(opt.dialect), 1, 5},
    {"--debug", "-d", NULL, "trace the program", SET_FLAG, AT(opt.trace), 0, 0},
    {"--print-result", NULL, NULL, "print the main process's result at the end", SET_FLAG, AT(opt.print_result), 0, 0},
    {"-v", "--verbose", NULL, "say what is done", SET_FLAG, AT(opt.verbose), 0, 0},
    {"--max-class", NULL, "N", "most bytes of a class; default 64M", SET_U64, AT(opt.max_class), 1, UINT64_MAX},
    {"--max-code", NULL, "N", "most instructions of a class; default 8M", SET_U64, AT(opt.max_code), 1, UINT64_MAX},
    {"--max-unpacked", NULL, "N", "most bytes of a package unpacked; default 1G", SET_U64, AT(opt.max_unpacked), 1,
     UINT64_MAX},
    {"--max-ratio", NULL, "N", "highest compression ratio; default 1000", SET_U64, AT(opt.max_ratio), 1, UINT64_MAX},
};
enum { ROWS = sizeof rows / sizeof *rows, MODES = sizeof modes / sizeof *modes };

/* ---- output ---- */

static void write_stdout(const char *data, size_t n)
{
    if (fwrite(data, 1, n, stdout) == n && fflush(stdout) == 0)
        return;
    fprintf(stderr, "ionc: cannot write to standard output: %s\n", strerror(errno));
    exit(EXIT_BAD_INPUT);
}

static void write_output(compilation *c, const char *path, const char *data, size_t n)
{
    if (path)
        write_file(c, path, data, n, 0644);
    else
        write_stdout(data, n);
}

static _Noreturn void __attribute__((format(printf, 1, 2))) bad_usage(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fputs("ionc: ", stderr);
    vfprintf(stderr, format, list);
    va_end(list);
    fputs(" (ionc --help shows the usage)\n", stderr);
    exit(EXIT_BAD_USAGE);
}

static void show_help(void)
{
    char *data = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&data, &n);
    if (!out)
        bad_usage("out of memory");
    for (int i = 0; i < MODES; i++)
        fprintf(out, "%s%-32s %s\n", i ? "       " : "usage: ", modes[i].usage, modes[i].help);
    fputs("\noptions:\n", out);
    for (int i = 0; i < ROWS; i++) {
        if (!rows[i].help)
            continue;
        char name[60];
        bool attached = strlen(rows[i].name) == 2 && rows[i].kind == SET_INT;
        snprintf(name, sizeof name, "%s%s%s%s%s", rows[i].name, rows[i].other ? ", " : "",
                 rows[i].other ? rows[i].other : "", rows[i].arg && !attached ? " " : "",
                 rows[i].arg ? rows[i].arg : "");
        fprintf(out, "  %-22s %s\n", name, rows[i].help);
    }
    fputs("\noptimisations, for --no-opt:\n", out);
    for (int i = 0; i < OPT_COUNT; i++)
        fprintf(out, "  %-22s %s\n", optimisations[i].name, optimisations[i].text);
    fputs("\nlimits, for --limit:\n", out);
    for (int i = 0; i < LIMITS; i++)
        fprintf(out, "  %-22s %s\n", limit_rows[i].name, limit_rows[i].what);
    fputs("\ncapabilities, for --allow and --deny:\n", out);
    for (int i = 0; i < CAPABILITIES; i++)
        fprintf(out, "  %-22s %s\n", capability_rows[i].name, capability_rows[i].what);
    fputs("  none, pure, stdio, all nothing; what stays inside the program; that and the three streams; everything\n", out);
    fputs("\nSizes may end in K, M or G. Behind --jit PACK everything belongs to the program.\n", out);
    fclose(out);
    write_stdout(data, n);
    free(data);
}

/* ---- options ---- */

static bool parse_number(const char *s, uint64_t *out)
{
    char *end;
    if (*s < '0' || *s > '9')
        return false;
    errno = 0;
    *out = strtoull(s, &end, 10);
    static const char suffixes[] = "KMG";
    const char *suffix = *end ? strchr(suffixes, *end) : NULL;
    unsigned shift = suffix ? 10 * (unsigned)(suffix - suffixes + 1) : 0;
    if (errno || (suffix && *out > UINT64_MAX >> shift))
        return false;
    *out <<= shift;
    return end[suffix != NULL] == 0;
}

static void set_number(command *cmd, const struct option_row *row, const char *what)
{
    uint64_t n;
    if (!parse_number(what, &n) || n < row->least || n > row->most)
        bad_usage("%s takes a number from %llu to %llu, not %s", row->name, (unsigned long long)row->least,
                  (unsigned long long)row->most, what);
    char *field = (char *)cmd + row->at;
    if (row->kind == SET_INT)
        *(int *)(void *)field = (int)n;
    else if (row->kind == SET_U32)
        *(uint32_t *)(void *)field = (uint32_t)n;
    else
        *(uint64_t *)(void *)field = n;
}

static _Noreturn void no_such_optimisation(const char *name, size_t n)
{
    static const char known[] =
#define ION_OPTIMISATION(id, name, text) ", " name
#include "optimisations.def"
#undef ION_OPTIMISATION
        ;
    bad_usage("no optimisation '%.*s'; there are %s", (int)n, name, known + 2);
}

/* Names with commas between them. */
static void set_no_opt(uint64_t *without, const char *names)
{
    for (const char *name = names, *end;; name = end + 1) {
        size_t n = strcspn(name, ",");
        int i = 0;
        while (i < OPT_COUNT && (strlen(optimisations[i].name) != n || memcmp(optimisations[i].name, name, n) != 0))
            i++;
        if (i == OPT_COUNT)
            no_such_optimisation(name, n);
        *without |= UINT64_C(1) << i;
        end = name + n;
        if (!*end)
            return;
    }
}

static _Noreturn void no_such_limit(const char *what)
{
    static const char known[] =
#define ION_LIMIT(id, name, reason, unit, what) ", " name
#include "ion/limits.def"
#undef ION_LIMIT
        ;
    bad_usage("--limit takes NAME=VALUE, not %s; there are %s", what, known + 2);
}

static void set_limit(uint64_t *limits, const char *what)
{
    size_t n = strcspn(what, "=");
    limit which = limit_find(what, n);
    if (which == LIMITS || !what[n])
        no_such_limit(what);
    if (!limit_value(which, what + n + 1, &limits[which]))
        bad_usage("--limit %s takes a number, with k, M or G behind it or not, not %s", limit_rows[which].name,
                  what + n + 1);
}

static void add_folder(command *cmd, const char *folder)
{
    options *o = &cmd->opt;
    const char **more = realloc(o->folders, (o->nfolders + 1) * sizeof *more);
    if (!more)
        bad_usage("out of memory");
    o->folders = more;
    o->folders[o->nfolders++] = folder;
}

/* Lists given in turn are one, on the allocator's heap. */
static void set_grants(char **list, const char *option, const char *what)
{
    static const char known[] =
#define ION_CAPABILITY(id, name, what) ", " name
#define ION_PRESET(name, bits)         ", " name
#include "ion/capabilities.def"
#undef ION_CAPABILITY
#undef ION_PRESET
        ;
    const char *bad;
    size_t n;
    if (!capability_list(what, &bad, &n))
        bad_usage("%s: no capability '%.*s'; there are %s, ffi:LIBRARY", option, (int)n, bad, known + 2);
    size_t room = strlen(what) + (*list ? strlen(*list) : 0) + 2;
    char *all = malloc(room);
    if (!all)
        bad_usage("out of memory");
    snprintf(all, room, "%s%s%s", *list ? *list : "", *list ? "," : "", what);
    free(*list);
    *list = all;
}

/* One thing is done at a time: --verify --jit must not run what it has not verified. Help and version go before all. */
static void set_mode(command *cmd, mode m, const char *option)
{
    bool told = m == HELP || m == VERSION, telling = cmd->mode == HELP || cmd->mode == VERSION;
    if (cmd->asked && cmd->mode != (int)m && !told && !telling)
        bad_usage("%s and %s do not go together", cmd->asked, option);
    if (telling && !told)
        return;
    cmd->mode = (int)m;
    cmd->asked = option;
}

static void set_option(command *cmd, const struct option_row *row, const char *what)
{
    char *field = (char *)cmd + row->at;
    switch (row->kind) {
    case SET_MODE: set_mode(cmd, (mode)row->least, row->name); break;
    case SET_FLAG: *(bool *)(void *)field = true; break;
    case SET_TEXT: *(const char **)(void *)field = what; break;
    case SET_LIMIT: set_limit((uint64_t *)(void *)field, what); break;
    case SET_SIGN:
        set_mode(cmd, SIGN, row->name);
        *(const char **)(void *)field = what;
        break;
    case SET_FOLDER: add_folder(cmd, what); break;
    case SET_GRANTS: set_grants((char **)(void *)field, row->name, what); break;
    case SET_NO_OPT: set_no_opt((uint64_t *)(void *)field, what); break;
    default: set_number(cmd, row, what); break;
    }
}

/* The row for an argument. *what: what is attached to it (`-O2`, `--dialect=4`, `-ofile`), NULL if nothing. */
static const struct option_row *find_option(const char *arg, const char **what)
{
    for (int i = 0; i < ROWS; i++) {
        const struct option_row *row = &rows[i];
        size_t n = strlen(row->name);
        *what = NULL;
        if (strcmp(arg, row->name) == 0 || (row->other && strcmp(arg, row->other) == 0))
            return row;
        if (!row->arg || strncmp(arg, row->name, n) != 0)
            continue;
        *what = arg + n + (arg[n] == '=');
        if (n == 2 || arg[n] == '=')
            return row;
    }
    return NULL;
}

/* Takes the option at argv[i]; returns how many arguments it took. */
static int take_option(command *cmd, int argc, char **argv, int i)
{
    const char *what;
    const struct option_row *row = find_option(argv[i], &what);
    if (!row)
        bad_usage("unknown option %s", argv[i]);
    if (!row->arg || what) {
        set_option(cmd, row, what);
        return 1;
    }
    if (i + 1 >= argc)
        bad_usage("%s needs an argument", argv[i]);
    set_option(cmd, row, argv[i + 1]);
    return 2;
}

/* Operands are moved to the front of argv, which keeps their order. With --jit the first one ends the options. */
static void parse_arguments(command *cmd, int argc, char **argv)
{
    bool options_over = false;
    cmd->operands = argv;
    for (int i = 0; i < argc;) {
        if (options_over || argv[i][0] != '-' || argv[i][1] == 0) {
            cmd->operands[cmd->n++] = argv[i++];
            options_over |= cmd->mode == JIT;
        } else if (strcmp(argv[i], "--") == 0) {
            options_over = true;
            i++;
        } else {
            i += take_option(cmd, argc, argv, i);
        }
    }
    cmd->operands[cmd->n] = NULL;
}

static void check_usage(const command *cmd)
{
    const struct mode_row *m = &modes[cmd->mode];
    if (cmd->n < m->least)
        bad_usage(cmd->mode == ASM ? "no source given" : "no package given");
    if (cmd->n > m->most)
        bad_usage("one operand too many: %s", cmd->operands[m->most]);
    if (m->output == OUTPUT_REQUIRED && !cmd->output)
        bad_usage("no output given: -o FILE is missing");
    if (m->output == OUTPUT_NONE && cmd->output && m->run)
        bad_usage("-o has no meaning here");
    if (cmd->opt.shared && cmd->mode != BUILD)
        bad_usage("--shared has no meaning here");
    if (cmd->opt.exact && cmd->opt.schedulers > 1)
        bad_usage("--exact is with one scheduler, not %u", cmd->opt.schedulers);
}

/* What the name under which we were called, or ionvm's first word, presets. Returns the arguments to skip. */
static int preset_mode(command *cmd, int argc, char **argv)
{
    static const struct {
        const char *name, *word;
        mode mode;
    } presets[] = {
        {"ionvm", "run", JIT}, {"ionvm", "info", INFO},  {"ionvm", "help", HELP},
        {"ionvm", NULL, JIT},  {"iondis", NULL, DISASM}, {"ionasm", NULL, ASM},
    };
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    const char *called = slash ? slash + 1 : argc ? argv[0] : "";
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        const char *word = presets[i].word;
        if (strcmp(called, presets[i].name) != 0 || (word && (argc < 2 || strcmp(argv[1], word) != 0)))
            continue;
        cmd->mode = (int)presets[i].mode;
        return word ? 2 : 1;
    }
    return argc ? 1 : 0;
}

/* ---- modes ---- */

static int run_build(compilation *c, const command *cmd)
{
    emit_options how = {.split = !c->opt.debug_info && native_compiler(c), .comments = c->opt.debug_info, .carry = carry_possible()};
    if (c->opt.shared)
        c->opt.without |= UINT64_C(1) << OPT_REACH; /* the host may call any function */
    c_code *code = compile_to_c(c, cmd->operands[0], !c->opt.shared, how);
    if (c->opt.shared)
        buf_puts(&code->units[code->n - 1].body, shared_text(c));
    native_build(c, code, cmd->output);
    return 0;
}

static int run_jit(compilation *c, const command *cmd)
{
    emit_options how = {.carry = true};
    return jit_run(c, compile_to_c(c, cmd->operands[0], true, how), (int)cmd->n - 1, cmd->operands + 1);
}

static int run_emit_c(compilation *c, const command *cmd)
{
    emit_options how = {.comments = true};
    const unit *u = compile_to_c(c, cmd->operands[0], false, how)->units;
    const piece text[] = {{u->head.data, u->head.len}, {u->body.data, u->body.len}};
    if (cmd->output)
        write_pieces(c, cmd->output, text, 2, 0644);
    for (int i = 0; !cmd->output && i < 2; i++)
        write_stdout(text[i].data, text[i].n);
    return 0;
}

static int run_info(compilation *c, const command *cmd)
{
    text info = package_info(c, cmd->operands[0]);
    write_output(c, NULL, info.s, info.n);
    return 0;
}

static int run_deps(compilation *c, const command *cmd)
{
    text tree = packs_tree(c, resolve(c, cmd->operands[0]));
    write_output(c, NULL, tree.s, tree.n);
    return 0;
}

static int run_lock(compilation *c, const command *cmd)
{
    c->opt.locking = true;
    packs_lock(c, resolve(c, cmd->operands[0]), cmd->output);
    return 0;
}

static int run_keygen(compilation *c, const command *cmd)
{
    keys_write(c, cmd->operands[0], cmd->n > 1 ? cmd->operands[1] : "");
    return 0;
}

static int run_sign(compilation *c, const command *cmd)
{
    package *p = package_read(c, cmd->operands[0]);
    manifest_parse(c, p);
    package_sign(c, p, cmd->key);
    package_write(c, p, cmd->output ? cmd->output : cmd->operands[0]);
    return 0;
}

static int run_verify(compilation *c, const command *cmd)
{
    const package *p = package_read(c, cmd->operands[0]);
    signer s = signature_check(c, p);
    signature_require(c, p);
    const char *line = arena_format(c, "signed by ed25519:%s%s%s\n", s.key, *s.name ? " " : "", s.name);
    write_stdout(line, strlen(line));
    return 0;
}

static int run_disasm(compilation *c, const command *cmd)
{
    text listing = package_listing(c, cmd->operands[0], cmd->n > 1 ? cmd->operands[1] : NULL);
    write_output(c, cmd->output, listing.s, listing.n);
    return 0;
}

static int run_explain(compilation *c, const command *cmd)
{
    text explanation = package_explanation(c, cmd->operands[0], cmd->n > 1 ? cmd->operands[1] : NULL);
    write_output(c, cmd->output, explanation.s, explanation.n);
    return 0;
}

static int run_asm(compilation *c, const command *cmd)
{
    package_write(c, package_assemble(c, cmd->operands, cmd->n), cmd->output);
    return 0;
}

static int run(const command *cmd)
{
    compilation *c = compilation_new(cmd->operands[0], &cmd->opt, NULL, NULL);
    if (!c) {
        fputs("ionc: out of memory\n", stderr);
        return EXIT_BAD_INPUT;
    }
    int status;
    if (COMPILATION_TRY(c)) {
        status = modes[cmd->mode].run(c, cmd);
    } else {
        fprintf(stderr, "ionc: %s\n", c->message);
        status = EXIT_BAD_INPUT;
    }
    compilation_free(c);
    return status;
}

int main(int argc, char **argv)
{
    static const char version[] = "ionc " IONC_VERSION "\n";
    command cmd = {.opt = options_default(), .mode = BUILD};
    int status = 0;
    int skip = preset_mode(&cmd, argc, argv);
    parse_arguments(&cmd, argc - skip, argv + skip);
    if (cmd.mode == HELP)
        show_help();
    else if (cmd.mode == VERSION)
        write_stdout(version, sizeof version - 1);
    else {
        check_usage(&cmd);
        cmd.opt.allow = cmd.allow;
        cmd.opt.deny = cmd.deny;
        status = run(&cmd);
    }
    free(cmd.opt.folders);
    free(cmd.allow);
    free(cmd.deny);
    return status;
}

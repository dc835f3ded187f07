/* lib_io.c: the library's printing, standard input, and resources.
 *
 * All that prints goes the same way: values are prepared (ask.c), then written as one text. A function that was left
 * while objects were asked finds in fp->fn which of them it is.
 */
#include "io.h"
#include "messages.h"
#include "native.h"
#include "number.h"
#include "str.h"

static void put_values(outbuf *o, const printed *what)
{
    for (uint32_t i = 0; i < what->n; i++) {
        out_puts(o, i ? ", " : "");
        print_value(o, what->values[i], &what->texts);
    }
}

static void put_line(outbuf *o, const printed *what)
{
    put_values(o, what);
    out_puts(o, "\n");
}

static void put_debug(outbuf *o, const printed *what)
{
    print_debug(o, what->values[0], &what->texts);
    out_puts(o, "\n");
}

/* Writes what `put` makes of the values. */
static NOT_INLINE ion_value finish(ion_process *p, ion_frame *fp, printed *what, void put(outbuf *, const printed *),
                                   void write(runtime *, const char *, size_t))
{
    char storage[512];
    outbuf o = out_start(storage, sizeof storage);
    put(&o, what);
    ion_value v = ION_UNIT;
    if (o.failed)
        v = native_out_failed(p, fp, &o);
    else if (ION_UNLIKELY(runtime_of(proc_of(p))->printing))
        v = output_take(p, fp, o.len);
    if (v == ION_UNIT)
        write(runtime_of(proc_of(p)), o.data, o.len);
    proc_charge(p, o.len);
    out_free(&o);
    printed_free(what);
    return v;
}

/* Prepares the arguments. */
static ion_value prepare(ion_process *p, ion_frame *fp, ion_u32 argc, printed *what)
{
    return argc == ION_RESUMED ? ask_resumed(p, fp, what) : ask_str(p, fp, &fp->r[0].v, argc, ION_UNDEFINED, what);
}

ion_value lib_Print(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    printed what;
    ion_value v = prepare(p, fp, argc, &what);
    return v == ION_UNIT ? finish(p, fp, &what, put_values, io_out) : v;
}

ion_value lib_PrintLn(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    printed what;
    ion_value v = prepare(p, fp, argc, &what);
    return v == ION_UNIT ? finish(p, fp, &what, put_line, io_out) : v;
}

ion_value lib_Debug(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    printed what;
    ion_value v = prepare(p, fp, argc, &what);
    return v == ION_UNIT ? finish(p, fp, &what, put_debug, io_out) : v;
}

ion_value lib_Eprint(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    printed what;
    ion_value v = prepare(p, fp, argc, &what);
    return v == ION_UNIT ? finish(p, fp, &what, put_line, io_err) : v;
}

/* ---- formats ---- */

typedef enum piece_kind { PIECE_END, PIECE_TEXT, PIECE_VALUE, PIECE_BAD } piece_kind;

/* A format string that is taken apart from the left. */
typedef struct format {
    const char *at, *end;
    uint64_t turn; /* the value of the next {} */
} format;

static format format_start(ion_value s)
{
    return (format){string_bytes(s), string_bytes(s) + string_len(s), 0};
}

/* What stands in braces, behind the opening one: nothing, or digits. */
static piece_kind format_value(format *f, uint64_t *value)
{
    const char *digits = f->at;
    *value = 0;
    for (; f->at < f->end && *f->at >= '0' && *f->at <= '9'; f->at++)
        if (*value < UINT32_MAX) /* more is too many in any case */
            *value = *value * 10 + (uint64_t)(*f->at - '0');
    if (f->at == f->end || *f->at != '}')
        return PIECE_BAD;
    if (f->at++ == digits)
        *value = f->turn++;
    return PIECE_VALUE;
}

/* The next piece: *text and *n, or *value. */
static piece_kind format_next(format *f, const char **text, size_t *n, uint64_t *value)
{
    if (f->at == f->end)
        return PIECE_END;
    *text = f->at;
    *n = 1;
    if (*f->at != '{' && *f->at != '}') {
        while (f->at < f->end && *f->at != '{' && *f->at != '}')
            f->at++;
        *n = (size_t)(f->at - *text);
        return PIECE_TEXT;
    }
    char brace = *f->at++;
    if (f->at < f->end && *f->at == brace) {
        f->at++;
        return PIECE_TEXT;
    }
    return brace == '{' ? format_value(f, value) : PIECE_BAD;
}

/* Writes the format, what->extra; what->values are those of its places, in order. */
static void put_format(outbuf *o, const printed *what)
{
    format f = format_start(what->extra);
    const char *text;
    size_t n;
    uint64_t value;
    uint32_t next = 0;
    for (piece_kind k; (k = format_next(&f, &text, &n, &value)) != PIECE_END;)
        if (k == PIECE_TEXT)
            out_put(o, text, n);
        else
            print_value(o, what->values[next++], &what->texts);
}

/* Gathers the values of a format's places. Returns 0 or the error atom or ION_LEAVE. */
static ion_value format_values(ion_process *p, ion_frame *fp, ion_u32 argc, outbuf *values)
{
    format f = format_start(fp->r[0].v);
    const char *text;
    size_t n;
    uint64_t value;
    for (piece_kind k; (k = format_next(&f, &text, &n, &value)) != PIECE_END;) {
        if (k == PIECE_BAD)
            return native_error(p, fp, MSG_FFI_RUNTIME, MSG_FORMAT_BAD);
        if (k == PIECE_VALUE && value >= argc - 1)
            return native_error(p, fp, MSG_FFI_RUNTIME, MSG_FORMAT_FEW);
        if (k == PIECE_VALUE)
            out_put(values, (const char *)&fp->r[1 + value].v, sizeof(ion_value));
    }
    return values->failed ? native_out_failed(p, fp, values) : 0;
}

ion_value lib_PrintF(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    printed what;
    outbuf values = {0};
    ion_value v;
    if (argc == ION_RESUMED) {
        v = ask_resumed(p, fp, &what);
    } else {
        v = format_values(p, fp, argc, &values);
        if (!v)
            v = ask_str(p, fp, (const ion_value *)(const void *)values.data, (uint32_t)(values.len / sizeof(ion_value)),
                        fp->r[0].v, &what);
    }
    if (v == ION_UNIT)
        v = finish(p, fp, &what, put_format, io_out);
    out_free(&values);
    return v;
}

/* ---- input ---- */

ion_value lib_ReadLine(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc; /* when resumed there should be a line; if somebody else has taken it, the process waits again */
    outbuf line = {0};
    int got = io_read_line(runtime_of(proc_of(p)), &line);
    if (got < 0)
        return proc_wait(p, fp, WAIT_INPUT);
    ion_value v = !got          ? ION_UNDEFINED
                  : line.failed ? native_out_failed(p, fp, &line)
                                : str_new(p, fp, line.data, line.len);
    out_free(&line);
    return v;
}

/* ---- resources ---- */

static const ion_resource *find_resource(const ion_program *program, const char *name, size_t n)
{
    for (ion_u32 i = 0; i < program->nresources; i++)
        if (strlen(program->resources[i].name) == n && memcmp(program->resources[i].name, name, n) == 0)
            return &program->resources[i];
    return NULL;
}

/* By path, or by `package/path`, which the program's own have too. */
ion_value lib_ReadResource(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    const ion_program *program = runtime_of(proc_of(p))->program;
    const char *name = string_bytes(fp->r[0].v);
    size_t n = string_len(fp->r[0].v), own = strlen(program->name);
    const ion_resource *r = find_resource(program, name, n);
    if (!r && n > own && memcmp(name, program->name, own) == 0 && name[own] == '/')
        r = find_resource(program, name + own + 1, n - own - 1);
    return r ? str_new(p, fp, r->data, r->size) : ION_UNDEFINED;
}

ion_value lib_Resources(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    (void)argc;
    const ion_program *program = runtime_of(proc_of(p))->program;
    uint64_t room = 0;
    for (ion_u32 i = 0; i < program->nresources; i++)
        room += str_room(strlen(program->resources[i].name));
    ion_value v = native_array(p, fp, program->nresources, room, NULL, 0);
    for (ion_u32 i = 0; v != ION_LEAVE && i < program->nresources; i++) {
        const char *name = program->resources[i].name;
        ion_value s = str_place(p, name, strlen(name));
        if (!s)
            return proc_no_memory(p, fp);
        AS(array, v)->store->items[i] = s;
    }
    return v;
}

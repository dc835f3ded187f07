/* lib_io.c: the library's printing, standard input, and resources.
 *
 * All that prints goes the same way: values are prepared (ask.c), then written as one text. A function that was left
 * while objects were asked finds in fp->fn which of them it is.
 */
#include "io.h"
#include "messages.h"
#include "show.h"
#include "number.h"
#include "str.h"

enum { LONG_TEXT = 64 * 1024 }; /* bytes that are written piece by piece */

/* Writes the text, if the process may. */
static ion_value finish(ion_process *p, ion_frame *fp, show *s, bool error)
{
    runtime *rt = runtime_of(proc_of(p));
    if (s->out.failed)
        return native_out_failed(p, fp, &s->out);
    if (ION_UNLIKELY(rt->printing) && output_take(p, fp, s->out.len) == ION_LEAVE)
        return ION_LEAVE;
    proc_charge(p, s->out.len);
    if (error) {
        io_err(rt, s->out.data, s->out.len);
    } else if (s->out.len < LONG_TEXT) {
        io_out(rt, s->out.data, s->out.len);
    } else {
        io_out_long(rt, &s->out);
        s->phase = SHOW_WRITE;
    }
    return ION_UNIT;
}

static ion_value finish_out(ion_process *p, ion_frame *fp, show *s)
{
    return finish(p, fp, s, false);
}

static ion_value finish_err(ion_process *p, ion_frame *fp, show *s)
{
    return finish(p, fp, s, true);
}

/* The values with commas in between. */
static show_next next_value(show *s, ion_value *v)
{
    if (s->at == s->n)
        return SHOW_END;
    if (s->at)
        out_put(&s->out, ", ", 2);
    *v = s->values[s->at];
    return SHOW_VALUE;
}

static show_next next_line(show *s, ion_value *v)
{
    show_next what = next_value(s, v);
    if (what == SHOW_END)
        out_put(&s->out, "\n", 1);
    return what;
}

static show_next next_debug(show *s, ion_value *v)
{
    type t = type_of(s->values[0]);
    if (s->at) {
        out_puts(&s->out, t == TYPE_STRING ? "\"\n" : "\n");
        return SHOW_END;
    }
    out_puts(&s->out, "[DEBUG] ");
    out_puts(&s->out, type_names[t]);
    out_puts(&s->out, t == TYPE_STRING ? ": \"" : t == TYPE_ATOM ? ": :" : ": ");
    *v = s->values[0];
    return SHOW_VALUE;
}

static ion_value print(ion_process *p, ion_frame *fp, ion_u32 argc, const show_kind *kind)
{
    return show_values(p, fp, argc, kind, &fp->r[0].v, argc, ION_UNDEFINED, NULL);
}

ion_value lib_Print(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    static const show_kind kind = {next_value, finish_out};
    return print(p, fp, argc, &kind);
}

ion_value lib_PrintLn(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    static const show_kind kind = {next_line, finish_out};
    return print(p, fp, argc, &kind);
}

ion_value lib_Debug(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    static const show_kind kind = {next_debug, finish_out};
    return print(p, fp, argc, &kind);
}

ion_value lib_Eprint(ion_process *p, ion_frame *fp, ion_u32 argc)
{
    static const show_kind kind = {next_line, finish_err};
    return print(p, fp, argc, &kind);
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

/* The next piece of the format, s->extra; s->values are those of its places, in order. */
static show_next next_piece(show *s, ion_value *v)
{
    format f = format_start(s->extra);
    const char *text;
    size_t n;
    uint64_t value;
    f.at += s->format_at;
    piece_kind k = format_next(&f, &text, &n, &value);
    s->format_at = (size_t)(f.at - string_bytes(s->extra));
    if (k == PIECE_END)
        return SHOW_END;
    if (k == PIECE_TEXT)
        return show_text(s, text, n);
    *v = s->values[s->format_next++];
    return SHOW_VALUE;
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
    static const show_kind kind = {next_piece, finish_out};
    if (argc == ION_RESUMED)
        return show_values(p, fp, argc, &kind, NULL, 0, ION_UNDEFINED, NULL);
    outbuf values = {0};
    ion_value v = format_values(p, fp, argc, &values);
    if (!v)
        v = show_values(p, fp, argc, &kind, (const ion_value *)(const void *)values.data,
                        (uint32_t)(values.len / sizeof(ion_value)), fp->r[0].v, &values);
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

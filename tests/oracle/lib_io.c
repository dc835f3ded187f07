/* lib_io.c: what prints, ReadLine, resources.
 *
 * Everything that prints first asks every object concerned for its `__str__`, then makes its text in one go. In
 * between it stands still, with the walk in f->data.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib.h"

/* A piece of a PrintF format: a text, or an argument. */
typedef struct piece {
    const char *text;
    size_t n;
    uint32_t arg; /* place among the registers; 0: a text */
} piece;

typedef struct job {
    walk walk;
    value things;   /* a list of what is going to be printed, in order */
    object **found; /* whose turn it is or will be, in the order of printing */
    size_t found_n, found_cap, next;
    object *asked; /* whose `__str__` is running */
    piece *pieces;
    size_t n, cap;
} job;

/* Finds the objects that are still to be asked. False if there are none. */
static bool look(job *j)
{
    size_t before = j->found_n;
    walk_start(&j->walk, j->things);
    for (object *o; (o = walk_next(&j->walk));) {
        j->found = mem_room(j->found, j->found_n, &j->found_cap, sizeof o);
        j->found[j->found_n++] = o;
    }
    return j->found_n > before;
}

/* `things` as in a job. True when every `__str__` has answered; else it has called the next one. When all that were
 * found have been asked, the values are looked through again, as methods may have changed them. */
static bool ask(process *p, frame *f, job *j, const value *things)
{
    if (f->step++ == 0)
        j->things = *things;
    else
        map_put(&j->walk.said, j->asked, NULL, f->result);
    do {
        while (j->next < j->found_n) {
            j->asked = j->found[j->next++];
            callable *method = object_magic(j->asked, name_from("__str__"));
            if (!method)
                continue;
            f->called = true;
            frame_call(p, method, j->asked, NULL, 0, RET_LIBRARY, 0);
            return false;
        }
    } while (look(j));
    return true;
}

static job *job_of(frame *f)
{
    if (!f->data)
        f->data = mem_alloc(sizeof(job));
    return f->data;
}

static value arguments(const frame *f)
{
    value v = v_list(T_TUPLE, f->n);
    for (uint32_t i = 0; i < f->n; i++)
        v.list->items[i] = f->regs[i];
    return v;
}

static bool ask_arguments(process *p, frame *f)
{
    value all = f->step == 0 ? arguments(f) : v_undefined();
    return ask(p, f, job_of(f), &all);
}

/* Writes the text, pays for it, and is done. */
static bool print_out(process *p, buffer *b, FILE *to, value *out)
{
    if (b->len)
        fwrite(b->data, 1, b->len, to);
    charge_units(p, b->len);
    buffer_free(b);
    *out = v_unit();
    return true;
}

static void print_joined(buffer *b, const value *items, size_t n, const char *between, size_t between_n,
                         const map *said)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buffer_put(b, between, between_n);
        print_value(b, items[i], said);
    }
}

static bool print_arguments(process *p, frame *f, const char *end, FILE *to, value *out)
{
    if (!ask_arguments(p, f))
        return false;
    buffer b = {0};
    print_joined(&b, f->regs, f->n, ", ", 2, &job_of(f)->walk.said);
    buffer_puts(&b, end);
    return print_out(p, &b, to, out);
}

bool lib_Print(process *p, frame *f, value *out)
{
    return print_arguments(p, f, "", stdout, out);
}

bool lib_PrintLn(process *p, frame *f, value *out)
{
    return print_arguments(p, f, "\n", stdout, out);
}

bool lib_Eprint(process *p, frame *f, value *out)
{
    return print_arguments(p, f, "\n", stderr, out);
}

bool lib_Debug(process *p, frame *f, value *out)
{
    if (!ask_arguments(p, f))
        return false;
    value v = f->regs[0];
    buffer b = {0};
    buffer_printf(&b, "[DEBUG] %s: %s", type_name(v.type), v.type == T_STRING ? "\"" : v.type == T_ATOM ? ":" : "");
    print_value(&b, v, &job_of(f)->walk.said);
    buffer_puts(&b, v.type == T_STRING ? "\"\n" : "\n");
    return print_out(p, &b, stdout, out);
}

static void add_piece(job *j, piece one)
{
    j->pieces = mem_room(j->pieces, j->n, &j->cap, sizeof one);
    j->pieces[j->n++] = one;
}

/* The argument that `{}` or `{12}` at s means: its digits are read, *n is the length of it all. MSG_COUNT if good. */
static enum message parse_hole(const char *s, size_t left, uint32_t args, uint32_t *in_turn, uint32_t *arg, size_t *n)
{
    size_t i = 1;
    uint64_t index = 0;
    for (; i < left && isdigit((unsigned char)s[i]); i++)
        if (index < UINT32_MAX)
            index = index * 10 + (uint64_t)(s[i] - '0');
    if (i == left || s[i] != '}')
        return MSG_FORMAT_BAD;
    if (i == 1)
        index = (*in_turn)++;
    if (index + 1 >= args)
        return MSG_FORMAT_FEW;
    *arg = (uint32_t)index + 1;
    *n = i + 1;
    return MSG_COUNT;
}

/* Cuts a format into pieces; MSG_COUNT if it is good. */
static enum message parse_format(job *j, const string *s, uint32_t args)
{
    uint32_t in_turn = 0;
    for (size_t i = 0; i < s->len;) {
        const char *at = s->text + i;
        size_t left = s->len - i, n = 0;
        while (n < left && at[n] != '{' && at[n] != '}')
            n++;
        if (n > 0) {
            add_piece(j, (piece){at, n, 0});
        } else if (left > 1 && at[1] == at[0]) {
            add_piece(j, (piece){at, 1, 0});
            n = 2;
        } else if (at[0] == '}') {
            return MSG_FORMAT_BAD;
        } else {
            piece hole = {0};
            enum message bad = parse_hole(at, left, args, &in_turn, &hole.arg, &n);
            if (bad != MSG_COUNT)
                return bad;
            add_piece(j, hole);
        }
        i += n;
    }
    return MSG_COUNT;
}

bool lib_PrintF(process *p, frame *f, value *out)
{
    job *j = job_of(f);
    value used = v_list(T_TUPLE, 0);
    if (f->step == 0) {
        enum message bad = parse_format(j, f->regs[0].string, f->n);
        if (bad != MSG_COUNT) {
            *out = library_runtime_error(bad);
            return true;
        }
        for (size_t i = 0; i < j->n; i++)
            if (j->pieces[i].arg)
                list_push(used.list, f->regs[j->pieces[i].arg]);
    }
    if (!ask(p, f, j, &used))
        return false;
    buffer b = {0};
    for (size_t i = 0; i < j->n; i++) {
        if (j->pieces[i].arg)
            print_value(&b, f->regs[j->pieces[i].arg], &j->walk.said);
        else
            buffer_put(&b, j->pieces[i].text, j->pieces[i].n);
    }
    return print_out(p, &b, stdout, out);
}

static bool gives_text(process *p, buffer *b, value *out)
{
    bool done = library_fits(p, b->len);
    if (done)
        *out = v_string(b->data, b->len);
    buffer_free(b);
    return done;
}

bool lib_ToString(process *p, frame *f, value *out)
{
    if (!ask_arguments(p, f))
        return false;
    buffer b = {0};
    print_value(&b, f->regs[0], &job_of(f)->walk.said);
    return gives_text(p, &b, out);
}

bool lib_StrJoin(process *p, frame *f, value *out)
{
    if (!ask(p, f, job_of(f), &f->regs[0]))
        return false;
    const list *l = f->regs[0].list;
    const string *between = f->regs[1].string;
    buffer b = {0};
    print_joined(&b, l->items, l->len, between->text, between->len, &job_of(f)->walk.said);
    return gives_text(p, &b, out);
}

bool lib_ReadLine(process *p, frame *f, value *out)
{
    (void)p;
    (void)f;
    char *line = NULL;
    size_t cap = 0;
    ssize_t n = getline(&line, &cap, stdin);
    if (n > 0 && line[n - 1] == '\n')
        n--;
    *out = n < 0 ? v_undefined() : v_string(line, (size_t)n);
    free(line);
    return true;
}

static const char *resource_path(const entry *e)
{
    return strncmp(e->name, "resources/", 10) == 0 ? e->name + 10 : NULL;
}

/* A file's bytes, by its path; false if there is none. */
static bool read_resource(const char *name, size_t len, value *out)
{
    const pack *files = &vm.program.pack;
    for (size_t i = 0; i < files->n; i++) {
        const char *path = resource_path(&files->entries[i]);
        if (path && strlen(path) == len && memcmp(path, name, len) == 0) {
            *out = v_string(files->entries[i].data, files->entries[i].len);
            return true;
        }
    }
    return false;
}

/* The package's name and a slash may stand in front of the path. */
bool lib_ReadResource(process *p, frame *f, value *out)
{
    (void)p;
    const string *wanted = f->regs[0].string;
    const char *own = vm.program.name;
    size_t n = strlen(own);
    *out = v_undefined();
    if (read_resource(wanted->text, wanted->len, out))
        return true;
    if (wanted->len > n && memcmp(wanted->text, own, n) == 0 && wanted->text[n] == '/')
        read_resource(wanted->text + n + 1, wanted->len - n - 1, out);
    return true;
}

/* In the archive's order. */
bool lib_Resources(process *p, frame *f, value *out)
{
    (void)p;
    (void)f;
    const pack *files = &vm.program.pack;
    const entry **placed = mem_alloc(files->n * sizeof *placed + 1);
    for (size_t i = 0; i < files->n; i++)
        placed[files->entries[i].place] = &files->entries[i];
    *out = v_list(T_ARRAY, 0);
    for (size_t i = 0; i < files->n; i++) {
        const char *path = resource_path(placed[i]);
        if (path)
            list_push(out->list, v_string(path, strlen(path)));
    }
    return true;
}

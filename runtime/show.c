/* show.c: from values to a text. First the objects among them that have a __str__ are collected; if there are any, they
 * are asked (ask.c), and it begins anew, with an index of what they have answered; when there are no more, the values
 * are printed.
 *
 * All of it goes in steps, and can be interrupted between two: then its state becomes the process's work, which keeps
 * its heap where it is. What needs memory of the heap, or calls methods, comes when the state has been given up.
 */
#include "show.h"

#include "io.h"
#include "mem.h"
#include "str.h"

enum { INDEX_UNITS = 12, PIECE = 64 * 1024, PIECE_UNITS = 8000 };

/* ---- the state ---- */

static void show_start(show *s, const show_kind *kind, show_phase phase, const ion_value *values, uint32_t n,
                       ion_value extra)
{
    s->kind = kind;
    s->phase = phase;
    s->again = phase == SHOW_INDEX;
    s->inside = s->kept = s->in_frame = false;
    s->at = s->format_at = 0;
    s->format_next = 0;
    s->values = values;
    s->n = n;
    s->extra = extra;
    s->held = s->objects = (outbuf){0};
    s->texts = (replacement){0};
    s->met = (idmap){0};
    s->out = out_start(s->storage, sizeof s->storage);
    print_start(&s->walk, false);
}

static void show_free(show *s)
{
    out_free(&s->held);
    out_free(&s->objects);
    out_free(&s->out);
    idmap_free(&s->texts.places);
    idmap_free(&s->met);
    print_end(&s->walk);
}

static void drop(long_work *w)
{
    show_free((show *)w);
    mem_free(w);
}

/* Moves the state to where it can stay; NULL: no memory, and nothing has changed. */
static show *show_keep(ion_process *p, show *s)
{
    show *kept = s->kept ? s : mem_alloc(sizeof *kept);
    if (kept == s || !kept)
        return kept;
    memcpy(kept, s, sizeof *kept);
    print_move(&kept->walk, &s->walk);
    if (kept->out.borrowed)
        kept->out.data = kept->storage;
    kept->kept = true;
    kept->w.drop = drop;
    if (work_keep(p, &kept->w))
        return kept;
    mem_free(kept);
    return NULL;
}

static void show_done(ion_process *p, show *s)
{
    if (s->kept)
        work_done(p);
    else
        show_free(s);
}

/* ---- steps: each is true when its phase is over ---- */

static bool index_some(show *s, uint64_t *left)
{
    for (; s->at < s->texts.n && !s->objects.failed; s->at++) {
        if (*left == 0)
            return false;
        s->objects.failed = !replacement_put(&s->texts, (uint32_t)s->at);
        native_spend(left, INDEX_UNITS + s->texts.places.cost);
    }
    return true;
}

show_next show_text(show *s, const char *text, size_t n)
{
    print_text(&s->out, &s->walk, text, n);
    return SHOW_TEXT;
}

static bool print_all_some(show *s, uint64_t *left)
{
    const replacement *r = s->again ? &s->texts : NULL;
    for (;;) {
        if (s->inside && !print_some(&s->out, &s->walk, r, left))
            return false;
        s->inside = false;
        if (s->out.failed)
            return true;
        if (*left == 0)
            return false;
        ion_value v;
        size_t before = s->out.len;
        show_next what = s->kind->next(s, &v);
        s->at++;
        if (what == SHOW_END)
            return true;
        if (what == SHOW_VALUE)
            print_begin(&s->out, &s->walk, v, r);
        native_spend(left, INDEX_UNITS + (s->out.len - before) / 8);
        s->inside = true;
    }
}

static bool write_some(ion_process *p, uint64_t *left)
{
    while (io_out_some(runtime_of(proc_of(p)), PIECE)) {
        native_spend(left, PIECE_UNITS);
        if (*left == 0)
            return false;
    }
    return true;
}

static bool copy_text_some(ion_frame *fp, show *s, uint64_t *left)
{
    char *to = (char *)string_bytes(fp->r[0].v);
    while (s->at < s->out.len) {
        if (*left == 0)
            return false;
        size_t rest = s->out.len - s->at, n = rest < PIECE ? rest : PIECE;
        memcpy(to + s->at, s->out.data + s->at, n);
        s->at += n;
        native_spend(left, PIECE_UNITS);
    }
    return true;
}

static bool phase_some(ion_process *p, ion_frame *fp, show *s, uint64_t *left)
{
    switch (s->phase) {
    case SHOW_INDEX: return index_some(s, left);
    case SHOW_COLLECT:
        return s->objects.failed || print_collect(&s->objects, &s->walk, &s->met, s->values, s->n, &s->at,
                                                  s->again ? &s->texts : NULL, left);
    case SHOW_PRINT: return print_all_some(s, left);
    case SHOW_WRITE: return write_some(p, left);
    default: return copy_text_some(fp, s, left);
    }
}

/* Goes on until the phase is over, or the process has left. The state may move. */
static bool phase_run(ion_process *p, ion_frame *fp, show **s)
{
    for (;;) {
        uint64_t left = native_step(p);
        if (phase_some(p, fp, *s, &left))
            return true;
        show *kept = show_keep(p, *s);
        if (!kept)
            continue;
        *s = kept;
        if (native_pause(p, fp))
            return false;
    }
}

/* ---- phases ---- */

static void print_next(show *s)
{
    idmap_free(&s->met);
    s->phase = SHOW_PRINT;
    s->at = 0;
    s->walk.tracked = true;
}

/* All objects that have to be asked are known. If there are any, what is needed to ask them goes into the slots: then
 * ION_ABSENT is the answer, else it is ION_UNIT. */
static ion_value collected(ion_process *p, ion_frame *fp, show *s)
{
    if (s->objects.failed)
        return native_out_failed(p, fp, &s->objects);
    if (s->objects.len == 0)
        return ION_UNIT;
    ion_value *objects = (ion_value *)(void *)s->objects.data;
    uint32_t n = (uint32_t)(s->objects.len / sizeof *objects);
    if (s->again)
        return ask_more(p, fp, objects, n);
    outbuf roots = {0};
    out_put(&roots, (const char *)s->values, s->n * sizeof *s->values);
    out_put(&roots, s->objects.data, s->objects.len);
    out_put(&roots, (const char *)&s->extra, sizeof s->extra);
    ion_value v =
        roots.failed ? native_out_failed(p, fp, &roots) : ask_start(p, fp, (ion_value *)(void *)roots.data, s->n, n);
    out_free(&roots);
    return v;
}

/* A phase is over. True: so is the whole, *v is the function's result or ION_LEAVE, or ION_ABSENT: there are objects to
 * be asked. */
static bool phase_over(ion_process *p, ion_frame *fp, show *s, ion_value *v)
{
    show_phase phase = s->phase;
    *v = ION_UNIT;
    switch (phase) {
    case SHOW_INDEX:
        s->phase = SHOW_COLLECT;
        s->at = 0;
        return false;
    case SHOW_COLLECT:
        *v = collected(p, fp, s);
        if (*v == ION_UNIT)
            print_next(s);
        return *v != ION_UNIT;
    case SHOW_PRINT:
        *v = s->kind->end(p, fp, s);
        s->at = 0;
        return s->phase == phase || *v == ION_LEAVE;
    case SHOW_COPY: *v = fp->r[0].v; return true;
    default: return true;
    }
}

static ion_value show_run(ion_process *p, ion_frame *fp, show *s)
{
    ion_value v;
    do
        if (!phase_run(p, fp, &s))
            return ION_LEAVE;
    while (!phase_over(p, fp, s, &v));
    show_done(p, s);
    return v;
}

static NOT_INLINE ion_value show_first(ion_process *p, ion_frame *fp, const show_kind *kind, const ion_value *values,
                                       uint32_t n, ion_value extra, outbuf *held)
{
    show s;
    show_start(&s, kind, SHOW_COLLECT, values, n, extra);
    s.in_frame = values == &fp->r[0].v;
    if (held) {
        s.held = *held;
        *held = (outbuf){0};
    }
    return show_run(p, fp, &s);
}

/* Goes on after a pause. */
static ion_value show_on(ion_process *p, ion_frame *fp, show *s)
{
    if (s->in_frame)
        s->values = &fp->r[0].v;
    return show_run(p, fp, s);
}

/* All objects known so far have been asked. */
static NOT_INLINE ion_value show_again(ion_process *p, ion_frame *fp, const show_kind *kind)
{
    show s;
    show_start(&s, kind, SHOW_INDEX, NULL, 0, ION_UNDEFINED);
    asked(fp, &s.values, &s.n, &s.extra, &s.texts);
    return show_run(p, fp, &s);
}

ion_value show_values(ion_process *p, ion_frame *fp, ion_u32 argc, const show_kind *kind, const ion_value *values,
                      uint32_t n, ion_value extra, outbuf *held)
{
    ion_value v = ION_ABSENT;
    if (argc != ION_RESUMED)
        v = show_first(p, fp, kind, values, n, extra, held);
    else if (work_of(p))
        v = show_on(p, fp, (show *)work_of(p));
    else
        ask_answer(fp, p->value);
    while (v == ION_ABSENT) {
        v = ask_all(p, fp);
        if (v == ION_UNIT)
            v = show_again(p, fp, kind);
    }
    return v;
}

ion_value show_string(ion_process *p, ion_frame *fp, show *s)
{
    if (s->out.failed)
        return native_out_failed(p, fp, &s->out);
    if (s->out.len <= PIECE)
        return str_new(p, fp, s->out.data, s->out.len);
    char *to;
    ion_value v = str_make(p, fp, s->out.len, &to, NULL, 0);
    if (v == ION_LEAVE)
        return v;
    fp->r[0].v = v;
    fp->n = 1;
    s->phase = SHOW_COPY;
    return v;
}

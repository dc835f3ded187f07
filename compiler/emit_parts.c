/* emit_parts.c: a long function's plain body as several C functions, its parts: C compilers take time that grows with
 * the square of a function.
 *
 * Registers live in the frame, so that a part needs to know no more than where to begin: at a point, as any body that
 * is resumed, or at the instruction fp->at, with argc == ION_INSIDE. A jump out of a part, and what would go on behind
 * its end, stores the instruction in fp->at and returns ION_ELSEWHERE to the function itself, which enters the part
 * that has it (labels J<instruction>). Nobody looks at the frame in between. All else that a part returns, the function
 * does.
 */
#include "ionc.h"

enum { PART_SIZE = 1000, PART_MOST = 1250 }; /* instructions: from where on a part ends before a block; anyhow */

struct parts {
    uint32_t n;
    uint32_t *start;       /* per part: its first instruction, and one more: the function's end */
    uint32_t *first_point; /* likewise */
    uint32_t now;          /* the part being emitted */
    bool *entered;         /* per instruction: another part jumps there */
    uint32_t *left_for;    /* per instruction: 1 + the last part that jumps there from outside */
    uint32_t *exits, nexits, cap_exits;
};

/* Where the part that begins at `start` ends. */
static uint32_t part_end(const body *b, uint32_t start)
{
    uint32_t pc = start + 1, n = b->f->n;
    while (pc < n && (body_swallowed(b->g, pc) || pc - start < PART_SIZE ||
                      (b->g->leader[pc] == NOT_FOUND && pc - start < PART_MOST)))
        pc++;
    return pc;
}

static void divide(body *b, struct parts *x)
{
    const cfg *g = b->g;
    compilation *c = b->e->c;
    uint32_t most = b->f->n / PART_SIZE + 2, k = 0;
    x->start = arena_alloc(c, (most + 1) * sizeof *x->start);
    x->first_point = arena_alloc(c, (most + 1) * sizeof *x->first_point);
    for (uint32_t pc = 0; pc < b->f->n; pc = part_end(b, pc)) {
        while (k < g->npoints && g->points[k].pc < pc)
            k++;
        x->start[x->n] = pc;
        x->first_point[x->n++] = k;
    }
    x->start[x->n] = b->f->n;
    x->first_point[x->n] = g->npoints;
}

/* The last part has the end of the code, too. */
static bool holds(const struct parts *x, uint32_t part, uint32_t pc)
{
    return pc >= x->start[part] && (pc < x->start[part + 1] || part + 1 == x->n);
}

static void note_jump(struct parts *x, uint32_t part, uint32_t target)
{
    if (!holds(x, part, target))
        x->entered[target] = true;
}

static void note_jumps(const body *b, struct parts *x)
{
    for (uint32_t pc = 0, part = 0; pc < b->f->n; pc++) {
        const instr *i = &b->f->code[pc];
        part += pc == x->start[part + 1];
        if (!(b->g->at[pc] & AT_REACHABLE))
            continue;
        if (i->op == OP_JUMP || i->op == OP_JUMP_IF_TRUE || i->op == OP_JUMP_IF_FALSE)
            note_jump(x, part, (uint32_t)((int64_t)pc + i->off));
        for (uint32_t k = 0, n = cases_tried(i); k < n; k++)
            note_jump(x, part, (uint32_t)((int64_t)pc + i->cases[k].off));
    }
}

bool parts_leave(body *b, uint32_t target)
{
    struct parts *x = b->parts;
    if (holds(x, x->now, target))
        return false;
    if (x->left_for[target] != x->now + 1) {
        x->left_for[target] = x->now + 1;
        x->exits = GROW(b->e->c, x->exits, x->nexits, x->cap_exits);
        x->exits[x->nexits++] = target;
    }
    return true;
}

/* From other parts, to where they jump. The part begins with its first instruction anyhow; but its label is to be used.
 */
static void put_entries(body *b, uint32_t start, uint32_t end)
{
    const struct parts *x = b->parts;
    bool any = false;
    for (uint32_t pc = start; pc <= end; pc++) {
        if (!holds(x, x->now, pc) || !(x->entered[pc] || (pc == start && b->g->at[pc] & AT_TARGET)))
            continue;
        if (!any)
            buf_puts(b->out, "    if (argc == ION_INSIDE) {\n        switch (fp->at) {\n");
        any = true;
        buf_printf(b->out, "        case %u: goto L%u;\n", pc, pc);
    }
    if (any)
        buf_puts(b->out, "        }\n    }\n");
}

static void put_part(body *b)
{
    struct parts *x = b->parts;
    uint32_t start = x->start[x->now], end = x->start[x->now + 1];
    x->nexits = 0;
    buf_printf(b->out, "static ion_value %s__part%u(ion_process *p, ion_frame *fp, ion_u32 argc)\n{\n", b->name,
               x->now);
    buf_printf(b->out, "    ion_value v ION_UNUSED;\n    ion_frame *out ION_UNUSED = ION_BEHIND(fp, %u);\n\n",
               b->g->regs);
    body_resume(b, x->first_point[x->now], x->first_point[x->now + 1]);
    put_entries(b, start, end);
    buf_puts(b->out, "    (void)p, (void)argc;\n");
    size_t from = b->out->len;
    body_code(b, start, end);
    if (end < b->f->n)
        buf_printf(b->out, "    goto %s;\n", body_label(b, end, 0));
    for (uint32_t i = 0; i < x->nexits; i++)
        buf_printf(b->out, "J%u:\n    fp->at = %u;\n    return ION_ELSEWHERE;\n", x->exits[i], x->exits[i]);
    body_left(b, from);
    buf_puts(b->out, "}\n\n");
}

static void put_numbers(body *b, const char *name, const uint32_t *numbers, uint32_t n)
{
    buf_printf(b->out, "static const ion_u32 %s__%s[] = {", b->name, name);
    for (uint32_t i = 0; i < n; i++)
        buf_printf(b->out, "%s%u", i ? ", " : "", numbers[i]);
    buf_puts(b->out, "};\n");
}

void emit_parts(body *b)
{
    compilation *c = b->e->c;
    struct parts *x = b->parts = arena_alloc(c, sizeof *x);
    divide(b, x);
    x->entered = arena_alloc(c, b->f->n + 1);
    x->left_for = arena_alloc(c, (b->f->n + 1) * sizeof *x->left_for);
    note_jumps(b, x);
    for (x->now = 0; x->now < x->n; x->now++)
        put_part(b);
    buf_printf(b->out, "static ion_code *const %s__parts[] = {", b->name);
    for (uint32_t i = 0; i < x->n; i++)
        buf_printf(b->out, "%s%s__part%u", i ? ", " : "", b->name, i);
    buf_puts(b->out, "};\n");
    put_numbers(b, "starts", x->start, x->n);
    put_numbers(b, "firsts", x->first_point, x->n);
}

void emit_parts_loop(body *b)
{
    buf_printf(b->out,
               "        fp->at = 0;\n        argc = ION_INSIDE;\n    }\n    for (;;) {\n"
               "        const ion_u32 *first = argc == ION_RESUMED ? %s__firsts : %s__starts;\n"
               "        ion_u32 low = 0, high = %u, middle;\n        ion_value v;\n"
               "        while (high - low > 1) {\n            middle = (low + high) / 2;\n"
               "            if (first[middle] <= fp->at)\n                low = middle;\n"
               "            else\n                high = middle;\n        }\n"
               "        v = %s__parts[low](p, fp, argc);\n        if (v != ION_ELSEWHERE)\n            return v;\n"
               "        argc = ION_INSIDE;\n    }\n}\n\n",
               b->name, b->name, b->parts->n, b->name);
}

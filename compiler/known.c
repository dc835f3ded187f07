/* known.c: which webs always hold an object, or always an array, so that accesses need not ask.
 *
 * Some do because of what makes them. Of others it is guessed from what is done with them: a value whose properties are
 * read is going to be an object, one that is indexed by numbers an array, unless the program itself asks what it is
 * (compares it, or tests its truth: then it may well be undefined). What is guessed is checked once, where the value
 * arrives: behind its definition, or at the function's start for parameters and `this`. Only webs with one definition:
 * a value that is followed from object to object in a loop ends with what is no object.
 */
#include "ionc.h"

typedef struct counts {
    uint32_t properties, elements; /* accesses to it */
    uint32_t definitions;
    bool asked;
    held_kind made; /* by what defines it; HELD_ANY: unknown */
    bool guessable; /* that can be checked */
    bool self;      /* it is `this` */
} counts;

static counts *of(counts *all, const function *f, uint32_t r)
{
    return &all[f->types->now[r]];
}

static void count_use(const compilation *c, counts *all, const function *f, uint32_t pc)
{
    const instr *i = &f->code[pc];
    uint32_t regs[4], n;
    switch ((opcode)i->op) {
    case OP_GET_PROP:
    case OP_SET_PROP: {
        counts *object = of(all, f, i->reg[i->op == OP_GET_PROP]);
        access_plan plan = access_how(c, f, pc, f->types->now);
        object->properties += plan.kind == ACCESS_CACHED;
        object->elements += plan.kind == ACCESS_ELEMENT && !plan.map; /* by what may be a string: says nothing */
        object->asked |= plan.kind == ACCESS_DYNAMIC;
        break;
    }
    case OP_MATCH: of(all, f, i->reg[0])->asked = true; break;
    case OP_MOVE:
    case OP_CALL:
    case OP_SPAWN:
    case OP_SEND:
    case OP_RETURN:
    case OP_ARRAY_INIT:
    case OP_OBJECT_INIT:
    case OP_MAKE_CLOSURE: break;
    default:
        if (operand_limit(i) > 4) /* SELECT's list: processes */
            break;
        n = instr_reads(f, i, regs);
        for (uint32_t j = 0; j < n; j++)
            of(all, f, regs[j])->asked = true;
    }
}

static void count_definition(counts *w, const function *f, uint32_t pc)
{
    const instr *i = &f->code[pc];
    bool constant = i->op == OP_LOAD_CONST;
    w->definitions++;
    if (i->op == OP_OBJECT_INIT || (constant && i->value->tag == V_OBJECT))
        w->made = HELD_OBJECT;
    else if (i->op == OP_ARRAY_INIT || (constant && i->value->tag == V_ARRAY))
        w->made = HELD_ARRAY;
    w->self = constant && i->value->tag == V_ATOM && i->value->meaning == M_THIS;
    w->guessable = w->self || i->op == OP_CALL || (i->op == OP_GET_PROP && method_partner(f->cfg, pc) == NOT_FOUND);
}

static void count_all(const compilation *c, counts *all, const function *f)
{
    uint32_t regs[4];
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, f->types->webs, pc, f->types->now);
        count_use(c, all, f, pc);
        uint32_t n = instr_writes(&f->code[pc], regs);
        for (uint32_t j = 0; j < n; j++) {
            f->types->now[regs[j]] = f->types->webs->writes[pc][j];
            count_definition(of(all, f, regs[j]), f, pc);
        }
    }
}

static held_kind decide(const counts *w, const web *web)
{
    if (web->place != PLACE_FRAME || w->definitions != 1)
        return HELD_ANY;
    if (w->made)
        return w->made;
    if (!w->guessable || w->asked || (w->properties && w->elements))
        return HELD_ANY;
    return w->properties > 1 ? HELD_OBJECT : w->elements && !w->self ? HELD_ARRAY : HELD_ANY;
}

void webs_known(compilation *c, const function *f)
{
    const types *t = f->types;
    if (!optimise(c, OPT_KNOWN) || f->n == 0)
        return;
    counts *all = arena_alloc(c, (t->webs->n + 1) * sizeof *all);
    for (uint32_t j = 0; j < t->nparams; j++) {
        all[t->params[j].web].definitions = 1;
        all[t->params[j].web].guessable = true;
    }
    for (uint32_t i = 0; i < t->webs->n; i++) /* captured values: they begin as absent */
        all[i].asked = t->webs->web[i].reg >= f->cfg->regs - f->cfg->nhidden;
    count_all(c, all, f);
    for (uint32_t i = 0; i < t->webs->n; i++)
        t->webs->web[i].held = decide(&all[i], &t->webs->web[i]);
}

/* whole.c: which webs always hold whole numbers: loop counters, mostly, which then index arrays without a look at what
 * is behind the point.
 *
 * A web is whole if it gets nothing but whole constants, whole webs, and whole webs plus or minus a whole constant. It
 * starts optimistic: everything is whole until a definition says no, over and over until nothing changes. Sums of
 * doubles stay whole, and cannot leave an integer's range: from constants and by steps below 2^20 that would take
 * 2^43 of them.
 */
#include <math.h>

#include "ionc.h"

#define LIMIT 1048576.0

static bool whole_value(const value *v)
{
    return v->tag == V_NUMBER && v->number == floor(v->number) && fabs(v->number) < LIMIT;
}

static bool is_step(const web *w)
{
    return w->literal && w->place == PLACE_NUMBER && whole_value(w->literal);
}

static bool keeps_whole(const function *f, const instr *i)
{
    const uint32_t *r = i->reg;
    switch ((opcode)i->op) {
    case OP_LOAD_CONST: return whole_value(i->value);
    case OP_MOVE: return web_now(f, r[1])->whole;
    case OP_ADD:
        return (web_now(f, r[1])->whole && is_step(web_now(f, r[2]))) ||
               (is_step(web_now(f, r[1])) && web_now(f, r[2])->whole);
    case OP_SUB: return web_now(f, r[1])->whole && is_step(web_now(f, r[2]));
    default: return false;
    }
}

/* One sweep; true if a web has turned out not to be whole. */
static bool sweep(const function *f)
{
    const types *t = f->types;
    bool changed = false;
    uint32_t regs[4];
    for (uint32_t pc = 0; pc < f->n; pc++) {
        if (!(f->cfg->at[pc] & AT_REACHABLE))
            continue;
        webs_before(f, t->webs, pc, t->now);
        uint32_t n = instr_writes(&f->code[pc], regs);
        bool whole = n && keeps_whole(f, &f->code[pc]);
        for (uint32_t j = 0; j < n; j++) {
            web *w = &t->webs->web[t->webs->writes[pc][j]];
            changed |= w->whole && !whole;
            w->whole &= whole;
            t->now[regs[j]] = t->webs->writes[pc][j];
        }
    }
    return changed;
}

enum { SWEEPS = 8 }; /* what takes more is not worth it */

void webs_whole(const function *f)
{
    const types *t = f->types;
    for (uint32_t i = 0; i < t->webs->n; i++)
        t->webs->web[i].whole = t->webs->web[i].place == PLACE_NUMBER;
    for (uint32_t j = 0; j < t->nparams; j++)
        t->webs->web[t->params[j].web].whole = false;
    int left = SWEEPS;
    while (sweep(f))
        if (--left == 0) {
            for (uint32_t i = 0; i < t->webs->n; i++)
                t->webs->web[i].whole = false;
            return;
        }
}

/* process.c: processes start, end, and what ties them together: links, monitors, names, kept results.
 *
 * An end that kills others goes on from them: each process being ended waits on a stack at the link it has come to, so
 * a linked process has ended completely before the next link of the first one is looked at.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "vm.h"

/* A process whose end is under way. */
typedef struct ending {
    struct ending *below;
    uint64_t id;
    value reason;
    uint64_t *links;
    size_t links_n, next;
    monitors watchers;
} ending;

static ending *endings;
static process *spare;

/* ids whose results are kept, oldest first, from `kept_first` on */
static uint64_t *kept;
static size_t kept_first, kept_n, kept_cap;
static uint64_t kept_bytes;

process *process_find(uint64_t id)
{
    return id < vm.next_id ? vm.slots[id].process : NULL;
}

uint64_t process_start(const callable *f, const value *args, size_t n)
{
    uint64_t id = vm.next_id++;
    if (id >= vm.slots_cap) {
        uint64_t cap = vm.slots_cap ? vm.slots_cap * 2 : 64;
        vm.slots = mem_grow(vm.slots, vm.slots_cap * sizeof(slot), cap * sizeof(slot));
        vm.slots_cap = cap;
    }
    process *p = spare;
    if (p)
        spare = p->next_spare;
    else
        p = mem_alloc(sizeof *p);
    *p = (process){.id = id, .function = f, .priority = NORMAL, .capacity = INFINITY};
    p->random = vm.seed + id * 0x9E3779B97F4A7C15u;
    vm.slots[id].process = p;
    vm.alive++;
    frame_call(p, f, NULL, args, n, RET_STORE, 0);
    sched_enqueue(p);
    return id;
}

static void keep_result(uint64_t id, value result)
{
    copier c = {0};
    slot *s = &vm.slots[id];
    s->result = copy_value(&c, result);
    s->bytes = c.bytes;
    s->kept = true;
    copier_free(&c);
    kept_bytes += s->bytes;
    kept = mem_room(kept, kept_n, &kept_cap, sizeof *kept);
    kept[kept_n++] = id;
    while (kept_first < kept_n && (kept_n - kept_first > vm.keep_count || kept_bytes > vm.keep_bytes)) {
        slot *oldest = &vm.slots[kept[kept_first++]];
        kept_bytes -= oldest->bytes;
        oldest->kept = false;
        oldest->result = v_undefined();
    }
}

static bool is_atom(value v, const char *text)
{
    return v.type == T_ATOM && name_is(v.atom, text);
}

/* Takes a process out of the program and puts its end on the stack. */
static void begin_end(process *p, value reason, const value *result)
{
    for (size_t i = 0; i < p->names_n; i++)
        map_put(&vm.names, p->names[i], NULL, v_undefined());
    p->state = ENDED;
    vm.slots[p->id].process = NULL;
    vm.alive--;
    if (result)
        keep_result(p->id, *result);
    waiters_wake(&p->enders);
    waiters_wake(&p->senders);
    ending *e = mem_alloc(sizeof *e);
    *e = (ending){endings, p->id, reason, p->links, p->links_n, 0, p->watchers};
    endings = e;
    frames_release(p);
    mailbox_release(p);
    p->next_spare = spare;
    spare = p;
}

static void remove_id(uint64_t *ids, size_t *n, uint64_t id)
{
    size_t i = 0;
    while (i < *n && ids[i] != id)
        i++;
    if (i == *n)
        return;
    memmove(&ids[i], &ids[i + 1], (*n - i - 1) * sizeof *ids);
    --*n;
}

static bool remove_monitor(monitors *m, uint64_t ref, uint64_t *other)
{
    size_t i = 0;
    while (i < m->n && m->items[i].ref != ref)
        i++;
    if (i == m->n)
        return false;
    *other = m->items[i].process;
    memmove(&m->items[i], &m->items[i + 1], (m->n - i - 1) * sizeof *m->items);
    m->n--;
    return true;
}

static void notify(process *to, const char *what, uint64_t who, value reason)
{
    value tuple = v_list(T_TUPLE, 3);
    tuple.list->items[0] = v_atom(name_from(what));
    tuple.list->items[1] = v_process(who);
    tuple.list->items[2] = copy_once(reason, NULL);
    mailbox_deliver(to, tuple);
}

static void report_killed(const process *p, value reason)
{
    if (p->id != 1)
        return;
    report(MSG_KILLED, (unsigned long)p->id, printed(reason).string->text);
    vm.exit_status = 1;
}

static void end_link(uint64_t from, process *p, value reason)
{
    remove_id(p->links, &p->links_n, from);
    if (p->traps) {
        notify(p, "exit", from, reason);
    } else if (!is_atom(reason, "normal")) {
        report_killed(p, reason);
        begin_end(p, copy_once(reason, NULL), NULL);
    }
}

static void finish_ends(void)
{
    while (endings) {
        ending *e = endings;
        if (e->next < e->links_n) {
            process *other = process_find(e->links[e->next++]);
            if (other)
                end_link(e->id, other, e->reason);
            continue;
        }
        endings = e->below;
        for (size_t i = 0; i < e->watchers.n; i++) {
            process *watcher = process_find(e->watchers.items[i].process);
            uint64_t me;
            if (watcher && remove_monitor(&watcher->watching, e->watchers.items[i].ref, &me))
                notify(watcher, "down", e->id, e->reason);
        }
    }
}

void process_returned(process *p, value result)
{
    if (p->id == 1) {
        vm.exit_status = 0;
        vm.main_returned = true;
        vm.main_result = result;
    }
    begin_end(p, v_atom(name_from("normal")), &result);
    finish_ends();
}

static void crash(process *p, const char *text, value reason)
{
    report(MSG_CRASHED, (unsigned long)p->id, text);
    frames_trace(p);
    if (p->id == 1)
        vm.exit_status = 1;
    begin_end(p, reason, NULL);
    finish_ends();
}

void process_crash(process *p, const char *text)
{
    crash(p, text, v_string(text, strlen(text)));
}

void process_exit(process *p, value reason)
{
    if (!is_atom(reason, "normal")) {
        buffer b = {0};
        buffer_message(&b, MSG_EXIT_REASON, printed(reason).string->text);
        crash(p, b.data, reason);
        buffer_free(&b);
        return;
    }
    if (p->id == 1)
        vm.exit_status = 0;
    begin_end(p, reason, NULL);
    finish_ends();
}

void process_kill(process *p, value reason)
{
    report_killed(p, reason);
    begin_end(p, copy_once(reason, NULL), NULL);
    finish_ends();
}

void process_signal(process *p, uint64_t by, value reason)
{
    if (p->traps && !is_atom(reason, "kill"))
        notify(p, "exit", by, reason);
    else
        process_kill(p, reason);
}

static void add_link(process *p, uint64_t id)
{
    p->links = mem_room(p->links, p->links_n, &p->links_cap, sizeof *p->links);
    p->links[p->links_n++] = id;
}

bool process_link(process *p, uint64_t id)
{
    process *other = process_find(id);
    if (!other) {
        value noproc = v_atom(name_from("noproc"));
        if (p->traps)
            notify(p, "exit", id, noproc);
        else
            process_kill(p, noproc);
        return false;
    }
    for (size_t i = 0; i < p->links_n; i++)
        if (p->links[i] == id)
            return true;
    if (other != p) {
        add_link(p, id);
        add_link(other, p->id);
    }
    return true;
}

void process_unlink(process *p, process *other)
{
    remove_id(p->links, &p->links_n, other->id);
    remove_id(other->links, &other->links_n, p->id);
}

static void add_monitor(monitors *m, uint64_t ref, uint64_t id)
{
    m->items = mem_room(m->items, m->n, &m->cap, sizeof *m->items);
    m->items[m->n++] = (monitor){ref, id};
}

uint64_t process_monitor(process *p, uint64_t id)
{
    uint64_t ref = ++vm.next_ref;
    process *other = process_find(id);
    if (!other) {
        notify(p, "down", id, v_atom(name_from("noproc")));
        return ref;
    }
    add_monitor(&other->watchers, ref, p->id);
    add_monitor(&p->watching, ref, id);
    return ref;
}

bool process_demonitor(process *p, uint64_t ref)
{
    uint64_t id, me;
    if (!remove_monitor(&p->watching, ref, &id))
        return false;
    process *other = process_find(id);
    if (other)
        remove_monitor(&other->watchers, ref, &me);
    return true;
}

bool process_register(name *a, uint64_t id)
{
    process *p = process_find(id);
    if (!p || process_whereis(a).type == T_PROCESS)
        return false;
    map_put(&vm.names, a, NULL, v_process(id));
    p->names = mem_room(p->names, p->names_n, &p->names_cap, sizeof *p->names);
    p->names[p->names_n++] = a;
    return true;
}

value process_whereis(name *a)
{
    value *v = map_find(&vm.names, a, NULL);
    return v ? *v : v_undefined();
}

void process_crash_message(process *p, enum message m, ...)
{
    buffer b = {0};
    va_list args;
    va_start(args, m);
    buffer_message_list(&b, m, args);
    va_end(args);
    process_crash(p, b.data);
    buffer_free(&b);
}

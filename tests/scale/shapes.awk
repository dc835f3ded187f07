# shapes.awk: programs of a given shape and size, in text form, for looking at how compiling grows.
#   awk -v shape=NAME -v n=SIZE -f shapes.awk
# n is about the number of instructions for `straight`, `functions` and `mix`, and the number of the thing that the
# shape is called after for the others. Every program runs and ends.

function begin(name, arity) { print ".function " name " (arity: " arity + 0 ")" }
function op(text) { print "    " text }
function end() { print ".end\n" }
function pick(k) { seed = seed * 16807 % 2147483647; return int(seed / 8) % k }

function header() {
    seed = 1
    print ".manifest Name: " shape "\n.manifest Version: 1.0.0\n.manifest Main-Class: Main\n\n.class Main"
}

function all(n,    i, s) { # functions that nothing refers to are left out
    s = ""
    for (i = 0; i < n; i++) s = s (i ? ", " : "") "function:Main:f" i
    op("LOAD_CONST r0, [" s "]")
}

# ---- one function ----

function straight(i) { # n instructions without a jump
    begin("main"); op("LOAD_CONST r0, 1"); op("LOAD_CONST r1, 2")
    for (i = 0; i < n; i++)
        op((i % 3 == 0 ? "ADD" : i % 3 == 1 ? "SUB" : "MUL") " r" i % 13 ", r" (i + 5) % 2 ", r" (i + 7) % 2)
    op("RETURN r0"); end()
}
function objects(i) { # accesses to properties in one function
    begin("main"); op("OBJECT_INIT r0, {x: 1, y: 2}"); op("LOAD_CONST r1, :x"); op("LOAD_CONST r2, :y")
    for (i = 0; i < n; i++)
        op(i % 4 == 3 ? "SET_PROP r0, r1, r4" : i % 4 == 2 ? "ADD r4, r3, r4" : "GET_PROP r" 3 + i % 4 ", r0, r" 1 + i % 2)
    op("RETURN r4"); end()
}
function ifs(i) { # inside each other
    begin("main"); op("LOAD_CONST r0, 1"); op("LOAD_CONST r1, 100000")
    for (i = 0; i < n; i++) { op("ADD r0, r0, r0"); op("LESS_THAN r2, r0, r1"); op("JUMP_IF_FALSE r2, else" i) }
    for (i = n - 1; i >= 0; i--) { op("ADD r0, r0, r1"); op("JUMP end" i); op("else" i ": SUB r0, r0, r1"); op("end" i ": NOP") }
    op("RETURN r0"); end()
}
function loops(i, k) { # inside each other, each with a counter of its own that outlives all of them
    begin("main"); op("LOAD_CONST r0, 1"); op("LOAD_CONST r1, 0")
    for (i = 0; i < n; i++) { k = i + 3; op("LOAD_CONST r" k ", 0"); op("top" i ": LESS_THAN r2, r" k ", r0"); op("JUMP_IF_FALSE r2, out" i) }
    op("ADD r1, r1, r0")
    for (i = n - 1; i >= 0; i--) { k = i + 3; op("ADD r" k ", r" k ", r0"); op("JUMP top" i); op("out" i ": ADD r1, r1, r" k) }
    op("RETURN r1"); end()
}
function ladder(i) { # nested loops whose exits all lead outwards: liveness creeps one level a sweep
    begin("main"); op("LOAD_CONST r0, 1"); op("LOAD_CONST r1, 0")
    for (i = 0; i < n; i++) { op("top" i ": ADD r1, r1, r0"); op("LESS_THAN r2, r0, r1"); op("JUMP_IF_TRUE r2, out" i) }
    for (i = n - 1; i >= 0; i--) { op("JUMP top" i); op("out" i ": NOP") }
    op("RETURN r1"); end()
}
function registers(i) { # all written first, read last, with a branch for each in between
    begin("main")
    for (i = 0; i < n; i++) op("LOAD_CONST r" i ", " i)
    for (i = 0; i < n; i++) { op("JUMP_IF_TRUE r" i ", skip" i); op("ADD r" i ", r" i ", r" (i + 1) % n); op("skip" i ": NOP") }
    for (i = 1; i < n; i++) op("ADD r0, r0, r" i)
    op("RETURN r0"); end()
}
function moves(i) { # a loop through which types creep one MOVE a sweep
    begin("main"); op("LOAD_CONST r" n ", 1"); op("LOAD_CONST r" n + 1 ", 5")
    for (i = 0; i < n; i++) op("MOVE r" i ", r" n)
    op("top: NOP")
    for (i = 0; i < n; i++) op("MOVE r" i ", r" i + 1)
    op("LOAD_CONST r" n ", \"a\""); op("LOAD_CONST r" n + 2 ", 1"); op("SUB r" n + 1 ", r" n + 1 ", r" n + 2)
    op("JUMP_IF_TRUE r" n + 1 ", top"); op("RETURN r0"); end()
}
function cases(i, s) { # of one MATCH
    begin("main"); op("LOAD_CONST r0, " n - 1); s = ""
    for (i = 0; i < n; i++) s = s (i ? ", " : "") "(" (i % 3 == 0 ? i : i % 3 == 1 ? ":a" i : "(" i ", _)") ", c" i ")"
    op("MATCH r0, [" s "]"); op("RETURN r0")
    for (i = 0; i < n; i++) { op("c" i ": LOAD_CONST r1, " i); op("RETURN r1") }
    end()
}
function constants(i) { # all different
    begin("main")
    for (i = 0; i < n; i++) op("LOAD_CONST r" i % 10 ", " (i % 4 == 0 ? i + 0.5 : i % 4 == 1 ? "\"text " i "\"" : i % 4 == 2 ? ":atom" i : "(" i ", [\"e" i "\", 2])"))
    op("RETURN r0"); end()
}
function arguments(i, s) { # of one call, and elements of one array
    begin("main"); s = ""
    for (i = 0; i < n; i++) { op("LOAD_CONST r" i + 2 ", " i); s = s (i ? ", " : "") "r" i + 2 }
    op("LOAD_CONST r0, function:Main:f"); op("CALL r1, r0, [" s "]"); op("ARRAY_INIT r1, [" s "]"); op("RETURN r1"); end()
    begin("f", 3); op("ADD r0, r0, r1"); op("RETURN r0"); end()
}
function captures(i) { # closures, each with a name of its own
    begin("main"); op("LOAD_CONST r0, function:Main:f"); op("LOAD_CONST r1, 1")
    for (i = 0; i < n; i++) op("MAKE_CLOSURE r2, r0, \"scope" i "\", [name" i ": r1]")
    op("RETURN r2"); end()
    begin("f", 1); op("RETURN r0"); end()
}
function literal(i, s) { # elements of one constant
    begin("main"); s = ""
    for (i = 0; i < n; i++) s = s (i ? ", " : "") (i % 2 ? "{key" i ": " i "}" : i)
    op("LOAD_CONST r0, [" s "]"); op("RETURN r0"); end()
}

# ---- many functions ----

function functions(i) { # n instructions in functions of ten
    begin("main"); all(int(n / 10)); op("LOAD_CONST r0, function:Main:f0"); op("LOAD_CONST r1, 3"); op("CALL r2, r0, [r1]"); op("RETURN r2"); end()
    for (i = 0; i < int(n / 10); i++) {
        begin("f" i, 1); op("LOAD_CONST r1, 1"); op("LESS_THAN r2, r0, r1"); op("JUMP_IF_TRUE r2, done"); op("SUB r3, r0, r1")
        op("LOAD_CONST r4, function:Main:f" (i * 7 + 1) % int(n / 10)); op("CALL r5, r4, [r3]"); op("ADD r5, r5, r0"); op("RETURN r5")
        op("done: MOVE r5, r0"); op("RETURN r5"); end()
    }
}
function calls(i) { # in one function, each of a function of its own
    begin("main"); op("LOAD_CONST r0, 0"); op("LOAD_CONST r1, 1")
    for (i = 0; i < n; i++) { op("LOAD_CONST r2, function:Main:f" i); op("CALL r3, r2, [r1, r0]"); op("ADD r0, r0, r3") }
    op("RETURN r0"); end()
    for (i = 0; i < n; i++) { begin("f" i, 2); op("ADD r0, r0, r0"); op("RETURN r0"); end() }
}
function chain(i, k) { # of calls, up or down the list of functions as step says, from the entry through all of them
    begin("main"); op("LOAD_CONST r0, function:Main:f0"); op("LOAD_CONST r1, 1"); op("CALL r2, r0, [r1]"); op("RETURN r2"); end()
    for (i = 0; i < n; i++) {
        k = (i * step) % n
        begin("f" k, 1); op("LOAD_CONST r1, 1"); op("ADD r0, r0, r1")
        if (k < n - 1) { op("LOAD_CONST r2, function:Main:f" k + 1); op("CALL r3, r2, [r0]"); op("ADD r3, r3, r1"); op("RETURN r3") }
        else { op("LOAD_CONST r2, :__stdlib:Sqrt"); op("CALL r3, r2, [r0]"); op("LOAD_CONST r2, :__stdlib:Print"); op("CALL r4, r2, []"); op("RETURN r3") }
        end()
    }
}
function fan(i, j) { # a function calls all that stand behind it, whose results become known one by one
    for (i = 0; i < n; i++) {
        begin(i ? "f" i : "main", 1); op("LOAD_CONST r1, 1"); op("LOAD_CONST r2, 0")
        for (j = 1; i == 0 && j < n; j++) { op("LOAD_CONST r3, function:Main:f" j); op("CALL r4, r3, [r1]"); op("ADD r2, r2, r4") }
        if (i && i < n - 1) { op("LOAD_CONST r3, function:Main:f" i + 1); op("CALL r2, r3, [r1]") }
        op("ADD r2, r2, r1"); op("RETURN r2"); end()
    }
}
function classes(i) {
    begin("main"); op("LOAD_CONST r0, function:C0:f"); op("CALL r0, r0, []"); op("RETURN r0"); end()
    for (i = 0; i < n; i++) {
        print ".class C" i; begin("f"); op("LOAD_CONST r0, :name" i)
        if (i < n - 1) { op("LOAD_CONST r1, function:C" i + 1 ":f"); op("CALL r0, r1, []") }
        op("RETURN r0"); end()
    }
}
function wide(i) { # functions that use few registers, but high ones
    begin("main"); all(n); op("RETURN r0"); end()
    for (i = 0; i < n; i++) { begin("f" i, 1); op("MOVE r60000, r0"); op("RETURN r60000"); end() }
}

# ---- the usual ----

function mix_loop(k) {
    op("LOAD_CONST r4, 0"); op("LOAD_CONST r5, 1"); op("LOAD_CONST r6, " 3 + pick(50)); op("LOAD_CONST r7, 0")
    op("top" k ": LESS_THAN r8, r7, r6"); op("JUMP_IF_FALSE r8, out" k)
    op("MUL r9, r7, r7"); op("ADD r4, r4, r9"); op("ADD r7, r7, r5"); op("JUMP top" k); op("out" k ": ADD r10, r4, r0")
}
function mix_object(k) {
    op("OBJECT_INIT r4, {x: r0, y: " pick(100) ", name: \"point " pick(1000) "\"}"); op("LOAD_CONST r5, :x"); op("GET_PROP r6, r4, r5")
    op("LOAD_CONST r7, :y"); op("GET_PROP r8, r4, r7"); op("ADD r6, r6, r8"); op("SET_PROP r4, r5, r6"); op("GET_PROP r10, r4, r5")
}
function mix_match(k) {
    op("LOAD_CONST r4, (:ok, " pick(100) ")")
    op("MATCH r4, [((ok, 0), zero" k "), ((ok, _), some" k "), (error, none" k ")]"); op("JUMP none" k)
    op("zero" k ": LOAD_CONST r10, 0"); op("JUMP after" k); op("some" k ": LOAD_CONST r5, 1"); op("GET_PROP r10, r4, r5"); op("JUMP after" k)
    op("none" k ": LOAD_CONST r10, undefined"); op("after" k ": NOP")
}
function mix_call(k) {
    op("LOAD_CONST r4, function:Main:f" pick(count)); op("LOAD_CONST r5, 0"); op("LESS_THAN r6, r5, r1"); op("JUMP_IF_FALSE r6, leaf" k)
    op("LOAD_CONST r6, 1"); op("SUB r7, r1, r6"); op("CALL r10, r4, [r0, r7]"); op("leaf" k ": MOVE r2, r10")
}
function mix_array(k) {
    op("ARRAY_INIT r4, [r0, r1, r10]"); op("LOAD_CONST r5, :__stdlib:ArrayLength"); op("CALL r6, r5, [r4]"); op("LOAD_CONST r7, " pick(3))
    op("GET_PROP r8, r4, r7"); op("SET_PROP r4, r7, r6"); op("GREATER_THAN r9, r6, r7"); op("AND r9, r9, r8"); op("JUMP_IF_TRUE r9, full" k)
    op("LOAD_CONST r10, \"empty\""); op("full" k ": NOP")
}
function mix(i, k, left) { # functions of about 80 instructions
    count = int(n / 80) + 1
    begin("main"); all(count); op("LOAD_CONST r0, function:Main:f0"); op("LOAD_CONST r1, 3"); op("LOAD_CONST r2, 2"); op("CALL r3, r0, [r1, r2]"); op("RETURN r3"); end()
    for (i = 0; i < count; i++) {
        begin("f" i, 2); op("LOAD_CONST r10, 0")
        for (k = 0; k < 8; k++) {
            left = pick(5)
            if (left == 0) mix_loop(k); else if (left == 1) mix_object(k); else if (left == 2) mix_match(k)
            else if (left == 3) mix_call(k); else mix_array(k)
        }
        op("RETURN r10"); end()
    }
}

BEGIN {
    header()
    if (step == "") step = 1
    if (shape == "straight") straight(); else if (shape == "objects") objects(); else if (shape == "ifs") ifs()
    else if (shape == "loops") loops(); else if (shape == "ladder") ladder(); else if (shape == "registers") registers()
    else if (shape == "moves") moves(); else if (shape == "cases") cases(); else if (shape == "constants") constants()
    else if (shape == "arguments") arguments(); else if (shape == "captures") captures(); else if (shape == "literal") literal()
    else if (shape == "functions") functions(); else if (shape == "calls") calls(); else if (shape == "chain") chain()
    else if (shape == "fan") fan(); else if (shape == "classes") classes();
    else if (shape == "wide") wide(); else if (shape == "mix") mix()
    else { print "no shape " shape > "/dev/stderr"; exit 1 }
}

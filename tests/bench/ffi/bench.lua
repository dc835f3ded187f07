-- The same calls made by LuaJIT. arg[1]: the library.
local ffi = require("ffi")
ffi.cdef [[
double add(double x, double y);
int next(int x);
size_t length(const char *s);
double each(double (*f)(double), long n);
typedef struct { long s, ns; } span;
int clock_gettime(int, span *);
]]
local lib = ffi.load(arg[1])
local t = ffi.new("span")
local function now()
    ffi.C.clock_gettime(1, t)
    return tonumber(t.s) * 1e9 + tonumber(t.ns)
end
local function report(kind, start, calls, result)
    print(string.format("%s %f\nresult %.0f", kind, (now() - start) / calls, result))
end
local MANY, FEW = 20000000, 5000000
local start, sum = now(), 0
for i = 0, MANY - 1 do sum = lib.add(sum, i) end
report("direct", start, MANY, sum)
start = now()
local n = 0
for i = 0, MANY - 1 do n = lib.next(i) end
report("integer", start, MANY, n)
start = now()
local len
for i = 1, FEW do len = lib.length("twelve bytes") end
report("text", start, FEW, tonumber(len))
local cb = ffi.cast("double (*)(double)", function(x) return x + 1 end)
start = now()
sum = lib.each(cb, FEW)
report("callback", start, FEW, sum)

-- The monotonic clock in milliseconds, as the programs beside it take the time.
local ffi = require "ffi"
ffi.cdef "typedef struct { long s, ns; } bench_time; int clock_gettime(int, bench_time *);"
local t = ffi.new "bench_time"
return function()
    ffi.C.clock_gettime(1, t)
    return tonumber(t.s) * 1e3 + tonumber(t.ns) / 1e6
end

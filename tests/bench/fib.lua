-- Double recursion: fib(36).
local clock = require "clock"

local function fib(n)
    if n < 2 then return n end
    return fib(n - 1) + fib(n - 2)
end

local start = clock()
local result = fib(36)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

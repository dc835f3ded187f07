-- Closures: one is made in each round, and called ten times.
local clock = require "clock"

local function adder(k)
    return function(x) return x + k end
end

local function run(n)
    local sum = 0
    for i = 0, n - 1 do
        local f = adder(i)
        for _ = 1, 10 do sum = f(sum) end
    end
    return sum
end

local start = clock()
local result = run(2000000)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

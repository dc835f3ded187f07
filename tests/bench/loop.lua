-- A loop over numbers, 20 million times.
local clock = require "clock"

local function loop(n)
    local s, i = 0, 0
    while i < n do
        s = s * 0.5 + i
        i = i + 1
    end
    return s
end

local start = clock()
local result = loop(20000000)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

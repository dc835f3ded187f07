-- Three nested loops over numbers.
local clock = require "clock"

local function nested(n)
    local s = 0
    for a = 0, n - 1 do
        for b = 0, n - 1 do
            for c = 0, n - 1 do
                s = s + a * b - c
            end
        end
    end
    return s
end

local start = clock()
local result = nested(400)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

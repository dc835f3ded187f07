-- Long strings, each built by appending a piece at a time.
local clock = require "clock"

local function build(pieces)
    local s = ""
    for _ = 1, pieces do s = s .. "piece\n" end
    return s
end

local function run(strings, pieces)
    local sum = 0
    for _ = 1, strings do sum = sum + #build(pieces) end
    return sum
end

local start = clock()
local result = run(40, 5000)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

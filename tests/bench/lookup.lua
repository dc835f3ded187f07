-- A table as a map: 1000 keys that are computed as the program runs, each read and written in turn.
local clock = require "clock"

local function run(keys, rounds)
    local key, map = {}, {}
    for i = 0, keys - 1 do
        key[i] = "key" .. tostring(i)
        map[key[i]] = 0
    end
    for _ = 1, rounds do
        for i = 0, keys - 1 do
            local k = key[i]
            map[k] = map[k] + i
        end
    end
    local sum = 0
    for i = 0, keys - 1 do sum = sum + map[key[i]] end
    return sum
end

local start = clock()
local result = run(1000, 6000)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

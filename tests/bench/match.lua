-- Dispatch on atoms (strings here), tagged pairs and small integers.
local clock = require "clock"

local function step(action, value)
    if action == "nop" then
        return value
    elseif action == "half" then
        return value * 0.5
    elseif type(action) == "table" then
        local tag = action[1]
        if tag == "add" then
            return value + action[2]
        elseif tag == "sub" then
            return value - action[2]
        end
    elseif action == 0 then
        return value + 1
    elseif action == 1 then
        return value - 1
    elseif action == 2 then
        return value * 2
    end
    return 0 / 0
end

local function run(rounds)
    local actions = {[0] = {"add", 7}, "nop", 0, "half", {"sub", 3}, 1, 2, "nop"}
    local value, sum = 1, 0
    for _ = 1, rounds do
        for j = 0, 7 do
            value = step(actions[j], value)
            sum = sum + value
        end
    end
    return sum
end

local start = clock()
local result = run(1250000)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

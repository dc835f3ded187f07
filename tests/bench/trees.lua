-- Binary trees: built, counted and dropped, while one large tree lives on.
local clock = require "clock"

local function make(depth)
    if depth == 0 then return {left = nil, right = nil} end
    return {left = make(depth - 1), right = make(depth - 1)}
end

local function count(node)
    if not node.left then return 1 end
    return count(node.left) + count(node.right) + 1
end

local function trees(most)
    local lasting = make(most)
    local sum, times = 0, 2 ^ most
    for depth = 4, most, 2 do
        for _ = 1, times do sum = sum + count(make(depth)) end
        times = times / 4
    end
    return sum + count(lasting)
end

local start = clock()
local result = trees(14)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

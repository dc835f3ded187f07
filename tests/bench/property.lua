-- Properties of an object read and written in a loop.
local clock = require "clock"

local function move(p, steps)
    for _ = 1, steps do
        p.x = p.x + p.dx
        p.y = p.y + p.dy
    end
    return p.x + p.y
end

local start = clock()
local result = move({x = 0, y = 0, dx = 1, dy = 2}, 20000000)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

-- Method calls: one method is found on the prototype, the other on the prototype's prototype.
local clock = require "clock"

local Base = {}
Base.__index = Base

function Base:add(n)
    self.total = self.total + n
end

local Derived = setmetatable({}, Base)
Derived.__index = Derived

function Derived:scaled(n)
    return n * self.factor
end

local function run(n)
    local counter = setmetatable({total = 0, factor = 0.5}, Derived)
    for i = 0, n - 1 do counter:add(counter:scaled(i)) end
    return counter.total
end

local start = clock()
local result = run(20000000)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

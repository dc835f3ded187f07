-- The sun and its four large planets, moved step by step.
local clock = require "clock"
local sqrt = math.sqrt

local bodies = {
    {x = 0, y = 0, z = 0, vx = 0, vy = 0, vz = 0, m = 39.47841760435743},
    {x = 4.841431442464721, y = -1.1603200440274284, z = -0.10362204447112311,
     vx = 0.606326392995832, vy = 2.81198684491626, vz = -0.02521836165988763, m = 0.03769367487038949},
    {x = 8.34336671824458, y = 4.124798564124305, z = -0.4035234171143214,
     vx = -1.0107743461771468, vy = 1.8256623712304119, vz = 0.008415761376584154, m = 0.011286326131968767},
    {x = 12.894369562139131, y = -15.111151401698631, z = -0.22330757889265573,
     vx = 1.0827910064415354, vy = 0.8687130181696082, vz = -0.010832637401363636, m = 0.0017237240570597112},
    {x = 15.379697114850917, y = -25.919314609987964, z = 0.17925877295037118,
     vx = 0.979090732243898, vy = 0.5946989986476762, vz = -0.034755955504078104, m = 0.0020336868699246304},
}

local function momentum(bodies, key)
    local sum = 0
    for i = 2, #bodies do sum = sum - bodies[i][key] * bodies[i].m end
    return sum / bodies[1].m
end

local function offset_momentum(bodies)
    local sun = bodies[1]
    sun.vx, sun.vy, sun.vz = momentum(bodies, "vx"), momentum(bodies, "vy"), momentum(bodies, "vz")
end

local function advance(bodies, step)
    local n = #bodies
    for i = 1, n do
        local a = bodies[i]
        for j = i + 1, n do
            local b = bodies[j]
            local x, y, z = a.x - b.x, a.y - b.y, a.z - b.z
            local square = x * x + y * y + z * z
            local d = step / (square * sqrt(square))
            local m = b.m * d
            a.vx = a.vx - x * m
            a.vy = a.vy - y * m
            a.vz = a.vz - z * m
            m = a.m * d
            b.vx = b.vx + x * m
            b.vy = b.vy + y * m
            b.vz = b.vz + z * m
        end
        a.x = a.x + a.vx * step
        a.y = a.y + a.vy * step
        a.z = a.z + a.vz * step
    end
end

local function energy(bodies)
    local sum = 0
    for i, a in ipairs(bodies) do
        sum = sum + (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz) * a.m * 0.5
        for j = i + 1, #bodies do
            local b = bodies[j]
            local x, y, z = a.x - b.x, a.y - b.y, a.z - b.z
            sum = sum - b.m * a.m / sqrt(x * x + y * y + z * z)
        end
    end
    return sum
end

local function run(bodies, steps)
    for _ = 1, steps do advance(bodies, 0.01) end
end

offset_momentum(bodies)
local start = clock()
run(bodies, 400000)
local finish = clock()
print(string.format("result %.0f\nms %f", math.floor(energy(bodies) * 1e9), finish - start))

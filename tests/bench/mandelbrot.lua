-- The Mandelbrot set on a grid of n by n points.
local clock = require "clock"

local function mandelbrot(n, limit)
    local sum = 0
    for y = 0, n - 1 do
        local ci = 2 * y / n - 1
        for x = 0, n - 1 do
            local cr, zr, zi, i = 2 * x / n - 1.5, 0, 0, 0
            while i < limit do
                local rr, ii = zr * zr, zi * zi
                if rr + ii > 4 then break end
                zi = 2 * zr * zi + ci
                zr = rr - ii + cr
                i = i + 1
            end
            sum = sum + i
        end
    end
    return sum
end

local start = clock()
local result = mandelbrot(600, 200)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

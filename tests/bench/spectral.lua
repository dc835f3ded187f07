-- The spectral norm of the matrix 1, 1/2, 1/4, ... by the power method.
local clock = require "clock"

local function a(i, j)
    return 1 / ((i + j) * (i + j + 1) / 2 + i + 1)
end

local function times(n, v, product)
    for i = 0, n - 1 do
        local sum = 0
        for j = 0, n - 1 do sum = sum + a(i, j) * v[j] end
        product[i] = sum
    end
end

local function times_transposed(n, v, product)
    for i = 0, n - 1 do
        local sum = 0
        for j = 0, n - 1 do sum = sum + a(j, i) * v[j] end
        product[i] = sum
    end
end

local function times_both(n, v, product, between)
    times(n, v, between)
    times_transposed(n, between, product)
end

local function spectral(n)
    local u, v, between = {}, {}, {}
    for i = 0, n - 1 do u[i], v[i], between[i] = 1, 0, 0 end
    for _ = 1, 10 do
        times_both(n, u, v, between)
        times_both(n, v, u, between)
    end
    local uv, vv = 0, 0
    for i = 0, n - 1 do
        uv = uv + u[i] * v[i]
        vv = vv + v[i] * v[i]
    end
    return math.floor(math.sqrt(uv / vv) * 1e9)
end

local start = clock()
local result = spectral(1000)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

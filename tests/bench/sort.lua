-- Quicksort of an array of pseudorandom numbers; filling it and checking it are not timed.
local clock = require "clock"
local floor = math.floor

local function filled(n)
    local a, seed = {}, 42
    for i = 0, n - 1 do
        seed = seed * 16807 % 2147483647
        a[i] = seed
    end
    return a
end

local function sort(a, first, last)
    if first >= last then return end
    local pivot = a[floor((first + last) / 2)]
    local i, j = first, last
    while i <= j do
        while a[i] < pivot do i = i + 1 end
        while a[j] > pivot do j = j - 1 end
        if i <= j then
            a[i], a[j] = a[j], a[i]
            i, j = i + 1, j - 1
        end
    end
    sort(a, first, j)
    sort(a, i, last)
end

local function checksum(a, n)
    local sum = 0
    for i = 0, n - 1 do
        if i > 0 and a[i] < a[i - 1] then return 0 / 0 end
        sum = sum + a[i] % 1000 * (i % 1000)
    end
    return sum
end

local n = 500000
local a = filled(n)
local start = clock()
sort(a, 0, n - 1)
local finish = clock()
print(string.format("result %.0f\nms %f", checksum(a, n), finish - start))

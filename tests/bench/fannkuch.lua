-- Fannkuch: the flips of all permutations of 0 to n - 1.
local clock = require "clock"

local function fannkuch(n)
    local permutation, copy, count = {}, {}, {}
    for i = 0, n - 1 do permutation[i], copy[i], count[i] = i, i, i end
    local checksum, most, sign, r = 0, 0, 1, n
    while true do
        while r ~= 1 do
            count[r - 1] = r
            r = r - 1
        end
        for i = 0, n - 1 do copy[i] = permutation[i] end
        local flips, first = 0, copy[0]
        while first ~= 0 do
            local i, j = 0, first
            while i < j do
                copy[i], copy[j] = copy[j], copy[i]
                i, j = i + 1, j - 1
            end
            flips = flips + 1
            first = copy[0]
        end
        if flips > most then most = flips end
        checksum = checksum + sign * flips
        sign = -sign
        while true do
            if r == n then return checksum * 100 + most end
            local first = permutation[0]
            for i = 0, r - 1 do permutation[i] = permutation[i + 1] end
            permutation[r] = first
            count[r] = count[r] - 1
            if count[r] > 0 then break end
            r = r + 1
        end
    end
end

local start = clock()
local result = fannkuch(10)
local finish = clock()
print(string.format("result %.0f\nms %f", result, finish - start))

local start = os.clock()
local s, i = 0, 0
while i < 20000000 do
    s = s * 0.5 + i
    i = i + 1
end
print("result " .. string.format("%.0f", s))
print("ms " .. (os.clock() - start) * 1000)

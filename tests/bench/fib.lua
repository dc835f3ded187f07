local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local start = os.clock()
local result = fib(32)
print("result " .. result)
print("ms " .. (os.clock() - start) * 1000)

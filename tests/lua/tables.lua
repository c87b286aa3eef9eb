-- Tables and metatables, sorting, garbage collection, closures, goto, numbers.
local t = { 10, 20, 30, nil, 50, n = "named", [100] = "far" }
print(#t == 5 or #t == 3, t.n, t[100], select("#", table.unpack(t, 1, 5)), next({}), rawlen({ 1, 2 }), rawequal(t, t))
table.insert(t, 1, 0); print(t[1], t[2], table.remove(t, 1), t[1]); print(pcall(table.insert, { 1 }, 5, 2))
print(table.concat({ 1, 2, 3 }, "-", 2, 3), table.unpack({ 1, 2, 3 }, 2), table.pack(1, nil, 3).n, table.concat(table.move({ 1, 2, 3 }, 1, 3, 2), ","))

local big = {}
for i = 1, 200000 do big[i] = (i * 7919) % 200003 end
table.sort(big)
local ordered = true
for i = 2, #big do if big[i - 1] > big[i] then ordered = false end end
print(#big, ordered, big[1], big[100000], big[200000])
table.sort(big, function(a, b) return a > b end)
print(big[1], big[200000])
local words = {}
for word in ("the quick brown fox jumps over the lazy dog the end"):gmatch("%a+") do words[word] = (words[word] or 0) + 1 end
local names = {}
for name in pairs(words) do names[#names + 1] = name end
table.sort(names, function(a, b) return words[a] > words[b] or words[a] == words[b] and a < b end)
for _, name in ipairs(names) do io.write(name, "=", words[name], " ") end print()
print(pcall(table.sort, { 3, 1, 2, 5, 4, 9, 8, 7 }, function() return true end) ~= nil)

local hash = {}
for i = 1, 100000 do hash["key" .. i] = i; hash[i * 0.5] = -i end
for i = 1, 100000, 2 do hash["key" .. i] = nil end
local count, sum = 0, 0
for _, v in pairs(hash) do count = count + 1; sum = sum + v end
print(count, sum, hash.key2, hash.key3, hash[1.5], hash[2])

local Vector = {}
Vector.__index = Vector
setmetatable(Vector, { __call = function(_, x, y) return setmetatable({ x = x, y = y }, Vector) end })
Vector.__add = function(a, b) return Vector(a.x + b.x, a.y + b.y) end
Vector.__mul = function(a, b) return type(b) == "number" and Vector(a.x * b, a.y * b) or a.x * b.x + a.y * b.y end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__lt = function(a, b) return a:length() < b:length() end
Vector.__le = function(a, b) return a:length() <= b:length() end
Vector.__unm = function(a) return Vector(-a.x, -a.y) end
Vector.__len = function() return 2 end
Vector.__concat = function(a, b) return tostring(a) .. "|" .. tostring(b) end
Vector.__tostring = function(v) return "(" .. v.x .. "," .. v.y .. ")" end
Vector.__idiv = function() return "idiv" end
Vector.__band = function() return "band" end
Vector.__shl = function() return "shl" end
Vector.__bnot = function() return "bnot" end
Vector.__close = nil
function Vector:length() return (self.x ^ 2 + self.y ^ 2) ^ 0.5 end
local a, b = Vector(3, 4), Vector(1, 2)
print(tostring(a + b), tostring(a * 2), a * b, a == Vector(3, 4), a < b, a >= b, tostring(-a), #a, a .. b, a .. "s", a // 1, a & 1, a << 1, ~a, a:length())

local log = {}
local proxy = setmetatable({}, { __index = function(_, k) log[#log + 1] = "get " .. tostring(k); return k end, __newindex = function(t, k, v) log[#log + 1] = "set " .. k; rawset(t, k, v) end })
local _ = proxy.a; proxy.b = 1; _ = proxy.b; proxy.b = 2
print(table.concat(log, ";"), rawget(proxy, "a"), proxy.b)
local default = setmetatable({}, { __index = setmetatable({ base = 1 }, { __index = { root = 2 } }), __metatable = "locked" })
print(default.base, default.root, default.none, getmetatable(default), pcall(setmetatable, default, {}))

local weak, strong = setmetatable({}, { __mode = "k" }), {}
for i = 1, 100 do local key = {}; weak[key] = i; if i % 10 == 0 then strong[#strong + 1] = key end end
local finalised = 0
for _ = 1, 50 do setmetatable({}, { __gc = function() finalised = finalised + 1 end }) end
collectgarbage(); collectgarbage()
count = 0
for _ in pairs(weak) do count = count + 1 end
print(count, finalised)
collectgarbage("generational"); for i = 1, 100000 do local _ = { i, tostring(i) } end
collectgarbage("incremental"); for i = 1, 100000 do local _ = { { i } } end
collectgarbage("stop"); print(collectgarbage("isrunning")); collectgarbage("restart"); collectgarbage()
print(collectgarbage("count") < 100000)

local counters = {}
for i = 1, 3 do local n = i * 10; counters[i] = { up = function() n = n + 1; return n end, get = function() return n end } end
counters[1].up(); counters[1].up(); print(counters[1].get(), counters[2].get())
for i = 1, 3 do for j = 1, 3 do if j == 2 then goto continue end if i == 3 then goto done end io.write(i, j, " ") ::continue:: end end ::done:: print()
local function variadic(...) local x, y = ...; return select("#", ...), x, y, (select(-1, ...)) end
print(variadic(1, nil, 3), (variadic(1, 2)))
local function tail(n, total) if n == 0 then return total end return tail(n - 1, total + n) end
print(tail(1000000, 0))
local env = { print = print }; local f = load("x = 5; print(x); return y", "chunk", "t", env); print(f(), env.x, x)
print(string.dump(function() return 42 end) ~= nil, load(string.dump(function() return 42 end))())
print(7 // 2, 7.0 // 2, -7 // 2, 7 / 2, 3 | 4, 7 & 5, 5 ~ 3, 1 << 62, 1 >> 1, ~0, 2 ^ 10, 7 // 0.0, -7 % math.huge, 3 % -math.huge)
print(math.floor(-3.5), math.ceil(-3.5), math.abs(math.mininteger), math.fmod(-7, 3), math.ult(1, -1), math.tointeger(3.0), math.max(1, 2.5), math.min(3))
print(math.sqrt(2), math.sin(1), math.cos(1), math.exp(1), math.log(10), math.log(8, 2), math.log(100, 10), math.pi, math.huge)
print(0x7fffffffffffffff, 0xffffffffffffffff, 1e1, 0x.8p1, 9007199254740993, 9223372036854775807, 9223372036854775808, 3 == 3.0000000000000001)
math.randomseed(42); local r1 = math.random(1, 100); math.randomseed(42); print(r1 == math.random(1, 100), math.random(5, 5), pcall(math.random, 2, 1))
for i = 3, 1 do print("never") end for i = 1, 2, 0.5 do io.write(i, " ") end for i = math.maxinteger - 1, math.maxinteger do io.write(i, " ") end print()

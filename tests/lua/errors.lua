-- error, pcall, xpcall, assert: also across C functions (sort, gsub, require, load), which is where longjmp crosses frames.
local function strip(message) return type(message) == "string" and (message:gsub("[^%s]*:%d+: ", "")) or message end
local function try(f, ...) local r = table.pack(pcall(f, ...)); for i = 1, r.n do r[i] = strip(r[i]) end; print(table.unpack(r, 1, r.n)) end

try(error, "x"); try(error, "x", 0); try(error); try(error, nil); try(error, 42); try(error, { 1 } ~= nil)
try(function() error("level one", 1) end); try(function() error("level two", 2) end)
try(function() local t = nil; return t.field end)
try(function() local t = {}; t.x.y = 1 end)
try(function() return 1 + {} end)
try(function() return "a" + 1 end)
try(function() return #5 end)
try(function() return {} < {} end)
try(function() return 1 < "2" end)
try(function() undefined_function() end)
try(function() ("x"):no_such_method() end)
try(function() return 1 // 0 end); try(function() return 1 % 0 end)
try(function() return 2 ^ 53 | 0.5 end)
try(function() return math.tointeger("8") or error("not an integer") end)
try(setmetatable, 1, {}); try(string.rep); try(("x").rep, "x", 1e10); try(table.concat, { 1, {}, 3 }); try(tostring)
try(assert, false); try(assert, nil, "assertion message"); try(assert, 1, 2, 3); try(select, 0); try(ipairs)
try(function() for i = 1, 10, 0 do end end); try(function() for i = "a", 2 do end end)

-- Out of callbacks of C functions.
try(table.sort, { 3, 1, 2 }, function(a, b) error("in the comparison", 0) end)
try(string.gsub, "abc", "%w", function(c) if c == "b" then error("in gsub at " .. c, 0) end end)
try(function() return load(function() error("in the reader", 0) end) end)
try(function() for _ in pairs(setmetatable({}, { __pairs = function() error("in __pairs", 0) end })) do end end)
try(tostring, setmetatable({}, { __tostring = function() error("in __tostring", 0) end }))
try(tostring, setmetatable({}, { __tostring = function() return 1 end }))
try(table.concat, setmetatable({}, { __len = function() error("in __len", 0) end }))
print((select(2, pcall(require, "absent_module")):match("module 'absent_module' not found")))

-- Nested, rethrown, and with handlers.
print(pcall(pcall, pcall, error, "e"))
print(pcall(function() local ok, e = pcall(error, "inner", 0); error("outer of " .. e, 0) end))
print(xpcall(function() error("handled", 0) end, function(m) return "handler got " .. m end))
print(xpcall(function(...) return select("#", ...) end, print, 1, nil, nil))
print((select(2, xpcall(function() local x = nil; x() end, function(m) return (debug.traceback(m, 1):gsub("\n.*", "")) end)):gsub("^.-:%d+: ", "")))
print(select(2, xpcall(error, function() error("again") end)) ~= nil)
local depth = 0
local function overflow() depth = depth + 1; return 1 + overflow() end
local ok, message = pcall(overflow)
print(ok, message:match("stack overflow") , depth > 1000)
ok, message = pcall(string.rep, "abc", 1 << 40)
print(ok, strip(message))
local nested = 0
local function recurse(n) if n == 0 then error("deep", 0) end local ok, e = pcall(recurse, n - 1); nested = nested + 1; error(e, 0) end
print(pcall(recurse, 100), nested)

-- To-be-closed variables on the way out.
do
  local function guard(name) return setmetatable({}, { __close = function(_, e) print("close", name, strip(e)) end }) end
  print(pcall(function() local a <close> = guard("a"); local b <close> = guard("b"); error("leaving", 0) end))
  for i = 1, 2 do local g <close> = guard(i); if i == 2 then goto out end end
  ::out::
end
print(pcall(load, "x ="), load("x ="))
print(load("return ...", "chunk")(1, 2))
print(strip(select(2, load("for", "=name"))))
warn("@on"); print(collectgarbage("count") > 0)
for i = 1, 1000 do pcall(error, i) end
print("survived a thousand errors")
os.exit(7, true)

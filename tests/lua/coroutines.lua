-- Coroutines: values both ways, errors, wrapping, closing, yielding across pcall and metamethods.
local function show(...) print(select("#", ...), ...) end

local co = coroutine.create(function(a, b)
  show("started", a, b)
  local c = coroutine.yield(a + b)
  show("resumed", c)
  local d, e = coroutine.yield(c * 2)
  show("again", d, e)
  return "the", "end"
end)
show(coroutine.resume(co, 1, 2))
show(coroutine.status(co), coroutine.isyieldable(co))
show(coroutine.resume(co, 10))
show(coroutine.resume(co, "x", nil))
show(coroutine.status(co))
show(coroutine.resume(co))

local function range(n)
  return coroutine.wrap(function() for i = 1, n do coroutine.yield(i, i * i) end end)
end
for i, square in range(5) do io.write(i, ":", square, " ") end
print()

local failing = coroutine.create(function() coroutine.yield(1); error("inside") end)
show(coroutine.resume(failing))
local ok, message = coroutine.resume(failing)
show(ok, (message:gsub("^.*:%d+: ", "")))
show(coroutine.status(failing))
ok, message = pcall(coroutine.wrap(function() error({ code = 5 }) end))
show(ok, message.code)

-- Yield out of pcall, out of a metamethod, out of an iterator, out of table.sort's neighbour functions.
local deep = coroutine.wrap(function()
  local ok, value = pcall(function()
    local got = coroutine.yield("from pcall")
    if got == "fail" then error("asked to fail", 0) end
    return got
  end)
  coroutine.yield(tostring(ok) .. " " .. value)
  local object = setmetatable({}, {
    __add = function(_, n) return coroutine.yield("from __add") + n end,
    __index = function(_, key) return coroutine.yield("from __index " .. key) end,
    __lt = function() return coroutine.yield("from __lt") end,
  })
  print(object + 5, object.name, object < object)
  for value in function() return coroutine.yield("from iterator") end do print("iterated", value) break end
  return "done"
end)
print(deep()); print(deep("fail")); print(deep()); print(deep(10)); print(deep("indexed")); print(deep(true)); print(deep(42))

-- A ring of a thousand, each passing a number on.
local threads, sum = {}, 0
for i = 1, 1000 do
  threads[i] = coroutine.wrap(function() while true do local n = coroutine.yield(); sum = sum + n * i end end)
  threads[i]()
end
for round = 1, 10 do for i = 1, 1000 do threads[i](round) end end
print(sum)

-- Recursion through coroutines, generators of permutations.
local function permutations(list, n)
  n = n or #list
  if n <= 1 then coroutine.yield(table.concat(list)) return end
  for i = 1, n do
    list[i], list[n] = list[n], list[i]
    permutations(list, n - 1)
    list[i], list[n] = list[n], list[i]
  end
end
local all = {}
for p in coroutine.wrap(function() permutations({ "a", "b", "c", "d" }) end) do all[#all + 1] = p end
table.sort(all)
print(#all, all[1], all[24])

-- Closing runs pending to-be-closed variables.
local closing = coroutine.create(function()
  local guard <close> = setmetatable({}, { __close = function(_, e) print("closed", e) end })
  coroutine.yield("held")
end)
show(coroutine.resume(closing))
show(coroutine.close(closing))
show(coroutine.status(closing))
print(coroutine.isyieldable(), select(2, coroutine.running()))
show(pcall(coroutine.resume, nil))
show(coroutine.resume(coroutine.running()))
local function depth(n) return n == 0 and "bottom" or coroutine.wrap(depth)(n - 1) end
print(depth(150))
print(pcall(string.rep, "x", -1), (pcall(coroutine.wrap(function() return pcall(pcall, error, "nested") end))))

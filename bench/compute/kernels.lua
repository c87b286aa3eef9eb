-- Classic kernels of an interpreter: calls, tables of numbers, floating point, strings. Answers counts as rows/bench.h does.

local function fibonacci(n)
  if n < 2 then return n end
  return fibonacci(n - 1) + fibonacci(n - 2)
end

-- Planets around a sun, by symplectic steps.
local function planets(steps)
  local bodies = {}
  for i = 0, 4 do
    local angle = i * 1.3
    bodies[i + 1] = {
      x = i * 5 * math.cos(angle), y = i * 5 * math.sin(angle), z = i * 0.1,
      vx = -math.sin(angle), vy = math.cos(angle), vz = 0.01, mass = i == 0 and 40 or 0.03,
    }
  end
  for _ = 1, steps do
    for i = 1, #bodies do
      local a = bodies[i]
      for j = i + 1, #bodies do
        local b = bodies[j]
        local dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
        local square = dx * dx + dy * dy + dz * dz
        local pull = 0.001 / (square * math.sqrt(square))
        a.vx, a.vy, a.vz = a.vx - dx * b.mass * pull, a.vy - dy * b.mass * pull, a.vz - dz * b.mass * pull
        b.vx, b.vy, b.vz = b.vx + dx * a.mass * pull, b.vy + dy * a.mass * pull, b.vz + dz * a.mass * pull
      end
    end
    for _, body in ipairs(bodies) do
      body.x, body.y, body.z = body.x + 0.001 * body.vx, body.y + 0.001 * body.vy, body.z + 0.001 * body.vz
    end
  end
  return bodies[1].x
end

-- The spectral norm of an infinite matrix's corner.
local function norm(size)
  local function entry(i, j)
    return 1 / ((i + j) * (i + j + 1) / 2 + i + 1)
  end
  local function multiply(v, transposed)
    local product = {}
    for i = 0, size - 1 do
      local sum = 0
      for j = 0, size - 1 do sum = sum + v[j + 1] * (transposed and entry(j, i) or entry(i, j)) end
      product[i + 1] = sum
    end
    return product
  end
  local u, v = {}, nil
  for i = 1, size do u[i] = 1 end
  for _ = 1, 4 do
    v = multiply(multiply(u), true)
    u = multiply(multiply(v), true)
  end
  local uv, vv = 0, 0
  for i = 1, size do uv, vv = uv + u[i] * v[i], vv + v[i] * v[i] end
  return math.sqrt(uv / vv)
end

local function strings(words)
  local list = {}
  for i = 1, words do list[i] = ("word-%d"):format(i * 7919 % words) end
  table.sort(list)
  local text = table.concat(list, " ")
  local digits = 0
  for number in text:gmatch("%d+") do digits = digits + #number end
  return digits + #text:gsub("word", "w"):upper()
end

local function run(count)
  for _ = 1, count do
    assert(fibonacci(16) == 987)
    planets(150)
    assert(norm(24) > 1.27)
    strings(700)
  end
end

print("ready")
for line in io.lines() do
  local from = os.clock()
  run(tonumber(line))
  print(("%.0f"):format((os.clock() - from) * 1e9))
end

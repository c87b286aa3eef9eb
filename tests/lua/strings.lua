-- Strings: patterns, format, utf8, pack, buffers of megabytes.
print(("hello world"):find("o w"), ("hello"):find("l", 1, true), ("a.b"):find(".", 1, true), ("abc"):find("b", -1))
print(("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("2024-02-29"):match("(%d+)-(%d+)-(%d+)"), ("x"):match("()x()"))
print(("hello world from lua"):gsub("o", "0"), ("abc"):gsub("%w", "%0%0"), ("hello"):gsub("", "-"), ("abc"):gsub("b", { b = "X" }), ("abc"):gsub(".", { a = 1, b = false }))
print(("THE (quick) fox"):find("%((%a+)%)"), ("f(a(b)c)d"):match("%b()"), ("THE (quick) fox"):gsub("%f[%a]%a+", string.lower))
print(("one;two;;four"):gsub(";;", ";nil;"), ("  trim  "):match("^%s*(.-)%s*$") .. "|", ("%d"):gsub("%%d", "%%%%"))
for k, v in ("a=1, b=2, c=3"):gmatch("(%w+)=(%w+)") do io.write(k, v, ";") end print()
for word in ("The quick brown fox"):gmatch("%a+") do io.write(word:upper(), ".") end print()
for _, p in ipairs({ "%a", "%d", "%l", "%s", "%u", "%w", "%x", "%p", "%c", "%g", "[a-c]", "[^%w]", "." }) do
  local n = 0
  for i = 0, 255 do if string.char(i):match(p) then n = n + 1 end end
  io.write(p, "=", n, " ")
end
print()
print(pcall(string.find, "a", "[a"), pcall(string.find, "a", "%"), pcall(string.gsub, "a", "(", ""), pcall(string.rep, "x", 3, ","))
print(("x"):rep(0), ("ab"):rep(3, "-"), ("abc"):reverse(), ("abc"):sub(-2), ("abc"):sub(2, 10), ("abc"):sub(0), ("abc"):byte(1, -1))
print(#("\0\1\2"), ("a\0b"):byte(2), "\65\x42\u{43}\z
       end", '\'', "tab\tq", [[long
string]], [==[with ]] inside]==])

local values = { 0, 1, -1, 3.14159, 1e100, -1e-100, 123456789012, 0.1, 1 / 3, 2 ^ 53, -0.0, 255 }
for _, v in ipairs(values) do
  print(string.format("%5.1f|%g|%e|%.3f|%10.4g|%-10.2f|%a", v, v, v, v, v, v, v), v)
end
print(string.format("%d %5d %-5d| %05d %+d %x %X %#x %o %c %s %q %i %u", 42, 42, 42, 42, 42, 255, 255, 255, 8, 65, "str", 'q"\n\0', 7, 7))
print(string.format("%q %q %q", 1 / 3, math.mininteger, 0 / 0 ~= 0 / 0 and 1 or 0), string.format("%-10s|%10s|%.2s|%%", "left", "right", "cut"))
print(pcall(string.format, "%d", 1.5), pcall(string.format, "%y", 1), pcall(string.format, "%d"), string.format("%s %s", 1, {} ~= nil))
print(tostring(1e15), tostring(1e16), 2 ^ 63, 1e308 * 10, -1e308 * 10, 10 // 3, 10.0 // 3, -7 // 2, -7 % 3, 7 % -3, 5.5 % 2)

print(utf8.char(72, 228, 8364, 128512), utf8.len("häß€😀"), utf8.codepoint("€", 1), utf8.offset("aä€", 3), #utf8.charpattern)
for p, c in utf8.codes("aé😀") do io.write(p, ":", c, " ") end print()
print(utf8.len("\xff"), pcall(utf8.codepoint, "\xff"), utf8.len("abc", 4), utf8.len("äöü", -2))

print(string.pack("<i4", 100):byte(1, -1)); print(string.unpack(">I2", "\1\2"), string.unpack("z", "text\0rest"), string.packsize("i4i8"))
print(string.unpack("<d", string.pack("<d", 1.5)), string.unpack("s1", "\3abcd"), pcall(string.unpack, "i4", "abc"))

local parts = {}
for i = 1, 100000 do parts[i] = i end
local big = table.concat(parts, ",")
print(#big, select(2, big:gsub(",", "")), big:sub(-6), #big:rep(20))
local hash = 0
for c in big:gmatch(".") do hash = (hash * 31 + c:byte()) % 1000000007 end
print(hash)
print(("x"):rep(1000):find(("x?"):rep(20) .. ("x"):rep(20)), tostring(nil), tostring(true), tonumber("0x1p4"), tonumber("  12  "), tonumber("1e"), tonumber("z", 36), tonumber("8", 8), tonumber(""), tonumber("0x"), tonumber("1 2"))
print(math.type(1), math.type(1.0), math.type("1"), 1 == 1.0, "10" + 5, "3" * "4", 10 .. 20, "0x10" + 0, math.maxinteger + 1 == math.mininteger)
print(("%s"):format(setmetatable({}, { __tostring = function() return "object" end })), #string.format("%p", {}) > 0, ("a"):lower() < ("B"):lower(), "a" < "B", "Z" < "a", "" < "a")

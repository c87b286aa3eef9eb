// Entry of a machine's worker thread in the bundle. Node's compile cache would keep the code of what a script defines, but not of the
// functions in it, which are compiled when they are first called; the code that record.ts makes has those that a start needs.
const { readFileSync } = require("node:fs");
const { parentPort } = require("node:worker_threads");
const { Script } = require("node:vm");

/** Scripts of the bundle that have been loaded, and what they export, by name. */
const scripts = new Map();

function load(name) {
  const known = scripts.get(name);
  if (known) return known.exports;
  const file = `${__dirname}/${name}`;
  const script = new Script(`(function (exports, require, __filename) {${readFileSync(file, "utf8")}\n})`, {
    filename: file,
    cachedData: code(file),
  });
  const exports = {};
  scripts.set(name, { script, exports });
  script.runInThisContext()(exports, (id) => (id.startsWith("./") ? load(id.slice(2)) : require(id)), file);
  return exports;
}

/** V8's code of a script; it does without where there is none, or where it was made by another V8 or under other flags. */
function code(file) {
  try {
    return readFileSync(`${file}.code`);
  } catch {
    return undefined;
  }
}

const { serveOwner } = load("machine.js");
if (parentPort) serveOwner(parentPort);
else module.exports = { scripts };

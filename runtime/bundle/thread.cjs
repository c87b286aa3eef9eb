// Entry of a machine's worker thread in the bundle. Node's compile cache would keep the code of what a script defines, but not of the
// functions in it, which are compiled when they are first called; the code that record.ts makes has those that a start needs.
const { readFileSync } = require("node:fs");
const { parentPort } = require("node:worker_threads");
const { Script, constants } = require("node:vm");

const file = `${__dirname}/machine.js`;
const script = new Script(`(function (exports, require, __filename) {${readFileSync(file, "utf8")}\n})`, {
  filename: file,
  cachedData: code(),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const machine = {};
script.runInThisContext()(machine, require, file);
if (parentPort) machine.serveOwner(parentPort);
else module.exports = { script, machine };

/** V8's code; it does without where there is none, or where it was made by another V8 or under other flags. */
function code() {
  try {
    return readFileSync(`${__dirname}/machine.code`);
  } catch {
    return undefined;
  }
}

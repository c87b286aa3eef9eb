/** SQLite: its shell. */

import { join } from "node:path";
import { built } from "../../paths.ts";
import { run, which } from "../../run.ts";
import { Apt, type Log } from "../../toolchain/apt.ts";
import { compiler, install, type Target, unpackPort } from "../port.ts";

/** As Debian configures it, as far as the shell shows it; no readline. */
const OPTIONS = [
  "-w",
  "-DSQLITE_THREADSAFE=1",
  "-DSQLITE_ENABLE_COLUMN_METADATA",
  "-DSQLITE_ENABLE_DBSTAT_VTAB",
  "-DSQLITE_ENABLE_EXPLAIN_COMMENTS",
  "-DSQLITE_ENABLE_FTS3",
  "-DSQLITE_ENABLE_FTS4",
  "-DSQLITE_ENABLE_FTS5",
  "-DSQLITE_ENABLE_MATH_FUNCTIONS",
  "-DSQLITE_ENABLE_RTREE",
  "-DSQLITE_ENABLE_STMTVTAB",
  "-DSQLITE_ENABLE_UNKNOWN_SQL_FUNCTION",
  "-DHAVE_FDATASYNC",
  "-DHAVE_GMTIME_R",
  "-DHAVE_LOCALTIME_R",
  "-DHAVE_STRERROR_R",
  "-DHAVE_USLEEP",
];

/** Builds sqlite3 into the target's programs. */
export async function buildSqlite(target: Target, log: Log): Promise<void> {
  const tree = await unpackPort("sqlite3", "sqlite", target, log);
  const env = await tcl(log);
  log("generating the one-file form of the source");
  await run("./configure", ["--quiet", "--disable-tcl", "--disable-shared", "--disable-readline"], { cwd: tree, env });
  // One job: the makefile lacks a dependency between the generated headers.
  await run("make", ["--silent", "sqlite3.c", "shell.c"], { cwd: tree, env });
  log(target === "ring3" ? "compiling" : "compiling for the host");
  // For the host, where it is only compared with, what takes half the time to compile will do.
  const args = [
    target === "ring3" ? "-O2" : "-O1",
    ...OPTIONS,
    "-o",
    "sqlite3",
    "shell.c",
    "sqlite3.c",
    "-lm",
    "-ldl",
    "-lpthread",
  ];
  await run(compiler(target), args, { cwd: tree });
  install(join(tree, "sqlite3"), target);
}

/** The environment in which there is a tclsh, which SQLite's own build runs: the machine's, or Debian's unpacked. */
async function tcl(log: Log): Promise<Record<string, string>> {
  if (which("tclsh", "tclsh8.6", "tclsh8.7", "tclsh9.0")) return {};
  const folder = built("tcl");
  for (const deb of await new Apt(log).packages(["tcl8.6", "libtcl8.6"])) await run("dpkg", ["-x", deb, folder]);
  const { stdout } = await run("find", [join(folder, "usr", "lib"), "-name", "libtcl8.6.so"]);
  return {
    PATH: `${join(folder, "usr", "bin")}:${process.env.PATH}`,
    LD_LIBRARY_PATH: join(stdout.trim().split("\n")[0], ".."),
    TCL_LIBRARY: join(folder, "usr", "share", "tcltk", "tcl8.6"),
  };
}

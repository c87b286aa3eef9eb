// Objects, the garbage collector and processes: what fork copies, what spawn must not touch, and what errors say.

import {
  Command,
  chdir,
  console,
  cwd,
  errnoName,
  exit,
  File,
  fork,
  getenv,
  Lines,
  mkdir,
  O_CREAT,
  O_RDWR,
  Pipe,
  readDirectory,
  readTextFile,
  rename,
  rmdir,
  SEEK_SET,
  setenv,
  stat,
  strerror,
  unlink,
  wait,
  writeTextFile,
} from "ring3";

class Tree {
  constructor(
    readonly left: Tree | null,
    readonly right: Tree | null,
    readonly name: string,
  ) {}

  /** How many nodes there are whose name is as it was given. */
  count(depth: i32): i32 {
    const left = this.left;
    const right = this.right;
    const here = i32(this.name == `node ${depth}`);
    return here + (left === null ? 0 : left.count(depth - 1)) + (right === null ? 0 : right.count(depth - 1));
  }
}

function grow(depth: i32): Tree {
  return new Tree(depth ? grow(depth - 1) : null, depth ? grow(depth - 1) : null, `node ${depth}`);
}

/** Forks at the end of a recursion whose every frame holds objects: parent and child go on making others, and look at all. */
function nested(depth: i32, kept: Tree[]): string {
  if (depth == 0) {
    const pid = fork();
    for (let i = 0; i < 40; i++) kept.push(grow(8));
    let intact = 0;
    for (let i = 0; i < kept.length; i++) intact += i32(kept[i].count(8) == 511);
    if (pid > 0) {
      const ended = wait(pid);
      return `parent ${intact}, child ended with ${ended!.code}`;
    }
    return `child ${intact}`;
  }
  const mine = `frame ${depth}`;
  kept.push(grow(8));
  const result = nested(depth - 1, kept);
  return mine == `frame ${depth}` ? result : `frame ${depth} is broken`;
}

const result = nested(10, []);
console.log(result);
if (result.startsWith("child")) exit(7);

// Processes without fork
const command = new Command(["sh", "-c", 'echo "$WORD" and $(cat)']);
setenv("WORD", "spawned");
const pipe = Pipe.open()!;
pipe.writer.writeText("its input");
pipe.writer.close();
command.stdin = pipe.reader;
console.log(`status ${command.run()}`);
pipe.reader.close();
console.log(
  `exit ${new Command(["sh", "-c", "exit 3"]).run()}, killed ${new Command(["sh", "-c", "kill -9 $$"]).run()}`,
);
console.log(`${new Command(["nosuch"]).spawn()} ${errnoName()}, ${new Command(["/etc/passwd"]).run()} ${errnoName()}`);
console.log(`WORD ${getenv("WORD")!}, ${getenv("NOSUCH") === null}`);

// Files
console.log(`${File.open("/nosuch") === null} ${errnoName()}: ${strerror()}`);
mkdir("/tmp/heap");
chdir("/tmp/heap");
console.log(cwd()!);
writeTextFile("a", "first line\nsecond ä€😀\nno newline");
const lines = new Lines(File.open("a")!);
for (let line = lines.next(); line !== null; line = lines.next()) console.log(`<${line}>`);
const file = File.open("b", O_RDWR | O_CREAT, 0o640)!;
file.writeText("0123456789");
file.seek(4, SEEK_SET);
file.writeText("xx");
file.truncate(8);
file.seek(0);
console.log(`${file.readText()!} ${file.stat()!.size} ${file.stat()!.permissions.toString(8)} ${file.close()}`);
console.log(`${file.close()} ${errnoName()}`);
rename("b", "c");
const entries = readDirectory(".")!;
console.log(`${entries.length} ${entries[0].isFile} ${stat("b") === null} ${readTextFile("c")!}`);
console.log(`${rmdir("/tmp/heap")} ${errnoName()}`);
console.log(`${unlink("a") && unlink("c") && rmdir("/tmp/heap")}`);
const large = new Uint8Array(3_000_000);
large.fill(65);
const big = File.create("/tmp/big")!;
console.log(`${big.write(large)} ${stat("/tmp/big")!.size} ${readTextFile("/tmp/big")!.length}`);

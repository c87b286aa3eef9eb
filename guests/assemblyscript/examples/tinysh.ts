// tinysh: a shell of three hundred lines. Pipelines, lists with && || ; &, subshells, if, while, for, redirections, quotes, variables,
// $? $$ $! $# $1 $(...), and the built-ins cd, exec, exit, export, read, unset, wait and `:`. It is what POSIX says as far as it goes;
// no patterns, functions, here-documents or arithmetic.
//
//     tinysh [-c COMMANDS | FILE] [ARGUMENTS...]

import {
  args,
  chdir,
  cwd,
  environment,
  errno,
  exec,
  exit,
  File,
  fork,
  getenv,
  getpid,
  notExecuted,
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  Pipe,
  readTextFile,
  SIGINT,
  SIGPIPE,
  setenv,
  stderr,
  stdin,
  strerror,
  unsetenv,
  wait,
} from "ring3";
import { F_DUPFD_CLOEXEC } from "ring3/abi/constants";
import { SYS_close, SYS_dup2, SYS_fcntl } from "ring3/abi/syscalls";
import { isName, Kind, Node, parse, Redirection } from "./tinysh-parser";

/** Variables that are not exported; those that are stand in the environment. */
const locals = new Map<string, string>();
let parameters: string[] = [];
let status = 0;
let lastBackground = 0;
/** The status of the last command substitution of a command: that of one without a name. */
let substituted = 0;

function complain(text: string): void {
  stderr.writeText(`tinysh: ${text}\n`);
}

// ---------------------------------------------------------------- variables and expansion

function variable(name: string): string {
  if (locals.has(name)) return locals.get(name);
  const value = getenv(name);
  return value === null ? "" : value;
}

function assign(name: string, value: string): void {
  if (environment().has(name)) setenv(name, value);
  else locals.set(name, value);
}

/** The value of `$name`, `$1`, `$?`... */
function parameter(name: string): string {
  const first = name.charCodeAt(0);
  if (first >= 48 && first <= 57) {
    const n = I32.parseInt(name);
    return n < parameters.length ? parameters[n] : "";
  }
  if (name == "?") return status.toString();
  if (name == "$") return shellPid.toString();
  if (name == "!") return lastBackground.toString();
  if (name == "#") return (parameters.length - 1).toString();
  if (name == "@" || name == "*") return parameters.slice(1).join(" ");
  return variable(name);
}

/** Runs commands in a child and gives what they print, less the newlines at its end. */
function substitute(text: string): string {
  const pipe = Pipe.open();
  const pid = pipe === null ? -1 : fork();
  if (pid < 0) {
    complain(strerror());
    return "";
  }
  if (pid == 0) {
    pipe!.writer.placeAt(1);
    exit(runText(text));
  }
  pipe!.writer.close();
  const output = pipe!.reader.readText();
  pipe!.reader.close();
  const ended = wait(pid);
  substituted = ended === null ? 127 : ended.code;
  if (output === null) return "";
  let end = output.length;
  while (end > 0 && output.charAt(end - 1) == "\n") end--;
  return output.substring(0, end);
}

/** One word on its way to the arguments that it becomes: quotes go, values come, blanks in unquoted values part it. */
class Expansion {
  fields: string[] = [];
  private field: string = "";
  private begun: bool = false;

  constructor(
    private readonly text: string,
    /** Values can become several fields. */
    private readonly splits: bool,
  ) {}

  run(): string[] {
    const text = this.text;
    let quoted = false;
    for (let i = 0; i < text.length; ) {
      const c = text.charAt(i);
      if (c == "'" && !quoted) {
        const end = text.indexOf("'", i + 1);
        this.add(text.substring(i + 1, end));
        i = end + 1;
      } else if (c == '"') {
        this.add("");
        quoted = !quoted;
        i++;
      } else if (c == "\\") {
        const next = text.charAt(i + 1);
        if (next != "\n") this.add(quoted && !'$`"\\'.includes(next) ? c + next : next);
        i += 2;
      } else if (c == "$") {
        i = this.dollar(i + 1, quoted);
      } else {
        this.add(c);
        i++;
      }
    }
    this.part();
    return this.fields;
  }

  /** Expands what follows a `$`; gives the position after it. */
  private dollar(i: i32, quoted: bool): i32 {
    const text = this.text;
    const c = text.charAt(i);
    let end = i;
    let value: string;
    if (c == "(") {
      end = closing(text, i) + 1;
      value = substitute(text.substring(i + 1, end - 1));
    } else if (c == "{") {
      end = text.indexOf("}", i) + 1;
      const name = text.substring(i + 1, end - 1);
      const otherwise = name.indexOf(":-");
      value = parameter(otherwise < 0 ? name : name.substring(0, otherwise));
      if (otherwise >= 0 && value.length == 0) value = name.substring(otherwise + 2);
    } else {
      if (isName(c)) while (end < text.length && isName(text.substring(i, end + 1))) end++;
      else if (c.length > 0 && "0123456789?$!#@*".includes(c)) end++;
      if (end == i) {
        this.add("$");
        return i;
      }
      if (quoted && c == "@") {
        this.parameters();
        return end;
      }
      value = parameter(text.substring(i, end));
    }
    if (quoted || !this.splits) this.add(value);
    else this.split(value);
    return end;
  }

  private add(text: string): void {
    this.field += text;
    this.begun = true;
  }

  /** "$@": each a field, the first and the last joined to what stands beside them. */
  private parameters(): void {
    for (let i = 1; i < parameters.length; i++) {
      if (i > 1) this.part();
      this.add(parameters[i]);
    }
  }

  private split(value: string): void {
    for (let i = 0; i < value.length; i++) {
      const c = value.charAt(i);
      if (c == " " || c == "\t" || c == "\n") this.part();
      else this.add(c);
    }
  }

  private part(): void {
    if (this.begun) this.fields.push(this.field);
    this.field = "";
    this.begun = false;
  }
}

/** Where the parenthesis at `i` ends. The parser has seen that it does. */
function closing(text: string, i: i32): i32 {
  let depth = 0;
  for (; i < text.length; i++) {
    const c = text.charAt(i);
    if (c == "\\") i++;
    else if (c == "'") i = text.indexOf("'", i + 1);
    else if (c == "(") depth++;
    else if (c == ")" && --depth == 0) return i;
  }
  return i;
}

function expandAll(words: string[]): string[] {
  const fields: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const expanded = new Expansion(words[i], true).run();
    for (let k = 0; k < expanded.length; k++) fields.push(expanded[k]);
  }
  return fields;
}

/** A word where it is one word whatever is in it: an assignment's value, a redirection's file. */
function expandOne(word: string): string {
  return new Expansion(word, false).run().join(" ");
}

// ---------------------------------------------------------------- redirections

/** Opens what a redirection names and puts it in its place. */
function redirect(one: Redirection): bool {
  const target = expandOne(one.word);
  if (one.operator == ">&" || one.operator == "<&") {
    if (target == "-") SYS_close(one.fd);
    else if (SYS_dup2(I32.parseInt(target), one.fd) < 0) {
      complain(`${target}: Bad file descriptor`);
      return false;
    }
    return true;
  }
  const mode = one.operator == "<" ? O_RDONLY : O_WRONLY | O_CREAT | (one.operator == ">>" ? O_APPEND : O_TRUNC);
  const file = File.open(target, mode);
  if (file === null) {
    complain(`${target}: ${strerror()}`);
    return false;
  }
  file.placeAt(one.fd);
  if (file.fd != one.fd) file.close();
  return true;
}

/** Descriptors that were put aside while a command of the shell's own runs redirected. */
class Saved {
  private fds: i32[] = [];
  private copies: i32[] = [];

  apply(redirections: Redirection[]): bool {
    for (let i = 0; i < redirections.length; i++) {
      this.fds.push(redirections[i].fd);
      this.copies.push(i32(SYS_fcntl(redirections[i].fd, F_DUPFD_CLOEXEC, 10)));
      if (!redirect(redirections[i])) return false;
    }
    return true;
  }

  restore(): void {
    for (let i = this.fds.length - 1; i >= 0; i--) {
      if (this.copies[i] < 0) SYS_close(this.fds[i]);
      else {
        SYS_dup2(this.copies[i], this.fds[i]);
        SYS_close(this.copies[i]);
      }
    }
  }
}

// ---------------------------------------------------------------- commands

/** Runs a part of the tree; gives its status. In a process that does nothing afterwards, `last`, a program takes the shell's place. */
function run(node: Node, last: bool = false): i32 {
  switch (node.kind) {
    case Kind.Simple:
      return (status = simple(node, last));
    case Kind.Pipeline:
      return (status = pipeline(node));
    case Kind.Not:
      return (status = i32(run(node.children[0]) == 0));
    case Kind.And:
      return run(node.children[0]) == 0 ? run(node.children[1]) : status;
    case Kind.Or:
      return run(node.children[0]) != 0 ? run(node.children[1]) : status;
    case Kind.Background:
      return (status = background(node.children[0]));
    case Kind.List: {
      if (node.children.length == 0) status = 0;
      for (let i = 0; i < node.children.length; i++) run(node.children[i]);
      return status;
    }
  }
  const saved = new Saved();
  status = saved.apply(node.redirections) ? compound(node, last) : 2;
  saved.restore();
  return status;
}

function compound(node: Node, last: bool): i32 {
  const parts = node.children;
  let result = 0;
  switch (node.kind) {
    case Kind.Subshell: {
      const pid = last ? 0 : fork();
      if (pid == 0) exit(run(parts[0]));
      return finish(pid);
    }
    case Kind.Group:
      return run(parts[0]);
    case Kind.If: {
      for (let i = 0; i + 1 < parts.length; i += 2) if (run(parts[i]) == 0) return run(parts[i + 1]);
      return parts.length % 2 ? run(parts[parts.length - 1]) : 0;
    }
    case Kind.While: {
      while ((run(parts[0]) == 0) != node.inverted) result = run(parts[1]);
      return result;
    }
    case Kind.For: {
      const values = expandAll(node.words.slice(1));
      for (let i = 0; i < values.length; i++) {
        assign(node.words[0], values[i]);
        result = run(parts[0]);
      }
      return result;
    }
  }
  return result;
}

/** Each command of a pipeline in a process of its own, all at once; the status is the last one's. */
function pipeline(node: Node): i32 {
  let input: File | null = null;
  const pids: i32[] = [];
  for (let i = 0; i < node.children.length; i++) {
    const pipe = i + 1 < node.children.length ? Pipe.open() : null;
    const pid = fork();
    if (pid == 0) {
      if (input !== null) input.placeAt(0);
      if (pipe !== null) pipe.writer.placeAt(1);
      exit(run(node.children[i], true));
    }
    if (input !== null) input.close();
    input = null;
    if (pipe !== null) {
      pipe.writer.close();
      input = pipe.reader;
    }
    pids.push(pid);
  }
  let result = 0;
  for (let i = 0; i < pids.length; i++) result = finish(pids[i]);
  return result;
}

function background(node: Node): i32 {
  const pid = fork();
  if (pid == 0) {
    const nothing = File.open("/dev/null");
    if (nothing !== null) nothing.placeAt(0);
    exit(run(node, true));
  }
  lastBackground = pid;
  return 0;
}

function finish(pid: i32): i32 {
  const ended = wait(pid);
  if (ended === null) return 127;
  if (ended.signal && ended.signal != SIGINT && ended.signal != SIGPIPE) complain(`ended by signal ${ended.signal}`);
  return ended.code;
}

/** A command with its arguments: one of the shell's own, or a program. Assignments before it are for it alone. */
function simple(node: Node, last: bool): i32 {
  let first = 0;
  while (first < node.words.length && isAssignment(node.words[first])) first++;
  substituted = 0;
  const argv = expandAll(node.words.slice(first));
  const own = argv.length == 0 || isBuiltin(argv[0]);
  if (own) {
    const saved = new Saved();
    const replaces = argv.length > 0 && argv[0] == "exec";
    const redirected = saved.apply(node.redirections);
    for (let i = 0; redirected && i < first; i++) assignWord(node.words[i], false);
    const result = !redirected ? 2 : argv.length == 0 ? substituted : builtin(argv);
    if (!replaces) saved.restore(); // exec's redirections stay
    return result;
  }
  const pid = last ? 0 : fork();
  if (pid != 0) return pid < 0 ? 126 : finish(pid);
  for (let i = 0; i < node.redirections.length; i++) if (!redirect(node.redirections[i])) exit(2);
  for (let i = 0; i < first; i++) assignWord(node.words[i], true);
  exit(replace(argv));
  return 0;
}

/** Executes a program in the shell's place; gives a status if it cannot be. */
function replace(argv: string[]): i32 {
  exec(argv);
  const error = errno;
  const result = notExecuted(error);
  complain(`${argv[0]}: ${result == 127 ? "not found" : strerror(error)}`);
  return result;
}

function isAssignment(word: string): bool {
  const equals = word.indexOf("=");
  return equals > 0 && isName(word.substring(0, equals));
}

function assignWord(word: string, exported: bool): void {
  const equals = word.indexOf("=");
  const name = word.substring(0, equals);
  const value = expandOne(word.substring(equals + 1));
  if (exported) setenv(name, value);
  else assign(name, value);
}

// ---------------------------------------------------------------- the shell's own commands

const BUILTINS: string[] = [":", "cd", "exec", "exit", "export", "read", "unset", "wait"];

function isBuiltin(name: string): bool {
  return BUILTINS.includes(name);
}

function builtin(argv: string[]): i32 {
  const name = argv[0];
  const given = argv.length > 1;
  if (name == "cd") return changeFolder(given ? argv[1] : variable("HOME"));
  if (name == "exec") {
    if (!given) return 0;
    exit(replace(argv.slice(1)));
  }
  if (name == "exit") exit(given ? I32.parseInt(argv[1]) : status);
  if (name == "read") return readLine(given ? argv[1] : "REPLY");
  if (name == "wait") {
    if (given) return finish(I32.parseInt(argv[1]));
    while (wait() !== null) {}
  }
  for (let i = 1; i < argv.length; i++) {
    const equals = argv[i].indexOf("=");
    const variableName = equals < 0 ? argv[i] : argv[i].substring(0, equals);
    if (name == "export") {
      const value = equals < 0 ? variable(variableName) : argv[i].substring(equals + 1);
      setenv(variableName, value);
      locals.delete(variableName);
    } else if (name == "unset") {
      locals.delete(variableName);
      unsetenv(variableName);
    }
  }
  return 0;
}

function changeFolder(path: string): i32 {
  if (!chdir(path)) {
    complain(`cd: can't cd to ${path}`);
    return 2;
  }
  const here = cwd();
  if (here !== null) setenv("PWD", here);
  return 0;
}

/** One line, byte by byte: what follows belongs to the next reader. */
function readLine(name: string): i32 {
  const byte = new Uint8Array(1);
  const line: u8[] = [];
  let got: i32;
  while ((got = stdin.read(byte)) > 0 && byte[0] != 0x0a) line.push(byte[0]);
  assign(name, String.UTF8.decodeUnsafe(line.dataStart, line.length).trim());
  return got > 0 ? 0 : 1;
}

// ---------------------------------------------------------------- start

/** Parses and runs commands; gives the status of the last. */
function runText(text: string): i32 {
  const tree = parse(text);
  if (tree.error.length > 0) {
    complain(tree.error);
    return 2;
  }
  return run(tree);
}

const shellPid = getpid();
const line = args();
let text: string | null;
if (line.length > 2 && line[1] == "-c") {
  text = line[2];
  parameters = line.length > 3 ? line.slice(3) : [line[0]];
} else if (line.length > 1) {
  text = readTextFile(line[1]);
  parameters = line.slice(1);
} else {
  text = stdin.readText();
  parameters = line;
}
if (text === null) complain(`${line.length > 1 ? line[1] : "standard input"}: ${strerror()}`);
exit(text === null ? 2 : runText(text!));

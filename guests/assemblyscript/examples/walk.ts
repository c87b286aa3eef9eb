// walk: lists folders with all that is in them: type, permissions, size of files, path, and where symbolic links point.

import {
  args,
  console,
  DirectoryEntry,
  exit,
  lstat,
  readDirectory,
  readlink,
  S_IFCHR,
  S_IFIFO,
  S_IFMT,
  strerror,
} from "ring3";

/** Shows what is at a path, and below it; false if something could not be looked at. */
function walk(path: string): bool {
  const info = lstat(path);
  if (info === null) return complain(path);
  const permissions = info.permissions.toString(8);
  if (info.isSymlink) {
    const target = readlink(path);
    if (target === null) return complain(path);
    console.log(`l ${path} -> ${target}`);
    return true;
  }
  if (!info.isDirectory) {
    const type = info.mode & S_IFMT;
    if (info.isFile) console.log(`f ${permissions} ${info.size} ${path}`);
    else console.log(`${type == S_IFIFO ? "p" : type == S_IFCHR ? "c" : "?"} ${permissions} ${path}`);
    return true;
  }
  console.log(`d ${permissions} ${path}`);
  const entries = readDirectory(path);
  if (entries === null) return complain(path);
  entries.sort((a: DirectoryEntry, b: DirectoryEntry) => (a.name < b.name ? -1 : i32(a.name > b.name)));
  let complete = true;
  for (let i = 0; i < entries.length; i++) complete = walk(`${path}/${entries[i].name}`) && complete;
  return complete;
}

function complain(path: string): bool {
  console.error(`walk: ${path}: ${strerror()}`);
  return false;
}

const folders = args().slice(1);
if (folders.length == 0) folders.push(".");
let complete = true;
for (let i = 0; i < folders.length; i++) complete = walk(folders[i]) && complete;
exit(complete ? 0 : 1);

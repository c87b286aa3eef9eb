// Everything: import { File, fork, console } from "ring3".

export * from "./abi/constants";
export * from "./errors";
export * from "./fs";
export * from "./io";
export * from "./process";
export * from "./signals";
export * from "./time";

/**
 * AssemblyScript's number types as tsc sees them, so that one constant file serves both compilers: the cold half reads
 * `export const EPERM: i32 = 1` as a number, the hot half as an i32.
 */
declare type i8 = number;
declare type u8 = number;
declare type i16 = number;
declare type u16 = number;
declare type i32 = number;
declare type u32 = number;
declare type f64 = number;
declare type usize = number;

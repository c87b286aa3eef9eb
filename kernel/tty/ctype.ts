/** Character classes as the kernel's <linux/ctype.h> has them: Latin-1, whatever the guest's locale. */

export const isControl = (c: number): boolean => c < 0x20 || c === 0x7f;
const isUpper = (c: number): boolean => (c >= 0x41 && c <= 0x5a) || (c >= 0xc0 && c <= 0xde && c !== 0xd7);
const isLower = (c: number): boolean => (c >= 0x61 && c <= 0x7a) || (c >= 0xdf && c !== 0xf7);
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
export const isAlphanumeric = (c: number): boolean => isUpper(c) || isLower(c) || isDigit(c);
export const toUpper = (c: number): number => (isLower(c) ? c - 0x20 : c);
export const toLower = (c: number): number => (isUpper(c) ? c + 0x20 : c);

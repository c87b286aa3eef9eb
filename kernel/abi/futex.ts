/** futex(2): <linux/futex.h>. */

// Operations
export const FUTEX_WAIT: i32 = 0;
export const FUTEX_WAKE: i32 = 1;
export const FUTEX_FD: i32 = 2;
export const FUTEX_REQUEUE: i32 = 3;
export const FUTEX_CMP_REQUEUE: i32 = 4;
export const FUTEX_WAKE_OP: i32 = 5;
export const FUTEX_LOCK_PI: i32 = 6;
export const FUTEX_UNLOCK_PI: i32 = 7;
export const FUTEX_TRYLOCK_PI: i32 = 8;
export const FUTEX_WAIT_BITSET: i32 = 9;
export const FUTEX_WAKE_BITSET: i32 = 10;
export const FUTEX_WAIT_REQUEUE_PI: i32 = 11;
export const FUTEX_CMP_REQUEUE_PI: i32 = 12;
export const FUTEX_LOCK_PI2: i32 = 13;

// Flags in the operation's word
export const FUTEX_PRIVATE_FLAG: i32 = 0x80;
export const FUTEX_CLOCK_REALTIME: i32 = 0x100;
export const FUTEX_CMD_MASK: i32 = ~0x180;

export const FUTEX_BITSET_MATCH_ANY: i32 = 0xffffffff;

// FUTEX_WAKE_OP: operation and comparison, in val3
export const FUTEX_OP_SET: i32 = 0;
export const FUTEX_OP_ADD: i32 = 1;
export const FUTEX_OP_OR: i32 = 2;
export const FUTEX_OP_ANDN: i32 = 3;
export const FUTEX_OP_XOR: i32 = 4;
export const FUTEX_OP_OPARG_SHIFT: i32 = 8;
export const FUTEX_OP_CMP_EQ: i32 = 0;
export const FUTEX_OP_CMP_NE: i32 = 1;
export const FUTEX_OP_CMP_LT: i32 = 2;
export const FUTEX_OP_CMP_LE: i32 = 3;
export const FUTEX_OP_CMP_GT: i32 = 4;
export const FUTEX_OP_CMP_GE: i32 = 5;

// The bits of a robust or priority-inheriting futex's word
export const FUTEX_WAITERS: i32 = 0x80000000;
export const FUTEX_OWNER_DIED: i32 = 0x40000000;
export const FUTEX_TID_MASK: i32 = 0x3fffffff;

export const ROBUST_LIST_LIMIT: i32 = 2048;

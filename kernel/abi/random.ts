/** getrandom: <linux/random.h>. */

export const GRND_NONBLOCK: i32 = 1;
export const GRND_RANDOM: i32 = 2;
export const GRND_INSECURE: i32 = 4;

/* None of POSIX's programming environments (c99(1)) has 64-bit longs with 32-bit pointers: nothing to announce. */

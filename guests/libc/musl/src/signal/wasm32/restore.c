/* Not needed: see ksigaction.h and sigsetjmp.c. */

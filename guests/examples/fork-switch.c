/* fork(2): one call, two returns. The child gets 0, the parent the child's pid, and nobody gets -1. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
	int shared = 1; /* each process has its own from the fork on */

	switch (fork()) {
	case -1:
		perror("fork");
		return EXIT_FAILURE;
	case 0:
		shared += 1;
		printf("child: my variable is %d, and my parent waits for me\n", shared);
		return EXIT_SUCCESS;
	default:
		if (wait(NULL) == -1) {
			perror("wait");
			return EXIT_FAILURE;
		}
		printf("parent: my child has ended, and my variable is still %d\n", shared);
		return EXIT_SUCCESS;
	}
}

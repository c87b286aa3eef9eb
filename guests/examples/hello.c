/* The smallest program worth tracing: ring3 strace hello */

#include <unistd.h>

int main(void)
{
	static const char text[] = "hello from ring 3\n";
	return write(STDOUT_FILENO, text, sizeof text - 1) == sizeof text - 1 ? 0 : 1;
}

// measure <program> [argument...]: runs it, then prints "<wall us> <cpu us> <max rss KB> <exit status>".
//
// It is a small program of its own, because Linux counts the memory of the process that starts a program as that
// program's, until its own is larger.
#include <spawn.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static long microseconds(long seconds, long rest) { return seconds * 1000000 + rest; }

int main(int argc, char **argv) {
    if (argc < 2) return 64;
    struct timespec start, end;
    struct rusage usage;
    pid_t child;
    int status;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (posix_spawn(&child, argv[1], NULL, NULL, argv + 1, environ) != 0) return 71;
    if (wait4(child, &status, 0, &usage) < 0) return 71;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%ld %ld %ld %d\n",
           microseconds(end.tv_sec - start.tv_sec, 0) + (end.tv_nsec - start.tv_nsec) / 1000,
           microseconds(usage.ru_utime.tv_sec, usage.ru_utime.tv_usec)
               + microseconds(usage.ru_stime.tv_sec, usage.ru_stime.tv_usec),
           usage.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}

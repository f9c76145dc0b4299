// What a program can see of how it was started. The tests run it directly and by way of latchkey-exec and compare.
//
//   probe dump [anything...]     writes everything to the file that the variable PROBE_OUTPUT names
//   probe exit <status>          ends with it
//   probe kill <signal>          sends it to itself
//   probe launch <blocked> <ignored> <pending> <program> [argument...]
//                                executes the program with these signals (sets as hexadecimal numbers)
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

// The kernel's own, since a C library keeps some signals to itself.
struct kernel_action { void *handler; unsigned long flags; void *restorer; uint64_t mask; };

static void hex(FILE *out, const char *name, const char *bytes) {
    fprintf(out, "%s ", name);
    for (; *bytes; bytes++) fprintf(out, "%02x", (unsigned char)*bytes);
    fputc('\n', out);
}

static int is_open[1100], descriptor_flags[1100], status_flags[1100];
static struct stat status_of[1100];

static void look_at_descriptors(void) {
    for (int d = 0; d < 1100; d++) {
        descriptor_flags[d] = fcntl(d, F_GETFD);
        is_open[d] = descriptor_flags[d] >= 0;
        if (!is_open[d]) continue;
        status_flags[d] = fcntl(d, F_GETFL);
        fstat(d, &status_of[d]);
    }
}

static int dump(int argc, char **argv) {
    look_at_descriptors();
    const char *path = getenv("PROBE_OUTPUT");
    FILE *out = path ? fopen(path, "we") : NULL;
    if (!out) return 99;
    fprintf(out, "pid %d ppid %d pgid %d sid %d\n", getpid(), getppid(), getpgid(0), getsid(0));
    for (int i = 0; i < argc; i++) hex(out, "arg", argv[i]);
    for (char **entry = environ; *entry; entry++) hex(out, "env", *entry);
    char directory[8192];
    long length = syscall(SYS_getcwd, directory, sizeof directory);
    fprintf(out, "cwd %ld %s\n", length, length > 0 ? directory : "");
    hex(out, "execfn", (const char *)getauxval(AT_EXECFN));
    char exe[4096] = "";
    if (readlink("/proc/self/exe", exe, sizeof exe - 1) < 0) strcpy(exe, "?");
    fprintf(out, "exe %s secure %lu\n", exe, getauxval(AT_SECURE));
    char name[17] = "";
    prctl(PR_GET_NAME, name);
    fprintf(out, "name %s\n", name);
    mode_t mask = umask(0);
    fprintf(out, "umask %o\n", mask);
    uint64_t blocked = 0, pending = 0;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof blocked);
    syscall(SYS_rt_sigpending, &pending, sizeof pending);
    fprintf(out, "blocked %016lx pending %016lx\n", (unsigned long)blocked, (unsigned long)pending);
    for (int number = 1; number <= 64; number++) {
        struct kernel_action action = {0};
        syscall(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask);
        fprintf(out, "signal %d %p %lx %lx\n", number, action.handler, action.flags, (unsigned long)action.mask);
    }
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        struct rlimit limit;
        getrlimit(resource, &limit);
        fprintf(out, "limit %d %lu %lu\n", resource, (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
    }
    uid_t uids[3];
    gid_t gids[3], groups[64];
    getresuid(&uids[0], &uids[1], &uids[2]);
    getresgid(&gids[0], &gids[1], &gids[2]);
    fprintf(out, "uids %u %u %u gids %u %u %u groups", uids[0], uids[1], uids[2], gids[0], gids[1], gids[2]);
    int count = getgroups(64, groups);
    for (int i = 0; i < count; i++) fprintf(out, " %u", groups[i]);
    int parent_death = -1;
    prctl(PR_GET_PDEATHSIG, &parent_death);
    fprintf(out, "\ndumpable %d privileges %d keepcaps %d seccomp %d securebits %d slack %d pdeath %d\n",
            prctl(PR_GET_DUMPABLE), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), prctl(PR_GET_KEEPCAPS),
            prctl(PR_GET_SECCOMP), prctl(PR_GET_SECUREBITS), prctl(PR_GET_TIMERSLACK), parent_death);
    struct itimerval timer;
    getitimer(ITIMER_REAL, &timer);
    cpu_set_t processors;
    CPU_ZERO(&processors);
    sched_getaffinity(0, sizeof processors, &processors);
    stack_t stack = {0};
    sigaltstack(NULL, &stack);
    fprintf(out, "timer %d nice %d policy %d processors %d altstack %d\n", timer.it_value.tv_sec > 0,
            getpriority(PRIO_PROCESS, 0), sched_getscheduler(0), CPU_COUNT(&processors), stack.ss_flags);
    for (int d = 0; d < 1100; d++)
        if (is_open[d])
            fprintf(out, "descriptor %d %x %x %lx %lx %o\n", d, descriptor_flags[d], status_flags[d],
                    (unsigned long)status_of[d].st_dev, (unsigned long)status_of[d].st_ino, status_of[d].st_mode);
    return fclose(out) == 0 ? 0 : 98;
}

static int launch(char **argv) {
    uint64_t blocked = strtoull(argv[2], NULL, 16), ignored = strtoull(argv[3], NULL, 16);
    uint64_t pending = strtoull(argv[4], NULL, 16);
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int number = 1; number <= 64; number++) {
        struct kernel_action action = {.handler = (void *)SIG_IGN};
        if (ignored >> (number - 1) & 1) syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
    }
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, NULL, sizeof blocked);
    for (int number = 1; number <= 64; number++)
        if (pending >> (number - 1) & 1) syscall(SYS_kill, getpid(), number);
    execv(argv[5], argv + 5);
    return 97;
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    if (strcmp(mode, "exit") == 0 && argc > 2) _exit(atoi(argv[2]));
    if (strcmp(mode, "launch") == 0 && argc > 5) return launch(argv);
    if (strcmp(mode, "kill") == 0 && argc > 2) {
        syscall(SYS_kill, getpid(), atoi(argv[2]));
        return 0;
    }
    return dump(argc, argv);
}

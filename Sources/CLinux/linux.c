#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/openat2.h>
#include <malloc.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int is_one_component(const char *name) {
    return name[0] != '\0' && strchr(name, '/') == NULL && strcmp(name, "..") != 0;
}

int lk_open_beneath_compatible(int directory, const char *name, int flags, unsigned mode) {
    if (!is_one_component(name)) {
        errno = EINVAL;
        return -1;
    }
    return openat(directory, name, flags | O_CLOEXEC | O_NOFOLLOW, mode);
}

int lk_open_beneath(int directory, const char *name, int flags, unsigned mode) {
    if (!is_one_component(name)) {
        errno = EINVAL;
        return -1;
    }
    struct open_how how = {
        .flags = (uint64_t)(flags | O_CLOEXEC),
        .mode = (flags & O_CREAT) ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    long descriptor = syscall(SYS_openat2, directory, name, &how, sizeof how);
    /* ENOSYS: Linux before 5.6, gVisor. EPERM: a seccomp profile older than the call. */
    if (descriptor < 0 && (errno == ENOSYS || errno == EPERM))
        return lk_open_beneath_compatible(directory, name, flags, mode);
    return (int)descriptor;
}

int lk_open_directory(const char *path) { return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC); }

int lk_open_truncating(const char *path) {
    return open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

int lk_silence_crashes(void) {
    /* The Swift runtime's crash handler prints registers and the memory around them; here that memory holds secrets. */
    const int crashes[] = {SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGBUS, SIGSEGV, SIGSYS};
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++)
        if (signal(crashes[i], SIG_DFL) == SIG_ERR) return -1;
    const struct rlimit none = {0, 0};
    return setrlimit(RLIMIT_CORE, &none);
}

int lk_harden_process(void) {
    umask(077);
    if (lk_silence_crashes() != 0) return -1;
    /* Whatever the parent had blocked: a mask survives execve. */
    sigset_t none_blocked;
    sigemptyset(&none_blocked);
    int problem = pthread_sigmask(SIG_SETMASK, &none_blocked, NULL);
    if (problem != 0) {
        errno = problem;
        return -1;
    }
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) return -1;
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int lk_termination_descriptor(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    int problem = pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (problem != 0) {
        errno = problem;
        return -1;
    }
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int lk_event_descriptor(void) { return eventfd(0, EFD_CLOEXEC); }

int lk_event_signal(int descriptor) { return eventfd_write(descriptor, 1); }

int lk_event_clear(int descriptor) {
    eventfd_t count;
    return eventfd_read(descriptor, &count);
}

int lk_process_descriptor(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int lk_process_signal(int descriptor, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

static int listen_on(int family, const struct sockaddr *address, socklen_t size) {
    int listener = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listener < 0) return -1;
    const int yes = 1, no = 0;
    /* Connections of the agent that ran before may linger. */
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    int is_ready = family != AF_INET6 || setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) == 0;
    if (is_ready && bind(listener, address, size) == 0 && listen(listener, 16) == 0) return listener;
    int problem = errno;
    close(listener);
    errno = problem;
    return -1;
}

int lk_listen(uint16_t port) {
    const struct sockaddr_in6 every = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_ANY_INIT};
    int listener = listen_on(AF_INET6, (const struct sockaddr *)&every, sizeof every);
    /* Not in the kernel, switched off in the pod, or forbidden by a seccomp profile. */
    if (listener >= 0 || errno == EADDRINUSE || errno == EACCES) return listener;
    const struct sockaddr_in every4 = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = INADDR_ANY};
    return listen_on(AF_INET, (const struct sockaddr *)&every4, sizeof every4);
}

int lk_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC); }

int lk_local_port(int listener) {
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) return -1;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

int lk_timestamp(char *buffer, size_t size) {
    time_t now = time(NULL);
    struct tm t;
    if (gmtime_r(&now, &t) == NULL) return -1;
    /* Not strftime: it reads /etc/localtime. */
    int length = snprintf(buffer, size, "%04d_%02d_%02d_%02d_%02d_%02d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                          t.tm_hour, t.tm_min, t.tm_sec);
    if (length > 0 && (size_t)length < size) return 0;
    errno = ERANGE;
    return -1;
}

int64_t lk_parse_rfc3339(const char *text) {
    struct tm t = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &t);
    return end != NULL && *end == '\0' ? (int64_t)timegm(&t) : -1;
}

int lk_file_holds(int descriptor, const void *bytes, size_t count) {
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || (uint64_t)status.st_size != count) return 0;
    char buffer[4096];
    size_t done = 0;
    int same = 1;
    while (same && done < count) {
        ssize_t length = pread(descriptor, buffer, sizeof buffer, (off_t)done);
        if (length < 0 && errno == EINTR) continue;
        same = length > 0 && (size_t)length <= count - done && memcmp(buffer, (const char *)bytes + done, length) == 0;
        if (same) done += (size_t)length;
    }
    explicit_bzero(buffer, sizeof buffer);
    return same;
}

static int forget_executable(struct dl_phdr_info *info, size_t size, void *unused) {
    (void)size;
    (void)unused;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        /* A writable one has pages of its own that no file holds, also where they are protected after relocation. */
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) != 0) continue;
        uintptr_t start = (info->dlpi_addr + segment->p_vaddr + page - 1) / page * page;
        uintptr_t end = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz) / page * page;
        if (start < end) madvise((void *)start, end - start, MADV_DONTNEED);
    }
    /* The program itself comes first; its libraries are shared with others. */
    return 1;
}

void lk_release_memory(void) {
    malloc_trim(0);
    dl_iterate_phdr(forget_executable, NULL);
}

char **lk_environment(void) { return environ; }

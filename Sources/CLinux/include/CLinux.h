#ifndef LATCHKEY_CLINUX_H
#define LATCHKEY_CLINUX_H

#include <stddef.h>
#include <stdint.h>

/* What Swift cannot call (variadic functions, raw system calls) or must not touch (`environ` is a mutable global).
   Functions that can fail return -1 and set errno, like the calls they wrap. */

/* Opens `name`, ONE component, in a directory: never through a symbolic link, never outside of the directory. O_CLOEXEC
   is added. By openat2(2) where the kernel has it and the sandbox lets it through, else the way of the next function. */
int lk_open_beneath(int directory, const char *name, int flags, unsigned mode);

/* The same by openat(2) with O_NOFOLLOW, which for one component means the same. */
int lk_open_beneath_compatible(int directory, const char *name, int flags, unsigned mode);

/* Opens a directory by its path, following links: the caller trusts this path. */
int lk_open_directory(const char *path);

/* Opens an existing file for writing and empties it; creates nothing and never blocks on a FIFO. */
int lk_open_truncating(const char *path);

/* For a process that holds keys: a crash leaves no core and prints no memory. */
int lk_silence_crashes(void);

/* For a process that holds secrets: a crash leaves no core and prints no memory (RLIMIT_CORE 0, PR_SET_DUMPABLE 0, which
   also keeps processes of the same uid from reading it; the runtime's crash handlers off), umask 077, SIGPIPE ignored. */
int lk_harden_process(void);

/* Blocks SIGTERM and SIGINT for this thread and those it starts; a descriptor that is readable once one arrives. */
int lk_termination_descriptor(void);

/* A descriptor that becomes readable by lk_event_signal. */
int lk_event_descriptor(void);
int lk_event_signal(int descriptor);
/* Takes back what was signalled; waits where nothing was. */
int lk_event_clear(int descriptor);

/* Whether an open regular file holds exactly these bytes: 1 or 0. What is read of it is overwritten. */
int lk_file_holds(int descriptor, const void *bytes, size_t count);

/* Gives memory back to the kernel: what was freed, and the pages of the executable, which a start needs more of than
   the time after it; the kernel maps them again where they are used. */
void lk_release_memory(void);

/* A descriptor that stands for one process, whatever becomes of its number; readable once the process has ended.
   ENOSYS: Linux before 5.3, gVisor. */
int lk_process_descriptor(int process);

/* Sends a signal, or with 0 asks whether it might, to the process of such a descriptor. */
int lk_process_signal(int descriptor, int signal);

/* A listening TCP socket on every address, IPv6 and IPv4 by one socket, or by IPv4 alone where there is no IPv6. Neither
   it nor what it accepts ever blocks. Port 0: the kernel chooses one. */
int lk_listen(uint16_t port);
int lk_accept(int listener);

/* The port of such a socket, or -1. */
int lk_local_port(int listener);

/* UTC as YYYY_MM_DD_hh_mm_ss; `buffer` has room for 20 bytes or more. */
int lk_timestamp(char *buffer, size_t size);

/* Seconds since 1970 of an RFC 3339 text of the form YYYY-MM-DDThh:mm:ssZ; -1 for a text of another form. */
int64_t lk_parse_rfc3339(const char *text);

/* The process's environment: NAME=value texts up to a null pointer. */
char **lk_environment(void);

#endif

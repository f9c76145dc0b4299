#ifndef LATCHKEY_CEXEC_H
#define LATCHKEY_CEXEC_H

#include <stddef.h>
#include <stdint.h>

/* The kernel, as far as `latchkey-exec` needs it, without a C library: that leaves nothing in the process that could
   differ from image to image, no initialisation that touches descriptors or signals, and an executable of a few pages.
   Every function returns what the system call returns: a negative number is an errno. */

/* Opens an existing file for reading, following links; a FIFO or a device does not make it wait. O_CLOEXEC. */
long lk_open_reading(const char *path);

/* Opens an existing file for writing at its end; creates nothing and does not wait. O_CLOEXEC. */
long lk_open_appending(const char *path);

long lk_close(int descriptor);
long lk_read(int descriptor, void *buffer, size_t count);
long lk_write(int descriptor, const void *buffer, size_t count);

/* The length in bytes of an open regular file; -EINVAL if it is something else. */
long lk_regular_file_size(int descriptor);

/* 0 where the path is something that this process may execute: what exec.LookPath of Go asks for. */
long lk_may_execute(const char *path);

/* Zeroed memory of this process alone, for its whole life; NULL if there is none. */
void *lk_allocate(size_t count);

/* No core dump and no reading by processes of the same user. The kernel undoes it at execve. */
long lk_set_undumpable(void);

/* Comes back only if it fails. */
long lk_execve(const char *path, const char *const *arguments, const char *const *environment);

/* The release that this was built for. */
const char *lk_version(void);

/* The numbers of errors that have a sentence of their own. */
enum lk_error {
    LK_EPERM = 1,
    LK_ENOENT = 2,
    LK_EINTR = 4,
    LK_E2BIG = 7,
    LK_ENOEXEC = 8,
    LK_ENOMEM = 12,
    LK_EACCES = 13,
    LK_ENOTDIR = 20,
    LK_EISDIR = 21,
    LK_EINVAL = 22,
    LK_ETXTBSY = 26,
    LK_ENAMETOOLONG = 36,
    LK_ELOOP = 40,
    LK_ELIBBAD = 80,
};

#endif

/* What the compilers and the kernel expect of a program that has no C library. */

#include <stddef.h>

int latchkey_exec_main(int count, const char *const *arguments, const char *const *environment);
void lk_exit(int status);

/* The kernel starts a program with the stack pointer at: the count of arguments, the arguments, a null pointer, the
   environment, a null pointer. */
#if defined(__x86_64__)
__asm__(".globl _start\n"
        ".type _start, @function\n"
        "_start:\n"
        "    xor %ebp, %ebp\n"
        "    mov %rsp, %rdi\n"
        "    and $-16, %rsp\n"
        "    call lk_start\n"
        "    ud2\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
        ".type _start, %function\n"
        "_start:\n"
        "    mov x29, #0\n"
        "    mov x30, #0\n"
        "    mov x0, sp\n"
        "    and sp, x0, #-16\n"
        "    bl lk_start\n"
        "    brk #1\n");
#endif

__attribute__((used)) void lk_start(const long *stack) {
    int count = (int)stack[0];
    const char *const *arguments = (const char *const *)(stack + 1);
    lk_exit(latchkey_exec_main(count, arguments, arguments + count + 1));
}

/* Compiled code may call these by name. */
void *memset(void *target, int value, size_t count) {
    for (unsigned char *to = target; count > 0; count--) *to++ = (unsigned char)value;
    return target;
}

void *memcpy(void *restrict target, const void *restrict source, size_t count) {
    const unsigned char *from = source;
    for (unsigned char *to = target; count > 0; count--) *to++ = *from++;
    return target;
}

void *memmove(void *target, const void *source, size_t count) {
    const unsigned char *from = source;
    unsigned char *to = target;
    if (to <= from) return memcpy(target, source, count);
    while (count > 0) {
        count--;
        to[count] = from[count];
    }
    return target;
}

// SPDX-License-Identifier: Apache-2.0
//
// memcpy(), memmove() and memcmp() for the static build. musl's copy with `rep movs` and compare
// byte by byte, which costs more to start than the few bytes that SQLite moves at a time: together
// they were 30 % of a GROUP BY. These handle short lengths with two loads that overlap, and long
// ones in blocks of four vectors. Other C libraries have good ones of their own, and the sanitizers
// need theirs, so this file is empty there.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if !defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)

#define BLOCK 64
#define BY_REPEAT 2048 // from here on the processor's own string copy is the faster one

typedef uint16_t __attribute__((aligned(1), may_alias)) any16;
typedef uint32_t __attribute__((aligned(1), may_alias)) any32;
typedef uint64_t __attribute__((aligned(1), may_alias)) any64;
typedef uint8_t __attribute__((vector_size(16), aligned(1), may_alias)) any128;

// Both ends are read before either is written, so the two may overlap.
#define MOVE_ENDS(type)                                                                            \
    do {                                                                                           \
        type first = *(const type *)from, last = *(const type *)(from + length - sizeof(type));    \
        *(type *)to = first;                                                                       \
        *(type *)(to + length - sizeof(type)) = last;                                              \
    } while (0)

static inline void move_short(unsigned char *to, const unsigned char *from, size_t length) {
    if (length >= 16)
        MOVE_ENDS(any128);
    else if (length >= 8)
        MOVE_ENDS(any64);
    else if (length >= 4)
        MOVE_ENDS(any32);
    else if (length >= 2)
        MOVE_ENDS(any16);
    else if (length)
        *to = *from;
}

// 33 to 64 bytes.
static inline void move_medium(unsigned char *to, const unsigned char *from, size_t length) {
    any128 a = *(const any128 *)from, b = *(const any128 *)(from + 16);
    any128 c = *(const any128 *)(from + length - 32), d = *(const any128 *)(from + length - 16);
    *(any128 *)to = a;
    *(any128 *)(to + 16) = b;
    *(any128 *)(to + length - 32) = c;
    *(any128 *)(to + length - 16) = d;
}

static inline void move_block(unsigned char *to, const unsigned char *from) {
    move_medium(to, from, BLOCK);
}

static void move_up(unsigned char *to, const unsigned char *from, size_t length) {
    for (; length > BLOCK; to += BLOCK, from += BLOCK, length -= BLOCK)
        move_block(to, from);
    if (length > 32)
        move_medium(to, from, length);
    else
        move_short(to, from, length);
}

static void move_down(unsigned char *to, const unsigned char *from, size_t length) {
    for (; length > BLOCK; length -= BLOCK)
        move_block(to + length - BLOCK, from + length - BLOCK);
    if (length > 32)
        move_medium(to, from, length);
    else
        move_short(to, from, length);
}

void *memcpy(void *restrict to, const void *restrict from, size_t length) {
#if defined(__x86_64__)
    if (length >= BY_REPEAT) {
        void *at = to;
        __asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(length) : : "memory");
        return to;
    }
#endif
    move_up(to, from, length);
    return to;
}

void *memmove(void *to, const void *from, size_t length) {
    // Moving up is right unless the target begins inside the source.
    if ((uintptr_t)to - (uintptr_t)from >= length)
        move_up(to, from, length);
    else
        move_down(to, from, length);
    return to;
}

static inline int compare_words(uint64_t left, uint64_t right) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    left = __builtin_bswap64(left);
    right = __builtin_bswap64(right);
#endif
    return left < right ? -1 : left > right;
}

int memcmp(const void *left, const void *right, size_t length) {
    const unsigned char *a = left, *b = right;
    for (; length >= 8; a += 8, b += 8, length -= 8)
        if (*(const any64 *)a != *(const any64 *)b)
            return compare_words(*(const any64 *)a, *(const any64 *)b);
    for (; length; a++, b++, length--)
        if (*a != *b)
            return *a - *b;
    return 0;
}

#endif

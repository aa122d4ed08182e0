// SPDX-License-Identifier: Apache-2.0
//
// Probes of sockets: each family, plainly and through io_uring, and whom one could reach with them.
#include "tests/sandbox/escape/probe.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "base/mem.h"

#define SOCKET_NOTE "A socket alone reaches nobody: see the rows on whom it reaches."

static long open_socket(int family, int type) {
    return RAW(SYS_socket, family, type | SOCK_CLOEXEC, 0);
}

static void finish(const struct probe *probe, long fd, long result, struct finding *ret) {
    judge(probe, fd < 0 ? fd : result, ret);
    if (fd >= 0)
        RAW(SYS_close, fd);
}

static void make_pair(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    int fds[2];
    judge(probe, RAW(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, POINTER(fds)), ret);
}

// Connecting a datagram socket asks for a route and sends nothing; the address is one that is given
// to nobody (RFC 5737).
static void reach_network(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(9),
                                  .sin_addr = {htonl(0xCB007101)}}; // 203.0.113.1
    long fd = open_socket(AF_INET, SOCK_DGRAM);
    long result = RAW(SYS_connect, fd, POINTER(&address), sizeof address);
    finish(probe, fd, result, ret);
}

static void reach_network_6(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6,
                                   .sin6_port = htons(9),
                                   .sin6_addr = {{{0x20, 0x01, 0x0d, 0xb8, [15] = 1}}}};
    long fd = open_socket(AF_INET6, SOCK_DGRAM);
    long result = RAW(SYS_connect, fd, POINTER(&address), sizeof address);
    finish(probe, fd, result, ret);
}

static void listen_on_all(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct sockaddr_in address = {.sin_family = AF_INET};
    long fd = open_socket(AF_INET, SOCK_STREAM);
    long result = RAW(SYS_bind, fd, POINTER(&address), sizeof address);
    if (result == 0)
        result = RAW(SYS_listen, fd, 1);
    finish(probe, fd, result, ret);
}

static long connect_unix(long fd, const char *name, size_t length) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, name, length);
    if (*name == '@')
        *address.sun_path = '\0';
    return RAW(SYS_connect, fd, POINTER(&address),
               (long)(offsetof(struct sockaddr_un, sun_path) + length));
}

static void reach_abstract(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    long fd = open_socket(AF_UNIX, SOCK_STREAM);
    long result = connect_unix(fd, aim->abstract_name, strlen(aim->abstract_name));
    finish(probe, fd, result, ret);
}

static void reach_path(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    char path[sizeof((struct sockaddr_un *)0)->sun_path];
    snprintf(path, sizeof path, "%s.socket", aim->secret);
    long fd = open_socket(AF_UNIX, SOCK_STREAM);
    long result = connect_unix(fd, path, strlen(path) + 1);
    finish(probe, fd, result, ret);
}

static void hear_netlink(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    // The kernel's device events: group 1 of NETLINK_KOBJECT_UEVENT.
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
    long fd = RAW(SYS_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    long result = RAW(SYS_bind, fd, POINTER(&address), sizeof address);
    finish(probe, fd, result, ret);
}

static void setup_ring(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    struct io_uring_params params = {0};
    long fd = RAW(SYS_io_uring_setup, 1, POINTER(&params));
    finish(probe, fd, 0, ret);
}

// One submission and its completion, by hand. The socket's descriptor, or a negative errno.
static long socket_by_ring(int family, int type) {
    struct io_uring_params params = {0};
    long fd = RAW(SYS_io_uring_setup, 1, POINTER(&params));
    if (fd < 0)
        return fd;
    char *ring = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, IORING_OFF_SQ_RING);
    struct io_uring_sqe *entry =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, (off_t)IORING_OFF_SQES);
    if (ring == MAP_FAILED || entry == MAP_FAILED)
        return -errno;
    *entry = (struct io_uring_sqe){
        .opcode = IORING_OP_SOCKET, .fd = family, .off = (unsigned)type, .user_data = 1};
    *(unsigned *)(ring + params.sq_off.array) = 0;
    __atomic_store_n((unsigned *)(ring + params.sq_off.tail), 1, __ATOMIC_RELEASE);
    long result = RAW(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, 0, 0);
    // Since 5.4 one mapping holds both rings (IORING_FEAT_SINGLE_MMAP).
    const struct io_uring_cqe *completion = (const void *)(ring + params.cq_off.cqes);
    if (result == 1)
        result = completion->res;
    RAW(SYS_close, fd);
    return result;
}

// The family and the type are the first two arguments.
static void ring_socket(const struct probe *probe, const struct aim *aim, struct finding *ret) {
    (void)aim;
    long fd = socket_by_ring((int)probe->arguments[0], (int)probe->arguments[1]);
    finish(probe, fd, 0, ret);
}

#define CALL(number, ...) .run = probe_call, .call = (number), .arguments = {__VA_ARGS__}
#define SOCKET(name, what, family, type, protocol, bits)                                           \
    {                                                                                              \
        name, "make an " what " socket", SOCKET_NOTE, .run = probe_call, .call = SYS_socket,       \
                                                      .arguments = {family, type, protocol},       \
                                                      .traits = bits                               \
    }

static const struct probe network_probes[] = {
    SOCKET("inet-stream", "`AF_INET` stream", AF_INET, SOCK_STREAM, 0, SEEN_BARE),
    SOCKET("inet-datagram", "`AF_INET` datagram", AF_INET, SOCK_DGRAM, 0, SEEN_BARE),
    SOCKET("inet-raw", "`AF_INET` raw", AF_INET, SOCK_RAW, 1, 0),
    SOCKET("inet6", "`AF_INET6`", AF_INET6, SOCK_DGRAM, 0, 0),
    SOCKET("unix", "`AF_UNIX`", AF_UNIX, SOCK_STREAM, 0, SEEN_BARE),
    {"unix-pair", "make an `AF_UNIX` pair", SOCKET_NOTE, .run = make_pair, .traits = SEEN_BARE},
    SOCKET("netlink", "`AF_NETLINK`", AF_NETLINK, SOCK_RAW, 0, SEEN_BARE),
    SOCKET("alg", "`AF_ALG`", AF_ALG, SOCK_SEQPACKET, 0, 0),
    {"vsock", "make an `AF_VSOCK` socket",
     "It knows no namespaces: in a virtual machine it reaches what the hypervisor offers there. "
     "The "
     "inner wall forbids it, and Docker's own filter since version 23.",
     CALL(SYS_socket, AF_VSOCK, SOCK_STREAM, 0)},
    SOCKET("packet", "`AF_PACKET`", AF_PACKET, SOCK_RAW, 0, 0),
    SOCKET("bluetooth", "`AF_BLUETOOTH`", AF_BLUETOOTH, SOCK_RAW, 0, 0),
    SOCKET("can", "`AF_CAN`", AF_CAN, SOCK_RAW, 1, 0),
    {"ring", "`io_uring_setup`", "What a ring may do is the next rows.", .run = setup_ring,
     .traits = SEEN_BARE},
    {"ring-inet", "… and an `AF_INET` socket through it", SOCKET_NOTE, .run = ring_socket,
     .arguments = {AF_INET, SOCK_STREAM}, .traits = SEEN_BARE},
    {"ring-unix", "… and an `AF_UNIX` socket through it", SOCKET_NOTE, .run = ring_socket,
     .arguments = {AF_UNIX, SOCK_STREAM}, .traits = SEEN_BARE},
    {"ring-netlink", "… and an `AF_NETLINK` socket through it", SOCKET_NOTE, .run = ring_socket,
     .arguments = {AF_NETLINK, SOCK_RAW}, .traits = SEEN_BARE},
    {"reach-inet", "reach another machine over IPv4",
     "A Pod has its cluster's network unless a NetworkPolicy denies it; the inner wall forbids "
     "every socket.",
     .run = reach_network},
    {"reach-inet6", "reach another machine over IPv6", .run = reach_network_6},
    {"reach-abstract", "reach the server's abstract socket", .run = reach_abstract,
     .traits = SEEN_BARE},
    {"reach-unix", "reach the server's socket by its path", .run = reach_path, .traits = SEEN_BARE},
    {"listen", "listen on a TCP port",
     "In a network namespace of its own: nobody is there to connect.", .run = listen_on_all,
     .traits = SEEN_BARE},
    {"uevents", "hear the kernel's device events", "Only those of its own network namespace.",
     .run = hear_netlink, .traits = SEEN_BARE},
};

const struct theme theme_network = {"Sockets and networks", network_probes,
                                    ARRAY_LENGTH(network_probes)};

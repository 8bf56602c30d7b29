/* SPDX-License-Identifier: MIT */
/* Between net.c, net_serve.c and net_take.c. */
#ifndef PEER_NET_H
#define PEER_NET_H

#define _GNU_SOURCE /* recvmmsg(), sendmmsg() */
#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ECHO_PORT   7
#define ASK_PORT    8
#define STREAM_PORT 9 /* where Daisy's `net send` sends to */
#define DATA_MAX    1472u
#define BATCH       64u

/* As many datagrams as one call takes: a call costs much in emulation. */
struct batch {
	struct mmsghdr message[BATCH];
	struct iovec vector[BATCH];
	uint8_t bytes[BATCH][sizeof(struct iphdr) + sizeof(struct icmphdr) + DATA_MAX];
	struct sockaddr_in from[BATCH];
};

struct job {
	int fd;
	bool icmp, in;
	unsigned count, window;
	size_t size; /* of what is sent, with ICMP's header */
	unsigned sent, answered, lost;
};

_Noreturn void fail(const char *what);
/* addressed: it is kept where each came from. */
void batch_begin(struct batch *b, size_t size, bool addressed);
int open_socket(bool icmp);
/* A socket on a UDP port. */
int bound(uint16_t port);
struct job job_open(const char *how, struct sockaddr_in to, unsigned count, unsigned window,
		    size_t size);
/* Does it: nanoseconds. */
uint64_t job_run(struct job *j);
/* A stream: sends it; and what arrives of it, which is printed. 0: all did. */
void stream(struct sockaddr_in to, unsigned count, size_t size);
int take(unsigned count);
/* The guest's end, for ever. */
_Noreturn void serve(void);

#endif

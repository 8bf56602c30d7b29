/* SPDX-License-Identifier: MIT */
/* Both ends of what is measured of a network. In dom0, and in the Linux guest when that one
 * begins:
 *
 *   net udp|icmp ADDRESS COUNT WINDOW SIZE
 *       COUNT echo requests of SIZE bytes of data, at most WINDOW of them without an answer
 *   net in ADDRESS COUNT WINDOW SIZE
 *       COUNT datagrams; each WINDOW-th is an echo request, whose answer is awaited, and nobody
 *       answers the others
 *   net take COUNT
 *       COUNT datagrams that somebody sends us, once "ready" is said; from the first to the last
 *   net ask ADDRESS icmp|stream COUNT SIZE
 *       has the guest at ADDRESS do `icmp` with us, or send COUNT datagrams
 *   net serve
 *       that guest: echo on UDP port 7, and what `ask` wants
 *
 * It says "NANOSECONDS ns, LOST lost". The emulator's counter (count.c) is told of the first
 * request and of the last answer. */
#include "net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/count_mark.h"

#define PATIENCE_S 10 /* nothing came for so long: what is out is lost */
#define ID         0x5ed1

static struct batch out, got;

void fail(const char *what)
{
	perror(what);
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void batch_begin(struct batch *b, size_t size, bool addressed)
{
	for (unsigned i = 0; i < BATCH; i++) {
		struct msghdr *m = &b->message[i].msg_hdr;

		b->vector[i] = (struct iovec){b->bytes[i], size};
		*m = (struct msghdr){.msg_iov = &b->vector[i], .msg_iovlen = 1};
		if (addressed) {
			m->msg_name = &b->from[i];
			m->msg_namelen = sizeof(b->from[i]);
		}
	}
}

int bound(uint16_t port)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = open_socket(false);

	if (bind(fd, (struct sockaddr *)&here, sizeof(here)))
		fail("bind");
	return fd;
}

int open_socket(bool icmp)
{
	int fd =
		icmp ? socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) : socket(AF_INET, SOCK_DGRAM, 0);
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int room = 8 << 20;

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

/* --- echo requests --- */

static uint16_t checksum(const uint8_t *bytes, size_t size)
{
	uint32_t sum = 0;

	for (size_t i = 0; i + 1 < size; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* All are alike but for their type: a checksum for each would cost dom0 more than the rest
 * does. */
static void request_write(uint8_t *bytes, size_t size, uint8_t type)
{
	struct icmphdr head = {.type = type, .un.echo.id = htons(ID)};

	memcpy(bytes, &head, sizeof(head));
	head.checksum = checksum(bytes, size);
	memcpy(bytes, &head, sizeof(head));
}

static void requests_write(const struct job *j)
{
	for (unsigned i = 0; i < BATCH; i++) {
		bool answer = !j->in || (i + 1) % j->window == 0;

		memset(out.bytes[i], 'd', j->size);
		if (j->icmp)
			request_write(out.bytes[i], j->size,
				      answer ? ICMP_ECHO : ICMP_ECHOREPLY);
	}
}

/* A raw socket is shown all of ICMP that comes, with IP's header before it. */
static bool is_answer(const struct job *j, const uint8_t *bytes, size_t size)
{
	const struct icmphdr *head = (const void *)(bytes + sizeof(struct iphdr));

	if (!j->icmp)
		return size == j->size;
	return size == sizeof(struct iphdr) + j->size && head->type == ICMP_ECHOREPLY &&
	       head->un.echo.id == htons(ID);
}

static void send_some(struct job *j, unsigned n)
{
	while (n) {
		int m = sendmmsg(j->fd, out.message, n < BATCH ? n : BATCH, 0);

		if (m <= 0)
			fail("sendmmsg");
		j->sent += m;
		n -= m;
	}
}

/* Waits for an answer, and takes all that are there. */
static void take_answers(struct job *j)
{
	int n = recvmmsg(j->fd, got.message, BATCH, MSG_WAITFORONE, NULL);
	unsigned each = j->in ? j->window : 1; /* what one answer stands for */

	if (n < 0)
		j->lost = j->sent - j->answered;
	for (int i = 0; i < n; i++)
		if (is_answer(j, got.bytes[i], got.message[i].msg_len))
			j->answered += each;
}

static void run(struct job *j)
{
	while (j->answered + j->lost < j->count) {
		unsigned under_way = j->sent - j->answered - j->lost, left = j->count - j->sent;
		unsigned room = j->window - under_way;

		send_some(j, room < left ? room : left);
		take_answers(j);
	}
}

uint64_t job_run(struct job *j)
{
	uint64_t start;

	batch_begin(&out, j->size, false);
	batch_begin(&got, sizeof(got.bytes[0]), false);
	requests_write(j);
	start = now_ns();
	COUNT_MARK(COUNT_DOM0);
	run(j);
	COUNT_MARK(COUNT_DOM0);
	return now_ns() - start;
}

struct job job_open(const char *how, struct sockaddr_in to, unsigned count, unsigned window,
		    size_t size)
{
	struct job j = {.in = !strcmp(how, "in"), .count = count, .window = window};

	j.icmp = j.in || !strcmp(how, "icmp");
	errno = EINVAL; /* for what is refused here */
	if (!j.icmp && strcmp(how, "udp"))
		fail(how);
	j.size = size + (j.icmp ? sizeof(struct icmphdr) : 0);
	if (!count || !window || window > BATCH || count % window || size > DATA_MAX)
		fail("COUNT, WINDOW, SIZE");
	j.fd = open_socket(j.icmp);
	to.sin_port = htons(ECHO_PORT);
	if (connect(j.fd, (struct sockaddr *)&to, sizeof(to)))
		fail("connect");
	return j;
}

/* --- what is asked for --- */

static struct sockaddr_in address_of(const char *text)
{
	struct sockaddr_in to = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &to.sin_addr) != 1)
		fail(text);
	return to;
}

static int request(const char *how, const char *address, unsigned count, unsigned window,
		   size_t size)
{
	struct job j = job_open(how, address_of(address), count, window, size);
	uint64_t ns = job_run(&j);

	printf("%llu ns, %u lost\n", (unsigned long long)ns, j.lost);
	return !!j.lost;
}

/* No patience of our own: the guest knows when it has lost something. */
static int ask(const char *address, const char *how, const char *count, const char *size)
{
	struct sockaddr_in to = address_of(address);
	char text[64];
	ssize_t n = snprintf(text, sizeof(text), "%s %s %s", how, count, size);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_port = htons(ASK_PORT);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    send(fd, text, n, 0) != n)
		fail("ask");
	n = recv(fd, text, sizeof(text) - 1, 0);
	if (n < 0)
		fail("recv");
	printf("%.*s\n", (int)n, text);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "serve"))
		serve();
	if (argc == 3 && !strcmp(argv[1], "take"))
		return take(atoi(argv[2]));
	if (argc == 6 && !strcmp(argv[1], "ask"))
		return ask(argv[2], argv[3], argv[4], argv[5]);
	if (argc == 6)
		return request(argv[1], argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]));
	fprintf(stderr,
		"net udp|icmp|in ADDRESS COUNT WINDOW SIZE|take COUNT|"
		"ask ADDRESS icmp|stream COUNT SIZE|serve\n");
	return 2;
}

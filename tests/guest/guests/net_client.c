/* SPDX-License-Identifier: MIT */
/* The other end of a guest's UDP services, on dom0's side: built statically, because there is
 * no compiler and no interpreter there.
 *
 *   net_client echo ADDRESS COUNT WINDOW SIZE   COUNT datagrams with sequence numbers to port
 * 7, at most WINDOW of them without an answer net_client status ADDRESS PORT              the
 * document that the status service has
 *
 * 0; 1: something was lost, or came twice, or was not what was sent; 2: it cannot be done. */
#define _GNU_SOURCE /* recvmmsg() */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE_MAX_  65507u
#define BATCH      32u
#define SILENCE_MS 15000 /* nothing at all came for so long: what is out is lost */

static uint8_t sent[SIZE_MAX_], got[BATCH][SIZE_MAX_ + 1];

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static int open_socket(const char *address, unsigned port)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 8 << 20;

	if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1)
		fail(address);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fail("connect");
	return fd;
}

/* Waits for a datagram; 0: silence. */
static int await(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n = poll(&p, 1, SILENCE_MS);

	if (n < 0)
		fail("poll");
	return n;
}

/* Bytes that follow from the number, which comes first. */
static void fill(uint32_t number, size_t size)
{
	memcpy(sent, &number, sizeof(number));
	for (size_t i = sizeof(number); i < size; i++)
		sent[i] = number * 31 + i * 7 + (i >> 8);
}

struct tally {
	uint32_t sent, answered, twice, wrong;
	uint8_t *seen;
};

static void judge(struct tally *t, const uint8_t *datagram, size_t length, size_t size)
{
	uint32_t number;

	memcpy(&number, datagram, sizeof(number));
	if (length != size || number >= t->sent) {
		t->wrong++;
		return;
	}
	fill(number, size);
	if (memcmp(sent, datagram, size))
		t->wrong++;
	else if (t->seen[number]++)
		t->twice++;
	else
		t->answered++;
}

/* All that is there, in as few calls as can be: a call costs much in emulation. */
static void receive(int fd, struct tally *t, size_t size)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec vectors[BATCH];
	int n;

	for (unsigned i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){got[i], SIZE_MAX_ + 1};
		messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i], .msg_iovlen = 1};
	}
	n = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
	if (n < 0)
		fail("recvmmsg");
	for (int i = 0; i < n; i++)
		judge(t, got[i], messages[i].msg_len, size);
}

static int echo(int fd, uint32_t count, uint32_t window, size_t size)
{
	struct tally t = {.seen = calloc(count, 1)};

	if (!t.seen || size < sizeof(uint32_t) || size > SIZE_MAX_)
		fail("sizes");
	while (t.answered + t.wrong < count) {
		while (t.sent < count && t.sent - t.answered < window) {
			fill(t.sent++, size);
			if (send(fd, sent, size, 0) != (ssize_t)size)
				fail("send");
		}
		if (!await(fd))
			break;
		receive(fd, &t, size);
	}
	printf("%u sent, %u answered, %u twice, %u wrong\n", t.sent, t.answered, t.twice,
	       t.wrong);
	return t.answered == count && !t.twice && !t.wrong ? 0 : 1;
}

/* One part, asked for until it comes: its number of parts; its text is printed. */
static unsigned part(int fd, unsigned number)
{
	char ask[32];
	unsigned n, of;
	int length = sprintf(ask, "status %u", number), head;

	for (unsigned tries = 0; tries < 10; tries++) {
		char *text = (char *)got[0];
		ssize_t have;

		if (send(fd, ask, length, 0) != length)
			fail("send");
		if (!await(fd))
			continue;
		have = recv(fd, text, SIZE_MAX_, 0);
		if (have < 0)
			fail("recv");
		text[have] = 0;
		if (sscanf(text, "part %u of %u\n%n", &n, &of, &head) < 2 || n != number)
			continue;
		fwrite(text + head, 1, have - head, stdout);
		return of;
	}
	fprintf(stderr, "part %u does not come\n", number);
	exit(1);
}

int main(int argc, char **argv)
{
	if (argc == 6 && !strcmp(argv[1], "echo"))
		return echo(open_socket(argv[2], 7), atoi(argv[3]), atoi(argv[4]),
			    atoi(argv[5]));
	if (argc == 4 && !strcmp(argv[1], "status")) {
		int fd = open_socket(argv[2], atoi(argv[3]));
		unsigned of = part(fd, 1);

		for (unsigned n = 2; n <= of; n++)
			part(fd, n);
		return 0;
	}
	if (argc == 5 && !strcmp(argv[1], "send")) {
		size_t length = strlen(argv[4]);

		if (send(open_socket(argv[2], atoi(argv[3])), argv[4], length, 0) !=
		    (ssize_t)length)
			fail("send");
		return 0;
	}
	fprintf(stderr, "net_client echo ADDRESS COUNT WINDOW SIZE|status ADDRESS PORT|send "
			"ADDRESS PORT TEXT\n");
	return 2;
}

/* SPDX-License-Identifier: MIT */
/* The guest's end: UDP echo, and requests of its own when it is asked for them. */
#include "net.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct batch got;

static void echo_all(int fd)
{
	int n;

	batch_begin(&got, sizeof(got.bytes[0]), true);
	n = recvmmsg(fd, got.message, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		got.vector[i].iov_len = got.message[i].msg_len;
	if (n > 0)
		sendmmsg(fd, got.message, n, 0);
}

/* A line to be sent back. */
static void ping(struct sockaddr_in who, unsigned count, size_t bytes, char *text, size_t size)
{
	struct job j = job_open("icmp", who, count, 1, bytes);
	uint64_t ns = job_run(&j);

	close(j.fd);
	snprintf(text, size, "%llu ns, %u lost", (unsigned long long)ns, j.lost);
}

static void serve_asked(int fd)
{
	struct sockaddr_in who;
	socklen_t size = sizeof(who);
	char text[64] = {0}, how[8];
	unsigned count, bytes;

	recvfrom(fd, text, sizeof(text) - 1, 0, (struct sockaddr *)&who, &size);
	if (sscanf(text, "%7s %u %u", how, &count, &bytes) != 3)
		return;
	if (!strcmp(how, "icmp"))
		ping(who, count, bytes, text, sizeof(text));
	else
		stream(who, count, bytes);
	sendto(fd, text, strlen(text), 0, (struct sockaddr *)&who, size);
}

void serve(void)
{
	struct pollfd fds[] = {{bound(ECHO_PORT), POLLIN, 0}, {bound(ASK_PORT), POLLIN, 0}};

	while (poll(fds, 2, -1) > 0) {
		if (fds[0].revents)
			echo_all(fds[0].fd);
		if (fds[1].revents)
			serve_asked(fds[1].fd);
	}
	fail("poll");
}

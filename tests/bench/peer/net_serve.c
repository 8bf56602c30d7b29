/* SPDX-License-Identifier: MIT */
/* The guest's end: UDP echo, and requests of its own when it is asked for them. */
#include "net.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct batch got;

static int bound(uint16_t port)
{
	struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = open_socket(false);

	if (bind(fd, (struct sockaddr *)&here, sizeof(here)))
		fail("bind");
	return fd;
}

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

static void serve_asked(int fd)
{
	struct sockaddr_in who;
	socklen_t size = sizeof(who);
	char text[64] = {0};
	unsigned count, bytes;
	struct job j;
	uint64_t ns;

	recvfrom(fd, text, sizeof(text) - 1, 0, (struct sockaddr *)&who, &size);
	if (sscanf(text, "%u %u", &count, &bytes) != 2)
		return;
	j = job_open("icmp", who, count, 1, bytes);
	ns = job_run(&j);
	close(j.fd);
	snprintf(text, sizeof(text), "%llu ns, %u lost", (unsigned long long)ns, j.lost);
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

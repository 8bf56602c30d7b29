/* SPDX-License-Identifier: MIT */
/* A stream one way: datagrams that the guest sends and nobody answers. The kernel's stamps say
 * when they came, because the reader is on the same processor as the guest, and may be late. */
#include "net.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/count_mark.h"

static struct batch batch;
static struct control {
	union {
		struct cmsghdr head;
		uint8_t bytes[CMSG_SPACE(sizeof(struct timespec))];
	};
} control[BATCH];

/* --- dom0 --- */

static uint64_t stamp_ns(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct timespec t;

	if (!c || c->cmsg_type != SCM_TIMESTAMPNS)
		fail("no stamp");
	memcpy(&t, CMSG_DATA(c), sizeof(t));
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Some that have come, at least one; 0: none comes any more. */
static int take_some(int fd)
{
	for (unsigned i = 0; i < BATCH; i++) {
		batch.message[i].msg_hdr.msg_control = &control[i];
		batch.message[i].msg_hdr.msg_controllen = sizeof(control[i]);
	}
	return recvmmsg(fd, batch.message, BATCH, MSG_WAITFORONE, NULL);
}

int take(unsigned count)
{
	int fd = bound(STREAM_PORT), on = 1, n;
	uint64_t first = 0, last = 0;
	unsigned taken = 0;

	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)))
		fail("SO_TIMESTAMPNS");
	batch_begin(&batch, sizeof(batch.bytes[0]), false);
	puts("ready");
	fflush(stdout);
	while (taken < count && (n = take_some(fd)) > 0) {
		if (!taken)
			first = stamp_ns(&batch.message[0].msg_hdr);
		last = stamp_ns(&batch.message[n - 1].msg_hdr);
		taken += n;
	}
	COUNT_MARK(COUNT_DOM0);
	printf("%llu ns, %u lost\n", (unsigned long long)(last - first), count - taken);
	return taken != count;
}

/* --- the guest --- */

/* In as few calls as can be; the socket's buffer is full when the card's ring has been for a
 * while, and then the call sleeps. */
void stream(struct sockaddr_in to, unsigned count, size_t size)
{
	int fd = open_socket(false);

	to.sin_port = htons(STREAM_PORT);
	if (size > DATA_MAX || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fail("connect");
	batch_begin(&batch, size, false);
	COUNT_MARK(COUNT_BEGIN);
	while (count) {
		int n = sendmmsg(fd, batch.message, count < BATCH ? count : BATCH, 0);

		if (n <= 0)
			fail("sendmmsg");
		count -= n;
	}
	close(fd);
}

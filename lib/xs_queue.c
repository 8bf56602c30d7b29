/* SPDX-License-Identifier: MIT */
#include "lib/string.h"
#include "lib/xs_queue.h"

bool xs_queue_put(struct xs_queue *q, uint32_t id, const char *path)
{
	size_t length = strnlen(path, XS_QUEUE_SIZE) + 1;

	if (sizeof(id) + length > XS_QUEUE_SIZE - q->length)
		return false;
	memcpy(q->bytes + q->length, &id, sizeof(id));
	memcpy(q->bytes + q->length + sizeof(id), path, length);
	q->length += sizeof(id) + length;
	return true;
}

bool xs_queue_take(struct xs_queue *q, uint32_t *id, char *path)
{
	size_t length;

	if (!q->length)
		return false;
	memcpy(id, q->bytes, sizeof(*id));
	length = strlen(q->bytes + sizeof(*id)) + 1;
	memcpy(path, q->bytes + sizeof(*id), length);
	length += sizeof(*id);
	q->length -= length;
	memmove(q->bytes, q->bytes + length, q->length);
	return true;
}

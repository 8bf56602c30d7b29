/* SPDX-License-Identifier: MIT */
#include "lib/errno.h"

/* Xen's header has its table of error names only where EINVAL is a macro; ours are an enum. */
#ifndef EINVAL
#define EINVAL EINVAL
#endif

#include "lib/xs_wire.h"

#include <stdbool.h>

#include "lib/string.h"

_Static_assert(sizeof(struct xsd_sockmsg) == 16, "xenstore's header is four 32-bit words");

int xs_ring_used(uint32_t cons, uint32_t prod)
{
	uint32_t used = prod - cons; /* right across the wrap at 2^32 too */

	return used <= XENSTORE_RING_SIZE ? (int)used : -EINVAL;
}

int xs_ring_free(uint32_t cons, uint32_t prod)
{
	int used = xs_ring_used(cons, prod);

	return used < 0 ? used : XENSTORE_RING_SIZE - used;
}

/* How much of length lies in one piece from an index on. */
static uint32_t xs_ring_piece(uint32_t index, uint32_t length)
{
	uint32_t to_end = XENSTORE_RING_SIZE - MASK_XENSTORE_IDX(index);

	return length < to_end ? length : to_end;
}

void xs_ring_copy_in(char *ring, uint32_t prod, const void *src, uint32_t length)
{
	const char *from = src;

	while (length) {
		uint32_t n = xs_ring_piece(prod, length);

		memcpy(ring + MASK_XENSTORE_IDX(prod), from, n);
		from += n;
		prod += n;
		length -= n;
	}
}

void xs_ring_copy_out(const char *ring, uint32_t cons, void *dst, uint32_t length)
{
	char *to = dst;

	while (length) {
		uint32_t n = xs_ring_piece(cons, length);

		memcpy(to, ring + MASK_XENSTORE_IDX(cons), n);
		to += n;
		cons += n;
		length -= n;
	}
}

int xs_request_header(struct xsd_sockmsg *hdr, uint32_t type, uint32_t req_id, uint32_t tx_id,
		      const char *path, size_t value_length)
{
	size_t path_length = strnlen(path, XENSTORE_PAYLOAD_MAX) + 1;

	/* Compared by subtraction: a length near 2^64 must not wrap around the sum. */
	if (path_length > XENSTORE_PAYLOAD_MAX ||
	    value_length > XENSTORE_PAYLOAD_MAX - path_length)
		return -EMSGSIZE;
	*hdr = (struct xsd_sockmsg){
		.type = type,
		.req_id = req_id,
		.tx_id = tx_id,
		.len = (uint32_t)(path_length + value_length),
	};
	return (int)path_length;
}

int xs_check_reply(const struct xsd_sockmsg *hdr, uint32_t type, uint32_t req_id)
{
	if (hdr->len > XENSTORE_PAYLOAD_MAX)
		return -EMSGSIZE;
	if (hdr->req_id != req_id)
		return -EBADMSG;
	return hdr->type == type || hdr->type == XS_ERROR ? 0 : -EBADMSG;
}

int xs_error_number(const char *payload, size_t length)
{
	size_t n = strnlen(payload, length);

	for (size_t i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++) {
		const char *name = xsd_errors[i].errstring;

		if (strlen(name) == n && memcmp(name, payload, n) == 0)
			return xsd_errors[i].errnum;
	}
	return EINVAL;
}

int xs_count_strings(const char *payload, size_t length)
{
	int count = 0;

	if (length && payload[length - 1])
		return -EBADMSG;
	for (size_t i = 0; i < length; i++)
		count += !payload[i];
	return count;
}

/* The reply's generation: 0, 1 when it is another than before, -EBADMSG when it is none. */
static int xs_dir_generation(struct xs_dir *dir, const char *payload, size_t length)
{
	if (length > sizeof(dir->generation) || length < 2)
		return -EBADMSG;
	if (!dir->generation[0])
		memcpy(dir->generation, payload, length);
	return memcmp(dir->generation, payload, length) != 0;
}

int xs_dir_add(struct xs_dir *dir, const char *payload, size_t length)
{
	size_t head = strnlen(payload, length) + 1, names = length - head;
	bool last;

	if (head >= length || payload[length - 1])
		return -EBADMSG;
	switch (xs_dir_generation(dir, payload, head)) {
	case 0:
		break;
	case 1:
		dir->length = 0;
		dir->generation[0] = 0;
		return -EAGAIN;
	default:
		return -EBADMSG;
	}
	/* No name is empty, so an empty one is the end. */
	last = names == 1 || !payload[length - 2];
	names -= last;
	if (names > dir->size - dir->length)
		return -EMSGSIZE;
	memcpy(dir->names + dir->length, payload + head, names);
	dir->length += names;
	return !last;
}

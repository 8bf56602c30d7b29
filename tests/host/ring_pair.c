/* SPDX-License-Identifier: MIT */
#include "tests/host/ring_pair.h"

const struct front_ring_shape toy_shape = FRONT_RING_SHAPE(toy);

struct pair *pair_new(size_t bytes)
{
	struct pair *p = calloc(1, sizeof(*p));

	p->shared = malloc(bytes);
	memset(p->shared, 0xa5, bytes);
	assert_int_equal(front_ring_begin(&p->front, p->shared, bytes, &toy_shape), 0);
	BACK_RING_INIT(&p->back, p->shared, bytes);
	assert_int_equal(p->front.slots, RING_SIZE(&p->back));
	return p;
}

void pair_free(struct pair *p)
{
	free(p->shared);
	free(p);
}

void pair_set(struct pair *p, uint32_t at)
{
	p->front.put = p->front.pushed = p->front.taken = p->front.seen = at;
	p->back.rsp_prod_pvt = p->back.req_cons = at;
	p->shared->req_prod = p->shared->rsp_prod = at;
	p->shared->req_event = p->shared->rsp_event = at + 1;
}

bool pair_serve(struct pair *p, unsigned max)
{
	struct message req;
	int more, notify;

	for (; max && RING_HAS_UNCONSUMED_REQUESTS(&p->back); max--) {
		memcpy(&req, RING_GET_REQUEST(&p->back, p->back.req_cons), sizeof(req));
		p->back.req_cons++;
		assert_int_equal(req.b, ~req.a);
		RING_GET_RESPONSE(&p->back, p->back.rsp_prod_pvt)->a = req.a + 1;
		p->back.rsp_prod_pvt++;
		RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&p->back, notify);
		p->notified += notify;
	}
	RING_FINAL_CHECK_FOR_REQUESTS(&p->back, more);
	return !more;
}

int pair_put(struct pair *p, uint64_t a)
{
	struct message m = {a, ~a};

	return front_ring_put(&p->front, &m);
}

int pair_take(struct pair *p, uint64_t *a)
{
	struct reply *r = malloc(sizeof(*r));
	int n = front_ring_take(&p->front, r);

	if (n == 1)
		*a = r->a;
	free(r);
	return n;
}

/* SPDX-License-Identifier: MIT */
/* The policy of lib/vecspace.h as that states it, on an array of bool. Each operation has the
 * result of its namesake there. */
#ifndef TESTS_HOST_VECSPACE_MODEL_H
#define TESTS_HOST_VECSPACE_MODEL_H

#include <stdbool.h>

struct model {
	bool taken[256];
	unsigned last_class; /* of the last vecspace_alloc */
};

void model_init(struct model *m);
int model_alloc_class(struct model *m, unsigned class);
int model_alloc(struct model *m);
int model_release(struct model *m, unsigned v);
int model_reserve(struct model *m, unsigned v);

#endif

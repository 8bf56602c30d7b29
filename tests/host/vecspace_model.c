/* SPDX-License-Identifier: MIT */
#include "tests/host/vecspace_model.h"

#include "tests/host/test.h"
#include "lib/errno.h"

#define FIRST 3u /* the priority classes that are handed out */
#define LAST  15u

void model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (unsigned v = 0; v < 0x30; v++)
		m->taken[v] = true;
	m->taken[0xff] = true;
	m->last_class = LAST; /* so that the first is FIRST */
}

static unsigned model_load(const struct model *m, unsigned class)
{
	unsigned load = 0;

	for (unsigned i = 0; i < 16; i++)
		load += m->taken[class * 16 + i];
	return load;
}

int model_alloc_class(struct model *m, unsigned class)
{
	if (class < FIRST || class > LAST)
		return -EINVAL;
	for (unsigned v = class * 16; v < class * 16 + 16; v++) {
		if (!m->taken[v]) {
			m->taken[v] = true;
			return (int)v;
		}
	}
	return -ENOSPC;
}

int model_alloc(struct model *m)
{
	for (unsigned load = 0; load < 16; load++) {
		for (unsigned i = 1; i <= LAST - FIRST + 1; i++) {
			unsigned class = m->last_class + i;

			if (class > LAST)
				class -= LAST - FIRST + 1;
			if (model_load(m, class) != load)
				continue;
			m->last_class = class;
			return model_alloc_class(m, class);
		}
	}
	return -ENOSPC;
}

int model_release(struct model *m, unsigned v)
{
	if (v < 0x30 || v >= 0xff || !m->taken[v])
		return -EINVAL;
	m->taken[v] = false;
	return 0;
}

int model_reserve(struct model *m, unsigned v)
{
	if (v > 255)
		return -EINVAL;
	if (m->taken[v])
		return -EBUSY;
	m->taken[v] = true;
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* What is typed, from a console's page that the other side fills as it likes, into the line
 * editor before a terminal; and what was typed, taken apart into commands and words. */
#include "tests/host/terminal.h"

#include <xen/io/console.h>

#include "lib/errno.h"
#include "lib/words.h"
#include "lib/xencons_ring.h"

#define IN_SIZE 1024u

static struct xencons_ring ring;
static struct xencons_interface *page;
static struct world world;
static unsigned since; /* bytes got since the other side last moved its count */

/* Bytes stay in their order, quotes and blanks at most are gone; each word is within the line.
 */
static void take_apart(const char *line)
{
	size_t n = strlen(line) + 1;
	char *text = fuzz_alloc(n), *at, *next, *words[4];

	memcpy(text, line, n);
	for (at = text; at; at = next) {
		int count;

		next = words_next_command(at);
		fuzz_assert(!next || (next > at && next < text + n));
		count = words_split(at, words, COUNT(words));
		fuzz_assert(count == -E2BIG || count == -EINVAL || (count >= 0 && count <= 4));
		for (int i = 0; i < count; i++) {
			fuzz_assert(words[i] >= at && words[i] + strlen(words[i]) < text + n);
			fuzz_assert(!i || words[i] > words[i - 1] + strlen(words[i - 1]));
		}
	}
	free(text);
}

static void type_all(void)
{
	char byte;

	while (xencons_ring_get(&ring, &byte)) {
		fuzz_assert(++since <= IN_SIZE);
		fuzz_assert(byte == page->in[(ring.taken - 1) % IN_SIZE]);
		if (feed(&world, byte) == LINE_ENTERED)
			take_apart(line_history_get(&world.history, 1)
					   ? line_history_get(&world.history, 1)
					   : "");
	}
	xencons_ring_release(&ring);
	fuzz_assert(page->in_cons == ring.taken && page->in_prod == ring.taken);
}

/* Keys from the input into the ring, as an honest console does it. */
static void press(struct fuzz *f)
{
	for (unsigned n = fuzz_u8(f) % 64; n && f->left; n--)
		page->in[page->in_prod++ % IN_SIZE] = (char)fuzz_u8(f);
	since = 0;
}

static void say(struct fuzz *f)
{
	uint32_t left = xencons_ring_left(&ring);
	char byte = (char)fuzz_u8(f);

	fuzz_assert(left <= XENCONS_OUT_SIZE);
	fuzz_assert(xencons_ring_put(&ring, byte) == (left < XENCONS_OUT_SIZE));
	if (left < XENCONS_OUT_SIZE)
		fuzz_assert(page->out[(page->out_prod - 1) % XENCONS_OUT_SIZE] == byte);
}

static void scribble(struct fuzz *f)
{
	uint32_t *words[] = {&page->in_cons, &page->in_prod, &page->out_cons, &page->out_prod};
	uint8_t which = fuzz_u8(f);

	*words[which % 4] = which & 4 ? fuzz_u32(f) : *words[which % 4] + fuzz_u8(f) - 128;
	since = 0;
}

static void open_page(void)
{
	int err = xencons_ring_open(&ring, page);

	fuzz_assert(err == 0 || err == -EINVAL);
	fuzz_assert(ring.put == page->out_prod && ring.taken == page->in_cons);
	since = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct fuzz f = {bytes, size};

	page = fuzz_alloc(sizeof(*page));
	begin(&world);
	open_page();
	while (f.left) {
		switch (fuzz_u8(&f) % 8) {
		default:
			press(&f);
			break;
		case 4:
			type_all();
			break;
		case 5:
			say(&f);
			break;
		case 6:
			scribble(&f);
			break;
		case 7:
			open_page();
		}
	}
	type_all();
	free(page);
	return 0;
}

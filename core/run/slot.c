/* SPDX-License-Identifier: BSD-2-Clause */
/* What a worker says about itself before and after it touches something shared. */
#include "core/run/slot.h"

#include "core/base/must.h"

#include <unistd.h>

unsigned slot_enter(struct slot *s, uint64_t id)
{
	for (unsigned i = 0; i < SLOT_HOLDS; i++) {
		if (atomic_load_explicit(&s->holds[i].id, memory_order_relaxed) == 0) {
			atomic_store_explicit(&s->holds[i].id, id, memory_order_release);
			return i;
		}
	}
	MUST(!"a worker holds more shared objects at once than its row has places for");
	return 0;
}

void slot_leave(struct slot *s, unsigned index)
{
	atomic_store_explicit(&s->holds[index].id, 0, memory_order_release);
}

void slot_wake_main(int main_eventfd)
{
	uint64_t one = 1;

	/* EAGAIN: the counter is full, so a wake-up waits anyway */
	if (write(main_eventfd, &one, sizeof(one)) < 0)
		return;
}

void slot_wake(struct slot *s)
{
	slot_wake_main(s->eventfd);
}

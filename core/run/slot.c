/* SPDX-License-Identifier: BSD-2-Clause */
/* How a worker is woken. */
#include "core/run/slot.h"

#include <unistd.h>

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

void slot_ready(struct slot *s)
{
	if (atomic_exchange(&s->ready, 1) == 0)
		slot_wake(s);
}

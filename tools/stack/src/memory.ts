import type { AppName } from './stack.js';

/**
 * How much memory each process may take before its collector works harder, in megabytes. Node would let a heap grow towards
 * gigabytes before it looks for garbage in earnest; what an order leaves behind is garbage within a second. Half-spaces are kept
 * small because every isolate of a process has three of them. Whoever starts the processes otherwise (images, units) gives them the same flags.
 * Source: issue 5, "Cost and size": API below 250 MB, worker below 350 MB.
 */
const megabytes: Record<AppName, { oldSpace: number; semiSpace: number }> = {
  api: { oldSpace: 160, semiSpace: 4 },
  worker: { oldSpace: 176, semiSpace: 4 },
  relay: { oldSpace: 96, semiSpace: 4 },
  neighbours: { oldSpace: 128, semiSpace: 4 },
};

/**
 * What the collector does otherwise. Nobody's look at the young waits for helpers that get no processor while an order is worked on.
 * Who takes in orders or works on them holds megabytes outside the heap: they count towards its limit, instead of having all of it
 * searched after every 64 MB of them, for which everybody who asks for something waits; and a heap may grow by six tenths before all of
 * it is searched, where V8 would see a small limit and search after three.
 */
const ofOrders = ['--no-parallel-scavenge', '--external-memory-accounted-in-global-limit', '--heap-growing-percent=60'];
const collecting: Partial<Record<AppName, string[]>> = { api: ofOrders, worker: ofOrders };

export const memoryFlags = Object.fromEntries(
  Object.entries(megabytes).map(([name, { oldSpace, semiSpace }]) => [
    name,
    [`--max-old-space-size=${oldSpace}`, `--max-semi-space-size=${semiSpace}`, ...(collecting[name as AppName] ?? [])],
  ]),
) as Record<AppName, string[]>;

/**
 * Two arenas: by default the C library gives threads eight per core, each of which keeps what was freed in it. And what is large is given
 * back when it is freed: by default the C library learns from the first large piece to keep all that are as large. Source: mallopt(3).
 */
export const memoryEnvironment = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: String(128 * 1024) };

import { condition } from '@temporalio/workflow';

/** A bounded number of things under way at once. The first failure stops the launching and is thrown to whoever waits. */
export interface Window {
  /** Waits until there is room for one more. */
  room(): Promise<void>;
  launch(work: () => Promise<void>): void;
  /** Waits until nothing is under way. */
  drained(): Promise<void>;
}

export function openWindow(size: number): Window {
  let underWay = 0;
  let failure: { error: unknown } | null = null;
  const throwFailure = (): void => {
    if (failure !== null) throw failure.error;
  };
  return {
    async room() {
      await condition(() => underWay < size || failure !== null);
      throwFailure();
    },
    launch(work) {
      underWay += 1;
      work()
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          underWay -= 1;
        });
    },
    async drained() {
      await condition(() => underWay === 0);
      throwFailure();
    },
  };
}
